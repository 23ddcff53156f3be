import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type Access, route } from '../../../src/api/route.ts';
import { HERE, OWNER, setUpOwner } from '../../support/accounts.ts';
import { testApi } from '../../support/api.ts';

const SOUTH = { name: 'South', slug: 'south', timezone: 'UTC' };

const routeFor = (name: string, access: Access) =>
  route({
    method: 'get',
    path: `/test/${name}`,
    access,
    tag: 'Test',
    summary: 'Says who asks',
    reply: z.object({ email: z.string().nullable(), scope: z.string().nullable() }),
    handle: ({ identity, scope }) => ({ email: identity?.email ?? null, scope: scope?.slug ?? null }),
  });

const NAMES = [
  'public',
  'local',
  'signed_in',
  'super_admin',
  'viewer',
  'operator',
  'admin',
  'devices',
  'users',
] as const;
const OF_FACTORY: ReadonlySet<string> = new Set(['viewer', 'operator', 'admin', 'devices', 'users']);

const routes = NAMES.map((name) =>
  routeFor(name, OF_FACTORY.has(name) ? ({ factory: name } as Access) : (name as Access)),
);

/** The owner, members of `north` in each role, a user without a factory, and nobody. */
async function crowd() {
  const api = await testApi({ routes });
  const owner = await setUpOwner(api.accounts);
  const scope = api.accounts.factories.scopeBySlug('north') ?? assert.fail('no factory');
  const tokens: Record<string, string> = { owner: owner.accessToken };
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const email = `${role}@example.com`;
    await api.accounts.users.add({ email, password: 'correct horse', membership: { scope, role } });
    tokens[role] = (await api.accounts.sessions.signIn(email, { password: 'correct horse' }, HERE)).accessToken;
  }
  const technician = { scope, role: 'viewer', permissions: ['devices'] } as const;
  await api.accounts.users.add({ email: 'technician@example.com', password: 'correct horse', membership: technician });
  tokens.technician = (await api.accounts.sessions.signIn('technician@example.com', OWNER, HERE)).accessToken;
  tokens.key = api.accounts.apiKeys.create(
    scope,
    { userId: owner.identity.userId, factory: owner.identity.factory ?? assert.fail('no factory') },
    { name: 'Grafana', role: 'viewer', permissions: ['devices'], expiresAt: null },
  ).secret;
  await api.accounts.users.add({ email: 'lost@example.com', password: 'correct horse' });
  tokens.lost = (
    await api.accounts.sessions.signIn('lost@example.com', { password: 'correct horse' }, HERE)
  ).accessToken;
  return { ...api, scope, owner, tokens };
}

test('each kind of access lets in who it says, and nobody else', async () => {
  await using api = await crowd();
  const expected: Record<string, readonly number[]> = {
    nobody: [200, 200, 401, 401, 401, 401, 401, 401, 401],
    lost: [200, 200, 200, 403, 403, 403, 403, 403, 403],
    viewer: [200, 200, 200, 403, 200, 403, 403, 403, 403],
    technician: [200, 200, 200, 403, 200, 403, 403, 200, 403],
    operator: [200, 200, 200, 403, 200, 200, 403, 403, 403],
    admin: [200, 200, 200, 403, 200, 200, 200, 200, 200],
    owner: [200, 200, 200, 200, 200, 200, 200, 200, 200],
    key: [200, 200, 403, 403, 200, 403, 403, 200, 403],
  };
  for (const [who, statuses] of Object.entries(expected)) {
    const token = api.tokens[who];
    const answers = await Promise.all(NAMES.map((name) => api.call('GET', `/test/${name}`, token ? { token } : {})));
    assert.deepEqual(
      answers.map((answer) => answer.status),
      statuses,
      who,
    );
  }
});

test('only routes with factory access are handed a scope, and it is the selected one', async () => {
  await using api = await crowd();
  const viewer = api.tokens.viewer ?? '';
  assert.deepEqual((await api.call('GET', '/test/viewer', { token: viewer })).json, {
    email: 'viewer@example.com',
    scope: 'north',
  });
  assert.equal((await api.call('GET', '/test/signed_in', { token: viewer })).json.scope, null);
});

test('every route that changes something, and is not the way in, needs a session', async () => {
  await using api = await crowd();
  const open = api.api.routes.filter((declared) => declared.method !== 'get' && declared.access === 'public');
  assert.deepEqual(open.map((declared) => declared.path).sort(), [
    '/auth/login',
    '/auth/logout',
    '/auth/refresh',
    '/auth/reset-password',
    '/invites/accept',
    '/invites/look-up',
    '/setup',
    '/setup/check-code',
  ]);
});

test('factories are made and listed by super admins alone, page by page', async () => {
  await using api = await crowd();
  const { owner, admin } = api.tokens;
  assert.equal((await api.call('POST', '/factories', { token: admin ?? '', json: SOUTH })).status, 403);
  const made = await api.call('POST', '/factories', { token: owner ?? '', json: SOUTH });
  assert.equal(made.status, 201);
  assert.deepEqual([made.json.slug, made.json.timezone], ['south', 'UTC']);
  assert.equal((await api.call('POST', '/factories', { token: owner ?? '', json: SOUTH })).status, 409);
  const zone = await api.call('POST', '/factories', { token: owner ?? '', json: { ...SOUTH, timezone: 'Mars' } });
  assert.deepEqual([zone.status, zone.json.errors[0].pointer], [422, '/timezone']);
  const first = await api.call('GET', '/factories?limit=1', { token: owner ?? '' });
  assert.deepEqual([first.json.items.length, first.json.items[0].slug], [1, 'north']);
  const second = await api.call('GET', `/factories?limit=1&cursor=${first.json.next_cursor}`, { token: owner ?? '' });
  assert.deepEqual([second.json.items[0].slug, second.json.next_cursor], ['south', null]);
  assert.equal((await api.call('GET', '/factories?cursor=nonsense', { token: owner ?? '' })).status, 422);
});

test('a credential is shown once; to another factory it looks missing', async () => {
  await using api = await crowd();
  const token = api.tokens.admin ?? '';
  const made = await api.call('POST', '/device-credentials', { token, json: { name: 'press', devices: ['M01'] } });
  assert.equal(made.status, 201);
  assert.deepEqual(Object.keys(made.json).sort(), ['id', 'password', 'username']);
  assert.equal(made.json.username, 'north/press');
  const scope = api.accounts.deviceCredentials.authenticate('north/press', made.json.password)?.scope;
  assert.equal(scope?.slug, 'north');
  const listed = await api.call('GET', '/device-credentials', { token });
  assert.ok(!listed.text.includes(made.json.password));
  assert.deepEqual(listed.json.items[0].devices, ['M01']);

  const south = api.accounts.factories.create(SOUTH).scope;
  await api.accounts.users.add({
    email: 's@x',
    password: 'correct horse',
    membership: { scope: south, role: 'admin' },
  });
  const stranger = (await api.accounts.sessions.signIn('s@x', { password: 'correct horse' }, HERE)).accessToken;
  const refusal = async (id: string) => {
    const { status, json } = await api.call('DELETE', `/device-credentials/${id}`, { token: stranger });
    return { status, ...json, instance: '' };
  };
  const missing = await refusal('00000000-0000-4000-8000-000000000000');
  assert.equal(missing.status, 404);
  assert.deepEqual(await refusal(made.json.id), missing);
  assert.deepEqual(await refusal('nonsense'), missing);
  assert.deepEqual((await api.call('GET', '/device-credentials', { token: stranger })).json.items, []);
  assert.equal((await api.call('DELETE', `/device-credentials/${made.json.id}`, { token })).status, 204);
  assert.equal(api.accounts.deviceCredentials.authenticate('north/press', made.json.password), undefined);
});
