import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskFolder } from '../../../src/core/assets.ts';
import { migrate } from '../../../src/store/migrations.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { CONTROL_MIGRATIONS, temporaryDirectory } from '../../support/control-store.ts';

test('entries of an older connection log are kept, as those of no factory', () => {
  using directory = temporaryDirectory();
  const old = join(directory.path, 'old');
  mkdirSync(old);
  for (const file of readdirSync(CONTROL_MIGRATIONS)) {
    if (file < '0003') cpSync(join(CONTROL_MIGRATIONS, file), join(old, file));
  }
  const db = openDatabase(join(directory.path, 'control.db'));
  const options = { backups: join(directory.path, 'backups'), now: 0 };
  migrate(db, diskFolder(old), options);
  db.exec(`insert into connection_log values ('10.0.0.1', 'plc', 'bad_credentials', 'wrong', null, 3, 1, 2)`);
  migrate(db, diskFolder(CONTROL_MIGRATIONS), options);
  const rows = db.prepare('select factory_id, username, source, client_id, reason, count from connection_log').all();
  db.close();
  assert.deepEqual(rows, [
    { factory_id: null, username: '', source: '10.0.0.1', client_id: 'plc', reason: 'bad_credentials', count: 3 },
  ]);
});
