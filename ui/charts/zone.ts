/**
 * Wall-clock time of a zone, by the zone data of the browser alone. A wall time is a number: what the clock on the wall
 * shows, written down as if it were UTC (epoch ms), so that it can be added to and rounded.
 */

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timezone, format);
  }
  return format;
}

/** How far the wall clock is ahead of UTC at a moment (ms). */
export function offsetAt(ms: number, timezone: string): number {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(ms)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / SECOND_MS) * SECOND_MS;
}

/** What the wall clock shows at a moment. */
export const wallOf = (ms: number, timezone: string): number => ms + offsetAt(ms, timezone);

/**
 * The moment at which the wall clock shows this. Of an hour that comes twice it is the first; a time that is skipped is
 * as much later as is skipped (both as RFC 5545, 3.3.5, has it).
 */
export function momentOf(wall: number, timezone: string): number {
  const before = offsetAt(wall - DAY_MS, timezone);
  const after = offsetAt(wall + DAY_MS, timezone);
  const isRight = (offset: number) => offsetAt(wall - offset, timezone) === offset;
  if (isRight(before)) return wall - before;
  return isRight(after) ? wall - after : wall - before;
}

/** The local midnight at or before a moment, or that many days from it. */
export function startOfDay(ms: number, timezone: string, days = 0): number {
  const wall = wallOf(ms, timezone);
  return momentOf(Math.floor(wall / DAY_MS) * DAY_MS + days * DAY_MS, timezone);
}
