import type { Sql, SqlReads } from '../store/store.ts';
import type { SegmentFile } from './segment-catalogue.ts';

/** A segment as it is verified. */
export type VerifiedSegment = Pick<
  SegmentFile,
  'factoryId' | 'id' | 'level' | 'fromTs' | 'toTs' | 'file' | 'rows' | 'sizeBytes' | 'sha256'
> & { readonly isQuarantined: boolean };

/** A segment whose file is damaged or missing. */
export interface QuarantinedSegment extends VerifiedSegment {
  /** Since when it is out of the answers (epoch ms), and why. */
  readonly quarantinedAt: number;
  readonly reason: string;
}

type Row = Omit<VerifiedSegment, 'isQuarantined'> & { readonly quarantined: number };

const COLUMNS = `factory_id as factoryId, id, level, from_ts as fromTs, to_ts as toTs, file, rows,
  size_bytes as sizeBytes, sha256, quarantined_at is not null as quarantined`;

const withFlag = (rows: readonly Row[]): VerifiedSegment[] =>
  rows.map(({ quarantined, ...row }) => ({ ...row, isQuarantined: quarantined !== 0 }));

/** In the order of their keys, those after one; at most `limit`. */
export const segmentsAfter = (
  sql: SqlReads,
  after: Pick<SegmentFile, 'factoryId' | 'id'>,
  limit: number,
): VerifiedSegment[] =>
  withFlag(
    sql.all<Row>(
      `select ${COLUMNS} from segments where (factory_id, id) > (?, ?) order by factory_id, id limit ?`,
      ...[after.factoryId, after.id, limit],
    ),
  );

/** Those that have not been verified since `since`, or will only have been after `now`; the ones of longest ago first. */
export const segmentsDue = (sql: SqlReads, since: number, now: number, limit: number): VerifiedSegment[] =>
  withFlag(
    sql.all<Row>(
      `select ${COLUMNS} from segments
       where quarantined_at is null and coalesce(verified_at, created_at) not between ?1 and ?2
       order by coalesce(verified_at, created_at) limit ?3`,
      ...[since, now, limit],
    ),
  );

/** Those of these files that are read. */
export const segmentsOf = (sql: SqlReads, files: readonly string[]): VerifiedSegment[] =>
  withFlag(
    sql.all<Row>(
      `select ${COLUMNS} from segments
       where quarantined_at is null and file in (select value from json_each(?))`,
      JSON.stringify(files),
    ),
  );

/** How many there are, and how many bytes. */
export const stockOf = (sql: SqlReads): { readonly files: number; readonly bytes: number } =>
  sql.get('select count(*) as files, coalesce(sum(size_bytes), 0) as bytes from segments') ?? { files: 0, bytes: 0 };

/** All in quarantine, the latest first. */
export const quarantinedSegments = (sql: SqlReads): QuarantinedSegment[] =>
  sql
    .all<Row & { readonly quarantinedAt: number; readonly reason: string | null }>(
      `select ${COLUMNS}, quarantined_at as quarantinedAt, quarantine_reason as reason from segments
       where quarantined_at is not null order by quarantined_at desc, file`,
    )
    .map(({ quarantined, reason, ...row }) => ({ ...row, isQuarantined: quarantined !== 0, reason: reason ?? '' }));

type Key = Pick<SegmentFile, 'factoryId' | 'id'>;

/** Says that a segment is whole. False when it is not in the catalogue any more. */
export const markWhole = (sql: Pick<Sql, 'run'>, { factoryId, id }: Key, now: number): boolean =>
  sql.run(
    `update main.segments set verified_at = ?, quarantined_at = null, quarantine_reason = null
     where factory_id = ? and id = ?`,
    ...[now, factoryId, id],
  ) > 0;

/** Takes a segment out of the answers. False when it is not in the catalogue any more. */
export const markQuarantined = (sql: Pick<Sql, 'run'>, { factoryId, id }: Key, reason: string, now: number): boolean =>
  sql.run(
    `update main.segments set quarantined_at = coalesce(quarantined_at, ?), quarantine_reason = ?
     where factory_id = ? and id = ?`,
    ...[now, reason, factoryId, id],
  ) > 0;
