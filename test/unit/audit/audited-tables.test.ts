import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUDITED, NOT_AUDITED } from '../../../src/audit/audited-tables.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { controlStore } from '../../support/control-store.ts';

/** Tables of the control database with their columns. */
function schema(): Map<string, string[]> {
  using control = controlStore();
  const db = openDatabase(control.file, { readonly: true });
  try {
    const tables = db
      .prepare<[], string>(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
      )
      .pluck()
      .all();
    const columns = db.prepare<[string], string>('select name from pragma_table_info(?)').pluck();
    return new Map(tables.map((table) => [table, columns.all(table).toSorted()]));
  } finally {
    db.close();
  }
}

test('every table is either audited, or left out for a reason', () => {
  const listed = [...AUDITED.map(({ table }) => table), ...Object.keys(NOT_AUDITED)];
  assert.deepEqual(listed.toSorted(), [...schema().keys()]);
});

test('of an audited table every column is either told or left out', () => {
  const known = schema();
  for (const { table, columns, ignored } of AUDITED) {
    assert.deepEqual([...Object.keys(columns), ...ignored].toSorted(), known.get(table), table);
  }
});

test('what may be a secret is never told', () => {
  for (const { table, columns } of AUDITED) {
    for (const [column, kind] of Object.entries(columns)) {
      if (/hash|secret|token|password(?!_is_public)|key$/.test(column) && column !== 'key') {
        assert.equal(kind, 'hidden', `${table}.${column}`);
      }
    }
  }
});
