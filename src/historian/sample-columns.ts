/** One stored sample, by its parts and not as an object: there are millions of them. Of a state the value is NaN. */
export type VisitSample = (ts: number, seriesId: number, value: number, text: string | null) => void;

/** Samples of one series in the order of time: the rows from `start` on, `end` exclusive. */
export interface SampleColumns {
  readonly seriesId: number;
  /** Epoch ms. */
  readonly stamps: Float64Array;
  readonly values: Float64Array;
  /** Of a state. */
  readonly textAt: ((row: number) => string | null) | undefined;
  readonly start: number;
  readonly end: number;
}

/** All samples of some series in a span of time behind the spans before. What it is given holds while it runs. */
export type VisitColumns = (columns: readonly SampleColumns[]) => void;

/** Visits samples one by one, in the order of (ts, series). */
export function eachSample(columns: readonly SampleColumns[], visit: VisitSample): void {
  const left = columns.filter(({ start, end }) => start < end).toSorted((a, b) => a.seriesId - b.seriesId);
  const rows = left.map(({ start }) => start);
  const nextOf = (place: number): number => (left[place] as SampleColumns).stamps[rows[place] as number] as number;
  while (left.length > 0) {
    let first = 0;
    let until = Number.POSITIVE_INFINITY;
    for (let place = 1; place < left.length; place++) {
      // Of one stamp the series that stands before comes first.
      const isSooner = nextOf(place) < nextOf(first);
      until = Math.min(until, isSooner ? nextOf(first) : nextOf(place) + 1);
      if (isSooner) first = place;
    }
    const { seriesId, stamps, values, textAt, end } = left[first] as SampleColumns;
    let row = rows[first] as number;
    for (; row < end && (stamps[row] as number) < until; row++) {
      visit(stamps[row] as number, seriesId, values[row] as number, textAt === undefined ? null : textAt(row));
    }
    rows[first] = row;
    if (row < end) continue;
    left.splice(first, 1);
    rows.splice(first, 1);
  }
}
