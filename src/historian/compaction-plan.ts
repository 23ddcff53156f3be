import type { StoredSegment } from './segment-catalogue.ts';

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

function dayOf({ fromTs }: StoredSegment): Span {
  const start = Math.floor(fromTs / DAY_MS) * DAY_MS;
  return { fromTs: start, toTs: start + DAY_MS };
}

function monthOf({ fromTs }: StoredSegment): Span {
  const date = new Date(fromTs);
  const at = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  return { fromTs: at(0), toTs: at(1) };
}

/** Those of a factory and a day or month, if they are not one compacted segment already and none reaches beyond it. */
function grouped(segments: readonly StoredSegment[], periodOf: (segment: StoredSegment) => Span): Compaction[] {
  const groups = Map.groupBy(segments, (segment) => `${segment.factoryId} ${periodOf(segment).fromTs}`);
  return [...groups.values()].flatMap((ofPeriod) => {
    const [first] = ofPeriod;
    if (first === undefined) return [];
    const span = periodOf(first);
    const raw = ofPeriod.filter(({ level }) => level === 'raw');
    const isOne = raw.length < 2 && raw.every(({ isCompacted }) => isCompacted);
    if (isOne || ofPeriod.some(({ toTs }) => toTs > span.toTs)) return [];
    return [{ factoryId: first.factoryId, segments: ofPeriod, raw, span }];
  });
}

/**
 * What is to be compacted now: days first, and months of which no day is.
 *
 * Nothing where a bucket is open: its rows come later than all that is sealed of their own span, but its generation may
 * be below that of another one, which the new segment takes over.
 *
 * @param openAt - the starts of buckets that take rows (epoch ms)
 */
export function dueForCompaction(
  segments: readonly StoredSegment[],
  openAt: readonly number[],
  now: number,
): Compaction[] {
  const isClosed = ({ span }: Compaction) => !openAt.some((at) => at >= span.fromTs && at < span.toTs);
  const days = grouped(segments, dayOf).filter(({ span }) => span.toTs + DAY_REST_MS < now);
  const months = grouped(segments, monthOf).filter(({ factoryId, raw, span }) => {
    const isQuiet = raw.every(({ createdAt }) => createdAt + MONTH_QUIET_MS < now);
    const rows = raw.reduce((sum, segment) => sum + segment.rows, 0);
    const isWithin = (day: Compaction) =>
      day.factoryId === factoryId && monthOf(day.raw[0] as StoredSegment).fromTs === span.fromTs;
    return span.toTs + MONTH_REST_MS < now && isQuiet && rows <= MONTH_MAX_ROWS && !days.some(isWithin);
  });
  return [...days, ...months].filter(isClosed);
}
