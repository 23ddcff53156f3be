import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThrottle } from '../../../src/accounts/throttle.ts';
import { fakeClock } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

test('a key has its attempts in a window, and new ones in the next', () => {
  const clock = fakeClock();
  const throttle = createThrottle({ clock, limit: 2, windowMs: 1_000 });
  throttle.attempt('a');
  throttle.attempt('a');
  assert.throws(() => throttle.attempt('a'), withCode('too_many'));
  throttle.attempt('b');
  clock.advance(1_000);
  throttle.attempt('a');
});

test('success gives a key its attempts back', () => {
  const throttle = createThrottle({ clock: fakeClock(), limit: 1, windowMs: 1_000 });
  throttle.attempt('a');
  throttle.succeeded('a');
  throttle.attempt('a');
  assert.throws(() => throttle.attempt('a'), withCode('too_many'));
});

test('a clock that is set back does not lengthen the wait', () => {
  const clock = fakeClock();
  const throttle = createThrottle({ clock, limit: 1, windowMs: 1_000 });
  throttle.attempt('a');
  clock.advance(-86_400_000);
  throttle.attempt('a');
});

test('a key without attempts left is not forgotten for others that are tried; at the bound new ones wait', () => {
  const throttle = createThrottle({ clock: fakeClock(), limit: 1, windowMs: 1_000, maxKeys: 2 });
  throttle.attempt('spent');
  throttle.attempt('other');
  assert.throws(() => throttle.attempt('third'), withCode('too_many'));
  assert.throws(() => throttle.attempt('spent'), withCode('too_many'));
});

test('an attempt that could not be judged does not count', () => {
  const throttle = createThrottle({ clock: fakeClock(), limit: 1, windowMs: 1_000 });
  throttle.attempt('a');
  throttle.takenBack('a');
  throttle.attempt('a');
  assert.throws(() => throttle.attempt('a'), withCode('too_many'));
});

test('the keys remembered are bounded: the oldest that has attempts left is forgotten', () => {
  const throttle = createThrottle({ clock: fakeClock(), limit: 2, windowMs: 1_000, maxKeys: 2 });
  for (const key of ['a', 'b', 'c', 'c']) throttle.attempt(key);
  throttle.attempt('a');
  throttle.attempt('a');
  assert.throws(() => throttle.attempt('c'), withCode('too_many'));
});
