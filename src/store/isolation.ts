import { AppError } from '../core/errors.ts';
import type { Connection } from './sqlite.ts';

/**
 * Row-level security for SQLite. On a guarded connection every table with a `factory_id` column is shadowed by a TEMP
 * view of the same name that shows only the current factory's rows, and, where the connection may write, carries TEMP
 * triggers that abort any statement whose row belongs, or would belong, to another factory. SQL that forgets the
 * factory is therefore scoped all the same; without a current factory it sees nothing and writes nothing.
 */
export interface Isolation {
  /** Runs `fn` with the connection's factory set, and always clears it again. */
  within<T>(factoryId: number, fn: () => T): T;
  /** Shadows tables made since (the historian's buckets). */
  shadow(tables: readonly string[]): void;
}

/** Tables of `main` that carry a `factory_id`. */
export function tenantTables(db: Connection): string[] {
  return db
    .prepare<[], string>(
      `select t.name from main.sqlite_schema t
       where t.type = 'table' and t.name not like 'sqlite_%'
         and exists (select 1 from pragma_table_info(t.name) c where c.name = 'factory_id')
       order by t.name`,
    )
    .pluck()
    .all();
}

const viewOf = (table: string) =>
  `create temp view if not exists "${table}" as select * from main."${table}" where factory_id = current_factory();`;

const guardOf = (table: string, event: string, foreign: string) =>
  `create temp trigger if not exists "guard_${event}_${table}" before ${event} on main."${table}"
   when ${foreign} begin select raise(abort, 'foreign factory'); end;`;

const guardsOf = (table: string) =>
  [
    guardOf(table, 'insert', 'new.factory_id is not current_factory()'),
    guardOf(table, 'update', 'old.factory_id is not current_factory() or new.factory_id is not current_factory()'),
    guardOf(table, 'delete', 'old.factory_id is not current_factory()'),
  ].join('\n');

/** Puts the views, and with `writable` the write guards, on a connection. */
export function isolate(db: Connection, options: { writable: boolean; tables?: readonly string[] }): Isolation {
  let current: number | null = null;
  db.function('current_factory', () => current);
  const shadow = (tables: readonly string[]) => {
    if (tables.length === 0) return;
    db.exec(tables.map(viewOf).join('\n'));
    if (options.writable) db.exec(tables.map(guardsOf).join('\n'));
  };
  shadow(options.tables ?? tenantTables(db));
  return {
    shadow,
    within: (factoryId, fn) => {
      if (current !== null) throw new AppError('isolation', 'a factory is already in scope on this connection');
      current = factoryId;
      try {
        return fn();
      } finally {
        current = null;
      }
    },
  };
}

/** True for what the write guards, and foreign keys into another factory, throw. */
export function isForeignFactory(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || error.message === 'foreign factory';
}
