import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/sqlite.ts';

/** Segments, and what should have become some, below a data directory. */
export const segmentFiles = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.parquet/.test(file) && !file.endsWith('/segments/series.parquet'),
  );

/** What the catalogue of a data directory names, and the buckets that are in its `hot.db`; past the appliance. */
export function sealedState(root: string) {
  const control = openDatabase(join(root, 'control.db'), { readonly: true });
  const hot = openDatabase(join(root, 'hot.db'), { readonly: true });
  try {
    const named = control.prepare<[], string>('select file from segments order by file').pluck().all();
    return {
      named,
      /** Those that are no rollups. */
      raw: named.filter((file) => file.includes('/raw/')),
      buckets: hot.prepare<[], string>(`select name from sqlite_schema where name glob 'bucket_*'`).pluck().all(),
    };
  } finally {
    control.close();
    hot.close();
  }
}
