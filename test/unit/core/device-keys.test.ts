import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversDevice, namesDevice } from '../../../src/core/device-keys.ts';

test('keys and patterns cover devices; a dot is a dot, and a pattern ends where it ends', () => {
  const keys = ['M01', 'press-*', '*.line2', 'a*b'];
  const covered = ['M01', 'press-', 'press-7', 'x.line2', 'ab', 'a--b', 'axxb'];
  const others = ['M010', 'm01', 'Press-7', 'xpress-7', 'xxline2', 'x.line22', 'abc', 'ba'];
  assert.deepEqual(
    covered.filter((key) => !coversDevice(keys, key)),
    [],
  );
  assert.deepEqual(
    others.filter((key) => coversDevice(keys, key)),
    [],
  );
  assert.equal(coversDevice('*', 'anything'), true);
  assert.equal(coversDevice([], 'M01'), false);
});

test('a device is named by its own key alone', () => {
  assert.deepEqual(
    [namesDevice(['M01', 'M*'], 'M01'), namesDevice(['M*'], 'M01'), namesDevice('*', 'M01')],
    [true, false, false],
  );
});
