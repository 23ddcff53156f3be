import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HERE, setUpOwner, testAccounts } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

const REQUEST = {
  email: 'owner@example.com',
  password: 'correct horse',
  factoryName: 'North',
  factorySlug: 'north',
  timezone: 'Europe/Berlin',
};

test('the first setup makes a super admin who is admin of the first factory', async () => {
  using world = testAccounts();
  const { identity } = await setUpOwner(world.accounts);
  assert.equal(identity.isSuperAdmin, true);
  assert.equal(identity.passwordIsPublic, false);
  assert.equal(identity.factory?.role, 'admin');
  assert.equal(identity.factory?.scope.slug, 'north');
});

test('an appliance is set up once, also when two try at the same time', async () => {
  using world = testAccounts();
  const results = await Promise.allSettled([
    world.accounts.setup.run(REQUEST),
    world.accounts.setup.run({ ...REQUEST, email: 'thief@example.com', factorySlug: 'south' }),
  ]);
  assert.deepEqual(results.map((result) => result.status).sort(), ['fulfilled', 'rejected']);
  assert.equal(world.accounts.users.list().length, 1);
  assert.equal(world.accounts.factories.list().length, 1);
  await assert.rejects(world.accounts.setup.run(REQUEST), withCode('already_set_up'));
});

test('a setup that fails leaves nothing behind', async () => {
  using world = testAccounts();
  await assert.rejects(world.accounts.setup.run({ ...REQUEST, timezone: 'Mars/Base' }), withCode('invalid_input'));
  assert.deepEqual([world.accounts.users.list().length, world.accounts.factories.list().length], [0, 0]);
  assert.equal(world.accounts.setup.isNeeded(), true);
});

test('the code is taken as people type it, and a wrong one is refused', async () => {
  using world = testAccounts();
  const code = world.accounts.setup.code() ?? '';
  assert.match(code, /^[A-Z2-9]{4}-[A-Z2-9]{4}$/);
  await assert.rejects(world.accounts.setup.runWithCode('AAAA-AAAA', REQUEST), withCode('forbidden'));
  await assert.rejects(world.accounts.setup.runWithCode('', REQUEST), withCode('forbidden'));
  await world.accounts.setup.runWithCode(` ${code.toLowerCase().replace('-', ' ')}.`, REQUEST);
  assert.equal(world.accounts.setup.code(), null);
});

test('codes cannot be tried out: after ten wrong ones the next has to wait', async () => {
  using world = testAccounts();
  const code = world.accounts.setup.code() ?? '';
  const tryOut = (guess: string) => world.accounts.setup.runWithCode(guess, REQUEST);
  for (let index = 0; index < 10; index += 1) await assert.rejects(tryOut('AAAA-AAAA'), withCode('forbidden'));
  await assert.rejects(tryOut(code), withCode('too_many'));
  world.clock.advance(60_000);
  await tryOut(code);
});

test('a code can be checked before anything is made; tries of both kinds count together, right ones do not', async () => {
  using world = testAccounts();
  const { setup } = world.accounts;
  const code = setup.code() ?? '';
  for (let index = 0; index < 20; index += 1) setup.checkCode(code.toLowerCase());
  for (let index = 0; index < 5; index += 1) {
    assert.throws(() => setup.checkCode('AAAA-AAAA'), withCode('forbidden'));
    await assert.rejects(setup.runWithCode('AAAA-AAAA', REQUEST), withCode('forbidden'));
  }
  assert.throws(() => setup.checkCode(code), withCode('too_many'));
  world.clock.advance(86_400_000);
  assert.throws(() => setup.checkCode(code), withCode('forbidden'));
  await setup.run(REQUEST);
  assert.throws(() => setup.checkCode(code), withCode('already_set_up'));
});

test('the code expires, and a restart makes another', async () => {
  using world = testAccounts();
  const code = world.accounts.setup.code() ?? '';
  world.clock.advance(86_400_000);
  assert.equal(world.accounts.setup.code(), null);
  await assert.rejects(world.accounts.setup.runWithCode(code, REQUEST), withCode('forbidden'));
  const next = world.reopen().setup.code();
  assert.ok(next !== null && next !== code);
});

test('the seed is made once; a changed password survives another seed', async () => {
  using world = testAccounts();
  assert.equal(await world.accounts.seed(), true);
  assert.equal(await world.accounts.seed(), false);
  assert.deepEqual(world.accounts.users.withPublicPassword(), ['admin@vpc.com']);
  const { identity } = await world.accounts.sessions.signIn('admin@vpc.com', { password: 'Admin@123' }, HERE);
  assert.deepEqual([identity.isSuperAdmin, identity.passwordIsPublic], [true, true]);
  assert.deepEqual([identity.factory?.scope.slug, identity.factory?.role], ['vpc', 'admin']);

  await world.accounts.sessions.changePassword(identity, { current: 'Admin@123', next: 'a better one' }, HERE);
  assert.equal(await world.accounts.seed(), false);
  assert.deepEqual(world.accounts.users.withPublicPassword(), []);
  await world.accounts.sessions.signIn('admin@vpc.com', { password: 'a better one' }, HERE);
});

test('somebody else’s data directory gets no public owner, and no factory of theirs becomes a demo', async () => {
  using world = testAccounts();
  await world.accounts.setup.run({ ...REQUEST, factorySlug: 'vpc' });
  await assert.rejects(world.accounts.seed({ isDemo: true }), withCode('already_set_up'));
  assert.deepEqual(world.accounts.users.withPublicPassword(), []);
  assert.deepEqual(
    world.accounts.factories.list().map(({ isDemo }) => isDemo),
    [false],
  );
});

test('what was seeded becomes a demo, until its owner has made it their own', async () => {
  using world = testAccounts();
  await world.accounts.seed();
  const isDemo = () => world.accounts.factories.list().map((factory) => factory.isDemo);
  assert.equal(await world.accounts.seed({ isDemo: true }), false);
  assert.equal(await world.accounts.seed({ isDemo: true }), false);
  assert.deepEqual(isDemo(), [true]);

  using other = testAccounts();
  await other.accounts.seed();
  const { identity } = await other.accounts.sessions.signIn('admin@vpc.com', { password: 'Admin@123' }, HERE);
  await other.accounts.sessions.changePassword(identity, { current: 'Admin@123', next: 'a better one' }, HERE);
  await assert.rejects(other.accounts.seed({ isDemo: true }), withCode('already_set_up'));
  assert.equal(other.accounts.factories.list()[0]?.isDemo, false);
});

test('beside other users nothing more is seeded, and what was seeded before works on', async () => {
  using world = testAccounts();
  await world.accounts.seed();
  await world.accounts.users.add({ email: 'anita@example.com', password: 'correct horse' });
  assert.equal(await world.accounts.seed(), false);
  await assert.rejects(world.accounts.seed({ isDemo: true }), withCode('already_set_up'));
});

test('a real factory that took the slug of the removed demo is neither made a demo nor described', async () => {
  using world = testAccounts();
  await world.accounts.seed({ isDemo: true });
  const { factories } = world.accounts;
  const [demo] = factories.list();
  factories.remove(demo?.scope.factoryUuid ?? '', 'vpc', () => []);
  world.clock.advance(1_000);
  factories.create({ name: 'Real', slug: 'vpc', timezone: 'UTC' });
  await assert.rejects(world.accounts.seed(), withCode('already_set_up'));
  await assert.rejects(world.accounts.seed({ isDemo: true }), withCode('already_set_up'));
  assert.equal(factories.list()[0]?.isDemo, false);
});
