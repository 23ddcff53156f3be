import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

/** One guess, counted before it is judged, so that parallel ones count too. */
export interface Attempt {
  /** It could not be judged, or it was right: it does not count. */
  takenBack(): void;
  /** It was right, and the key starts again. */
  succeeded(): void;
}

/** Counts guesses, so that a password or a code cannot be tried out. In memory: a restart forgets. */
export interface Throttle {
  /** @throws {AppError} `too_many`, with the time to wait, while the key has to */
  attempt(key: string): Attempt;
}

export interface ThrottleOptions {
  readonly clock: Clock;
  /** Guesses before the first wait. */
  readonly free: number;
  /** The first wait (ms); each further guess doubles it, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** A key that is left alone for so long after its wait starts again (ms). */
  readonly forgetMs: number;
  /** Keys remembered; at the bound the oldest that need not wait is forgotten. */
  readonly maxKeys?: number;
}

interface Guesses {
  count: number;
  /** Epoch ms. */
  lastAt: number;
  waitMs: number;
}

/** Waits that grow: a person who mistypes hardly notices, and whoever guesses gets nowhere. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { clock, free, firstMs, longestMs, forgetMs, maxKeys = 10_000 } = options;
  const guesses = new Map<string, Guesses>();

  const mustWait = ({ lastAt, waitMs }: Guesses, now: number) => now < lastAt + waitMs;
  /** One that has to wait stays, however many others are tried meanwhile. */
  const forgetOne = (now: number): boolean => {
    for (const [key, known] of guesses) {
      if (mustWait(known, now)) continue;
      guesses.delete(key);
      return true;
    }
    return false;
  };
  const enter = (key: string, now: number): Guesses => {
    const known = guesses.get(key);
    // A clock set back must not lengthen the wait.
    if (known !== undefined && now >= known.lastAt && now < known.lastAt + known.waitMs + forgetMs) return known;
    guesses.delete(key);
    if (guesses.size >= maxKeys && !forgetOne(now)) {
      throw new AppError('too_many', 'too many sign-ins at once: wait a minute and try again', { retryAfterS: 60 });
    }
    const fresh = { count: 0, lastAt: now, waitMs: 0 };
    guesses.set(key, fresh);
    return fresh;
  };

  return {
    attempt: (key) => {
      const now = clock.now();
      const known = enter(key, now);
      if (mustWait(known, now)) {
        const waitS = Math.ceil((known.lastAt + known.waitMs - now) / 1_000);
        throw new AppError('too_many', `too many attempts: wait ${waitS} s and try again`, { retryAfterS: waitS });
      }
      const before = { ...known };
      known.count += 1;
      known.lastAt = now;
      known.waitMs = known.count < free ? 0 : Math.min(longestMs, firstMs * 2 ** (known.count - free));
      return {
        takenBack: () => {
          known.count -= 1;
          if (known.lastAt === now) known.waitMs = before.waitMs;
        },
        succeeded: () => void guesses.delete(key),
      };
    },
  };
}
