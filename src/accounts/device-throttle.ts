import type { Clock } from '../core/clock.ts';
import { KEY_USERNAME } from './api-keys.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';

/** Pairs of user name and address that have signed in, remembered at most; the oldest goes. */
const MAX_KNOWN = 10_000;

/** Judges a user name and a password of a client from an address; undefined when they are wrong. */
export type SignIn<Identity> = (username: string, password: string, address: string) => Identity | undefined;

/**
 * Slows down whoever guesses at the passwords of devices and API keys, by user name and address, with the waits of people's
 * passwords. A device that has signed in from its address since the start is not kept waiting by others who guess at its
 * name: its password is judged all the same, and only wrong ones are refused unjudged. All API keys have one user name, so
 * that guesses at them are counted by address alone.
 *
 * @returns the same, but throws an AppError `too_many` where the client has to wait
 */
export function throttleSignIns<Identity>(signIn: SignIn<Identity>, clock: Clock): SignIn<Identity> {
  const throttle = createSignInThrottle(clock);
  const known = new Set<string>();

  const remember = (pair: string) => {
    known.delete(pair);
    known.add(pair);
    const [oldest] = known;
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };

  return (username, password, address) => {
    const pair = `${address} ${username}`;
    if (known.has(pair)) {
      const identity = signIn(username, password, address);
      if (identity !== undefined) return identity;
    }
    const attempt = throttle.attempt(username === KEY_USERNAME ? `${username}@${address}` : username, address);
    let identity: Identity | undefined;
    try {
      identity = signIn(username, password, address);
    } catch (error) {
      attempt.takenBack();
      throw error;
    }
    if (identity === undefined) return undefined;
    attempt.succeeded();
    remember(pair);
    return identity;
  };
}
