import { type PackedSeries, POINT_WIDTH, RAW_WIDTH } from './aggregate.ts';
import type { CalendarInterval } from './calendar-interval.ts';
import { encodeCursor } from './cursor.ts';
import type { PackedHistory } from './history.ts';
import type { HistorySeries, HistoryTask } from './history-request.ts';

/** What a parameter's value is outside: a number, true or false, or the name of a state. */
export type HistoryValue = number | boolean | string;

/**
 * The samples of one calendar step, in [from, to) of the query. `t` is the step's start (epoch ms), which for the
 * first one may lie before `from`. For booleans `avg` is the share of samples that are true; states have no avg, min
 * or max. `first` and `last` go by the samples' own times.
 */
export interface HistoryPoint<Time = number> {
  readonly t: Time;
  readonly avg: number | null;
  readonly min: HistoryValue | null;
  readonly max: HistoryValue | null;
  readonly count: number;
  readonly first: HistoryValue;
  readonly last: HistoryValue;
}

/** A stored sample; `t` in epoch ms. */
export interface RawPoint<Time = number> {
  readonly t: Time;
  readonly value: HistoryValue;
}

interface Named {
  readonly seriesId: number;
  readonly parameter: string;
}

/** The series come in the order in which they were asked for; steps without a sample have no point. */
export type HistoryAnswer =
  | {
      readonly interval: CalendarInterval;
      readonly timezone: string;
      readonly series: readonly (Named & { readonly points: readonly HistoryPoint[] })[];
      readonly nextCursor: null;
    }
  | {
      readonly interval: 'raw';
      readonly timezone: string;
      readonly series: readonly (Named & { readonly points: readonly RawPoint[] })[];
      /** For the samples that follow; null when there are none. */
      readonly nextCursor: string | null;
    };

/** The moment (epoch ms) as it stands in a point. */
type TimeOf<Time> = (ms: number) => Time;

/** The points of a series of calendar steps. */
export function aggregatedPoints<Time>(
  { numbers, texts }: PackedSeries,
  { kind }: HistorySeries,
  timeOf: TimeOf<Time>,
): HistoryPoint<Time>[] {
  const shown = (value: number): HistoryValue => (kind === 'boolean' ? value !== 0 : value);
  return Array.from({ length: numbers.length / POINT_WIDTH }, (_, i) => {
    const at = (member: number) => numbers[i * POINT_WIDTH + member] ?? Number.NaN;
    const [t, count] = [timeOf(at(0)), at(4)];
    if (kind === 'state') {
      return { t, avg: null, min: null, max: null, count, first: texts[i * 2] ?? '', last: texts[i * 2 + 1] ?? '' };
    }
    // A sum beyond the largest double has no average; its other members stand.
    const avg = Number.isFinite(at(1)) ? at(1) : null;
    return { t, avg, min: shown(at(2)), max: shown(at(3)), count, first: shown(at(5)), last: shown(at(6)) };
  });
}

/** The points of a series of single samples. */
export function rawPoints<Time>(
  { numbers, texts }: PackedSeries,
  { kind }: HistorySeries,
  timeOf: TimeOf<Time>,
): RawPoint<Time>[] {
  return Array.from({ length: numbers.length / RAW_WIDTH }, (_, i) => {
    const value = numbers[i * RAW_WIDTH + 1] ?? Number.NaN;
    return {
      t: timeOf(numbers[i * RAW_WIDTH] ?? Number.NaN),
      value: kind === 'state' ? (texts[i] ?? '') : kind === 'boolean' ? value !== 0 : value,
    };
  });
}

/** Where the next page of raw samples begins; null when there is none. */
export const nextCursorOf = ({ next }: PackedHistory): string | null =>
  next === undefined ? null : encodeCursor(next);

const epochMs: TimeOf<number> = (ms) => ms;

/** Makes the answer out of what the query thread sent. */
export function unpackHistory(task: HistoryTask, packed: PackedHistory): HistoryAnswer {
  const { interval, timezone } = task;
  const each = <Point>(points: (packed: PackedSeries, series: HistorySeries, timeOf: TimeOf<number>) => Point[]) =>
    task.series.map((series, place) => {
      const found = packed.series[place];
      const { seriesId, parameter } = series;
      return { seriesId, parameter, points: found === undefined ? [] : points(found, series, epochMs) };
    });
  if (interval === 'raw') return { interval, timezone, series: each(rawPoints), nextCursor: nextCursorOf(packed) };
  return { interval, timezone, series: each(aggregatedPoints), nextCursor: null };
}
