import { Temporal } from 'temporal-polyfill';
import type { Schedule, ScheduleWindow } from './condition.ts';

/** Whether a schedule applies at an instant, and until when (epoch ms, exclusive) that stays so. */
export interface Applies {
  readonly applies: boolean;
  readonly until: number;
}

export type ScheduleAt = (ms: number) => Applies;

interface Span {
  readonly from: number;
  readonly to: number;
}

const ALWAYS: Applies = { applies: true, until: Number.POSITIVE_INFINITY };

/** Longer than any weekly schedule stays the same; then it is asked again. */
const LOOK_AHEAD_DAYS = 8;

const instantOf = (date: Temporal.PlainDate, time: Temporal.PlainTime, zone: string): number =>
  date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;

const startOf = (date: Temporal.PlainDate, zone: string): number => date.toZonedDateTime(zone).epochMilliseconds;

/** What of a window begins on `date`; null where none does. A time that the clock skips is the instant behind it. */
function spanOn(date: Temporal.PlainDate, window: ScheduleWindow, zone: string): Span | null {
  if (!window.days.includes(date.dayOfWeek)) return null;
  const [from, to] = [Temporal.PlainTime.from(window.from), Temporal.PlainTime.from(window.to)];
  const ends = Temporal.PlainTime.compare(to, from) > 0 ? date : date.add({ days: 1 });
  return { from: instantOf(date, from, zone), to: instantOf(ends, to, zone) };
}

/** Those that overlap or touch become one. */
function joined(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else if (to > from) result.push({ from, to });
  }
  return result;
}

/**
 * A schedule by its zone's calendar: on a day of 23 or 25 hours a window is an hour shorter or longer, as the clock on the
 * wall says; one that ends at or before its beginning ends on the next day, and belongs to the day on which it begins.
 * `from_date` and `to_date` bound the days on which a window begins, or without windows the days themselves.
 *
 * @param factoryZone - what `factory` stands for (IANA)
 * @throws RangeError for a zone, time or date that does not exist
 */
export function scheduleAt(schedule: Schedule | null, factoryZone: string): ScheduleAt {
  if (schedule === null) return () => ALWAYS;
  const zone = schedule.timezone === 'factory' ? factoryZone : schedule.timezone;
  const first = schedule.from_date === null ? null : Temporal.PlainDate.from(schedule.from_date);
  const last = schedule.to_date === null ? null : Temporal.PlainDate.from(schedule.to_date);
  const isIn = (date: Temporal.PlainDate) =>
    (first === null || Temporal.PlainDate.compare(date, first) >= 0) &&
    (last === null || Temporal.PlainDate.compare(date, last) <= 0);

  /** Every span that touches the days around one, from the day before it. */
  const spansFrom = (day: Temporal.PlainDate): Span[] => {
    const days = Array.from({ length: LOOK_AHEAD_DAYS + 2 }, (_, i) => day.add({ days: i - 1 })).filter(isIn);
    if (schedule.windows.length === 0) {
      return joined(days.map((date) => ({ from: startOf(date, zone), to: startOf(date.add({ days: 1 }), zone) })));
    }
    return joined(days.flatMap((date) => schedule.windows.flatMap((window) => spanOn(date, window, zone) ?? [])));
  };

  let known: Applies & { readonly from: number } = { applies: false, from: 0, until: 0 };
  return (ms) => {
    if (ms >= known.from && ms < known.until) return known;
    const day = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(zone).toPlainDate();
    const spans = spansFrom(day);
    const horizon = startOf(day.add({ days: LOOK_AHEAD_DAYS }), zone);
    const inside = spans.find(({ from, to }) => ms >= from && ms < to);
    const next = spans.find(({ from }) => from > ms);
    known =
      inside === undefined
        ? { applies: false, from: ms, until: Math.min(next?.from ?? horizon, horizon) }
        : { applies: true, from: ms, until: Math.min(inside.to, horizon) };
    return known;
  };
}
