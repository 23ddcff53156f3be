import type { SeriesKind } from './samples.ts';

/**
 * A series' points in one array, for the way from thread to thread: an array of objects is taken apart and built
 * again on the main thread (50,000 points: 70 ms), an array of doubles is copied (under 1 ms).
 *
 * Aggregated: `POINT_WIDTH` numbers a point; raw: t and value. For states the values are NaN and stand in `texts`:
 * first and last of each point, or the value of each sample.
 */
export interface PackedSeries {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: readonly string[];
}

/** t (start of the step), avg, min, max, count, first, last. */
export const POINT_WIDTH = 7;
/** t, value. */
export const RAW_WIDTH = 2;

/** What is known of a step's samples without looking at each: such parts are merged. Times in epoch ms. */
export interface Part {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly firstAt: number;
  readonly first: number;
  readonly firstText: string;
  readonly lastAt: number;
  readonly last: number;
  readonly lastText: string;
}

/** Folds samples, and parts that somebody else has folded, into the steps between calendar edges, in any order. */
export interface Aggregator {
  add(series: number, ts: number, value: number | null, text: string | null): void;
  merge(series: number, step: number, part: Part): void;
  /** The steps that hold a sample, for each series in the order it was given in. */
  finish(): PackedSeries[];
}

/** The samples of one step. Sums are Neumaier's: the error does not grow with the number of samples. */
class Step {
  count = 0;
  sum = 0;
  lost = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = Number.NEGATIVE_INFINITY;
  first = Number.NaN;
  last = Number.NaN;
  firstText = '';
  lastText = '';

  addSum(value: number): void {
    const sum = this.sum + value;
    this.lost += Math.abs(this.sum) >= Math.abs(value) ? this.sum - sum + value : value - sum + this.sum;
    this.sum = sum;
  }

  begin(at: number, value: number, text: string): void {
    if (at >= this.firstAt) return;
    [this.firstAt, this.first, this.firstText] = [at, value, text];
  }

  end(at: number, value: number, text: string): void {
    if (at < this.lastAt) return;
    [this.lastAt, this.last, this.lastText] = [at, value, text];
  }

  add(ts: number, value: number, text: string): void {
    this.count++;
    this.addSum(value);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.begin(ts, value, text);
    this.end(ts, value, text);
  }

  merge(part: Part): void {
    this.count += part.count;
    this.addSum(part.sum);
    this.min = Math.min(this.min, part.min);
    this.max = Math.max(this.max, part.max);
    this.begin(part.firstAt, part.first, part.firstText);
    this.end(part.lastAt, part.last, part.lastText);
  }
}

/**
 * @param kinds - of the series, which are named by their place
 * @param edges - as `calendar.edges` gives them; every sample lies between the first and the last
 */
export function createAggregator(kinds: readonly SeriesKind[], edges: Float64Array): Aggregator {
  const steps = kinds.map((): (Step | undefined)[] => []);
  let current = 0;

  /** Samples mostly come in order of time: the step before, or the one after it, is looked at first. */
  const stepAt = (ts: number): number => {
    const edge = (index: number) => edges[index] ?? Number.POSITIVE_INFINITY;
    if (ts >= edge(current) && ts < edge(current + 1)) return current;
    if (ts >= edge(current + 1) && ts < edge(current + 2)) return ++current;
    let [low, high] = [0, edges.length - 2];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (edge(middle) <= ts) low = middle;
      else high = middle - 1;
    }
    current = low;
    return low;
  };

  const open = (series: number, index: number): Step | undefined => {
    const list = steps[series];
    if (list === undefined) return undefined;
    list[index] ??= new Step();
    return list[index];
  };

  const packNumbers = (list: readonly (Step | undefined)[]): PackedSeries => {
    const numbers: number[] = [];
    for (const [index, step] of list.entries()) {
      if (step === undefined) continue;
      const { count, sum, lost, min, max, first, last } = step;
      numbers.push(edges[index] ?? Number.NaN, (sum + lost) / count, min, max, count, first, last);
    }
    return { numbers: Float64Array.from(numbers), texts: [] };
  };

  const packStates = (list: readonly (Step | undefined)[]): PackedSeries => {
    const [numbers, texts]: [number[], string[]] = [[], []];
    for (const [index, step] of list.entries()) {
      if (step === undefined) continue;
      const { NaN: none } = Number;
      numbers.push(edges[index] ?? none, none, none, none, step.count, none, none);
      texts.push(step.firstText, step.lastText);
    }
    return { numbers: Float64Array.from(numbers), texts };
  };

  return {
    add: (series, ts, value, text) => open(series, stepAt(ts))?.add(ts, value ?? Number.NaN, text ?? ''),
    merge: (series, index, part) => open(series, index)?.merge(part),
    finish: () => steps.map((list, series) => (kinds[series] === 'state' ? packStates(list) : packNumbers(list))),
  };
}
