import { median, medianAbsoluteDeviation, probit } from 'simple-statistics';
import { Temporal } from 'temporal-polyfill';

/** What a series did in one hour: of its samples the average, the extremes and the count. */
export interface HourFigures {
  /** Start of the hour (epoch ms). */
  readonly start: number;
  readonly avg: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Where a series usually is, and how far from there it usually strays: a robust standard deviation. */
export interface Band {
  readonly center: number;
  readonly sigma: number;
}

const HOUR_MS = 3_600_000;
const HOURS_OF_WEEK = 168;
/** The newest so many weeks count. */
const WEEKS = 8;
/** Fewer hours than this say nothing: of the hour of the week, of the hour of the day, of all hours. */
const FEWEST = 3;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/** Zones differ from UTC by multiples of it: in between the hour of the week stays the same. */
const QUARTER_MS = 900_000;
let lastAsked = { quarter: Number.NaN, zone: '', hour: 0 };

/** Hour of the week in a zone: 0 is Monday's first. A repeated hour counts twice, a skipped one not at all. */
export function hourOfWeek(ms: number, zone: string): number {
  const quarter = Math.floor(ms / QUARTER_MS);
  if (lastAsked.quarter !== quarter || lastAsked.zone !== zone) {
    const time = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS).toZonedDateTimeISO(zone);
    lastAsked = { quarter, zone, hour: (time.dayOfWeek - 1) * 24 + time.hour };
  }
  return lastAsked.hour;
}

/**
 * Standard deviation out of the range of `count` samples, as control charts have it (Shewhart's R / d2, with Blom's
 * approximation of the expected extremes of a normal sample).
 */
function sigmaOfRange(range: number, count: number): number {
  if (count < 2) return 0;
  const d2 = 2 * probit((count - 0.375) / (count + 0.25));
  return range / d2;
}

/**
 * The usual of one series by hour of the week, of its newest eight weeks. It is not changed but replaced, so that states
 * of a fold may share it.
 */
export interface Usual {
  /** Of each hour of the week, newest last. */
  readonly hours: readonly (readonly { readonly avg: number; readonly sigma: number }[])[];
}

export const EMPTY_USUAL: Usual = { hours: Array.from({ length: HOURS_OF_WEEK }, () => []) };

/** With one more hour, which is later than all before. */
export function withHour(usual: Usual, { start, avg, min, max, count }: HourFigures, zone: string): Usual {
  const hour = hourOfWeek(start, zone);
  const hours = [...usual.hours];
  hours[hour] = [...(hours[hour] ?? []), { avg, sigma: sigmaOfRange(max - min, count) }].slice(-WEEKS);
  return { hours };
}

const bands = new WeakMap<Usual, Map<number, Band | null>>();

/**
 * The band of an hour of the week: of that hour alone, or where there are fewer than three of it, of that hour of all days,
 * or of all hours; null where there are fewer than three at all.
 */
export function bandOf(usual: Usual, hour: number): Band | null {
  const known = bands.get(usual) ?? new Map<number, Band | null>();
  bands.set(usual, known);
  const found = known.get(hour);
  if (found !== undefined) return found;
  const sameHour = usual.hours.filter((_, index) => index % 24 === hour % 24);
  const entries = [usual.hours[hour] ?? [], sameHour.flat(), usual.hours.flat()].find((each) => each.length >= FEWEST);
  const band = entries === undefined ? null : bandFrom(entries);
  known.set(hour, band);
  return band;
}

function bandFrom(entries: readonly { readonly avg: number; readonly sigma: number }[]): Band {
  const averages = entries.map(({ avg }) => avg);
  const between = MAD_TO_SIGMA * medianAbsoluteDeviation(averages);
  const within = median(entries.map(({ sigma }) => sigma));
  return { center: median(averages), sigma: Math.hypot(between, within) };
}

/** The start of the hour that holds an instant, by the minutes of UTC: a quarter of a zone's hours may be in the next. */
export const hourStart = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;
export const hourEnd = (start: number): number => start + HOUR_MS;
