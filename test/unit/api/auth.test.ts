import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { OWNER, setUpOwner } from '../../support/accounts.ts';
import { cookiesOf, testApi } from '../../support/api.ts';

const LOGIN = { json: { email: OWNER.email, password: OWNER.password } };

async function signedInApi() {
  const api = await testApi();
  await setUpOwner(api.accounts);
  const login = await api.call('POST', '/auth/login', LOGIN);
  return { ...api, login, token: login.json.access_token as string, cookies: cookiesOf(login) };
}

test('a login answers what the contract says, and keeps the refresh token from scripts', async () => {
  await using api = await signedInApi();
  const { status, json, headers } = api.login;
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json).sort(), [
    'access_token',
    'expires_in',
    'factories',
    'factory',
    'token_type',
    'user',
  ]);
  assert.deepEqual([json.token_type, json.expires_in], ['bearer', 600]);
  assert.deepEqual([json.user.email, json.user.is_super_admin], [OWNER.email, true]);
  assert.deepEqual([json.factory.slug, json.factory.role, json.factory.timezone], ['north', 'admin', 'Europe/Berlin']);
  assert.deepEqual(json.factories, [json.factory]);
  const set = headers.getSetCookie();
  assert.equal(set.length, 2);
  for (const cookie of set) assert.match(cookie, /; path=\/api.*; samesite=strict; httponly$/);
});

test('a wrong login is 401 with the same body for a known and an unknown address', async () => {
  await using api = await signedInApi();
  const refusal = async (email: string) => {
    const { status, json, headers } = await api.call('POST', '/auth/login', { json: { email, password: 'nonsense' } });
    assert.equal(status, 401);
    assert.equal(headers.get('www-authenticate'), 'Bearer');
    assert.deepEqual(headers.getSetCookie(), []);
    return { ...json, instance: '' };
  };
  assert.deepEqual(await refusal(OWNER.email), await refusal('nobody@example.com'));
});

test('the bearer header and the cookie both say who is asking', async () => {
  await using api = await signedInApi();
  const byHeader = await api.call('GET', '/auth/me', { token: api.token });
  const byCookie = await api.call('GET', '/auth/me', { headers: { Cookie: api.cookies } });
  assert.deepEqual([byHeader.status, byCookie.status], [200, 200]);
  assert.deepEqual(byHeader.json, byCookie.json);
  assert.equal(byHeader.json.user.email, OWNER.email);
});

test('without a token, or with a broken one, a route that needs one answers 401', async () => {
  await using api = await signedInApi();
  const statusFor = async (headers: Record<string, string>) => (await api.call('GET', '/auth/me', { headers })).status;
  assert.equal(await statusFor({}), 401);
  assert.equal(await statusFor({ Authorization: 'Bearer nonsense' }), 401);
  assert.equal(await statusFor({ Authorization: `Basic ${api.token}` }), 401);
  assert.equal(await statusFor({ Authorization: 'Bearer nonsense', Cookie: api.cookies }), 401);
});

test('a page of another site cannot use the cookie to change anything', async () => {
  await using api = await signedInApi();
  const create = async (headers: Record<string, string>) => {
    const json = { name: `gw-${Math.random()}`, devices: ['*'] };
    // Only the access cookie: a browser sends the refresh cookie to the sign-in routes alone.
    const Cookie = api.cookies.split('; ').find((cookie) => cookie.startsWith('factoryops_access=')) ?? '';
    return (await api.call('POST', '/device-credentials', { json, headers: { Cookie, ...headers } })).status;
  };
  assert.equal(await create({ Origin: api.origin }), 201);
  assert.equal(await create({ Origin: 'http://evil.example' }), 403);
  assert.equal(await create({ Origin: 'null' }), 403);
  assert.equal(await create({ Origin: `http://127.0.0.1:${api.port + 1}` }), 403);
  assert.equal(await create({ 'Sec-Fetch-Site': 'cross-site' }), 403);
  assert.equal(await create({ Origin: 'http://evil.example', Authorization: `Bearer ${api.token}` }), 201);
});

test('a page of another site cannot end the session, or renew it, either', async () => {
  await using api = await signedInApi();
  const headers = { Cookie: api.cookies, Origin: 'http://evil.example' };
  for (const path of ['/auth/logout', '/auth/refresh'])
    assert.equal((await api.call('POST', path, { headers })).status, 403);
  assert.equal((await api.call('GET', '/auth/me', { token: api.token })).status, 200);
});

test('refreshing gives new tokens; using the old one again ends the session', async () => {
  await using api = await signedInApi();
  const refresh = (cookies: string) => api.call('POST', '/auth/refresh', { headers: { Cookie: cookies } });
  const second = await refresh(api.cookies);
  assert.equal(second.status, 200);
  assert.equal((await api.call('GET', '/auth/me', { token: second.json.access_token })).status, 200);
  const reused = await refresh(api.cookies);
  assert.equal(reused.status, 401);
  assert.match(reused.headers.getSetCookie().join(), /factoryops_refresh=;.*max-age=0;/);
  assert.equal((await refresh(cookiesOf(second))).status, 401);
  assert.equal((await api.call('GET', '/auth/me', { token: second.json.access_token })).status, 401);
});

test('logging out holds at once, with the header or the cookie, and takes the cookies back', async () => {
  await using api = await signedInApi();
  const other = await api.call('POST', '/auth/login', LOGIN);
  const byHeader = await api.call('POST', '/auth/logout', { token: api.token });
  assert.equal(byHeader.status, 204);
  assert.equal(byHeader.headers.getSetCookie().length, 2);
  assert.equal((await api.call('GET', '/auth/me', { token: api.token })).status, 401);
  assert.equal((await api.call('GET', '/auth/me', { token: other.json.access_token })).status, 200);
  api.clock.advance(3_600_000);
  assert.equal((await api.call('POST', '/auth/logout', { headers: { Cookie: cookiesOf(other) } })).status, 204);
  assert.equal((await api.call('POST', '/auth/refresh', { headers: { Cookie: cookiesOf(other) } })).status, 401);
  assert.equal((await api.call('POST', '/auth/logout')).status, 401);
});

test('switching the factory holds for the session; a factory that does not exist is 404', async () => {
  await using api = await signedInApi();
  const south = await api.call('POST', '/factories', {
    token: api.token,
    json: { name: 'South', slug: 'south', timezone: 'Asia/Tokyo' },
  });
  assert.equal(south.status, 201);
  const switchTo = (factory_id: string) =>
    api.call('POST', '/auth/switch-factory', { token: api.token, json: { factory_id } });
  const switched = await switchTo(south.json.id);
  assert.deepEqual([switched.status, switched.json.factory.slug], [200, 'south']);
  assert.equal((await api.call('GET', '/auth/me', { token: api.token })).json.factory.slug, 'south');
  for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense']) assert.equal((await switchTo(id)).status, 404);
});

test('changing the password says where the fault is, and ends the public password', async () => {
  await using api = await testApi();
  await api.accounts.seed();
  const login = await api.call('POST', '/auth/login', { json: { email: 'admin@vpc.com', password: 'Admin@123' } });
  assert.equal(login.json.user.password_is_public, true);
  const token = login.json.access_token;
  const change = (current_password: string, new_password: string) =>
    api.call('POST', '/auth/change-password', { token, json: { current_password, new_password } });
  const wrong = await change('nonsense', 'a better one');
  assert.deepEqual([wrong.status, wrong.json.errors[0].pointer], [422, '/current_password']);
  const short = await change('Admin@123', 'short');
  assert.deepEqual([short.status, short.json.errors[0].pointer], [422, '/new_password']);
  assert.equal((await change('Admin@123', 'a better one')).status, 204);
  assert.equal((await api.call('GET', '/auth/me', { token })).json.user.password_is_public, false);
});

test('what was asked for before a sign-out, and whose body comes after it, is not done', async () => {
  await using api = await testApi();
  const { accessToken } = await setUpOwner(api.accounts);
  const body = JSON.stringify({ name: 'gateway', devices: ['*'] });
  const answer = new Promise<number | undefined>((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${accessToken}`,
      'Content-Type': 'application/json',
      'Content-Length': body.length,
    };
    const posting = request(`${api.origin}/api/v1/device-credentials`, { method: 'POST', headers }, (reply) =>
      resolve(reply.resume().statusCode),
    );
    posting.on('error', reject);
    posting.write(body.slice(0, 5));
    void api.call('POST', '/auth/logout', { token: accessToken }).then(() => posting.end(body.slice(5)));
  });
  assert.equal(await answer, 401);
});
