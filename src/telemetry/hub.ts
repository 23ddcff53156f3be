import type { Clock } from '../core/clock.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { LiveDevice, LiveSeries, LiveState } from './live.ts';

/** A device's values are sent at most this often on average; what comes between is coalesced into the newest. */
const INTERVAL_MS = 250;
/**
 * How much earlier than due an event may go (GCRA, ITU-T I.371: the cell delay variation tolerance). Without it a device
 * that publishes every 250 ms would fall behind by its own jitter, further each time, up to a whole interval.
 */
const TOLERANCE_MS = 125;
/** How long a commit's values may wait for those of the next, so that one event carries both. */
const TICK_MS = 10;

/** The newest value of a parameter. States are strings, booleans true and false. */
export interface LiveValue {
  readonly parameter: string;
  readonly kind: SeriesKind;
  readonly value: number | boolean | string;
  /** Event time (epoch ms). */
  readonly timestamp: number;
}

/** Values of one device that changed since its last event. */
export interface ValuesEvent {
  readonly device: LiveDevice;
  readonly values: readonly LiveValue[];
  /** Whoever has seen this event has seen all changes up to this version, and asks `since` it for the rest. */
  readonly seenVersion: number;
}

/**
 * Live values on their way to people. Lossy by coalescing and never in the way of ingest: an event is made once for
 * all listeners of a factory, and a listener that cannot keep up asks for what it missed by `since`.
 */
export interface LiveHub {
  /** After a commit. */
  touched(devices: ReadonlySet<LiveDevice>): void;
  subscribe(factoryId: number, listener: (event: ValuesEvent) => void): () => void;
  /** Sends nothing more of a removed device. */
  forget(device: LiveDevice): void;
  /** The newest commit's. */
  readonly version: number;
  /** What changed after a version: one event for each device, with its newest values. Version 0 means everything. */
  since(factoryId: number, version: number): ValuesEvent[];
  /** The newest values of a device. */
  values(device: LiveDevice): LiveValue[];
  stop(): void;
}

const liveValueOf = (series: LiveSeries): LiveValue => {
  const { parameter, kind, ts: timestamp } = series;
  if (kind === 'state') return { parameter, kind, value: series.text ?? '', timestamp };
  return { parameter, kind, value: kind === 'boolean' ? series.value !== 0 : series.value, timestamp };
};

const changedValues = (device: LiveDevice, after: number): LiveValue[] => {
  const values: LiveValue[] = [];
  for (const series of device.series.values()) {
    if (series.version > after && Number.isFinite(series.ts)) values.push(liveValueOf(series));
  }
  return values;
};

export function createLiveHub(state: LiveState, clock: Clock): LiveHub {
  const listeners = new Map<number, Set<(event: ValuesEvent) => void>>();
  /** Devices with unsent changes and the version of the first of these, in the order of those versions. */
  const dirty = new Map<LiveDevice, number>();
  let newestVersion = 0;
  const sent = new WeakMap<LiveDevice, { version: number; dueAt: number }>();
  let timer: NodeJS.Timeout | undefined;

  const emit = (device: LiveDevice, now: number): void => {
    const last = sent.get(device);
    const dueAt = Math.min(last?.dueAt ?? now, now + INTERVAL_MS);
    if (now < dueAt - TOLERANCE_MS) return;
    sent.set(device, { version: device.version, dueAt: Math.max(dueAt, now) + INTERVAL_MS });
    dirty.delete(device);
    const [oldestUnsent] = dirty.values();
    const seenVersion = oldestUnsent === undefined ? newestVersion : oldestUnsent - 1;
    const event = { device, values: changedValues(device, last?.version ?? 0), seenVersion };
    for (const listener of listeners.get(device.factoryId) ?? []) listener(event);
  };

  const tick = () => {
    const now = clock.now();
    for (const device of dirty.keys()) {
      if (listeners.has(device.factoryId)) emit(device, now);
      else dirty.delete(device);
    }
    if (dirty.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };

  return {
    touched: (devices) => {
      for (const device of devices) {
        newestVersion = Math.max(newestVersion, device.version);
        if (device.standing !== 'active') continue;
        if (listeners.has(device.factoryId) && !dirty.has(device)) dirty.set(device, device.version);
      }
      if (dirty.size > 0) timer ??= setInterval(tick, TICK_MS);
    },
    forget: (device) => void dirty.delete(device),
    get version() {
      return newestVersion;
    },
    subscribe: (factoryId, listener) => {
      let ofFactory = listeners.get(factoryId);
      if (ofFactory === undefined) {
        ofFactory = new Set();
        listeners.set(factoryId, ofFactory);
      }
      ofFactory.add(listener);
      return () => {
        ofFactory.delete(listener);
        if (ofFactory.size === 0) listeners.delete(factoryId);
      };
    },
    since: (factoryId, version) => {
      const events: ValuesEvent[] = [];
      for (const device of state.devices(factoryId).values()) {
        if (device.standing !== 'active' || (device.version < version && version > 0)) continue;
        const values = changedValues(device, version > 0 ? version : -1);
        if (values.length > 0) events.push({ device, values, seenVersion: version });
      }
      return events;
    },
    values: (device) => changedValues(device, -1),
    stop: () => {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
