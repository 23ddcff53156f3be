import type { TimeWindow } from './range.ts';
import { momentOf, offsetAt, wallOf } from './zone.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** 1970-01-05 was the first Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const times = (unit: number, amounts: readonly number[]) => amounts.map((amount) => amount * unit);

/** Steps that people count in, up to weeks (ms). */
const STEPS_MS = [
  ...times(SECOND_MS, [1, 2, 5, 10, 15, 30]),
  ...times(MINUTE_MS, [1, 2, 5, 10, 15, 30]),
  ...times(HOUR_MS, [1, 2, 3, 6, 12]),
  ...times(DAY_MS, [1, 2, 7, 14]),
];
const STEPS_MONTHS = [1, 2, 3, 6, 12, 24];
const MONTH_MS = 30 * DAY_MS;

/** Where the time axis has its lines: every so many ms, or months. */
export type TickStep = { readonly ms: number } | { readonly months: number };

/** The finest step that makes at most so many ticks. */
export function tickStep({ from, to }: TimeWindow, most: number): TickStep {
  const span = to - from;
  const ms = STEPS_MS.find((step) => span / step <= most);
  if (ms !== undefined) return { ms };
  return { months: STEPS_MONTHS.find((months) => span / (months * MONTH_MS) <= most) ?? 60 };
}

function monthTicks(window: TimeWindow, months: number, timezone: string): number[] {
  const first = new Date(wallOf(window.from, timezone));
  const month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const ticks: number[] = [];
  for (let at = Math.ceil(month / months) * months; ; at += months) {
    const tick = momentOf(Date.UTC(Math.floor(at / 12), at % 12), timezone);
    if (tick > window.to) return ticks;
    if (tick >= window.from) ticks.push(tick);
  }
}

/**
 * The moments of the ticks in a window: round by the clock on the factory's wall, whatever its offset, and across a
 * change to or from summer time.
 */
export function timeTicks(window: TimeWindow, step: TickStep, timezone: string): number[] {
  if ('months' in step) return monthTicks(window, step.months, timezone);
  const { from, to } = window;
  const origin = step.ms % (7 * DAY_MS) === 0 ? FIRST_MONDAY_MS : 0;
  const first = Math.ceil((wallOf(from, timezone) - origin) / step.ms) * step.ms + origin;
  const ticks: number[] = [];
  // Clocks change by whole half hours: finer steps stay round by simply going on, and an hour that comes twice has its
  // ticks twice.
  const isFine = step.ms <= HOUR_MS / 2;
  const offset = offsetAt(from, timezone);
  for (let wall = first; ; wall += step.ms) {
    const tick = isFine ? wall - offset : momentOf(wall, timezone);
    if (tick > to) return ticks;
    if (tick >= from && tick !== ticks.at(-1)) ticks.push(tick);
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pad = (value: number) => String(value).padStart(2, '0');

/** What stands at a tick: the time, the day where one begins, the month and year where the steps are months. */
export function tickLabel(tick: number, step: TickStep, timezone: string): string {
  const wall = new Date(wallOf(tick, timezone));
  const month = MONTHS[wall.getUTCMonth()] ?? '';
  if ('months' in step) return step.months >= 12 ? String(wall.getUTCFullYear()) : `${month} ${wall.getUTCFullYear()}`;
  if (step.ms >= DAY_MS || wall.getTime() % DAY_MS === 0) return `${wall.getUTCDate()} ${month}`;
  const time = `${pad(wall.getUTCHours())}:${pad(wall.getUTCMinutes())}`;
  return step.ms < MINUTE_MS ? `${time}:${pad(wall.getUTCSeconds())}` : time;
}
