import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommitPace } from '../../../src/telemetry/pace.ts';

const batch = (messages: number, hurried = 0, length = messages * 5) => ({ messages, hurried, length });

test('after a rest a commit begins at once, the next one only when the interval is over', () => {
  const pace = createCommitPace(10);
  assert.equal(pace.waitMs(batch(1), 1_000), 0);
  pace.begin(1_000);
  assert.equal(pace.waitMs(batch(1), 1_004), 6);
  assert.equal(pace.waitMs(batch(1), 1_010), 0);
  assert.equal(pace.waitMs(batch(1), 1_500), 0);
});

test('a batch of senders that wait for each acknowledgement does not wait, one with a few of them does', () => {
  const pace = createCommitPace(10);
  pace.begin(0);
  assert.equal(pace.waitMs(batch(4, 2), 1), 0);
  assert.equal(pace.waitMs(batch(4, 1), 1), 9);
});

test('a batch that fills pages by itself does not wait', () => {
  const pace = createCommitPace(10);
  pace.begin(0);
  assert.equal(pace.waitMs(batch(400), 1), 0);
  assert.equal(pace.waitMs(batch(399), 1), 9);
});
