import { momentOf } from '../../charts/zone.ts';

const DAY_MS = 86_400_000;

/** The midnight with which a day (`2027-01-31`) begins in a zone, or that many days later, as the API takes it. */
export function dayAt(day: string, later: number, timezone: string): string | undefined {
  const wall = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(wall) ? undefined : new Date(momentOf(wall + later * DAY_MS, timezone)).toISOString();
}
