import { AppError } from '../core/errors.ts';
import { createAggregator, type PackedSeries } from './aggregate.ts';
import { edges } from './calendar.ts';
import type { HistoryTask } from './history-request.ts';
import { type HotReader, type HotRow, type HotSnapshot, openHotReader, type Position } from './hot-reader.ts';

/** What a query thread sends back: the series in the order of the task, and where a raw page ended. */
export interface PackedHistory {
  readonly series: readonly PackedSeries[];
  /** The last sample of a raw page after which there may be more. */
  readonly next: Position | undefined;
}

/** Answers history queries on one connection to `hot.db`. Synchronous: it belongs into a thread of its own. */
export interface HistoryEngine {
  /**
   * @param isCancelled - asked at every page of rows, so within milliseconds
   * @throws {AppError} `unavailable` when cancelled
   */
  query(task: HistoryTask, isCancelled: () => boolean): PackedHistory;
  close(): void;
}

/** Rows fetched at once: enough to make the call cheap, few enough to stop soon. */
const PAGE_ROWS = 8_192;

function refuseCancelled(isCancelled: () => boolean): void {
  if (isCancelled()) throw new AppError('unavailable', 'the query was cancelled');
}

function aggregated(task: HistoryTask, snapshot: HotSnapshot, isCancelled: () => boolean): PackedHistory {
  const { series, from, to, interval, timezone } = task;
  if (interval === 'raw') throw new AppError('internal', 'raw samples have no steps');
  const places = new Map(series.map(({ seriesId }, place) => [seriesId, place]));
  const aggregator = createAggregator(
    series.map(({ kind }) => kind),
    edges(from, to, interval, timezone),
  );
  for (const page of snapshot.pages({ seriesIds: [...places.keys()], from, to, pageRows: PAGE_ROWS })) {
    refuseCancelled(isCancelled);
    for (const [ts, seriesId, value, text] of page) {
      const place = places.get(seriesId);
      if (place !== undefined) aggregator.add(place, ts, value, text);
    }
  }
  return { series: aggregator.finish(), next: undefined };
}

function raw(task: HistoryTask, snapshot: HotSnapshot, isCancelled: () => boolean): PackedHistory {
  const { series, from, to, limit, after } = task;
  const seriesIds = series.map(({ seriesId }) => seriesId);
  const rows: HotRow[] = [];
  // One more than the page holds tells whether there is another page.
  for (const page of snapshot.pages({ seriesIds, from, to, after, pageRows: limit + 1 })) {
    refuseCancelled(isCancelled);
    rows.push(...page);
    if (rows.length > limit) break;
  }
  const shown = rows.slice(0, limit);
  const places = new Map(seriesIds.map((seriesId, place) => [seriesId, place]));
  const numbers = series.map((): number[] => []);
  const texts = series.map((): string[] => []);
  for (const [ts, seriesId, value, text] of shown) {
    const place = places.get(seriesId) ?? -1;
    numbers[place]?.push(ts, value ?? Number.NaN);
    if (text !== null) texts[place]?.push(text);
  }
  const last = shown.at(-1);
  return {
    series: numbers.map((list, place) => ({ numbers: Float64Array.from(list), texts: texts[place] ?? [] })),
    next: rows.length > limit && last !== undefined ? { ts: last[0], seriesId: last[1] } : undefined,
  };
}

/**
 * The history query over recent telemetry: one snapshot, one pass in order of time for all series together, so first
 * and last are exact and memory does not grow with the range.
 *
 * Sealed segments will join here: the engine then takes the list of segments from the catalogue (read after the
 * snapshot was opened), lets DuckDB fold them over the same edges into partial steps, and the aggregator takes those
 * before the rows: count, min, max, first and last merge exactly, sums to 1e-9. Raw pages merge by (ts, series).
 *
 * @throws SqliteError when there is no database yet
 */
export function openHistory(hotDb: string): HistoryEngine {
  const reader: HotReader = openHotReader(hotDb);
  return {
    query: (task, isCancelled) =>
      reader.readHot(task.factoryId, (snapshot) =>
        task.interval === 'raw' ? raw(task, snapshot, isCancelled) : aggregated(task, snapshot, isCancelled),
      ),
    close: () => reader.close(),
  };
}
