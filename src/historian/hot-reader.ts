import { isolate } from '../store/isolation.ts';
import { type Connection, openDatabase, type Statement } from '../store/sqlite.ts';
import { type Bucket, listBuckets } from './buckets.ts';

/** A place in the order in which samples are read: by time, and by series within an instant. */
export interface Position {
  readonly ts: number;
  readonly seriesId: number;
}

/** A stored sample: ts (epoch ms), series, value, text. Of the last two one is null. */
export type HotRow = readonly [ts: number, seriesId: number, value: number | null, text: string | null];

/** What to read: the samples of these series in [from, to) that come after `after`. */
export interface HotRange {
  readonly seriesIds: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly after?: Position | undefined;
  /** Most rows in a page. */
  readonly pageRows: number;
}

/** One factory's recent samples as of one instant. */
export interface HotSnapshot {
  /** Pages of rows ordered by (ts, series). A page may be empty: each is a moment to stop at. */
  pages(range: HotRange): Generator<readonly HotRow[]>;
}

export interface HotReader {
  /**
   * Runs `fn` on one snapshot of the factory's samples; another factory's do not exist for it, whatever series it
   * asks for. `fn` is synchronous, and the snapshot ends with it.
   */
  readHot<T>(factoryId: number, fn: (snapshot: HotSnapshot) => T): T;
  close(): void;
}

/**
 * The statement reads `hot_slot`, a view that is pointed at one bucket after the other. A statement for each bucket
 * would be simpler, but better-sqlite3 finalizes statements only when the event loop turns, and every change of a
 * view walks all that live: 13,000 buckets took 6 s that way and take 1 s this way.
 */
const pageSql = (width: number) => `select ts, series_id, value, text from temp.hot_slot
  where ts >= ? and ts < ? and (ts > ? or series_id > ?) and series_id in (${Array(width).fill('?').join(', ')})
  order by ts, series_id limit ?`;

/** Widths of the list of series for which a statement is kept: the next one up is taken, the last id repeated. */
const widthFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(count, 1)));

/**
 * Opens a read-only connection to `hot.db`. A bucket is read through the isolation view that `store/isolation` puts
 * over it, one at a time, so that views do not pile up as buckets come and go.
 *
 * @throws SqliteError when there is no database yet
 */
export function openHotReader(file: string): HotReader {
  const db = openDatabase(file, { readonly: true, cacheKib: 16_384 });
  const isolation = isolate(db, { writable: false, tables: [] });
  const bucketSeconds = db.prepare<[], number>(`select value from settings where name = 'bucket_s'`).pluck();
  const statements = new Map<number, Statement>();

  const statementFor = (width: number): Statement => {
    let statement = statements.get(width);
    if (statement === undefined) {
      statement = db.prepare<unknown[], unknown>(pageSql(width)).raw();
      statements.set(width, statement);
    }
    return statement;
  };

  function* pagesOf(bucket: Bucket, range: HotRange): Generator<readonly HotRow[]> {
    const width = widthFor(range.seriesIds.length);
    const ids = Array.from({ length: width }, (_, i) => range.seriesIds[Math.min(i, range.seriesIds.length - 1)]);
    let { ts, seriesId } = range.after ?? { ts: range.from, seriesId: -1 };
    const leave = showBucket(db, isolation.shadow, bucket);
    try {
      const statement = statementFor(width);
      for (;;) {
        const rows = statement.all(ts, range.to, ts, seriesId, ...ids, range.pageRows) as HotRow[];
        yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < range.pageRows) return;
        [ts, seriesId] = last;
      }
    } finally {
      leave();
    }
  }

  function* pages(range: HotRange): Generator<readonly HotRow[]> {
    if (range.seriesIds.length === 0) return;
    const bucketMs = (bucketSeconds.get() ?? 0) * 1000;
    const start = range.after?.ts ?? range.from;
    for (const bucket of listBuckets(db)) {
      if (bucket.startMs < range.to && bucket.startMs + bucketMs > start) yield* pagesOf(bucket, range);
    }
  }

  return {
    readHot: (factoryId, fn) => isolation.within(factoryId, () => db.transaction(() => fn({ pages })).deferred()),
    close: () => db.close(),
  };
}

/** Points the slot at a bucket, and returns how to take it away again. */
function showBucket(db: Connection, shadow: (tables: readonly string[]) => void, bucket: Bucket): () => void {
  shadow([bucket.table]);
  db.exec(`create temp view hot_slot as select * from temp."${bucket.table}"`);
  return () => db.exec(`drop view temp.hot_slot; drop view temp."${bucket.table}"`);
}
