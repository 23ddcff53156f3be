import type { DuckDBConnection } from '@duckdb/node-api';
import { refuseDamaged } from './check-segments.ts';
import { inOrder, mergedRollups, ROLLUP_MS, rolledUp } from './rollup-sql.ts';
import type { RollupLevel, SegmentFile } from './segment-catalogue.ts';
import { allOrNone, byParts, countRows, type IsCancelled, partsOf, withScratch, writeSegment } from './segment-file.ts';
import { readAll, readLatest, readWhole, toSegmentRows } from './segment-sql.ts';

/** The raw segments of one factory's day, to be written anew as one, with its rollups. */
export interface CompactOrder {
  /** The data directory. */
  readonly root: string;
  readonly factoryId: number;
  readonly segments: readonly SegmentFile[];
  readonly fromTs: number;
  readonly toTs: number;
  /** A level is written when it has at most the n-th part of the rows. */
  readonly worthRows?: number;
}

/** A segment, of any level, to be written anew without some series. */
export interface FilterOrder {
  readonly root: string;
  readonly segment: SegmentFile;
  readonly withoutSeries: readonly number[];
}

/** Where samples are rare, a coarser level takes as many bytes as the finer one, and is no quicker. */
const WORTH_ROWS = 10;

/**
 * Writes raw segments as one, each (series, ts) once, and rolls it up. Changes nothing else: the old ones stay the truth
 * until the catalogue names the new ones.
 *
 * @throws {Error} when a file could not be read or written, or the work was cancelled; no new file is left then. `unreadable`
 *   when one is not as it was written
 */
export async function compactDay(order: CompactOrder, isCancelled: IsCancelled = () => false): Promise<SegmentFile[]> {
  const { root, factoryId, segments, fromTs, toTs, worthRows = WORTH_ROWS } = order;
  refuseDamaged(root, segments, isCancelled);
  const generation = Math.max(...segments.map((segment) => segment.generation));
  const day = { factoryId, fromTs, toTs, generation, isCompacted: true };
  const write = (connection: DuckDBConnection) =>
    allOrNone(root, async (files) => {
      const parts = await partsOf(connection, readAll(root, segments));
      const rows = await byParts(connection, parts, (part) => toSegmentRows(readLatest(root, segments, part)));
      const raw = await writeSegment(connection, root, { ...day, level: 'raw' }, rows);
      if (raw === null) return;
      files.push(raw);
      for (const level of ['1m', '15m'] as const) {
        const stepMs = ROLLUP_MS[level];
        const stored = readWhole(root, raw, 'true');
        const count = await countRows(connection, `select 1 from (${stored}) group by series_id, ts // ${stepMs}`);
        if (count * worthRows > raw.rows) continue;
        const steps = await byParts(connection, parts, (part) => rolledUp(readWhole(root, raw, part), stepMs));
        const file = await writeSegment(connection, root, { ...day, level }, inOrder(steps));
        if (file !== null) files.push(file);
      }
    });
  return await withScratch(root, isCancelled, write);
}

/** Rollups of one level, to be written as one; see `rollupsToMerge`. */
export interface MergeOrder {
  /** The data directory. */
  readonly root: string;
  readonly factoryId: number;
  readonly level: RollupLevel;
  readonly rollups: readonly SegmentFile[];
  /** Raw segments that are in none of them. */
  readonly unrolled: readonly SegmentFile[];
  readonly span: { readonly fromTs: number; readonly toTs: number };
  readonly generation: number;
}

/** Writes rollups as one. @throws {Error} when a file could not be read or written, or the work was cancelled */
export async function mergeRollups(
  order: MergeOrder,
  isCancelled: IsCancelled = () => false,
): Promise<SegmentFile | null> {
  const { root, factoryId, level, rollups, unrolled, span, generation } = order;
  refuseDamaged(root, [...rollups, ...unrolled], isCancelled);
  const rows = mergedRollups(root, rollups, unrolled, ROLLUP_MS[level]);
  const merged = { factoryId, level, ...span, generation, isCompacted: true };
  return await withScratch(root, isCancelled, (connection) => writeSegment(connection, root, merged, rows));
}

/** What became of a segment: the file that takes its place (null: nothing is left), or 'unchanged': it has none of them. */
export type Filtered = { readonly file: SegmentFile | null } | 'unchanged';

/** Writes a segment anew without some series. @throws {Error} when a file could not be read or written */
export async function filterSegment(order: FilterOrder, isCancelled: IsCancelled = () => false): Promise<Filtered> {
  const { root, segment, withoutSeries } = order;
  refuseDamaged(root, [segment], isCancelled);
  const list = withoutSeries.join(', ');
  const { factoryId, level, fromTs, toTs, generation, isCompacted } = segment;
  const rest = `${readWhole(root, segment, `series_id not in (${list})`)} order by series_id, ts`;
  return await withScratch(root, isCancelled, async (connection): Promise<Filtered> => {
    const concerned = await countRows(connection, readWhole(root, segment, `series_id in (${list})`));
    if (concerned === 0) return 'unchanged';
    const filtered = { factoryId, level, fromTs, toTs, generation, isCompacted };
    return { file: await writeSegment(connection, root, filtered, rest) };
  });
}
