import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../support/accounts.ts';
import {
  eventually,
  type Person,
  personWith,
  type RunningAppliance,
  signIn,
  startAppliance,
} from '../support/appliance.ts';
import { join } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { openStream } from '../support/sse.ts';

const PASSWORD = 'correct horse battery';
const HOUR = 3_600_000;

const invite = async (owner: Person, email: string, rights: object = { role: 'viewer', permissions: [] }) => {
  const { status, body } = await owner.call('POST', '/invites', { email, ...rights });
  assert.equal(status, 201, JSON.stringify(body));
  return { id: body.invite.id as string, token: body.link.path.split('#')[1] as string };
};

const nobody = (running: RunningAppliance) => personWith(running.ready.http, '');

/** Somebody of the factory `vpc`, signed in. */
async function member(
  running: RunningAppliance,
  owner: Person,
  name: string,
  role: string,
  permissions: string[] = [],
) {
  const { id, token } = await join(running.ready.http, owner, `${name}@x.example`, { role, permissions });
  return { id, ...personWith(running.ready.http, token) };
}

test('an invite brings somebody in once, with the rights it says, and to its factory', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { token } = await invite(owner, 'anna@x.example', { role: 'operator', permissions: ['rules'] });
  const seen = await nobody(running).call('POST', '/invites/look-up', { token });
  assert.deepEqual(
    [seen.body.factory_name, seen.body.role, seen.body.has_login],
    ['VPC Industries', 'operator', false],
  );
  const entered = await nobody(running).call('POST', '/invites/accept', { token, name: 'Anna', password: PASSWORD });
  assert.equal(entered.status, 200);
  assert.deepEqual(
    [entered.body.user.name, entered.body.factory.slug, entered.body.factory.role, entered.body.factory.permissions],
    ['Anna', 'vpc', 'operator', ['rules']],
  );
  for (const path of ['/invites/look-up', '/invites/accept']) {
    const again = await nobody(running).call(
      'POST',
      path,
      path.endsWith('up') ? { token } : { token, password: PASSWORD },
    );
    assert.equal(again.status, 404, path);
  }
  assert.deepEqual((await owner.get('/invites')).items, []);
  const [anna] = (await owner.get('/users?q=anna')).items;
  assert.deepEqual([anna.email, anna.is_active], ['anna@x.example', true]);
});

test('two who come with one invite at the same time: one gets in', async () => {
  await using running = await startAppliance();
  const { token } = await invite(await running.signIn(), 'anna@x.example');
  const come = () => nobody(running).call('POST', '/invites/accept', { token, password: PASSWORD });
  const statuses = (await Promise.all([come(), come()])).map(({ status }) => status);
  assert.deepEqual(statuses.toSorted(), [200, 404]);
});

test('an invite that was taken back, replaced or is too late does not work', async () => {
  const clock = fakeClock(Date.now());
  await using running = await startAppliance({ clock });
  const owner = await running.signIn();
  const works = async (token: string) =>
    (await nobody(running).call('POST', '/invites/look-up', { token })).status === 200;
  const first = await invite(owner, 'a@x.example');
  const second = await invite(owner, 'a@x.example');
  assert.deepEqual([await works(first.token), await works(second.token)], [false, true]);
  assert.equal((await owner.call('DELETE', `/invites/${second.id}`)).status, 204);
  assert.equal(await works(second.token), false);
  const late = await invite(owner, 'b@x.example');
  clock.advance(48 * HOUR - 1);
  assert.equal(await works(late.token), true);
  clock.advance(1);
  assert.equal(await works(late.token), false);
  const { status } = await nobody(running).call('POST', '/invites/accept', { token: late.token, password: PASSWORD });
  assert.equal(status, 404);
});

test('an invite gives nothing that who sent it could not give any more', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const admin = await member(running, owner, 'admin', 'admin');
  const high = await invite(admin, 'high@x.example', { role: 'admin', permissions: [] });
  const low = await invite(admin, 'low@x.example');
  const status = async (token: string) => (await nobody(running).call('POST', '/invites/look-up', { token })).status;
  await owner.call('PATCH', `/users/${admin.id}`, { role: 'viewer', permissions: ['users'] });
  assert.deepEqual([await status(high.token), await status(low.token)], [404, 200]);
  const entered = await nobody(running).call('POST', '/invites/accept', { token: high.token, password: PASSWORD });
  assert.equal(entered.status, 404);
  await owner.call('PATCH', `/users/${admin.id}`, { is_active: false });
  assert.equal(await status(low.token), 404);
});

test('a link for a new password ends when the login comes to open more', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const admin = await member(running, owner, 'admin', 'admin');
  const anna = await member(running, owner, 'anna', 'viewer');
  const made = await owner.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  const link = await admin.call('POST', `/users/${anna.id}/reset-password`);
  const body = { token: link.body.path.split('#')[1], new_password: 'another password' };
  await owner.call('PUT', `/logins/${anna.id}/memberships/${made.body.id}`, { role: 'admin', permissions: [] });
  assert.equal((await nobody(running).call('POST', '/auth/reset-password', body)).status, 404);
});

test('a link for a new password is worth what its maker may do at the moment of use', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const chief = await member(running, owner, 'chief', 'operator', ['users']);
  const anna = await member(running, owner, 'anna', 'viewer');
  const linkOf = async () => {
    const { status, body } = await chief.call('POST', `/users/${anna.id}/reset-password`);
    assert.equal(status, 200);
    return body.path.split('#')[1];
  };
  const use = async (token: string) =>
    (await nobody(running).call('POST', '/auth/reset-password', { token, new_password: 'another password' })).status;
  const beforePromotion = await linkOf();
  await owner.call('PATCH', `/users/${anna.id}`, { role: 'admin' });
  assert.equal(await use(beforePromotion), 404, 'she may more than who made it');
  await owner.call('PATCH', `/users/${anna.id}`, { role: 'viewer' });
  const beforeBarring = await linkOf();
  await owner.call('PATCH', `/users/${chief.id}`, { is_active: false });
  assert.equal(await use(beforeBarring), 404, 'who made it is gone');
  await owner.call('PATCH', `/users/${chief.id}`, { is_active: true });
  const beforeChange = await linkOf();
  const change = { current_password: PASSWORD, new_password: 'her own new password' };
  assert.equal((await anna.call('POST', '/auth/change-password', change)).status, 204);
  assert.equal(await use(beforeChange), 404, 'she has chosen one since');
  assert.equal(await use(await linkOf()), 204);
});

test('a sign-in with the old password that is still being looked at when it changes does not live', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await member(running, owner, 'anna', 'viewer');
  const credentials = { email: 'anna@x.example', password: PASSWORD };
  const change = { current_password: PASSWORD, new_password: 'another password' };
  const changing = anna.call('POST', '/auth/change-password', change);
  const late = Array.from({ length: 4 }, () => nobody(running).call('POST', '/auth/login', credentials));
  assert.equal((await changing).status, 204);
  for (const { status, body } of await Promise.all(late)) {
    if (status !== 200) continue;
    const me = await personWith(running.ready.http, body.access_token).call('GET', '/auth/me');
    assert.equal(me.status, 401);
  }
});

test('an address is one however it is typed, and nothing that cannot be seen is in it', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { body } = await owner.call('POST', '/invites', {
    email: ' J\u00d6RG@X.example ',
    role: 'viewer',
    permissions: [],
  });
  assert.equal(body.invite.email, 'j\u00f6rg@x.example');
  await join(running.ready.http, owner, 'j\u00f6rg@x.example', { role: 'viewer' });
  await signIn(running.ready.http, 'JO\u0308RG@x.EXAMPLE', PASSWORD);
  for (const email of ['a\u0000b@x.example', 'a\u200bb@x.example', 'a\u202eb@x.example', 'a\ud800b@x.example']) {
    const refused = await owner.call('POST', '/invites', { email, role: 'viewer', permissions: [] });
    assert.equal(refused.status, 422, JSON.stringify(email));
  }
});

test('whoever is barred from their only factory can still be asked into another', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await member(running, owner, 'anna', 'viewer');
  await owner.call('PATCH', `/users/${anna.id}`, { is_active: false });
  const made = await owner.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  const switched = await owner.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const { token } = await invite(personWith(running.ready.http, switched.body.access_token), 'anna@x.example');
  const entered = await nobody(running).call('POST', '/invites/accept', { token, password: PASSWORD });
  assert.deepEqual([entered.status, entered.body.factory.slug], [200, 'south']);
});

test('nobody but an admin touches an owner of the appliance, however little they are here', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const chief = await member(running, owner, 'chief', 'operator', ['users']);
  const anna = await member(running, owner, 'anna', 'viewer');
  await owner.call('PATCH', `/logins/${anna.id}`, { is_super_admin: true });
  assert.equal((await chief.call('PATCH', `/users/${anna.id}`, { is_active: false })).status, 403);
  assert.equal((await chief.call('DELETE', `/users/${anna.id}`)).status, 403);
  const { id } = (await owner.get('/auth/me')).user;
  assert.equal((await owner.call('POST', `/logins/${id}/reset-password`)).status, 409);
});

test('whoever has a login comes into a second factory with it, and goes between them without signing in again', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { http } = running.ready;
  await join(http, owner, 'anna@x.example', { role: 'operator' });
  const made = await owner.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  const switched = await owner.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const south = personWith(http, switched.body.access_token);
  const { token } = await invite(south, 'Anna@X.example');
  assert.equal((await nobody(running).call('POST', '/invites/look-up', { token })).body.has_login, true);
  const wrong = await nobody(running).call('POST', '/invites/accept', { token, password: 'another password' });
  assert.equal(wrong.status, 401);
  const entered = await nobody(running).call('POST', '/invites/accept', { token, password: PASSWORD });
  assert.equal(entered.body.factory.slug, 'south');
  assert.deepEqual(
    entered.body.factories.map(({ slug, role }: Json) => [slug, role]),
    [
      ['south', 'viewer'],
      ['vpc', 'operator'],
    ],
  );
  const anna = personWith(http, entered.body.access_token);
  const home = entered.body.factories.find(({ slug }: Json) => slug === 'vpc');
  const back = await anna.call('POST', '/auth/switch-factory', { factory_id: home.id });
  assert.deepEqual([back.status, back.body.factory.role], [200, 'operator']);
  const later = await signIn(http, 'anna@x.example', PASSWORD);
  assert.equal((await later.get('/auth/me')).factory.slug, 'vpc', 'where they were last');
});

test('nobody gives more than they have, touches who has more, or changes themselves', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const chief = await member(running, owner, 'chief', 'operator', ['users', 'reports']);
  const admin = await member(running, owner, 'admin', 'admin');
  const viewer = await member(running, owner, 'viewer', 'viewer');
  const patch = async (id: string, body: object) => (await chief.call('PATCH', `/users/${id}`, body)).status;
  assert.equal(await patch(viewer.id, { role: 'operator', permissions: ['reports'] }), 200);
  assert.equal(await patch(viewer.id, { role: 'admin' }), 403);
  assert.equal(await patch(viewer.id, { permissions: ['devices'] }), 403);
  assert.equal(await patch(admin.id, { role: 'viewer' }), 403);
  assert.equal(await patch(admin.id, { is_active: false }), 403);
  assert.equal(await patch(chief.id, { role: 'viewer' }), 409);
  assert.equal((await chief.call('DELETE', `/users/${admin.id}`)).status, 403);
  assert.equal((await chief.call('POST', `/users/${admin.id}/reset-password`)).status, 403);
  const rights = { role: 'admin', permissions: [] };
  assert.equal((await chief.call('POST', '/invites', { email: 'new@x.example', ...rights })).status, 403);
  const key = { name: 'k', role: 'operator', permissions: ['devices'], expires_at: null };
  assert.equal((await chief.call('POST', '/api-keys', key)).status, 403, 'keys are made by admins');
});

test('a change of rights holds at once: for requests, and for streams that are open', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await member(running, owner, 'anna', 'viewer', ['devices']);
  assert.equal((await anna.call('GET', '/device-credentials')).status, 200);
  await owner.call('PATCH', `/users/${anna.id}`, { permissions: [] });
  assert.equal((await anna.call('GET', '/device-credentials')).status, 403);
  await using stream = await openStream(running.ready.http, anna.token);
  await stream.next('hello');
  await owner.call('PATCH', `/users/${anna.id}`, { is_active: false });
  assert.equal((await anna.call('GET', '/devices')).status, 401);
  await stream.ended;
  const refused = await nobody(running).call('POST', '/auth/login', { email: 'anna@x.example', password: PASSWORD });
  const unknown = await nobody(running).call('POST', '/auth/login', { email: 'who@x.example', password: PASSWORD });
  assert.deepEqual({ ...refused.body, instance: '' }, { ...unknown.body, instance: '' });
  await owner.call('PATCH', `/users/${anna.id}`, { is_active: true });
  assert.equal((await anna.call('GET', '/devices')).status, 200);
});

test('whoever leaves their only factory is gone from the appliance; whoever has another stays there', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await member(running, owner, 'anna', 'viewer');
  const berta = await member(running, owner, 'berta', 'viewer');
  const made = await owner.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  await owner.call('PUT', `/logins/${berta.id}/memberships/${made.body.id}`, { role: 'admin', permissions: [] });
  for (const { id } of [anna, berta]) assert.equal((await owner.call('DELETE', `/users/${id}`)).status, 204);
  const logins = (await owner.get('/logins')).items.map(({ email }: Json) => email);
  assert.deepEqual(logins.toSorted(), ['admin@vpc.com', 'berta@x.example']);
  assert.equal((await anna.call('GET', '/auth/me')).status, 401);
  assert.equal((await berta.call('GET', '/devices')).status, 403);
  const me = await berta.get('/auth/me');
  assert.deepEqual([me.factory, me.factories.map(({ slug }: Json) => slug)], [null, ['south']]);
});

test('a link sets a new password once, and ends what was signed in; of logins of elsewhere an owner makes it', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const admin = await member(running, owner, 'admin', 'admin');
  const anna = await member(running, owner, 'anna', 'viewer');
  const { status, body } = await admin.call('POST', `/users/${anna.id}/reset-password`);
  assert.equal(status, 200);
  const token = body.path.split('#')[1];
  assert.equal((await anna.call('GET', '/devices')).status, 200, 'making the link changes nothing');
  const use = (password: string) =>
    nobody(running).call('POST', '/auth/reset-password', { token, new_password: password });
  assert.equal((await use('short')).status, 422);
  assert.equal((await use('another password')).status, 204);
  assert.equal((await use('a third password')).status, 404);
  assert.equal((await anna.call('GET', '/devices')).status, 401);
  await signIn(running.ready.http, 'anna@x.example', 'another password');

  const made = await owner.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  await owner.call('PUT', `/logins/${anna.id}/memberships/${made.body.id}`, { role: 'viewer', permissions: [] });
  assert.equal((await admin.call('POST', `/users/${anna.id}/reset-password`)).status, 403);
  assert.equal((await owner.call('POST', `/logins/${anna.id}/reset-password`)).status, 200);
});

test('there is always an owner: nobody bars, demotes or removes themselves', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { id } = (await owner.get('/auth/me')).user;
  for (const [method, body] of [
    ['PATCH', { is_active: false }],
    ['PATCH', { is_super_admin: false }],
    ['DELETE', undefined],
  ] as const) {
    assert.equal((await owner.call(method, `/logins/${id}`, body)).status, 409, method);
  }
  const anna = await member(running, owner, 'anna', 'viewer');
  assert.equal((await owner.call('PATCH', `/logins/${anna.id}`, { is_super_admin: true })).status, 200);
  assert.equal((await anna.call('GET', '/factories')).status, 401, 'sessions of before have ended');
  const now = await signIn(running.ready.http, 'anna@x.example', PASSWORD);
  assert.equal((await now.call('GET', '/factories')).status, 200);
  assert.equal((await now.call('PATCH', `/logins/${id}`, { is_active: false })).status, 200);
  assert.equal((await owner.call('GET', '/auth/me')).status, 401);
});

test('people see their own sessions and end them, one or all others', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  await member(running, owner, 'anna', 'viewer');
  const { http } = running.ready;
  const [here, there, elsewhere] = [
    await signIn(http, 'anna@x.example', PASSWORD),
    await signIn(http, 'anna@x.example', PASSWORD),
    await signIn(http, 'anna@x.example', PASSWORD),
  ];
  const { items } = await here.get('/profile/sessions');
  assert.equal(items.length, 4);
  assert.equal(items.filter(({ is_current }: Json) => is_current).length, 1);
  assert.ok(items.every(({ address, user_agent }: Json) => address === '127.0.0.1' && user_agent === 'node'));
  const other = (await there.get('/profile/sessions')).items.find(({ is_current }: Json) => is_current);
  assert.equal((await owner.call('DELETE', `/profile/sessions/${other.id}`)).status, 404);
  assert.equal((await here.call('DELETE', `/profile/sessions/${other.id}`)).status, 204);
  assert.equal((await there.call('GET', '/auth/me')).status, 401);
  assert.equal((await here.call('DELETE', `/profile/sessions/${other.id}`)).status, 404);
  assert.equal((await here.call('DELETE', '/profile/sessions')).body.ended, 2);
  assert.equal((await elsewhere.call('GET', '/auth/me')).status, 401);
  assert.equal((await here.call('GET', '/auth/me')).status, 200);
});

test('name and theme belong to the login, wherever it signs in', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const change = { name: '  Frau Müller ', theme: 'dark', language: 'en', units: 'imperial' };
  const { body } = await owner.call('PATCH', '/profile', change);
  assert.deepEqual([body.user.name, body.user.theme, body.user.units], ['Frau Müller', 'dark', 'imperial']);
  assert.equal((await owner.call('PATCH', '/profile', {})).body.user.units, 'imperial');
  const again = (await (await running.signIn()).get('/auth/me')).user;
  assert.deepEqual([again.name, again.theme, again.language], ['Frau Müller', 'dark', 'en']);
  assert.equal((await owner.call('PATCH', '/profile', { units: null })).body.user.units, null);
});

test('an open stream of somebody who is barred from the appliance ends', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await member(running, owner, 'anna', 'viewer');
  await using stream = await openStream(running.ready.http, anna.token);
  await stream.next('hello');
  await owner.call('PATCH', `/logins/${anna.id}`, { is_active: false });
  await eventually(async () => ((await anna.call('GET', '/auth/me')).status === 401 ? true : undefined));
  await stream.ended;
});
