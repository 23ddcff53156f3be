import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRateMeter } from '../../../src/telemetry/rate.ts';

test('the rate is that of the last ten whole seconds, and falls to nothing after them; each factory has its own', () => {
  let now = 1_700_000_000_500;
  const meter = createRateMeter({ now: () => now });
  for (let second = 0; second < 20; second++) {
    meter.add(1, 2, 10);
    meter.add(2, 1, 1);
    now += 1_000;
  }
  assert.deepEqual(meter.perSecond(1), { messages: 2, points: 10 });
  assert.deepEqual(meter.perSecond(), { messages: 3, points: 11 });
  assert.deepEqual(meter.perSecond(3), { messages: 0, points: 0 });
  now += 5_000;
  assert.deepEqual(meter.perSecond(1), { messages: 1, points: 5 });
  now += 60_000;
  assert.deepEqual(meter.perSecond(), { messages: 0, points: 0 });
});
