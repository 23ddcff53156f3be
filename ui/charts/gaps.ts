import type { TimeWindow } from './range.ts';
import { INTERVAL_MS, type Track } from './track.ts';

type Times = Pick<Track, 't' | 'interval'>;

/** Neighbours on each side that tell what is usual at a place. */
const NEIGHBOURS = 5;
/** Fewer distances than this say nothing of what is usual. */
const MIN_DISTANCES = 3;
/** Distances looked at to find what is usual in all: enough, and quick in any track. */
const MAX_DISTANCES = 400;
/** A sample missing now and then is no gap; five in a row are. */
const TOLERANCE = 5;

const inOrder = (list: number[]) => list.sort((a, b) => a - b);
const middleOf = (list: number[]) => inOrder(list)[list.length >> 1] ?? 0;

/** Distances from place to place (ms), between `start` and `end`. */
function distances(t: readonly number[], start: number, end: number, every = 1): number[] {
  const found: number[] = [];
  for (let at = Math.max(1, start); at < Math.min(t.length, end); at += every)
    found.push((t[at] ?? 0) - (t[at - 1] ?? 0));
  return found;
}

/** What nine of ten distances stay below. A series that sends by exception, in bursts, pauses for twice that. */
function longOf(t: readonly number[]): number {
  const sorted = inOrder(distances(t, 1, t.length, Math.max(1, Math.floor(t.length / MAX_DISTANCES))));
  return sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0;
}

/**
 * How far apart the points around a place may be and still be joined (ms). It goes by the neighbours on either side,
 * because a device may come to send more or less often. Of intervals one may not be missing, unless the series sends
 * less often than that anyway.
 */
function longestAt({ t, interval }: Times, at: number): number {
  const length = INTERVAL_MS[interval];
  const sides = [distances(t, at - NEIGHBOURS, at), distances(t, at + 1, at + 1 + NEIGHBOURS)];
  const known = sides.filter((side) => side.length > 0);
  if (sides.flat().length < MIN_DISTANCES) return length > 0 ? length * TOLERANCE : Number.POSITIVE_INFINITY;
  const usual = Math.max(...known.map(middleOf));
  return length > 0 && usual <= length * 1.2 ? length * 1.5 : usual * TOLERANCE;
}

interface KnownGaps {
  readonly length: number;
  readonly last: number | undefined;
  readonly gaps: readonly TimeWindow[];
}

/** Gaps are asked for at every movement of the cursor, and change only when a track grows. */
const knownGaps = new WeakMap<readonly number[], KnownGaps>();

/** Where a track has nothing, between points that are too far apart. An interval lasts until its end. */
export function gapsOf(track: Times): readonly TimeWindow[] {
  const { length } = track.t;
  const last = track.t[length - 1];
  const known = knownGaps.get(track.t);
  if (known?.length === length && known.last === last) return known.gaps;
  const gaps = findGaps(track);
  knownGaps.set(track.t, { length, last, gaps });
  return gaps;
}

function findGaps({ t, interval }: Times): TimeWindow[] {
  const length = INTERVAL_MS[interval];
  const ordinary = length > 0 ? length * 1.5 : longOf(t) * 2;
  const gaps: TimeWindow[] = [];
  for (let at = 1; at < t.length; at++) {
    const [before, after] = [t[at - 1] ?? 0, t[at] ?? 0];
    const distance = after - before;
    if (distance > ordinary && distance > longestAt({ t, interval }, at))
      gaps.push({ from: before + length, to: after });
  }
  return gaps;
}

/** Where a track has nothing before its first and after its last point, within what was loaded. */
export function edgesOf(track: Times, loaded: TimeWindow): TimeWindow[] {
  const { t, interval } = track;
  const [first, last] = [t[0], t.at(-1)];
  if (first === undefined || last === undefined) return [loaded];
  const length = INTERVAL_MS[interval];
  const ordinary = length > 0 ? 0 : longOf(t) * 2;
  const longest = (at: number) => Math.min(loaded.to - loaded.from, Math.max(ordinary, longestAt(track, at)));
  const edges: TimeWindow[] = [];
  if (first - loaded.from > longest(0)) edges.push({ from: loaded.from, to: first });
  if (loaded.to - last > longest(t.length) + length) edges.push({ from: last + length, to: loaded.to });
  return edges;
}

/** Until when the last state of a track holds: to the end of what is known, unless its device has fallen silent. */
export const endOfLast = (track: Times, loaded: TimeWindow): number =>
  edgesOf(track, loaded).find(({ to }) => to === loaded.to)?.from ?? loaded.to;

/** A device may pause for so long between bursts: only then its silence says something (ms). */
const MIN_SILENCE_MS = 30_000;

/** Whether a track has come to its end well before `loaded` does: its last point is not what is now. */
export const isSilentAtEnd = (track: Times, loaded: TimeWindow): boolean => {
  const last = track.t.at(-1);
  if (last === undefined || loaded.to - last - INTERVAL_MS[track.interval] < MIN_SILENCE_MS) return false;
  return edgesOf(track, loaded).some(({ from, to }) => from >= last && to === loaded.to);
};

/** What two lists of windows, each in order, have in common. */
function overlap(a: readonly TimeWindow[], b: readonly TimeWindow[]): TimeWindow[] {
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
export function hatched(tracks: readonly Times[], loaded: TimeWindow): TimeWindow[] {
  const edges = tracks.map((track) => edgesOf(track, loaded));
  const empty = edges.reduce((common, of) => overlap(common, of), [loaded]);
  return tracks.length === 0 ? [] : [...tracks.flatMap(gapsOf), ...empty];
}
