import type { Connection } from '../store/sqlite.ts';
import { type Bucket, listBuckets } from './buckets.ts';
import type { ErasureStep } from './samples.ts';

/** How long one transaction may keep the batches behind it waiting (ms). */
const BUDGET_MS = 20;

/** A bucket's rows stand in the order of time, so that erasing some series reads all: by parts, to stop within one. */
const PARTS_OF_BUCKET = 16;

/**
 * `+` keeps SQLite from seeking every series in every instant of the part: the range is walked once.
 */
const eraseSql = (bucket: Bucket) => `delete from main."${bucket.table}"
  where factory_id = ? and ts >= ? and ts < ? and +series_id in (select value from json_each(?))`;

/**
 * Erases samples of forgotten series in one short transaction, oldest first.
 *
 * @returns the instant (epoch ms) from which to go on, or null when none is left
 */
export function eraseSamples(db: Connection, bucketMs: number, step: ErasureStep): number | null {
  const { factoryId, seriesIds, from } = step;
  const ids = JSON.stringify(seriesIds);
  const deadline = performance.now() + BUDGET_MS;
  const partMs = bucketMs / PARTS_OF_BUCKET;
  const erase = (): number | null => {
    for (const bucket of listBuckets(db)) {
      const end = bucket.startMs + bucketMs;
      if (from !== null && end <= from) continue;
      const statement = db.prepare(eraseSql(bucket));
      for (let ts = Math.max(bucket.startMs, from ?? bucket.startMs); ts < end; ts += partMs) {
        statement.run(factoryId, ts, ts + partMs, ids);
        if (performance.now() > deadline) return ts + partMs;
      }
    }
    return null;
  };
  return db.transaction(erase).immediate();
}
