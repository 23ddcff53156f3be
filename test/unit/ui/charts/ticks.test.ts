import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tickLabel, tickStep, timeTicks } from '../../../../ui/charts/ticks.ts';

const at = (iso: string) => Date.parse(iso);

/** The labels of the ticks of a window. */
function labels(from: string, to: string, timezone: string, most = 10): string[] {
  const window = { from: at(from), to: at(to) };
  const step = tickStep(window, most);
  return timeTicks(window, step, timezone).map((tick) => tickLabel(tick, step, timezone));
}

test('ticks are round by the clock on the wall, whatever its offset', () => {
  assert.deepEqual(labels('2026-11-23T00:10:00Z', '2026-11-23T06:10:00Z', 'Asia/Kathmandu', 6), [
    '06:00',
    '07:00',
    '08:00',
    '09:00',
    '10:00',
    '11:00',
  ]);
});

test('seconds are written where the steps are seconds', () => {
  assert.deepEqual(labels('2026-11-23T10:00:00Z', '2026-11-23T10:00:20Z', 'UTC', 5), [
    '10:00:00',
    '10:00:05',
    '10:00:10',
    '10:00:15',
    '10:00:20',
  ]);
});

test('a day that begins is written as a day', () => {
  assert.deepEqual(labels('2026-11-22T18:00:00Z', '2026-11-23T06:00:00Z', 'UTC', 4), [
    '18:00',
    '21:00',
    '23 Nov',
    '03:00',
    '06:00',
  ]);
});

test('the hour that is skipped has no tick, and those after it stay round', () => {
  assert.deepEqual(labels('2026-03-28T23:00:00Z', '2026-03-29T04:00:00Z', 'Europe/Berlin', 6), [
    '29 Mar',
    '01:00',
    '03:00',
    '04:00',
    '05:00',
    '06:00',
  ]);
});

test('the hour that comes twice has its ticks twice', () => {
  assert.deepEqual(labels('2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z', 'Europe/Berlin', 4), [
    '02:00',
    '02:30',
    '02:00',
    '02:30',
    '03:00',
  ]);
});

test('weeks begin on Monday, months on their first, years on New Year', () => {
  assert.deepEqual(labels('2026-11-01T12:00:00Z', '2026-11-30T12:00:00Z', 'UTC', 5), [
    '2 Nov',
    '9 Nov',
    '16 Nov',
    '23 Nov',
    '30 Nov',
  ]);
  assert.deepEqual(labels('2026-01-15T00:00:00Z', '2026-07-02T00:00:00Z', 'UTC', 6), [
    'Feb 2026',
    'Mar 2026',
    'Apr 2026',
    'May 2026',
    'Jun 2026',
    'Jul 2026',
  ]);
  assert.deepEqual(labels('2022-06-01T00:00:00Z', '2026-06-01T00:00:00Z', 'UTC', 5), ['2023', '2024', '2025', '2026']);
});
