import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, clockIsTrusted } from '../core/clock.ts';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { ForgottenSeries, RecentMinutes, SampleWriter, Series, SeriesKind } from '../historian/historian.ts';
import { type Batch, type Created, createBatch, type Sender } from './batch.ts';
import { type DecodedSample, decode, type Refusal } from './decode.ts';
import { type LiveDevice, type LiveSeries, type LiveState, seriesOf } from './live.ts';
import type { CommitPace } from './pace.ts';
import type { RateMeter } from './rate.ts';
import { resolveDevice, resolveSeries, resolveStamp, type StampLimits } from './resolve.ts';

export interface IngestLimits {
  readonly maxPayloadBytes: number;
  readonly maxPendingBytes: number;
  readonly maxAheadMs: number;
  readonly maxDevices: (factoryId: number) => number;
  readonly maxParameters: number;
  readonly maxSeries: number;
}

export interface IngestDependencies {
  readonly writer: SampleWriter;
  readonly state: LiveState;
  readonly nextSeriesId: number;
  /** Span of one of the historian's tables (ms). */
  readonly bucketMs: number;
  readonly limits: IngestLimits;
  readonly clock: Clock;
  /** The raw horizon of a factory: samples stamped before it are refused (epoch ms). */
  readonly oldestFor: (factoryId: number) => number;
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
  /** Keeps a refusal for the people who look after the device. */
  readonly refused: (scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer) => void;
  /** Called after each commit, when the live state is brought up: lossy consumers only, never in the way. */
  readonly committed: (devices: ReadonlySet<LiveDevice>, imported: ReadonlySet<LiveDevice>) => void;
  /** Called when sockets should stop, or may go on, being read. */
  readonly throttle: (stop: boolean) => void;
  /** Called when the registry in memory is not that on disk: nothing can be stored until a start has read it anew. */
  readonly failed: (error: AppError) => void;
}

/** `failing`: the last commit failed, nothing is accepted until a probe succeeds. */
export type IngestState = 'open' | 'failing' | 'closed';

/** Samples in columns: row i is of `series[seriesIndex[i]]`; `texts` holds the rows that are states. */
export interface ImportedRows {
  readonly series: readonly { readonly device: string; readonly parameter: string; readonly kind: SeriesKind }[];
  readonly length: number;
  readonly seriesIndex: Int32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly texts: ReadonlyMap<number, string>;
}

/** A value of each kind, by which a series is made or found. */
const VALUE_OF_KIND = { number: 0, boolean: false, state: '' } as const;
/** What a row takes up while it waits. */
const ROW_BYTES = 40;

export interface Ingest {
  readonly state: IngestState;
  /** Why it is failing, in the store's words. */
  readonly fault: string | undefined;
  /** Takes a message. The sender is answered after the commit, in order; refused messages wait their turn too. */
  accept(scope: FactoryScope, deviceKey: string, payload: Buffer, sender: Sender): void;
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
  let nextSeriesId = dependencies.nextSeriesId;
  let nextVersion = 0;
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

  const createSeries = (batch: Batch, device: LiveDevice, parameter: string, kind: SeriesKind): LiveSeries => {
    const reborn = live.reviveSeries(device, parameter, kind);
    const liveSeries = reborn ?? live.addSeries(device, nextSeriesId++, parameter, kind);
    const { factoryId, key: deviceKey } = device;
    const series = { seriesId: liveSeries.seriesId, factoryId, deviceKey, parameter, kind };
    batch.created.push({ device, series, liveSeries, isReborn: reborn !== undefined });
    return liveSeries;
  };

  /** Puts what is good of a sample into the batch; true if any of it was. */
  const takeSample = (
    batch: Batch,
    device: LiveDevice,
    sample: DecodedSample,
    stampLimits: StampLimits,
    refusals: Refusal[],
  ): boolean => {
    const ts = resolveStamp(device, sample, stampLimits);
    if (typeof ts === 'object') {
      refusals.push(ts);
      return false;
    }
    const before = batch.length;
    for (let i = 0; i < sample.names.length; i++) {
      const name = sample.names[i] as string;
      const value = sample.values[i] as number | boolean | string;
      const series = resolveSeries(live, device, name, value, limits, (kind) =>
        createSeries(batch, device, name, kind),
      );
      if ('reason' in series) refusals.push(series);
      else batch.push(series, ts, value);
    }
    return batch.length > before;
  };

  const takeMessage = (batch: Batch, scope: FactoryScope, key: string, payload: Buffer): void => {
    const { samples, refusals } = decode(payload, limits.maxPayloadBytes);
    if (samples.length > 0) {
      const device = resolveDevice(live, scope.factoryId, key, limits);
      if ('reason' in device) refusals.push(device);
      else {
        const now = clock.now();
        const maxAheadMs = clockIsTrusted(clock) ? limits.maxAheadMs + (clock.setBackMs ?? 0) : null;
        const stampLimits = { now, maxAheadMs, oldest: dependencies.oldestFor(scope.factoryId) };
        let stored = false;
        for (const sample of samples) stored = takeSample(batch, device, sample, stampLimits, refusals) || stored;
        if (stored) batch.devices.add(device);
        else live.removeIfUnknown(device);
      }
    }
    if (refusals.length > 0) dependencies.refused(scope, key, refusals, payload);
  };

  /** The series of rows, made where they are missing; none is when one of them is refused. */
  const takeSeries = (batch: Batch, { factoryId }: FactoryScope, rows: ImportedRows): LiveSeries[] => {
    const before = batch.created.length;
    const touched = new Set<LiveDevice>();
    try {
      return rows.series.map(({ device: key, parameter, kind }) => {
        const device = resolveDevice(live, factoryId, key, limits);
        if ('reason' in device) throw new AppError('conflict', device.detail);
        touched.add(device);
        const found = resolveSeries(live, device, parameter, VALUE_OF_KIND[kind], limits, (newKind) =>
          createSeries(batch, device, parameter, newKind),
        );
        if ('reason' in found) throw new AppError('conflict', `${key}, ${parameter}: ${found.detail}`);
        batch.imported.add(device);
        return found;
      });
    } catch (error) {
      undoCreated(batch.created.splice(before));
      for (const device of touched) live.removeIfUnknown(device);
      throw error;
    }
  };

  /** Puts rows from `start` on into the batch that is open, and waits for it. @returns where to go on */
  const importPart = async (scope: FactoryScope, rows: ImportedRows, start: number): Promise<number> => {
    if (state !== 'open') throw new AppError('unavailable', `telemetry is not stored now: ${fault ?? state}`);
    const batch = openBatch();
    const series = takeSeries(batch, scope, rows);
    const limit = Math.min(rows.length, start + MAX_IMPORTED_ROWS);
    let row = start;
    do {
      const value = rows.texts.get(row) ?? (rows.values[row] as number);
      batch.push(series[rows.seriesIndex[row] as number] as LiveSeries, rows.timestamps[row] as number, value);
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
      await writer.commit(batch.columns(forgetting.map(({ seriesId }) => seriesId)));
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
      bringUp(batch);
    }
    acknowledge(batch);
    metrics.pendingBytes.set(pendingBytes);
    if (batch.length > 0) dependencies.committed(batch.devices, batch.imported);
  };

  const undoCreated = (created: readonly Created[]) => {
    for (const { device, liveSeries, isReborn } of created.toReversed()) {
      if (isReborn) live.retireSeries(device, liveSeries);
      else live.removeSeries(device, liveSeries);
      live.removeIfUnknown(device);
    }
  };

  /** Backwards, and batches too: a series may have been born, retired and reborn while it waited. */
  const giveUp = (batch: Batch) => {
    undoCreated(batch.created);
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
    accept: (scope, deviceKey, payload, sender) => {
      heardAt = performance.now();
      if (state !== 'open') return sender.abandon();
      const batch = openBatch();
      const before = batch.length;
      takeMessage(batch, scope, deviceKey, payload);
      batch.count(scope.factoryId, 1, batch.length - before);
      enqueue(batch, sender, payload.length);
    },
    importRows,
    pass: (sender) => {
      if (state !== 'open') return sender.abandon();
      enqueue(openBatch(), sender, 0);
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
