import { type Clock, EARLIEST_PLAUSIBLE_MS } from './clock.ts';
import { AppError } from './errors.ts';

const DAY_MS = 86_400_000;
/** A difference that is a step, and not the slow correction of a clock. */
const STEP_MS = 1_000;
/** So long may a machine have been switched off before its clock has to be confirmed. */
export const MAX_ABSENCE_MS = 14 * DAY_MS;

/**
 * What was seen: a clock before the build date; a jump while running; or, at start, a clock that does not go with the time
 * of the last run.
 */
export const DOUBT_REASONS = [
  'before_build',
  'jumped_ahead',
  'jumped_back',
  'ahead_of_last_run',
  'behind_last_run',
] as const;
export type DoubtReason = (typeof DOUBT_REASONS)[number];

/** By what a doubt ended: the clock came back by itself, or a person said that it is right. */
export const DOUBT_ENDS = ['clock', 'person'] as const;
export type DoubtEnd = (typeof DOUBT_ENDS)[number];

/** A period in which the clock was not trusted. Arrival stamps of what came in it lie between its beginning and its end. */
export interface Doubt {
  readonly id: number;
  readonly reason: DoubtReason;
  /** By the time that the appliance goes on with (epoch ms). */
  readonly beganAt: number;
  readonly endedAt: number | null;
  readonly endedBy: DoubtEnd | null;
  /** How far the wall clock was from what was expected when the doubt began (ms); negative: behind. */
  readonly jumpMs: number;
  /** Ahead by no more than this, the clock is trusted again (ms); null for any. */
  readonly maxAheadMs: number | null;
}

/** What the last run has left. */
export interface ClockMemory {
  /** The last time that was trusted, or expected while in doubt (epoch ms); null at the very first start. */
  readonly trustedAt: number | null;
  /** A doubt that has not ended. */
  readonly open: Doubt | null;
  /** The highest id of a doubt; 0 when there was none. */
  readonly lastId: number;
}

/**
 * The appliance's clock: the wall clock as long as it can be right. A jump of over a day against the monotonic clock, or a
 * time before the build date, puts it in doubt: then it goes on from the last trusted time by the monotonic clock, so that
 * nothing is stamped, expires or is removed by a time that is wrong, until the wall clock is back within a day of that, or
 * a person confirms it. Steps of less than a day are followed: people set clocks, and zones are mistaken for times.
 *
 * At start a wall clock more than a day behind the last run is in doubt, and so is one more than 14 days ahead: a machine
 * that was switched off over the holidays asks once. In that case alone the wall clock is followed while in doubt (it is
 * most likely right), but the age of samples still counts from the last run. A machine that sleeps for over a day looks
 * like one whose clock has jumped: monotonic clocks stand still in sleep.
 *
 * Every look at the time compares the clocks, so that no sample is stamped by a jump that nobody has seen yet.
 */
export interface ClockGuard extends Clock {
  readonly isTrusted: boolean;
  readonly setBackMs: number;
  /** The time that ages are counted by: while in doubt that which is expected, whatever the wall clock says. */
  trustedNow(): number;
  /** What the wall clock says, right or wrong. */
  wallNow(): number;
  /** The open doubt, or null. */
  readonly doubt: Doubt | null;
  /** Goes on from the last run. Until then it is the wall clock, trusted. */
  resume(memory: ClockMemory): void;
  /** Whether a person may say that the wall clock is right: not before the build date. */
  readonly canConfirm: boolean;
  /** Takes the wall clock as right. @throws {AppError} `conflict` when there is no doubt, or no right in it */
  confirm(): void;
  /** Doubts that have begun or ended since this was last called, oldest first. */
  takeChanges(): Doubt[];
}

export interface ClockGuardParts {
  readonly wall: Clock;
  /** Milliseconds that nobody can set, from any beginning. */
  readonly monotonic: () => number;
  readonly earliestMs?: number;
}

export function createClockGuard(parts: ClockGuardParts): ClockGuard {
  const { wall, earliestMs = EARLIEST_PLAUSIBLE_MS } = parts;
  /** Times are whole milliseconds, wherever they come from. */
  const monotonic = () => Math.floor(parts.monotonic());
  /** A wall time that was right, or has to do for one, and the monotonic time with it. */
  let anchor: { readonly wallAt: number; readonly at: number } | null = null;
  let doubt: Doubt | null = null;
  let lastId = 0;
  /** The clock before it was last set back, and till when it counts (ms, monotonic). */
  let setBack = { aheadMs: 0, until: Number.NEGATIVE_INFINITY };
  const changes = new Map<number, Doubt>();

  const change = (next: Doubt): Doubt => {
    changes.set(next.id, next);
    return next;
  };

  const begin = (reason: DoubtReason, beganAt: number, jumpMs: number, maxAheadMs: number | null) => {
    lastId++;
    doubt = change({ id: lastId, reason, beganAt, endedAt: null, endedBy: null, jumpMs, maxAheadMs });
  };

  const isFollowed = (wallAt: number, expected: number) =>
    doubt === null || (doubt.reason === 'ahead_of_last_run' && wallAt > expected);

  const end = (endedBy: DoubtEnd, wallAt: number, expected: number, at: number) => {
    if (doubt !== null) change({ ...doubt, endedAt: isFollowed(wallAt, expected) ? wallAt : expected, endedBy });
    doubt = null;
    anchor = { wallAt, at };
  };

  /** Follows the wall clock, and remembers by how much it was ahead when it is set back. */
  const follow = (wallAt: number, expected: number, at: number) => {
    const isCurrent = at < setBack.until;
    const aheadMs = (isCurrent ? setBack.aheadMs : 0) + expected - wallAt;
    if (expected - wallAt > STEP_MS) setBack = { aheadMs, until: at + DAY_MS };
    else if (isCurrent) setBack = { aheadMs: Math.max(0, aheadMs), until: setBack.until };
    anchor = { wallAt, at };
  };

  /** Compares the clocks. `maxAheadMs`: how far the wall clock may be ahead of what is expected. */
  const look = (maxAheadMs: number | null = DAY_MS, isStart = false) => {
    const [wallAt, at] = [wall.now(), monotonic()];
    if (anchor === null) return { wallAt, expected: wallAt, at };
    const expected = anchor.wallAt + (at - anchor.at);
    const jumpMs = wallAt - expected;
    const limit = doubt === null ? maxAheadMs : doubt.maxAheadMs;
    const isPlausible = wallAt >= earliestMs && jumpMs >= -DAY_MS && (limit === null || jumpMs <= limit);
    if (isPlausible) {
      if (doubt === null) follow(wallAt, expected, at);
      else end('clock', wallAt, expected, at);
    } else if (doubt === null) {
      const [ahead, behind] = isStart
        ? (['ahead_of_last_run', 'behind_last_run'] as const)
        : (['jumped_ahead', 'jumped_back'] as const);
      const reason = wallAt < earliestMs ? 'before_build' : jumpMs > 0 ? ahead : behind;
      begin(reason, reason === 'ahead_of_last_run' ? wallAt : expected, jumpMs, maxAheadMs);
    }
    return { wallAt, expected, at };
  };

  return {
    now: () => {
      const { wallAt, expected } = look();
      return isFollowed(wallAt, expected) ? wallAt : expected;
    },
    trustedNow: () => {
      const { wallAt, expected } = look();
      return doubt === null ? wallAt : expected;
    },
    wallNow: () => wall.now(),
    get isTrusted() {
      look();
      return doubt === null;
    },
    get setBackMs() {
      const { at } = look();
      return at < setBack.until ? setBack.aheadMs : 0;
    },
    get doubt() {
      look();
      return doubt;
    },
    resume: (memory) => {
      lastId = memory.lastId;
      doubt = memory.open;
      anchor = { wallAt: memory.trustedAt ?? earliestMs, at: monotonic() };
      // Nothing is known before the first start but that it is after the build.
      look(memory.trustedAt === null ? null : MAX_ABSENCE_MS, true);
    },
    get canConfirm() {
      const { wallAt } = look();
      return doubt !== null && wallAt >= earliestMs;
    },
    confirm: () => {
      const { wallAt, expected, at } = look();
      if (doubt === null) throw new AppError('conflict', 'the clock is trusted: there is nothing to confirm');
      if (wallAt < earliestMs) {
        const message = `the clock says ${new Date(wallAt).toISOString()}, which is before this program was built: set it first`;
        throw new AppError('conflict', message);
      }
      end('person', wallAt, expected, at);
    },
    takeChanges: () => {
      look();
      const taken = [...changes.values()].toSorted((a, b) => a.id - b.id);
      changes.clear();
      return taken;
    },
  };
}
