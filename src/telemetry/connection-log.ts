import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads } from '../store/store.ts';

/** Entries kept for each factory, and for nobody's; the oldest go first, so that a flood drowns none but its own. */
const MAX_KEPT = 1_000;

/** A connection that was refused or ended, or telemetry of a sender that belongs to no factory. */
export interface ConnectionEvent {
  /** The factory it tried to speak for: of its credential, or of the user name it gave. Undefined when there is none. */
  readonly scope: FactoryScope | undefined;
  /** The peer's address. */
  readonly source: string;
  readonly clientId: string;
  /** As it was given, right or wrong; empty for anonymous senders. */
  readonly username: string;
  readonly reason: string;
  readonly detail: string;
  readonly payload?: Buffer | undefined;
}

/** A row of the connection log. Times are epoch ms. */
export interface ConnectionRow {
  readonly source: string;
  readonly clientId: string;
  readonly username: string;
  readonly reason: string;
  readonly detail: string;
  /** The first 512 bytes of the newest payload, where there was one. */
  readonly payload: Buffer | null;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Repeats of one event, on their way to their row. */
export interface ConnectionEntry extends ConnectionRow {
  readonly factoryId: number | null;
}

/** Writes entries inside the caller's transaction, and keeps the log bounded. */
export function writeConnections(sql: Sql, entries: readonly ConnectionEntry[]): void {
  for (const { factoryId, username, source, clientId, reason, detail, payload, count, firstAt, lastAt } of entries) {
    const values = [factoryId, username, source, clientId, reason, detail, payload, count, firstAt, lastAt] as const;
    sql.run(
      `insert into main.connection_log
         (factory_id, username, source, client_id, reason, detail, payload, count, first_at, last_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict do update set factory_id = excluded.factory_id, detail = excluded.detail,
         payload = excluded.payload, count = count + excluded.count, last_at = excluded.last_at`,
      ...values,
    );
  }
  for (const factoryId of new Set(entries.map((entry) => entry.factoryId))) {
    sql.run(
      `delete from main.connection_log where factory_id is ?1 and last_at < (
         select last_at from connection_log where factory_id is ?1 order by last_at desc limit 1 offset ${MAX_KEPT})`,
      factoryId,
    );
  }
}

/**
 * The log after `since` (epoch ms), newest first: of the current factory on a scoped connection, of all and of nobody on
 * a system one.
 */
export const readConnections = (sql: SqlReads, since: number): ConnectionRow[] =>
  sql.all<ConnectionRow>(
    `select source, client_id as clientId, username, reason, detail, payload, count,
            first_at as firstAt, last_at as lastAt
     from connection_log where last_at > ? order by last_at desc`,
    since,
  );
