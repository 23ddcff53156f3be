import { AppError } from '../core/errors.ts';
import { beginSnapshot, openDatabase } from '../store/sqlite.ts';
import { listBuckets, listClosed } from './buckets.ts';
import type { IsCancelled } from './segment-file.ts';

export interface RecentOrder {
  readonly hotDb: string;
}

/** What of a factory is not sealed yet: samples, and the stamps of the first and last one (epoch ms). */
export interface RecentStock {
  readonly factoryId: number;
  readonly samples: number;
  readonly oldest: number;
  readonly newest: number;
}

/** What closed buckets hold, by database and table: they are counted once. */
const counted = new Map<string, readonly RecentStock[]>();

const together = (stocks: readonly RecentStock[]): RecentStock[] =>
  [...Map.groupBy(stocks, ({ factoryId }) => factoryId)].map(([factoryId, own]) => ({
    factoryId,
    samples: own.reduce((sum, { samples }) => sum + samples, 0),
    oldest: Math.min(...own.map(({ oldest }) => oldest)),
    newest: Math.max(...own.map(({ newest }) => newest)),
  }));

/** Counts the samples in `hot.db`, by factory. @throws {AppError} `unavailable` when cancelled */
export function countRecent({ hotDb }: RecentOrder, isCancelled: IsCancelled = () => false): RecentStock[] {
  const db = openDatabase(hotDb, { readonly: true });
  try {
    beginSnapshot(db);
    const closed = listClosed(db);
    const keys = new Set<string>();
    const seconds = db.prepare<[], number>(`select value from settings where name = 'bucket_s'`).pluck().get() ?? 0;
    const stocks = listBuckets(db, seconds * 1000).flatMap(({ table }) => {
      if (isCancelled()) throw new AppError('unavailable', 'counting was cancelled');
      const key = `${hotDb} ${table}`;
      keys.add(key);
      const known = counted.get(key);
      if (known !== undefined) return known;
      const found = db
        .prepare<[], RecentStock>(
          `select factory_id as factoryId, count(*) as samples, min(ts) as oldest, max(ts) as newest
           from "${table}" group by factory_id`,
        )
        .all();
      if (closed.has(table)) counted.set(key, found);
      return found;
    });
    for (const key of counted.keys()) {
      if (key.startsWith(`${hotDb} `) && !keys.has(key)) counted.delete(key);
    }
    return together(stocks);
  } finally {
    db.close();
  }
}
