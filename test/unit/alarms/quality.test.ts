import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JudgedAlarm, judgeAlarms } from '../../../src/alarms/quality.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const FROM = Date.UTC(2026, 0, 5);

const alarm = (raisedAt: number, more: Partial<JudgedAlarm> = {}): JudgedAlarm => ({
  ruleId: 'r',
  ruleName: 'Bearing hot',
  deviceId: 'd',
  deviceKey: 'M01',
  severity: 'low',
  raisedAt,
  clearedAt: raisedAt + 10 * MINUTE,
  recordedAt: raisedAt,
  acknowledgedAt: null,
  isChattering: false,
  ...more,
});

test('a quiet day is good in every figure', () => {
  const fold = judgeAlarms(FROM, FROM + DAY);
  for (let hour = 0; hour < 24; hour++) fold.add(alarm(FROM + hour * 60 * MINUTE));
  const result = fold.result();
  assert.equal(result.alarms, 24);
  assert.deepEqual([result.perDay.value, result.perDay.verdict], [24, 'good']);
  assert.deepEqual([result.perTenMinutes.value, result.perTenMinutes.verdict], [0.17, 'good']);
  assert.deepEqual([result.peakPerTenMinutes.value, result.overTen.value, result.flood.value], [1, 0, 0]);
  assert.equal(result.severities.low.value, 100);
  assert.equal(result.severities.low.verdict, null, 'too few to say');
});

test('rates are of the span as it is, not of whole periods of it', () => {
  const fold = judgeAlarms(FROM, FROM + 15 * MINUTE);
  for (let index = 0; index < 3; index++) fold.add(alarm(FROM + index * MINUTE));
  const { perTenMinutes, perDay } = fold.result();
  assert.deepEqual([perTenMinutes.value, perDay.value], [2, 288]);
});

test('rates are good, acceptable or poor by the limits of the standard', () => {
  const verdict = (perDay: number) => {
    const fold = judgeAlarms(FROM, FROM + DAY);
    for (let index = 0; index < perDay; index++) fold.add(alarm(FROM + Math.floor((index * DAY) / perDay)));
    return fold.result().perDay.verdict;
  };
  assert.deepEqual([150, 151, 300, 301].map(verdict), ['good', 'acceptable', 'acceptable', 'poor']);
});

test('a flood lasts from more than ten alarms in ten minutes until fewer than five', () => {
  const fold = judgeAlarms(FROM, FROM + 100 * MINUTE);
  const counts = [1, 11, 7, 5, 4, 0, 0, 0, 0, 0];
  for (const [period, count] of counts.entries()) {
    for (let index = 0; index < count; index++) fold.add(alarm(FROM + period * 10 * MINUTE + index));
  }
  const { flood, overTen, peakPerTenMinutes } = fold.result();
  assert.deepEqual([flood.value, overTen.value], [30, 10]);
  assert.deepEqual([peakPerTenMinutes.value, peakPerTenMinutes.at], [11, FROM + 10 * MINUTE]);
});

test('the most frequent are named with their share, ten of them', () => {
  const fold = judgeAlarms(FROM, FROM + DAY);
  for (let rule = 0; rule < 12; rule++) {
    for (let index = 0; index <= rule; index++) fold.add(alarm(FROM + rule * 60 * MINUTE, { ruleId: `r${rule}` }));
  }
  const { badActors, topTen } = fold.result();
  assert.equal(badActors.length, 10);
  assert.deepEqual([badActors[0]?.ruleId, badActors[0]?.count, badActors[0]?.share], ['r11', 12, 15.38]);
  assert.deepEqual([topTen.value, topTen.verdict], [96.15, 'poor']);
});

test('what flickers, what is gone at once, and how long people took, are counted', () => {
  const fold = judgeAlarms(FROM, FROM + DAY);
  fold.add(alarm(FROM, { isChattering: true, clearedAt: FROM + 1_000 }));
  fold.add(alarm(FROM, { clearedAt: FROM + 59_000, acknowledgedAt: FROM + 20_000 }));
  fold.add(alarm(FROM, { clearedAt: null, acknowledgedAt: FROM + 40_000 }));
  fold.add(alarm(FROM, { acknowledgedAt: FROM + 90_000 }));
  const { chattering, fleeting, secondsToAcknowledge, acknowledged } = fold.result();
  assert.deepEqual([chattering.value, fleeting.value], [1, 1]);
  assert.deepEqual([secondsToAcknowledge, acknowledged], [40, 3]);
});

test('what stands for over a day is counted at the end of each day on which it does', () => {
  const fold = judgeAlarms(FROM, FROM + 4 * DAY);
  fold.stood({ raisedAt: FROM - 10 * DAY, clearedAt: FROM + 1.5 * DAY });
  fold.stood({ raisedAt: FROM, clearedAt: null });
  fold.stood({ raisedAt: FROM + 3.5 * DAY, clearedAt: null });
  assert.equal(fold.result().stale.value, 2);
});

test('nothing at all is no fault', () => {
  const result = judgeAlarms(FROM, FROM + DAY).result();
  assert.deepEqual([result.alarms, result.secondsToAcknowledge, result.badActors.length], [0, null, 0]);
  assert.equal(result.perDay.verdict, 'good');
});
