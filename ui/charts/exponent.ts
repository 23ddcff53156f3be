import type { Limit } from './layers.ts';
import type { TimeWindow } from './range.ts';
import { extentOf } from './reading.ts';
import type { Track } from './track.ts';

/** From here on the chart library finds no ticks, and the sum of two numbers may be too large for any. */
const EXTREME = 15;

interface Drawn {
  readonly lines: readonly { readonly track: Track; readonly place: number }[];
  readonly limits: readonly Limit[];
  readonly window: TimeWindow;
}

/** The power of ten that numbers are drawn in: 0, unless they are extremely large or small. */
export function exponentOf({ lines, window }: Pick<Drawn, 'lines' | 'window'>): number {
  const extent = extentOf(
    lines.map(({ track }) => track),
    window,
  );
  const largest = Math.max(...(extent ?? [0]).map(Math.abs));
  const exponent = largest > 0 ? Math.floor(Math.log10(largest)) : 0;
  return Math.abs(exponent) < EXTREME ? 0 : exponent;
}

/** The same in units of a power of ten. */
export function inUnits<Content extends Drawn>(content: Content, exponent: number): Content {
  if (exponent === 0) return content;
  const unit = 10 ** exponent;
  const reduced = (values: readonly number[]) => values.map((value) => value / unit);
  return {
    ...content,
    lines: content.lines.map(({ track, place }) => ({
      place,
      track: { ...track, y: reduced(track.y), low: reduced(track.low), high: reduced(track.high) },
    })),
    limits: content.limits.map((limit) => ({ ...limit, value: limit.value / unit })),
  };
}
