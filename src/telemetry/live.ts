import type { Standing } from '../devices/devices.ts';
import type { ForgottenSeries, LatestSample, Series, SeriesKind } from '../historian/historian.ts';

/** A series in memory: its identity and its newest sample by event time. */
export interface LiveSeries {
  readonly seriesId: number;
  readonly factoryId: number;
  readonly parameter: string;
  readonly kind: SeriesKind;
  /** Event time of the newest sample (epoch ms); -Infinity before the first. */
  ts: number;
  value: number;
  text: string | null;
  /** The hub's version when the newest sample was committed; 0 for what was loaded at start. */
  version: number;
}

/** A device in memory. */
export interface LiveDevice {
  readonly factoryId: number;
  readonly key: string;
  /** UUID; empty until the device is registered in the control database: then it stays, with or without series. */
  id: string;
  standing: Standing;
  /** Counts the changes of its standing. */
  terms: number;
  readonly series: Map<string, LiveSeries>;
  /** Series of parameters whose kind was reset; one comes back when its kind does. */
  readonly retired: LiveSeries[];
  /** Newest arrival stamp given out (epoch ms); the next one is later. */
  lastArrivalTs: number;
  /** Wall clock of the last committed message (epoch ms), or null. */
  lastSeenAt: number | null;
  version: number;
}

/** Every device and series of the appliance in memory, by factory and key. */
export interface LiveState {
  /** The device of a key, which may be one of several that are the device's. */
  device(factoryId: number, key: string): LiveDevice | undefined;
  devices(factoryId: number): ReadonlyMap<string, LiveDevice>;
  factoryIds(): Iterable<number>;
  /** Counts what has left a device: itself, by its removal, or its series, which are another's now. */
  readonly departures: number;
  /** Series of all devices, retired ones included. */
  readonly seriesCount: number;
  addDevice(factoryId: number, key: string, standing?: Standing): LiveDevice;
  /** Another key for a device. */
  addAlias(device: LiveDevice, key: string): void;
  /** Makes a device a part of another: its series, active where that has none of their parameter, and its key. */
  merge(device: LiveDevice, into: LiveDevice, renamed: ReadonlyMap<string, string>): void;
  removeDevice(factoryId: number, key: string): void;
  /** Removes a device that a refused or failed message alone has brought in: not registered, without any series. */
  removeIfUnknown(device: LiveDevice): void;
  /** Adds a series, as its parameter's or as a retired one. */
  addSeries(device: LiveDevice, seriesId: number, parameter: string, kind: SeriesKind, isRetired?: boolean): LiveSeries;
  /** Makes a retired series its parameter's again, when there is one of that kind. */
  reviveSeries(device: LiveDevice, parameter: string, kind: SeriesKind): LiveSeries | undefined;
  /** The reverse; a retired one stays so. */
  retireSeries(device: LiveDevice, series: LiveSeries): void;
  /** Takes a series out of a device, whether it is its parameter's or a retired one. */
  removeSeries(device: LiveDevice, series: LiveSeries): void;
}

/** Every series a device has in the historian, or will have when the batch under way is committed. */
export const seriesOf = ({ factoryId, series, retired }: LiveDevice): ForgottenSeries[] =>
  [...series.values(), ...retired].map(({ seriesId }) => ({ factoryId, seriesId }));

const NO_DEVICES: ReadonlyMap<string, LiveDevice> = new Map();

const createLiveSeries = (
  { factoryId }: LiveDevice,
  seriesId: number,
  parameter: string,
  kind: SeriesKind,
): LiveSeries => ({
  seriesId,
  factoryId,
  parameter,
  kind,
  ts: Number.NEGATIVE_INFINITY,
  value: Number.NaN,
  text: null,
  version: 0,
});

/** An empty state; `restoreLiveState` fills it at start. */
export function createLiveState(): LiveState {
  const factories = new Map<number, Map<string, LiveDevice>>();
  const aliases = new Map<number, Map<string, LiveDevice>>();
  let seriesCount = 0;
  let departures = 0;
  const removeDevice = (factoryId: number, key: string) => {
    const device = factories.get(factoryId)?.get(key);
    if (device === undefined) return;
    factories.get(factoryId)?.delete(key);
    departures++;
    for (const [alias, owner] of aliases.get(factoryId) ?? [])
      if (owner === device) aliases.get(factoryId)?.delete(alias);
    seriesCount -= device.series.size + device.retired.length;
  };
  const addAlias = (device: LiveDevice, key: string) => {
    const ofFactory = aliases.get(device.factoryId) ?? new Map<string, LiveDevice>();
    aliases.set(device.factoryId, ofFactory.set(key, device));
  };
  return {
    get departures() {
      return departures;
    },
    get seriesCount() {
      return seriesCount;
    },
    device: (factoryId, key) => factories.get(factoryId)?.get(key) ?? aliases.get(factoryId)?.get(key),
    devices: (factoryId) => factories.get(factoryId) ?? NO_DEVICES,
    factoryIds: () => factories.keys(),
    addDevice: (factoryId, key, standing = 'active') => {
      const device: LiveDevice = {
        factoryId,
        key,
        id: '',
        standing,
        terms: 0,
        series: new Map(),
        retired: [],
        lastArrivalTs: 0,
        lastSeenAt: null,
        version: 0,
      };
      const devices = factories.get(factoryId);
      if (devices === undefined) factories.set(factoryId, new Map([[key, device]]));
      else devices.set(key, device);
      return device;
    },
    addAlias,
    merge: (device, into, renamed) => {
      const { factoryId, key } = device;
      for (const [alias, owner] of aliases.get(factoryId) ?? []) if (owner === device) addAlias(into, alias);
      factories.get(factoryId)?.delete(key);
      departures++;
      addAlias(into, key);
      for (const before of device.series.values()) {
        const series = { ...before, parameter: renamed.get(before.parameter) ?? before.parameter };
        if (into.series.has(series.parameter)) into.retired.push(series);
        else into.series.set(series.parameter, series);
      }
      for (const before of device.retired) {
        into.retired.push({ ...before, parameter: renamed.get(before.parameter) ?? before.parameter });
      }
      into.lastArrivalTs = Math.max(into.lastArrivalTs, device.lastArrivalTs);
      into.lastSeenAt = Math.max(into.lastSeenAt ?? 0, device.lastSeenAt ?? 0) || null;
      into.version = Math.max(into.version, device.version);
    },
    removeDevice,
    removeIfUnknown: ({ factoryId, key, id, series, retired }) => {
      if (id === '' && series.size === 0 && retired.length === 0) removeDevice(factoryId, key);
    },
    addSeries: (device, seriesId, parameter, kind, isRetired = false) => {
      const series = createLiveSeries(device, seriesId, parameter, kind);
      if (isRetired) device.retired.push(series);
      else device.series.set(parameter, series);
      seriesCount++;
      return series;
    },
    reviveSeries: (device, parameter, kind) => {
      const series = device.retired.find((item) => item.parameter === parameter && item.kind === kind);
      if (series === undefined) return undefined;
      device.retired.splice(device.retired.indexOf(series), 1);
      device.series.set(parameter, series);
      return series;
    },
    retireSeries: (device, series) => {
      if (device.series.get(series.parameter) === series) device.series.delete(series.parameter);
      if (!device.retired.includes(series)) device.retired.push(series);
    },
    removeSeries: (device, series) => {
      const isActive = device.series.get(series.parameter) === series;
      if (isActive) device.series.delete(series.parameter);
      const index = device.retired.indexOf(series);
      if (index >= 0) device.retired.splice(index, 1);
      if (isActive || index >= 0) seriesCount--;
    },
  };
}

/** A device as the control database knows it. */
export interface KnownDevice {
  readonly standing: Standing;
  readonly factoryId: number;
  readonly key: string;
  readonly id: string;
  readonly lastSeenAt: number | null;
}

export interface RestoreSources {
  readonly series: readonly Series[];
  readonly latest: readonly LatestSample[];
  readonly devices: readonly KnownDevice[];
  /** Other keys of devices, and whose the series are that were born under them. */
  readonly aliases: readonly { readonly factoryId: number; readonly key: string; readonly deviceId: string }[];
  readonly merged: ReadonlyMap<number, { readonly deviceId: string; readonly parameter: string }>;
  /** Whether a series is the one its parameter writes to now, and not one of a kind it had before. */
  readonly isActive: (seriesId: number) => boolean;
  readonly now: number;
}

/** Fills an empty state at start. */
export function restoreLiveState(state: LiveState, sources: RestoreSources): void {
  const newest = new Map(sources.latest.map((sample) => [sample.seriesId, sample]));
  const byId = new Map<string, LiveDevice>();
  for (const { factoryId, key, id, lastSeenAt, standing } of sources.devices) {
    const device = state.addDevice(factoryId, key, standing);
    device.id = id;
    device.lastSeenAt = lastSeenAt;
    byId.set(id, device);
  }
  for (const { key, deviceId } of sources.aliases) {
    const device = byId.get(deviceId);
    if (device !== undefined) state.addAlias(device, key);
  }
  for (const { seriesId, factoryId, deviceKey, parameter: bornAs, kind } of sources.series) {
    const merged = sources.merged.get(seriesId);
    const parameter = merged?.parameter ?? bornAs;
    const device = byId.get(merged?.deviceId ?? '') ?? state.device(factoryId, deviceKey);
    if (device === undefined) continue;
    const series = state.addSeries(device, seriesId, parameter, kind, !sources.isActive(seriesId));
    const sample = newest.get(seriesId);
    if (sample !== undefined) {
      series.ts = sample.ts;
      series.value = sample.value;
      series.text = sample.text;
      device.lastArrivalTs = Math.max(device.lastArrivalTs, sample.ts);
      device.lastSeenAt = Math.max(device.lastSeenAt ?? 0, Math.min(sample.ts, sources.now));
    }
  }
}
