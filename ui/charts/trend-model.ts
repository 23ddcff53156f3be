import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { ApiError } from '../api/client.ts';
import type { AlarmBand } from './alarm-bands.ts';
import { fetchHistory, type HistoryQuestion, type Tracks } from './history.ts';
import type { TimeWindow } from './range.ts';
import { createShownTracks } from './shown-tracks.ts';
import { addLive, replaceEnd, type Track, trim } from './track.ts';
import { devicesOf, keyOf, type SeriesDevice, type TrendSeries } from './trend-series.ts';
import type { View } from './view.ts';

/** What is fetched beyond each edge of the screen, as a share of it: lines come from somewhere, and panning finds more. */
const MARGIN = 0.05;
/** While a window moves, only where it comes to rest is fetched. */
const DEBOUNCE_MS = 180;
/** How far back single samples are fetched anew: the stream leaves some out, and some come late. */
const RAW_END_MS = 90_000;
/** What a device sends late comes in a row: all of it is fetched at once, and not again for a while. */
const LATE_MS = 2_000;
const LATE_AGAIN_MS = 30_000;
/** The stream is silent about samples older than the newest: for them a live window is now and then fetched whole. */
const WHOLE_MS = 5 * 60_000;
/** Nobody ticks in a hidden tab: what comes there must not pile up. */
const HIDDEN_TICK_MS = 30_000;

/** A device whose history could not be fetched. */
export interface Failure {
  readonly deviceName: string;
  readonly message: string;
}

/** What the charts of a page draw. Tracks change in place; whoever draws them follows `version`. */
export interface TrendModel {
  readonly view: View;
  readonly version: ReadonlySignal<number>;
  /** What the tracks cover; undefined until the first answer. */
  readonly loaded: ReadonlySignal<TimeWindow | undefined>;
  readonly isLoading: ReadonlySignal<boolean>;
  readonly failures: ReadonlySignal<readonly Failure[]>;
  /** The moment under the cursor of any chart. */
  readonly cursorAt: Signal<number | undefined>;
  /** When alarms stood. */
  readonly bands: Signal<readonly AlarmBand[]>;
  /** Keys of series that are switched off. */
  readonly hidden: Signal<ReadonlySet<string>>;
  /** In the units of the series. */
  trackOf(series: TrendSeries): Track | undefined;
  setSeries(series: readonly TrendSeries[]): void;
  /** Whether any of the series is of this device. */
  shows(deviceId: string): boolean;
  /** Fetches what the view shows. `isSoon`: at once, not when it has come to rest. */
  load(isSoon?: boolean): void;
  /** Fetches the newest part anew, so that live samples in between are complete. */
  refreshEnd(): Promise<void>;
  /** Takes a value from the stream. */
  takeLive(deviceId: string, parameter: string, t: number, value: number | boolean | string): void;
  /** Moves on to now. */
  tick(): void;
  stop(): void;
}

/** Live samples kept while history is being fetched; later ones come with the next minute's fetch. */
const MAX_ARRIVING = 20_000;

export interface TrendModelOptions {
  readonly view: View;
  readonly now: () => number;
}

export function createTrendModel({ view, now }: TrendModelOptions): TrendModel {
  const version = signal(0);
  const loaded = signal<TimeWindow | undefined>(undefined);
  const isLoading = signal(false);
  const failures = signal<readonly Failure[]>([]);
  const shown = createShownTracks();
  let series: readonly TrendSeries[] = [];
  /** By the series' key, in the units that are sent, as the stream and the next answer are. */
  let tracks = new Map<string, Track>();
  let loading = new AbortController();
  let refreshing = new AbortController();
  let soon: ReturnType<typeof setTimeout> | undefined;
  let late: ReturnType<typeof setTimeout> | undefined;
  let lateAt = Number.NEGATIVE_INFINITY;
  let wholeAt = now();
  let tickedAt = now();
  let isDirty = false;
  let keys: ReadonlySet<string> = new Set();
  /** Samples that came while the history they follow was on its way. */
  let arriving: { key: string; t: number; value: number | boolean | string }[] = [];

  /** Those in intervals are in the answer already, or come with the next minute's. */
  const addArrived = () => {
    for (const { key, t, value } of arriving) {
      const track = tracks.get(key);
      if (track?.interval === 'raw') addLive(track, t, value);
    }
    arriving = [];
  };

  const question = (device: SeriesDevice, window: TimeWindow, devices: number): HistoryQuestion => ({
    deviceId: device.id,
    parameters: device.parameters,
    window,
    interval: 'fine',
    devices,
  });

  const keep = (fresh: Map<string, Track>, deviceId: string, found: Tracks) => {
    for (const [parameter, track] of found) fresh.set(keyOf({ deviceId, parameter }), track);
  };

  const fetchAll = async () => {
    loading.abort();
    const attempt = new AbortController();
    loading = attempt;
    refreshing.abort();
    isLoading.value = true;
    const { from, to } = view.window.peek();
    const margin = (to - from) * MARGIN;
    const window = { from: Math.floor(from - margin), to: Math.ceil(to + margin) };
    const devices = devicesOf(series);
    const fresh = new Map<string, Track>();
    const failed: Failure[] = [];
    await Promise.all(
      devices.map(async (device) => {
        try {
          keep(fresh, device.id, await fetchHistory(question(device, window, devices.length), now(), attempt.signal));
        } catch (error) {
          if (attempt.signal.aborted) return;
          if (!(error instanceof ApiError)) throw error;
          failed.push({ deviceName: device.name, message: error.message });
          // What was there stays, so that a lost line does not empty the page.
          for (const { name } of device.parameters) {
            const key = keyOf({ deviceId: device.id, parameter: name });
            const before = tracks.get(key);
            if (before !== undefined) fresh.set(key, before);
          }
        }
      }),
    );
    if (attempt.signal.aborted) return;
    batch(() => {
      isLoading.value = false;
      failures.value = failed;
      if (failed.length < devices.length || devices.length === 0) {
        tracks = fresh;
        addArrived();
        wholeAt = now();
        loaded.value = { from: window.from, to: Math.min(window.to, Math.max(now(), to)) };
      }
      version.value++;
    });
  };

  /** From where the newest part of a device's tracks is fetched anew. */
  const endOf = (found: readonly Track[]): number => {
    const starts = found.map(({ t, interval }) => (interval === 'raw' ? now() - RAW_END_MS : t.at(-2)));
    return Math.max(view.window.peek().from, Math.min(...starts.map((start) => start ?? 0)));
  };

  const refreshDevice = async (device: SeriesDevice, signal: AbortSignal) => {
    const found = device.parameters.flatMap(({ name }) => {
      return tracks.get(keyOf({ deviceId: device.id, parameter: name })) ?? [];
    });
    const interval = found[0]?.interval;
    if (interval === undefined) return;
    const window = { from: endOf(found), to: Math.ceil(now() + 1_000) };
    const end = await fetchHistory({ ...question(device, window, 1), interval }, now(), signal);
    if (signal.aborted) return;
    for (const [parameter, track] of end) {
      const before = tracks.get(keyOf({ deviceId: device.id, parameter }));
      if (before?.interval === track.interval && before.kind === track.kind) replaceEnd(before, track);
    }
    isDirty = true;
  };

  const load = (isSoon = false) => {
    clearTimeout(soon);
    // What is on its way is for a window that nobody looks at any more.
    loading.abort();
    isLoading.value = series.length > 0;
    arriving = [];
    soon = setTimeout(() => void fetchAll(), isSoon ? 0 : DEBOUNCE_MS);
  };

  /** Whether a sample lies in sight, but before what the next fetch of the end covers. */
  const isLate = ({ t, interval }: Track, at: number) =>
    at !== t.at(-1) &&
    at >= view.window.peek().from &&
    at < (interval === 'raw' ? now() - RAW_END_MS : (t.at(-2) ?? Number.NEGATIVE_INFINITY));

  const loadLate = () => {
    const wait = Math.max(LATE_MS, lateAt + LATE_AGAIN_MS - now());
    late ??= setTimeout(() => {
      late = undefined;
      lateAt = now();
      if (view.isLive.peek()) load(true);
    }, wait);
  };

  const tick = () => {
    if (!view.isLive.peek()) return;
    tickedAt = now();
    batch(() => {
      view.tick();
      const { from, to } = view.window.peek();
      if (loaded.peek() !== undefined) loaded.value = { from: Math.min(loaded.peek()?.from ?? from, from), to };
      if (!isDirty) return;
      isDirty = false;
      for (const track of tracks.values()) trim(track, from - (to - from) * MARGIN);
      version.value++;
    });
  };

  return {
    view,
    version,
    loaded,
    isLoading,
    failures,
    cursorAt: signal<number | undefined>(undefined),
    bands: signal<readonly AlarmBand[]>([]),
    hidden: signal<ReadonlySet<string>>(new Set()),
    trackOf: (one) => {
      const track = tracks.get(keyOf(one));
      return track && shown(track, one.conversion, version.peek());
    },
    shows: (deviceId) => series.some((one) => one.deviceId === deviceId),
    setSeries: (next) => {
      if (next !== series) keys = new Set(next.map(keyOf));
      series = next;
    },
    load,
    refreshEnd: async () => {
      if (!view.isLive.peek() || isLoading.peek()) return;
      if (now() - wholeAt >= WHOLE_MS) return load(true);
      refreshing = new AbortController();
      const { signal } = refreshing;
      // What fails here comes with the next round, or with the return of the stream.
      await Promise.allSettled(devicesOf(series).map((device) => refreshDevice(device, signal)));
    },
    takeLive: (deviceId, parameter, t, value) => {
      const key = keyOf({ deviceId, parameter });
      if (!view.isLive.peek() || !keys.has(key)) return;
      if (isLoading.peek() && arriving.length < MAX_ARRIVING) arriving.push({ key, t, value });
      if (now() - tickedAt > HIDDEN_TICK_MS) tick();
      const track = tracks.get(key);
      if (track === undefined) return;
      if (isLate(track, t)) loadLate();
      if (addLive(track, t, value)) isDirty = true;
    },
    tick,
    stop: () => {
      clearTimeout(soon);
      clearTimeout(late);
      loading.abort();
      refreshing.abort();
    },
  };
}
