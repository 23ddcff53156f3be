import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { HistorySeries } from '../historian/historian.ts';
import type { Watch } from './condition.ts';
import type { ReplayOutcome, ReplayTask } from './replay-history.ts';

/** A device on which a rule is replayed, with the series of its parameters. */
export interface ReplayDevice {
  readonly id: string;
  readonly key: string;
  readonly series: readonly HistorySeries[];
}

/** Times are epoch ms, `to` exclusive. */
export interface ReplayRequest {
  readonly watch: Watch;
  readonly from: number;
  readonly to: number;
  readonly devices: readonly ReplayDevice[];
}

/** What a rule would have done on one device. */
export interface DeviceReplay extends ReplayOutcome {
  readonly device: Pick<ReplayDevice, 'id' | 'key'>;
}

/** A replay, as far as it is. */
export interface ReplayRecord {
  readonly id: string;
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  /** Of all devices together, 0 to 1. */
  readonly progress: number;
  readonly from: number;
  readonly to: number;
  /** Those that are done, in the order in which they were asked for. */
  readonly devices: readonly DeviceReplay[];
  /** Why it failed. */
  readonly error: AppError | null;
}

/** Replays of all factories: one device after the other, for as long as somebody may want to know. */
export interface Replays {
  /** @throws {AppError} `invalid_input` (too many devices), `too_many` (the factory has as many running as it may have) */
  start(scope: FactoryScope, request: ReplayRequest): ReplayRecord;
  /** @throws {AppError} `not_found`, ten minutes after it has ended at the latest */
  get(scope: FactoryScope, id: string): ReplayRecord;
  /** As it is when it has ended, however it does. */
  ended(scope: FactoryScope, id: string): Promise<ReplayRecord>;
  /** Ends one that is running; one that has ended is forgotten. */
  cancel(scope: FactoryScope, id: string): void;
}

export interface ReplaysParts {
  /** Runs one device in a thread; `fraction` says how much of it is done. */
  readonly run: (
    task: ReplayTask,
    signal: AbortSignal,
  ) => { readonly outcome: Promise<ReplayOutcome>; readonly fraction: () => number };
  /** When the appliance did not run, oldest first (epoch ms). */
  readonly outages: () => readonly (readonly [number, number])[];
  /** Hears which files (below the data directory) could not be read, one of which at least is damaged, and why. */
  readonly unreadable: (files: readonly string[], reason: string) => void;
  /** Milliseconds from any beginning, never going back. */
  readonly monotonic?: () => number;
}

/** Devices of one replay. */
const MAX_DEVICES = 50;
/** Of a factory: replays at the same time, and those remembered with these. */
const [MAX_RUNNING, MAX_KEPT] = [4, 32];
const KEPT_MS = 600_000;
/** Of all devices together. */
const MOST = { firings: 10_000, changes: 20_000 };

interface Running {
  readonly record: { -readonly [Key in keyof Omit<ReplayRecord, 'progress'>]: ReplayRecord[Key] };
  readonly devices: DeviceReplay[];
  readonly count: number;
  fraction: () => number;
  readonly ending: AbortController;
  readonly ended: Promise<void>;
  endedAt: number;
}

const asAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError('internal', 'internal error', { cause: error });

export function createReplays({
  run,
  outages,
  unreadable,
  monotonic = () => performance.now(),
}: ReplaysParts): Replays {
  const ofFactories = new Map<number, Map<string, Running>>();

  /** The factory's, without those that have been over for long. */
  const keptOf = ({ factoryId }: FactoryScope): Map<string, Running> => {
    for (const [id, replays] of ofFactories) {
      for (const [replayId, { endedAt }] of replays) if (monotonic() - endedAt > KEPT_MS) replays.delete(replayId);
      if (replays.size === 0) ofFactories.delete(id);
    }
    const kept = ofFactories.get(factoryId) ?? new Map<string, Running>();
    ofFactories.set(factoryId, kept);
    return kept;
  };

  const find = (scope: FactoryScope, id: string): Running => {
    const found = keptOf(scope).get(id);
    if (found === undefined) throw new AppError('not_found', 'not found');
    return found;
  };

  const shown = ({ record, devices, count, fraction }: Running): ReplayRecord => {
    const progress = record.status === 'done' ? 1 : (devices.length + fraction()) / count;
    return { ...record, devices: [...devices], progress: Math.min(1, progress) };
  };

  /** Has verified what could not be read; where files lie is nothing for a client. */
  const readable = (error: unknown): AppError => {
    const known = asAppError(error);
    if (known.code !== 'unreadable') return known;
    const files = known.faults.map(({ pointer }) => pointer);
    unreadable(files, known.faults[0]?.message ?? known.message);
    return new AppError('unreadable', known.message);
  };

  const work = async (scope: FactoryScope, { watch, from, to, devices }: ReplayRequest, replay: Running) => {
    const { record, ending } = replay;
    const { factoryId, timezone } = scope;
    let left = MOST;
    try {
      for (const { id, key, series } of devices) {
        if (ending.signal.aborted) break;
        const task = { factoryId, timezone, watch, series, from, to, outages: outages(), bounds: left };
        const { outcome, fraction } = run(task, ending.signal);
        replay.fraction = fraction;
        const done = await outcome;
        replay.fraction = () => 0;
        replay.devices.push({ ...done, device: { id, key } });
        const changes = done.firings.reduce((sum, firing) => sum + firing.changes.length, 0);
        left = { firings: left.firings - done.firings.length, changes: left.changes - changes };
      }
      record.status = ending.signal.aborted ? 'cancelled' : 'done';
    } catch (error) {
      record.status = ending.signal.aborted ? 'cancelled' : 'failed';
      if (record.status === 'failed') record.error = readable(error);
    }
    replay.fraction = () => 0;
    replay.endedAt = monotonic();
  };

  return {
    start: (scope, request) => {
      const { devices, from, to } = request;
      if (devices.length > MAX_DEVICES) {
        const message = `the rule is for ${devices.length} devices, and one replay for at most ${MAX_DEVICES}: name some of them (device_ids)`;
        throw new AppError('invalid_input', message, { faults: [{ pointer: '/device_ids', message }] });
      }
      const kept = keptOf(scope);
      const running = [...kept.values()].filter(({ record }) => record.status === 'running');
      if (running.length >= MAX_RUNNING) {
        const message = `${MAX_RUNNING} replays of the factory are running: wait for one of them, or cancel it`;
        throw new AppError('too_many', message, { retryAfterS: 5 });
      }
      for (const [id, { record }] of kept) {
        if (kept.size < MAX_KEPT) break;
        if (record.status !== 'running') kept.delete(id);
      }
      const id = newId();
      const ended = Promise.withResolvers<void>();
      const replay: Running = {
        record: { id, status: 'running', from, to, devices: [], error: null },
        devices: [],
        count: Math.max(1, devices.length),
        fraction: () => 0,
        ending: new AbortController(),
        ended: ended.promise,
        endedAt: Number.POSITIVE_INFINITY,
      };
      kept.set(id, replay);
      void work(scope, request, replay).then(ended.resolve);
      return shown(replay);
    },
    get: (scope, id) => shown(find(scope, id)),
    ended: async (scope, id) => {
      const replay = find(scope, id);
      await replay.ended;
      return shown(replay);
    },
    cancel: (scope, id) => {
      const { record, ending } = find(scope, id);
      if (record.status === 'running') {
        record.status = 'cancelled';
        ending.abort();
      } else keptOf(scope).delete(id);
    },
  };
}
