import { gapsOf } from './gaps.ts';
import type { Track } from './track.ts';

/** Undefined: nothing at this moment, the line goes on; null: a gap, the line breaks (as uPlot has it). */
type Aligned = (number | null | undefined)[];

/** Tracks on one common time axis, as uPlot takes them: the moments, then a list for each track. */
export type AlignedTracks = [x: Float64Array, ...y: Aligned[]];

/** All moments of two ordered lists, each once. */
function merged(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const out = new Float64Array(a.length + b.length);
  let [i, j, length] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY];
    out[length++] = x < y ? x : y;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return out.subarray(0, length);
}

function spread(
  x: Float64Array,
  t: readonly number[],
  values: readonly number[],
  breaks: ReadonlySet<number>,
): Aligned {
  const out: Aligned = new Array(x.length);
  let next = 0;
  for (let at = 0; at < x.length; at++) {
    if (t[next] === x[at]) out[at] = values[next++];
    else out[at] = breaks.size > 0 && breaks.has(x[at] ?? 0) ? null : undefined;
  }
  return out;
}

/** Puts tracks of numbers on one time axis, with a break in the middle of each gap. */
export function align(tracks: readonly Track[]): AlignedTracks {
  const breaks = tracks.map((track) => gapsOf(track).map(({ from, to }) => (from + to) / 2));
  const lists: ArrayLike<number>[] = [...tracks.map(({ t }) => t), ...breaks.filter(({ length }) => length > 0)];
  const x = lists.reduce<Float64Array>((all, list) => merged(all, list), new Float64Array(0));
  return [x, ...tracks.map(({ t, y }, place) => spread(x, t, y, new Set(breaks[place])))];
}
