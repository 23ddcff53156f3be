import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { loadSigningKey } from '../../../src/accounts/signing-key.ts';
import { HERE, OWNER, setUpOwner, silentLog, testAccounts } from '../../support/accounts.ts';
import { withCode } from '../../support/errors.ts';

const SOUTH = { name: 'South', slug: 'south', timezone: 'Asia/Tokyo' };

test('a wrong password and an unknown address get the same answer', async () => {
  using world = testAccounts();
  await setUpOwner(world.accounts);
  const refusal = (email: string) =>
    world.accounts.sessions.signIn(email, { password: 'wrong password' }, HERE).then(
      () => assert.fail('signed in'),
      (error: Error) => error.message,
    );
  assert.equal(await refusal(OWNER.email), await refusal('nobody@example.com'));
});

test('addresses are compared without case', async () => {
  using world = testAccounts();
  await setUpOwner(world.accounts);
  const { identity } = await world.accounts.sessions.signIn(' Owner@Example.COM', { password: OWNER.password }, HERE);
  assert.equal(identity.email, OWNER.email);
});

test('after five wrong passwords the right one has to wait, longer each time, and no longer than is said', async () => {
  using world = testAccounts();
  const { sessions } = world.accounts;
  await setUpOwner(world.accounts);
  const guess = () => sessions.signIn(OWNER.email, { password: 'wrong password' }, HERE);
  for (let index = 0; index < 5; index += 1) await assert.rejects(guess(), withCode('unauthenticated'));
  const right = () => sessions.signIn(OWNER.email.toUpperCase(), { password: OWNER.password }, HERE);
  await assert.rejects(right(), withCode('too_many'));
  world.clock.advance(1_000);
  await assert.rejects(guess(), withCode('unauthenticated'));
  world.clock.advance(1_000);
  await assert.rejects(right(), withCode('too_many'));
  world.clock.advance(1_000);
  await right();
});

test('an access token ends after its life, a refresh token gives the next', async () => {
  using world = testAccounts();
  const { sessions } = world.accounts;
  const first = await setUpOwner(world.accounts);
  world.clock.advance(601_000);
  await assert.rejects(sessions.authenticate(first.accessToken), withCode('unauthenticated'));
  const next = await sessions.refresh(first.refreshToken);
  assert.equal((await sessions.authenticate(next.accessToken)).email, OWNER.email);
});

test('a token that was looked at before ends in its time, and with its session, all the same', async () => {
  using world = testAccounts();
  const { sessions } = world.accounts;
  const { accessToken, identity } = await setUpOwner(world.accounts);
  await sessions.authenticate(accessToken);
  world.clock.advance(599_000);
  await sessions.authenticate(accessToken);
  world.clock.advance(1_000);
  await assert.rejects(sessions.authenticate(accessToken), withCode('unauthenticated'));
  world.clock.advance(-600_000);
  await sessions.authenticate(accessToken);
  sessions.signOut(identity.sessionId);
  await assert.rejects(sessions.authenticate(accessToken), withCode('unauthenticated'));
});

test('a refresh token that was used before ends the session, its newest tokens included', async () => {
  using world = testAccounts();
  const { sessions } = world.accounts;
  const first = await setUpOwner(world.accounts);
  const second = await sessions.refresh(first.refreshToken);
  await assert.rejects(sessions.refresh(first.refreshToken), withCode('unauthenticated'));
  await assert.rejects(sessions.refresh(second.refreshToken), withCode('unauthenticated'));
  await assert.rejects(sessions.authenticate(second.accessToken), withCode('unauthenticated'));
});

test('a session that is not used for its life ends', async () => {
  using world = testAccounts();
  const { refreshToken } = await setUpOwner(world.accounts);
  world.clock.advance(30 * 86_400_000);
  await assert.rejects(world.accounts.sessions.refresh(refreshToken), withCode('unauthenticated'));
});

test('signing out holds at once for access tokens that were given out', async () => {
  using world = testAccounts();
  const { sessions } = world.accounts;
  const { accessToken, identity } = await setUpOwner(world.accounts);
  sessions.signOut(identity.sessionId);
  await assert.rejects(sessions.authenticate(accessToken), withCode('unauthenticated'));
  assert.equal(sessions.current(identity.sessionId), undefined);
});

test('the role is read from the database, not from the token', async () => {
  using world = testAccounts();
  await setUpOwner(world.accounts);
  const { sessions, factories, users } = world.accounts;
  const scope = factories.scopeBySlug('north') ?? assert.fail('no factory');
  await users.add({ email: 'op@example.com', password: 'correct horse', membership: { scope, role: 'operator' } });
  const { accessToken } = await sessions.signIn('op@example.com', { password: 'correct horse' }, HERE);
  assert.equal((await sessions.authenticate(accessToken)).factory?.role, 'operator');
  world.store.system('sign in', (sql) =>
    sql.run("update main.memberships set role = 'viewer' where role = 'operator'"),
  );
  assert.equal((await sessions.authenticate(accessToken)).factory?.role, 'viewer');
  world.store.system('sign in', (sql) => sql.run("delete from main.memberships where role = 'viewer'"));
  assert.equal((await sessions.authenticate(accessToken)).factory, undefined);
  world.store.system('sign in', (sql) => sql.run("update main.users set is_active = 0 where email = 'op@example.com'"));
  await assert.rejects(sessions.authenticate(accessToken), withCode('unauthenticated'));
});

test('a member reaches only their factories; to them a foreign one looks like a missing one', async () => {
  using world = testAccounts();
  await setUpOwner(world.accounts);
  const { sessions, factories, users } = world.accounts;
  const south = factories.create(SOUTH).scope;
  await users.add({ email: 'v@example.com', password: 'correct horse', membership: { scope: south, role: 'viewer' } });
  const { identity, factories: theirs } = await sessions.signIn('v@example.com', { password: 'correct horse' }, HERE);
  assert.deepEqual(
    theirs.map((factory) => factory.scope.slug),
    ['south'],
  );
  const refusal = (uuid: string) =>
    sessions.switchFactory(identity, uuid).then(
      () => assert.fail('switched'),
      (error: Error) => `${error.name} ${error.message}`,
    );
  const north = factories.scopeBySlug('north') ?? assert.fail('no factory');
  assert.equal(await refusal(north.factoryUuid), await refusal('00000000-0000-4000-8000-000000000000'));
});

test('a super admin acts as admin in a factory without being a member', async () => {
  using world = testAccounts();
  const { identity, accessToken } = await setUpOwner(world.accounts);
  const south = world.accounts.factories.create(SOUTH).scope;
  await world.accounts.sessions.switchFactory(identity, south.factoryUuid);
  const { factory } = await world.accounts.sessions.authenticate(accessToken);
  assert.deepEqual([factory?.scope.slug, factory?.role], ['south', 'admin']);
});

test('a new password ends the other sessions, keeps this one, and must be a new one', async () => {
  using world = testAccounts();
  const { sessions } = world.accounts;
  const here = await setUpOwner(world.accounts);
  const elsewhere = await sessions.signIn(OWNER.email, { password: OWNER.password }, HERE);
  const change = (from: string, to: string) =>
    sessions.changePassword(here.identity, { current: from, next: to }, HERE);
  await assert.rejects(change('wrong password', 'another horse'), withCode('invalid_input'));
  await assert.rejects(change(OWNER.password, OWNER.password), withCode('invalid_input'));
  await assert.rejects(change(OWNER.password, 'short'), withCode('invalid_input'));
  await change(OWNER.password, 'another horse');
  await sessions.authenticate(here.accessToken);
  await assert.rejects(sessions.authenticate(elsewhere.accessToken), withCode('unauthenticated'));
  await assert.rejects(sessions.signIn(OWNER.email, { password: OWNER.password }, HERE), withCode('unauthenticated'));
});

test('tokens of another key, algorithm, issuer or audience are refused', async () => {
  using world = testAccounts();
  const { identity } = await setUpOwner(world.accounts);
  const key = loadSigningKey(world.secretKeyFile, silentLog());
  const forge = (change: { alg?: string; iss?: string; aud?: string; key?: Uint8Array; typ?: string }) =>
    new SignJWT({ sid: identity.sessionId })
      .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'at+jwt' })
      .setSubject(identity.userId)
      .setIssuer(change.iss ?? 'factoryops')
      .setAudience(change.aud ?? 'factoryops-api')
      .setExpirationTime(Math.floor(world.clock.now() / 1_000) + 60)
      .sign(change.key ?? key);
  const none = `${btoa('{"alg":"none","typ":"at+jwt"}')}.${(await forge({})).split('.')[1]}.`;
  await world.accounts.sessions.authenticate(await forge({}));
  const forgeries = [{ alg: 'HS512', key: Buffer.concat([key, key]) }, { iss: 'x' }, { aud: 'x' }, { typ: 'JWT' }];
  for (const change of [...forgeries, { key: Buffer.alloc(32) }]) {
    await assert.rejects(
      async () => world.accounts.sessions.authenticate(await forge(change)),
      withCode('unauthenticated'),
    );
  }
  const header = btoa('{"alg":"HS512","typ":"at+jwt"}').replaceAll('=', '');
  const signed = `${header}.${(await forge({})).split('.')[1]}`;
  const otherAlgorithm = `${signed}.${createHmac('sha512', key).update(signed).digest('base64url')}`;
  for (const token of [none, otherAlgorithm, '', 'a.b.c']) {
    await assert.rejects(world.accounts.sessions.authenticate(token), withCode('unauthenticated'), token);
  }
});

test('a password reset from the command line ends every session', async () => {
  using world = testAccounts();
  const { accessToken } = await setUpOwner(world.accounts);
  await world.accounts.users.resetPassword('OWNER@example.com', 'a rescued one');
  await assert.rejects(world.accounts.sessions.authenticate(accessToken), withCode('unauthenticated'));
  await world.accounts.sessions.signIn(OWNER.email, { password: 'a rescued one' }, HERE);
  await assert.rejects(world.accounts.users.resetPassword('nobody@x', 'a rescued one'), withCode('not_found'));
});

test('the sessions of one user are bounded; the one unused for longest goes', async () => {
  using world = testAccounts();
  const first = await setUpOwner(world.accounts);
  for (let index = 0; index < 100; index += 1) {
    world.clock.advance(1);
    await world.accounts.sessions.signInAs(first.identity.userId, HERE);
  }
  const count = world.store.system('check health', (sql) =>
    sql.get<{ n: number }>('select count(*) as n from sessions'),
  );
  assert.equal(count?.n, 100);
  assert.equal(world.accounts.sessions.current(first.identity.sessionId), undefined);
});

test('a sign-in that nobody had time to look at is not a wrong one', async () => {
  using world = testAccounts();
  await setUpOwner(world.accounts);
  const { signIn } = world.accounts.sessions;
  // Two at once and twenty waiting are all that are looked at.
  const crowd = Array.from({ length: 22 }, (_, index) =>
    signIn(`someone${index}@example.com`, { password: 'wrong' }, HERE),
  );
  const mine = Array.from({ length: 5 }, () => signIn(OWNER.email, OWNER, HERE));
  for (const attempt of mine) await assert.rejects(attempt, withCode('busy'));
  await Promise.allSettled(crowd);
  await signIn(OWNER.email, OWNER, HERE);
});

test('a sign-in whose password is changed while it is looked at opens no session', async () => {
  using world = testAccounts();
  await setUpOwner(world.accounts);
  const { sessions } = world.accounts;
  const late = sessions.signIn(OWNER.email, OWNER, HERE);
  const other = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$dGFn';
  world.store.system('sign in', (sql) => sql.run('update main.users set password_hash = ?', other));
  await assert.rejects(late, withCode('unauthenticated'));
});

test('of two who change one password at the same time, the one that came first holds', async () => {
  using world = testAccounts();
  const { identity } = await setUpOwner(world.accounts);
  const { sessions } = world.accounts;
  const change = (next: string) => sessions.changePassword(identity, { current: OWNER.password, next }, HERE);
  const outcomes = await Promise.allSettled([change('the first of two'), change('the second of two')]);
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});
