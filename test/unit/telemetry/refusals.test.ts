import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../src/core/metrics.ts';
import type { FactoryScope } from '../../../src/core/scope.ts';
import type { Store } from '../../../src/store/store.ts';
import { createRefusals, type Refusal } from '../../../src/telemetry/telemetry.ts';
import { silentLog, testAccounts } from '../../support/accounts.ts';

test('what is still in memory of a removed factory is forgotten, and holds up nobody else', () => {
  using world = testAccounts();
  const { factories } = world.accounts;
  const refusals = createRefusals({ ...world, log: silentLog(), metrics: createMetrics() });
  const make = (slug: string) => factories.create({ name: slug, slug, timezone: 'UTC', isDemo: true }).scope;
  const [gone, other] = [make('gone'), make('other')];
  const refuse = (scope: FactoryScope) => {
    refusals.record(scope, 'M01', [{ reason: 'not_json', parameter: '', detail: '' }], Buffer.from('x'));
    refusals.recordConnection({
      scope,
      source: 's',
      clientId: 'c',
      username: 'u',
      reason: 'bad_credentials',
      detail: '',
    });
  };
  refuse(gone);
  refusals.list(gone);
  refuse(gone);
  refuse(other);
  factories.remove(gone.factoryUuid, gone.slug, (sql, { factoryId }) => refusals.removeFactory(sql, factoryId));
  assert.deepEqual([refusals.list(gone), refusals.connectionsOf(gone)], [[], []]);
  assert.deepEqual([refusals.list(other).length, refusals.connectionsOf(other).length], [1, 1]);
  assert.deepEqual(refusals.connectionsOfNobody(), []);
});

/** Refusals over a store that counts its transactions, and a factory. */
function testRefusals() {
  const world = testAccounts();
  const { scope } = world.accounts.factories.create({ name: 'North', slug: 'north', timezone: 'UTC' });
  let writes = 0;
  const system: Store['system'] = (purpose, fn) => {
    if (purpose === 'record refusals') writes++;
    return world.store.system(purpose, fn);
  };
  const store: Store = { ...world.store, system };
  const refusals = createRefusals({ ...world, store, log: silentLog(), metrics: createMetrics() });
  const record = (deviceKey: string, count: number) => {
    const items = Array.from({ length: count }, (_, index): Refusal => {
      return { reason: 'unsupported_value', parameter: `p${index}`, detail: 'null' };
    });
    refusals.record(scope, deviceKey, items, Buffer.from('x'));
  };
  return { ...world, scope, refusals, record, writes: () => writes };
}

test('of a message with thousands of bad metrics the first twenty are named and the others counted', () => {
  using world = testRefusals();
  const { refusals, record, scope, writes } = world;
  record('M01', 5_000);
  assert.equal(writes(), 0);
  const rows = refusals.list(scope);
  const named = rows.filter(({ reason }) => reason === 'unsupported_value');
  const more = rows.filter(({ reason }) => reason === 'more_refused');
  assert.equal(named.length, 20);
  assert.deepEqual(
    more.map(({ deviceKey, parameter, count }) => [deviceKey, parameter, count]),
    [['M01', '', 4_980]],
  );
  assert.match(more[0]?.detail ?? '', /4980 more/);
});

test('one bad metric in thousands of samples of a message is one line with its count', () => {
  using world = testRefusals();
  const { refusals, scope } = world;
  const item: Refusal = { reason: 'non_finite', parameter: 'x', detail: '' };
  refusals.record(scope, 'M01', new Array<Refusal>(5_000).fill(item), Buffer.from('x'));
  assert.deepEqual(
    refusals.list(scope).map(({ parameter, count }) => [parameter, count]),
    [['x', 5_000]],
  );
});

test('a flood of different refusals is never written while it is recorded, and what is not listed is counted', () => {
  using world = testRefusals();
  const { refusals, record, scope, writes } = world;
  for (let device = 0; device < 200; device++) {
    record(`M${device}`, 30);
    const event = { scope, source: 's', clientId: `c${device % 7}`, username: '', detail: '' };
    for (let n = 0; n < 10; n++) refusals.recordConnection({ ...event, reason: `r${device * 10 + n}` });
  }
  assert.equal(writes(), 0);
  const rows = refusals.list(scope);
  assert.equal(
    rows.reduce((sum, { count }) => sum + count, 0),
    6_000,
  );
  assert.ok(rows.length <= 1_001);
  const connections = refusals.connectionsOf(scope);
  assert.equal(
    connections.reduce((sum, { count }) => sum + count, 0),
    2_000,
  );
  assert.equal(writes(), 1);
});

test('what is only counted of two factories stays apart', () => {
  using world = testRefusals();
  const { refusals, scope } = world;
  const other = world.accounts.factories.create({ name: 'South', slug: 'south', timezone: 'UTC' }).scope;
  for (const flooded of [scope, other]) {
    const event = { scope: flooded, source: 's', clientId: 'c', username: `${flooded.slug}/gw`, detail: '' };
    for (let n = 0; n < 1_100; n++) refusals.recordConnection({ ...event, reason: `r${n}` });
  }
  for (const flooded of [scope, other]) {
    const rest = refusals.connectionsOf(flooded).filter(({ reason }) => reason === 'more_refused');
    assert.deepEqual(
      rest.map(({ count }) => count),
      [100],
    );
  }
});
