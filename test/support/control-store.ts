import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetFolder } from '../../src/core/assets.ts';
import { migrate } from '../../src/store/migrations.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { openStore, type Store } from '../../src/store/store.ts';

/** Where the migrations of `control.db` are. */
export const CONTROL_MIGRATIONS = join(import.meta.dirname, '../../migrations/control');

/** A temporary directory that is removed at the end of its scope. */
export function temporaryDirectory(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'factoryops-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A migrated control database of its own; `using` closes and removes it. */
export function controlStore(): { store: Store; directory: string; file: string } & Disposable {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'control.db');
  const db = openDatabase(file);
  migrate(db, assetFolder('migrations/control'), { backups: join(directory.path, 'backups'), now: 0 });
  db.close();
  const store = openStore(file);
  return {
    store,
    file,
    directory: directory.path,
    [Symbol.dispose]: () => {
      store.close();
      directory[Symbol.dispose]();
    },
  };
}
