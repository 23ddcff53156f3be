import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJournal } from '../../../src/broker/journal.ts';
import { controlStore } from '../../support/control-store.ts';

function world() {
  const control = controlStore();
  const commits: number[][] = [];
  const { system } = control.store;
  Object.assign(control.store, {
    system: (...given: Parameters<typeof system>) => {
      commits.push([]);
      return system(...given);
    },
  });
  const journal = createJournal(control.store, (error) => assert.ifError(error));
  const things = Array.from({ length: 1_200 }, () => ({}));
  const note = (index: number) => journal.note(things[index] ?? {}, () => void commits.at(-1)?.push(index));
  return { commits, journal, note, [Symbol.dispose]: () => control[Symbol.dispose]() };
}

test('many changes go in portions, in order; each thing once, and who waits for one waits for no more', async () => {
  using it = world();
  for (let index = 0; index < 400; index++) it.note(index);
  const early = it.journal.written().then(() => it.commits.length);
  for (let index = 400; index < 1_200; index++) it.note(index);
  for (const again of [0, 700]) it.note(again);
  await it.journal.written();
  assert.deepEqual(
    it.commits.map(({ length }) => length),
    [500, 500, 200],
  );
  assert.deepEqual(
    it.commits.flat(),
    Array.from({ length: 1_200 }, (_, index) => index),
  );
  assert.equal(await early, 1);
  it.note(5);
  await it.journal.written();
  assert.deepEqual(it.commits.at(-1), [5]);
  it.journal.close();
});

test('at the end all portions are written', () => {
  using it = world();
  for (let index = 0; index < 1_200; index++) it.note(index);
  it.journal.close();
  assert.equal(it.commits.flat().length, 1_200);
});
