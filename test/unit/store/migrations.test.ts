import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assetFolder, diskFolder } from '../../../src/core/assets.ts';
import { migrate } from '../../../src/store/migrations.ts';
import { type Connection, openDatabase } from '../../../src/store/sqlite.ts';
import { temporaryDirectory } from '../../support/control-store.ts';
import { withCode } from '../../support/errors.ts';

const FIRST = 'create table t (id integer primary key) strict; insert into t values (1);';
const SECOND = 'alter table t add column name text; update t set name = id;';

/** An empty database, a folder of migrations, and a way to run them. */
function world() {
  const directory = temporaryDirectory();
  const migrations = join(directory.path, 'migrations');
  const backups = join(directory.path, 'backups');
  mkdirSync(migrations);
  const db = openDatabase(join(directory.path, 'control.db'));
  return {
    db,
    backups,
    add: (name: string, sql: string) => writeFileSync(join(migrations, name), sql),
    remove: (name: string) => rmSync(join(migrations, name)),
    run: (applied?: (name: string) => void) =>
      migrate(db, diskFolder(migrations), { backups, now: 7, ...(applied && { applied }) }),
    [Symbol.dispose]: () => {
      db.close();
      directory[Symbol.dispose]();
    },
  };
}

const rowsOf = (db: Connection, sql: string) => db.prepare<[], Record<string, unknown>>(sql).all();

test('the migrations run in the order of their numbers, each once', () => {
  using it = world();
  it.add('0002-second.sql', SECOND);
  it.add('0001-first.sql', FIRST);
  it.add('notes.sql', 'this is no migration');
  it.run();
  it.run();
  assert.deepEqual(rowsOf(it.db, 'select id, name from t'), [{ id: 1, name: '1' }]);
  assert.deepEqual(rowsOf(it.db, 'select number, name, applied_at from schema_migrations'), [
    { number: 1, name: '0001-first.sql', applied_at: 7 },
    { number: 2, name: '0002-second.sql', applied_at: 7 },
  ]);
});

test('what goes with a migration happens within its transaction, or the migration does not happen', () => {
  using it = world();
  it.add('0001-first.sql', FIRST);
  it.run();
  it.add('0002-second.sql', SECOND);
  const broken = (name: string) => {
    it.db.exec('create table also (a)');
    throw new Error(name);
  };
  assert.throws(() => it.run(broken), /0002-second\.sql/);
  assert.deepEqual(
    rowsOf(it.db, "select number from schema_migrations union all select 9 from sqlite_schema where name = 'also'"),
    [{ number: 1 }],
  );
});

test('a new database is not backed up; an older one is, as it was before the upgrade', () => {
  using it = world();
  it.add('0001-first.sql', FIRST);
  it.run();
  assert.throws(() => readdirSync(it.backups), { code: 'ENOENT' });
  it.add('0002-second.sql', SECOND);
  it.run();
  const [file, ...others] = readdirSync(it.backups);
  assert.deepEqual([file, others], ['control-before-upgrade-from-0001.db', []]);
  const backup = openDatabase(join(it.backups, file ?? ''), { readonly: true });
  assert.deepEqual(rowsOf(backup, 'select * from t'), [{ id: 1 }]);
  backup.close();
});

test('an edited migration is refused before anything is changed', () => {
  using it = world();
  it.add('0001-first.sql', FIRST);
  it.run();
  it.add('0001-first.sql', `${FIRST} -- better`);
  it.add('0002-second.sql', SECOND);
  assert.throws(it.run, withCode('migration_edited'));
  assert.deepEqual(rowsOf(it.db, 'select * from t'), [{ id: 1 }]);
});

test('line ends of Windows are not an edit', () => {
  using it = world();
  it.add('0001-first.sql', FIRST.replace('; ', ';\n'));
  it.run();
  it.add('0001-first.sql', FIRST.replace('; ', ';\r\n'));
  it.run();
});

test('a database of a newer version is refused', () => {
  using it = world();
  it.add('0001-first.sql', FIRST);
  it.add('0002-second.sql', SECOND);
  it.run();
  it.remove('0002-second.sql');
  assert.throws(it.run, withCode('database_newer'));
});

test('a migration that fails leaves those before it, and nothing of itself', () => {
  using it = world();
  it.add('0001-first.sql', FIRST);
  it.add('0002-second.sql', `${SECOND} insert into nowhere values (1);`);
  assert.throws(it.run, /nowhere/);
  assert.deepEqual(rowsOf(it.db, 'select * from t'), [{ id: 1 }]);
  it.add('0002-second.sql', SECOND);
  it.run();
  assert.deepEqual(rowsOf(it.db, 'select id, name from t'), [{ id: 1, name: '1' }]);
});

test('the shipped migrations make a database whose foreign keys hold', () => {
  using directory = temporaryDirectory();
  const db = openDatabase(join(directory.path, 'control.db'));
  migrate(db, assetFolder('migrations/control'), { backups: join(directory.path, 'backups'), now: 0 });
  assert.deepEqual(db.pragma('foreign_key_check'), []);
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
  assert.equal(db.pragma('synchronous', { simple: true }), 2);
  db.close();
});
