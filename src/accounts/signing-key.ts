import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';

const KEY_BYTES = 32;
const WINDOWS = process.platform === 'win32';

/** Writes the whole key beside the file, then renames: a crash leaves a key or none, never half of one. */
function createKey(file: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeSync(descriptor, key);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  if (!WINDOWS) {
    const directory = openSync(dirname(file), 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }
  return key;
}

/**
 * The key that signs access tokens: 32 random bytes, made on first start, readable by this user alone. Wider
 * permissions are narrowed and logged.
 *
 * @throws {AppError} `data_dir_unusable` when the file cannot be read or made, or is not a key
 */
export function loadSigningKey(file: string, log: Log): Buffer {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const mode = fstatSync(descriptor).mode & 0o777;
      if (!WINDOWS && (mode & 0o077) !== 0) {
        chmodSync(file, 0o600);
        log.warn({ file, mode: mode.toString(8) }, 'the signing key was open to other users: narrowed to 0600');
      }
      const key = readFileSync(descriptor);
      if (key.length === KEY_BYTES) return key;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return createKey(file);
    throw new AppError(
      'data_dir_unusable',
      `cannot read the signing key ${file} (${systemCode(error)}): give this user the right to read it`,
      { cause: error },
    );
  }
  throw new AppError(
    'data_dir_unusable',
    `${file} is not a signing key of ${KEY_BYTES} bytes: remove it, a new one is made at start and everybody signs in again`,
  );
}
