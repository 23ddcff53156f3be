import { beginSnapshot, type Connection, openDatabase } from '../store/sqlite.ts';
import { listBuckets } from './buckets.ts';

/** Samples in columns: row i is (seriesIds[i], timestamps[i], values[i]), and `texts` holds the rows that are states. */
export interface CommittedRows {
  readonly length: number;
  readonly seriesIds: Int32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly texts: ReadonlyMap<number, string>;
}

/** What one commit has brought of a factory. */
export interface Commit extends CommittedRows {
  readonly seq: number;
}

/** What `hot.db` holds as of one instant, in the order of its commits. Imported samples are not in it. */
export interface CommitSnapshot {
  /** Those of a factory in (after, until], oldest first. Of a sample that was sent again, the last commit alone has it. */
  commits(factoryId: number, after: number, until: number): Generator<Commit>;
  /** A factory's samples stamped after `after` (epoch ms) of commits up to `seq`, in pages of no order. */
  until(seq: number, factoryId: number, after: number): Generator<CommittedRows>;
}

export interface CommitReader {
  /** Runs `fn` on one snapshot, which ends with it. */
  read<T>(fn: (snapshot: CommitSnapshot) => T): T;
  close(): void;
}

/** Rows in memory at once: 24 bytes each, and as much again while they are put in order. */
const PAGE_ROWS = 200_000;

type Row = [seq: number, seriesId: number, ts: number, value: number | null, text: string | null];

/** Rows as columns, the commits' numbers beside them. */
function columnsOf(capacity: number) {
  const seqs = new Float64Array(capacity);
  const seriesIds = new Int32Array(capacity);
  const timestamps = new Float64Array(capacity);
  const values = new Float64Array(capacity);
  const texts = new Map<number, string>();
  let length = 0;
  const rows = { seriesIds, timestamps, values, texts };
  return {
    seqs,
    rows,
    get length() {
      return length;
    },
    add: ([seq, seriesId, ts, value, text]: Row) => {
      seqs[length] = seq;
      seriesIds[length] = seriesId;
      timestamps[length] = ts;
      values[length] = value ?? Number.NaN;
      if (text !== null) texts.set(length, text);
      length++;
    },
  };
}

/** One commit after the other, out of rows in any order. */
function* inOrder({ seqs, rows, length }: ReturnType<typeof columnsOf>): Generator<Commit> {
  const order = new Uint32Array(length).map((_, row) => row).sort((a, b) => (seqs[a] as number) - (seqs[b] as number));
  for (let start = 0; start < length; ) {
    const seq = seqs[order[start] as number] as number;
    let end = start + 1;
    while (end < length && seqs[order[end] as number] === seq) end++;
    const own = order.subarray(start, end);
    const texts = new Map<number, string>();
    for (const [place, row] of own.entries()) {
      const text = rows.texts.get(row);
      if (text !== undefined) texts.set(place, text);
    }
    const pick = (column: Int32Array | Float64Array) => (_: number, place: number) =>
      column[own[place] as number] as number;
    yield {
      seq,
      length: own.length,
      seriesIds: new Int32Array(own.length).map(pick(rows.seriesIds)),
      timestamps: new Float64Array(own.length).map(pick(rows.timestamps)),
      values: new Float64Array(own.length).map(pick(rows.values)),
      texts,
    };
    start = end;
  }
}

/** Spans of commits with at most so many rows in each, or a single commit: (after, until]. */
function spansOf(counts: ReadonlyMap<number, number>, after: number): (readonly [after: number, until: number])[] {
  const spans: (readonly [number, number])[] = [];
  let [from, until, rows] = [after, after, 0];
  for (const seq of [...counts.keys()].sort((a, b) => a - b)) {
    const count = counts.get(seq) ?? 0;
    if (rows > 0 && rows + count > PAGE_ROWS) {
      spans.push([from, until]);
      [from, rows] = [until, 0];
    }
    until = seq;
    rows += count;
  }
  if (rows > 0) spans.push([from, until]);
  return spans;
}

function snapshotOf(db: Connection): CommitSnapshot {
  const seconds = db.prepare<[], number>(`select value from settings where name = 'bucket_s'`).pluck().get() ?? 0;
  const buckets = listBuckets(db, seconds * 1000);
  return {
    *commits(factoryId, after, last) {
      const counts = new Map<number, number>();
      const holding = buckets.filter(({ table }) => {
        const found = db
          .prepare<[number, number, number], [number, number]>(
            `select seq, count(*) from "${table}" where factory_id = ? and seq > ? and seq <= ? group by seq`,
          )
          .raw()
          .all(factoryId, after, last);
        for (const [seq, count] of found) counts.set(seq, (counts.get(seq) ?? 0) + count);
        return found.length > 0;
      });
      const statements = holding.map(({ table }) =>
        db
          .prepare<[number, number, number], Row>(
            `select seq, series_id, ts, value, text from "${table}" where factory_id = ? and seq > ? and seq <= ?`,
          )
          .raw(),
      );
      for (const [from, until] of spansOf(counts, after)) {
        let rows = 0;
        for (const [seq, count] of counts) if (seq > from && seq <= until) rows += count;
        const columns = columnsOf(rows);
        for (const statement of statements) {
          for (const row of statement.iterate(factoryId, from, until)) columns.add(row);
        }
        yield* inOrder(columns);
      }
    },
    *until(seq, factoryId, after) {
      let columns = columnsOf(PAGE_ROWS);
      for (const { table } of buckets.filter(({ endMs }) => endMs > after)) {
        const rows = db
          .prepare<[number, number, number], Row>(
            `select seq, series_id, ts, value, text from "${table}"
             where factory_id = ? and ts > ? and seq <= ? and seq > 0`,
          )
          .raw()
          .iterate(factoryId, after, seq);
        for (const row of rows) {
          columns.add(row);
          if (columns.length < PAGE_ROWS) continue;
          yield { ...columns.rows, length: columns.length };
          columns = columnsOf(PAGE_ROWS);
        }
      }
      if (columns.length > 0) yield { ...columns.rows, length: columns.length };
    },
  };
}

/**
 * Opens a read-only connection to `hot.db`, for whoever follows commits and has missed some. A commit's rows are there as
 * long as their bucket is: until it is sealed.
 *
 * @throws SqliteError when there is no database yet
 */
export function openCommits(file: string): CommitReader {
  const db = openDatabase(file, { readonly: true, cacheKib: 16_384 });
  return {
    read: (fn) => {
      beginSnapshot(db);
      try {
        return fn(snapshotOf(db));
      } finally {
        db.exec('rollback');
      }
    },
    close: () => db.close(),
  };
}
