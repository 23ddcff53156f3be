import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HERE, OWNER, testAccounts } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

const NORTH = { name: 'North', slug: 'north', timezone: 'Europe/Berlin' };

test('a new factory is found by slug and by id at once, and after a restart', () => {
  using world = testAccounts();
  const { scope } = world.accounts.factories.create(NORTH);
  assert.deepEqual(world.accounts.factories.scopeBySlug('north'), scope);
  assert.deepEqual(world.accounts.factories.scopeByUuid(scope.factoryUuid), scope);
  assert.deepEqual(world.reopen().factories.scopeBySlug('north'), scope);
  assert.equal(world.accounts.factories.scopeBySlug('south'), undefined);
});

test('a slug that is taken is a conflict, and changes nothing', () => {
  using world = testAccounts();
  world.accounts.factories.create(NORTH);
  assert.throws(() => world.accounts.factories.create({ ...NORTH, name: 'Other' }), withCode('conflict'));
  assert.deepEqual(
    world.accounts.factories.list().map((factory) => factory.name),
    ['North'],
  );
});

test('every fault of a new factory is named at once', () => {
  using world = testAccounts();
  assert.throws(
    () => world.accounts.factories.create({ name: ' ', slug: 'No_rth', timezone: 'Mars/Base' }),
    (error: { faults: { pointer: string }[] }) => {
      assert.deepEqual(
        error.faults.map((fault) => fault.pointer),
        ['/name', '/slug', '/timezone'],
      );
      return true;
    },
  );
});

test('slugs are letters, digits and inner hyphens, forty at most; zones are names, not offsets', () => {
  using world = testAccounts();
  for (const slug of ['a', '0', 'a-b', 'a'.repeat(40)]) world.accounts.factories.create({ ...NORTH, slug });
  for (const slug of ['', '-a', 'a-', 'A', 'a/b', 'a+', 'ä', 'a'.repeat(41)]) {
    assert.throws(() => world.accounts.factories.create({ ...NORTH, slug }), withCode('invalid_input'), slug);
  }
  assert.throws(
    () => world.accounts.factories.create({ ...NORTH, slug: 'z', timezone: '+02:00' }),
    withCode('invalid_input'),
  );
});

test('a demo factory can be removed, with what belongs to it; whoever had it selected has none, and stays', async () => {
  using world = testAccounts();
  const { accounts } = world;
  await accounts.setup.run({
    ...OWNER,
    factoryName: 'Demo factory',
    factorySlug: 'demo',
    timezone: 'UTC',
    isDemo: true,
  });
  const { identity } = await accounts.sessions.signIn(OWNER.email, { password: OWNER.password }, HERE);
  const scope = identity.factory?.scope;
  assert.ok(scope !== undefined && identity.factory?.isDemo);
  accounts.deviceCredentials.create(scope, { name: 'gw', devices: ['*'] });
  let contents = 0;
  accounts.factories.remove(scope.factoryUuid, 'demo', () => contents++);
  assert.equal(contents, 1);
  const now = accounts.sessions.current(identity.sessionId);
  assert.deepEqual([now?.userId, now?.factory], [identity.userId, undefined]);
  const next = accounts.factories.create({ name: 'Again', slug: 'demo', timezone: 'UTC' });
  assert.notEqual(next.scope.factoryId, scope.factoryId);
  assert.throws(
    () => accounts.factories.remove(next.scope.factoryUuid, 'other', () => contents++),
    withCode('invalid_input'),
  );
  assert.throws(() => accounts.factories.remove(scope.factoryUuid, 'demo', () => contents++), withCode('not_found'));
  assert.equal(contents, 1);
});

test('a removal that fails half way leaves the demo factory whole', async () => {
  using world = testAccounts();
  const { factories } = world.accounts;
  const { scope } = factories.create({ name: 'Demo', slug: 'demo', timezone: 'UTC', isDemo: true });
  const fail = () => {
    throw new Error('disk full');
  };
  assert.throws(() => factories.remove(scope.factoryUuid, 'demo', fail), /disk full/);
  assert.equal(factories.scopeBySlug('demo'), scope);
});

test('whoever follows the factories hears of each that is made or removed', () => {
  using world = testAccounts();
  const { factories } = world.accounts;
  const heard: number[] = [];
  factories.onChanged(() => heard.push(factories.list().length));
  const { scope } = factories.create({ name: 'Demo', slug: 'demo', timezone: 'UTC', isDemo: true });
  factories.remove(scope.factoryUuid, 'demo', () => {});
  assert.deepEqual(heard, [1, 0]);
});
