import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf, plainText, writeContent } from '../../../src/audit/content.ts';
import type { RowChange } from '../../../src/store/changes.ts';

const change = (table: string, id: string, factoryId: number | null, rest: Partial<RowChange> = {}): RowChange => ({
  table,
  id,
  name: `name of ${id}`,
  factoryId,
  before: null,
  after: { name: id },
  ...rest,
});

test('an entry is called by the weightiest of its changes, whatever came first', () => {
  const rows = [
    change('sessions', 's', null),
    change('users', 'u', null, { before: { is_active: true }, after: { is_active: false } }),
  ];
  const [entry, ...more] = entriesOf({ rows, omitted: {} }, null);
  assert.equal(more.length, 0);
  assert.deepEqual([entry?.action, entry?.target], ['user.update', { kind: 'user', id: 'u', name: 'name of u' }]);
  assert.deepEqual(
    entry?.content.changes?.map(({ kind }) => kind),
    ['user', 'session'],
  );
});

test('each factory gets an entry of its own rows, and within a scope all is that factory’s', () => {
  const rows = [change('memberships', 'm', 1), change('memberships', 'm', 2), change('users', 'u', null)];
  const entries = entriesOf({ rows, omitted: {} }, null);
  assert.deepEqual(
    entries.map(({ factoryId, content }) => [factoryId, content.changes?.length]),
    [
      [1, 1],
      [2, 1],
      [null, 1],
    ],
  );
  assert.deepEqual(
    entriesOf({ rows, omitted: {} }, 7).map(({ factoryId }) => factoryId),
    [7],
  );
});

test('an entry is bounded, however much was changed, and says how much it leaves out', () => {
  const long = { name: 'x'.repeat(900) };
  const rows = Array.from({ length: 400 }, (_, index) => change('devices', `d${index}`, 1, { after: long }));
  const [entry] = entriesOf({ rows, omitted: { devices: 50 } }, 1);
  const told = entry?.content.changes?.length ?? 0;
  assert.ok(told > 5);
  assert.equal(entry?.content.more?.device, 450 - told);
  assert.ok(writeContent(entry?.content ?? {}).length < 9_000);
});

test('values are bounded, lists too, and texts are whole characters', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => `a-rather-long-device-key-${index}`);
  const rows = [
    change('device_credentials', 'c', 1, { after: { name: 'y'.repeat(5_000), device_keys: keys, few: ['*'] } }),
  ];
  const [entry] = entriesOf({ rows, omitted: {} }, 1);
  const after = entry?.content.changes?.[0]?.after ?? {};
  assert.equal(String(after.name).length, 1_001);
  assert.equal(String(after.device_keys).length, 1_001);
  assert.deepEqual(after.few, ['*']);
  assert.ok(writeContent({ details: { text: '\ud800' } }).isWellFormed());
  assert.equal(plainText('a\u0000b\nc\ud800'), 'a b c\ufffd');
});
