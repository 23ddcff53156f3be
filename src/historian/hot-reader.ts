import { isolate } from '../store/isolation.ts';
import { beginSnapshot, type Connection, openDatabase, type Statement } from '../store/sqlite.ts';
import { type Bucket, listBuckets, overlap } from './buckets.ts';

/** A place in the order in which samples are read: by time, and by series within an instant. */
export interface Position {
  readonly ts: number;
  readonly seriesId: number;
}

/** A stored sample: ts (epoch ms), series, value, text. Of the last two one is null. */
export type HotRow = readonly [ts: number, seriesId: number, value: number | null, text: string | null];

/** Buckets that share time are read together, by generation: of a (ts, series) in several the last one's holds. */
export interface HotSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly buckets: readonly Bucket[];
}

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
  /** What lies in [from, to), oldest first, but for buckets of these generations, which segments hold. */
  spans(from: number, to: number, isSealed: (generations: readonly number[]) => ReadonlySet<number>): HotSpan[];
  /** Pages of rows of one span, ordered by (ts, series). A page may be empty: each is a moment to stop at. */
  pages(span: HotSpan, range: HotRange): Generator<readonly HotRow[]>;
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

  function* pages(span: HotSpan, range: HotRange): Generator<readonly HotRow[]> {
    if (range.seriesIds.length === 0) return;
    const width = widthFor(range.seriesIds.length);
    const ids = Array.from({ length: width }, (_, i) => range.seriesIds[Math.min(i, range.seriesIds.length - 1)]);
    let { ts, seriesId } = range.after ?? { ts: range.from, seriesId: -1 };
    const leave = showSpan(db, isolation.shadow, span);
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

  const spans: HotSnapshot['spans'] = (from, to, isSealed) => {
    const bucketMs = (bucketSeconds.get() ?? 0) * 1000;
    const inside = listBuckets(db, bucketMs).filter(({ startMs, endMs }) => startMs < to && endMs > from);
    const sealed = isSealed(inside.map(({ generation }) => generation));
    const found: { startMs: number; endMs: number; buckets: Bucket[] }[] = [];
    for (const bucket of inside.filter(({ generation }) => !sealed.has(generation))) {
      const last = found.at(-1);
      if (last !== undefined && bucket.startMs < last.endMs) {
        last.buckets.push(bucket);
        last.endMs = Math.max(last.endMs, bucket.endMs);
      } else found.push({ startMs: bucket.startMs, endMs: bucket.endMs, buckets: [bucket] });
    }
    for (const { buckets } of found) buckets.sort((a, b) => a.generation - b.generation);
    return found;
  };

  return {
    readHot: (factoryId, fn) =>
      isolation.within(factoryId, () => {
        beginSnapshot(db);
        try {
          return fn({ spans, pages });
        } finally {
          db.exec('rollback');
        }
      }),
    close: () => db.close(),
  };
}

/** Rows of a span: those of its newest bucket, and of each older one what no newer one has. */
function spanSql({ buckets }: HotSpan): string {
  return buckets
    .map((bucket, place) => {
      const { table } = bucket;
      const newer = buckets
        .slice(place + 1)
        .filter((other) => overlap(other, bucket))
        .map(
          (other) =>
            `not exists (select 1 from temp."${other.table}" n where n.factory_id = b.factory_id and n.ts = b.ts and n.series_id = b.series_id)`,
        );
      const condition = newer.length === 0 ? '' : ` where ${newer.join(' and ')}`;
      return `select b.* from temp."${table}" b${condition}`;
    })
    .join(' union all ');
}

/** Points the slot at a span, and returns how to take it away again. */
function showSpan(db: Connection, shadow: (tables: readonly string[]) => void, span: HotSpan): () => void {
  shadow(span.buckets.map(({ table }) => table));
  db.exec(`create temp view hot_slot as ${spanSql(span)}`);
  const drops = span.buckets.map(({ table }) => `drop view temp."${table}";`);
  return () => db.exec(`drop view temp.hot_slot; ${drops.join(' ')}`);
}
