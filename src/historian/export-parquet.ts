import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { openAppender } from './duckdb.ts';
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

export interface ExportParquetContext {
  /** True once nobody waits any more. */
  readonly isCancelled: () => boolean;
  /** Awaited after each page. */
  readonly rest: () => Promise<void>;
}

export interface ExportParquetResult {
  readonly rows: number;
}

/** Tables in a DuckDB file: the samples, to which pages are appended, and what their series are called. */
async function openStaging(duck: DuckDBConnection, file: string, series: readonly ExportSeries[]) {
  const { DOUBLE, INTEGER, VARCHAR } = await import('@duckdb/node-api');
  const inOrder = (types: readonly DuckDBType[]) => types.map((type, place) => ({ type, place }));
  await duck.run(`attach ${quoted(file)} as staging`);
  await duck.run('create table staging.names (series_id integer, device varchar, parameter varchar, unit varchar)');
  await duck.run('create table staging.samples (ts double, series_id integer, value double, text varchar)');
  const appender = await openAppender(
    duck,
    { name: 'names', catalogue: 'staging' },
    inOrder([INTEGER, VARCHAR, VARCHAR, VARCHAR]),
  );
  appender.append(series.map(({ seriesId, device, parameter, unit }) => [seriesId, device, parameter, unit]));
  appender.close();
  return await openAppender<HotRow>(
    duck,
    { name: 'samples', catalogue: 'staging' },
    inOrder([DOUBLE, INTEGER, DOUBLE, VARCHAR]),
  );
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
  { isCancelled, rest }: ExportParquetContext,
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
      await rest();
    }
    staging.close();
    await duck.connection.run(
      `copy (select device, parameter, unit, epoch_ms(ts::bigint) as t, value, text
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
