import { type AssetFolder, assetFolder } from '../core/assets.ts';
import { migrate } from '../store/migrations.ts';
import { type Connection, openDatabase, type Statement } from '../store/sqlite.ts';
import {
  type Bucket,
  bucketAt,
  createBucketSql,
  DAY_MS,
  dailyBucketAt,
  listBuckets,
  listClosed,
  overlap,
} from './buckets.ts';
import { eraseSamples } from './erase.ts';
import { createLatestTable, type LatestTable } from './latest.ts';
import type { Closing, ErasureStep, HotBuckets, OpenedHistory, SampleBatch, Series } from './samples.ts';

export interface HotWriterOptions {
  readonly file: string;
  readonly backups: string;
  /** Span of a bucket (s) for a new database; an existing one keeps its own. */
  readonly bucketSeconds: number;
  readonly now: number;
  /** Bytes that the file keeps for the telemetry to come when nothing is in them; at most 64 MiB. */
  readonly reserveBytes?: number;
  /** Epoch ms. */
  readonly clock?: () => number;
}

/** Bounds the writer's time in one call: a day of buckets of ten minutes. */
const MAX_CLOSED_AT_ONCE = 144;

/**
 * After so many pages the journal is written back, and commits wait for that: 8,000 took 70 ms, a few times a minute, and
 * more often beside an import.
 */
const CHECKPOINT_PAGES = 2_000;
/** What the journal keeps of the disk: twice as much as that takes, so that it is not cut and grown again each time. */
const JOURNAL_BYTES = 2 * CHECKPOINT_PAGES * 4_096;

/** Several full buckets of a large plant: to give their pages back and take others would write everything twice. */
const RESERVE_BYTES = 67_108_864;
/** Given back in one call (bytes), which takes tens of milliseconds: telemetry waits meanwhile. */
const SHRUNK_AT_ONCE = 8_388_608;

/** Rows written by one statement: the largest that fits is taken, down to single rows. */
const CHUNKS = [96, 16, 1] as const;

/** Today's and yesterday's telemetry lies in buckets of the usual span, older days in one each. */
const DAYS_IN_PARTS = 1;

/** Prepared inserts are kept for this many buckets; a backfill walks through far more. */
const MAX_PREPARED_BUCKETS = 64;

/**
 * Inserts into one bucket, each prepared when it is first used: preparing the largest costs as much as a hundred rows,
 * and a backfill may bring one row for each bucket.
 */
interface Inserts {
  readonly bucket: Bucket;
  /** By the rows they take. */
  readonly numbers: Map<number, Statement>;
  text?: Statement;
}

/** What all rows of one run share. */
interface SharedValues {
  /** Of the commit; less than 0 for imported rows. */
  readonly seq: number;
  readonly factory: number;
}

const insertSql = (bucket: Bucket, rows: number) =>
  `insert into main."${bucket.table}" (seq, factory_id, ts, series_id, value) values ${'(@seq, @factory, ?, ?, ?),'
    .repeat(rows)
    .slice(0, -1)} on conflict do update set value = excluded.value, text = null, seq = excluded.seq`;

const insertTextSql = (bucket: Bucket) =>
  `insert into main."${bucket.table}" (seq, factory_id, ts, series_id, text) values (@seq, @factory, ?, ?, ?)
   on conflict do update set value = null, text = excluded.text, seq = excluded.seq`;

/**
 * Owner of `hot.db`, and its only writer. It runs in the writer thread and is synchronous: a commit is one
 * transaction, and when `commit` returns the batch is on disk.
 *
 * It writes for every factory at once and so carries no guards; a row's factory comes from its series, whose
 * identity was fixed by the scope it was first received under.
 */
export class HotWriter {
  readonly #options: HotWriterOptions;
  readonly #db: Connection;
  readonly #pageBytes: number;
  readonly #bucketMs: number;
  readonly #inserts = new Map<number, Inserts>();
  /** The bucket of each span that takes rows, by its key: the span's number, or for a day -1 less that of the day. */
  readonly #open = new Map<number, Bucket>();
  /** When each was last written to (ms, monotonic); those of before this start are not in it. */
  readonly #writtenAt = new Map<number, number>();
  #generation: number;
  readonly #setSetting: Statement;
  readonly #insertSeries: Statement;
  readonly #deleteSeries: Statement;
  readonly #latest: LatestTable;
  #factoryOf = new Int32Array(1024);
  #seq: number;
  #tailTs: number;

  /** @throws {AppError} as `migrate` does */
  constructor(options: HotWriterOptions, migrations: AssetFolder = assetFolder('migrations/hot')) {
    this.#options = options;
    const db = openDatabase(options.file, { cacheKib: 32_768, canShrink: true });
    this.#db = db;
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${JOURNAL_BYTES}`);
    migrate(db, migrations, { backups: options.backups, now: options.now });
    this.#pageBytes = Number(db.pragma('page_size', { simple: true }));
    const settings = new Map(db.prepare<[], [string, number]>('select name, value from settings').raw().all());
    this.#seq = settings.get('commit_seq') ?? 0;
    this.#tailTs = settings.get('tail_ts') ?? 0;
    this.#bucketMs = (settings.get('bucket_s') ?? options.bucketSeconds) * 1000;
    this.#generation = settings.get('generation') ?? 0;
    this.#setSetting = db.prepare(
      'insert into main.settings (name, value) values (?, ?) on conflict do update set value = excluded.value',
    );
    if (!settings.has('bucket_s')) this.#setSetting.run('bucket_s', options.bucketSeconds);
    this.#insertSeries = db.prepare(
      'insert into main.series (series_id, factory_id, device_key, parameter, kind, created_at) values (?, ?, ?, ?, ?, ?)',
    );
    this.#deleteSeries = db.prepare('delete from main.series where series_id = ?');
    this.#latest = createLatestTable(db);
    this.#findOpenBuckets();
  }

  /** The registry and the newest sample of every series, exact even after a kill. */
  load(): OpenedHistory {
    const series = this.#db
      .prepare<[], Series>(
        `select series_id as seriesId, factory_id as factoryId, device_key as deviceKey, parameter, kind
         from series order by series_id`,
      )
      .all();
    for (const { seriesId, factoryId } of series) this.#setFactory(seriesId, factoryId);
    this.#latest.load();
    this.#replayTail();
    const last = this.#db.prepare<[], number>(`select seq from sqlite_sequence where name = 'series'`).pluck().get();
    return {
      series,
      latest: this.#latest.all(),
      nextSeriesId: (last ?? 0) + 1,
      seq: this.#seq,
      bucketMs: this.#bucketMs,
    };
  }

  /**
   * Stores a batch in one transaction, without the series it forgets and with the new ones it brings. The last write
   * of a (series, ts) wins.
   *
   * @returns the commit's sequence number
   * @throws SqliteError when nothing was stored
   */
  commit(batch: SampleBatch): number {
    const seq = this.#seq + 1;
    let oldest = this.#tailTs;
    for (let row = 0; row < batch.length; row++) {
      const ts = batch.timestamps[row] as number;
      if (ts < oldest) oldest = ts;
    }
    try {
      this.#db.exec('begin immediate');
      if (batch.forgottenSeries.length > 0) this.#forgetSeries(batch.forgottenSeries);
      for (const series of batch.newSeries) this.#addSeries(series);
      this.#insertRows(batch, seq);
      this.#setSetting.run('commit_seq', seq);
      if (oldest < this.#tailTs) this.#setSetting.run('tail_ts', oldest);
      this.#db.exec('commit');
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('rollback');
      // Tables made in the failed transaction are gone, and so must be what is known of them.
      this.#inserts.clear();
      this.#findOpenBuckets();
      throw error;
    }
    this.#seq = seq;
    this.#tailTs = oldest;
    this.#latest.forget(batch.forgottenSeries);
    this.#latest.apply(batch);
    return seq;
  }

  #forgetSeries(seriesIds: readonly number[]): void {
    this.#overwriting(() => {
      for (const seriesId of seriesIds) this.#deleteSeries.run(seriesId);
    });
  }

  /** What is deleted meanwhile is overwritten; to do so always would write every table that is dropped once more. */
  #overwriting<T>(fn: () => T): T {
    this.#db.pragma('secure_delete = ON');
    try {
      return fn();
    } finally {
      this.#db.pragma('secure_delete = OFF');
    }
  }

  /**
   * Closes buckets whose span has ended before a closing's `endedBefore` (epoch ms) and which have not been written to
   * for its `idleMs`: they take no more rows, and late samples go to new ones. At most `MAX_CLOSED_AT_ONCE` in one call.
   *
   * @returns every bucket that there is then
   */
  closeBuckets(closings: readonly Closing[]): HotBuckets {
    const now = performance.now();
    const due = [...this.#open.entries()]
      .filter(([key, { endMs }]) => {
        const writtenAt = this.#writtenAt.get(key) ?? Number.NEGATIVE_INFINITY;
        return closings.some(({ endedBefore, idleMs }) => endMs <= endedBefore && now - writtenAt >= idleMs);
      })
      .slice(0, MAX_CLOSED_AT_ONCE);
    if (due.length > 0) {
      this.#db
        .transaction(() => {
          for (const [, bucket] of due) this.#recordClosed(bucket);
        })
        .immediate();
      for (const [key] of due) this.#forget(key);
    }
    this.#shrink();
    const closed = listClosed(this.#db);
    const isClosed = ({ table }: Bucket) => closed.has(table);
    const buckets = listBuckets(this.#db, this.#bucketMs).toSorted((a, b) => a.generation - b.generation);
    const freeBytes = this.#sparePages() * this.#pageBytes;
    return { closed: buckets.filter(isClosed), open: buckets.filter((bucket) => !isClosed(bucket)), freeBytes };
  }

  /** With nothing in them, and no part of the reserve. */
  #sparePages(): number {
    const reserve = Math.min(this.#options.reserveBytes ?? RESERVE_BYTES, RESERVE_BYTES) / this.#pageBytes;
    return Math.max(0, Number(this.#db.pragma('freelist_count', { simple: true })) - Math.floor(reserve));
  }

  /** Gives some of what dropped buckets have left back to the disk. A file that was made without this keeps its size. */
  #shrink(): void {
    const pages = Math.min(this.#sparePages(), SHRUNK_AT_ONCE / this.#pageBytes);
    if (pages === 0) return;
    try {
      this.#db.exec(`pragma incremental_vacuum(${pages})`);
    } catch {
      // It needs some space first, and a full disk has none: what makes room must go on, and this is tried again.
    }
  }

  /** Drops closed buckets, which segments hold now. `latest` is brought up first: it will not be read back from them. */
  dropBuckets(tables: readonly string[]): void {
    const closed = listClosed(this.#db);
    this.checkpoint();
    this.#db
      .transaction(() => {
        for (const table of tables.filter((each) => closed.has(each))) {
          this.#db.exec(`drop table main."${table}"`);
          this.#db.prepare('delete from main.closed_buckets where bucket = ?').run(table);
        }
      })
      .immediate();
  }

  /** Erases samples of forgotten series for a few milliseconds; see `eraseSamples`. */
  erase(step: ErasureStep): number | null {
    const next = this.#overwriting(() => eraseSamples(this.#db, this.#bucketMs, step));
    // Nor are they in the journal any more.
    if (next === null) this.#db.pragma('wal_checkpoint(TRUNCATE)');
    return next;
  }

  /** Brings `latest` up to the last commit, so that the next start reads no further back. Cheap when nothing changed. */
  checkpoint(): void {
    if (!this.#latest.isDirty) return;
    this.#db
      .transaction(() => {
        this.#latest.save();
        this.#setSetting.run('tail_ts', Number.MAX_SAFE_INTEGER);
      })
      .immediate();
    this.#latest.saved();
    this.#tailTs = Number.MAX_SAFE_INTEGER;
  }

  /** A small durable write. @throws SqliteError while the store cannot take one */
  probe(): void {
    this.#setSetting.run('probe', this.#options.now);
  }

  close(): void {
    try {
      this.checkpoint();
    } finally {
      this.#db.close();
    }
  }

  #setFactory(seriesId: number, factoryId: number): void {
    if (seriesId >= this.#factoryOf.length) {
      const grown = new Int32Array(Math.max(seriesId + 1, this.#factoryOf.length * 2));
      grown.set(this.#factoryOf);
      this.#factoryOf = grown;
    }
    this.#factoryOf[seriesId] = factoryId;
  }

  #addSeries(series: Series): void {
    this.#setFactory(series.seriesId, series.factoryId);
    const { seriesId, factoryId, deviceKey, parameter, kind } = series;
    this.#insertSeries.run(seriesId, factoryId, deviceKey, parameter, kind, this.#options.now);
  }

  /**
   * Rows go bucket by bucket, so that each is prepared once however they are mixed, and in each in their order of
   * arrival: so the last write wins.
   */
  #insertRows(batch: SampleBatch, seq: number): void {
    const byBucket = new Map<number, number[]>();
    const keyOf = this.#keys();
    for (let row = 0; row < batch.length; row++) {
      const bucket = keyOf(batch.timestamps[row] as number);
      const rows = byBucket.get(bucket);
      if (rows === undefined) byBucket.set(bucket, [row]);
      else rows.push(row);
    }
    const now = performance.now();
    for (const [bucket, rows] of byBucket) {
      this.#insertBucket(batch, rows, seq, this.#insertsFor(bucket));
      this.#writtenAt.set(bucket, now);
    }
  }

  /** Runs of the same factory, of numbers or texts, imported or sent. */
  #insertBucket(batch: SampleBatch, rows: readonly number[], seq: number, inserts: Inserts): void {
    const factoryOf = (row: number) => this.#factoryOf[batch.seriesIds[row] as number] as number;
    let start = 0;
    while (start < rows.length) {
      const first = rows[start] as number;
      const factory = factoryOf(first);
      const isText = batch.texts.has(first);
      const isImported = batch.imported?.has(first) ?? false;
      let end = start + 1;
      for (; end < rows.length; end++) {
        const row = rows[end] as number;
        if (factoryOf(row) !== factory || batch.texts.has(row) !== isText) break;
        if ((batch.imported?.has(row) ?? false) !== isImported) break;
      }
      const run = start === 0 && end === rows.length ? rows : rows.slice(start, end);
      const shared = { seq: isImported ? -seq : seq, factory };
      if (isText) this.#insertTexts(batch, run, shared, inserts);
      else this.#insertNumbers(batch, run, shared, inserts);
      start = end;
    }
  }

  #insertNumbers(batch: SampleBatch, rows: readonly number[], shared: SharedValues, inserts: Inserts): void {
    let done = 0;
    for (const chunk of CHUNKS) {
      for (; rows.length - done >= chunk; done += chunk) {
        const values: number[] = [];
        for (let i = done; i < done + chunk; i++) {
          const row = rows[i] as number;
          values.push(batch.timestamps[row] as number, batch.seriesIds[row] as number, batch.values[row] as number);
        }
        this.#numbersStatement(inserts, chunk).run(values, shared);
      }
    }
  }

  #insertTexts(batch: SampleBatch, rows: readonly number[], shared: SharedValues, inserts: Inserts): void {
    inserts.text ??= this.#db.prepare<unknown[], unknown>(insertTextSql(inserts.bucket));
    for (const row of rows) {
      inserts.text.run(batch.timestamps[row], batch.seriesIds[row], batch.texts.get(row), shared);
    }
  }

  #numbersStatement({ bucket, numbers }: Inserts, rows: number): Statement {
    let statement = numbers.get(rows);
    if (statement === undefined) {
      statement = this.#db.prepare<unknown[], unknown>(insertSql(bucket, rows));
      numbers.set(rows, statement);
    }
    return statement;
  }

  /**
   * Which bucket a stamp goes to, in this commit. A day that is long over has one for all of it; and so has a day that
   * has one already, should the clock be set back.
   */
  #keys(): (ts: number) => number {
    const now = (this.#options.clock ?? Date.now)();
    const dailyBefore = (Math.floor(now / DAY_MS) - DAYS_IN_PARTS) * DAY_MS;
    const hasDays = [...this.#open.keys()].some((key) => key < 0);
    return (ts) => {
      const day = -1 - Math.floor(ts / DAY_MS);
      const isDaily = ts < dailyBefore || (hasDays && this.#open.has(day));
      return isDaily && this.#bucketMs < DAY_MS ? day : Math.floor(ts / this.#bucketMs);
    };
  }

  /** Within the transaction of the commit that needs it. */
  #createBucket(key: number): Bucket {
    const generation = ++this.#generation;
    const bucket =
      key < 0
        ? dailyBucketAt((-1 - key) * DAY_MS, generation)
        : bucketAt(key * this.#bucketMs, this.#bucketMs, generation);
    this.#setSetting.run('generation', bucket.generation);
    this.#db.exec(createBucketSql(bucket));
    // What the day has had until now takes no more rows: they would be of an earlier generation than those that are there.
    for (const [other, open] of this.#open) {
      if (!overlap(open, bucket)) continue;
      this.#recordClosed(open);
      this.#forget(other);
    }
    this.#open.set(key, bucket);
    return bucket;
  }

  #recordClosed({ table, generation }: Bucket): void {
    this.#db
      .prepare('insert into main.closed_buckets (generation, bucket, closed_at) values (?, ?, ?)')
      .run(generation, table, (this.#options.clock ?? Date.now)());
  }

  #forget(key: number): void {
    this.#open.delete(key);
    this.#writtenAt.delete(key);
    this.#inserts.delete(key);
  }

  /** What is on disk: at the start, and after a transaction that made buckets has failed. */
  #findOpenBuckets(): void {
    const closed = listClosed(this.#db);
    this.#open.clear();
    for (const bucket of listBuckets(this.#db, this.#bucketMs)) {
      const isDaily = bucket.endMs - bucket.startMs > this.#bucketMs;
      const key = isDaily ? -1 - bucket.startMs / DAY_MS : bucket.startMs / this.#bucketMs;
      if (!closed.has(bucket.table)) this.#open.set(key, bucket);
      // Also those that a failed transaction has counted: a number is not used twice for that.
      this.#generation = Math.max(this.#generation, bucket.generation);
    }
  }

  #insertsFor(bucketNumber: number): Inserts {
    const known = this.#inserts.get(bucketNumber);
    if (known !== undefined) return known;
    const bucket = this.#open.get(bucketNumber) ?? this.#createBucket(bucketNumber);
    const inserts: Inserts = { bucket, numbers: new Map() };
    const [oldest] = this.#inserts.keys();
    if (this.#inserts.size >= MAX_PREPARED_BUCKETS && oldest !== undefined) this.#inserts.delete(oldest);
    this.#inserts.set(bucketNumber, inserts);
    return inserts;
  }

  /** Reads what was committed after `latest` was last saved: stamps from `tail_ts` on. */
  #replayTail(): void {
    const factories = new Set(this.#factoryOf);
    for (const { table, endMs } of listBuckets(this.#db, this.#bucketMs)) {
      if (endMs <= this.#tailTs) continue;
      const rows = this.#db.prepare<[number, number], [number, number, number | null, string | null]>(
        `select series_id, ts, value, text from "${table}" where factory_id = ? and ts >= ? order by ts`,
      );
      for (const factoryId of factories) {
        for (const [seriesId, ts, value, text] of rows.raw().iterate(factoryId, this.#tailTs)) {
          this.#latest.set(seriesId, ts, value ?? Number.NaN, text);
        }
      }
    }
  }
}
