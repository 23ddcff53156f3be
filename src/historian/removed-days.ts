import type { SqlReads } from '../store/store.ts';
import { DAY_MS } from './buckets.ts';

/**
 * Of these days (of UTC, since 1970), the ones whose samples have been removed while what was rolled up of them is kept.
 * Samples that come now would be rolled up by themselves, and stand in for all of the day: they must not be stored.
 *
 * @param sql - of the factory alone
 */
export function removedDays(sql: SqlReads, days: readonly number[]): number[] {
  const until = sql.get<{ until: number | null }>(
    `select max(until_ts) as until from removed_history where level = 'raw'`,
  );
  if (until?.until == null) return [];
  const removedUntil = until.until;
  const segments = sql.all<{ level: string; fromTs: number; toTs: number }>(
    'select level, from_ts as fromTs, to_ts as toTs from segments where from_ts < ?',
    removedUntil,
  );
  const [raw, rolledUp] = [new Set<number>(), new Set<number>()];
  for (const { level, fromTs, toTs } of segments) {
    const held = level === 'raw' ? raw : rolledUp;
    for (let day = Math.floor(fromTs / DAY_MS); day * DAY_MS < toTs; day++) held.add(day);
  }
  return days.filter((day) => day * DAY_MS < removedUntil && rolledUp.has(day) && !raw.has(day));
}
