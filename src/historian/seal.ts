import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../core/errors.ts';
import { beginSnapshot, type Connection, openDatabase } from '../store/sqlite.ts';
import type { Bucket } from './buckets.ts';
import { CHUNK_ROWS, openAppender } from './duckdb.ts';
import type { SegmentFile } from './segment-catalogue.ts';
import { allOrNone, byParts, type IsCancelled, partsOf, withScratch, writeSegment } from './segment-file.ts';
import { toSegmentRows } from './segment-sql.ts';

/** Closed buckets to be sealed together; see `groupsToSeal`. */
export interface SealOrder {
  readonly hotDb: string;
  /** The data directory. */
  readonly root: string;
  /** Of one day and of different spans, in the order of their generations. */
  readonly buckets: readonly Bucket[];
}

/** What has been written. */
export interface Sealed {
  readonly files: readonly SegmentFile[];
  /** The buckets whose rows are in them: as many of the first ones as fit into one file. */
  readonly buckets: readonly Bucket[];
}

type StoredRow = [seriesId: number, ts: number, value: number | null, text: string | null];

/** Rows of all factories that are sealed together; one bucket is sealed however many it has. */
const MAX_ROWS = 1_000_000;

/** Numbers and states apart: no column has nulls then, which are dear to write (a tenth of a microsecond and more). */
const NUMBERS = 'select series_id, ts, value, null::varchar as text from numbers';
const STATES = 'select series_id, ts, null::double as value, text from states';

/** Puts rows into DuckDB. @returns SQL that gives them back as (series_id, ts, value, text) */
async function load(duck: DuckDBConnection, pages: Iterable<readonly StoredRow[]>): Promise<string> {
  const { DOUBLE, INTEGER, VARCHAR } = await import('@duckdb/node-api');
  await duck.run('create or replace table numbers (series_id integer, ts double, value double)');
  await duck.run('create or replace table states (series_id integer, ts double, text varchar)');
  const keys = [
    { type: INTEGER, place: 0 },
    { type: DOUBLE, place: 1 },
  ];
  const numbers = await openAppender<StoredRow>(duck, { name: 'numbers' }, [...keys, { type: DOUBLE, place: 2 }]);
  const states = await openAppender<StoredRow>(duck, { name: 'states' }, [...keys, { type: VARCHAR, place: 3 }]);
  let hasStates = false;
  for (const page of pages) {
    const texts = page.filter(([, , , text]) => text !== null);
    hasStates ||= texts.length > 0;
    numbers.append(texts.length === 0 ? page : page.filter(([, , , text]) => text === null));
    states.append(texts);
  }
  numbers.close();
  states.close();
  return hasStates ? `${NUMBERS} union all ${STATES}` : NUMBERS;
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
  const { hotDb, root } = order;
  const db = openDatabase(hotDb, { readonly: true });
  try {
    beginSnapshot(db);
    const buckets = firstThatFit(db, order.buckets);
    const factories = new Set(
      buckets.flatMap(({ table }) =>
        db.prepare<[], number>(`select distinct factory_id from "${table}"`).pluck().all(),
      ),
    );
    const known = new Set(db.prepare<[], number>('select series_id from series').pluck().all());
    function* pagesOf({ table, startMs }: Bucket, factoryId: number): Generator<StoredRow[]> {
      const page = db
        .prepare<[number, number, number, number, number], StoredRow>(
          `select b.series_id, b.ts, b.value, b.text from "${table}" b
           where b.factory_id = ? and b.ts >= ? and (b.ts > ? or b.series_id > ?)
           order by b.ts, b.series_id limit ?`,
        )
        .raw();
      let [seriesId, ts] = [-1, startMs];
      for (;;) {
        if (isCancelled()) throw new AppError('unavailable', 'sealing was cancelled');
        const rows = page.all(factoryId, ts, ts, seriesId, CHUNK_ROWS);
        yield rows.filter(([id]) => known.has(id));
        const last = rows.at(-1);
        if (last === undefined || rows.length < CHUNK_ROWS) return;
        [seriesId, ts] = last;
      }
    }
    function* allPagesOf(factoryId: number): Generator<StoredRow[]> {
      for (const bucket of buckets) yield* pagesOf(bucket, factoryId);
    }
    const span = {
      fromTs: Math.min(...buckets.map(({ startMs }) => startMs)),
      toTs: Math.max(...buckets.map(({ endMs }) => endMs)),
    };
    const generation = Math.max(...buckets.map((bucket) => bucket.generation));
    const write = (connection: DuckDBConnection) =>
      allOrNone(root, async (written) => {
        for (const factoryId of [...factories].toSorted((a, b) => a - b)) {
          const rows = await load(connection, allPagesOf(factoryId));
          const segment = { factoryId, level: 'raw', ...span, generation, isCompacted: false } as const;
          const parts = await partsOf(connection, rows);
          const sorted = await byParts(connection, parts, (part) =>
            toSegmentRows(`select * from (${rows}) where ${part}`),
          );
          const file = await writeSegment(connection, root, segment, sorted);
          if (file !== null) written.push(file);
        }
      });
    return { files: await withScratch(root, isCancelled, write), buckets };
  } finally {
    db.close();
  }
}
