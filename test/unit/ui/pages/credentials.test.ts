import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  coverageOf,
  type Draft,
  draftOf,
  exampleOf,
  faultOf,
  keysOf,
} from '../../../../ui/pages/settings/credentials/coverage.ts';

const KNOWN = ['M01', 'press-01', 'press-02', 'presses'];
const draft = (kind: Draft['kind'], typed = ''): Draft => ({ kind, typed });

test('keys are typed one a line, or apart by blanks and commas, and are taken once', () => {
  assert.deepEqual(keysOf(draft('set', ' M01,\nM02; M01\tM03 ')), ['M01', 'M02', 'M03']);
  assert.deepEqual(keysOf(draft('one', ' M01 ')), ['M01']);
  assert.deepEqual(keysOf(draft('all', 'whatever stood there')), ['*']);
});

test('what the API would refuse is said before it is sent', () => {
  const isGood = (one: Draft) => faultOf(one) === undefined;
  for (const good of [draft('one', 'M01'), draft('set', 'a b'), draft('pattern', 'press-* M01'), draft('all')]) {
    assert.ok(isGood(good), good.typed);
  }
  const bad = [
    draft('one', ''),
    draft('one', 'M 01'),
    draft('one', 'press-*'),
    draft('set', ' , '),
    draft('set', 'a/b'),
    draft('set', 'x'.repeat(65)),
    draft('pattern', 'press-01'),
    draft('pattern', 'press-?'),
    draft('set', Array.from({ length: 1_001 }, (_, index) => `k${index}`).join(' ')),
  ];
  for (const one of bad) assert.ok(!isGood(one), one.typed.slice(0, 20));
});

test('a pattern shows which of the known devices it covers, a list those that are not known', () => {
  assert.deepEqual(coverageOf(draft('pattern', 'press-* nobody'), KNOWN), {
    covered: ['press-01', 'press-02'],
    unknown: ['nobody'],
  });
  assert.deepEqual(coverageOf(draft('set', 'M01 M02'), KNOWN), { covered: ['M01'], unknown: ['M02'] });
  assert.deepEqual(coverageOf(draft('all'), KNOWN), { covered: KNOWN, unknown: [] });
});

test('what the API says of a credential comes back as it was chosen', () => {
  for (const devices of [['*'], ['M01'], ['M01', 'M02'], ['press-*', 'M01']]) {
    assert.deepEqual(keysOf(draftOf(devices)), devices);
    assert.equal(faultOf(draftOf(devices)), undefined);
  }
});

test('the command to try names a device that the credential may speak for', () => {
  assert.equal(exampleOf(['M07'], KNOWN), 'M07');
  assert.equal(exampleOf(['press-*'], KNOWN), 'press-01');
  assert.equal(exampleOf(['motor-*'], KNOWN), 'motor-01');
  assert.equal(exampleOf(['*'], KNOWN), 'M01');
  assert.equal(exampleOf(['*'], []), 'M01');
});
