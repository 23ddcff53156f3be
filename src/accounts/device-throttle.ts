import type { Clock } from '../core/clock.ts';
import { KEY_USERNAME } from './api-keys.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';

/** Judges a user name and a password of a client from an address; undefined when they are wrong. */
export type SignIn<Identity> = (username: string, password: string, address: string) => Identity | undefined;

/**
 * Slows down whoever guesses at the passwords of devices and API keys, by user name and address, with the waits of people's
 * passwords. All API keys have one user name, so that guesses at them are counted by address alone.
 *
 * The right password is let in at any time. Nobody chose it: the appliance has made it of 256 random bits, which no number of
 * guesses finds, and a device behind the address, or with the name, that somebody guesses at would stay out for as long as
 * they go on.
 *
 * @returns the same, but throws an AppError `too_many` where a wrong one has to wait
 */
export function throttleSignIns<Identity>(signIn: SignIn<Identity>, clock: Clock): SignIn<Identity> {
  const throttle = createSignInThrottle(clock);
  return (username, password, address) => {
    const identity = signIn(username, password, address);
    if (identity === undefined) {
      throttle.attempt(username === KEY_USERNAME ? `${username}@${address}` : username, address);
    }
    return identity;
  };
}
