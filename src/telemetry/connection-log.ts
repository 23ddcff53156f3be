import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads } from '../store/store.ts';
import type { ConnectionKind } from './connection-reasons.ts';

/**
 * Entries kept for each factory, and for nobody's; the oldest go first, so that a flood drowns none but its own. Twice: of
 * what went well, and of what did not, so that a thousand devices that reconnect do not push out why one cannot.
 */
const MAX_KEPT = 1_000;

/** Something that befell a connection, or telemetry of a sender that belongs to no factory. */
export interface ConnectionEvent {
  /** The factory it speaks, or tried to speak, for: of its credential, its topics, or the user name that it gave. */
  readonly scope: FactoryScope | undefined;
  /** The peer's address. */
  readonly source: string;
  readonly clientId: string;
  /** As it was given, right or wrong; empty for anonymous senders. */
  readonly username: string;
  readonly reason: string;
  readonly detail: string;
  /** Keys of the devices that it sent for; none where that is not known. */
  readonly devices?: readonly string[];
  readonly payload?: Buffer | undefined;
}

/** A row of the connection log. Times are epoch ms. */
export interface ConnectionRow {
  /** Its number in the log. */
  readonly id: number;
  readonly kind: ConnectionKind;
  readonly source: string;
  readonly clientId: string;
  readonly username: string;
  readonly reason: string;
  readonly detail: string;
  readonly devices: readonly string[];
  /** The first 512 bytes of the newest payload, where there was one. */
  readonly payload: Buffer | null;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Repeats of one event, on their way to their row. */
export interface ConnectionEntry extends Omit<ConnectionRow, 'id'> {
  readonly factoryId: number | null;
}

/** Which entries; all when left out. */
export interface ConnectionQuery {
  /** Epoch ms: only what came after it. */
  readonly since?: number | undefined;
  readonly clientId?: string | undefined;
  /** Of a device: entries that name its key, and all others of the clients that have sent for it. */
  readonly deviceKey?: string | undefined;
  readonly kinds?: readonly ConnectionKind[] | undefined;
  /** Looked for in client id, user name, address and detail. */
  readonly text?: string | undefined;
  /** Only what stands behind this row. */
  readonly after?: Pick<ConnectionRow, 'id' | 'lastAt'> | undefined;
  readonly limit?: number | undefined;
}

/** What went as it should: it has a room of its own in the log. */
export const isOrdinary = (kind: ConnectionKind): boolean => kind === 'connected' || kind === 'disconnected';

const TRIM = `delete from main.connection_log
  where factory_id is ?1 and (kind in ('connected', 'disconnected')) = ?2 and last_at < (
    select last_at from connection_log where factory_id is ?1 and (kind in ('connected', 'disconnected')) = ?2
    order by last_at desc limit 1 offset ${MAX_KEPT})`;

/** Writes entries inside the caller's transaction, and keeps the log bounded. */
export function writeConnections(sql: Sql, entries: readonly ConnectionEntry[]): void {
  for (const entry of entries) {
    sql.run(
      `insert into main.connection_log
         (factory_id, kind, username, source, client_id, reason, detail, payload, devices, count, first_at, last_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict do update set kind = excluded.kind, detail = excluded.detail, payload = excluded.payload,
         devices = iif(excluded.devices = '[]', devices, excluded.devices),
         count = count + excluded.count, last_at = excluded.last_at`,
      entry.factoryId,
      entry.kind,
      entry.username,
      entry.source,
      entry.clientId,
      entry.reason,
      entry.detail,
      entry.payload,
      JSON.stringify(entry.devices),
      entry.count,
      entry.firstAt,
      entry.lastAt,
    );
  }
  for (const factoryId of new Set(entries.map((entry) => entry.factoryId))) {
    for (const ordinary of [0, 1]) sql.run(TRIM, factoryId, ordinary);
  }
}

const NAMES_DEVICE = 'exists (select 1 from json_each(devices) where value = ?3)';

/**
 * The log, newest first: on a scoped connection that of the current factory.
 *
 * @param isOfNobody - on a system connection: what belongs to no factory
 */
export function readConnections(sql: SqlReads, query: ConnectionQuery, isOfNobody = false): ConnectionRow[] {
  const { since = 0, clientId, deviceKey, kinds, text, after, limit = 10_000 } = query;
  return sql
    .all<Omit<ConnectionRow, 'devices'> & { devices: string }>(
      `select id, kind, source, client_id as clientId, username, reason, detail, devices, payload, count,
              first_at as firstAt, last_at as lastAt
       from connection_log
       where last_at > ?1 and (?2 is null or client_id = ?2)
         and (?3 is null or ${NAMES_DEVICE}
           or (username, client_id) in (select username, client_id from connection_log where ${NAMES_DEVICE}))
         and (?4 is null or kind in (select value from json_each(?4)))
         and (?5 is null or mentions(client_id || ' ' || username || ' ' || source || ' ' || detail, ?5))
         and (?6 is null or (last_at, id) < (?6, ?7)) ${isOfNobody ? 'and factory_id is null' : ''}
       order by last_at desc, id desc limit ?8`,
      since,
      clientId ?? null,
      deviceKey ?? null,
      kinds === undefined ? null : JSON.stringify(kinds),
      text ?? null,
      after?.lastAt ?? null,
      after?.id ?? null,
      limit,
    )
    .map((row) => ({ ...row, devices: JSON.parse(row.devices) as string[] }));
}
