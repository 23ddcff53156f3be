import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

/** Counts guesses, so that a password or a code cannot be tried out. In memory: a restart forgets. */
export interface Throttle {
  /**
   * Counts an attempt before it is judged, so that parallel ones count too.
   *
   * @throws {AppError} `too_many` when the key has used up its attempts
   */
  attempt(key: string): void;
  /** The attempt could not be judged, and does not count. */
  takenBack(key: string): void;
  /** The attempt was right: the key starts again. */
  succeeded(key: string): void;
}

export interface ThrottleOptions {
  readonly clock: Clock;
  /** Attempts in one window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Keys remembered; at the bound the oldest that has attempts left is forgotten. */
  readonly maxKeys?: number;
}

/** Fixed windows that start with a key's first attempt; the wait is said in the error. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { clock, limit, windowMs, maxKeys = 10_000 } = options;
  const windows = new Map<string, { startedAt: number; attempts: number }>();

  /** The oldest that has attempts left: one that has none must wait, however many others are tried meanwhile. */
  const forgetOne = (now: number): boolean => {
    for (const [key, { startedAt, attempts }] of windows) {
      if (attempts >= limit && now - startedAt < windowMs) continue;
      windows.delete(key);
      return true;
    }
    return false;
  };

  return {
    attempt: (key) => {
      const now = clock.now();
      let window = windows.get(key);
      // A clock set back must not lengthen the wait.
      if (window === undefined || now - window.startedAt >= windowMs || now < window.startedAt) {
        windows.delete(key);
        if (windows.size >= maxKeys && !forgetOne(now)) {
          throw new AppError('too_many', 'too many sign-ins at once: wait a minute and try again');
        }
        window = { startedAt: now, attempts: 0 };
        windows.set(key, window);
      }
      if (window.attempts >= limit) {
        const waitS = Math.ceil((window.startedAt + windowMs - now) / 1_000);
        throw new AppError('too_many', `too many attempts: wait ${waitS} s and try again`);
      }
      window.attempts += 1;
    },
    takenBack: (key) => {
      const window = windows.get(key);
      if (window !== undefined) window.attempts -= 1;
    },
    succeeded: (key) => {
      windows.delete(key);
    },
  };
}
