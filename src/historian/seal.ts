import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../core/errors.ts';
import { openDatabase } from '../store/sqlite.ts';
import type { Bucket } from './buckets.ts';
import type { SegmentFile } from './segment-catalogue.ts';
import { allOrNone, type IsCancelled, openScratch, writeSegment } from './segment-file.ts';
import { toSegmentRows } from './segment-sql.ts';

/** A closed bucket to be sealed. */
export interface SealOrder {
  readonly hotDb: string;
  /** The data directory. */
  readonly root: string;
  readonly bucket: Bucket;
  readonly bucketMs: number;
}

type StoredRow = [seriesId: number, ts: number, value: number | null, text: string | null];

/** Rows of one data chunk: DuckDB's vectors hold no more. */
const CHUNK_ROWS = 2_048;

async function appendRows(duck: DuckDBConnection, pages: Iterable<readonly StoredRow[]>): Promise<void> {
  const { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } = await import('@duckdb/node-api');
  await duck.run('create or replace table samples (series_id integer, ts double, value double, text varchar)');
  const appender = await duck.createAppender('samples');
  for (const page of pages) {
    if (page.length === 0) continue;
    const chunk = DuckDBDataChunk.create([INTEGER, DOUBLE, DOUBLE, VARCHAR], page.length);
    chunk.setColumns([
      page.map(([seriesId]) => seriesId),
      page.map(([, ts]) => ts),
      page.map(([, , value]) => value),
      page.map(([, , , text]) => text),
    ]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/**
 * Writes the rows of a closed bucket into one file for each factory, sorted by series and time. Changes nothing else:
 * the bucket stays the truth until the catalogue says that it is sealed. Rows of series that have left the registry are
 * left out.
 *
 * @throws {Error} when a file could not be written (a full disk), or the work was cancelled; no file is left then
 */
export async function sealBucket(order: SealOrder, isCancelled: IsCancelled = () => false): Promise<SegmentFile[]> {
  const { hotDb, root, bucket, bucketMs } = order;
  const db = openDatabase(hotDb, { readonly: true });
  try {
    using duck = await openScratch(root, isCancelled);
    const factories = db
      .prepare<[], number>(`select distinct factory_id from "${bucket.table}" order by factory_id`)
      .pluck()
      .all();
    const page = db
      .prepare<[number, number, number, number, number], StoredRow>(
        `select b.series_id, b.ts, b.value, b.text from "${bucket.table}" b
         where b.factory_id = ? and b.ts >= ? and (b.ts > ? or b.series_id > ?)
           and exists (select 1 from series s where s.series_id = b.series_id)
         order by b.ts, b.series_id limit ?`,
      )
      .raw();
    function* pagesOf(factoryId: number): Generator<StoredRow[]> {
      let [seriesId, ts] = [-1, bucket.startMs];
      for (;;) {
        if (isCancelled()) throw new AppError('unavailable', 'sealing was cancelled');
        const rows = page.all(factoryId, ts, ts, seriesId, CHUNK_ROWS);
        yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < CHUNK_ROWS) return;
        [seriesId, ts] = last;
      }
    }
    const { startMs: fromTs, generation } = bucket;
    const { connection } = duck;
    return await allOrNone(root, async (files) => {
      for (const factoryId of factories) {
        await appendRows(connection, pagesOf(factoryId));
        const segment = { factoryId, level: 'raw', fromTs, toTs: fromTs + bucketMs, generation } as const;
        const file = await writeSegment(connection, root, segment, toSegmentRows('from samples'));
        if (file !== null) files.push(file);
      }
    });
  } finally {
    db.close();
  }
}
