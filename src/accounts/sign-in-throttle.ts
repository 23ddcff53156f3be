import { isLoopback } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { type Attempt, createThrottle, type Throttle } from './throttle.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

/**
 * Guards passwords and one-time codes, by who is tried and from where.
 *
 * Somebody who guesses from elsewhere slows down themselves (by address and account, and by address), and a crowd that
 * shares the work slows down the account, by a minute at most. None of that touches whoever sits at the appliance
 * itself: from loopback only their own mistakes count, and the wait is never longer than a quarter of a minute, so that
 * nobody can lock an admin out for ever.
 */
export function createSignInThrottle(clock: Clock): { attempt(account: string, address: string): Attempt } {
  const here = createThrottle({ clock, free: 5, firstMs: SECOND, longestMs: 15 * SECOND, forgetMs: 15 * MINUTE });
  const pair = createThrottle({ clock, free: 5, firstMs: SECOND, longestMs: 15 * MINUTE, forgetMs: 30 * MINUTE });
  const wide = { clock, firstMs: SECOND, longestMs: MINUTE, forgetMs: 15 * MINUTE };
  const byAddress = createThrottle({ ...wide, free: 30 });
  const byAccount = createThrottle({ ...wide, free: 30 });

  return {
    attempt: (account, address) => {
      const name = account.toLowerCase();
      if (isLoopback(address)) return here.attempt(name);
      const taken: Attempt[] = [];
      const take = (throttle: Throttle, key: string) => {
        try {
          taken.push(throttle.attempt(key));
        } catch (error) {
          for (const attempt of taken) attempt.takenBack();
          throw error;
        }
      };
      take(pair, `${address} ${name}`);
      take(byAddress, address);
      take(byAccount, name);
      const [own, ...shared] = taken;
      const sharedBack = () => {
        for (const attempt of shared) attempt.takenBack();
      };
      return {
        takenBack: () => {
          own?.takenBack();
          sharedBack();
        },
        succeeded: () => {
          own?.succeeded();
          sharedBack();
        },
      };
    },
  };
}
