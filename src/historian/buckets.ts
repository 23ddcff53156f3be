import type { Connection } from '../store/sqlite.ts';

/**
 * Recent telemetry lives in one table for each span of time, keyed (factory_id, ts, series_id). Time comes first
 * after the factory, because rows arrive in that order: the key (series_id, ts) takes a third of the rows a second
 * and wears flash a hundred times faster.
 *
 * A span may have several: once a bucket is closed, to be sealed, late samples of its span go to a new one.
 */
export interface Bucket {
  readonly table: string;
  /** First instant of the bucket (epoch ms); the last is just before `startMs + bucketMs`. */
  readonly startMs: number;
  /** Counts up over all buckets ever made. Of two samples of one series and stamp, that of the later one holds. */
  readonly generation: number;
}

const PREFIX = 'bucket_';

export function bucketAt(ts: number, bucketMs: number, generation: number): Bucket {
  const startMs = Math.floor(ts / bucketMs) * bucketMs;
  return { table: `${PREFIX}${startMs / 1000}_${generation}`, startMs, generation };
}

export const createBucketSql = (bucket: Bucket): string => `create table main."${bucket.table}" (
  factory_id integer not null, ts integer not null, series_id integer not null,
  value real, text text, seq integer not null,
  primary key (factory_id, ts, series_id)) strict, without rowid`;

/**
 * Every bucket in the database, closed ones too: oldest span first, and within a span by generation. One that was made
 * before there were generations has a number below all others, and its own.
 */
export function listBuckets(db: Connection): Bucket[] {
  return db
    .prepare<[], string>(`select name from sqlite_schema where type = 'table' and name glob '${PREFIX}*'`)
    .pluck()
    .all()
    .map((table) => {
      const [start = Number.NaN, generation = -1 - start] = table.slice(PREFIX.length).split('_').map(Number);
      return { table, startMs: start * 1000, generation };
    })
    .sort((a, b) => a.startMs - b.startMs || a.generation - b.generation);
}

/** Names of the buckets that take no more rows. */
export const listClosed = (db: Connection): Set<string> =>
  new Set(db.prepare<[], string>('select bucket from closed_buckets').pluck().all());
