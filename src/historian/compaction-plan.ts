import { isRolledUpIn } from './fold-plan.ts';
import type { RollupLevel, StoredSegment } from './segment-catalogue.ts';

/** Segments of one factory that are to become one. */
export interface Compaction {
  readonly factoryId: number;
  /** All of the span, rollups too: they are replaced. */
  readonly segments: readonly StoredSegment[];
  readonly raw: readonly StoredSegment[];
  readonly span: { readonly fromTs: number; readonly toTs: number };
}

type Span = Compaction['span'];

const DAY_MS = 86_400_000;
/** A day is made one segment when it has been over for so long: late samples have mostly come by then. */
const DAY_REST_MS = 3_600_000;
/** A month is, when it has been over for so long, and when nothing of it has changed for a day. */
const [MONTH_REST_MS, MONTH_QUIET_MS] = [7 * DAY_MS, DAY_MS];
/** Larger months stay days: sorting one takes memory and hours, and its days are large enough to be read quickly. */
const MONTH_MAX_ROWS = 20_000_000;
/** A file costs a query a millisecond or two. */
const MANY_ROLLUPS = 6;

function dayOf({ fromTs }: StoredSegment): Span {
  const start = Math.floor(fromTs / DAY_MS) * DAY_MS;
  return { fromTs: start, toTs: start + DAY_MS };
}

function monthOf({ fromTs }: StoredSegment): Span {
  const date = new Date(fromTs);
  const at = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  return { fromTs: at(0), toTs: at(1) };
}

const contains = (span: Span) => (segment: StoredSegment) => segment.fromTs >= span.fromTs && segment.toTs <= span.toTs;
const touches = (span: Span) => (segment: StoredSegment) => segment.fromTs < span.toTs && segment.toTs > span.fromTs;
const isRaw = ({ level }: StoredSegment) => level === 'raw';
const isWhole = ({ isQuarantined }: StoredSegment) => !isQuarantined;

/**
 * Of one factory: raw segments by the day or month that they lie in, if they are not one compacted segment already. One
 * whose rollup is damaged is compacted again, which makes a new one.
 */
function grouped(segments: readonly StoredSegment[], periodOf: (segment: StoredSegment) => Span): Compaction[] {
  const groups = Map.groupBy(
    segments.filter((segment) => isRaw(segment) && isWhole(segment)),
    (segment) => periodOf(segment).fromTs,
  );
  return [...groups.values()].flatMap((raw) => {
    const [first] = raw;
    if (first === undefined) return [];
    const span = periodOf(first);
    const own = segments.filter(contains(span));
    const isOne = raw.length === 1 && first.isCompacted;
    const hasAllRollups = !contains(span)(first) || own.every(isWhole);
    return isOne && hasAllRollups ? [] : [{ factoryId: first.factoryId, segments: own, raw, span }];
  });
}

/**
 * What is to be compacted now: days first, and months of which no day is.
 *
 * Nothing where a bucket is in use: its rows come later than all that is sealed of their own span, but its generation may
 * be below that of another one, which the new segment takes over. Nor a day within a segment of a month: what is late
 * there joins it when the month is compacted again. Nor where older samples of a rollup have been removed: what is left
 * of them would be replaced by less. Nor where samples are in quarantine: they may come back, and are later than some of
 * the others and earlier than some.
 *
 * @param inUse - the starts of buckets that are not sealed (epoch ms)
 */
export function dueForCompaction(
  segments: readonly StoredSegment[],
  inUse: readonly number[],
  now: number,
): Compaction[] {
  return [...Map.groupBy(segments, ({ factoryId }) => factoryId).values()].flatMap((own) => {
    const raw = own.filter(isRaw);
    const isFree = (due: Compaction) =>
      !inUse.some((at) => at >= due.span.fromTs && at < due.span.toTs) &&
      raw.filter(touches(due.span)).length === due.raw.length &&
      due.segments.every(({ fromTs }) => fromTs >= Math.min(...due.raw.map((segment) => segment.fromTs)));
    const days = grouped(own, dayOf).filter((due) => due.span.toTs + DAY_REST_MS < now && isFree(due));
    const months = grouped(own, monthOf).filter((due) => {
      const rows = due.raw.reduce((sum, segment) => sum + segment.rows, 0);
      const hasDay = days.some(({ span }) => span.fromTs >= due.span.fromTs && span.toTs <= due.span.toTs);
      return isOver(due.span, now) && isQuiet(due.raw, now) && rows <= MONTH_MAX_ROWS && !hasDay && isFree(due);
    });
    return [...days, ...months];
  });
}

const isOver = (month: Span, now: number) => month.toTs + MONTH_REST_MS < now;
const isQuiet = (segments: readonly StoredSegment[], now: number) =>
  segments.every(({ createdAt }) => createdAt + MONTH_QUIET_MS < now);

/** Rollups of one level and factory, and within a month, that are to become one. */
export interface RollupMerge {
  readonly factoryId: number;
  readonly level: RollupLevel;
  readonly rollups: readonly StoredSegment[];
  /** Segments within the span that are in none of them: they were not worth it for themselves. */
  readonly unrolled: readonly StoredSegment[];
  readonly span: Span;
  readonly generation: number;
}

/**
 * Rollups are merged within months, apart from their samples, which may be too many for one file: so a year is read from a
 * dozen files and not from hundreds. When there are `many`, and once more when the month is over.
 *
 * A merged rollup says that it holds all compacted segments within its span that are of its generation or of one before.
 * So there are none where a bucket is in use or a segment is not compacted: those have, or will have, a later generation.
 */
export function rollupsToMerge(
  segments: readonly StoredSegment[],
  inUse: readonly number[],
  now: number,
  many = MANY_ROLLUPS,
): RollupMerge[] {
  const groups = Map.groupBy(
    segments.filter((segment) => !isRaw(segment) && isWhole(segment)),
    (segment) => `${segment.factoryId} ${segment.level} ${monthOf(segment).fromTs}`,
  );
  return [...groups.values()].flatMap((rollups) => {
    const [first] = rollups;
    if (first === undefined || first.level === 'raw') return [];
    const { factoryId, level } = first;
    const month = monthOf(first);
    const isDue = rollups.length >= many || (rollups.length > 1 && isOver(month, now) && isQuiet(rollups, now));
    if (!isDue) return [];
    const span = {
      fromTs: Math.min(...rollups.map(({ fromTs }) => fromTs)),
      toTs: Math.max(...rollups.map(({ toTs }) => toTs)),
    };
    const raw = segments.filter(
      (segment) => segment.factoryId === factoryId && isRaw(segment) && touches(span)(segment),
    );
    const isSettled = raw.every((segment) => isWhole(segment) && segment.isCompacted && contains(span)(segment));
    if (!isSettled || inUse.some((at) => at >= span.fromTs && at < span.toTs)) return [];
    const unrolled = raw.filter((segment) => !rollups.some((rollup) => isRolledUpIn(rollup)(segment)));
    const generation = Math.max(...[...rollups, ...raw].map((segment) => segment.generation));
    return [{ factoryId, level, rollups, unrolled, span, generation }];
  });
}
