/** Steps of a calendar: minute, quarter of an hour, hour, local day, ISO week (from Monday). */
export type CalendarInterval = '1m' | '15m' | '1h' | '1d' | '1w';

/** Length of a step (ms) on a clock that is never changed: for estimates, not for edges. */
export const NOMINAL_MS: Readonly<Record<CalendarInterval, number>> = {
  '1m': 60_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
  '1w': 604_800_000,
};
