import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/core/errors.ts';
import type { HistoryRequest } from '../../../src/historian/historian.ts';
import { chooseInterval, planHistory } from '../../../src/historian/history-request.ts';
import { NOW } from '../../support/hot-history.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

const seriesUpTo = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ seriesId: i + 1, parameter: `p${i}`, kind: 'number' as const }));

const plan = (members: Partial<HistoryRequest>) =>
  planHistory(1, 'UTC', { series: seriesUpTo(1), from: NOW, to: NOW + DAY, interval: '1h', ...members });

/** Refused as `invalid_input`, naming the member at fault. */
const at = (pointer: string) => (error: unknown) =>
  error instanceof AppError && error.code === 'invalid_input' && error.faults[0]?.pointer === pointer;

test('what cannot be answered is refused by name', () => {
  assert.throws(() => plan({ to: NOW }), at('/from'));
  assert.throws(() => plan({ from: Number.NaN }), at('/from'));
  assert.throws(() => plan({ to: NOW + 0.5 }), at('/to'));
  assert.throws(() => plan({ series: seriesUpTo(1_001) }), at('/parameters'));
  assert.throws(() => plan({ series: [...seriesUpTo(1), ...seriesUpTo(1)] }), at('/parameters'));
  assert.throws(() => plan({ interval: '1m', to: NOW + 90 * DAY }), at('/interval'));
  assert.throws(() => plan({ interval: '1m', series: seriesUpTo(50) }), at('/interval'));
  for (const limit of [0, 10_001, 1.5]) assert.throws(() => plan({ interval: 'raw', limit }), at('/limit'));
  assert.throws(() => plan({ cursor: 'WzEsMl0' }), at('/cursor'));
  for (const cursor of ['', 'nonsense', 'WzFd', 'eyJ0cyI6MX0', 'WyIxIiwyXQ']) {
    assert.throws(() => plan({ interval: 'raw', cursor }), at('/cursor'));
  }
});

test('auto draws a day by the minute, a fortnight by the quarter, a month by the hour, years by the day', () => {
  assert.equal(chooseInterval(NOW, NOW + 15 * MINUTE, 1), 'raw');
  assert.equal(chooseInterval(NOW, NOW + 15 * MINUTE + 1, 1), '1m');
  assert.equal(chooseInterval(NOW, NOW + 25 * 60 * MINUTE, 1), '1m');
  assert.equal(chooseInterval(NOW, NOW + 14 * DAY, 1), '15m');
  assert.equal(chooseInterval(NOW, NOW + 31 * DAY, 1), '1h');
  assert.equal(chooseInterval(NOW, NOW + 3 * 365 * DAY, 1), '1d');
  assert.equal(chooseInterval(NOW, NOW + 30 * 365 * DAY, 1), '1w');
  assert.equal(chooseInterval(NOW, NOW + DAY, 100), '15m', 'with many series the answer as a whole is bounded');
});

test('a remedy is one that helps', () => {
  const messageOf = (members: Partial<HistoryRequest>) => {
    try {
      return plan(members) && 'answered';
    } catch (error) {
      return error instanceof AppError ? error.message : 'broken';
    }
  };
  assert.equal(messageOf({ series: seriesUpTo(1_000) }), 'answered');
  assert.match(
    messageOf({ series: seriesUpTo(1_001) }),
    /1001 series .*at most 1000.*name fewer devices or parameters/,
  );
  assert.match(
    messageOf({ series: seriesUpTo(1_000), interval: '1m' }),
    /longer interval or "auto", or .*fewer series/,
  );
  // Fifty-one weeks of a thousand series are too much at the longest interval there is.
  const year = { series: seriesUpTo(1_000), to: NOW + 51 * 7 * DAY };
  for (const interval of ['auto', '1d', '1w'] as const) {
    const message = messageOf({ ...year, interval });
    assert.match(message, /narrow the range, or ask for fewer series$/);
    assert.doesNotMatch(message, /auto|longer/);
  }
  assert.equal(messageOf({ ...year, to: NOW + 50 * 7 * DAY, interval: 'auto' }), 'answered');
  assert.match(messageOf({ to: NOW + 90 * DAY, interval: '1m' }), /129600 points .*longer interval or "auto"$/);
});

test('what auto chooses is never refused, but for a thousand series over a year', () => {
  for (let span = MINUTE; span < 300 * DAY; span = Math.ceil(span * 1.3)) {
    for (const count of [0, 1, 10, 100, 1_000]) {
      assert.doesNotThrow(() => plan({ interval: 'auto', to: NOW + span, series: seriesUpTo(count) }));
    }
  }
});
