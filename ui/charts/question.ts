import type { TimeWindow } from './range.ts';
import { INTERVAL_MS, type Interval, type Kind } from './track.ts';

/** What is asked of the API, and how: it has limits, and so has what a chart can show. */

/** Points of one series that are worth drawing: a few for each pixel, so that what is short is not lost. */
const MAX_POINTS = 4_400;
/** Points in one answer (the API's own limit is 50,000). */
const MAX_ANSWER_POINTS = 45_000;
/** Parameters in one request: an answer of a size that comes soon, and an address of a length that passes every proxy. */
const MAX_PARAMETERS = 100;
const MAX_NAMES_LENGTH = 4_000;

/** A parameter whose history is asked for. */
export interface AskedParameter {
  readonly name: string;
  readonly kind: Kind;
}

/** Names as the API takes them: separated by commas, with a backslash before a comma that belongs to a name. */
export const listOf = (names: readonly string[]): string => names.map((name) => name.replaceAll(',', '\\,')).join(',');

/** The shortest interval of which a chart can show every point. */
export function shortestInterval({ from, to }: TimeWindow, series: number): Exclude<Interval, 'raw'> {
  const most = Math.min(MAX_POINTS, MAX_ANSWER_POINTS / Math.max(1, series));
  return (['1m', '15m', '1h', '1d'] as const).find((interval) => (to - from) / INTERVAL_MS[interval] <= most) ?? '1w';
}

/** Parameters in portions that one request can carry. */
export function portions(parameters: readonly AskedParameter[]): AskedParameter[][] {
  const all: AskedParameter[][] = [];
  let length = 0;
  for (const parameter of parameters) {
    const own = encodeURIComponent(parameter.name).length + 3;
    const last = all.at(-1);
    if (last === undefined || last.length >= MAX_PARAMETERS || length + own > MAX_NAMES_LENGTH) {
      all.push([parameter]);
      length = own;
    } else {
      last.push(parameter);
      length += own;
    }
  }
  return all;
}
