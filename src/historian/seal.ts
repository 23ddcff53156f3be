import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../core/errors.ts';
import { type Connection, openDatabase } from '../store/sqlite.ts';
import type { Bucket } from './buckets.ts';
import type { SegmentFile } from './segment-catalogue.ts';
import { allOrNone, type IsCancelled, openScratch, writeSegment } from './segment-file.ts';
import { toSegmentRows } from './segment-sql.ts';

/** Closed buckets to be sealed together; see `groupsToSeal`. */
export interface SealOrder {
  readonly hotDb: string;
  /** The data directory. */
  readonly root: string;
  /** Of one day and of different spans, in the order of their generations. */
  readonly buckets: readonly Bucket[];
  readonly bucketMs: number;
}

/** What has been written. */
export interface Sealed {
  readonly files: readonly SegmentFile[];
  /** The buckets whose rows are in them: as many of the first ones as fit into one file. */
  readonly buckets: readonly Bucket[];
}

type StoredRow = [seriesId: number, ts: number, value: number | null, text: string | null];

/** Rows of one data chunk: DuckDB's vectors hold no more. */
const CHUNK_ROWS = 2_048;
/** Rows of all factories that are sealed together; one bucket is sealed however many it has. */
const MAX_ROWS = 1_000_000;

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

/** As many of the first buckets as have `MAX_ROWS` together. */
function firstThatFit(db: Connection, buckets: readonly Bucket[]): Bucket[] {
  const fitting: Bucket[] = [];
  let rows = 0;
  for (const bucket of buckets) {
    rows += db.prepare<[], number>(`select count(*) from "${bucket.table}"`).pluck().get() ?? 0;
    if (rows > MAX_ROWS && fitting.length > 0) break;
    fitting.push(bucket);
  }
  return fitting;
}

/**
 * Writes the rows of closed buckets into one file for each factory, sorted by series and time. Changes nothing else: the
 * buckets stay the truth until the catalogue says that they are sealed. Rows of series that have left the registry are
 * left out.
 *
 * @throws {Error} when a file could not be written (a full disk), or the work was cancelled; no file is left then
 */
export async function sealBuckets(order: SealOrder, isCancelled: IsCancelled = () => false): Promise<Sealed> {
  const { hotDb, root, bucketMs } = order;
  const db = openDatabase(hotDb, { readonly: true });
  try {
    using duck = await openScratch(root, isCancelled);
    const buckets = firstThatFit(db, order.buckets);
    const factories = new Set(
      buckets.flatMap(({ table }) =>
        db.prepare<[], number>(`select distinct factory_id from "${table}"`).pluck().all(),
      ),
    );
    function* pagesOf({ table, startMs }: Bucket, factoryId: number): Generator<StoredRow[]> {
      const page = db
        .prepare<[number, number, number, number, number], StoredRow>(
          `select b.series_id, b.ts, b.value, b.text from "${table}" b
           where b.factory_id = ? and b.ts >= ? and (b.ts > ? or b.series_id > ?)
             and exists (select 1 from series s where s.series_id = b.series_id)
           order by b.ts, b.series_id limit ?`,
        )
        .raw();
      let [seriesId, ts] = [-1, startMs];
      for (;;) {
        if (isCancelled()) throw new AppError('unavailable', 'sealing was cancelled');
        const rows = page.all(factoryId, ts, ts, seriesId, CHUNK_ROWS);
        yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < CHUNK_ROWS) return;
        [seriesId, ts] = last;
      }
    }
    function* allPagesOf(factoryId: number): Generator<StoredRow[]> {
      for (const bucket of buckets) yield* pagesOf(bucket, factoryId);
    }
    const starts = buckets.map(({ startMs }) => startMs);
    const span = { fromTs: Math.min(...starts), toTs: Math.max(...starts) + bucketMs };
    const generation = Math.max(...buckets.map((bucket) => bucket.generation));
    const { connection } = duck;
    const files = await allOrNone(root, async (written) => {
      for (const factoryId of [...factories].toSorted((a, b) => a - b)) {
        await appendRows(connection, allPagesOf(factoryId));
        const segment = { factoryId, level: 'raw', ...span, generation, isCompacted: false } as const;
        const file = await writeSegment(connection, root, segment, toSegmentRows('from samples'));
        if (file !== null) written.push(file);
      }
    });
    return { files, buckets };
  } finally {
    db.close();
  }
}
