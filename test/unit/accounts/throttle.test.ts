import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSignInThrottle } from '../../../src/accounts/sign-in-throttle.ts';
import { createThrottle } from '../../../src/accounts/throttle.ts';
import { fakeClock } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

const WAITS = { firstMs: 1_000, longestMs: 4_000, forgetMs: 10_000 };
const refused = withCode('too_many');

/** Guesses again and again as soon as it may, for so long (ms). Returns how often. */
function guessFor(spanMs: number, clock: ReturnType<typeof fakeClock>, guess: () => void): number {
  let guesses = 0;
  for (let waitedMs = 0; waitedMs < spanMs; waitedMs += 500) {
    try {
      for (;;) {
        guess();
        guesses += 1;
      }
    } catch (error) {
      refused(error);
    }
    clock.advance(500);
  }
  return guesses;
}

test('after the free guesses each further one doubles the wait, up to the longest', () => {
  const clock = fakeClock();
  const throttle = createThrottle({ clock, free: 2, ...WAITS });
  throttle.attempt('a');
  throttle.attempt('a');
  const waits = [1_000, 2_000, 4_000, 4_000].map((waitMs) => {
    assert.throws(() => throttle.attempt('a'), refused);
    clock.advance(waitMs - 1);
    assert.throws(() => throttle.attempt('a'), refused);
    clock.advance(1);
    throttle.attempt('a');
    return waitMs;
  });
  assert.equal(waits.length, 4);
  throttle.attempt('b');
});

test('the wait is said, for people and for programs', () => {
  const throttle = createThrottle({ clock: fakeClock(), free: 1, ...WAITS });
  throttle.attempt('a');
  assert.throws(
    () => throttle.attempt('a'),
    (error: Error & { retryAfterS?: number }) => error.retryAfterS === 1 && /wait 1 s/.test(error.message),
  );
});

test('success, and time without guesses, give a key its free guesses back', () => {
  const clock = fakeClock();
  const throttle = createThrottle({ clock, free: 1, ...WAITS });
  throttle.attempt('a').succeeded();
  throttle.attempt('a');
  assert.throws(() => throttle.attempt('a'), refused);
  clock.advance(11_000);
  throttle.attempt('a').succeeded();
  throttle.attempt('a');
});

test('a clock that is set back does not lengthen the wait', () => {
  const clock = fakeClock();
  const throttle = createThrottle({ clock, free: 1, ...WAITS });
  throttle.attempt('a');
  clock.advance(-86_400_000);
  throttle.attempt('a');
});

test('a key that has to wait is not forgotten for others that are tried; at the bound new ones wait', () => {
  const throttle = createThrottle({ clock: fakeClock(), free: 1, ...WAITS, maxKeys: 2 });
  throttle.attempt('spent');
  throttle.attempt('other');
  assert.throws(() => throttle.attempt('third'), refused);
  assert.throws(() => throttle.attempt('spent'), refused);
});

test('an attempt that could not be judged does not count', () => {
  const throttle = createThrottle({ clock: fakeClock(), free: 1, ...WAITS });
  throttle.attempt('a').takenBack();
  throttle.attempt('a');
  assert.throws(() => throttle.attempt('a'), refused);
});

test('the keys remembered are bounded: the oldest that need not wait is forgotten', () => {
  const throttle = createThrottle({ clock: fakeClock(), free: 2, ...WAITS, maxKeys: 2 });
  for (const key of ['a', 'b', 'c', 'c', 'a', 'a']) throttle.attempt(key);
  assert.throws(() => throttle.attempt('c'), refused);
});

test('whoever guesses from elsewhere does not keep the owner out who sits at the appliance', () => {
  const clock = fakeClock();
  const throttle = createSignInThrottle(clock);
  for (let host = 1; host < 200; host++) guessFor(500, clock, () => throttle.attempt('owner@x', `10.0.0.${host}`));
  assert.throws(() => throttle.attempt('owner@x', '10.0.0.250'), refused);
  throttle.attempt('owner@x', '127.0.0.1').succeeded();
});

test('from the appliance itself nobody waits longer than a quarter of a minute', () => {
  const clock = fakeClock();
  const throttle = createSignInThrottle(clock);
  guessFor(600_000, clock, () => throttle.attempt('owner@x', '127.0.0.1'));
  clock.advance(15_000);
  throttle.attempt('owner@x', '127.0.0.1').succeeded();
});

test('a day of guessing one account from one address is a few dozen guesses', () => {
  const clock = fakeClock();
  const throttle = createSignInThrottle(clock);
  const guesses = guessFor(86_400_000, clock, () => throttle.attempt('owner@x', '10.0.0.1'));
  assert.ok(guesses > 50 && guesses < 120, String(guesses));
});

test('one address that tries every account in turn is slowed down as a whole; others are not', () => {
  const clock = fakeClock();
  const throttle = createSignInThrottle(clock);
  let account = 0;
  const guesses = guessFor(3_600_000, clock, () => throttle.attempt(`user${account++}@x`, '10.0.0.1'));
  assert.ok(guesses < 120, String(guesses));
  throttle.attempt('user1@x', '10.0.0.2');
});
