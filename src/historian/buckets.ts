import type { Connection } from '../store/sqlite.ts';

/**
 * Recent telemetry lives in one table for each span of time, keyed (factory_id, ts, series_id). Time comes first
 * after the factory, because rows arrive in that order: the key (series_id, ts) takes a third of the rows a second
 * and wears flash a hundred times faster.
 */
export interface Bucket {
  readonly table: string;
  /** First instant of the bucket (epoch ms); the last is just before `startMs + bucketMs`. */
  readonly startMs: number;
}

const PREFIX = 'bucket_';

export function bucketAt(ts: number, bucketMs: number): Bucket {
  const startMs = Math.floor(ts / bucketMs) * bucketMs;
  return { table: `${PREFIX}${startMs / 1000}`, startMs };
}

export const createBucketSql = (bucket: Bucket): string => `create table if not exists main."${bucket.table}" (
  factory_id integer not null, ts integer not null, series_id integer not null,
  value real, text text, seq integer not null,
  primary key (factory_id, ts, series_id)) strict, without rowid`;

/** Every bucket in the database, oldest first. */
export function listBuckets(db: Connection): Bucket[] {
  return db
    .prepare<[], string>(`select name from sqlite_schema where type = 'table' and name glob '${PREFIX}[0-9]*'`)
    .pluck()
    .all()
    .map((table) => ({ table, startMs: Number(table.slice(PREFIX.length)) * 1000 }))
    .sort((a, b) => a.startMs - b.startMs);
}
