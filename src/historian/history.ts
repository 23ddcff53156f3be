import { AppError } from '../core/errors.ts';
import { type Aggregator, createAggregator, type PackedSeries } from './aggregate.ts';
import { edges } from './calendar.ts';
import { type FoldPlan, planFold, type Span } from './fold-plan.ts';
import { type HistoryTask, idsOf } from './history-request.ts';
import { type HotRow, type HotSnapshot, type HotSpan, openHotReader, type Position } from './hot-reader.ts';
import { missingSpans, united } from './missing-spans.ts';
import { MINUTE_WIDTH } from './recent-minutes.ts';
import type { VisitSample } from './sample-columns.ts';
import { removedSpans, type Walked, type WalkOptions, type WalkRange, walkSamples } from './sample-walk.ts';
import { openSegmentCatalogue, type Segment } from './segment-catalogue.ts';
import { openSegmentReader, type SegmentReader } from './segment-reader.ts';

/** What a query thread sends back: the series in the order of the task, and where a raw page ended. */
export interface PackedHistory {
  readonly series: readonly PackedSeries[];
  /** The last sample of a raw page after which there may be more. */
  readonly next: Position | undefined;
  /** Where samples may be missing, because their file is damaged or missing. */
  readonly missing: readonly Span[];
}

/** Answers history queries on connections of its own. Partly synchronous: it belongs into a thread of its own. */
export interface HistoryEngine {
  /**
   * @param isCancelled - asked at every page of rows, so within milliseconds
   * @throws {AppError} `unavailable` when cancelled
   */
  query(task: HistoryTask, isCancelled: () => boolean): Promise<PackedHistory>;
  /** The raw samples of a task as rows, in the order of (ts, series); `more`: there are some after these. */
  rows(
    task: HistoryTask,
    isCancelled: () => boolean,
  ): Promise<{ readonly rows: readonly HotRow[]; readonly more: boolean }>;
  /**
   * Visits every raw sample of the range in the order of time; see `walkSamples`.
   *
   * @throws {AppError} `unavailable` when cancelled, `unreadable`
   */
  walk(range: WalkRange, visit: VisitSample, options: WalkOptions): Promise<Walked>;
  close(): void;
}

/** Where the past is. */
export interface HistoryPlace {
  readonly hotDb: string;
  /** The catalogue of segments; absent where there are none. */
  readonly sealed?: { readonly controlDb: string; readonly root: string };
}

/** Rows fetched at once: enough to make the call cheap, few enough to stop soon. */
const PAGE_ROWS = 8_192;
/** Rows of segments that are merged one by one with late samples that are not sealed yet. */
const MAX_MERGED_ROWS = 2_000_000;
const CANCEL_POLL_MS = 20;

function refuseCancelled(isCancelled: () => boolean): void {
  if (isCancelled()) throw new AppError('unavailable', 'the query was cancelled');
}

/** Hot and sealed parts of a range as of one instant. */
interface Sources {
  readonly segments: readonly Segment[];
  readonly quarantined: readonly Segment[];
  readonly spans: readonly HotSpan[];
}

const touches = ({ fromTs, toTs }: Segment, { startMs, endMs }: HotSpan) => fromTs < endMs && toTs > startMs;

const isRaw = ({ level }: Segment) => level === 'raw';

/** The series of a task by their number. */
const placesOf = ({ series }: Pick<HistoryTask, 'series'>) =>
  new Map(series.flatMap((one, place) => idsOf(one).map((seriesId) => [seriesId, place] as const)));
/** 0 is a parameter without a series yet. */
const storedSeries = ({ series }: Pick<WalkRange, 'series'>) =>
  series.flatMap((one) => idsOf(one).map((seriesId) => ({ seriesId, kind: one.kind })));
const storedIds = (task: Pick<WalkRange, 'series'>) => storedSeries(task).map(({ seriesId }) => seriesId);

/** Two lists in the order of (ts, series) as one; where both have a sample, the one of `later` holds. */
function merged(earlier: readonly HotRow[], later: readonly HotRow[]): HotRow[] {
  const rows: HotRow[] = [];
  let [e, l] = [0, 0];
  while (e < earlier.length || l < later.length) {
    const [a, b] = [earlier[e], later[l]];
    const order = a === undefined ? 1 : b === undefined ? -1 : a[0] - b[0] || a[1] - b[1];
    if (order <= 0) e++;
    if (order >= 0) l++;
    const row = order < 0 ? a : b;
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/**
 * The history query: recent telemetry in `hot.db` and sealed segments as one, each (series, ts) once and by its last
 * write. The hot snapshot is opened before the catalogue is read, and a bucket that the catalogue holds too is left
 * out: so nothing is missing and nothing is there twice, however buckets are sealed meanwhile.
 *
 * @throws SqliteError when there is no database yet
 */
export function openHistory({ hotDb, sealed }: HistoryPlace): HistoryEngine {
  const hot = openHotReader(hotDb);
  const catalogue = sealed === undefined ? undefined : openSegmentCatalogue(sealed.controlDb);
  const reader: SegmentReader | undefined = sealed === undefined ? undefined : openSegmentReader(sealed.root);

  const sourcesOf = ({ factoryId, from, to }: WalkRange, snapshot: HotSnapshot): Sources => {
    if (catalogue === undefined) {
      return { spans: snapshot.spans(from, to, () => new Set()), segments: [], quarantined: [] };
    }
    return catalogue.atOnce(() => {
      const spans = snapshot.spans(from, to, catalogue.sealed);
      const all = catalogue.segments(factoryId, from, to);
      return {
        spans,
        segments: all.filter(({ isQuarantined }) => !isQuarantined),
        quarantined: all.filter(({ isQuarantined }) => isQuarantined),
      };
    });
  };

  const hotRows = (snapshot: HotSnapshot, span: HotSpan, task: WalkRange, isCancelled: () => boolean): HotRow[] => {
    const { from, to } = task;
    const rows: HotRow[] = [];
    for (const page of snapshot.pages(span, { seriesIds: storedIds(task), from, to, pageRows: PAGE_ROWS })) {
      refuseCancelled(isCancelled);
      for (const row of page) rows.push(row);
    }
    return rows;
  };

  /** Interrupts DuckDB when nobody waits any more. */
  const whileWanted = async <T>(isCancelled: () => boolean, work: () => Promise<T>): Promise<T> => {
    refuseCancelled(isCancelled);
    const timer = setInterval(() => isCancelled() && reader?.interrupt(), CANCEL_POLL_MS);
    try {
      return await work();
    } catch (error) {
      refuseCancelled(isCancelled);
      throw error;
    } finally {
      clearInterval(timer);
    }
  };

  const aggregated = async (task: HistoryTask, isCancelled: () => boolean): Promise<PackedHistory> => {
    const { series, from, interval, timezone, factoryId, recent } = task;
    /** What comes after it is known. */
    const to = recent?.from ?? task.to;
    if (interval === 'raw') throw new AppError('internal', 'raw samples have no steps');
    const [places, stored] = [placesOf(task), storedSeries(task)];
    const seriesIds = stored.map(({ seriesId }) => seriesId);
    const steps = edges(from, task.to, interval, timezone);
    const aggregator = createAggregator(
      series.map(({ kind }) => kind),
      steps,
    );
    const take = (rows: readonly HotRow[]) => {
      for (const [ts, seriesId, value, text] of rows) aggregator.add(places.get(seriesId) ?? -1, ts, value, text);
    };
    for (const [place, { numbers, texts }] of (recent?.series ?? []).entries())
      mergeMinutes(aggregator, steps, place, numbers, texts);
    const late: { span: HotSpan; rows: readonly HotRow[] }[] = [];
    const nothing = { segments: [], quarantined: [] };
    const { segments, quarantined } =
      from >= to
        ? nothing
        : hot.readHot(factoryId, (snapshot) => {
            const sources = sourcesOf({ ...task, to }, snapshot);
            let waiting = 0;
            for (const span of sources.spans) {
              if (!sources.segments.some((segment) => touches(segment, span))) {
                for (const page of snapshot.pages(span, { seriesIds, from, to, pageRows: PAGE_ROWS })) {
                  refuseCancelled(isCancelled);
                  take(page);
                }
                continue;
              }
              const rows = hotRows(snapshot, span, { ...task, to }, isCancelled);
              waiting += rows.length;
              if (waiting > MAX_MERGED_ROWS) throw tooManyLate();
              if (rows.length > 0) late.push({ span, rows });
            }
            return sources;
          });
    const finished = (plan?: FoldPlan): PackedHistory => ({
      series: aggregator.finish(),
      next: undefined,
      missing: missingSpans(quarantined, segments, { from, to }, plan ?? { raw: [], holes: [], rollups: [] }),
    });
    if (reader === undefined || segments.length === 0) return finished();
    let plan: FoldPlan | undefined;
    await whileWanted(isCancelled, async () => {
      for (const { span, rows } of late) {
        const range = { from: Math.max(from, span.startMs), to: Math.min(to, span.endMs) };
        const touched = segments.filter((segment) => isRaw(segment) && touches(segment, span));
        const sealed = await reader.rows(touched, seriesIds, range, undefined, MAX_MERGED_ROWS + 1);
        if (sealed.length > MAX_MERGED_ROWS) throw tooManyLate();
        take(merged(sealed, rows));
      }
      const holes = late.map(({ span }) => ({ from: span.startMs, to: span.endMs }));
      plan = planFold(segments, { from, to }, steps, holes);
      for (const [seriesId, step, part] of await reader.fold(plan, stored, steps, { from, to })) {
        aggregator.merge(places.get(seriesId) ?? -1, step, part);
      }
    });
    return finished(plan);
  };

  /** At most one more than the page holds. */
  const rawRows = async (task: HistoryTask, isCancelled: () => boolean) => {
    const { from, to, limit, after, factoryId } = task;
    const seriesIds = storedIds(task);
    // One more than the page holds tells whether there is another page.
    const wanted = limit + 1;
    const { recent, segments, quarantined } = hot.readHot(factoryId, (snapshot) => {
      const sources = sourcesOf(task, snapshot);
      const rows: HotRow[] = [];
      for (const span of sources.spans) {
        if (rows.length >= wanted) break;
        if (span.endMs <= (after?.ts ?? from)) continue;
        const range = { seriesIds, from, to, after, pageRows: wanted };
        for (const page of snapshot.pages(span, range)) {
          refuseCancelled(isCancelled);
          for (const row of page) rows.push(row);
          if (rows.length >= wanted) break;
        }
      }
      return { ...sources, recent: rows.slice(0, wanted) };
    });
    const stored = await whileWanted(
      isCancelled,
      async () => (await reader?.rows(segments.filter(isRaw), seriesIds, { from, to }, after, wanted)) ?? [],
    );
    return { rows: merged(stored, recent).slice(0, wanted), segments, quarantined };
  };

  const raw = async (task: HistoryTask, isCancelled: () => boolean): Promise<PackedHistory> => {
    const { rows, segments, quarantined } = await rawRows(task, isCancelled);
    const page = packRaw(task, rows);
    const { from, to, after } = task;
    const shown = { from: Math.max(from, after?.ts ?? from), to: Math.min(to, page.next?.ts ?? to) };
    return { ...page, missing: missingSpans(quarantined, segments, shown, undefined) };
  };

  const walk: HistoryEngine['walk'] = async (range, visit, { isCancelled, ...options }) => {
    const series = storedSeries(range);
    const removed =
      catalogue?.atOnce(() => {
        const { factoryId } = range;
        return removedSpans(
          (span) => catalogue.segments(factoryId, span.from, span.to),
          range,
          catalogue.removedUntil(factoryId),
        );
      }) ?? [];
    const { missing } = await walkSamples(
      {
        window: (span) =>
          hot.readHot(range.factoryId, (snapshot) => {
            refuseCancelled(isCancelled);
            const asked = { ...range, ...span };
            const { segments, quarantined, spans } = sourcesOf(asked, snapshot);
            return {
              recent: spans.flatMap((one) => hotRows(snapshot, one, asked, isCancelled)),
              segments: segments.filter(isRaw),
              missing: missingSpans(quarantined, segments, span, undefined),
            };
          }),
        sealed: (segments, span, each, look) =>
          whileWanted(isCancelled, async () => {
            await reader?.visit(segments, series, span, each, (ts) => {
              refuseCancelled(isCancelled);
              return look(ts);
            });
          }),
      },
      range,
      visit,
      options,
    );
    return { missing: united([...missing, ...removed]) };
  };

  return {
    query: (task, isCancelled) => (task.interval === 'raw' ? raw(task, isCancelled) : aggregated(task, isCancelled)),
    rows: async (task, isCancelled) => {
      const { rows, segments, quarantined } = await rawRows(task, isCancelled);
      const [hole] = missingSpans(quarantined, segments, task, undefined);
      if (hole !== undefined) throw incomplete(hole);
      return { rows: rows.slice(0, task.limit), more: rows.length > task.limit };
    },
    walk,
    close: () => {
      hot.close();
      catalogue?.close();
      reader?.close();
    },
  };
}

/** Takes in the minutes of a series that are known: each lies within one step. */
function mergeMinutes(
  aggregator: Aggregator,
  steps: Float64Array,
  place: number,
  numbers: Float64Array,
  texts: readonly string[],
): void {
  let step = 0;
  for (let at = 0, minute = 0; at < numbers.length; at += MINUTE_WIDTH, minute++) {
    const [start = 0, count = 0, sum = 0, min = 0, max = 0, firstAt = 0, first = 0, lastAt = 0, last = 0] =
      numbers.subarray(at, at + MINUTE_WIDTH);
    // They come as they lie in their ring.
    if (start < (steps[step] as number)) step = 0;
    while (start >= (steps[step + 1] ?? Number.POSITIVE_INFINITY)) step++;
    const ends = {
      firstAt,
      first,
      firstText: texts[minute * 2] ?? '',
      lastAt,
      last,
      lastText: texts[minute * 2 + 1] ?? '',
    };
    aggregator.merge(place, step, { count, sum, min, max, ...ends });
  }
}

/** A file that leaves must not look whole when it is not. */
const incomplete = ({ from, to }: Span) =>
  new AppError(
    'unavailable',
    `samples from ${new Date(from).toISOString()} to ${new Date(to).toISOString()} are in a file that is damaged or missing: ` +
      'take the time before and after it, or put the file back (see Settings, Storage)',
  );

const tooManyLate = () =>
  new AppError(
    'unavailable',
    'too many late samples of this time are not sealed yet: narrow the range, or wait a few minutes',
  );

/** @param rows - at most one more than the page holds */
function packRaw({ series, limit }: HistoryTask, rows: readonly HotRow[]): Omit<PackedHistory, 'missing'> {
  const shown = rows.slice(0, limit);
  const places = placesOf({ series });
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
