import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortRows } from '../../../../ui/components/sort-rows.ts';

const ROWS = [
  { name: 'unit 10', load: null },
  { name: 'Unit 9', load: 3 },
  { name: 'unit 1', load: 20 },
  { name: 'UNIT 2', load: 3 },
];
const COLUMNS = [
  { id: 'name', sortBy: ({ name }: (typeof ROWS)[number]) => name },
  { id: 'load', sortBy: ({ load }: (typeof ROWS)[number]) => load },
  { id: 'menu' },
];
const names = (column: string, isDescending: boolean) =>
  sortRows(ROWS, COLUMNS, { column, isDescending }).map(({ name }) => name);

test('texts are sorted as people count, in any case', () => {
  assert.deepEqual(names('name', false), ['unit 1', 'UNIT 2', 'Unit 9', 'unit 10']);
});

test('equal rows keep their order, and rows without a value come last in both directions', () => {
  assert.deepEqual(names('load', false), ['Unit 9', 'UNIT 2', 'unit 1', 'unit 10']);
  assert.deepEqual(names('load', true), ['unit 1', 'Unit 9', 'UNIT 2', 'unit 10']);
});

test('a column that cannot be sorted by, or none, leaves the rows as they are', () => {
  assert.equal(sortRows(ROWS, COLUMNS, { column: 'menu', isDescending: true }), ROWS);
  assert.equal(sortRows(ROWS, COLUMNS, undefined), ROWS);
});
