import type { DuckDBConnection } from '@duckdb/node-api';

export interface DuckDbOptions {
  /** Where it spills what does not fit in memory; must exist. */
  readonly temporaryDirectory: string;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

/** An open DuckDB in memory; `using` closes it. */
export interface DuckDb extends Disposable {
  readonly connection: DuckDBConnection;
}

/**
 * The one place that opens DuckDB, with what its defaults get wrong for an appliance: four fifths of the memory, a
 * thread for each core, spilling into the working directory, and extensions fetched from the network. Loaded when
 * called: it takes some 90 MB.
 */
export async function openDuckDb({ temporaryDirectory, memoryLimitMb, threads }: DuckDbOptions): Promise<DuckDb> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryLimitMb}MB`,
    threads: String(threads),
    temp_directory: temporaryDirectory,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  // A segment never changes, and the system caches its content already: what is worth keeping is where its columns are.
  await connection.run('set parquet_metadata_cache = true; set enable_external_file_cache = false');
  return {
    connection,
    [Symbol.dispose]: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
