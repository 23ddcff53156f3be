import { join } from 'node:path';
import { openDatabase } from '../store/sqlite.ts';
import { openDuckDb } from './duckdb.ts';

/** What the libraries said of themselves. */
export interface LibraryVersions {
  readonly sqlite: string;
  readonly duckdb: string;
}

const ROWS = 10_000;

/**
 * Loads SQLite and DuckDB in this thread and lets them work: a table, and a Parquet file written to `directory` and read
 * back.
 *
 * @throws {Error} when a library cannot be loaded, or what comes back is not what went in
 */
export async function testLibraries(directory: string): Promise<LibraryVersions> {
  const db = openDatabase(join(directory, 'test.db'));
  const sqlite = db.prepare<[], string>('select sqlite_version()').pluck().get() ?? '';
  db.close();
  using duck = await openDuckDb({ temporaryDirectory: directory, memoryLimitMb: 128, threads: 1 });
  const { connection } = duck;
  const file = `'${join(directory, 'test.parquet').replaceAll("'", "''")}'`;
  await connection.run(`copy (select range as n from range(${ROWS})) to ${file} (format parquet, compression zstd)`);
  const read = await connection.runAndReadAll(`select version(), sum(n)::double from read_parquet(${file})`);
  const [duckdb, sum] = read.getRows()[0] ?? [];
  if (sum !== (ROWS * (ROWS - 1)) / 2) throw new Error(`a Parquet file came back changed (${String(sum)})`);
  return { sqlite, duckdb: String(duckdb) };
}
