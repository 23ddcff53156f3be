import { chmodSync, closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from './log.ts';

const WINDOWS = process.platform === 'win32';

/** True when others than the owner may do anything with a file of this mode. Windows has no such modes. */
export const isOpenToOthers = (mode: number): boolean => !WINDOWS && (mode & 0o077) !== 0;

/**
 * Writes a file that its owner alone may read, whole: beside it first, then renamed, so that a crash leaves the old one
 * or the new one and never half of one. Durable when it returns.
 */
export function writePrivateFile(file: string, content: Buffer | string): void {
  // Always the same one: what a crash has left is overwritten, and not kept for ever.
  const temporary = `${file}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  if (WINDOWS) return;
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Reads a file that holds a secret. Wider permissions than 0600 are narrowed and logged. @throws as `readFileSync` */
export function readPrivateFile(file: string, log: Log): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const mode = fstatSync(descriptor).mode & 0o777;
    if (isOpenToOthers(mode)) {
      chmodSync(file, 0o600);
      log.warn({ file, mode: mode.toString(8) }, 'a file with a key was open to other users: narrowed to 0600');
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
