import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, systemCode } from '../core/errors.ts';
import { quarantineOf } from './quarantine.ts';
import type { SegmentFile } from './segment-catalogue.ts';
import type { IsCancelled } from './segment-file.ts';

/** A file as the catalogue describes it. */
export type ExpectedFile = Pick<SegmentFile, 'file' | 'sizeBytes' | 'sha256'>;

/** Files to be read whole and compared with what the catalogue says of them. */
export interface CheckOrder {
  /** The data directory. */
  readonly root: string;
  readonly segments: readonly (ExpectedFile & { readonly isQuarantined: boolean })[];
}

/** Where a whole file was found, or what is wrong with it. */
export type Checked =
  | { readonly file: string; readonly isWhole: true; readonly place: 'home' | 'quarantine' }
  | { readonly file: string; readonly isWhole: false; readonly reason: string };

const CHUNK_BYTES = 1 << 20;
/** These say something of the machine at this moment, and nothing of the file. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EINTR']);

function hashOf(descriptor: number, isCancelled: IsCancelled): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    if (isCancelled()) throw new AppError('unavailable', 'verifying was cancelled');
    const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, null);
    if (length === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, length));
  }
}

/**
 * What is wrong with a file, in plain words; undefined when it is as it was written.
 *
 * @throws {Error} when it could not be looked at for a reason that is not the file's
 */
function faultOf(
  root: string,
  { file, sizeBytes, sha256 }: ExpectedFile,
  isCancelled: IsCancelled = () => false,
): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(join(root, file), 'r');
    const { size } = fstatSync(descriptor);
    if (size !== sizeBytes) return `it has ${size} bytes and not ${sizeBytes}`;
    return hashOf(descriptor, isCancelled) === sha256 ? undefined : 'its content has changed since it was written';
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || PASSING.has(code)) throw error;
    return code === 'ENOENT' ? 'it is missing' : `it cannot be read (${code})`;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads segments whole. What is in quarantine is looked for where it belongs, too: somebody may have put it back. */
export function checkSegments({ root, segments }: CheckOrder, isCancelled?: IsCancelled): Checked[] {
  return segments.map((segment): Checked => {
    const { file, isQuarantined } = segment;
    const fault = faultOf(root, segment, isCancelled);
    if (fault === undefined) return { file, isWhole: true, place: 'home' };
    if (!isQuarantined) return { file, isWhole: false, reason: fault };
    const kept = faultOf(root, { ...segment, file: quarantineOf(file) }, isCancelled);
    if (kept === undefined) return { file, isWhole: true, place: 'quarantine' };
    return { file, isWhole: false, reason: kept === 'it is missing' ? fault : kept };
  });
}

/**
 * Before something is made of segments that takes their place: what is damaged in them would be so for good.
 *
 * @throws {AppError} `unreadable`, with the files
 */
export function refuseDamaged(root: string, segments: readonly ExpectedFile[], isCancelled: IsCancelled): void {
  for (const segment of segments) {
    const fault = faultOf(root, segment, isCancelled);
    if (fault === undefined) continue;
    const { file } = segment;
    throw new AppError('unreadable', `${file}: ${fault}`, { faults: [{ pointer: file, message: fault }] });
  }
}
