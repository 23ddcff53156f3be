import type { ClockGuard, Doubt } from '../core/clock-guard.ts';
import type { Log } from '../core/log.ts';
import type { ClockRecord, DoubtfulSpan } from './clock-record.ts';

const LOOK_MS = 1_000;
/** A kill forgets at most this much of the time that was trusted. */
const REMEMBER_MS = 60_000;

export interface ClockWatchParts {
  readonly guard: ClockGuard;
  readonly record: ClockRecord;
  readonly log: Log;
  /** Told at each look. */
  readonly onTrust: (isTrusted: boolean) => void;
}

/** Looks at the clock every second, writes down what the guard has seen, and says so in the log. */
export interface ClockWatch {
  start(): void;
  /** Writes down the time, and stops looking. */
  stop(): void;
  /** The periods in which the clock was in doubt, newest first. */
  doubts(): Doubt[];
  /** What of a span (epoch ms, its end excluded) lies in such periods, oldest first. */
  doubtsIn(from: number, to: number): DoubtfulSpan[];
  /** A person says that the clock is right. @throws {AppError} `conflict`, as the guard's `confirm` */
  confirm(): void;
}

export function createClockWatch({ guard, record, log, onTrust }: ClockWatchParts): ClockWatch {
  let timer: NodeJS.Timeout | undefined;
  let rememberedAt = Number.NEGATIVE_INFINITY;
  /** Seen, and not written yet: a full disk does not make it forgotten. */
  let unwritten: Doubt[] = [];

  const say = ({ reason, jumpMs, beganAt, endedAt, endedBy }: Doubt) => {
    const began = { reason, jump_s: Math.round(jumpMs / 1_000), since: new Date(beganAt).toISOString() };
    if (endedAt === null)
      log.warn(
        { ...began, clock: new Date(guard.wallNow()).toISOString() },
        'the clock is not trusted: samples are stored, sealing and retention wait until it is right or confirmed',
      );
    else log.info({ ...began, ended_by: endedBy }, 'the clock is trusted again');
  };

  const writeDown = (isForced: boolean) => {
    const trustedAt = guard.trustedNow();
    const changed = guard.takeChanges();
    for (const doubt of changed) say(doubt);
    unwritten.push(...changed);
    onTrust(guard.isTrusted);
    if (!isForced && unwritten.length === 0 && performance.now() - rememberedAt < REMEMBER_MS) return;
    record.write(trustedAt, unwritten);
    unwritten = [];
    rememberedAt = performance.now();
  };

  const look = (isForced = false) => {
    try {
      writeDown(isForced);
    } catch (error) {
      log.warn({ err: error }, 'what the clock said could not be written down');
    }
  };

  return {
    start: () => {
      look(true);
      timer = setInterval(look, LOOK_MS);
    },
    stop: () => {
      clearInterval(timer);
      look(true);
    },
    doubts: () => {
      look();
      return record.doubts();
    },
    doubtsIn: record.doubtsIn,
    confirm: () => {
      guard.confirm();
      look(true);
    },
  };
}
