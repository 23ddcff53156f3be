import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  HOUR,
  isLive,
  isSameRange,
  MIN_SPAN_MS,
  rangeQuery,
  readRange,
  scaled,
  shifted,
  spanText,
  type TimeRange,
  windowOf,
} from '../../../../ui/charts/range.ts';

const NOW = Date.parse('2026-11-23T14:32:00Z');

test('a range comes back from its address as it was', () => {
  const ranges: TimeRange[] = [
    { kind: 'relative', spanMs: 5_400_000 },
    { kind: 'relative', spanMs: 86_400_000 },
    { kind: 'day', day: 'today' },
    { kind: 'day', day: 'yesterday' },
    { kind: 'absolute', from: NOW - 5_000, to: NOW },
  ];
  for (const range of ranges) assert.deepEqual(readRange(rangeQuery(range), HOUR), range);
});

test('an address that makes no sense shows the usual range', () => {
  for (const query of [
    {},
    { range: 'x' },
    { range: '0h' },
    { range: '99999d' },
    { from: '2026-11-23T14:00:00Z' },
    { from: '2026-11-23T14:00:00Z', to: '2026-11-23T13:00:00Z' },
    { from: 'yesterday', to: 'now' },
  ]) {
    assert.deepEqual(readRange(query, HOUR), HOUR, JSON.stringify(query));
  }
});

test('spans are written as short as they can be', () => {
  assert.deepEqual(
    [60_000, 90_000, 3_600_000, 86_400_000, 7 * 86_400_000].map((span) => spanText(span)),
    ['1m', '90s', '1h', '24h', '7d'],
  );
});

test('only what ends now is live', () => {
  assert.equal(isLive(HOUR), true);
  assert.equal(isLive({ kind: 'day', day: 'today' }), true);
  assert.equal(isLive({ kind: 'day', day: 'yesterday' }), false);
  assert.equal(isLive({ kind: 'absolute', from: 0, to: NOW }), false);
  assert.equal(isSameRange(HOUR, { kind: 'relative', spanMs: 3_600_000 }), true);
});

test('yesterday is as long as the zone made it', () => {
  const now = Date.parse('2026-10-26T09:00:00Z');
  const { from, to } = windowOf({ kind: 'day', day: 'yesterday' }, now, 'Europe/Berlin');
  assert.equal((to - from) / 3_600_000, 25);
  assert.deepEqual(windowOf({ kind: 'day', day: 'today' }, now, 'Europe/Berlin'), { from: to, to: now });
});

test('going forward stops at now, going back does not stop', () => {
  const window = { from: NOW - 3_000, to: NOW - 1_000 };
  assert.deepEqual(shifted(window, -1, NOW), { from: NOW - 5_000, to: NOW - 3_000 });
  assert.deepEqual(shifted(window, 1, NOW), { from: NOW - 2_000, to: NOW });
});

test('what is under the cursor stays there while zooming', () => {
  const zoomed = scaled({ from: 0, to: 100_000 }, 0.5, NOW, 25_000);
  assert.deepEqual(zoomed, { from: 12_500, to: 62_500 });
  assert.deepEqual(scaled(zoomed, 2, NOW, 25_000), { from: 0, to: 100_000 });
});

test('zooming ends at a second, and out of the future', () => {
  assert.deepEqual(scaled({ from: 0, to: 1_500 }, 0.1, NOW, 0), { from: 0, to: MIN_SPAN_MS });
  const { from, to } = scaled({ from: NOW - 1_000, to: NOW }, 4, NOW);
  assert.deepEqual([from, to], [NOW - 4_000, NOW]);
});
