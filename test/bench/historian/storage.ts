import { join } from 'node:path';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { DAY_MS } from './data-set.ts';

/** How far the appliance has come with what it does by itself. */
export interface Storage {
  /** Tables of recent telemetry. */
  readonly buckets: number;
  /** Those that have become segments since the data directory was made. */
  readonly sealedBuckets: number;
  /** Days of several segments. */
  readonly scatteredDays: number;
  /** Of all segments, rollups too. */
  readonly files: number;
  readonly bytes: number;
  readonly rollupBytes: number;
}

/** Looks into the databases of a running appliance, read only. */
export function storageOf(dataDir: string): Storage {
  using stack = new DisposableStack();
  const open = (name: string) =>
    stack.adopt(openDatabase(join(dataDir, name), { readonly: true }), (database) => database.close());
  const [hot, control] = [open('hot.db'), open('control.db')];
  const count = (database: typeof hot, sql: string) => database.prepare<[], number>(sql).pluck().get() ?? 0;
  const segments = control
    .prepare<[], Readonly<Record<'files' | 'bytes' | 'rollupBytes', number>>>(
      `select count(*) as files, coalesce(sum(size_bytes), 0) as bytes,
         coalesce(sum(size_bytes) filter (where level <> 'raw'), 0) as rollupBytes from segments`,
    )
    .get();
  return {
    buckets: count(hot, `select count(*) from sqlite_schema where type = 'table' and name glob 'bucket_[0-9]*'`),
    sealedBuckets: count(control, 'select count(*) from sealed_buckets where generation >= 0'),
    scatteredDays: count(
      control,
      `select count(*) from
         (select 1 from segments where level = 'raw' group by factory_id, from_ts / ${DAY_MS} having count(*) > 1)`,
    ),
    files: 0,
    bytes: 0,
    rollupBytes: 0,
    ...segments,
  };
}
