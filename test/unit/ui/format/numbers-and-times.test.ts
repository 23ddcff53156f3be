import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatNumber, formatRate } from '../../../../ui/format/number.ts';
import { formatDuration, formatTime, zoneName } from '../../../../ui/format/time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('a measured number keeps the decimals of its parameter, and is short without them', () => {
  assert.equal(formatNumber(231.4, 2), '231.40');
  assert.equal(formatNumber(1_234_567.891), '1,234,567.9');
  assert.equal(formatNumber(99.999999), '100');
  assert.equal(formatNumber(0.1 + 0.2), '0.3');
  assert.equal(formatNumber(-0.00000123), '-1.230e-6');
  assert.equal(formatNumber(6.02e23), '6.020e+23');
  assert.equal(formatNumber(1_234_567_891), '1,234,567,891');
  assert.equal(formatNumber(1_234_567_891.5), '1.235e+9');
  assert.equal(formatNumber(0), '0');
  assert.equal(formatNumber(-1e300, 2), '-1.000e+300');
});

test('a span is said in the two largest units that matter', () => {
  const cases: [ms: number, words: string][] = [
    [-5, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [59 * MINUTE, '59 min'],
    [HOUR, '1 h'],
    [HOUR + 12 * MINUTE, '1 h 12 min'],
    [DAY - 1, '23 h 59 min'],
    [3 * DAY + 4 * HOUR, '3 d 4 h'],
    [30 * DAY, '30 d'],
  ];
  for (const [ms, words] of cases) assert.equal(formatDuration(ms), words);
});

test('times are those of the factory, whatever zone this machine is in, over a change of the clocks too', () => {
  const beforeChange = Date.parse('2026-03-29T00:59:59Z');
  assert.equal(formatTime(beforeChange, 'time', 'Europe/Berlin'), '01:59:59');
  assert.equal(formatTime(beforeChange + 1_000, 'time', 'Europe/Berlin'), '03:00:00');
  assert.equal(zoneName(beforeChange, 'Europe/Berlin'), 'CET');
  assert.equal(zoneName(beforeChange + 1_000, 'Europe/Berlin'), 'CEST');
  assert.equal(formatTime(Date.parse('2026-11-23T20:00:00Z'), 'date_minute', 'Asia/Kolkata'), '24 Nov, 01:30');
});

test('sizes are in the units that disks are sold in, rates without needless decimals', () => {
  assert.deepEqual(formatBytes(0), ['0', 'B']);
  assert.deepEqual(formatBytes(999), ['999', 'B']);
  assert.deepEqual(formatBytes(1_500), ['1.5', 'kB']);
  assert.deepEqual(formatBytes(61_400_000_000), ['61.4', 'GB']);
  assert.deepEqual(formatBytes(5e15), ['5,000', 'TB']);
  assert.equal(formatRate(0), '0');
  assert.equal(formatRate(5.67), '5.7');
  assert.equal(formatRate(412.4), '412');
});
