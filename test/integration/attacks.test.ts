import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join as joinPath } from 'node:path';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { SEED } from '../../src/accounts/accounts.ts';
import { eventually, type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { openStream } from '../support/sse.ts';

const NOW_S = () => Math.floor(Date.now() / 1_000);

/** The claims of a token. */
const claimsOf = (token: string): Json => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const keyOf = (running: RunningAppliance) => readFileSync(joinPath(running.config.data_dir, 'secret.key'));

const sign = (claims: Json, key: Uint8Array, change: { audience?: string; alg?: string; typ?: string } = {}) =>
  new SignJWT({ sid: claims.sid })
    .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'at+jwt' })
    .setSubject(claims.sub)
    .setIssuer('factoryops')
    .setAudience(change.audience ?? 'factoryops-api')
    .setIssuedAt(claims.iat)
    .setExpirationTime(claims.exp)
    .sign(key);

const raw = async (running: RunningAppliance, method: string, path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${running.ready.http}/api/v1${path}`, { method, ...init });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: (text === '' ? null : JSON.parse(text)) as Json };
};

const jsonOf = (person: Person | undefined, body: string): RequestInit => ({
  headers: {
    'Content-Type': 'application/json',
    ...(person && { Authorization: `Bearer ${person.token}` }),
  },
  body,
});

/** Sends bytes as they are. Returns all that is answered. */
const bytes = (running: RunningAppliance, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(running.ready.http).port) });
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
    socket.write(text, 'latin1');
  });

test('tokens of no algorithm, another key, audience or type, expired, or with a session of somebody else are refused', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await join(running.ready.http, owner, 'anna@x.example', { role: 'viewer' });
  const [mine, hers] = [claimsOf(owner.token), claimsOf(anna.token)];
  const key = keyOf(running);
  const right = await sign(mine, key);
  assert.equal((await personWith(running.ready.http, right).call('GET', '/auth/me')).status, 200);
  const [header = '', payload = '', signature = ''] = owner.token.split('.');
  const forged: Record<string, string> = {
    'no algorithm': `${part({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
    'no algorithm, with a signature': `${part({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'another key': await sign(mine, Buffer.alloc(32, 1)),
    'another algorithm': await sign(mine, key, { alg: 'HS512' }),
    'another audience': await sign(mine, key, { audience: 'somebody-else' }),
    'another type': await sign(mine, key, { typ: 'JWT' }),
    expired: await sign({ ...mine, iat: NOW_S() - 700, exp: NOW_S() - 100 }, key),
    'changed claims': `${header}.${part({ ...hers, sub: mine.sub })}.${signature}`,
    'a session of somebody else': await sign({ ...mine, sid: hers.sid }, key),
    'a session that is none': await sign({ ...mine, sid: 'nonsense' }, key),
    'an array': `${header}.${Buffer.from('[]').toString('base64url')}.${signature}`,
  };
  for (const [what, token] of Object.entries(forged)) {
    assert.equal((await personWith(running.ready.http, token).call('GET', '/auth/me')).status, 401, what);
  }
});

test('a refresh token that was used before ends its whole session, for the thief and for the owner', async () => {
  await using running = await startAppliance();
  const credentials = JSON.stringify({ email: SEED.email, password: SEED.password });
  const login = await raw(running, 'POST', '/auth/login', jsonOf(undefined, credentials));
  const cookieOf = ({ headers }: { headers: Headers }) =>
    headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith('factoryops_refresh='))
      ?.split(';')[0] ?? '';
  const stolen = cookieOf(login);
  const refresh = (cookie: string) => raw(running, 'POST', '/auth/refresh', { headers: { Cookie: cookie } });
  const renewed = await refresh(stolen);
  assert.equal(renewed.status, 200);
  assert.equal((await refresh(stolen)).status, 401);
  assert.equal((await refresh(cookieOf(renewed))).status, 401);
  assert.equal((await personWith(running.ready.http, renewed.body.access_token).call('GET', '/auth/me')).status, 401);
  const flags = login.headers.getSetCookie().map((cookie) => cookie.toLowerCase());
  assert.ok(flags.every((cookie) => cookie.includes('httponly') && cookie.includes('samesite=strict')));
});

test('a page of another site changes nothing with the cookies of whoever opens it', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const cookie = `factoryops_access=${owner.token}`;
  const post = (headers: Record<string, string>) =>
    raw(running, 'POST', '/invites', {
      headers: { Cookie: cookie, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ email: 'a@x.example', role: 'viewer', permissions: [] }),
    });
  const { http } = running.ready;
  for (const origin of [
    'https://evil.example',
    'null',
    `${http}.evil.example`,
    http.replace('127.0.0.1', 'localhost'),
  ]) {
    assert.equal((await post({ Origin: origin })).status, 403, origin);
  }
  assert.equal((await post({ 'Sec-Fetch-Site': 'cross-site' })).status, 403);
  assert.equal((await post({ Origin: http })).status, 201);
});

test('pages of other sites read nothing unless they are listed, and never with cookies', async () => {
  const flags = { 'http.cors_origins': ['https://grafana.example/'] };
  await using running = await startAppliance({ flags });
  await using closed = await startAppliance();
  const preflight = async (target: RunningAppliance, origin: string) => {
    const { headers } = await fetch(`${target.ready.http}/api/v1/devices`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    return [headers.get('Access-Control-Allow-Origin'), headers.get('Access-Control-Allow-Credentials')];
  };
  assert.deepEqual(await preflight(running, 'https://grafana.example'), ['https://grafana.example', null]);
  assert.deepEqual(await preflight(running, 'https://evil.example'), [null, null]);
  assert.deepEqual(await preflight(closed, 'https://grafana.example'), [null, null]);
});

test('no answer header can be made of what is sent', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const request = (more: string) =>
    bytes(running, `GET /api/v1/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n\r\n`);
  const split = await request('X-Request-ID: a\r\n\tSet-Cookie: evil=1');
  assert.doesNotMatch(split, /^Set-Cookie: evil/im);
  const odd = await request('X-Request-ID: <script>alert(1)</script>');
  assert.doesNotMatch(odd, /script/);
  const slug = `x"\r\nSet-Cookie: evil=1`;
  const made = await owner.call('POST', '/factories', { name: 'x', slug, timezone: 'UTC' });
  assert.equal(made.status, 422);
  const { body } = await owner.call('POST', '/factories', {
    name: 'x"\r\nSet-Cookie: evil=1',
    slug: 'x',
    timezone: 'UTC',
  });
  const answer = await fetch(`${running.ready.http}/api/v1/factories/${body.id}/export`, {
    headers: { Authorization: `Bearer ${owner.token}` },
  });
  assert.equal(answer.headers.get('Set-Cookie'), null);
  assert.match(answer.headers.get('Content-Disposition') ?? '', /^attachment; filename="x-[\d-]+\.zip"$/);
  await answer.arrayBuffer();
});

test('no file of the machine is had by a path, encoded or not', async () => {
  await using running = await startAppliance();
  const { token } = await running.signIn();
  for (const path of [
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/api/docs/..%2f..%2fpackage.json',
    '/assets/..%2f..%2fpackage.json',
    '/api/v1/imports/..%2f..%2fsecret.key',
    '/api/v1/factories/..%2f1/export',
    '//etc/passwd',
    '/..\\..\\secret.key',
    '/%00/secret.key',
  ]) {
    const answer = await bytes(
      running,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    assert.doesNotMatch(answer, /root:|"dependencies"/, path);
    assert.match(answer, /^HTTP\/1\.1 (200|404|400)/, path);
    // What is no file is a page of the application.
    if (answer.startsWith('HTTP/1.1 200')) assert.match(answer, /<!doctype html>/i, path);
  }
});

const HOSTILE = [
  "'; drop table users; --",
  "' or '1'='1",
  '" or ""="',
  "x' union select password_hash from users --",
  '%',
  '_',
  '\\',
  "');delete from main.memberships;--",
  '{{7*7}}',
];

test('SQL in every text is a text: it finds nothing, breaks nothing, and comes back as it was', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  await publishTo(running, 'vpc', 'M01', 'voltage');
  const [device] = (await owner.get('/devices')).items;
  const people = (await owner.get('/logins')).items.length;
  for (const text of HOSTILE) {
    const asked = encodeURIComponent(text);
    for (const path of [`/devices?q=${asked}`, `/devices?key=${asked}`, `/users?q=${asked}`, `/logins?q=${asked}`]) {
      const { status, body } = await owner.call('GET', path);
      assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
      assert.deepEqual(body.items, [], path);
    }
    const parameter = await owner.call('PATCH', `/devices/${device.id}/parameters/${asked}`, { unit: 'V' });
    assert.equal(parameter.status, 404);
    const renamed = await owner.call('PATCH', `/devices/${device.id}`, { name: text });
    assert.deepEqual([renamed.status, renamed.body.name], [200, text]);
    const unit = await owner.call('PATCH', `/devices/${device.id}/parameters/voltage`, { unit: text.slice(0, 32) });
    assert.equal(unit.status, 200);
    await publishTo(running, 'vpc', 'M02', text);
    const login = await personWith(running.ready.http, '').call('POST', '/auth/login', { email: text, password: text });
    assert.ok([401, 422, 429].includes(login.status), `${text}: ${login.status}`);
    const cursor = Buffer.from(JSON.stringify(text)).toString('base64url');
    assert.equal((await owner.call('GET', `/devices?cursor=${cursor}`)).status, 200);
    const profile = await owner.call('PATCH', '/profile', { name: text });
    assert.equal(profile.body.user.name, text);
  }
  assert.equal((await owner.get('/logins')).items.length, people);
  const [second] = (await owner.get('/devices?key=M02')).items;
  const names = (await owner.get(`/devices/${second.id}/parameters`)).items.map(({ name }: Json) => name);
  assert.deepEqual(
    HOSTILE.filter((text) => !names.includes(text)),
    [],
  );
});

test('JSON cannot reach the prototype, nor the stack', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const put = (body: string) => raw(running, 'PATCH', '/profile', jsonOf(owner, body));
  for (const body of [
    '{"__proto__": {"is_super_admin": true}}',
    '{"constructor": {"prototype": {"polluted": true}}}',
    '{"name": "x", "__proto__": {"theme": "dark"}}',
  ]) {
    const { status } = await put(body);
    assert.ok(status === 422 || status === 400, `${body}: ${status}`);
  }
  assert.equal(({} as Json).polluted, undefined);
  const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  assert.ok([400, 422].includes((await put(nested)).status));
  assert.ok([400, 422].includes((await put(`${'['.repeat(400_000)}${']'.repeat(400_000)}`)).status));
  const deep = `{"metrics": ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
  const client = await running.connect();
  await client.publishAsync('factories/vpc/devices/M01/telemetry', deep, { qos: 1 });
  await client.publishAsync('factories/vpc/devices/M01/telemetry', '{"metrics":{"__proto__":1,"constructor":2}}', {
    qos: 1,
  });
  await eventually(async () => ((await fetch(`${running.ready.http}/readyz`)).ok ? true : undefined));
  assert.equal(({} as Json).metrics, undefined);
});

test('what a body does not know it does not take: no role, no factory, no id slips in', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const anna = await join(running.ready.http, owner, 'anna@x.example', { role: 'viewer' });
  const annas = personWith(running.ready.http, anna.token);
  const [home] = (await owner.get('/auth/me')).factories;
  for (const [person, method, path, body] of [
    [annas, 'PATCH', '/profile', { name: 'x', is_super_admin: true }],
    [annas, 'PATCH', '/profile', { name: 'x', role: 'admin', factory_id: home.id }],
    [owner, 'PATCH', `/users/${anna.id}`, { role: 'viewer', is_super_admin: true }],
    [owner, 'PATCH', `/users/${anna.id}`, { role: 'owner' }],
    [owner, 'PATCH', `/users/${anna.id}`, { permissions: ['everything'] }],
    [owner, 'POST', '/invites', { email: 'b@x.example', role: 'viewer', permissions: [], factory_id: home.id }],
    [owner, 'POST', '/api-keys', { name: 'k', role: 'admin', permissions: [], expires_at: null }],
    [owner, 'POST', '/api-keys', { name: 'k', role: 'viewer', permissions: [], expires_at: null, user_id: anna.id }],
    [owner, 'POST', '/device-credentials', { name: 'c', devices: ['*'], factory_id: 2 }],
    [owner, 'POST', '/factories', { name: 'x', slug: 'x', timezone: 'UTC', id: home.id }],
  ] as const) {
    const answer = await person.call(method, path, body);
    assert.equal(answer.status, 422, `${path} ${JSON.stringify(body)}`);
  }
  const me = await annas.get('/auth/me');
  assert.deepEqual([me.user.is_super_admin, me.factory.role, me.user.name], [false, 'viewer', 'anna@x.example']);
});

test('whoever takes too much is told to wait, and others are not slowed down by it', async () => {
  await using running = await startAppliance({
    flags: { 'limits.user_requests_per_s': 5, 'limits.user_heavy_queries': 2 },
  });
  const owner = await running.signIn();
  const anna = await join(running.ready.http, owner, 'anna@x.example', { role: 'viewer' });
  const annas = personWith(running.ready.http, anna.token);
  const statuses = [];
  for (let request = 0; request < 80; request++) statuses.push((await annas.call('GET', '/auth/me')).status);
  assert.ok(
    statuses.slice(0, 50).every((status) => status === 200),
    'ten seconds’ worth at once',
  );
  assert.ok(statuses.includes(429));
  const refused = await raw(running, 'GET', '/auth/me', { headers: { Authorization: `Bearer ${anna.token}` } });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('Retry-After')) >= 1);
  assert.equal((await owner.call('GET', '/auth/me')).status, 200);
  const berta = await join(running.ready.http, owner, 'berta@x.example', { role: 'viewer' });
  const refusals = [];
  const bertas = personWith(running.ready.http, berta.token);
  for (let request = 0; request < 80; request++) refusals.push((await bertas.call('GET', '/logins')).status);
  assert.ok(refusals.includes(429), 'what is refused counts, too');
});

test('one factory cannot take all streams and questions; its own limits hold, and are its owner’s to set', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const [{ id }] = (await owner.get('/auth/me')).factories;
  const devices = (await owner.get('/devices')).items.length + 1;
  const limits = { devices, requests_per_s: 2, streams: 1, heavy_queries: null };
  const set = await owner.call('PUT', `/factories/${id}/limits`, limits);
  assert.deepEqual([set.body.devices, set.body.configured.devices, set.body.heavy_queries], [devices, 2_000, null]);
  await publishTo(running, 'vpc', 'M01', 'voltage');
  await publishTo(running, 'vpc', 'M02', 'voltage');
  const statuses = [];
  for (let request = 0; request < 40; request++) statuses.push((await owner.call('GET', '/devices')).status);
  assert.ok(statuses.includes(429));
  const open = { devices: null, requests_per_s: null, streams: 1, heavy_queries: null };
  await eventually(async () =>
    (await owner.call('PUT', `/factories/${id}/limits`, open)).status === 200 ? true : undefined,
  );
  const { items } = await eventually(async () => {
    const { status, body } = await owner.call('GET', '/devices');
    return status === 200 ? body : undefined;
  });
  const keys = items.map(({ key }: Json) => key);
  assert.deepEqual([keys.includes('M01'), keys.includes('M02')], [true, false]);
  // What may be asked fills up again from next to nothing: a request a few milliseconds after the one before comes too soon.
  await using stream = await eventually(async () => {
    const opened = await openStream(running.ready.http, owner.token);
    return opened.status === 200 ? opened : undefined;
  });
  await stream.next('hello');
  await using second = await openStream(running.ready.http, (await running.signIn()).token);
  assert.equal(second.status, 429);
  const refused = (await owner.get('/rejects')).items.filter(({ device_key }: Json) => device_key === 'M02');
  assert.match(JSON.stringify(refused), /devices, its limit/);
});
