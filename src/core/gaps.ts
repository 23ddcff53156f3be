/**
 * Where a series has nothing. The one rule for the history API and for the charts in `ui/`, which build this file in: so
 * it imports nothing, and runs in a browser too.
 */

/** A stretch without points, from the end of one to the start of the next (epoch ms). */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Neighbours on each side that tell what is usual at a place. */
const NEIGHBOURS = 5;
/** Fewer distances than this say nothing of what is usual. */
const MIN_DISTANCES = 3;
/** Distances looked at to find what is usual in all: enough, and quick in any series. */
const MAX_DISTANCES = 400;
/** A sample missing now and then is no gap; five in a row are. */
const TOLERANCE = 5;

const inOrder = (list: number[]) => list.sort((a, b) => a - b);
const middleOf = (list: number[]) => inOrder(list)[list.length >> 1] ?? 0;

/** Distances from place to place (ms), between `start` and `end`. */
function distances(t: ArrayLike<number>, start: number, end: number, every = 1): number[] {
  const found: number[] = [];
  for (let at = Math.max(1, start); at < Math.min(t.length, end); at += every)
    found.push((t[at] ?? 0) - (t[at - 1] ?? 0));
  return found;
}

/**
 * The distance (ms) between single samples that is still ordinary in a series as a whole. Nine of ten stay below half of
 * it: a series that sends by exception, in bursts, pauses for so long.
 */
export function ordinaryDistance(t: ArrayLike<number>): number {
  const sorted = inOrder(distances(t, 1, t.length, Math.max(1, Math.floor(t.length / MAX_DISTANCES))));
  return (sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0) * 2;
}

/**
 * How far apart the points around a place may be and still be joined (ms). It goes by the neighbours on either side,
 * because a device may come to send more or less often. Of intervals one may not be missing, unless the series sends
 * less often than that anyway.
 *
 * @param at - the place of the point after
 */
export function longestJoined(t: ArrayLike<number>, lengthMs: number, at: number): number {
  const sides = [distances(t, at - NEIGHBOURS, at), distances(t, at + 1, at + 1 + NEIGHBOURS)];
  const known = sides.filter((side) => side.length > 0);
  if (sides.flat().length < MIN_DISTANCES) return lengthMs > 0 ? lengthMs * TOLERANCE : Number.POSITIVE_INFINITY;
  const usual = Math.max(...known.map(middleOf));
  return lengthMs > 0 && usual <= lengthMs * 1.2 ? lengthMs * 1.5 : usual * TOLERANCE;
}

/**
 * Where a series has nothing, between points that are too far apart. An interval lasts until its end.
 *
 * @param t - stamps of the points, in order (epoch ms)
 * @param lengthMs - nominal length of the intervals that the points stand for; 0 for single samples
 */
export function findGaps(t: ArrayLike<number>, lengthMs: number): Gap[] {
  const ordinary = lengthMs > 0 ? lengthMs * 1.5 : ordinaryDistance(t);
  const gaps: Gap[] = [];
  for (let at = 1; at < t.length; at++) {
    const [before, after] = [t[at - 1] ?? 0, t[at] ?? 0];
    const distance = after - before;
    if (distance > ordinary && distance > longestJoined(t, lengthMs, at))
      gaps.push({ from: before + lengthMs, to: after });
  }
  return gaps;
}
