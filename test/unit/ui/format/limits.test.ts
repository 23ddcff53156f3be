import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideOf } from '../../../../ui/format/limits.ts';

test('a number is outside beyond a limit, not on it, and nothing else is ever outside', () => {
  const both = { low_limit: 10, high_limit: 20 };
  assert.deepEqual(
    [9.9, 10, 15, 20, 20.1].map((value) => sideOf(both, value)),
    ['low', undefined, undefined, undefined, 'high'],
  );
  assert.equal(sideOf({ low_limit: null, high_limit: 0 }, -5), undefined);
  assert.equal(sideOf({ low_limit: 0, high_limit: null }, -5), 'low');
  for (const value of [true, '99', undefined, null]) assert.equal(sideOf(both, value), undefined);
});
