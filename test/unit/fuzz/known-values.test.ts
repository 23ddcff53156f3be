import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../fuzz/document.ts';
import { createKnownValues } from '../../fuzz/known-values.ts';

const operationOf = (template: string): Operation => ({
  id: template,
  method: 'GET',
  template,
  isPublic: false,
  parameters: [],
  body: undefined,
  answers: {},
});
const list = operationOf('/factories');
const parameters = operationOf('/factories/{id}/parameters');
const operations = [list, parameters, operationOf('/factories/{id}/parameters/{name}/reset')];

/** The first of its values that are asked for. */
const all = (named: (nth: number) => string | undefined) =>
  new Set(Array.from({ length: 400 }, (_, nth) => named(nth)));

test('items of a list are places below it, with the values of the parameters above', () => {
  const known = createKnownValues(operations);
  assert.equal(known.place('/factories/{id}/parameters', 0), undefined);
  known.learn(list, {}, { items: [{ id: 'a' }, { id: 'b' }], next_cursor: 'c' });
  known.learn(parameters, { id: 'b' }, { items: [{ name: 'speed' }] });
  assert.deepEqual(known.place('/factories/{id}/parameters', 1), { id: 'b' });
  assert.deepEqual(known.place('/factories/{id}/parameters/{name}/reset', 5), { id: 'b', name: 'speed' });
  known.forget('/factories/{id}', { id: 'a' });
  assert.deepEqual(known.place('/factories/{id}', 1), { id: 'b' });
});

test('values are found by the names that they are asked for by', () => {
  const known = createKnownValues(operations);
  known.pin('password', 'secret');
  known.learn(list, {}, { items: [{ id: 'a' }, { id: 'b' }], next_cursor: 'c' });
  assert.ok(all((nth) => known.named('cursor', nth)).has('c'));
  assert.ok(all((nth) => known.named('current_password', nth)).has('secret'));
  assert.ok(all((nth) => known.named('factory_id', nth)).has('b'));
  assert.ok(all((nth) => known.named('factories', nth)).has('a,b'));
  assert.deepEqual([...all((nth) => known.named('colour', nth))], [undefined]);
});

test('of each name only the newest values are kept, but for those from outside', () => {
  const known = createKnownValues(operations);
  known.pin('token', 'first');
  for (let count = 0; count < 1_000; count++) known.learn(list, {}, { token: `t${count}` });
  const kept = all((nth) => known.named('token', nth));
  assert.ok(kept.has('first') && !kept.has('t0') && kept.has('t999'));
});

test('what is to be spared is asked for seldom, but not never', () => {
  const known = createKnownValues(operations);
  known.learn(list, {}, { items: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
  known.spare('b');
  const asked = Array.from({ length: 1_000 }, (_, nth) => known.place('/factories/{id}', nth)?.id);
  const spared = asked.filter((id) => id === 'b').length;
  assert.ok(spared > 0 && spared < 100, `${spared} of 1,000`);
});
