import type { TimeWindow } from './range.ts';
import { INTERVAL_MS, type Track } from './track.ts';

/** Fewer distances than this say nothing of what is usual. */
const MIN_DISTANCES = 3;
/** Distances looked at to find the usual one: enough, and quick in any track. */
const MAX_DISTANCES = 400;
/** A sample missing now and then is no gap; five in a row are. */
const TOLERANCE = 5;

/** The distances between neighbours, in order of size; of many points every n-th. */
function distances(t: readonly number[]): number[] {
  const every = Math.max(1, Math.floor(t.length / MAX_DISTANCES));
  const found: number[] = [];
  for (let at = 1; at < t.length; at += every) found.push((t[at] ?? 0) - (t[at - 1] ?? 0));
  return found.sort((a, b) => a - b);
}

/**
 * How far apart two points may be and still be joined (ms). Single samples: noticeably more than usual for the series,
 * also for one that sends by exception, in bursts. Intervals: one that is missing, unless the series sends less often
 * than that anyway.
 */
export function longestStep({ t, interval }: Pick<Track, 't' | 'interval'>): number {
  const length = INTERVAL_MS[interval];
  const sorted = distances(t);
  const middle = sorted[sorted.length >> 1] ?? 0;
  const long = sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0;
  if (sorted.length < MIN_DISTANCES) return length > 0 ? length * TOLERANCE : Number.POSITIVE_INFINITY;
  const isSparse = middle > length * 1.2;
  return length > 0 && !isSparse ? length * 1.5 : Math.max(middle * TOLERANCE, long * 2);
}

/** Where a track has nothing, between points that are too far apart. An interval lasts until its end. */
export function gapsOf(track: Pick<Track, 't' | 'interval'>): TimeWindow[] {
  const longest = longestStep(track);
  const length = INTERVAL_MS[track.interval];
  const gaps: TimeWindow[] = [];
  let before = track.t[0] ?? 0;
  for (const t of track.t) {
    if (t - before > longest) gaps.push({ from: before + length, to: t });
    before = t;
  }
  return gaps;
}

/** Where a track has nothing before its first and after its last point, within what was loaded. */
export function edgesOf(track: Pick<Track, 't' | 'interval'>, loaded: TimeWindow): TimeWindow[] {
  const [first, last] = [track.t[0], track.t.at(-1)];
  if (first === undefined || last === undefined) return [loaded];
  const longest = Math.min(longestStep(track), loaded.to - loaded.from);
  const length = INTERVAL_MS[track.interval];
  const edges: TimeWindow[] = [];
  if (first - loaded.from > longest) edges.push({ from: loaded.from, to: first });
  if (loaded.to - last > Math.max(longest, 1) + length) edges.push({ from: last + length, to: loaded.to });
  return edges;
}

/** What two lists of windows, each in order, have in common. */
export function overlap(a: readonly TimeWindow[], b: readonly TimeWindow[]): TimeWindow[] {
  return a.flatMap((one) =>
    b
      .map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }))
      .filter(({ from, to }) => from < to),
  );
}

/**
 * What is hatched in a chart of several series: every gap within a series, so that it is seen even where its line is
 * short; but the time before and after only where no series has anything.
 */
export function hatched(tracks: readonly Pick<Track, 't' | 'interval'>[], loaded: TimeWindow): TimeWindow[] {
  const edges = tracks.map((track) => edgesOf(track, loaded));
  const empty = edges.reduce((common, of) => overlap(common, of), [loaded]);
  return tracks.length === 0 ? [] : [...tracks.flatMap(gapsOf), ...empty];
}
