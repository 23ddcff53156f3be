import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, Store } from '../store/store.ts';
import {
  type ConnectionEntry,
  type ConnectionEvent,
  type ConnectionQuery,
  type ConnectionRow,
  isOrdinary,
  readConnections,
  writeConnections,
} from './connection-log.ts';
import { kindOf } from './connection-reasons.ts';
import type { Refusal, RefusalReason } from './decode.ts';
import { type Counted, createRefusalBuffer, keptPart, type Occurrence } from './refusal-buffer.ts';

/** Distinct refusals of one message that are listed by name; the others are counted in one line. */
const MAX_NAMED = 20;
/** Distinct refusals kept for one factory, on disk and in memory on their way there; on disk the oldest go first. */
const MAX_KEPT = 1_000;
/** Rows that the timer writes at a time (some 20 ms of the main thread). */
const MAX_WRITTEN = 500;
const FLUSH_INTERVAL_MS = 1_000;
/** More than a factory's slug and the longest name of a credential take; what is longer was never one of ours. */
const MAX_USERNAME_LENGTH = 128;
const MORE_REFUSED = 'more_refused' satisfies RefusalReason;

interface RefusedPart {
  readonly deviceKey: string;
  readonly reason: string;
  readonly parameter: string;
}

type LoggedConnection = Pick<ConnectionEntry, 'kind' | 'source' | 'clientId' | 'username' | 'reason' | 'devices'>;

/** A row of a factory's rejects list. Times are epoch ms. */
export interface RefusalRow {
  readonly deviceKey: string;
  readonly reason: string;
  readonly parameter: string;
  readonly detail: string;
  /** The first 512 bytes of the newest payload. */
  readonly payload: Buffer;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * What was refused and why, for the people who look after the devices. Repeats are counted in one row. Recording is a
 * map update and never a disk write: it happens in the way of telemetry. Rows are written every second, or when read;
 * what one message, or one second, has more of than a list can show is counted.
 */
export interface Refusals {
  record(scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer): void;
  recordConnection(event: ConnectionEvent): void;
  /** Newest first, of one device when a key is given. `since` (epoch ms), here and below: only what came after it. */
  list(scope: FactoryScope, options?: { deviceKey?: string; since?: number | undefined }): RefusalRow[];
  /** Forgets what was refused of a device. */
  clear(scope: FactoryScope, deviceKey: string): void;
  /** Forgets everything of a factory, inside the transaction that removes it. */
  removeFactory(sql: Sql, factoryId: number): void;
  /** The factory's connection log, newest first. */
  connectionsOf(scope: FactoryScope, query?: ConnectionQuery): ConnectionRow[];
  /** What belongs to no factory: for the appliance's owner. */
  connectionsOfNobody(query?: ConnectionQuery): ConnectionRow[];
  start(): void;
  /** Writes what is buffered and stops the timer. */
  stop(): void;
}

export function createRefusals(dependencies: { store: Store; clock: Clock; log: Log; metrics: Metrics }): Refusals {
  const { store, clock, log, metrics } = dependencies;
  const refusals = createRefusalBuffer<RefusedPart>(MAX_KEPT);
  const connections = createRefusalBuffer<LoggedConnection>(MAX_KEPT);
  /** Apart, so that a thousand that come do not hide why one could not. */
  const ordinary = createRefusalBuffer<LoggedConnection>(MAX_KEPT);
  let timer: NodeJS.Timeout | undefined;

  const writeRefusals = (sql: Sql, rows: readonly (RefusedPart & Counted)[]) => {
    for (const { factoryId, deviceKey, reason, parameter, detail, payload, count, firstAt, lastAt } of rows) {
      const values = [factoryId, deviceKey, reason, parameter, detail, payload ?? Buffer.alloc(0), count] as const;
      sql.run(
        `insert into main.refusals
           (factory_id, device_key, reason, parameter, detail, payload, count, first_at, last_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict do update set detail = excluded.detail, payload = excluded.payload,
           count = count + excluded.count, last_at = excluded.last_at`,
        ...values,
        firstAt,
        lastAt,
      );
    }
    for (const factoryId of new Set(rows.map((row) => row.factoryId))) {
      sql.run(
        `delete from main.refusals where factory_id = ?1 and last_at < (
           select last_at from refusals where factory_id = ?1 order by last_at desc limit 1 offset ${MAX_KEPT})`,
        factoryId,
      );
    }
  };

  /** The list is a service to people, not a promise: while it cannot be written, what has no room is only counted. */
  const flush = (limit = Number.MAX_SAFE_INTEGER) => {
    if (refusals.size === 0 && connections.size === 0 && ordinary.size === 0) return;
    const [parts, events] = [refusals.first(limit), connections.first(limit)];
    const usual = ordinary.first(Math.max(0, limit - events.length));
    try {
      store.system('record refusals', (sql) => {
        writeRefusals(
          sql,
          parts.map(([, row]) => row),
        );
        writeConnections(
          sql,
          [...events, ...usual].map(([, row]) => row),
        );
      });
    } catch (error) {
      log.warn({ err: error }, 'the list of refused messages could not be written');
      return;
    }
    refusals.remove(parts.map(([key]) => key));
    connections.remove(events.map(([key]) => key));
    ordinary.remove(usual.map(([key]) => key));
  };

  return {
    record: (scope, deviceKey, items, payload) => {
      metrics.messages.inc({ outcome: 'refused' });
      const { factoryId } = scope;
      const now = clock.now();
      const kept = keptPart(payload);
      const note = (part: RefusedPart, occurrence: Occurrence) => {
        const key = `${factoryId}/${part.deviceKey}/${part.reason}/${part.parameter}`;
        return refusals.note(factoryId, key, part, now, occurrence);
      };
      const named = new Set<string>();
      let unnamed = 0;
      let homeless = 0;
      for (const { reason, parameter, detail } of items) {
        metrics.refusals.inc({ reason });
        const name = `${reason}/${parameter}`;
        if (named.size < MAX_NAMED) named.add(name);
        if (!named.has(name)) unnamed++;
        else if (!note({ deviceKey, reason, parameter }, { detail, payload: kept })) homeless++;
      }
      const more = { deviceKey, reason: MORE_REFUSED, parameter: '' };
      if (unnamed > 0) {
        const detail = `${unnamed} more of one message were refused: only its first ${MAX_NAMED} are listed by name`;
        if (!note(more, { detail, payload: kept, count: unnamed })) homeless += unnamed;
      }
      if (homeless > 0) {
        const detail = 'more was refused at once than can be listed by name: mend what is listed first';
        note({ ...more, deviceKey: '' }, { detail, payload: kept, count: homeless, isRest: true });
      }
    },
    recordConnection: ({ scope, source, clientId, username: given, reason, detail, devices = [], payload: whole }) => {
      const kind = kindOf(reason);
      if (!isOrdinary(kind)) metrics.connectionsRefused.inc({ reason });
      const username = given.slice(0, MAX_USERNAME_LENGTH);
      const factoryId = scope?.factoryId ?? null;
      const payload = whole === undefined ? null : keptPart(whole);
      const buffer = isOrdinary(kind) ? ordinary : connections;
      const note = (event: LoggedConnection, occurrence: Occurrence) => {
        const key = JSON.stringify([factoryId, event.source, event.clientId, event.username, event.reason]);
        return buffer.note(factoryId, key, event, clock.now(), occurrence);
      };
      if (note({ kind, source, clientId, username, reason, devices }, { detail, payload }) || isOrdinary(kind)) return;
      const words = 'more connections were refused or ended at once than can be listed by name';
      const rest = { kind, source: '', clientId: '', username: '', reason: MORE_REFUSED, devices: [] };
      note(rest, { detail: words, payload: null, isRest: true });
    },
    list: (scope, { deviceKey, since = 0 } = {}) => {
      flush();
      return store.read(scope, (sql) =>
        sql.all<RefusalRow>(
          `select device_key as deviceKey, reason, parameter, detail, payload, count,
                  first_at as firstAt, last_at as lastAt
           from refusals where (?1 is null or device_key = ?1) and last_at > ?2
           order by last_at desc, reason, parameter`,
          deviceKey ?? null,
          since,
        ),
      );
    },
    clear: (scope, deviceKey) => {
      flush();
      store.write(scope, (sql) =>
        sql.run('delete from main.refusals where device_key = ? and factory_id = current_factory()', deviceKey),
      );
    },
    removeFactory: (sql, factoryId) => {
      refusals.removeFactory(factoryId);
      connections.removeFactory(factoryId);
      ordinary.removeFactory(factoryId);
      sql.run('delete from main.refusals where factory_id = ?', factoryId);
      sql.run('delete from main.connection_log where factory_id = ?', factoryId);
    },
    connectionsOf: (scope, query = {}) => {
      flush();
      return store.read(scope, (sql) => readConnections(sql, query));
    },
    connectionsOfNobody: (query = {}) => {
      flush();
      return store.systemRead('read connection log', (sql) => readConnections(sql, query, true));
    },
    start: () => {
      timer = setInterval(() => flush(MAX_WRITTEN), FLUSH_INTERVAL_MS);
    },
    stop: () => {
      clearInterval(timer);
      flush();
    },
  };
}
