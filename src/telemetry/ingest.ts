import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceKeys } from '../core/device-keys.ts';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { ForgottenSeries, RecentMinutes, SampleWriter, Series } from '../historian/historian.ts';
import { type Batch, createBatch, type Sender, type WatchedBatch } from './batch.ts';
import { type LiveDevice, type LiveSeries, seriesOf } from './live.ts';
import type { CommitPace } from './pace.ts';
import type { RateMeter } from './rate.ts';
import { createTaker, type ImportedRows, type TakeLimits, type TakerParts } from './take.ts';

export interface IngestLimits extends TakeLimits {
  readonly maxPendingBytes: number;
}

export interface IngestDependencies extends TakerParts {
  readonly writer: SampleWriter;
  /** Span of one of the historian's tables (ms). */
  readonly bucketMs: number;
  readonly limits: IngestLimits;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly rate: RateMeter;
  /** Keeps the last minutes of each series. */
  readonly recent?: Pick<RecentMinutes, 'add' | 'forget'>;
  /** When a commit begins: as soon as the one before is done, unless it says otherwise. */
  readonly pace?: CommitPace;
  /** Brings the control database up to newly born series, before anyone is acknowledged. Throws if it cannot. */
  readonly register: (created: readonly Series[]) => void;
  /** Called when forgotten series have left the historian's registry: their samples may be erased. */
  readonly forgotten: (series: readonly ForgottenSeries[]) => void;
  /**
   * Called with each commit and its sequence number, one by one but for those after which something has failed, before the
   * live state is brought up: for whoever must know what was before, and catches up by itself (`openCommits`).
   */
  readonly watched?: (batch: WatchedBatch, seq: number) => void;
  /** Called after each commit, when the live state is brought up: lossy consumers only, never in the way. */
  readonly committed: (devices: ReadonlySet<LiveDevice>, imported: ReadonlySet<LiveDevice>) => void;
  /** Called when sockets should stop, or may go on, being read. */
  readonly throttle: (stop: boolean) => void;
  /** Called when the registry in memory is not that on disk: nothing can be stored until a start has read it anew. */
  readonly failed: (error: AppError) => void;
}

/** `failing`: the last commit failed, nothing is accepted until a probe succeeds. */
export type IngestState = 'open' | 'failing' | 'closed';

/** What a row takes up while it waits. */
const ROW_BYTES = 40;

export interface Ingest {
  readonly state: IngestState;
  /** Why it is failing, in the store's words. */
  readonly fault: string | undefined;
  /** Takes a message. The sender is answered after the commit, in order; refused messages wait their turn too. */
  accept(scope: FactoryScope, deviceKey: string, payload: Buffer, sender: Sender, senderKeys?: DeviceKeys): void;
  /**
   * Does `change` while nothing of a device is on its way: what it sends meanwhile is not acknowledged, and comes again.
   *
   * @throws {AppError} `unavailable` while nothing can be stored; what `change` throws
   */
  whileStill<T>(device: LiveDevice, change: () => T): Promise<T>;
  /** Acknowledges, in order, a message of which nothing is stored. */
  pass(sender: Sender): void;
  /**
   * Stores imported samples, of any age, in the order of the telemetry around them: so the last write wins, whoever wrote
   * it. Resolves when they are on disk; an aborted signal ends it between two parts.
   *
   * @throws {AppError} `conflict` (of a series' kind, or a limit): nothing is stored then; `unavailable`: some may be, and
   *   all are when they are given again
   */
  importRows(scope: FactoryScope, rows: ImportedRows, signal?: AbortSignal): Promise<void>;
  /**
   * Takes a removed device out of memory and out of every batch, and lets its series leave the historian's registry
   * with the next commit, or the first that succeeds. From here on its key is that of an unknown device.
   */
  forget(device: LiveDevice): void;
  /** The same for series that a start found on the list of forgotten ones. */
  forgetSeries(series: readonly ForgottenSeries[]): void;
  /** Commits what is waiting and takes no more. */
  close(): Promise<void>;
}

/** Rows in one commit: bounds how long a message waits behind others, and the writer's time in one transaction. */
const MAX_BATCH_ROWS = 50_000;
/** Tables that one commit writes to, for the same reason: a backfill may bring a new one with every sample. */
const MAX_BATCH_BUCKETS = 500;
/** Rows of an import in one commit: what devices send meanwhile waits for it. */
const MAX_IMPORTED_ROWS = 2_000;
/** After it they get so many times the time that it took: an import takes a quarter of the writer. */
const [REST, MAX_REST_MS] = [3, 1_000];
/** Devices that have said nothing for so long do not send, and need no time. */
const SILENCE_MS = 1_000;
const PROBE_INTERVAL_MS = 1_000;
/** What a waiting message costs beside its payload: packet, callbacks and rows, on the main thread's heap (measured). */
const MESSAGE_BYTES = 1_000;

/** SQLite refused what a batch says, and would again: trying later helps against a full disk, not against this. */
const isConflict = (error: unknown): boolean =>
  [systemCode(error), error instanceof Error ? systemCode(error.cause) : undefined].some((code) =>
    code?.startsWith('SQLITE_CONSTRAINT'),
  );

const conflict = (cause: unknown): AppError => {
  const what = cause instanceof Error ? cause.message : String(cause);
  const detail = `what is in memory of devices and series is not what is on disk (${what})`;
  return new AppError('unavailable', `${detail}: restart the appliance, which reads it anew`, { cause });
};

/**
 * The durable step. Messages gather in an open batch while the one before is being committed; one commit, and so one
 * fsync, then pays for all of them. At most one batch is at the writer, which makes the order of acknowledgements
 * the order of arrival, and a failed commit the failure of everything behind it.
 */
export function createIngest(dependencies: IngestDependencies): Ingest {
  const { writer, state: live, limits, clock, log, metrics } = dependencies;
  let state: IngestState = 'open';
  let fault: string | undefined;
  const taker = createTaker(dependencies);
  let nextVersion = 0;
  /** Devices of which nothing is taken for a moment. */
  const still = new Set<LiveDevice>();
  const waiting: Batch[] = [createBatch(dependencies.bucketMs)];
  let working = false;
  let scheduled = false;
  let paceTimer: NodeJS.Timeout | undefined;
  let pendingBytes = 0;
  let throttled = false;
  let unregistered: Series[] = [];
  const unforgotten = new Map<number, ForgottenSeries>();
  let committing: Batch | undefined;
  let probeTimer: NodeJS.Timeout | undefined;
  let idle: (() => void) | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;

  const track = (bytes: number) => {
    pendingBytes += bytes;
    const limit = throttled ? limits.maxPendingBytes / 2 : limits.maxPendingBytes;
    if (pendingBytes > limit === throttled) return;
    throttled = !throttled;
    dependencies.throttle(throttled);
  };

  const openBatch = (): Batch => {
    const last = waiting.at(-1);
    const isFull = last === undefined || last.length >= MAX_BATCH_ROWS || last.bucketCount >= MAX_BATCH_BUCKETS;
    if (!isFull) return last;
    const batch = createBatch(dependencies.bucketMs);
    waiting.push(batch);
    return batch;
  };

  /** How long what waits should still wait for more (ms). */
  const waitMs = (): number => {
    const [next] = waiting;
    // While commits fail, or at the end, there is nothing to wait for; nor behind a batch that is full.
    if (next === undefined || waiting.length > 1 || unforgotten.size > 0 || state !== 'open') return 0;
    return dependencies.pace?.waitMs(next, performance.now()) ?? 0;
  };

  const schedule = () => {
    if (working || scheduled) return;
    const ms = waitMs();
    if (ms > 0) {
      paceTimer ??= setTimeout(begin, ms);
      return;
    }
    scheduled = true;
    // At the end of this turn of the event loop: everything read in it shares the commit.
    setImmediate(begin);
  };

  const begin = () => {
    clearTimeout(paceTimer);
    paceTimer = undefined;
    scheduled = false;
    void drain();
  };

  const enqueue = (batch: Batch, sender: Sender, bytes: number) => {
    batch.senders.push(sender);
    batch.messages++;
    if (sender.isHurried === true) batch.hurried++;
    batch.bytes += bytes + MESSAGE_BYTES;
    track(bytes + MESSAGE_BYTES);
    schedule();
  };

  /** Puts rows from `start` on into the batch that is open, and waits for it. @returns where to go on */
  const importPart = async (scope: FactoryScope, rows: ImportedRows, start: number): Promise<number> => {
    if (state !== 'open') throw new AppError('unavailable', `telemetry is not stored now: ${fault ?? state}`);
    const batch = openBatch();
    const moving = rows.series.find(({ device }) => isStill(scope, device));
    if (moving !== undefined) throw new AppError('conflict', `${moving.device} is being made a part of another device`);
    const series = taker.series(batch, scope, rows);
    const limit = Math.min(rows.length, start + MAX_IMPORTED_ROWS);
    let row = start;
    do {
      const value = rows.texts.get(row) ?? (rows.values[row] as number);
      batch.push(series[rows.seriesIndex[row] as number] as LiveSeries, rows.timestamps[row] as number, value, true);
      row++;
    } while (row < limit && batch.bucketCount < MAX_BATCH_BUCKETS);
    batch.count(scope.factoryId, 0, row - start);
    const stored = Promise.withResolvers<void>();
    batch.senders.push({
      isHurried: true,
      acknowledge: stored.resolve,
      abandon: () =>
        stored.reject(new AppError('unavailable', `imported samples could not be stored: ${fault ?? state}`)),
    });
    batch.bytes += (row - start) * ROW_BYTES;
    track((row - start) * ROW_BYTES);
    schedule();
    await stored.promise;
    return row;
  };

  const importRows = async (scope: FactoryScope, rows: ImportedRows, signal?: AbortSignal): Promise<void> => {
    for (let row = 0; row < rows.length; ) {
      signal?.throwIfAborted();
      const startedAt = performance.now();
      row = await importPart(scope, rows, row);
      const now = performance.now();
      if (now - heardAt < SILENCE_MS) await delay(Math.min(MAX_REST_MS, REST * (now - startedAt)));
    }
  };

  const isStill = ({ factoryId }: FactoryScope, key: string): boolean => {
    const device = still.size === 0 ? undefined : live.device(factoryId, key);
    return device !== undefined && still.has(device);
  };

  /** Resolves when all that has been accepted so far is on disk. */
  const settled = (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abandon = () => reject(new AppError('unavailable', `telemetry cannot be stored now: ${fault ?? state}`));
    if (state === 'open') enqueue(openBatch(), { isHurried: true, acknowledge: resolve, abandon }, 0);
    else abandon();
    return promise;
  };

  const acknowledge = (batch: Batch) => {
    for (const sender of batch.senders) sender.acknowledge();
    track(-batch.bytes);
  };

  /** After the commit: newest values by event time; an equal stamp replaces, as the last write wins. */
  const bringUp = (batch: Batch) => {
    const version = ++nextVersion;
    const now = clock.now();
    for (let row = 0; row < batch.length; row++) {
      const series = batch.rowSeries[row] as LiveSeries;
      const ts = batch.timestamps[row] as number;
      const value = batch.values[row] as number;
      const text = series.kind === 'state' ? (batch.texts.get(row) ?? null) : null;
      dependencies.recent?.add(series, ts, value, text);
      if (ts < series.ts) continue;
      series.ts = ts;
      series.value = value;
      series.text = text;
      series.version = version;
    }
    for (const device of batch.devices) {
      device.version = version;
      device.lastSeenAt = now;
    }
    for (const device of batch.imported) device.version = version;
    for (const [factoryId, { messages, points }] of batch.arrivals) dependencies.rate.add(factoryId, messages, points);
    metrics.messages.inc({ outcome: 'stored' }, batch.messages);
    metrics.samples.inc(batch.length);
  };

  const commit = async (batch: Batch): Promise<void> => {
    const forgetting = [...unforgotten.values()];
    if (batch.length > 0 || forgetting.length > 0) {
      const started = performance.now();
      const seq = await writer.commit(batch.columns(forgetting.map(({ seriesId }) => seriesId)));
      for (const { seriesId } of forgetting) unforgotten.delete(seriesId);
      if (forgetting.length > 0) dependencies.forgotten(forgetting);
      metrics.commitSeconds.observe((performance.now() - started) / 1000);
      unregistered.push(...batch.created.map((item) => item.series));
      // Born: from here on they are the historian's, whatever happens to the control database.
      batch.created.length = 0;
      if (unregistered.length > 0) {
        dependencies.register(unregistered);
        unregistered = [];
      }
      dependencies.watched?.(batch, seq);
      bringUp(batch);
    }
    acknowledge(batch);
    metrics.pendingBytes.set(pendingBytes);
    if (batch.length > 0) dependencies.committed(batch.devices, batch.imported);
  };

  /** Backwards, and batches too: a series may have been born, retired and reborn while it waited. */
  const giveUp = (batch: Batch) => {
    taker.undo(batch.created);
    for (const sender of batch.senders) sender.abandon();
    track(-batch.bytes);
  };

  const fail = (error: unknown, failed: Batch) => {
    state = state === 'closed' ? 'closed' : 'failing';
    fault = error instanceof Error ? error.message : String(error);
    metrics.commitFailures.inc();
    for (const batch of [failed, ...waiting.splice(0)].toReversed()) giveUp(batch);
    waiting.push(createBatch(dependencies.bucketMs));
    if (isConflict(error)) return dependencies.failed(conflict(error));
    log.error({ err: error }, 'telemetry could not be stored; connections are ended so that devices send it again');
    if (state === 'failing') probeTimer = setTimeout(probe, PROBE_INTERVAL_MS);
  };

  const probe = () => {
    writer
      .probe()
      .then(
        () => {
          if (unregistered.length > 0) dependencies.register(unregistered);
          unregistered = [];
          if (state !== 'failing') return;
          state = 'open';
          fault = undefined;
          schedule();
          log.info('telemetry is stored again');
        },
        (error: unknown) => {
          fault = error instanceof Error ? error.message : String(error);
        },
      )
      .catch((error: unknown) => {
        fault = error instanceof Error ? error.message : String(error);
        if (isConflict(error)) dependencies.failed(conflict(error));
      })
      .finally(() => {
        if (state === 'failing') probeTimer = setTimeout(probe, PROBE_INTERVAL_MS);
      });
  };

  const forgetSeries = (series: readonly ForgottenSeries[]) => {
    for (const item of series) unforgotten.set(item.seriesId, item);
    dependencies.recent?.forget(series.map(({ seriesId }) => seriesId));
    schedule();
  };

  const drain = async (): Promise<void> => {
    if (working) return;
    working = true;
    for (;;) {
      const batch = waiting.shift() ?? createBatch(dependencies.bucketMs);
      // While commits fail, forgetting waits for the probe: there is nobody to answer.
      if (batch.senders.length === 0 && (unforgotten.size === 0 || state !== 'open')) {
        if (waiting.length > 0) continue;
        waiting.push(batch);
        break;
      }
      committing = batch;
      dependencies.pace?.begin(performance.now());
      try {
        await commit(batch);
      } catch (error) {
        fail(error, batch);
      }
      committing = undefined;
      if (waitMs() > 0) break;
    }
    working = false;
    if (waiting[0]?.senders.length) schedule();
    else idle?.();
  };

  return {
    get state() {
      return state;
    },
    get fault() {
      return fault;
    },
    accept: (scope, deviceKey, payload, sender, senderKeys) => {
      heardAt = performance.now();
      if (state !== 'open' || isStill(scope, deviceKey)) return sender.abandon();
      const batch = openBatch();
      const before = batch.length;
      taker.message(batch, scope, deviceKey, payload, senderKeys);
      batch.count(scope.factoryId, 1, batch.length - before);
      enqueue(batch, sender, payload.length);
    },
    importRows,
    pass: (sender) => {
      if (state !== 'open') return sender.abandon();
      enqueue(openBatch(), sender, 0);
    },
    whileStill: async (device, change) => {
      still.add(device);
      try {
        await settled();
        return change();
      } finally {
        still.delete(device);
      }
    },
    forget: (device) => {
      const { factoryId, key } = device;
      live.removeDevice(factoryId, key);
      committing?.drop(device);
      for (const batch of waiting) batch.drop(device);
      unregistered = unregistered.filter((series) => series.factoryId !== factoryId || series.deviceKey !== key);
      forgetSeries(seriesOf(device));
    },
    forgetSeries,
    close: async () => {
      state = 'closed';
      clearTimeout(probeTimer);
      if (paceTimer !== undefined) begin();
      if (working || scheduled) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
    },
  };
}
