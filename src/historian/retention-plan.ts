import { isRolledUpIn } from './fold-plan.ts';
import type { Level, RollupLevel, StoredSegment } from './segment-catalogue.ts';

/** How long a factory's history is kept, by level (days); null for ever. */
export type RetentionDays = Readonly<Record<Level, number | null>>;

/** Why a segment goes. */
export type RemovalReason = 'age' | 'budget';

const DAY_MS = 86_400_000;
const ROLLUP_LEVELS = ['1m', '15m'] as const satisfies readonly RollupLevel[];
/** What the byte budget takes first; the last is kept whatever it says. */
const SPENT_FIRST = ['raw', '1m'] as const satisfies readonly Level[];

/** Segments whose samples are all older than their factory keeps that level. */
export function tooOld(
  segments: readonly StoredSegment[],
  daysOf: (factoryId: number) => RetentionDays,
  now: number,
): StoredSegment[] {
  return segments.filter(({ factoryId, level, toTs }) => {
    const days = daysOf(factoryId)[level];
    return days !== null && toTs <= now - days * DAY_MS;
  });
}

/**
 * The segments to be removed so that `excessBytes` are free: the oldest samples of all factories first, and rollups by the
 * minute when there are no more. Rollups by the quarter of an hour stay: they are what is left of old times, and take
 * little.
 */
export function overBudget(segments: readonly StoredSegment[], excessBytes: number): StoredSegment[] {
  const removed: StoredSegment[] = [];
  let bytes = 0;
  for (const level of SPENT_FIRST) {
    for (const segment of segments.filter((each) => each.level === level).toSorted((a, b) => a.toTs - b.toTs)) {
      if (bytes >= excessBytes) return removed;
      removed.push(segment);
      bytes += segment.sizeBytes;
    }
  }
  return removed;
}

/** A raw segment that must be rolled up by a level before it may go, or nothing would be left of its time. */
export interface Unrolled {
  readonly raw: StoredSegment;
  readonly level: RollupLevel;
}

/**
 * Levels by which a raw segment is not rolled up: it was not worth it while the samples were there.
 *
 * @param isKept - whether the factory would keep rollups of that level and time at all
 */
export function unrolledLevels(
  raw: StoredSegment,
  segments: readonly StoredSegment[],
  isKept: (level: RollupLevel) => boolean,
): Unrolled[] {
  const own = segments.filter(({ factoryId, level }) => factoryId === raw.factoryId && level !== 'raw');
  return ROLLUP_LEVELS.filter(
    (level) => isKept(level) && !own.some((rollup) => rollup.level === level && isRolledUpIn(rollup)(raw)),
  ).map((level) => ({ raw, level }));
}
