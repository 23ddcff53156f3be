import { accessSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, systemCode } from '../core/errors.ts';
import { provideRuntime, removeOldRuntimes } from '../core/runtime.ts';
import { openDatabase } from './sqlite.ts';

/** Every path under the data directory. */
export interface DataDir {
  readonly root: string;
  readonly controlDb: string;
  readonly hotDb: string;
  readonly secretKey: string;
  /** How far the audit had come. */
  readonly auditHead: string;
  readonly backups: string;
  /** Certificates and their keys. */
  readonly tls: string;
  /** Native libraries and thread code of the executable. */
  readonly runtime: string;
}

/** The paths under a data directory, which need not exist. */
export const dataDirAt = (root: string): DataDir => ({
  root,
  controlDb: join(root, 'control.db'),
  hotDb: join(root, 'hot.db'),
  secretKey: join(root, 'secret.key'),
  auditHead: join(root, 'audit.head'),
  backups: join(root, 'backups'),
  tls: join(root, 'tls'),
  runtime: join(root, 'runtime'),
});

/** The lock on a data directory; the operating system drops it when the process dies, however it dies. */
export interface HeldDataDir extends DataDir, Disposable {}

/**
 * Root gives up its rights in favour of whoever owns the data directory: a file that root leaves there would keep the
 * service from starting.
 */
export function actAsOwner(root: string): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(root, { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return;
  process.setgroups?.([owner.gid]);
  process.setgid?.(owner.gid);
  process.setuid?.(owner.uid);
}

/** Who holds a data directory, by its own word: a process id that may be gone. Null when nobody says so. */
export function holderOf({ root }: DataDir): string | null {
  const file = join(root, 'holder.json');
  return statSync(file, { throwIfNoEntry: false }) === undefined ? null : describeHolder(file);
}

function describeHolder(file: string): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof holder === 'object' && holder !== null && 'pid' in holder && 'since' in holder) {
      return `process ${holder.pid} (since ${holder.since})`;
    }
  } catch {
    // The holder is between taking the lock and writing its name: it exists all the same.
  }
  return 'another process';
}

/**
 * Makes the data directory (0700) and takes it for this process.
 *
 * The lock is an open write transaction on a small SQLite file: Node has no `flock`, and a file with a pid in it
 * outlives a kill -9.
 *
 * @throws {AppError} `data_dir_unusable` (cannot be made or written), `data_dir_in_use` (with who holds it)
 */
export function holdDataDir(root: string): HeldDataDir {
  actAsOwner(root);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new AppError(
      'data_dir_unusable',
      `cannot write the data directory ${root} (${systemCode(error)}): give this user the right to write it, or name another with --data-dir`,
      { cause: error },
    );
  }
  const dataDir = dataDirAt(root);
  provideRuntime(dataDir.runtime);
  const holderFile = join(root, 'holder.json');
  let lock: ReturnType<typeof openDatabase>;
  try {
    lock = openDatabase(join(root, 'lock.db'), { lockTimeoutMs: 0, journal: 'delete' });
    lock.exec('begin exclusive');
    writeFileSync(holderFile, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }), { mode: 0o600 });
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = systemCode(error) ?? '';
    if (code.startsWith('SQLITE_BUSY')) {
      const holder = describeHolder(holderFile);
      throw new AppError(
        'data_dir_in_use',
        `the data directory ${root} is in use by ${holder}: stop it, or name another with --data-dir`,
        { cause: error },
      );
    }
    throw new AppError(
      'data_dir_unusable',
      `cannot use the data directory ${root} (${code || String(error)}): check its permissions and the free space`,
      { cause: error },
    );
  }
  removeOldRuntimes(dataDir.runtime);
  return {
    ...dataDir,
    [Symbol.dispose]: () => {
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}
