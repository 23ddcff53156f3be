import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coversDevice, matchesPattern, namesDevice } from '../../../src/core/device-keys.ts';

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

test('a pattern matches what the regular expression of it does', () => {
  const text = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
  fc.assert(
    fc.property(text('ab.*'), text('ab.'), (pattern, key) => {
      const expected = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(key);
      assert.equal(matchesPattern(pattern, key), expected, `${pattern} ${key}`);
    }),
    { numRuns: 5_000 },
  );
});

test('a pattern of many stars costs no more than its length, and what is no key matches none', () => {
  assert.equal(coversDevice([`${'*a'.repeat(31)}*b`], 'a'.repeat(64)), false);
  assert.equal(coversDevice(['*-*-*-press'], '-'.repeat(60_000)), false);
  assert.equal(coversDevice(['*'.repeat(63), 'x'], '-'.repeat(65)), false);
});
