import { AppError } from '../core/errors.ts';
import { type CalendarInterval, NOMINAL_MS } from './calendar-interval.ts';
import { decodeCursor } from './cursor.ts';
import type { Position } from './hot-reader.ts';
import type { RecentPart } from './recent-minutes.ts';
import type { SeriesKind } from './samples.ts';

export type HistoryInterval = 'auto' | 'raw' | CalendarInterval;

/** A series as the caller has resolved it, within the factory of the scope. */
export interface HistorySeries {
  readonly seriesId: number;
  readonly parameter: string;
  readonly kind: SeriesKind;
  /** Others in which it goes on, of the same kind: of devices that have become a part of this one. */
  readonly also?: readonly number[];
}

/** The numbers of a series as it is asked for; none of a parameter without a series yet. */
export const idsOf = ({ seriesId, also = [] }: Pick<HistorySeries, 'seriesId' | 'also'>): number[] =>
  [seriesId, ...also].filter((id) => id > 0);

/** What is asked for. Times are epoch ms, `from` inclusive and `to` exclusive. */
export interface HistoryRequest {
  readonly series: readonly HistorySeries[];
  readonly from: number;
  readonly to: number;
  readonly interval: HistoryInterval;
  /** Samples in a raw page, all series together; the most and the default is `MAX_PAGE_SAMPLES`. */
  readonly limit?: number | undefined;
  /** From the answer before, for the next page of raw samples. */
  readonly cursor?: string | undefined;
}

/** A checked request, as it goes to a query thread. */
export interface HistoryTask {
  readonly factoryId: number;
  readonly timezone: string;
  readonly series: readonly HistorySeries[];
  readonly from: number;
  readonly to: number;
  readonly interval: 'raw' | CalendarInterval;
  readonly limit: number;
  readonly after: Position | undefined;
  /** What is known already, and need not be read. */
  readonly recent?: RecentPart | undefined;
}

/** Series in one question. */
export const MAX_SERIES = 1_000;
const MAX_PAGE_SAMPLES = 10_000;

/** Points a series may have. */
const MAX_POINTS_PER_SERIES = 20_000;

/** Points an answer may have: with more it is tens of megabytes. */
const MAX_POINTS = 50_000;

/** What 'auto' stays below for each series: one local day by the minute, even one of 25 hours. */
const AUTO_POINTS = 1_500;

/** 'auto' gives single samples up to this span (ms); there a minute would be a handful of points. */
const AUTO_RAW_MS = 15 * 60_000;

const FINEST_FIRST = ['1m', '15m', '1h', '1d', '1w'] as const satisfies readonly CalendarInterval[];
const LONGEST = '1w';

const points = (from: number, to: number, interval: CalendarInterval) => Math.ceil((to - from) / NOMINAL_MS[interval]);

/**
 * The finest interval that draws the span in at most `AUTO_POINTS` points for each series and `MAX_POINTS` for all;
 * single samples up to `AUTO_RAW_MS`.
 */
export function chooseInterval(from: number, to: number, seriesCount: number): 'raw' | CalendarInterval {
  if (to - from <= AUTO_RAW_MS) return 'raw';
  const most = Math.min(AUTO_POINTS, MAX_POINTS / Math.max(seriesCount, 1));
  return FINEST_FIRST.find((interval) => points(from, to, interval) <= most) ?? LONGEST;
}

function refuse(pointer: string, message: string): never {
  throw new AppError('invalid_input', message, { faults: [{ pointer, message }] });
}

const isTooMany = (perSeries: number, seriesCount: number) =>
  perSeries > MAX_POINTS_PER_SERIES || perSeries * seriesCount > MAX_POINTS;

function checkPoints({ from, to, series }: HistoryRequest, interval: CalendarInterval): void {
  const perSeries = points(from, to, interval);
  if (!isTooMany(perSeries, series.length)) return;
  const isHopeless = isTooMany(points(from, to, LONGEST), series.length);
  const remedy = isHopeless ? 'narrow the range' : 'narrow the range, or take a longer interval or "auto"';
  if (perSeries > MAX_POINTS_PER_SERIES) {
    refuse(
      '/interval',
      `${interval} over this range makes ${perSeries} points (at most ${MAX_POINTS_PER_SERIES}): ${remedy}`,
    );
  }
  refuse(
    '/interval',
    `${interval} over this range makes up to ${perSeries * series.length} points in all (at most ${MAX_POINTS}): ${remedy}, or ask for fewer series`,
  );
}

/**
 * Checks a request and settles what 'auto' and the defaults mean.
 *
 * @throws {AppError} `invalid_input`, with the member at fault and the remedy
 */
export function planHistory(factoryId: number, timezone: string, request: HistoryRequest): HistoryTask {
  const { series, from, to, limit = MAX_PAGE_SAMPLES, cursor } = request;
  if (!Number.isSafeInteger(from)) refuse('/from', 'from is not a time');
  if (!Number.isSafeInteger(to)) refuse('/to', 'to is not a time');
  if (from >= to) refuse('/from', 'from is not before to: exchange them, or widen the range');
  if (series.length > MAX_SERIES) {
    refuse(
      '/parameters',
      `${series.length} series in one query (at most ${MAX_SERIES}): name fewer devices or parameters, and ask for the others in another`,
    );
  }
  // 0 is a parameter without a series yet: it has no samples, however often it is named.
  const stored = series.flatMap(idsOf);
  if (new Set(stored).size < stored.length) refuse('/parameters', 'a series is named twice');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SAMPLES) {
    refuse('/limit', `limit is a whole number from 1 to ${MAX_PAGE_SAMPLES}`);
  }
  const interval = request.interval === 'auto' ? chooseInterval(from, to, series.length) : request.interval;
  const task = { factoryId, timezone, series, from, to, interval, limit };
  if (interval !== 'raw') {
    if (cursor !== undefined)
      refuse('/cursor', 'only raw samples come in pages: leave the cursor out, or ask for "raw"');
    checkPoints(request, interval);
    return { ...task, after: undefined };
  }
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  return { ...task, after: after !== undefined && after.ts >= from ? after : undefined };
}
