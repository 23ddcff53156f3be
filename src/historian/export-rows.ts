import type { HistoryEngine } from './history.ts';
import type { HistorySeries } from './history-request.ts';
import type { HotRow, Position } from './hot-reader.ts';

/** A series to be exported, with what it is called. */
export interface ExportSeries extends HistorySeries {
  /** The device's key. */
  readonly device: string;
  readonly unit: string | null;
}

/** What is exported. Times are epoch ms, `from` inclusive and `to` exclusive. */
export interface ExportRange {
  readonly factoryId: number;
  readonly series: readonly ExportSeries[];
  readonly from: number;
  readonly to: number;
}

/** Where an export goes on. */
export interface ExportPlace {
  readonly from: number;
  /** The last sample that was taken, if there are more of its span. */
  readonly after: Position | undefined;
  /** The span that is looked at next (ms): as long as gives about a page. */
  readonly widthMs: number;
}

/** Samples in the order of (ts, series). */
export interface ExportedRows {
  readonly rows: readonly HotRow[];
  /** Null when there are none after these. */
  readonly next: ExportPlace | null;
}

/** Enough to make a question cheap, few enough to be held in memory and to stop soon. */
const PAGE_ROWS = 50_000;
const FIRST_WIDTH_MS = 3_600_000;

/**
 * The next page of an export. It goes through time in spans of about a page each: to ask for the first rows of all that is
 * left would make DuckDB look at all of it for each page.
 *
 * @param wholeInstants - a page ends between two instants, and not within the samples of one; it needs fewer series than
 *   a page has rows
 */
export async function exportRows(
  engine: Pick<HistoryEngine, 'rows'>,
  range: ExportRange,
  start: ExportPlace | undefined,
  options: { readonly wholeInstants: boolean; readonly isCancelled: () => boolean; readonly pageRows?: number },
): Promise<ExportedRows> {
  const { factoryId, series, to } = range;
  const { wholeInstants, isCancelled, pageRows: limit = PAGE_ROWS } = options;
  let { from, after, widthMs } = start ?? { from: range.from, after: undefined, widthMs: FIRST_WIDTH_MS };
  const taken: HotRow[] = [];
  while (from < to && taken.length <= limit / 2) {
    const end = Math.min(to, from + widthMs);
    const task = { factoryId, timezone: 'UTC', series, from, to: end, interval: 'raw', limit, after } as const;
    const { rows, more } = await engine.rows(task, isCancelled);
    const last = rows.at(-1);
    for (const row of rows) taken.push(row);
    if (!more || last === undefined) {
      [from, after] = [end, undefined];
      if (rows.length < limit / 4) widthMs *= 4;
      continue;
    }
    const [ts, seriesId] = last;
    if (wholeInstants) while (taken.at(-1)?.[0] === ts) taken.pop();
    widthMs = Math.max(1, ts - from);
    [from, after] = [ts, wholeInstants ? undefined : { ts, seriesId }];
  }
  return { rows: taken, next: from < to ? { from, after, widthMs } : null };
}
