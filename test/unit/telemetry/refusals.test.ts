import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../src/core/metrics.ts';
import type { FactoryScope } from '../../../src/core/scope.ts';
import { createRefusals } from '../../../src/telemetry/telemetry.ts';
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
  factories.remove(gone.factoryUuid, (sql, { factoryId }) => refusals.removeFactory(sql, factoryId));
  assert.deepEqual([refusals.list(gone), refusals.connectionsOf(gone)], [[], []]);
  assert.deepEqual([refusals.list(other).length, refusals.connectionsOf(other).length], [1, 1]);
  assert.equal(refusals.connections().length, 1);
});
