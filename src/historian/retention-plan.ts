import { isRolledUpIn } from './fold-plan.ts';
import type { Level, RollupLevel, StoredSegment } from './segment-catalogue.ts';

/** How long history is kept, by level (days); null for ever. */
export type RetentionDays = Readonly<Record<Level, number | null>>;

/** Why a segment goes. */
export type RemovalReason = 'age' | 'budget';

const DAY_MS = 86_400_000;
const ROLLUP_LEVELS = ['1m', '15m'] as const satisfies readonly RollupLevel[];

/** Whether all that a segment of the level holds is older than it is kept. */
export function isTooOld({ level, toTs }: StoredSegment, days: RetentionDays, now: number): boolean {
  const kept = days[level];
  return kept !== null && toTs <= now - kept * DAY_MS;
}

/**
 * Segments that are spent to save `bytes`: the oldest samples of all factories first, and rollups by the minute when there
 * are no more. Rollups by the quarter of an hour stay: they are what is left of old times, and take little.
 *
 * @param segments - those that may go
 */
export function spent(segments: readonly StoredSegment[], bytes: number): StoredSegment[] {
  const oldestFirst = (['raw', '1m'] as const).flatMap((level) =>
    segments.filter((segment) => segment.level === level).toSorted((a, b) => a.toTs - b.toTs),
  );
  let saved = 0;
  return oldestFirst.filter(({ sizeBytes }) => {
    if (saved >= bytes) return false;
    saved += sizeBytes;
    return true;
  });
}

/**
 * Levels by which a raw segment must be rolled up before it may go, or nothing would be left of its time: while the samples
 * were there, it was not worth it. To save space, the coarsest level has to do: where samples are rare, the finer one takes
 * as much as they do.
 */
export function levelsOwed(
  raw: StoredSegment,
  segments: readonly StoredSegment[],
  { days, now, reason }: { readonly days: RetentionDays; readonly now: number; readonly reason: RemovalReason },
): RollupLevel[] {
  const isRolledUp = (level: RollupLevel) =>
    segments.some(
      (each) =>
        each.factoryId === raw.factoryId && each.level === level && !each.isQuarantined && isRolledUpIn(each)(raw),
    );
  const levels = reason === 'budget' ? ROLLUP_LEVELS.slice(-1) : ROLLUP_LEVELS;
  return levels.filter((level) => !isTooOld({ ...raw, level }, days, now) && !isRolledUp(level));
}
