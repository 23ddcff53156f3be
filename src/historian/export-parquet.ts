import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type ExportPlace, type ExportRange, type ExportSeries, exportRows } from './export-rows.ts';
import type { HistoryEngine } from './history.ts';
import type { HotRow } from './hot-reader.ts';
import { openScratch } from './segment-file.ts';
import { quoted } from './segment-sql.ts';

/** An export as a Parquet file. */
export interface ExportParquetTask extends ExportRange {
  /** The data directory. */
  readonly root: string;
  /** Where the file goes; made anew. */
  readonly file: string;
}

export interface ExportParquetResult {
  readonly rows: number;
}

/** Rows of one data chunk: DuckDB's vectors hold no more. */
const CHUNK_ROWS = 2_048;
type Column = readonly (number | bigint | string | null)[];

async function openStaging(duck: DuckDBConnection, file: string, series: readonly ExportSeries[]) {
  const { BIGINT, DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } = await import('@duckdb/node-api');
  await duck.run(`attach ${quoted(file)} as staging`);
  await duck.run('create table staging.names (series_id integer, device varchar, parameter varchar, unit varchar)');
  await duck.run('create table staging.samples (series_id integer, ts bigint, value double, text varchar)');
  const names = await duck.createAppender('names', null, 'staging');
  const samples = await duck.createAppender('samples', null, 'staging');
  for (let at = 0; at < series.length; at += CHUNK_ROWS) {
    const part = series.slice(at, at + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create([INTEGER, VARCHAR, VARCHAR, VARCHAR], part.length);
    chunk.setRows(part.map(({ seriesId, device, parameter, unit }) => [seriesId, device, parameter, unit]));
    names.appendDataChunk(chunk);
  }
  names.closeSync();
  return {
    append: (rows: readonly HotRow[]) => {
      for (let at = 0; at < rows.length; at += CHUNK_ROWS) {
        const part = rows.slice(at, at + CHUNK_ROWS);
        const columns: readonly Column[] = [
          part.map(([, seriesId]) => seriesId),
          part.map(([ts]) => BigInt(ts)),
          part.map(([, , value]) => value),
          part.map(([, , , text]) => text),
        ];
        const chunk = DuckDBDataChunk.create([INTEGER, BIGINT, DOUBLE, VARCHAR], part.length);
        for (const [place, values] of columns.entries()) chunk.setColumnValues(place, [...values]);
        samples.appendDataChunk(chunk);
      }
    },
    finish: () => samples.closeSync(),
  };
}

/**
 * Writes samples as Parquet, in the order of time: device, parameter, unit, t (UTC), value (booleans are 0 and 1), text (of
 * states). They are gathered in a DuckDB file, not in memory.
 *
 * @throws {Error} when it could not be written (a full disk), or nobody waits any more; no file is left then
 */
export async function exportParquet(
  engine: HistoryEngine,
  { root, file, ...range }: ExportParquetTask,
  isCancelled: () => boolean,
): Promise<ExportParquetResult> {
  const stagingFile = join(root, 'tmp', `${randomUUID()}.duckdb`);
  mkdirSync(join(root, 'tmp'), { recursive: true, mode: 0o700 });
  let written = 0;
  try {
    using duck = await openScratch(root, isCancelled);
    const staging = await openStaging(duck.connection, stagingFile, range.series);
    let start: ExportPlace | undefined;
    for (;;) {
      const { rows, next } = await exportRows(engine, range, start, { wholeInstants: false, isCancelled });
      staging.append(rows);
      written += rows.length;
      if (next === null) break;
      start = next;
    }
    staging.finish();
    await duck.connection.run(
      `copy (select device, parameter, unit, epoch_ms(ts) as t, value, text
         from staging.samples join staging.names using (series_id))
       to ${quoted(file)} (format parquet, compression zstd)`,
    );
    return { rows: written };
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    for (const left of [stagingFile, `${stagingFile}.wal`]) rmSync(left, { force: true });
  }
}
