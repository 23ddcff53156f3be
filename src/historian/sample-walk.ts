import { DAY_MS } from './buckets.ts';
import type { Span } from './fold-plan.ts';
import type { HistorySeries } from './history-request.ts';
import type { HotRow } from './hot-reader.ts';
import { united } from './missing-spans.ts';
import { eachSample, type VisitColumns, type VisitSample } from './sample-columns.ts';
import type { Segment } from './segment-catalogue.ts';

/** Which samples to walk through: times are epoch ms, `from` inclusive and `to` exclusive. */
export interface WalkRange extends Span {
  readonly factoryId: number;
  readonly series: readonly Pick<HistorySeries, 'seriesId' | 'kind' | 'also'>[];
}

export interface WalkOptions {
  /** Asked a few times in a window: the walk is given up. */
  readonly isCancelled: () => boolean;
  /** Asked as often: what there is was enough, and the walk ends as if it was at its end. */
  readonly isEnough?: () => boolean;
  /** Takes the place of `visit` where samples lie in columns, as most do. */
  readonly visitColumns?: VisitColumns;
  /** Told of how far it is (epoch ms), a few times in a window. */
  readonly onProgress?: (ts: number) => void;
}

/** What has been walked through. */
export interface Walked {
  /** Where samples may be missing: their file is damaged or missing, or they have been removed. */
  readonly missing: readonly Span[];
}

/** One window of a walk as of one instant. */
export interface WalkWindow {
  /** What is not sealed, in the order of (ts, series). Of a sample that is sealed too this one holds. */
  readonly recent: readonly HotRow[];
  /** Samples' segments. */
  readonly segments: readonly Segment[];
  readonly missing: readonly Span[];
}

export interface WalkParts {
  readonly window: (span: Span) => WalkWindow;
  /** Visits sealed samples in the order of time, and calls `look` between its pages: false ends it. */
  readonly sealed: (
    segments: readonly Segment[],
    span: Span,
    visit: VisitColumns,
    look: (ts: number) => boolean,
  ) => Promise<void>;
}

const FIRST_WINDOW_MS = 3_600_000;
/** So many samples make a window: enough that opening it is cheap, few enough to be sorted in little memory. */
const WINDOW_SAMPLES = 500_000;
const [WIDEN, NARROW] = [8, 4];

/** Visits recent rows at their place among the sealed ones. */
function amongRecent(recent: readonly HotRow[], visit: VisitSample) {
  let next = 0;
  const visitNext = () => {
    const [ts, seriesId, value, text] = recent[next++] as HotRow;
    visit(ts, seriesId, value ?? Number.NaN, text);
  };
  return {
    sealed: (ts: number, seriesId: number, value: number, text: string | null) => {
      for (;;) {
        const row = recent[next];
        if (row === undefined || row[0] > ts || (row[0] === ts && row[1] > seriesId)) break;
        visitNext();
        if (row[0] === ts && row[1] === seriesId) return;
      }
      visit(ts, seriesId, value, text);
    },
    rest: () => {
      while (next < recent.length) visitNext();
    },
  };
}

/**
 * Visits every sample of some series, each (series, ts) once and by its last write, in the order of time. It goes through
 * time in windows of about as many samples each, so that it needs the memory of one, however long the range is; each window
 * is read as of one instant.
 */
export async function walkSamples(
  { window, sealed }: WalkParts,
  { from, to }: Span,
  visit: VisitSample,
  { isEnough = () => false, onProgress = () => {}, visitColumns }: Omit<WalkOptions, 'isCancelled'>,
): Promise<Walked> {
  const missing: Span[] = [];
  let widthMs = FIRST_WINDOW_MS;
  for (let start = from; start < to && !isEnough(); ) {
    const span = { from: start, to: Math.min(to, start + widthMs) };
    const { recent, segments, missing: lacking } = window(span);
    missing.push(...lacking);
    let count = recent.length;
    const look = (ts: number): boolean => {
      onProgress(ts);
      return !isEnough();
    };
    const merging = recent.length === 0 ? undefined : amongRecent(recent, visit);
    const visitSealed: VisitColumns =
      (merging === undefined && visitColumns) || ((columns) => eachSample(columns, merging?.sealed ?? visit));
    await sealed(
      segments,
      span,
      (columns) => {
        for (const { start: first, end } of columns) count += end - first;
        visitSealed(columns);
      },
      look,
    );
    if (isEnough()) break;
    merging?.rest();
    onProgress(span.to);
    start = span.to;
    if (count < WINDOW_SAMPLES / WIDEN) widthMs *= WIDEN;
    else if (count > WINDOW_SAMPLES * NARROW) widthMs = Math.max(1, Math.floor(widthMs / NARROW));
  }
  return { missing: united(missing) };
}

/**
 * Days (of UTC) of a span whose samples have been removed: of some there are only rollups left, of the oldest nothing.
 *
 * @param segmentsIn - those that touch a span
 * @param removedUntil - the newest stamp that was removed, and that of which no rollup is left either (epoch ms, exclusive)
 */
export function removedSpans(
  segmentsIn: (span: Span) => readonly Segment[],
  span: Span,
  removedUntil: { readonly raw: number; readonly all: number },
): Span[] {
  const end = Math.min(span.to, removedUntil.raw);
  const days = { from: Math.floor(span.from / DAY_MS), to: Math.ceil(end / DAY_MS) };
  if (days.from >= days.to) return [];
  const [raw, rolledUp] = [new Set<number>(), new Set<number>()];
  for (const { level, fromTs, toTs } of segmentsIn({ from: days.from * DAY_MS, to: days.to * DAY_MS })) {
    const held = level === 'raw' ? raw : rolledUp;
    const first = Math.max(days.from, Math.floor(fromTs / DAY_MS));
    for (let day = first; day < days.to && day * DAY_MS < toTs; day++) held.add(day);
  }
  const removed: Span[] = [];
  for (let day = days.from; day < days.to; day++) {
    if (raw.has(day) || !(rolledUp.has(day) || day * DAY_MS < removedUntil.all)) continue;
    removed.push({ from: Math.max(span.from, day * DAY_MS), to: Math.min(end, (day + 1) * DAY_MS) });
  }
  return united(removed);
}
