import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../core/errors.ts';
import { beginSnapshot, type Connection, openDatabase } from '../store/sqlite.ts';
import type { Bucket } from './buckets.ts';
import { CHUNK_ROWS, openAppender, openNumberAppender } from './duckdb.ts';
import type { SeriesKind } from './samples.ts';
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

/** Rows of all factories that are sealed together; one bucket is sealed however many it has. */
const MAX_ROWS = 1_000_000;

/** Numbers and states apart: no column has nulls then, which are dear to write (a tenth of a microsecond and more). */
const NUMBERS = 'select series_id, ts, value, null::varchar as text from numbers';
const STATES = 'select series_id, ts, null::double as value, text from states';

interface Checks {
  readonly isKnown: (seriesId: number) => boolean;
  /** The largest that is known. */
  readonly lastSeries: number;
  readonly isCancelled: IsCancelled;
}

/** A part of a bucket: what one factory has in it. */
interface FactoryBucket {
  readonly db: Connection;
  readonly bucket: Bucket;
  readonly factoryId: number;
}

const hasRows = ({ db, bucket, factoryId }: FactoryBucket): boolean =>
  db.prepare(`select 1 from "${bucket.table}" where factory_id = ?`).get(factoryId) !== undefined;

/**
 * Puts numbers into DuckDB, in pages, and leaves states out. A stamp and a series are read as one number: what costs time is
 * to make a JavaScript value of each column of each row.
 */
async function loadNumbers(duck: DuckDBConnection, sources: readonly FactoryBucket[], checks: Checks): Promise<void> {
  await duck.run('create or replace table numbers (series_id integer, ts double, value double)');
  const appender = await openNumberAppender(duck, 'numbers', ['integer', 'double', 'double']);
  const [seriesIds, stamps, numbers] = appender.columns as [Int32Array, Float64Array, Float64Array];
  for (const { db, bucket, factoryId } of sources) {
    const { table, startMs, endMs } = bucket;
    const spanMs = endMs - startMs;
    if (checks.lastSeries * spanMs > Number.MAX_SAFE_INTEGER)
      throw new RangeError(`series ${checks.lastSeries} is too large`);
    const page = (column: string) =>
      db
        .prepare<[number, number, number, number], number | null>(
          `select ${column} from "${table}" where factory_id = ? and (ts, series_id) > (?, ?) order by ts, series_id limit ?`,
        )
        .pluck();
    const [keys, values] = [page(`series_id * ${spanMs} + ts - ${startMs}`), page('value')];
    for (let [ts, seriesId] = [startMs, -1]; ; ) {
      if (checks.isCancelled()) throw new AppError('unavailable', 'sealing was cancelled');
      const keyPage = keys.all(factoryId, ts, seriesId, CHUNK_ROWS) as number[];
      const valuePage = values.all(factoryId, ts, seriesId, CHUNK_ROWS);
      let rows = 0;
      for (const [index, value] of valuePage.entries()) {
        const key = keyPage[index] as number;
        seriesId = Math.floor(key / spanMs);
        ts = startMs + (key - seriesId * spanMs);
        if (value === null || !checks.isKnown(seriesId)) continue;
        seriesIds[rows] = seriesId;
        stamps[rows] = ts;
        numbers[rows] = value;
        rows++;
      }
      appender.append(rows);
      if (keyPage.length < CHUNK_ROWS) break;
    }
  }
  appender.close();
}

type StateRow = [seriesId: number, ts: number, text: string];

/** The same of states. */
async function loadStates(duck: DuckDBConnection, sources: readonly FactoryBucket[], checks: Checks): Promise<void> {
  const { DOUBLE, INTEGER, VARCHAR } = await import('@duckdb/node-api');
  await duck.run('create table states (series_id integer, ts double, text varchar)');
  const types = [INTEGER, DOUBLE, VARCHAR].map((type, place) => ({ type, place }));
  const appender = await openAppender<StateRow>(duck, { name: 'states' }, types);
  for (const { db, bucket, factoryId } of sources) {
    const page = db
      .prepare<[number, number, number, number], StateRow>(
        `select series_id, ts, text from "${bucket.table}"
         where factory_id = ? and (ts, series_id) > (?, ?) and text is not null order by ts, series_id limit ?`,
      )
      .raw();
    for (let [ts, seriesId] = [bucket.startMs, -1]; ; ) {
      if (checks.isCancelled()) throw new AppError('unavailable', 'sealing was cancelled');
      const rows = page.all(factoryId, ts, seriesId, CHUNK_ROWS);
      appender.append(rows.filter(([id]) => checks.isKnown(id)));
      const last = rows.at(-1);
      if (last === undefined || rows.length < CHUNK_ROWS) break;
      [seriesId, ts] = last;
    }
  }
  appender.close();
}

interface KnownSeries {
  readonly series_id: number;
  readonly factory_id: number;
  readonly kind: SeriesKind;
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
    const registered = db.prepare<[], KnownSeries>('select series_id, factory_id, kind from series').all();
    const known = new Set(registered.map((series) => series.series_id));
    const lastSeries = registered.reduce((last, { series_id }) => Math.max(last, series_id), 0);
    const checks = { isKnown: (seriesId: number) => known.has(seriesId), lastSeries, isCancelled };
    const span = {
      fromTs: Math.min(...buckets.map(({ startMs }) => startMs)),
      toTs: Math.max(...buckets.map(({ endMs }) => endMs)),
    };
    const generation = Math.max(...buckets.map((bucket) => bucket.generation));
    const write = (connection: DuckDBConnection) =>
      allOrNone(root, async (written) => {
        const factories = new Set(registered.map((series) => series.factory_id));
        for (const factoryId of [...factories].toSorted((a, b) => a - b)) {
          const sources = buckets.map((bucket) => ({ db, bucket, factoryId })).filter(hasRows);
          if (sources.length === 0) continue;
          await loadNumbers(connection, sources, checks);
          const hasStates = registered.some((series) => series.factory_id === factoryId && series.kind === 'state');
          await connection.run('drop table if exists states');
          if (hasStates) await loadStates(connection, sources, checks);
          const rows = hasStates ? `${NUMBERS} union all ${STATES}` : NUMBERS;
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
