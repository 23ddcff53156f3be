import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateMeter } from '../../../src/telemetry/rate.ts';

test('the rate is that of the last ten whole seconds, and falls to nothing after them', () => {
  let now = 1_700_000_000_500;
  const meter = createRateMeter({ now: () => now });
  for (let second = 0; second < 20; second++) {
    meter.add(2, 10);
    now += 1_000;
  }
  assert.deepEqual(meter.perSecond(), { messages: 2, points: 10 });
  now += 5_000;
  assert.deepEqual(meter.perSecond(), { messages: 1, points: 5 });
  now += 60_000;
  assert.deepEqual(meter.perSecond(), { messages: 0, points: 0 });
});
