import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testAccounts } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

function twoFactories() {
  const world = testAccounts();
  const { factories } = world.accounts;
  const north = factories.create({ name: 'North', slug: 'north', timezone: 'UTC' }).scope;
  const south = factories.create({ name: 'South', slug: 'south', timezone: 'UTC' }).scope;
  return { ...world, north, south, credentials: world.accounts.deviceCredentials };
}

test('a device signs in with what was shown once, and speaks for its devices alone', () => {
  using world = twoFactories();
  const { credential, password } = world.credentials.create(world.north, { name: 'press', devices: ['M01', 'M02'] });
  assert.equal(credential.username, 'north/press');
  const { isStillAllowed, ...device } = world.credentials.authenticate('north/press', password) ?? {};
  assert.equal(isStillAllowed?.(), true);
  assert.deepEqual(device, {
    scope: world.north,
    credentialId: credential.id,
    name: 'press',
    deviceKeys: ['M01', 'M02'],
  });
  for (const [username, secret] of [
    ['north/press', `${password}x`],
    ['north/press', ''],
    ['south/press', password],
    ['north/Press', password],
    ['press', password],
  ] as const) {
    assert.equal(world.credentials.authenticate(username, secret), undefined, username);
  }
});

test('a gateway may speak for all devices', () => {
  using world = twoFactories();
  const { password } = world.credentials.create(world.south, { name: 'gw', devices: ['*'] });
  assert.equal(world.credentials.authenticate('south/gw', password)?.deviceKeys, '*');
});

test('the password is nowhere in the database', () => {
  using world = twoFactories();
  const { password } = world.credentials.create(world.north, { name: 'press', devices: ['M01'] });
  const rows = world.store.read(world.north, (sql) => sql.all('select * from device_credentials'));
  assert.equal(rows.length, 1);
  assert.ok(!JSON.stringify(rows).includes(password));
});

test('names are unique within a factory, and a list shows one factory only', () => {
  using world = twoFactories();
  world.credentials.create(world.north, { name: 'gw', devices: ['*'] });
  world.credentials.create(world.south, { name: 'gw', devices: ['*'] });
  assert.throws(() => world.credentials.create(world.north, { name: 'gw', devices: ['M1'] }), withCode('conflict'));
  const listed = world.credentials.list(world.north, { limit: 10, after: undefined });
  assert.deepEqual(
    listed.map((credential) => credential.username),
    ['north/gw'],
  );
});

test('a removed credential is refused at once and its listeners hear of it; a foreign one looks missing', () => {
  using world = twoFactories();
  const removed: string[] = [];
  const stop = world.credentials.onEnded((id) => removed.push(id));
  const { credential, password } = world.credentials.create(world.north, { name: 'press', devices: ['M01'] });
  assert.throws(() => world.credentials.remove(world.south, credential.id), withCode('not_found'));
  assert.notEqual(world.credentials.authenticate('north/press', password), undefined);
  world.credentials.remove(world.north, credential.id);
  assert.equal(world.credentials.authenticate('north/press', password), undefined);
  assert.deepEqual(removed, [credential.id]);
  assert.throws(() => world.credentials.remove(world.north, credential.id), withCode('not_found'));
  stop();
});

test('wildcards, slashes and empty lists are refused', () => {
  using world = twoFactories();
  const create = (name: string, devices: string[]) => () => world.credentials.create(world.north, { name, devices });
  for (const devices of [[], ['*', 'M01'], ['M01/#'], ['+'], [''], ['M 1']]) {
    assert.throws(create('gw', devices), withCode('invalid_input'), JSON.stringify(devices));
  }
  for (const name of ['', 'a/b', '#', '.a', 'x'.repeat(65)]) {
    assert.throws(create(name, ['M01']), withCode('invalid_input'), name);
  }
});

test('taking back the grant of a simulator spares that of its successor under the same slug', () => {
  using world = testAccounts();
  const { factories, deviceCredentials } = world.accounts;
  const make = () => factories.create({ name: 'Demo', slug: 'demo', timezone: 'UTC', isDemo: true });
  const ended: string[] = [];
  deviceCredentials.onEnded((id) => ended.push(id));
  const first = make();
  const old = deviceCredentials.grantSimulator(first.scope);
  factories.remove(first.scope.factoryUuid, 'demo', () => {});
  const fresh = deviceCredentials.grantSimulator(make().scope);
  assert.equal(old.username, fresh.username);
  old.revoke();
  assert.equal(ended.length, 1);
  assert.equal(deviceCredentials.authenticate(old.username, old.password), undefined);
  assert.notEqual(deviceCredentials.authenticate(fresh.username, fresh.password), undefined);
});

test('after a rotation both passwords are taken for a while, then the new one alone', () => {
  using world = twoFactories();
  const { clock } = world;
  const { credential, password: old } = world.credentials.create(world.north, { name: 'press', devices: ['M01'] });
  const before = world.credentials.authenticate('north/press', old);
  const { credential: rotated, password: fresh } = world.credentials.rotate(world.north, credential.id, 3_600);
  assert.equal(rotated.oldValidUntil, clock.now() + 3_600_000);
  assert.notEqual(fresh, old);
  const byOld = world.credentials.authenticate('north/press', old);
  const byNew = world.credentials.authenticate('north/press', fresh);
  const stillAllowed = () => [before, byOld, byNew].map((identity) => identity?.isStillAllowed?.());
  assert.deepEqual(stillAllowed(), [true, true, true]);
  clock.advance(3_600_000);
  assert.deepEqual(stillAllowed(), [false, false, true], 'who was in before the change goes, too');
  assert.equal(world.credentials.authenticate('north/press', old), undefined);
  assert.notEqual(world.credentials.authenticate('north/press', fresh), undefined);
  assert.equal(world.credentials.list(world.north, { limit: 1, after: undefined })[0]?.oldValidUntil, null);
});

test('of three passwords only the two newest are taken; without overlap the old one ends at once', () => {
  using world = twoFactories();
  const ended: string[] = [];
  world.credentials.onEnded((_id, why) => ended.push(why));
  const { credential, password: first } = world.credentials.create(world.north, { name: 'press', devices: ['M01'] });
  const second = world.credentials.rotate(world.north, credential.id, 3_600).password;
  const byFirst = world.credentials.authenticate('north/press', first);
  const third = world.credentials.rotate(world.north, credential.id, 3_600).password;
  assert.equal(byFirst?.isStillAllowed?.(), false);
  const isTaken = (password: string) => world.credentials.authenticate('north/press', password) !== undefined;
  assert.deepEqual([first, second, third].map(isTaken), [false, true, true]);
  assert.deepEqual(ended, []);
  const fourth = world.credentials.rotate(world.north, credential.id, 0).password;
  assert.deepEqual([third, fourth].map(isTaken), [false, true]);
  assert.deepEqual(ended, ['rotated']);
  assert.throws(() => world.credentials.rotate(world.south, credential.id, 0), withCode('not_found'));
  assert.throws(() => world.credentials.rotate(world.north, credential.id, -1), withCode('invalid_input'));
});

test('other devices are named, and the last use is known to the minute', () => {
  using world = twoFactories();
  const ended: string[] = [];
  world.credentials.onEnded((_id, why) => ended.push(why));
  const { credential, password } = world.credentials.create(world.north, { name: 'gw', devices: ['M01'] });
  const changed = world.credentials.change(world.north, credential.id, ['press-*', 'M02', 'M02']);
  assert.deepEqual(changed.deviceKeys, ['press-*', 'M02']);
  assert.deepEqual(ended, ['changed']);
  const used = () => world.credentials.list(world.north, { limit: 1, after: undefined })[0]?.usedAt;
  assert.equal(used(), null);
  const at = world.clock.now();
  assert.deepEqual(world.credentials.authenticate('north/gw', password)?.deviceKeys, ['press-*', 'M02']);
  assert.equal(used(), at);
  world.clock.advance(30_000);
  world.credentials.authenticate('north/gw', password);
  assert.equal(used(), at);
  assert.throws(() => world.credentials.change(world.south, credential.id, ['M01']), withCode('not_found'));
});
