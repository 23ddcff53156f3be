import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import { type Changed, type WatchedTable, watchChanges } from './changes.ts';
import { isForeignFactory, isolate } from './isolation.ts';
import { createSql, openDatabase, type Sql } from './sqlite.ts';

export type { Sql, SqlRow, SqlValue } from './sqlite.ts';

/**
 * Why code may look across factories. A closed list, held by `test/architecture.test.ts` with who may use which:
 * a new purpose is a decision, not a convenience.
 */
export type SystemPurpose =
  | 'first setup'
  | 'seed'
  | 'sign in'
  | 'rescue users'
  | 'manage logins'
  | 'end login'
  | 'reset password'
  | 'accept invite'
  | 'list factories'
  | 'create factory'
  | 'change factory'
  | 'remove factory'
  | 'authenticate device'
  | 'record refusals'
  | 'read connection log'
  | 'register discovered devices'
  | 'record last seen'
  | 'erase removed history'
  | 'check health'
  | 'resume imports'
  | 'seal history'
  | 'remove old history'
  | 'verify history'
  | 'keep MQTT sessions'
  | 'expire commands'
  | 'watch alarms'
  | 'drain outbox'
  | 'measure storage'
  | 'remember the clock'
  | 'keep the audit'
  | 'read the audit';

/**
 * What the appliance does by itself all the time, and nobody's act: it leaves nothing in the audit, on whosesoever
 * behalf it may happen to run. Whatever else changes an audited table does.
 */
const NOBODYS_ACTS: ReadonlySet<SystemPurpose> = new Set([
  'record refusals',
  'register discovered devices',
  'keep MQTT sessions',
  'expire commands',
  'watch alarms',
  'drain outbox',
  'record last seen',
  'erase removed history',
  'seal history',
  'remove old history',
  'verify history',
]);

/** What writes down who changed what. */
export interface AuditTrail {
  /** Tables of which every change is told. */
  readonly tables: readonly WatchedTable[];
  /**
   * Called within a transaction, before its commit, with what it has changed: what it throws undoes the change.
   *
   * @param factoryId - of the scope; null in `system`
   */
  record(sql: Sql, changed: Changed, factoryId: number | null): void;
}

/** What only reads may do. */
export type SqlReads = Pick<Sql, 'get' | 'all'>;

/**
 * The control database. `read` and `write` are the only doors to tenant tables; each call is one transaction, its
 * `fn` is synchronous, and calls do not nest. Inside `write`, statements name `main.T`; everything else names `T` and
 * gets the current factory's rows alone.
 */
export interface Store {
  read<T>(scope: FactoryScope, fn: (sql: Sql) => T): T;
  /** @throws {AppError} `not_found` when a row of another factory is touched: foreign looks like missing */
  write<T>(scope: FactoryScope, fn: (sql: Sql) => T): T;
  /** Unscoped, on a connection of its own without views: the statements name `main.T`. */
  system<T>(purpose: SystemPurpose, fn: (sql: Sql) => T): T;
  /** The same for what only reads: it does not wait for whoever writes, and cannot write. */
  systemRead<T>(purpose: SystemPurpose, fn: (sql: SqlReads) => T): T;
  /** Changes with every write: what `systemRead` has read at this number still holds while it is the same. */
  readonly revision: number;
  /** Writes the journal back and empties it: what was deleted is not in it any more either. Best effort. */
  settleJournal(): void;
  close(): void;
}

/** Refuses what would run, or be read, after the scope is gone. */
function settled<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if ('then' in value || (Symbol.iterator in value && 'next' in value) || Symbol.asyncIterator in value) {
    throw new AppError('isolation', 'store callbacks are synchronous: return rows, not a promise or an iterator');
  }
  return value;
}

/**
 * Opens four connections to a migrated `control.db`: reading (read-only), writing (guarded), and two without views, of
 * which one is read-only.
 */
export function openStore(file: string, options: { readonly audit?: AuditTrail } = {}): Store {
  const { audit } = options;
  const system = openDatabase(file, { overwriteDeleted: true });
  const systemReader = openDatabase(file, { readonly: true });
  const writer = openDatabase(file, { overwriteDeleted: true });
  const reader = openDatabase(file, { readonly: true });
  const writing = isolate(writer, { writable: true });
  const reading = isolate(reader, { writable: false });
  const sql = {
    system: createSql(system),
    systemReader: createSql(systemReader),
    writer: createSql(writer),
    reader: createSql(reader),
  };
  const watches = audit && {
    system: watchChanges(system, audit.tables),
    writer: watchChanges(writer, audit.tables),
  };
  let busy = false;
  /** Of a connection that writes nothing: it tells of all others. */
  const dataVersion = systemReader.prepare<[], number>('pragma data_version').pluck();

  /** One at a time: two open transactions of one thread would wait for each other for ever. */
  const alone = <T>(fn: () => T): T => {
    if (busy) throw new AppError('isolation', 'store calls do not nest: finish one before starting another');
    busy = true;
    try {
      return fn();
    } finally {
      busy = false;
    }
  };

  /** Runs `fn` within a transaction, and writes down what it has changed. */
  const audited = <T>(on: 'system' | 'writer', factoryId: number | null, isAct: boolean, fn: (sql: Sql) => T): T => {
    const watch = watches?.[on];
    watch?.begin(isAct);
    const value = settled(fn(sql[on]));
    const changed = watch?.take();
    if (changed !== undefined) audit?.record(sql[on], changed, factoryId);
    return value;
  };

  return {
    read: (scope, fn) =>
      alone(() => reading.within(scope.factoryId, () => reader.transaction(() => settled(fn(sql.reader))).deferred())),
    write: (scope, fn) =>
      alone(() => {
        try {
          const { factoryId } = scope;
          return writing.within(factoryId, () =>
            writer.transaction(() => audited('writer', factoryId, true, fn)).immediate(),
          );
        } catch (error) {
          if (isForeignFactory(error)) throw new AppError('not_found', 'not found', { cause: error });
          throw error;
        }
      }),
    systemRead: (_purpose, fn) => alone(() => systemReader.transaction(() => settled(fn(sql.systemReader))).deferred()),
    system: (purpose, fn) =>
      alone(() => system.transaction(() => audited('system', null, !NOBODYS_ACTS.has(purpose), fn)).immediate()),
    get revision() {
      return dataVersion.get() ?? Number.NaN;
    },
    settleJournal: () => void system.pragma('wal_checkpoint(TRUNCATE)'),
    close: () => {
      for (const db of [reader, writer, systemReader, system]) db.close();
    },
  };
}
