import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelStarts } from '../../../../ui/charts/layers.ts';

test('words on lines that are near each other stand beside each other', () => {
  const starts = (...labels: (readonly [baseline: number, width: number])[]) =>
    labelStarts(
      labels.map(([baseline, width]) => ({ baseline, width })),
      14,
      10,
    );
  assert.deepEqual(starts([20, 50], [60, 50]), [0, 0]);
  assert.deepEqual(starts([20, 50], [24, 30], [20, 30]), [0, 60, 100]);
  // As high as both of those before, which are not as high as each other.
  assert.deepEqual(starts([20, 50], [40, 80], [30, 30]), [0, 0, 90]);
  assert.deepEqual(starts([20, 50], [24, 30], [34, 20]), [0, 60, 0]);
});
