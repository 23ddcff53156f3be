import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEraser, type ErasureStep, type ForgottenSeries } from '../../../src/historian/historian.ts';
import { eventually } from '../../support/appliance.ts';

const of = (factoryId: number, ...seriesIds: number[]): ForgottenSeries[] =>
  seriesIds.map((seriesId) => ({ factoryId, seriesId }));

/** An eraser over a writer that answers as told, and what it asked and reported. */
function testEraser(answers: (number | null | Error)[]) {
  const steps: ErasureStep[] = [];
  const erased: (readonly ForgottenSeries[])[] = [];
  const faults: unknown[] = [];
  const eraser = createEraser({
    purge: async () => {},
    writer: {
      erase: async (step) => {
        steps.push(step);
        const answer = answers.shift() ?? null;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    erased: (series) => erased.push(series),
    onFault: (error) => faults.push(error),
    pauseMs: 1,
    retryMs: 1,
  });
  return { eraser, steps, erased, faults };
}

test('series are erased step by step, one factory after the other, and reported when nothing is left', async () => {
  const { eraser, steps, erased } = testEraser([100, 200, null, null]);
  eraser.add([...of(1, 7, 8), ...of(2, 9)]);
  await eventually(() => erased[0]);
  assert.deepEqual(steps, [
    { factoryId: 1, seriesIds: [7, 8], from: null },
    { factoryId: 1, seriesIds: [7, 8], from: 100 },
    { factoryId: 1, seriesIds: [7, 8], from: 200 },
    { factoryId: 2, seriesIds: [9], from: null },
  ]);
  assert.deepEqual(erased, [[...of(1, 7, 8), ...of(2, 9)]]);
  await eraser.stop();
});

test('a step that fails is reported and tried again; what was added meanwhile has its turn', async () => {
  const { eraser, erased, faults } = testEraser([new Error('disk full'), null, null]);
  eraser.add(of(1, 7));
  eraser.add(of(1, 8));
  await eventually(() => (erased.length === 2 ? true : undefined));
  assert.deepEqual(erased, [of(1, 7), of(1, 8)]);
  assert.match(String(faults), /disk full/);
  await eraser.stop();
});

test('an eraser that is stopped in the middle reports nothing as erased', async () => {
  const { eraser, steps, erased } = testEraser(Array(1_000).fill(1));
  eraser.add(of(1, 7));
  await eventually(() => (steps.length > 2 ? true : undefined));
  await eraser.stop();
  assert.deepEqual(erased, []);
});
