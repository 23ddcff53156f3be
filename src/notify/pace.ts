import type { QuietHours } from './channel.ts';

const MINUTE_MS = 60_000;
const QUARTER_MINUTES = 15;
const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** The longest time until the next attempt (ms). */
const MAX_WAIT_MS = 3 * 3_600_000;
/** Longer than this nobody who says "later" is listened to (ms). */
const MAX_RETRY_AFTER_MS = 6 * 3_600_000;
/** The longest that `waitBefore` says (ms). */
export const MAX_REST_MS = MAX_RETRY_AFTER_MS + MAX_WAIT_MS;

/**
 * How long to wait until the next attempt (ms): anything up to a bound that doubles (full jitter: M. Brooker, "Exponential
 * Backoff and Jitter", AWS 2015), and not less than was asked for.
 *
 * @param attempts - that have been made
 * @param random - 0 to 1
 */
export function waitBefore(attempts: number, baseMs: number, random: number, retryAfterS = 0): number {
  const bound = Math.min(MAX_WAIT_MS, baseMs * 2 ** (attempts - 1));
  return Math.round(Math.min(MAX_RETRY_AFTER_MS, retryAfterS * 1_000) + random * bound);
}

/** What a `Retry-After` says (RFC 9110, 10.2.3): seconds, or a date. @returns seconds; undefined for anything else */
export function retryAfterOf(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const at = /^[A-Z][a-z]{2},? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1_000));
}

/** So many in a minute: a bucket that holds as many, and fills by and by. */
export interface Allowance {
  /** How many may go now. */
  left(now: number): number;
  take(count: number, now: number): void;
}

export function createAllowance(perMinute: number, now: number): Allowance {
  let [tokens, at] = [perMinute, now];
  const fill = (to: number) => {
    // A clock that was set back gives nothing, and takes nothing.
    tokens = Math.min(perMinute, tokens + (Math.max(0, to - at) * perMinute) / MINUTE_MS);
    at = to;
  };
  return {
    left: (to) => {
      fill(to);
      return Math.floor(tokens);
    },
    take: (count, to) => {
      fill(to);
      tokens = Math.max(0, tokens - count);
    },
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The minute of the week there: 0 is Monday at midnight. */
function minuteOfWeek(at: number, timezone: string): number {
  const known = formats.get(timezone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  if (known === undefined) formats.set(timezone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return DAYS.indexOf(parts.weekday ?? '') * DAY_MINUTES + Number(parts.hour) * 60 + Number(parts.minute);
}

const minutesIn = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** How much is left of quiet hours that a minute of the week is within (minutes); 0 outside of them. */
function quietLeft(minute: number, { from, to, days }: QuietHours): number {
  const [start, end] = [minutesIn(from), minutesIn(to)];
  const length = end > start ? end - start : end - start + DAY_MINUTES;
  const since = days.map((day) => (minute - ((day - 1) * DAY_MINUTES + start) + WEEK_MINUTES) % WEEK_MINUTES);
  return Math.max(0, ...since.map((minutes) => length - minutes));
}

/**
 * When the quiet hours end that it is within; undefined outside of them. By the clocks on the wall there: where they
 * are put forward or back, so is the end.
 *
 * @param at - epoch ms
 * @returns epoch ms, a whole minute
 */
export function quietUntil(at: number, hours: QuietHours | null, timezone: string): number | undefined {
  if (hours === null) return undefined;
  const begun = Math.floor(at / MINUTE_MS);
  let minute = begun;
  // By quarters of an hour, at which every clock is changed; at most a week.
  while (minute < begun + WEEK_MINUTES) {
    const left = quietLeft(minuteOfWeek(minute * MINUTE_MS, timezone), hours);
    if (left === 0) break;
    minute += Math.min(left, QUARTER_MINUTES - (minute % QUARTER_MINUTES));
  }
  return minute === begun ? undefined : minute * MINUTE_MS;
}
