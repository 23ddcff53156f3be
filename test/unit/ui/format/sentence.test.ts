import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentence } from '../../../../ui/format/sentence.ts';

test("the API's words become a sentence, and a sentence stays one", () => {
  assert.equal(sentence('the payload is not JSON'), 'The payload is not JSON.');
  assert.equal(sentence('Wait 4 s.'), 'Wait 4 s.');
  assert.equal(sentence('send {"metrics": {"name": value}}'), 'Send {"metrics": {"name": value}}');
  assert.equal(sentence(''), '');
});
