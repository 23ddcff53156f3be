import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDaysLeft } from '../../../../ui/format/days-left.ts';

test('the time until the disk is full is told in days as far as they say something, then in years', () => {
  assert.deepEqual([1, 20, 1_094, 1_095, 36_499, 36_500, 553_374].map(formatDaysLeft), [
    '1 day',
    '20 days',
    '1,094 days',
    '3 years',
    '99 years',
    '100+ years',
    '100+ years',
  ]);
});
