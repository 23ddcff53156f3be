import type { Connection } from '../store/sqlite.ts';

/**
 * Recent telemetry lives in one table for each span of time, keyed (factory_id, ts, series_id). Time comes first
 * after the factory, because rows arrive in that order: the key (series_id, ts) takes a third of the rows a second
 * and wears flash a hundred times faster.
 *
 * A span may have several: once a bucket is closed, to be sealed, late samples of its span go to a new one. What is long
 * over comes by a backfill, and has buckets of a day: a year would be fifty thousand tables of ten minutes.
 */
export interface Bucket {
  readonly table: string;
  /** First instant of the bucket (epoch ms). */
  readonly startMs: number;
  /** The first one after it. */
  readonly endMs: number;
  /** Counts up over all buckets ever made. Of two samples of one series and stamp, that of the later one holds. */
  readonly generation: number;
}

const PREFIX = 'bucket_';
export const DAY_MS = 86_400_000;

/** A bucket of the usual span, which its name does not have to say. */
export function bucketAt(ts: number, bucketMs: number, generation: number): Bucket {
  const startMs = Math.floor(ts / bucketMs) * bucketMs;
  return { table: `${PREFIX}${startMs / 1000}_${generation}`, startMs, endMs: startMs + bucketMs, generation };
}

/** A bucket of a day (of UTC). */
export function dailyBucketAt(ts: number, generation: number): Bucket {
  const { table, ...bucket } = bucketAt(ts, DAY_MS, generation);
  return { table: `${table}_${DAY_MS / 1000}`, ...bucket };
}

/** Whether two buckets may hold the same sample. */
export const overlap = (a: Bucket, b: Bucket): boolean => a.startMs < b.endMs && b.startMs < a.endMs;

export const createBucketSql = (bucket: Bucket): string => `create table main."${bucket.table}" (
  factory_id integer not null, ts integer not null, series_id integer not null,
  value real, text text, seq integer not null,
  primary key (factory_id, ts, series_id)) strict, without rowid`;

/**
 * Every bucket in the database, closed ones too: oldest start first, and of one start by generation. One that was made
 * before there were generations has a number below all others, and its own.
 */
export function listBuckets(db: Connection, bucketMs: number): Bucket[] {
  return db
    .prepare<[], string>(`select name from sqlite_schema where type = 'table' and name glob '${PREFIX}*'`)
    .pluck()
    .all()
    .map((table) => {
      const parts = table.slice(PREFIX.length).split('_').map(Number);
      const [start = Number.NaN, generation = -1 - start, seconds = bucketMs / 1000] = parts;
      return { table, startMs: start * 1000, endMs: (start + seconds) * 1000, generation };
    })
    .sort((a, b) => a.startMs - b.startMs || a.generation - b.generation);
}

/** Names of the buckets that take no more rows. */
export const listClosed = (db: Connection): Set<string> =>
  new Set(db.prepare<[], string>('select bucket from closed_buckets').pluck().all());
