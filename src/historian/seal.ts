import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openDatabase } from '../store/sqlite.ts';
import type { Bucket } from './buckets.ts';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import type { Segment, SegmentFile } from './segment-catalogue.ts';
import { latestOnly, PARQUET_OPTIONS, quoted, readSegments, TO_SEGMENT_ROWS } from './segment-sql.ts';

/** A closed bucket to be sealed. */
export interface SealOrder {
  readonly hotDb: string;
  /** The data directory. */
  readonly root: string;
  readonly bucket: Bucket;
  readonly bucketMs: number;
}

/** Segments of one factory to be written anew as one. */
export interface RewriteOrder {
  readonly root: string;
  readonly factoryId: number;
  readonly segments: readonly Segment[];
  readonly fromTs: number;
  readonly toTs: number;
  /** Series that are left out. */
  readonly withoutSeries: readonly number[];
}

type StoredRow = [seriesId: number, ts: number, value: number | null, text: string | null];

/** Rows of one data chunk: DuckDB's vectors hold no more. */
const CHUNK_ROWS = 2_048;
const MEMORY_MB = 256;

const WINDOWS = process.platform === 'win32';

function sync(path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Where the segments of a factory lie, below the data directory. */
const segmentDirectory = (factoryId: number): string => `factories/${factoryId}/segments`;

/** Makes the directory, so that it survives a power cut, up to the data directory. */
function makeDirectory(root: string, path: string): void {
  if (statSync(join(root, path), { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(join(root, path), { recursive: true, mode: 0o700 });
  if (WINDOWS) return;
  for (let at = path; at !== '.'; at = dirname(at)) sync(join(root, dirname(at)), 'r');
}

async function openScratch(root: string): Promise<DuckDb> {
  const temporaryDirectory = join(root, 'tmp');
  mkdirSync(temporaryDirectory, { recursive: true, mode: 0o700 });
  return openDuckDb({ temporaryDirectory, memoryLimitMb: MEMORY_MB, threads: 1 });
}

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

interface NewSegment {
  readonly factoryId: number;
  readonly fromTs: number;
  readonly toTs: number;
  readonly generation: number;
}

/** Writes `samples (series_id, ts, value, text)` as a segment: temporary file, fsync, rename. Null when there are none. */
async function writeSegment(duck: DuckDBConnection, root: string, segment: NewSegment): Promise<SegmentFile | null> {
  const counted = await duck.runAndReadAll('select count(*)::double from samples');
  const rows = Number(counted.getRowsJS()[0]?.[0]);
  if (rows === 0) return null;
  const id = randomUUID();
  const start = new Date(segment.fromTs).toISOString().replace(/[-:]|\.\d+/g, '');
  const file = `${segmentDirectory(segment.factoryId)}/${start}-${segment.generation}-${id.slice(0, 8)}.parquet`;
  makeDirectory(root, dirname(file));
  const path = join(root, file);
  const temporary = `${path}.tmp`;
  try {
    await duck.run(`copy (${TO_SEGMENT_ROWS}) to ${quoted(temporary)} (${PARQUET_OPTIONS})`);
    sync(temporary, 'r+');
    renameSync(temporary, path);
    if (!WINDOWS) sync(dirname(path), 'r');
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const content = readFileSync(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { ...segment, id, file, rows, sizeBytes: content.length, sha256 };
}

/**
 * Writes the rows of a closed bucket into one file for each factory, sorted by series and time. Changes nothing else:
 * the bucket stays the truth until the catalogue says that it is sealed. Rows of series that have left the registry are
 * left out.
 *
 * @throws {Error} when a file could not be written (a full disk); files that were are in no catalogue
 */
export async function sealBucket({ hotDb, root, bucket, bucketMs }: SealOrder): Promise<SegmentFile[]> {
  const db = openDatabase(hotDb, { readonly: true });
  try {
    using duck = await openScratch(root);
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
        const rows = page.all(factoryId, ts, ts, seriesId, CHUNK_ROWS);
        yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < CHUNK_ROWS) return;
        [seriesId, ts] = last;
      }
    }
    const span = { fromTs: bucket.startMs, toTs: bucket.startMs + bucketMs, generation: bucket.generation };
    const files: SegmentFile[] = [];
    for (const factoryId of factories) {
      await appendRows(duck.connection, pagesOf(factoryId));
      const file = await writeSegment(duck.connection, root, { factoryId, ...span });
      if (file !== null) files.push(file);
    }
    return files;
  } finally {
    db.close();
  }
}

/** What became of segments: the file that takes their place (null: nothing is left), or 'unchanged'. */
export type Rewritten = { readonly file: SegmentFile | null } | 'unchanged';

/**
 * Writes segments anew as one, each (series, ts) once. Changes nothing else: the old ones stay the truth until the
 * catalogue names the new one. A single one that has none of the series to be left out stays as it is.
 *
 * @throws {Error} when a file could not be read or written
 */
export async function rewriteSegments(order: RewriteOrder): Promise<Rewritten> {
  const { root, factoryId, segments, fromTs, toTs, withoutSeries } = order;
  using duck = await openScratch(root);
  if (segments.length === 1) {
    const concerned = readSegments(root, segments, `series_id in (${[-1, ...withoutSeries].join(', ')})`);
    const found = await duck.connection.runAndReadAll(`select 1 from (${concerned}) limit 1`);
    if (found.currentRowCount === 0) return 'unchanged';
  }
  const condition = withoutSeries.length === 0 ? 'true' : `series_id not in (${withoutSeries.join(', ')})`;
  const rows = latestOnly(readSegments(root, segments, condition));
  await duck.connection.run(`create or replace table samples as select series_id, ts, value, text from (${rows})`);
  const generation = Math.max(...segments.map((segment) => segment.generation));
  return { file: await writeSegment(duck.connection, root, { factoryId, fromTs, toTs, generation }) };
}
