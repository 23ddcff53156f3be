const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** What the plant is doing: producing (by day, or with the small night crew), in a break, or closed. */
export interface ShiftAt {
  readonly activity: 'producing' | 'break' | 'closed';
  /** Share of full production, 0 to 1; 0 unless producing. */
  readonly intensity: number;
}

const CLOSED: ShiftAt = { activity: 'closed', intensity: 0 };
const BREAK: ShiftAt = { activity: 'break', intensity: 0 };
const DAY: ShiftAt = { activity: 'producing', intensity: 1 };
const NIGHT: ShiftAt = { activity: 'producing', intensity: 0.55 };
const SATURDAY: ShiftAt = { activity: 'producing', intensity: 0.8 };

/** Minutes of the day, [from, to). */
const BREAKS: readonly (readonly [number, number])[] = [
  [2 * 60, 2 * 60 + 30],
  [9 * 60 + 30, 9 * 60 + 45],
  [12 * 60, 12 * 60 + 30],
  [17 * 60 + 30, 18 * 60],
];

/**
 * The plant's calendar: two day shifts (06:00 to 22:00) and a small night shift from Monday 06:00 to Saturday 06:00, one
 * shift on Saturday until 14:00, closed until Monday morning; four breaks a day.
 *
 * @param t epoch ms
 * @param utcOffsetMinutes the plant's clock minus UTC; the calendar knows no daylight saving
 */
export function shiftAt(t: number, utcOffsetMinutes: number): ShiftAt {
  const minutes = Math.floor(t / MINUTE_MS) + utcOffsetMinutes;
  const day = Math.floor(minutes / DAY_MINUTES);
  const minute = minutes - day * DAY_MINUTES;
  const weekday = (((day + 4) % 7) + 7) % 7; // 1 January 1970 was a Thursday; 0 is Sunday
  if (weekday === 0 || (weekday === 1 && minute < 360) || (weekday === 6 && minute >= 840)) return CLOSED;
  if (BREAKS.some(([from, to]) => minute >= from && minute < to)) return BREAK;
  if (minute < 360 || minute >= 1_320) return NIGHT;
  return weekday === 6 ? SATURDAY : DAY;
}

/** Temperature of the hall (°C) by time of day: 19 before dawn, 27 in the afternoon, in straight lines between. */
export function hallTemperatureAt(t: number, utcOffsetMinutes: number): number {
  const minutes = t / MINUTE_MS + utcOffsetMinutes;
  const fromCoolest = Math.abs(((((minutes - 240) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES) - DAY_MINUTES / 2);
  return 27 - (8 * fromCoolest) / (DAY_MINUTES / 2);
}
