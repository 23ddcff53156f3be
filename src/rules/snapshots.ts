/** Which rule's state is to be stored next, and what of the commits nobody needs any more. Times: ms, monotonic. */
export interface Snapshots {
  /** A rule that is watched: with the commit of its last snapshot, if there is one to go on from. */
  watched(ruleId: string, factoryId: number, seq: number | null): void;
  unwatched(ruleId: string): void;
  /** Nothing is watched any more; or all that there is, and it has read what it had missed. */
  ended(): void;
  begun(): void;
  /** Its state was asked for, up to this commit. */
  asked(ruleId: string, seq: number): void;
  /** It is stored, up to this commit; or it could not be. */
  saved(ruleId: string, seq: number): void;
  failed(ruleId: string): void;
  /** The rule that has waited for the longest, and long enough, or that somebody waits for. */
  due(): string | undefined;
  factoryOf(ruleId: string): number | undefined;
  /**
   * Resolves when no rule would have to read commits up to `newest` again after a kill. It does in half a minute in any
   * case, and where snapshots fail: the disk needs its room more than the rules their past.
   */
  untilStored(newest: number): Promise<void>;
  readonly isAwaited: boolean;
  /** Nobody waits from now on. */
  stop(): void;
}

interface Entry {
  readonly factoryId: number;
  askedAt: number;
  askedSeq: number;
  /** Null: there is no snapshot to go on from, or it cannot be stored. */
  seq: number | null;
}

const MOST_MS = 30_000;

export function createSnapshots(intervalMs: number, monotonic: () => number): Snapshots {
  const entries = new Map<string, Entry>();
  const waiting = new Set<{ readonly seq: number; readonly done: () => void }>();
  let isBegun = false;
  let isStopped = false;

  const isStored = (seq: number): boolean => {
    if (isStopped) return true;
    if (!isBegun) return false;
    for (const entry of entries.values()) if (entry.seq !== null && entry.seq < seq) return false;
    return true;
  };

  const look = () => {
    for (const each of waiting) if (isStored(each.seq)) each.done();
  };

  /** The newest commit that somebody waits for. */
  const wanted = (): number => {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { seq } of waiting) newest = Math.max(newest, seq);
    return newest;
  };

  return {
    watched: (ruleId, factoryId, seq) => {
      entries.set(ruleId, { factoryId, askedAt: Number.NEGATIVE_INFINITY, askedSeq: -1, seq });
    },
    unwatched: (ruleId) => {
      entries.delete(ruleId);
      look();
    },
    ended: () => {
      entries.clear();
      isBegun = false;
    },
    begun: () => {
      isBegun = true;
      look();
    },
    asked: (ruleId, seq) => {
      const entry = entries.get(ruleId);
      if (entry === undefined) return;
      entry.askedAt = monotonic();
      entry.askedSeq = seq;
    },
    saved: (ruleId, seq) => {
      const entry = entries.get(ruleId);
      if (entry !== undefined) entry.seq = seq;
      look();
    },
    failed: (ruleId) => {
      const entry = entries.get(ruleId);
      if (entry !== undefined) entry.seq = null;
      look();
    },
    due: () => {
      const newest = wanted();
      let first: string | undefined;
      let since = monotonic() - intervalMs;
      for (const [ruleId, { askedAt, askedSeq, seq }] of entries) {
        if (seq !== null && seq < newest && askedSeq < newest) return ruleId;
        if (askedAt > since || (first !== undefined && askedAt === since)) continue;
        [first, since] = [ruleId, askedAt];
      }
      return first;
    },
    factoryOf: (ruleId) => entries.get(ruleId)?.factoryId,
    untilStored: async (newest) => {
      if (isStored(newest)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const each = { seq: newest, done: resolve };
      waiting.add(each);
      const timer = setTimeout(resolve, MOST_MS);
      await promise;
      clearTimeout(timer);
      waiting.delete(each);
    },
    get isAwaited() {
      return waiting.size > 0;
    },
    stop: () => {
      isStopped = true;
      look();
    },
  };
}
