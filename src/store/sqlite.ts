import Database from 'better-sqlite3';
import { loadNative } from '../core/natives.ts';

export type Connection = Database.Database;
export type Statement = Database.Statement<unknown[], unknown>;

/** What a parameter or a column may hold. Booleans are written as 0 and 1 by the caller. */
export type SqlValue = string | number | bigint | Buffer | null;
export type SqlRow = Record<string, SqlValue>;

export interface OpenOptions {
  readonly readonly?: boolean;
  /** Page cache (KiB). */
  readonly cacheKib?: number;
  /** How long a statement waits for another connection's lock (ms). */
  readonly lockTimeoutMs?: number;
  readonly journal?: 'wal' | 'delete';
  /** A new file can give pages back that it needs no more: `pragma incremental_vacuum`. */
  readonly canShrink?: boolean;
  /** What is deleted is overwritten, and so is nowhere in the file any more. */
  readonly overwriteDeleted?: boolean;
}

/** In SQL, whether a text has another one in it, whatever letters are capitals: `like` knows those of English alone. */
const mentions = (text: unknown, part: unknown): number =>
  Number(
    String(text ?? '')
      .toLowerCase()
      .includes(String(part ?? '').toLowerCase()),
  );

/**
 * The one place that opens a database, so that no connection can miss a pragma.
 *
 * - `synchronous=FULL`: better-sqlite3 is compiled with NORMAL for WAL, which loses acknowledged rows at a power cut,
 *   and the setting is not stored in the file.
 * - `recursive_triggers`: without it INSERT OR REPLACE deletes a row past the isolation triggers.
 *
 * @throws SqliteError as SQLite gives it; `store/data-dir` has checked the directory before
 */
export function openDatabase(file: string, options: OpenOptions = {}): Connection {
  const native = loadNative('better_sqlite3.node');
  const db = new Database(file, {
    readonly: options.readonly ?? false,
    timeout: options.lockTimeoutMs ?? 5_000,
    // The loaded library itself; the types know paths alone.
    ...(native !== null && { nativeBinding: native as unknown as string }),
  });
  // Before anything is written, or it has no effect.
  if (options.canShrink) db.pragma('auto_vacuum = incremental');
  if (!options.readonly) db.pragma(`journal_mode = ${options.journal ?? 'wal'}`);
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('recursive_triggers = ON');
  db.pragma('temp_store = MEMORY');
  db.pragma('trusted_schema = OFF');
  db.pragma(`cache_size = -${options.cacheKib ?? 8_192}`);
  db.pragma('journal_size_limit = 67108864');
  if (options.overwriteDeleted) db.pragma('secure_delete = ON');
  db.function('mentions', { deterministic: true }, mentions);
  if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('synchronous=FULL is not in force');
  return db;
}

/**
 * Begins to read one state of the database, which lasts until the transaction ends or the connection is closed. The
 * pragma holds the state and is the only statement that no change of the schema can refuse: where tables come and go all
 * the time, any other one may be prepared in vain until SQLite gives up ("database schema has changed").
 */
export function beginSnapshot(db: Connection): void {
  db.exec('begin');
  db.pragma('schema_version');
}

/**
 * A connection as domains see it: rows in, rows out, every statement prepared once and kept. Synchronous, and usable
 * only inside the `store` call that handed it out.
 */
export interface Sql {
  /** The first row, or undefined. Parameters are `?` throughout a statement, or `?1`, `?2`, … throughout. */
  get<Row = SqlRow>(sql: string, ...values: SqlValue[]): Row | undefined;
  all<Row = SqlRow>(sql: string, ...values: SqlValue[]): Row[];
  /** Returns the number of rows changed. */
  run(sql: string, ...values: SqlValue[]): number;
}

/** Wraps a connection; the statement cache is bounded by the number of SQL texts in the sources. */
export function createSql(db: Connection): Sql {
  const statements = new Map<string, Bound>();
  const prepared = (sql: string): Bound => {
    let bound = statements.get(sql);
    if (bound === undefined) {
      bound = { statement: db.prepare<unknown[], unknown>(sql), isNumbered: /\?\d/.test(sql) };
      statements.set(sql, bound);
    }
    return bound;
  };
  /** To better-sqlite3 `?1` is a parameter named "1". */
  const bind = (isNumbered: boolean, values: SqlValue[]): unknown[] =>
    isNumbered ? [Object.fromEntries(values.map((value, index) => [index + 1, value]))] : values;
  return {
    get: <Row>(sql: string, ...values: SqlValue[]) => {
      const { statement, isNumbered } = prepared(sql);
      return statement.get(...bind(isNumbered, values)) as Row | undefined;
    },
    all: <Row>(sql: string, ...values: SqlValue[]) => {
      const { statement, isNumbered } = prepared(sql);
      return statement.all(...bind(isNumbered, values)) as Row[];
    },
    run: (sql, ...values) => {
      const { statement, isNumbered } = prepared(sql);
      return statement.run(...bind(isNumbered, values)).changes;
    },
  };
}

interface Bound {
  readonly statement: Statement;
  readonly isNumbered: boolean;
}
