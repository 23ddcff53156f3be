import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../../src/store/store.ts';
import { openArchived } from './archived-history.ts';

/**
 * Run as a program, on a data directory, with a place and an instant: seals and compacts there until that place is
 * passed, and kills itself. It ends with code 0 when the place was not passed.
 */
const [root = '', deadly, now] = process.argv.slice(2);

const die = () => process.kill(process.pid, 'SIGKILL');

if (deadly === 'before rename') {
  fs.renameSync = die;
  syncBuiltinESMExports();
}
if (deadly === 'during drop') {
  const prepare = Database.prototype.prepare;
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    // The second statement of the transaction that drops a bucket.
    if (sql.startsWith('delete from main.closed_buckets')) die();
    return prepare.call(this, sql);
  } as typeof prepare;
}

const { archive } = openArchived(root, openStore(join(root, 'control.db')), {
  clock: { now: () => Number(now) },
  at: (place) => place === deadly && die(),
  graceMs: 1e9,
});
await archive.round();
process.exit(0);
