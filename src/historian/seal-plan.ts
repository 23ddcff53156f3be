import type { Bucket } from './buckets.ts';

const DAY_MS = 86_400_000;
const dayOf = (startMs: number) => Math.floor(startMs / DAY_MS);

/**
 * Closed buckets in groups, each of which becomes one segment. Live telemetry closes one bucket at a time; a backfill, or
 * a start after a long pause, brings a day of them, and a file for each would be written only to be compacted.
 *
 * A group is one day's, follows the order of generations, and holds each span once: so the segment, which has the last
 * one's generation, is later than all that is sealed of its spans. None spans a bucket that takes rows, whose own
 * generation may be below the segment's.
 *
 * @param closed - in the order of their generations
 * @param openAt - the starts of buckets that take rows (epoch ms)
 */
export function groupsToSeal(closed: readonly Bucket[], openAt: readonly number[]): Bucket[][] {
  const groups: Bucket[][] = [];
  const days = new Set(closed.map(({ startMs }) => dayOf(startMs)));
  const open = openAt.filter((start) => days.has(dayOf(start)));
  for (const bucket of closed) {
    const group = groups.at(-1);
    if (group !== undefined && mayJoin(group, bucket, open)) group.push(bucket);
    else groups.push([bucket]);
  }
  return groups;
}

function mayJoin(group: readonly Bucket[], { startMs }: Bucket, openAt: readonly number[]): boolean {
  const starts = group.map((bucket) => bucket.startMs);
  if (starts.includes(startMs) || dayOf(starts[0] ?? startMs) !== dayOf(startMs)) return false;
  const [first, last] = [Math.min(startMs, ...starts), Math.max(startMs, ...starts)];
  return !openAt.some((start) => start >= first && start <= last);
}
