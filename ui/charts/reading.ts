import { gapsOf } from './gaps.ts';
import type { TimeWindow } from './range.ts';
import { INTERVAL_MS, placeOf, type Track } from './track.ts';

/** What a track shows at a moment, and when that was measured. */
export interface Reading {
  readonly t: number;
  readonly value: number | boolean | string;
}

const at = (track: Track, place: number): Reading | undefined => {
  const t = track.t[place];
  const value = track.kind === 'number' ? track.y[place] : track.state[place];
  return t === undefined || value === undefined ? undefined : { t, value };
};

/** The newest at or before a moment. */
export const newestOf = (track: Track, until = Number.POSITIVE_INFINITY): Reading | undefined =>
  at(track, placeOf(track.t, until === Number.POSITIVE_INFINITY ? until : until + 1) - 1);

/**
 * What stands at a moment: of numbers the nearest point, of states the one that holds. Undefined in a gap, and further
 * than `reach` (ms) from any point.
 */
export function readingAt(
  track: Track,
  moment: number,
  gaps: readonly TimeWindow[],
  reach: number,
): Reading | undefined {
  if (gaps.some(({ from, to }) => moment > from && moment < to)) return undefined;
  const next = placeOf(track.t, moment);
  const [before, after] = [at(track, next - 1), at(track, next)];
  if (after?.t === moment) return after;
  if (track.kind !== 'number') return before;
  const isBeforeNearer = before !== undefined && (after === undefined || moment - before.t <= after.t - moment);
  const nearest = isBeforeNearer ? before : after;
  const length = INTERVAL_MS[track.interval];
  return nearest !== undefined && Math.abs(nearest.t - moment) <= reach + length ? nearest : undefined;
}

/** What a track is in a window. */
export interface Statistics {
  readonly min: number | undefined;
  readonly average: number | undefined;
  readonly max: number | undefined;
  readonly samples: number;
  readonly gaps: number;
}

/** Sums a track up; an interval counts as many times as it has samples. */
export function statisticsOf(track: Track, { from, to }: TimeWindow): Statistics {
  const [start, end] = [placeOf(track.t, from), placeOf(track.t, to + 1)];
  let [min, max, sum, samples] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let place = start; place < end; place++) {
    const count = track.count[place] ?? 0;
    samples += count;
    if (track.kind !== 'number') continue;
    const y = track.y[place] ?? 0;
    sum += y * count;
    min = Math.min(min, track.low[place] ?? y);
    max = Math.max(max, track.high[place] ?? y);
  }
  const gaps = gapsOf(track).filter((gap) => gap.from < to && gap.to > from).length;
  const isKnown = track.kind === 'number' && samples > 0;
  return isKnown
    ? { min, average: sum / samples, max, samples, gaps }
    : { min: undefined, average: undefined, max: undefined, samples, gaps };
}

/** The lowest and highest of some tracks in a window, with what lies just outside, where lines come from. */
export function extentOf(tracks: readonly Track[], { from, to }: TimeWindow): [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const track of tracks) {
    const start = Math.max(0, placeOf(track.t, from) - 1);
    const end = Math.min(track.y.length, placeOf(track.t, to) + 1);
    for (let place = start; place < end; place++) {
      const y = track.y[place] ?? 0;
      const [bottom, top] = [track.low[place] ?? y, track.high[place] ?? y];
      if (bottom < low) low = bottom;
      if (top > high) high = top;
    }
  }
  return low <= high ? [low, high] : undefined;
}

/** Limits may stretch the axis to this many times the data's own extent; further ones are left out of sight. */
const LIMIT_STRETCH = 3;
const PAD = 0.08;

/** What the value axis shows: the data with a little room, and limits where that does not flatten the data. */
export function valueAxis(
  extent: readonly [low: number, high: number] | undefined,
  limits: readonly number[],
): [low: number, high: number] {
  const known = extent ?? (limits.length > 0 ? [Math.min(...limits), Math.max(...limits)] : [0, 1]);
  let [low, high] = known;
  const flat = Math.max(Math.abs(high) * 0.02, 1e-9);
  const room = (high - low || flat) * LIMIT_STRETCH;
  for (const limit of limits) {
    if (limit >= high && limit - high <= room) high = limit;
    else if (limit <= low && low - limit <= room) low = limit;
  }
  const pad = high > low ? (high - low) * PAD : Math.max(Math.abs(high) * 0.05, 0.5);
  return [low - pad, high + pad];
}

/** A state and how long it held. */
export interface Run extends TimeWindow {
  readonly state: string | boolean;
}

/**
 * The times that each state held: until the next one, a gap, or `end`. `gaps` are those of the track, in order of time.
 */
export function runsOf(track: Track, gaps: readonly TimeWindow[], end: number): Run[] {
  const runs: { from: number; to: number; state: string | boolean }[] = [];
  let nextGap = 0;
  track.t.forEach((t, place) => {
    const state = track.state[place];
    if (state === undefined) return;
    while ((gaps[nextGap]?.to ?? Number.POSITIVE_INFINITY) <= t) nextGap++;
    const until = track.t[place + 1] ?? Math.max(end, t);
    const to = Math.min(until, gaps[nextGap]?.from ?? Number.POSITIVE_INFINITY);
    const last = runs.at(-1);
    if (last !== undefined && last.state === state && last.to >= t) last.to = to;
    else runs.push({ from: t, to, state });
  });
  return runs;
}
