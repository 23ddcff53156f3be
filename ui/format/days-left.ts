import { text } from '../text/storage.ts';

const DAYS_A_YEAR = 365;

/** For how long the disk will do: days as far as they say something, then years. */
export function formatDaysLeft(days: number): string {
  if (days < 3 * DAYS_A_YEAR) return text.days(days);
  return days < 100 * DAYS_A_YEAR ? text.years(Math.floor(days / DAYS_A_YEAR)) : text.moreThanYears;
}
