import { accessSync, constants, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, EARLIEST_PLAUSIBLE_MS } from '../core/clock.ts';
import { systemCode } from '../core/errors.ts';
import type { DataDir } from '../store/data-dir.ts';
import { type Finding, failure, fine, warning } from './finding.ts';

const DAY_MS = 86_400_000;
/** Less free space than this stops the ingest before long, or is where one should start to look (bytes). */
const [LITTLE_BYTES, LOW_BYTES] = [200e6, 2e9];

/** Files and directories that others than the owner can open. */
function openToOthers(directory: DataDir): string[] {
  const names = ['', ...readdirSync(directory.root)];
  return names
    .map((name) => join(directory.root, name))
    .filter((path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0);
}

/** Whether the data directory can be written, and by nobody else read. Windows has no such modes: not looked at there. */
export function checkDataDirectory(directory: DataDir): Finding[] {
  const { root } = directory;
  try {
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `the data directory ${root} cannot be written (${systemCode(error)})`;
    return [
      failure('data_directory', message, `give this user the right to write it, or name another with --data-dir`),
    ];
  }
  const open = process.platform === 'win32' ? [] : openToOthers(directory);
  if (open.length === 0) return [fine('data_directory', `${root} can be written, and is closed to other users`)];
  const message = `other users of this machine can open ${open.join(', ')}`;
  return [warning('data_directory', message, `chmod -R go= ${root}`)];
}

/** Free space where the data lies. */
export function checkDisk({ root }: DataDir): Finding[] {
  const { bavail, bsize, blocks } = statfsSync(root);
  const [free, size] = [bavail * bsize, blocks * bsize];
  const message = `${(free / 1e9).toFixed(1)} GB of ${(size / 1e9).toFixed(1)} GB are free`;
  const remedy = 'free some space: when the disk is full, messages are refused until there is room again';
  if (free < LITTLE_BYTES) return [failure('disk', message, remedy)];
  return [free < LOW_BYTES ? warning('disk', message, remedy) : fine('disk', message)];
}

/** Whether the clock can be right: not before this program was built, not long before the data was last written. */
export function checkClock(clock: Clock, directory: DataDir): Finding[] {
  const now = clock.now();
  const saying = `the clock says ${new Date(now).toISOString()}`;
  const remedy = 'set the clock of this machine (date, timedatectl), and look at its battery';
  if (now < EARLIEST_PLAUSIBLE_MS) {
    return [failure('clock', `${saying}, which is before this program was built`, remedy)];
  }
  const writtenAt = statSync(directory.hotDb, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (writtenAt > now + DAY_MS) {
    const message = `${saying}, but data was written on ${new Date(writtenAt).toISOString()}: it has been set back`;
    return [warning('clock', message, remedy)];
  }
  return [fine('clock', saying)];
}
