import type { Alarm, AlarmSummary } from '../api/schema.ts';

/** What is worth a sound. */
export type Ring = 'high' | 'critical';

type Counts = Pick<AlarmSummary, 'unacknowledged'>;

/** An alarm of which nothing was heard before rings if it was recorded this short a time ago (ms). */
const FRESH_MS = 30_000;
/** Alarms of which is remembered how they were. */
const MAX_KNOWN = 2_000;

const RANKS = { low: 0, medium: 1, high: 2, critical: 3 } as const;

/** Decides which news ring: only what is high or critical, is not acknowledged, and was not so before. */
export interface Bell {
  /** @param now - epoch ms */
  alarm(alarm: Alarm, now: number): Ring | undefined;
  /** What came while nobody heard is told by the counts. */
  counts(counts: Counts): Ring | undefined;
}

const rankOf = ({ status, severity, shelved_until, suppression }: Alarm): number =>
  status === 'active' && shelved_until === null && suppression === null ? RANKS[severity] : -1;

/** A bell that has heard nothing yet; the first counts only say how things are. */
export function createBell(): Bell {
  const known = new Map<string, number>();
  let before: Counts['unacknowledged'] | undefined;
  return {
    alarm: (alarm, now) => {
      const rank = rankOf(alarm);
      const isFresh = now - Date.parse(alarm.recorded_at) < FRESH_MS;
      const was = known.get(alarm.id) ?? (isFresh ? -1 : rank);
      known.delete(alarm.id);
      known.set(alarm.id, rank);
      const oldest = known.keys().next().value;
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      if (rank < RANKS.high || rank <= was) return undefined;
      return rank === RANKS.critical ? 'critical' : 'high';
    },
    counts: ({ unacknowledged }) => {
      const last = before;
      before = unacknowledged;
      if (last === undefined) return undefined;
      if (unacknowledged.critical > last.critical) return 'critical';
      return unacknowledged.high > last.high ? 'high' : undefined;
    },
  };
}
