import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AssetFolder } from '../core/assets.ts';
import { AppError } from '../core/errors.ts';
import type { Connection } from './sqlite.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

interface Applied {
  number: number;
  name: string;
  sha256: string;
}

/** Numbered SQL files, in order: `0001-….sql`, `0002-….sql`. */
function readMigrations(folder: AssetFolder): Migration[] {
  return folder
    .names()
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = folder.read(file).toString().replaceAll('\r\n', '\n');
      return {
        number: Number(file.slice(0, 4)),
        name: file,
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      };
    });
}

/** Copies the database as it is before an upgrade touches it; the copy is whole or absent. */
function backUp(db: Connection, version: number, backups: string): void {
  mkdirSync(backups, { recursive: true, mode: 0o700 });
  const disk = statfsSync(backups);
  const sizeBytes = statSync(db.name).size;
  if (disk.bavail * disk.bsize < sizeBytes * 1.1) {
    throw new AppError(
      'data_dir_unusable',
      `the disk has no room for the backup of ${db.name} that an upgrade makes first: free ${Math.ceil(sizeBytes / 1e6)} MB`,
    );
  }
  const file = join(backups, `${basename(db.name, '.db')}-before-upgrade-from-${String(version).padStart(4, '0')}.db`);
  rmSync(file, { force: true });
  db.prepare('vacuum into ?').run(file);
}

/**
 * Which migrations a database has, and which are still to come. Changes nothing.
 *
 * @throws {AppError} `database_newer`, `migration_edited`
 */
export function compareMigrations(
  db: Connection,
  folder: AssetFolder,
  backups: string,
): { readonly version: number; readonly pending: readonly Migration[] } {
  const known = readMigrations(folder);
  const applied = db
    .prepare<[], Applied>('select number, name, sha256 from main.schema_migrations order by number')
    .all();
  for (const row of applied) {
    const migration = known.find((candidate) => candidate.number === row.number);
    if (migration === undefined) {
      throw new AppError(
        'database_newer',
        `${db.name} was written by a newer version (${row.name}): start that version, or restore a backup from ${backups}`,
      );
    }
    if (migration.sha256 !== row.sha256) {
      throw new AppError(
        'migration_edited',
        `${migration.name} differs from the one that made ${db.name}: migrations are never edited, add a new one`,
      );
    }
  }
  const version = applied.at(-1)?.number ?? 0;
  return { version, pending: known.filter((migration) => migration.number > version) };
}

/**
 * Brings a database up to the newest migration, each in a transaction of its own, after a backup of an older one.
 * Forward only: an edited migration or a database of a newer version is refused before anything is changed.
 *
 * @param options.applied - called with the file name of each, within its transaction
 * @throws {AppError} `database_newer`, `migration_edited`, or `data_dir_unusable` when the backup has no room
 */
export function migrate(
  db: Connection,
  folder: AssetFolder,
  options: { backups: string; now: number; applied?: (name: string) => void },
): void {
  db.exec(`create table if not exists main.schema_migrations (
    number integer primary key, name text not null, sha256 text not null, applied_at integer not null) strict`);
  const { version, pending } = compareMigrations(db, folder, options.backups);
  if (pending.length > 0 && version > 0) backUp(db, version, options.backups);
  const record = db.prepare(
    'insert into main.schema_migrations (number, name, sha256, applied_at) values (?, ?, ?, ?)',
  );
  for (const migration of pending) {
    db.transaction(() => {
      db.exec(migration.sql);
      record.run(migration.number, migration.name, migration.sha256, options.now);
      options.applied?.(migration.name);
    }).immediate();
  }
}
