import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketAt, dailyBucketAt } from '../../../src/historian/buckets.ts';
import { groupsToSeal } from '../../../src/historian/seal-plan.ts';

const BUCKET_MS = 600_000;
const DAY_MS = 86_400_000;

/** Buckets of these spans, made in this order. */
const made = (...spans: readonly number[]) => spans.map((span, i) => bucketAt(span * BUCKET_MS, BUCKET_MS, i + 1));
const grouped = (spans: readonly number[], open: readonly number[] = []) =>
  groupsToSeal(made(...spans), made(...open)).map((group) => group.map(({ startMs }) => startMs / BUCKET_MS));

test('buckets of a day are sealed together, in whatever order they were made', () => {
  assert.deepEqual(grouped([]), []);
  assert.deepEqual(grouped([3, 1, 2]), [[3, 1, 2]]);
  const ofADay = DAY_MS / BUCKET_MS;
  assert.deepEqual(grouped([ofADay - 1, ofADay, 0, 1]), [[ofADay - 1], [ofADay], [0, 1]]);
});

test('a bucket of a day is sealed for itself, and those that share time with it before and after it', () => {
  const [first, last] = made(1, 2);
  assert.ok(first !== undefined && last !== undefined);
  const day = dailyBucketAt(0, 3);
  assert.deepEqual(groupsToSeal([first, day, last], []), [[first], [day], [last]]);
});

test('of two buckets of one span, the later one is sealed after the earlier one', () => {
  assert.deepEqual(grouped([1, 2, 1, 3]), [
    [1, 2],
    [1, 3],
  ]);
});

test('no group spans a bucket that takes rows', () => {
  assert.deepEqual(grouped([1, 2, 4, 5], [3]), [
    [1, 2],
    [4, 5],
  ]);
  assert.deepEqual(grouped([1, 2], [0, 3]), [[1, 2]]);
  assert.deepEqual(groupsToSeal(made(1, 2), [dailyBucketAt(0, 9)]).length, 2);
  // Closed and open: the open one is later.
  assert.deepEqual(grouped([1, 2, 3], [2]), [[1], [2], [3]]);
});
