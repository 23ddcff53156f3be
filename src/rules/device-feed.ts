import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LiveDevice, LiveSeries, LiveState, WatchedBatch } from '../telemetry/telemetry.ts';
import type { EngineDevice, EngineRows, EngineSample, EngineSeries } from './engine-types.ts';

export interface DeviceFeedParts {
  readonly live: Pick<LiveState, 'device' | 'devices' | 'departures'>;
  readonly tagsOf: (factoryId: number, deviceId: string) => readonly string[];
  readonly tell: (devices: readonly EngineDevice[]) => void;
  readonly drop: (ids: readonly string[]) => void;
}

/** Rows for the engine, with the buffers that they lie in. */
export interface FedRows extends EngineRows {
  readonly buffers: readonly ArrayBuffer[];
}

/**
 * What the engine is told of devices: those that take part, with the series that some rule reads. Before a series' first
 * row it knows of it; what else changes (devices come and go, become one, change their kinds) it hears within a second.
 */
export interface DeviceFeed {
  /** Which parameters rules of a factory read; none are read of a factory that is not named. */
  watch(factoryId: number, parameters: ReadonlySet<string>): void;
  unwatch(factoryId: number): void;
  /** Tells all of a factory's devices as they are, in parts between which others have their turn. */
  tellAll(factoryId: number): Promise<void>;
  /** What a rule says of a device is another: its tags have changed. */
  changed(deviceId: string): void;
  /** Rows that rules read; undefined where there are none. What is new of their devices is told first. */
  rowsOf(batch: WatchedBatch): FedRows | undefined;
  /** Looks for what has changed. */
  sweep(): void;
  /** The engine is another, and knows nothing. */
  reset(): void;
  /** Devices that the engine knows. */
  devices(factoryId: number): Iterable<Pick<EngineDevice, 'id' | 'tags'>>;
}

interface Told {
  readonly id: string;
  readonly tags: readonly string[];
  /** Series that it had, and of which watch: with others it is told again. */
  readonly seriesCount: number;
  readonly watch: number;
  /** It may have been away in between. */
  readonly terms: number;
}

const TOLD_AT_ONCE = 200;

/** Of a series, by its number: nobody has looked yet, no rule reads it, some rule does. */
const [UNKNOWN, UNREAD, READ] = [0, 1, 2];

const countOf = ({ series, retired }: LiveDevice) => series.size + retired.length;

function newestOf({ kind, ts, value, text }: LiveSeries): EngineSeries['newest'] {
  if (!Number.isFinite(ts)) return null;
  const sample: EngineSample = kind === 'state' ? (text ?? '') : kind === 'boolean' ? value !== 0 : value;
  return { ts, value: sample };
}

export function createDeviceFeed({ live, tagsOf, tell, drop }: DeviceFeedParts): DeviceFeed {
  const watched = new Map<number, { readonly parameters: ReadonlySet<string>; readonly number: number }>();
  const told = new Map<LiveDevice, Told>();
  let states = new Uint8Array(1_024);
  let watches = 0;
  let departures = -1;
  let pending: EngineDevice[] = [];

  const mark = ({ seriesId }: LiveSeries, state: number) => {
    if (seriesId >= states.length) {
      const grown = new Uint8Array(Math.max(seriesId + 1, 2 * states.length));
      grown.set(states);
      states = grown;
    }
    states[seriesId] = state;
  };

  const flush = () => {
    if (pending.length > 0) tell(pending);
    pending = [];
  };

  const leave = (device: LiveDevice) => {
    const known = told.get(device);
    if (known === undefined) return;
    flush();
    told.delete(device);
    drop([known.id]);
  };

  /** As it is now, its newest samples too. */
  const say = (device: LiveDevice) => {
    const { id, factoryId } = device;
    const watch = watched.get(factoryId);
    const takesPart = watch !== undefined && device.standing === 'active' && id !== '';
    const series: EngineSeries[] = [];
    for (const each of device.series.values()) {
      const isRead = takesPart && watch.parameters.has(each.parameter);
      mark(each, isRead ? READ : UNREAD);
      if (!isRead) continue;
      const { seriesId, parameter, kind } = each;
      series.push({ seriesId, parameter, kind, newest: newestOf(each) });
    }
    // One that comes back is its parameter's again, and that has to be told.
    for (const each of device.retired) mark(each, UNKNOWN);
    if (!takesPart) return leave(device);
    const tags = tagsOf(factoryId, id);
    if (told.get(device)?.terms !== device.terms) leave(device);
    told.set(device, { terms: device.terms, id, tags, seriesCount: countOf(device), watch: watch.number });
    pending.push({ factoryId, id, tags, series, seenAt: device.lastSeenAt });
    if (pending.length >= TOLD_AT_ONCE) flush();
  };

  const isStale = (device: LiveDevice): boolean => {
    const known = told.get(device);
    if (device.standing !== 'active' || device.id === '') return known !== undefined;
    if (known === undefined) return true;
    if (known.terms !== device.terms || known.seriesCount !== countOf(device)) return true;
    return known.watch !== watched.get(device.factoryId)?.number;
  };

  /** Before all else: what was a series of theirs may be another's now. */
  const sayDepartures = () => {
    if (departures === live.departures) return;
    departures = live.departures;
    for (const device of told.keys()) if (live.device(device.factoryId, device.key) !== device) leave(device);
    for (const factoryId of watched.keys()) for (const device of live.devices(factoryId).values()) check(device);
    flush();
  };

  const check = (device: LiveDevice) => {
    if (isStale(device)) say(device);
  };

  const isRead = (series: LiveSeries): boolean => (states[series.seriesId] ?? UNKNOWN) === READ;

  const pick = (batch: WatchedBatch): number[] => {
    const { rowSeries, importedRows } = batch;
    const picked: number[] = [];
    let hasLooked = false;
    for (let row = 0; row < rowSeries.length; row++) {
      if (importedRows.size > 0 && importedRows.has(row)) continue;
      const series = rowSeries[row] as LiveSeries;
      if ((states[series.seriesId] ?? UNKNOWN) === UNKNOWN) {
        if (!hasLooked) for (const device of batch.devices) say(device);
        hasLooked = true;
        if ((states[series.seriesId] ?? UNKNOWN) === UNKNOWN) mark(series, UNREAD);
      }
      if (isRead(series)) picked.push(row);
    }
    return picked;
  };

  return {
    watch: (factoryId, parameters) => {
      watched.set(factoryId, { parameters, number: ++watches });
      for (const device of live.devices(factoryId).values()) {
        for (const series of device.series.values()) mark(series, UNKNOWN);
      }
    },
    unwatch: (factoryId) => {
      if (!watched.delete(factoryId)) return;
      for (const device of live.devices(factoryId).values()) say(device);
      flush();
    },
    tellAll: async (factoryId) => {
      let count = 0;
      for (const device of [...live.devices(factoryId).values()]) {
        check(device);
        if (++count % TOLD_AT_ONCE !== 0) continue;
        flush();
        await nextTurn();
      }
      flush();
    },
    changed: (deviceId) => {
      for (const [device, { id }] of told) if (id === deviceId) say(device);
      flush();
    },
    rowsOf: (batch) => {
      if (watched.size === 0) return undefined;
      sayDepartures();
      const picked = pick(batch);
      flush();
      if (picked.length === 0) return undefined;
      const seriesIds = new Int32Array(picked.length);
      const timestamps = new Float64Array(picked.length);
      const values = new Float64Array(picked.length);
      const texts = new Map<number, string>();
      for (const [place, row] of picked.entries()) {
        seriesIds[place] = (batch.rowSeries[row] as LiveSeries).seriesId;
        timestamps[place] = batch.timestamps[row] as number;
        values[place] = batch.values[row] as number;
        const text = batch.texts.get(row);
        if (text !== undefined) texts.set(place, text);
      }
      const buffers = [seriesIds.buffer, timestamps.buffer, values.buffer];
      return { length: picked.length, seriesIds, timestamps, values, texts, buffers };
    },
    sweep: () => {
      sayDepartures();
      for (const factoryId of watched.keys()) for (const device of live.devices(factoryId).values()) check(device);
      flush();
    },
    reset: () => {
      told.clear();
      pending = [];
      departures = -1;
      states.fill(UNKNOWN);
    },
    *devices(factoryId) {
      for (const [device, known] of told) if (device.factoryId === factoryId) yield known;
    },
  };
}
