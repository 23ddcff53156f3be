import { type Bucket, DAY_MS, overlap } from './buckets.ts';

const dayOf = ({ startMs }: Bucket) => Math.floor(startMs / DAY_MS);

/**
 * Closed buckets in groups, each of which becomes one segment. Live telemetry closes one bucket at a time; a backfill, or
 * a start after a long pause, brings a day of them, and a file for each would be written only to be compacted.
 *
 * A group is one day's, follows the order of generations, and holds each span once: so the segment, which has the last
 * one's generation, is later than all that is sealed of its spans. None spans a bucket that takes rows, whose own
 * generation may be below the segment's.
 *
 * @param closed - in the order of their generations
 * @param open - buckets that take rows
 */
export function groupsToSeal(closed: readonly Bucket[], open: readonly Bucket[]): Bucket[][] {
  const groups: Bucket[][] = [];
  const days = new Set(closed.map(dayOf));
  const near = open.filter((bucket) => days.has(dayOf(bucket)));
  for (const bucket of closed) {
    const group = groups.at(-1);
    if (group !== undefined && mayJoin(group, bucket, near)) group.push(bucket);
    else groups.push([bucket]);
  }
  return groups;
}

function mayJoin(group: readonly Bucket[], bucket: Bucket, open: readonly Bucket[]): boolean {
  if (group.some((other) => dayOf(other) !== dayOf(bucket) || overlap(other, bucket))) return false;
  const startMs = Math.min(bucket.startMs, ...group.map((other) => other.startMs));
  const endMs = Math.max(bucket.endMs, ...group.map((other) => other.endMs));
  return !open.some((other) => overlap(other, { ...bucket, startMs, endMs }));
}
