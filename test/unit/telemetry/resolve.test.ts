import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveState } from '../../../src/telemetry/live.ts';
import { resolveStamp } from '../../../src/telemetry/resolve.ts';

const NOW = 1_800_000_000_000;
const MAX_AHEAD_MS = 300_000;
const limits = (now: number) => ({ now, maxAheadMs: MAX_AHEAD_MS, oldest: now - 1_000_000 });
const arrival = { timestamp: undefined, names: ['x'], values: [1] };
const newDevice = () => createLiveState().addDevice(1, 'M01');

test('arrival stamps follow the clock and never repeat', () => {
  const device = newDevice();
  const stamps = [NOW, NOW, NOW + 5, NOW + 4].map((now) => resolveStamp(device, arrival, limits(now)));
  assert.deepEqual(stamps, [NOW, NOW + 1, NOW + 5, NOW + 6]);
});

test('a flood without timestamps is refused when its stamps are five minutes ahead, and taken again when they are not', () => {
  const device = newDevice();
  let refused = 0;
  for (let message = 0; message < MAX_AHEAD_MS + 100; message++) {
    if (typeof resolveStamp(device, arrival, limits(NOW)) === 'object') refused++;
  }
  assert.equal(refused, 99);
  assert.equal(resolveStamp(device, arrival, limits(NOW + 1)), NOW + MAX_AHEAD_MS + 1);
});

test('when the clock is set back, samples go on from the newest stamp: none is refused, none overwrites another', () => {
  const device = newDevice();
  const before = resolveStamp(device, arrival, limits(NOW));
  const after = Array.from({ length: 3 }, (_, second) =>
    resolveStamp(device, arrival, limits(NOW - 7_200_000 + second * 1_000)),
  );
  assert.deepEqual([before, ...after], [NOW, NOW + 1, NOW + 2, NOW + 3]);
});

test('while the clock is not trusted, no stamp is ahead of it', () => {
  const sample = { timestamp: NOW, names: ['x'], values: [1] };
  assert.equal(resolveStamp(newDevice(), sample, { now: 0, maxAheadMs: null, oldest: -1_000_000 }), NOW);
  const refused = resolveStamp(newDevice(), sample, limits(NOW - MAX_AHEAD_MS - 1));
  assert.equal(typeof refused === 'object' && refused.reason, 'ahead_of_clock');
});
