import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { addressesWithPublicPassword } from '../accounts/accounts.ts';
import { assetFolder } from '../core/assets.ts';
import { AppError, systemCode } from '../core/errors.ts';
import { readClockMemory } from '../store/clock-record.ts';
import type { DataDir } from '../store/data-dir.ts';
import { compareMigrations } from '../store/migrations.ts';
import { type Connection, createSql, openDatabase } from '../store/sqlite.ts';
import { type Finding, failure, fine, warning } from './finding.ts';

/** Faults named of one database. */
const MAX_FAULTS = 5;

/** Runs on its own read-only connection: the appliance may go on writing meanwhile. */
function withDatabase<T>(file: string, fn: (db: Connection) => T): T {
  const db = openDatabase(file, { readonly: true });
  try {
    return fn(db);
  } finally {
    db.close();
  }
}

function checkDatabase(file: string, folder: string, backups: string): Finding {
  const name = basename(file);
  const restore = `keep a copy of ${file}, then put a backup in its place (${backups})`;
  try {
    return withDatabase(file, (db) => {
      const faults = db
        .prepare<[], string>(`pragma quick_check(${MAX_FAULTS})`)
        .pluck()
        .all()
        .filter((line) => line !== 'ok');
      if (faults.length > 0) return failure('databases', `${name} is damaged: ${faults.join('; ')}`, restore);
      const { version, pending } = compareMigrations(db, assetFolder(folder), backups);
      const toCome = pending.length === 0 ? '' : `; the next start brings it up to date`;
      return fine('databases', `${name} is intact (version ${version}${toCome})`);
    });
  } catch (error) {
    if (error instanceof AppError)
      return failure('databases', error.message, 'start the version that wrote it, or restore a backup');
    const code = systemCode(error);
    const isDamage = code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT');
    const isDisk = code === 'SQLITE_FULL' || code?.startsWith('SQLITE_IOERR');
    const remedy = isDisk ? 'see whether the disk is full or broken' : `see who may read ${file}`;
    return failure('databases', `${name} cannot be read (${code ?? error})`, isDamage ? restore : remedy);
  }
}

/** Whether both databases are whole and of this version. Reads all of them: some seconds for each gigabyte. */
export function checkDatabases({ controlDb, hotDb, backups }: DataDir): Finding[] {
  if (!existsSync(controlDb)) return [fine('databases', 'there are none yet: the first start makes them')];
  return [
    checkDatabase(controlDb, 'migrations/control', backups),
    ...(existsSync(hotDb) ? [checkDatabase(hotDb, 'migrations/hot', backups)] : []),
  ];
}

/** Whether the history is without files that are damaged or missing, as far as it has been verified. */
export function checkHistory({ root, controlDb }: DataDir): Finding[] {
  if (!existsSync(controlDb)) return [];
  try {
    const found = withDatabase(controlDb, (db) =>
      db
        .prepare<[], { file: string; reason: string | null }>(
          'select file, quarantine_reason as reason from segments where quarantined_at is not null order by file',
        )
        .all(),
    );
    if (found.length === 0) return [fine('history', 'all files of the history are in the answers')];
    const named = found.slice(0, MAX_FAULTS).map(({ file, reason }) => `${file} (${reason})`);
    const more = found.length > named.length ? `, and ${found.length - named.length} more` : '';
    const remedy =
      `put the files back below ${root} from a backup, then verify the history in Settings, Storage; ` +
      'look at the disk if more are found';
    return [failure('history', `out of the answers, because damaged or missing: ${named.join(', ')}${more}`, remedy)];
  } catch {
    // Why the database cannot be read, or that it is of an older version, is another finding.
    return [];
  }
}

/** Whether the appliance does not trust the clock, or did not when it was last stopped. */
export function checkClockTrust({ controlDb }: DataDir): Finding[] {
  if (!existsSync(controlDb)) return [];
  try {
    const open = withDatabase(controlDb, (db) => readClockMemory(createSql(db)))?.open ?? null;
    if (open === null) return [];
    const seen = open.reason.replaceAll('_', ' ');
    const message = `the clock is not trusted since ${new Date(open.beganAt).toISOString()} (${seen}): sealing and retention wait`;
    const remedy =
      'set the clock of this machine; when it is right, an admin says so on any page, or POST /api/v1/clock/confirm';
    return [warning('clock', message, remedy)];
  } catch {
    // Why the database cannot be read is another finding.
    return [];
  }
}

/** Whether somebody still has the password that stands in the documentation. */
export function checkPasswords({ controlDb }: DataDir): Finding[] {
  if (!existsSync(controlDb)) return [];
  try {
    const addresses = withDatabase(controlDb, (db) => addressesWithPublicPassword(createSql(db)));
    if (addresses.length === 0) return [fine('passwords', 'nobody has a password that is public')];
    const message = `the password of ${addresses.join(', ')} is public: it stands in the documentation`;
    return [
      warning('passwords', message, 'sign in and change it in the account menu before this machine is on a network'),
    ];
  } catch {
    // Why the database cannot be read is another finding.
    return [];
  }
}
