import { join } from 'node:path';
import { openDatabase } from '../../src/store/sqlite.ts';

export interface StoredHistory {
  /** The registry of `hot.db`, by number. */
  readonly series: readonly { seriesId: number; deviceKey: string; parameter: string }[];
  /** Stored samples of each series that has any, registered or not. */
  readonly rows: ReadonlyMap<number, number>;
  readonly latest: readonly number[];
  /** Series on the list of forgotten ones in `control.db`. */
  readonly forgotten: readonly number[];
}

/** What lies in the two databases of a data directory, past the appliance, running or not. */
export function storedHistory(dataDir: string): StoredHistory {
  const hot = openDatabase(join(dataDir, 'hot.db'), { readonly: true });
  const control = openDatabase(join(dataDir, 'control.db'), { readonly: true });
  try {
    const buckets = hot.prepare<[], string>(`select name from sqlite_schema where name glob 'bucket_*'`).pluck().all();
    const rows = new Map<number, number>();
    for (const bucket of buckets) {
      const counts = hot.prepare<[], [number, number]>(
        `select series_id, count(*) from "${bucket}" group by series_id`,
      );
      for (const [seriesId, count] of counts.raw().all()) rows.set(seriesId, (rows.get(seriesId) ?? 0) + count);
    }
    return {
      series: hot
        .prepare<[], { seriesId: number; deviceKey: string; parameter: string }>(
          'select series_id as seriesId, device_key as deviceKey, parameter from series order by series_id',
        )
        .all(),
      rows,
      latest: hot.prepare<[], number>('select series_id from latest order by series_id').pluck().all(),
      forgotten: control.prepare<[], number>('select series_id from forgotten_series order by series_id').pluck().all(),
    };
  } finally {
    hot.close();
    control.close();
  }
}
