/** What is known of a batch that waits. */
export interface WaitingBatch {
  readonly messages: number;
  /** Messages of those who wait for an answer before they send the next. */
  readonly hurried: number;
  /** Samples. */
  readonly length: number;
}

/** Samples that fill some pages of the database by themselves: more would not make a commit any cheaper. */
const ENOUGH = 2_000;

/** Decides when the next commit begins. Times are those of `performance.now()` (ms). */
export interface CommitPace {
  /** A commit begins. */
  begin(now: number): void;
  /** How long a batch should still wait for more messages (ms); 0 for not at all. */
  waitMs(batch: WaitingBatch, now: number): number;
}

/**
 * Fewer and larger commits. Each writes whole pages and one fsync, however little it says: 2,000 messages a second, committed
 * as soon as the one before was done, wrote 13 MB a second, which wears out a flash disk in a year. So one begins at most
 * every `intervalMs`, unless it is worth its pages already. After a rest the first message goes at once; and whoever sends
 * the next message only when the one before is acknowledged, as a device with a backlog does, is not held up: a batch that
 * is made of such messages by half goes at once too.
 */
export function createCommitPace(intervalMs: number): CommitPace {
  let beganAt = Number.NEGATIVE_INFINITY;
  return {
    begin: (now) => {
      beganAt = now;
    },
    waitMs: ({ messages, hurried, length }, now) =>
      hurried * 2 >= messages || length >= ENOUGH ? 0 : Math.max(0, beganAt + intervalMs - now),
  };
}
