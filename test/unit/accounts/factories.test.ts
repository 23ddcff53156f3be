import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testAccounts } from '../../support/accounts.ts';
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
