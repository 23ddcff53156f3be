import { isolate } from '../store/isolation.ts';
import { createSql, openDatabase } from '../store/sqlite.ts';
import type { Sql, SqlReads } from '../store/store.ts';

/** Samples, or samples rolled up by the minute or the quarter of an hour (of UTC). */
export type Level = 'raw' | RollupLevel;
export type RollupLevel = '1m' | '15m';

/** A file that is whole and durable. */
export interface SegmentFile {
  readonly factoryId: number;
  readonly id: string;
  readonly level: Level;
  /** Its samples lie in [fromTs, toTs) (epoch ms). */
  readonly fromTs: number;
  readonly toTs: number;
  readonly generation: number;
  /** Below the data directory, with `/`. */
  readonly file: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** One for its day or month, and rolled up where that is worth it; otherwise as its buckets were sealed. */
  readonly isCompacted: boolean;
}

/** A segment as a query needs it. */
export type Segment = Pick<SegmentFile, 'level' | 'fromTs' | 'toTs' | 'generation' | 'file' | 'isCompacted'>;

/** A segment in the catalogue. */
export type ListedSegment = Segment & {
  /** Its file is damaged or missing: it is not read, and nothing is made of it, until the file is whole again. */
  readonly isQuarantined: boolean;
};

type Flags = Pick<ListedSegment, 'isCompacted' | 'isQuarantined'>;
type Stored<Row extends Flags> = Omit<Row, keyof Flags> & { readonly compacted: number; readonly quarantined: number };

/** SQLite has no booleans. */
const withFlags = <Row extends Flags>(rows: readonly Stored<Row>[]): Row[] =>
  rows.map(
    ({ compacted, quarantined, ...row }) =>
      ({ ...row, isCompacted: compacted !== 0, isQuarantined: quarantined !== 0 }) as unknown as Row,
  );

/** The catalogue as a query thread sees it: read-only, on a connection of its own, one factory at a time. */
export interface SegmentCatalogue {
  /** Segments of the factory whose span touches [from, to), in the order of their generations. */
  segments(factoryId: number, from: number, to: number): ListedSegment[];
  /** The newest stamp of the factory's samples that were removed, and of those of which no rollup is left (epoch ms); or 0. */
  removedUntil(factoryId: number): { readonly raw: number; readonly all: number };
  /** Of these generations, the ones whose buckets are not to be read any more. */
  sealed(generations: readonly number[]): Set<number>;
  /** Runs `fn`, which is synchronous, on one state of the catalogue. */
  atOnce<T>(fn: () => T): T;
  close(): void;
}

/** @throws SqliteError when there is no control database yet */
export function openSegmentCatalogue(controlDb: string): SegmentCatalogue {
  const db = openDatabase(controlDb, { readonly: true });
  const isolation = isolate(db, { writable: false, tables: ['segments', 'removed_history'] });
  const sql = createSql(db);
  return {
    segments: (factoryId, from, to) =>
      isolation.within(factoryId, () =>
        withFlags(
          sql.all<Stored<ListedSegment>>(
            `select level, from_ts as fromTs, to_ts as toTs, generation, file, compacted,
               quarantined_at is not null as quarantined from segments
             where from_ts < ? and to_ts > ? order by generation, from_ts`,
            to,
            from,
          ),
        ),
      ),
    removedUntil: (factoryId) =>
      isolation.within(factoryId, () => {
        const until = new Map(
          sql
            .all<{ level: Level; until: number }>(
              'select level, max(until_ts) as until from removed_history group by level',
            )
            .map(({ level, until }) => [level, until]),
        );
        const levels = (['raw', '1m', '15m'] as const).map((level) => until.get(level) ?? 0);
        return { raw: levels[0] ?? 0, all: Math.min(...levels) };
      }),
    sealed: (generations) => sealedOf(sql, generations),
    atOnce: (fn) => db.transaction(fn).deferred(),
    close: () => db.close(),
  };
}

/** Of these generations, the ones that segments hold. */
export function sealedOf(sql: SqlReads, generations: readonly number[]): Set<number> {
  const rows = sql.all<{ generation: number }>(
    'select generation from sealed_buckets where generation in (select value from json_each(?))',
    JSON.stringify(generations),
  );
  return new Set(rows.map(({ generation }) => generation));
}

/** A segment in the catalogue, since `createdAt` (epoch ms). */
export interface StoredSegment extends SegmentFile {
  readonly createdAt: number;
  readonly isQuarantined: boolean;
}

/** What the segments of all factories take on disk. */
export const totalBytes = (sql: SqlReads): number =>
  sql.get<{ bytes: number }>('select coalesce(sum(size_bytes), 0) as bytes from segments')?.bytes ?? 0;

/** All segments of all factories, oldest first. */
export const allSegments = (sql: SqlReads): StoredSegment[] =>
  withFlags(
    sql.all<Stored<StoredSegment>>(
      `select factory_id as factoryId, id, level, from_ts as fromTs, to_ts as toTs, generation, file, rows,
         size_bytes as sizeBytes, sha256, compacted, quarantined_at is not null as quarantined, created_at as createdAt
       from segments order by from_ts, generation`,
    ),
  );

/**
 * Puts files into the catalogue.
 *
 * @returns those of factories that were removed meanwhile, which are not in it
 */
export function addSegments(sql: Pick<Sql, 'run'>, files: readonly SegmentFile[], now: number): SegmentFile[] {
  return files.filter((file) => {
    const added = sql.run(
      `insert into main.segments (factory_id, id, level, from_ts, to_ts, generation, file, rows, size_bytes, sha256, compacted, created_at)
       select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 where exists (select 1 from factories where id = ?1)`,
      ...[file.factoryId, file.id, file.level, file.fromTs, file.toTs, file.generation, file.file],
      ...[file.rows, file.sizeBytes, file.sha256, Number(file.isCompacted), now],
    );
    return added === 0;
  });
}

/** Takes segments out of the catalogue. */
export function removeSegments(sql: Pick<Sql, 'run'>, files: readonly Pick<SegmentFile, 'factoryId' | 'id'>[]): void {
  for (const { factoryId, id } of files) {
    sql.run('delete from main.segments where factory_id = ? and id = ?', factoryId, id);
  }
}

/** From here on the bucket's files are the truth, and the bucket is not. */
export function markSealed(sql: Pick<Sql, 'run'>, generation: number, now: number): void {
  sql.run('insert or ignore into main.sealed_buckets (generation, sealed_at) values (?, ?)', generation, now);
}

/** The numbers of the factories that there are. */
export const factoriesIn = (sql: SqlReads): Set<number> =>
  new Set(sql.all<{ id: number }>('select id from factories').map(({ id }) => id));

/**
 * A write that changes nothing. A transaction that failed may come back after a crash, when SQLite recovers its log;
 * once this one has succeeded, it lies where the failed one was, which is then over for good.
 */
export function overwriteFailed(sql: Pick<Sql, 'run'>): void {
  sql.run('insert or ignore into main.sealed_buckets (generation, sealed_at) values (-1, 0)');
  sql.run('delete from main.sealed_buckets where generation = -1');
}
