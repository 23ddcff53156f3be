import type { Connection } from '../store/sqlite.ts';
import { type Bucket, listBuckets } from './buckets.ts';
import type { ErasureStep } from './samples.ts';

/** How long one transaction may keep the batches behind it waiting (ms). */
const BUDGET_MS = 20;

/** A bucket's rows stand in the order of time, so that erasing some series reads all: by parts, to stop between two. */
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
  const erase = (): number | null => {
    const parts = listBuckets(db, bucketMs)
      .filter(({ endMs }) => from === null || endMs > from)
      .flatMap((bucket) => {
        const partMs = (bucket.endMs - bucket.startMs) / PARTS_OF_BUCKET;
        return Array.from({ length: PARTS_OF_BUCKET }, (_, i) => ({ bucket, at: bucket.startMs + i * partMs, partMs }));
      })
      // By time in all buckets, which may overlap: the next step then knows by an instant what is left.
      .toSorted((a, b) => a.at - b.at);
    for (const { bucket, at, partMs } of parts) {
      if (from !== null && at < from) continue;
      if (performance.now() > deadline) return at;
      db.prepare(eraseSql(bucket)).run(factoryId, at, at + partMs, ids);
    }
    return null;
  };
  return db.transaction(erase).immediate();
}
