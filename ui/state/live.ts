import { batch, type Signal, signal } from '@preact/signals';
import { applianceNow } from './clock.ts';
import { onStream, returns, type StreamEvents } from './stream.ts';

/** The screen shows new values this often: faster than the eye reads, slower than they may come. */
const FLUSH_MS = 250;

export interface LiveValue {
  readonly value: number | boolean | string;
  /** Event time (epoch ms). */
  readonly at: number;
}

export type DeviceStatus = 'online' | 'stale' | 'offline';

/** What the stream has said of one device. */
export interface LiveDevice {
  readonly values: ReadonlyMap<string, LiveValue>;
  /** Undefined until the stream has told: then what the API said holds. */
  readonly status: DeviceStatus | undefined;
  /** Epoch ms. */
  readonly lastSeenAt: number | undefined;
}

const NOTHING: LiveDevice = { values: new Map(), status: undefined, lastSeenAt: undefined };

interface Entry {
  readonly values: Map<string, LiveValue>;
  status: DeviceStatus | undefined;
  lastSeenAt: number | undefined;
  readonly shown: Signal<LiveDevice>;
}

const entries = new Map<string, Entry>();
const dirty = new Set<Entry>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Devices that have appeared or gone since the page was opened: lists fetch anew when it changes. */
export const registryVersion = signal(0);
/** Changes whenever a device's status does: lists that are sorted or filtered by status read it. */
export const statusVersion = signal(0);
let isStatusDirty = false;

function entryOf(id: string): Entry {
  let entry = entries.get(id);
  if (entry === undefined) {
    entry = { values: new Map(), status: undefined, lastSeenAt: undefined, shown: signal(NOTHING) };
    entries.set(id, entry);
  }
  return entry;
}

function flush(): void {
  timer = undefined;
  batch(() => {
    if (isStatusDirty) statusVersion.value++;
    isStatusDirty = false;
    for (const entry of dirty) {
      entry.shown.value = { values: entry.values, status: entry.status, lastSeenAt: entry.lastSeenAt };
    }
  });
  dirty.clear();
}

function show(entry: Entry): void {
  dirty.add(entry);
  if (timer === undefined) timer = setTimeout(flush, FLUSH_MS);
}

function takeValues({ device_id, values }: StreamEvents['values'], isNews: boolean): void {
  const entry = entryOf(device_id);
  for (const { parameter, value, timestamp } of values) {
    entry.values.set(parameter, { value, at: Date.parse(timestamp) });
  }
  // What the stream catches up on tells nothing of when the device was heard of: the API has said that.
  if (isNews) entry.lastSeenAt = applianceNow();
  show(entry);
}

/** Takes values that the API was asked for: of a device that does not take part, the stream says nothing. */
export const takeAsked = (values: StreamEvents['values']): void => takeValues(values, false);

function takeDevice({ id, status, last_seen_at }: StreamEvents['device']): void {
  if (status === 'removed') {
    entries.delete(id);
    registryVersion.value++;
    return;
  }
  if (!entries.has(id)) registryVersion.value++;
  const entry = entryOf(id);
  isStatusDirty ||= entry.status !== status;
  entry.status = status;
  entry.lastSeenAt = last_seen_at === null ? undefined : Date.parse(last_seen_at);
  show(entry);
}

/** The stream does not repeat what became of devices while it was away: what the API says then holds. */
function forgetPresence(): void {
  for (const entry of entries.values()) {
    if (entry.status === undefined && entry.lastSeenAt === undefined) continue;
    isStatusDirty ||= entry.status !== undefined;
    entry.status = undefined;
    entry.lastSeenAt = undefined;
    show(entry);
  }
}

/** Follows the stream; returns what ends it and forgets everything. */
export function followLiveValues(): () => void {
  const stops = [onStream('values', takeValues), onStream('device', takeDevice), returns.subscribe(forgetPresence)];
  return () => {
    for (const stop of stops) stop();
    entries.clear();
    dirty.clear();
  };
}

/** The newest of one device, as a signal that changes at most four times a second. Read it in a component. */
export const liveDevice = (id: string): LiveDevice => entryOf(id).shown.value;

/** The same without following it: for sorting many devices, whose rows follow theirs. */
export const peekDevice = (id: string): LiveDevice => entries.get(id)?.shown.peek() ?? NOTHING;
