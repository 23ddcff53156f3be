import { join } from 'node:path';
import { AUDIT_MIGRATION, type Audit, createAudit } from '../../src/audit/audit.ts';
import { createSeals } from '../../src/audit/chain.ts';
import { createAuditHead } from '../../src/audit/head.ts';
import { type AuditReport, verifyAudit } from '../../src/audit/verification.ts';
import { assetFolder } from '../../src/core/assets.ts';
import { migrate } from '../../src/store/migrations.ts';
import { type Connection, createSql, openDatabase } from '../../src/store/sqlite.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { fakeClock, silentLog } from './accounts.ts';
import { temporaryDirectory } from './control-store.ts';

/** The appliance's own key, in tests. */
export const SECRET = Buffer.alloc(32, 7);

/** An audited control database of its own, with a factory `north` and a fake clock; `using` closes and removes it. */
export function auditedStore(options: { secret?: Buffer } = {}) {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'control.db');
  const headFile = join(directory.path, 'audit.head');
  const clock = fakeClock();
  const found: string[] = [];
  const log = silentLog();
  log.error = ((fields: { found?: string }) => void found.push(fields.found ?? '')) as typeof log.error;
  const db = openDatabase(file);
  migrate(db, assetFolder('migrations/control'), {
    backups: join(directory.path, 'backups'),
    now: 0,
    applied: (name) =>
      name === AUDIT_MIGRATION &&
      createAudit({ clock, log, secret: options.secret ?? SECRET, headFile }).begin(createSql(db)),
  });
  db.close();
  let opened: { store: Store; audit: Audit } | undefined;
  const open = (secret = options.secret ?? SECRET) => {
    const opening = createAudit({ clock, log, secret, headFile });
    const store = openStore(file, { audit: opening.trail });
    opened = { store, audit: opening.open(store) };
    return opened;
  };
  const close = () => {
    opened?.audit.stop();
    opened?.store.close();
    opened = undefined;
  };
  return {
    ...open(),
    clock,
    directory: directory.path,
    file,
    headFile,
    /** What was logged as tampered with. */
    found,
    close,
    /** Opens it again, as a restart does. */
    reopen: (secret?: Buffer) => {
      close();
      return open(secret);
    },
    /** As `doctor` does. */
    verify: (): AuditReport => {
      const reading = openDatabase(file, { readonly: true });
      const seals = createSeals(SECRET);
      try {
        return verifyAudit(createSql(reading), seals, createAuditHead(headFile, seals).read());
      } finally {
        reading.close();
      }
    },
    /** Changes the database as somebody does who has the file and not the key. */
    forge: (fn: (db: Connection) => void) => {
      const forging = openDatabase(file);
      forging.exec('drop trigger if exists audit_stays; drop trigger if exists audit_goes_by_age');
      fn(forging);
      forging.close();
    },
    [Symbol.dispose]: () => {
      close();
      directory[Symbol.dispose]();
    },
  };
}

/** An act to be written down; each one different. */
export const entry = (name: string) => ({
  action: 'test.act',
  factoryId: null,
  target: { kind: 'test', id: name, name },
  content: { details: { name } },
});
