import type { Reply } from '../api/client.ts';

type History = Reply<'GET /devices/{id}/kpis/history'>;
type Point = History['series'][number]['points'][number];
type AggregatedPoint = Extract<Point, { count: number }>;

export type Interval = History['interval'];
export type Kind = 'number' | 'boolean' | 'state';

/** The nominal length of an interval (ms); single samples have none. */
export const INTERVAL_MS: Readonly<Record<Interval, number>> = {
  raw: 0,
  '1m': 60_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
  '1w': 604_800_000,
};

/**
 * What is drawn of one series: lists of one length, in order of time, that grow at their end while the chart is live.
 * Numbers have `y` (the sample, or the interval's average) and, as intervals, the envelope `low` and `high`; booleans
 * and states have the `state` that held last.
 */
export interface Track {
  readonly interval: Interval;
  readonly kind: Kind;
  /** Epoch ms: of the sample, or of the interval's start. */
  readonly t: number[];
  readonly y: number[];
  readonly low: number[];
  readonly high: number[];
  readonly state: (string | boolean)[];
  /** Samples behind each point. */
  readonly count: number[];
}

export const emptyTrack = (interval: Interval, kind: Kind): Track => ({
  interval,
  kind,
  t: [],
  y: [],
  low: [],
  high: [],
  state: [],
  count: [],
});

/** A track of its own with the same points. */
export const copyOf = (track: Track): Track => ({
  ...track,
  t: [...track.t],
  y: [...track.y],
  low: [...track.low],
  high: [...track.high],
  state: [...track.state],
  count: [...track.count],
});

type Value = number | boolean | string;

function addSample(track: Track, t: number, value: Value): void {
  track.t.push(t);
  track.count.push(1);
  if (track.kind !== 'number') return void track.state.push(typeof value === 'number' ? value !== 0 : value);
  const number = Number(value);
  track.y.push(number);
  if (track.interval === 'raw') return;
  track.low.push(number);
  track.high.push(number);
}

function addInterval(track: Track, point: AggregatedPoint): void {
  const { avg, min, max, last, count } = point;
  addSample(track, Date.parse(point.t), last);
  const at = track.t.length - 1;
  track.count[at] = count;
  if (track.kind !== 'number') return;
  // A sum beyond the largest double has no average: the envelope still stands, and a line through its last sample.
  track.y[at] = avg ?? Number(last);
  track.low[at] = Number(min);
  track.high[at] = Number(max);
}

/** Takes the points of an answer over; those of a kind that the parameter no longer has are left out. */
export function addPoints(track: Track, points: readonly Point[]): void {
  for (const point of points) {
    if (!fits(track.kind, 'count' in point ? point.last : point.value)) continue;
    if ('count' in point) addInterval(track, point);
    else addSample(track, Date.parse(point.t), point.value);
  }
}

/** A state that a track of this kind can hold; a parameter's kind may change while a chart is open. */
const fits = (kind: Kind, value: Value): boolean =>
  kind === 'state' ? typeof value === 'string' : typeof value !== 'string';

function fold(track: Track, at: number, value: Value): void {
  const count = track.count[at] ?? 0;
  track.count[at] = count + 1;
  if (track.kind !== 'number') {
    track.state[at] = typeof value === 'number' ? value !== 0 : value;
    return;
  }
  const number = Number(value);
  track.y[at] = ((track.y[at] ?? number) * count + number) / (count + 1);
  track.low[at] = Math.min(track.low[at] ?? number, number);
  track.high[at] = Math.max(track.high[at] ?? number, number);
}

/**
 * Adds a sample that has just come: single samples go to the end, in intervals it changes the last one or begins the
 * next. One that is older than the last is left to the next fetch. Returns whether anything has changed.
 */
export function addLive(track: Track, t: number, value: Value): boolean {
  if (!fits(track.kind, value)) return false;
  const last = track.t.length - 1;
  const lastAt = track.t[last] ?? Number.NEGATIVE_INFINITY;
  const length = INTERVAL_MS[track.interval];
  if (t < lastAt || (length === 0 && t === lastAt)) return false;
  if (length > 0 && t < lastAt + length) fold(track, last, value);
  else addSample(track, length === 0 ? t : startOf(lastAt, length, t), value);
  return true;
}

/** The start of the interval that a sample falls in, counted on from a known one. */
function startOf(known: number, length: number, t: number): number {
  const origin = Number.isFinite(known) ? known : 0;
  return origin + Math.floor((t - origin) / length) * length;
}

const LISTS = ['t', 'y', 'low', 'high', 'state', 'count'] as const;

function cut(track: Track, start: number, deleteCount: number): void {
  for (const list of LISTS) track[list].splice(start, deleteCount);
}

/** The first place at or after a moment. */
export function placeOf(t: readonly number[], moment: number): number {
  let [low, high] = [0, t.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((t[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a fresh end in place of what the track has from the end's first point on; later live samples stay. */
export function replaceEnd(track: Track, end: Track): void {
  const first = end.t[0];
  const last = end.t.at(-1);
  if (first === undefined || last === undefined) return;
  const start = placeOf(track.t, first);
  const stop = placeOf(track.t, last + 1);
  cut(track, start, stop - start);
  const later = track.t.length - start;
  for (const list of LISTS) {
    const tail = track[list].splice(start, later);
    (track[list] as unknown[]).push(...end[list], ...tail);
  }
}

/** Forgets what is older than a moment, once it is worth the work. */
export function trim(track: Track, before: number): void {
  const old = placeOf(track.t, before);
  if (old > 500 && old > track.t.length / 8) cut(track, 0, old);
}
