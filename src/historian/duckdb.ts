import type { DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api';

export interface DuckDbOptions {
  /** Where it spills what does not fit in memory; must exist. */
  readonly temporaryDirectory: string;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

/** An open DuckDB in memory; `using` closes it. */
export interface DuckDb extends Disposable {
  readonly connection: DuckDBConnection;
  /** So many connections, that one first: each may have a query under way. They are kept. */
  connect(count: number): Promise<readonly DuckDBConnection[]>;
  /** Ends the queries of all connections, which reject. */
  interrupt(): void;
}

/**
 * DuckDB's allocator (jemalloc) keeps freed memory for each of several arenas: a compaction of 7 million rows took 350 MB
 * with them, 265 MB and no more CPU with one. It looks once, when the library is loaded, and at the environment of the
 * process, which a thread cannot change: for the main thread, before any other opens DuckDB.
 */
export function shareAllocator(): void {
  process.env.DUCKDB_JE_MALLOC_CONF ??= 'narenas:1';
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
  const connections = [connection];
  // The system caches the content of files already, and notices when one is put back from a backup.
  await connection.run('set enable_external_file_cache = false');
  return {
    connection,
    connect: async (count) => {
      while (connections.length < count) connections.push(await instance.connect());
      return connections.slice(0, count);
    },
    interrupt: () => {
      for (const each of connections) each.interrupt();
    },
    [Symbol.dispose]: () => {
      for (const each of connections) each.closeSync();
      instance.closeSync();
    },
  };
}

/** Rows of one data chunk: DuckDB's vectors hold no more. */
export const CHUNK_ROWS = 2_048;

/** A column of doubles without nulls. It lies in the chunk. */
export type ReadDoubles = (chunk: DuckDBDataChunk, column: number) => Float64Array;

/** Takes a seventh of the time that its values take one by one. */
export async function readingDoubles(): Promise<ReadDoubles> {
  const { default: bindings } = await import('@duckdb/node-bindings');
  return ({ chunk, rowCount }, column) => {
    const vector = bindings.data_chunk_get_vector(chunk, column);
    const { buffer, byteOffset } = bindings.vector_get_data(vector, rowCount * Float64Array.BYTES_PER_ELEMENT);
    return new Float64Array(buffer, byteOffset, rowCount);
  };
}

/** Appends rows to a table, which sees them when it is closed. */
export interface RowAppender<Row> {
  append(rows: readonly Row[]): void;
  close(): void;
}

/** @param columns - of the table, in its order: their types, and which member of a row each takes */
export async function openAppender<Row extends readonly DuckDBValue[]>(
  connection: DuckDBConnection,
  table: { readonly name: string; readonly catalogue?: string },
  columns: readonly { readonly type: DuckDBType; readonly place: number }[],
): Promise<RowAppender<Row>> {
  const { DuckDBDataChunk } = await import('@duckdb/node-api');
  const appender = await connection.createAppender(table.name, null, table.catalogue);
  // One for all rows: the garbage collector does not see what a chunk takes, and would leave them all.
  const chunk = DuckDBDataChunk.create(columns.map(({ type }) => type));
  return {
    append: (rows) => {
      for (let at = 0; at < rows.length; at += CHUNK_ROWS) {
        const part = at === 0 && rows.length <= CHUNK_ROWS ? rows : rows.slice(at, at + CHUNK_ROWS);
        chunk.reset();
        chunk.rowCount = part.length;
        for (const [column, { place }] of columns.entries()) {
          chunk.setColumnValues(
            column,
            part.map((row) => row[place] as DuckDBValue),
          );
        }
        appender.appendDataChunk(chunk);
      }
    },
    close: () => appender.closeSync(),
  };
}

/** Appends numbers by columns, 2,048 rows at a time, to a table, which sees them when it is closed. */
export interface NumberAppender {
  /** An array for each column, none of them null. Written to before `append`, which takes the first `rows` of each. */
  readonly columns: readonly (Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>)[];
  append(rows: number): void;
  close(): void;
}

/** Takes a quarter of the time of `openAppender`. @param types - of the table's columns: its only ones, in its order */
export async function openNumberAppender(
  connection: DuckDBConnection,
  table: string,
  types: readonly ('integer' | 'double')[],
): Promise<NumberAppender> {
  const { DOUBLE, DuckDBDataChunk, INTEGER } = await import('@duckdb/node-api');
  const { default: bindings } = await import('@duckdb/node-bindings');
  const appender = await connection.createAppender(table);
  const chunk = DuckDBDataChunk.create(types.map((type) => (type === 'integer' ? INTEGER : DOUBLE)));
  const columns = types.map((type) => (type === 'integer' ? new Int32Array(CHUNK_ROWS) : new Float64Array(CHUNK_ROWS)));
  return {
    columns,
    append: (rows) => {
      if (rows === 0) return;
      chunk.reset();
      chunk.rowCount = rows;
      for (const [index, { buffer, BYTES_PER_ELEMENT }] of columns.entries()) {
        const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
        bindings.copy_data_to_vector(vector, 0, buffer, 0, rows * BYTES_PER_ELEMENT);
      }
      appender.appendDataChunk(chunk);
    },
    close: () => appender.closeSync(),
  };
}
