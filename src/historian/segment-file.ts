import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import type { SegmentFile } from './segment-catalogue.ts';
import { parquetOptions, quoted } from './segment-sql.ts';

/** What is known of a segment before it is written. */
export type NewSegment = Pick<SegmentFile, 'factoryId' | 'level' | 'fromTs' | 'toTs' | 'generation' | 'isCompacted'>;

/**
 * Four fifths of the first were enough for a day of 18 million numbers; each MB more is one that the appliance takes
 * meanwhile. Long states may need the second.
 */
const [MEMORY_MB, MORE_MEMORY_MB] = [80, 320];
const CANCEL_POLL_MS = 20;
const WINDOWS = process.platform === 'win32';

function sync(path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the directory, so that it survives a power cut, up to the data directory. */
function makeDirectory(root: string, path: string): void {
  if (statSync(join(root, path), { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(join(root, path), { recursive: true, mode: 0o700 });
  if (WINDOWS) return;
  for (let at = path; at !== '.'; at = dirname(at)) sync(join(root, dirname(at)), 'r');
}

/** True once nobody waits for the work any more: it then ends, by an error, within milliseconds. */
export type IsCancelled = () => boolean;

/** A DuckDB for one job in the background, interrupted when that is cancelled. @param root - the data directory */
export async function openScratch(root: string, isCancelled: IsCancelled, memoryLimitMb = MEMORY_MB): Promise<DuckDb> {
  const temporaryDirectory = join(root, 'tmp');
  mkdirSync(temporaryDirectory, { recursive: true, mode: 0o700 });
  const duck = await openDuckDb({ temporaryDirectory, memoryLimitMb, threads: 1 });
  const timer = setInterval(() => isCancelled() && duck.interrupt(), CANCEL_POLL_MS);
  return {
    ...duck,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      duck[Symbol.dispose]();
    },
  };
}

/** Does a job with a DuckDB of its own; one that runs out of memory is done again with more. Leaves nothing when it fails. */
export async function withScratch<T>(
  root: string,
  isCancelled: IsCancelled,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  try {
    using duck = await openScratch(root, isCancelled);
    return await work(duck.connection);
  } catch (error) {
    if (isCancelled() || !/^Out of Memory Error/.test(error instanceof Error ? error.message : '')) throw error;
  }
  using duck = await openScratch(root, isCancelled, MORE_MEMORY_MB);
  return await work(duck.connection);
}

/** Collects what `write` has written, in the list that it is given; when it fails, that is removed. */
export async function allOrNone(root: string, write: (files: SegmentFile[]) => Promise<void>): Promise<SegmentFile[]> {
  const files: SegmentFile[] = [];
  try {
    await write(files);
    return files;
  } catch (error) {
    for (const { file } of files) rmSync(join(root, file), { force: true });
    throw error;
  }
}

/** How many rows a query has. */
export async function countRows(duck: DuckDBConnection, rows: string): Promise<number> {
  const counted = await duck.runAndReadAll(`select count(*)::double from (${rows})`);
  return Number(counted.getRowsJS()[0]?.[0]);
}

/** What is sorted, and freed of what was written again, at a time: DuckDB cannot set all of that aside on disk. */
const PART_ROWS = 1000_000;

/**
 * Series in parts of about `PART_ROWS` rows, as conditions in the order of their numbers.
 *
 * @param rows - with a `series_id`
 */
export async function partsOf(duck: DuckDBConnection, rows: string): Promise<string[]> {
  const counted = await duck.runAndReadAll(`select series_id, count(*)::double from (${rows}) group by 1 order by 1`);
  const parts: { from: number; to: number; rows: number }[] = [];
  for (const [seriesId, count] of counted.getRows() as [number, number][]) {
    const last = parts.at(-1);
    if (last === undefined || last.rows + count > PART_ROWS) parts.push({ from: seriesId, to: seriesId, rows: count });
    else Object.assign(last, { to: seriesId, rows: last.rows + count });
  }
  return parts.map(({ from, to }) => `series_id between ${from} and ${to}`);
}

/**
 * Rows that are made part by part, one after the other.
 *
 * @param rowsOf - SQL for the rows of a part, sorted
 * @returns SQL that gives them all, in the order of the parts
 */
export async function byParts(
  duck: DuckDBConnection,
  parts: readonly string[],
  rowsOf: (part: string) => string,
): Promise<string> {
  if (parts.length <= 1) return rowsOf(parts[0] ?? 'true');
  await duck.run(`create or replace table made as select * from (${rowsOf('false')})`);
  for (const part of parts) await duck.run(`insert into made ${rowsOf(part)}`);
  return 'from made';
}

/**
 * Writes the rows of a query as a segment: temporary file, fsync, rename, fsync of the directory. Null when there are
 * none.
 */
export async function writeSegment(
  duck: DuckDBConnection,
  root: string,
  segment: NewSegment,
  rows: string,
): Promise<SegmentFile | null> {
  const id = randomUUID();
  const start = new Date(segment.fromTs).toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${start}-${segment.generation}-${id.slice(0, 8)}.parquet`;
  const file = `factories/${segment.factoryId}/segments/${segment.level}/${name}`;
  makeDirectory(root, dirname(file));
  const path = join(root, file);
  const temporary = `${path}.tmp`;
  let count: number;
  try {
    await duck.run(`copy (${rows}) to ${quoted(temporary)} (${parquetOptions(segment)})`);
    count = await countRows(duck, `from read_parquet(${quoted(temporary)})`);
    if (count === 0) {
      rmSync(temporary);
      return null;
    }
    sync(temporary, 'r+');
    const content = readFileSync(temporary);
    const sha256 = createHash('sha256').update(content).digest('hex');
    renameSync(temporary, path);
    if (!WINDOWS) sync(dirname(path), 'r');
    return { ...segment, id, file, rows: count, sizeBytes: content.length, sha256 };
  } catch (error) {
    for (const left of [temporary, path]) rmSync(left, { force: true });
    throw error;
  }
}
