import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandIdIn, readAnswer } from '../../../src/device-commands/answer.ts';

const ID = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001';
const read = (value: unknown) => readAnswer(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

test('an answer names its command and what became of it', () => {
  assert.deepEqual(read({ id: ID, status: 'done' }), { id: ID, status: 'done', message: null });
  assert.deepEqual(read({ id: ID.toUpperCase(), status: 'failed', message: 'door open', extra: 1 }), {
    id: ID,
    status: 'failed',
    message: 'door open',
  });
  const long = read({ id: ID, status: 'accepted', message: 'x'.repeat(5_000) });
  assert.equal(typeof long === 'string' ? 0 : long.message?.length, 500);
});

test('of what is no answer it says why', () => {
  const wrong: [unknown, RegExp][] = [
    ['done', /JSON object/],
    ['[]', /"id"/],
    [{ status: 'done' }, /"id"/],
    [{ id: `${ID}'`, status: 'done' }, /"id"/],
    [{ id: ID, status: 'ok' }, /"status"/],
    [{ id: ID, status: 'done', message: 1 }, /"message"/],
    [{ id: ID, status: 'done', message: 'x'.repeat(20_000) }, /at most/],
  ];
  for (const [value, why] of wrong) assert.match(String(read(value)), why, JSON.stringify(value).slice(0, 60));
});

test('whatever a device sends is an answer or has a fault, and its id is found in the one case alone', () => {
  const members = fc.record({ id: fc.oneof(fc.uuid(), fc.string()), status: fc.constantFrom('done', 'ok', 1) });
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), members.map(JSON.stringify as (value: unknown) => string)), (text) => {
      const payload = Buffer.from(text);
      const answer = readAnswer(payload);
      if (typeof answer !== 'string') assert.equal(commandIdIn(payload)?.toLowerCase(), answer.id);
      else assert.notEqual(answer, '');
    }),
  );
});
