import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, Store } from '../store/store.ts';
import {
  type ConnectionEntry,
  type ConnectionEvent,
  type ConnectionRow,
  readConnections,
  writeConnections,
} from './connection-log.ts';
import type { Refusal } from './decode.ts';

/** Payload bytes kept with a refusal. */
const KEPT_PAYLOAD_BYTES = 512;
/** Distinct refusals held in memory; at the bound they are written at once. */
const MAX_BUFFERED = 500;
/** Distinct refusals kept for one factory; the oldest go first. */
const MAX_KEPT = 1_000;
const FLUSH_INTERVAL_MS = 1_000;
/** More than a factory's slug and the longest name of a credential take; what is longer was never one of ours. */
const MAX_USERNAME_LENGTH = 128;

interface Entry {
  count: number;
  firstAt: number;
  lastAt: number;
  detail: string;
  payload: Buffer | null;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface RefusalEntry extends Entry {
  readonly factoryId: number;
  readonly deviceKey: string;
  readonly reason: string;
  readonly parameter: string;
}

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
 * map update, so that a flood of bad messages costs no disk writes; rows are written every second, or when read.
 */
export interface Refusals {
  record(scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer): void;
  recordConnection(event: ConnectionEvent): void;
  /** Newest first, of one device when a key is given. */
  list(scope: FactoryScope, deviceKey?: string): RefusalRow[];
  /** Forgets what was refused of a device. */
  clear(scope: FactoryScope, deviceKey: string): void;
  /** Forgets everything of a factory, inside the transaction that removes it. */
  removeFactory(sql: Sql, factoryId: number): void;
  /** The whole connection log, newest first: for the appliance's owner. */
  connections(): ConnectionRow[];
  /** The factory's part of it. */
  connectionsOf(scope: FactoryScope): ConnectionRow[];
  start(): void;
  /** Writes what is buffered and stops the timer. */
  stop(): void;
}

export function createRefusals(dependencies: { store: Store; clock: Clock; log: Log; metrics: Metrics }): Refusals {
  const { store, clock, log, metrics } = dependencies;
  const refusals = new Map<string, RefusalEntry>();
  const connections = new Map<string, Writable<ConnectionEntry>>();
  let timer: NodeJS.Timeout | undefined;

  const note = <E extends Entry>(
    entries: Map<string, E>,
    key: string,
    make: () => E,
    detail: string,
    payload?: Buffer,
  ) => {
    let entry = entries.get(key);
    if (entry === undefined) {
      if (entries.size >= MAX_BUFFERED) flushQuietly();
      entry = make();
      entries.set(key, entry);
    }
    entry.count++;
    entry.lastAt = clock.now();
    entry.detail = detail;
    // A copy: the payload is a slice of the socket's buffer, and would keep all of it.
    if (payload !== undefined) entry.payload = Buffer.from(payload.subarray(0, KEPT_PAYLOAD_BYTES));
  };

  const fresh = (): Entry => ({ count: 0, firstAt: clock.now(), lastAt: clock.now(), detail: '', payload: null });

  const flush = () => {
    if (refusals.size === 0 && connections.size === 0) return;
    store.system('record refusals', (sql) => {
      for (const entry of refusals.values()) {
        const { factoryId, deviceKey, reason, parameter, detail, payload, count, firstAt, lastAt } = entry;
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
      for (const factoryId of new Set([...refusals.values()].map((entry) => entry.factoryId))) {
        sql.run(
          `delete from main.refusals where factory_id = ?1 and last_at < (
             select last_at from refusals where factory_id = ?1 order by last_at desc limit 1 offset ${MAX_KEPT})`,
          factoryId,
        );
      }
      writeConnections(sql, [...connections.values()]);
    });
    refusals.clear();
    connections.clear();
  };

  /** The list is a service to people, not a promise: while it cannot be written, the oldest of it is given up. */
  const flushQuietly = () => {
    try {
      flush();
    } catch (error) {
      log.warn({ err: error }, 'the list of refused messages could not be written');
      if (refusals.size >= MAX_BUFFERED) refusals.clear();
      if (connections.size >= MAX_BUFFERED) connections.clear();
    }
  };

  return {
    record: (scope, deviceKey, items, payload) => {
      metrics.messages.inc({ outcome: 'refused' });
      for (const { reason, parameter, detail } of items) {
        metrics.refusals.inc({ reason });
        const make = () => ({ ...fresh(), factoryId: scope.factoryId, deviceKey, reason, parameter });
        note(refusals, `${scope.factoryId}/${deviceKey}/${reason}/${parameter}`, make, detail, payload);
      }
    },
    recordConnection: ({ scope, source, clientId, username: given, reason, detail, payload }) => {
      metrics.connectionsRefused.inc({ reason });
      const username = given.slice(0, MAX_USERNAME_LENGTH);
      const factoryId = scope?.factoryId ?? null;
      const make = () => ({ ...fresh(), factoryId, source, clientId, username, reason });
      note(connections, JSON.stringify([factoryId, source, clientId, username, reason]), make, detail, payload);
    },
    list: (scope, deviceKey) => {
      flushQuietly();
      return store.read(scope, (sql) =>
        sql.all<RefusalRow>(
          `select device_key as deviceKey, reason, parameter, detail, payload, count,
                  first_at as firstAt, last_at as lastAt
           from refusals where ?1 is null or device_key = ?1 order by last_at desc, reason, parameter`,
          deviceKey ?? null,
        ),
      );
    },
    clear: (scope, deviceKey) => {
      flushQuietly();
      store.write(scope, (sql) =>
        sql.run('delete from main.refusals where device_key = ? and factory_id = current_factory()', deviceKey),
      );
    },
    removeFactory: (sql, factoryId) => {
      for (const entries of [refusals, connections]) {
        for (const [key, entry] of entries) if (entry.factoryId === factoryId) entries.delete(key);
      }
      sql.run('delete from main.refusals where factory_id = ?', factoryId);
      sql.run('delete from main.connection_log where factory_id = ?', factoryId);
    },
    connections: () => {
      flushQuietly();
      return store.system('read connection log', readConnections);
    },
    connectionsOf: (scope) => {
      flushQuietly();
      return store.read(scope, readConnections);
    },
    start: () => {
      timer = setInterval(flushQuietly, FLUSH_INTERVAL_MS);
    },
    stop: () => {
      clearInterval(timer);
      flushQuietly();
    },
  };
}
