import { findGaps, longestJoined, ordinaryDistance } from '../../src/core/gaps.ts';
import type { TimeWindow } from './range.ts';
import { INTERVAL_MS, type Track } from './track.ts';

type Times = Pick<Track, 't' | 'interval'>;

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
  const gaps = findGaps(track.t, INTERVAL_MS[track.interval]);
  knownGaps.set(track.t, { length, last, gaps });
  return gaps;
}

/** Where a track has nothing before its first and after its last point, within what was loaded. */
export function edgesOf(track: Times, loaded: TimeWindow): TimeWindow[] {
  const { t, interval } = track;
  const [first, last] = [t[0], t.at(-1)];
  if (first === undefined || last === undefined) return [loaded];
  const length = INTERVAL_MS[interval];
  const ordinary = length > 0 ? 0 : ordinaryDistance(t);
  const longest = (at: number) => Math.min(loaded.to - loaded.from, Math.max(ordinary, longestJoined(t, length, at)));
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
