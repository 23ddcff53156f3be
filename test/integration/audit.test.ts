import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { SEED } from '../../src/accounts/accounts.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { personWith, runCommand, signIn, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { type Asked, AUDITED_ACTS, NO_ACTS } from '../support/audited-acts.ts';
import { POLICIES } from '../support/isolation-policy.ts';
import { type IsolationWorld, isolationWorld } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';

let world: IsolationWorld;
before(async () => {
  world = await isolationWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Sends a request with an id of its own, which the audit must name. */
async function send(method: string, { path, body, token = world.ownerA.token, cookie }: Asked) {
  const requestId = randomUUID();
  const isText = typeof body === 'string';
  const answer = await fetch(`${world.running.ready.http}/api/v1${path}`, {
    method,
    headers: {
      'X-Request-ID': requestId,
      ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(body === undefined ? {} : { 'Content-Type': isText ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  return { requestId, status: answer.status, text: await answer.text() };
}

const entriesOf = async (requestId: string): Promise<Json[]> =>
  (await world.ownerA.get(`/audit/appliance?q=${requestId}`)).items;

test('every route that changes something is in the list of acts, or left out for a reason', () => {
  const changing = Object.keys(POLICIES).filter((name) => !name.startsWith('GET '));
  const known = [...Object.keys(AUDITED_ACTS), ...Object.keys(NO_ACTS)];
  assert.deepEqual(known.toSorted(), changing.toSorted());
});

for (const [name, { action, ask, isOfFactory = true }] of Object.entries(AUDITED_ACTS)) {
  test(`${name} leaves an entry that says who, from where, by which request`, async () => {
    const asked = await ask(world);
    const { requestId, status, text } = await send(name.split(' ')[0] ?? '', asked);
    assert.ok(status < 300, `${status} ${text}`);
    const entries = await entriesOf(requestId);
    const told = entries.find((entry) => entry.action === action);
    assert.ok(told, `${action} is not among ${JSON.stringify(entries.map((entry) => entry.action))}`);
    assert.equal(told.address, '127.0.0.1');
    assert.equal(told.request_id, requestId);
    assert.equal(told.actor.kind, 'user');
    assert.match(told.actor.name, /@/);
    assert.match(told.actor.id, /^[0-9a-f-]{36}$/);
    assert.equal(told.factory !== null, isOfFactory);
    assert.ok(
      told.changes.length > 0 || told.details !== null || ['history.verify', 'connection.end'].includes(action),
    );
  });
}

test('what takes data away is told: exports of history, of a factory, of the audit itself', async () => {
  const { a } = world;
  for (const [path, action] of [
    ['/history/export?format=csv', 'history.export'],
    [`/devices/${a.device}/kpis/history?format=csv`, 'history.export'],
    [`/devices/kpis/history?devices=${a.device}&format=csv`, 'history.export'],
    [`/factories/${a.factory}/export`, 'factory.export'],
    ['/alerts?format=csv', 'alarm.export'],
    ['/audit/export?format=csv', 'audit.export'],
    ['/audit/appliance/export?format=json', 'audit.export'],
  ] as const) {
    const { requestId, status } = await send('GET', { path });
    assert.equal(status, 200, path);
    assert.deepEqual(
      (await entriesOf(requestId)).map((entry) => entry.action),
      [action],
      path,
    );
  }
  const { requestId } = await send('GET', { path: `/devices/${a.device}/kpis/history` });
  assert.deepEqual(await entriesOf(requestId), [], 'a chart is looked at, and taken nowhere');
});

test('what is refused is told, with who and from where: passwords, keys, and what a role does not allow', async () => {
  const viewer = world.askers.viewer?.token ?? '';
  const cases: [string, Asked, string, string, string][] = [
    [
      'POST',
      { path: '/auth/login', body: { email: SEED.email, password: 'CANARY-guess' }, token: '' },
      'auth.sign_in_refused',
      'nobody',
      SEED.email,
    ],
    [
      'POST',
      { path: '/auth/login', body: { email: 'CANARY-typed-into-the-wrong-field', password: 'x' }, token: '' },
      'auth.sign_in_refused',
      'nobody',
      '',
    ],
    ['GET', { path: '/devices', token: `${world.keyOfA.slice(0, -3)}AAA` }, 'auth.api_key_refused', 'nobody', ''],
    ['POST', { path: '/api-keys', body: {}, token: viewer }, 'auth.forbidden', 'user', 'POST /api-keys'],
    [
      'POST',
      {
        path: '/auth/change-password',
        body: { current_password: 'CANARY', new_password: 'correct horse' },
        token: viewer,
      },
      'auth.password_refused',
      'user',
      'viewer@a.example',
    ],
  ];
  for (const [method, asked, action, kind, name] of cases) {
    const { requestId, status } = await send(method, asked);
    assert.ok(status >= 400);
    const [entry, ...more] = await entriesOf(requestId);
    assert.deepEqual(
      [entry?.action, entry?.actor.kind, entry?.target.name, entry?.address, more.length],
      [action, kind, name, '127.0.0.1', 0],
    );
  }
  const [forbidden] = (await world.ownerA.get('/audit?action=auth.forbidden&target=api-keys')).items;
  assert.equal(forbidden.actor.name, 'viewer@a.example', "the factory's admins see it too");
});

test('a thousand refused sign-ins are two entries', async () => {
  const before = (await world.ownerA.get('/audit/appliance?limit=1')).items[0].seq;
  for (let index = 0; index < 40; index += 1) {
    await send('POST', { path: '/auth/login', body: { email: 'flood@x.example', password: 'x' }, token: '' });
  }
  const after = (await world.ownerA.get('/audit/appliance?limit=1')).items[0].seq;
  assert.equal(after - before, 1);
});

test('how pages look to somebody is not told, and their own name only so often', async () => {
  const token = world.askers.viewer?.token ?? '';
  const newest = async () => (await world.ownerA.get('/audit/appliance?limit=1')).items[0].seq;
  const before = await newest();
  for (const theme of ['dark', 'light', 'dark']) {
    assert.equal((await send('PATCH', { path: '/profile', body: { theme, units: null }, token })).status, 200);
  }
  assert.equal(await newest(), before);
  let last = { status: 200, text: '' };
  for (let index = 0; last.status === 200 && index < 500; index += 1) {
    last = await send('PATCH', { path: '/profile', body: { name: `viewer ${index}` }, token });
  }
  assert.equal(last.status, 429, last.text);
  assert.ok((await newest()) - before <= 310);
});

test('no secret is in the audit: no password, key, link, token or one-time code', async () => {
  const { http } = world.running.ready;
  const secrets: string[] = [
    SEED.password,
    'correct horse',
    'correct horse battery',
    'CANARY',
    world.keyOfA,
    world.ownerA.token,
  ];
  const keep = (value: string) => secrets.push(value);
  const credential = await world.ownerA.call('POST', '/device-credentials', { name: 'secret', devices: ['*'] });
  keep(credential.body.password);
  const key = await world.ownerA.call('POST', '/api-keys', {
    name: 'secret',
    role: 'viewer',
    permissions: [],
    expires_at: null,
  });
  // `fok_`, its id, and the secret itself, in which there may be a `_`.
  keep(key.body.secret.split('_').slice(2).join('_'));
  const invite = await world.ownerA.call('POST', '/invites', {
    email: 'secret@a.example',
    role: 'viewer',
    permissions: [],
  });
  keep(invite.body.link.path.split('#')[1]);
  const entered = await personWith(http, '').call('POST', '/invites/accept', {
    token: invite.body.link.path.split('#')[1],
    password: 'CANARY-password',
  });
  keep(entered.body.access_token);
  const factor = await personWith(http, entered.body.access_token).call('POST', '/profile/second-factor', {
    current_password: 'CANARY-password',
  });
  keep(factor.body.secret);
  const all = await send('GET', { path: '/audit/appliance/export?format=json' });
  const db = openDatabase(`${world.running.config.data_dir}/control.db`, { readonly: true });
  const hashes = [
    ...['select password_hash from users', 'select secret_hash from api_keys', 'select token_hash from sessions'],
    ...['select token_hash from invites', 'select secret from second_factors', 'select code_hash from recovery_codes'],
    ...['select password_hash from device_credentials', 'select token_hash from password_resets'],
  ].flatMap((sql) => db.prepare<[], string>(sql).pluck().all());
  db.close();
  assert.ok(all.text.length > 10_000);
  assert.ok(hashes.length > 20);
  for (const secret of [...secrets, ...hashes]) assert.ok(!all.text.includes(secret), secret);
});

test("a factory's admin sees what was done in it, and nothing of the appliance or of its neighbour", async () => {
  const http = world.running.ready.http;
  const admin = personWith(http, world.askers.admin?.token ?? '');
  const marked = { name: 'SECRET-OF-B' };
  assert.equal((await world.ownerB.call('PATCH', `/devices/${world.b.device}`, marked)).status, 200);
  const exported = await send('GET', { path: '/audit/export?format=json', token: admin.token });
  const listed: Json[] = JSON.parse(exported.text);
  assert.ok(listed.length > 20);
  assert.doesNotMatch(exported.text, /SECRET-OF-B|"seq"|"hash"/);
  assert.ok(!listed.some(({ action }) => action.startsWith('user.') || action.startsWith('audit.begin')));
  for (const { id } of (await world.ownerB.get('/audit')).items as Json[]) {
    assert.ok(!listed.some((entry) => entry.id === id));
  }
  for (const path of ['/audit/appliance', '/audit/appliance/export', '/audit/verification']) {
    assert.equal((await admin.call('GET', path)).status, 403);
  }
  assert.equal((await personWith(http, world.askers.operator?.token ?? '').call('GET', '/audit')).status, 403);
});

test('what touches several factories is told to each of them, with its own part alone', async () => {
  const member = await world.fresh.member();
  await world.ownerA.call('PUT', `/logins/${member}/memberships/${world.b.factory}`, {
    role: 'operator',
    permissions: [],
  });
  const { requestId } = await send('DELETE', { path: `/logins/${member}` });
  const entries = await entriesOf(requestId);
  assert.deepEqual(
    entries.map(({ factory, action, changes }) => [factory, action, changes.length]).toSorted(),
    [
      [null, 'user.delete', 1],
      ['other', 'membership.delete', 1],
      ['vpc', 'membership.delete', 1],
    ].toSorted(),
  );
});

test('the list can be narrowed, and read page by page without a gap', async () => {
  const { ownerA } = world;
  const get = async (query: string): Promise<Json[]> => (await ownerA.get(`/audit?${query}`)).items;
  const devices = await get('action=device.');
  assert.ok(devices.length > 1 && devices.every(({ action }) => action.startsWith('device.')));
  assert.ok((await get('action=device.update')).every(({ action }) => action === 'device.update'));
  assert.ok((await get(`actor=${SEED.email}`)).every(({ actor }) => actor.name === SEED.email));
  assert.ok((await get('target=own-0815')).length > 0);
  assert.deepEqual(await get('to=2020-01-01T00:00:00Z'), []);
  assert.deepEqual(await get('q=%25_%25'), [], 'no wildcard comes through');
  const paged: string[] = [];
  let cursor = '';
  do {
    const page: Json = await ownerA.get(`/audit?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
    paged.push(...page.items.map(({ id }: Json) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  assert.deepEqual(
    paged,
    (await get('limit=500')).map(({ id }) => id),
  );
  assert.equal(new Set(paged).size, paged.length);
  const times = (await get('limit=500')).map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    times.toSorted((one, other) => other - one),
  );
});

test('as CSV it has a row for each entry, and nothing that a spreadsheet would run', async () => {
  await world.ownerA.call('PATCH', `/devices/${world.a.device}`, { name: '=cmd|calc' });
  const { text } = await send('GET', { path: '/audit/export?format=csv&action=device.update' });
  const lines = text.trimEnd().split('\r\n');
  assert.match(lines[0] ?? '', /^id,at,action,actor_kind/);
  assert.ok(lines.length > 2);
  assert.doesNotMatch(text, /(^|,)=/m);
});

test('an act that cannot be written down does not happen', async () => {
  const connection = await world.fresh.connection();
  const commands = `/devices/${await world.fresh.device()}/commands`;
  const { id: command } = (await world.ownerA.call('POST', commands, { command: 'start' })).body;
  const verifiedAt = async () => (await world.ownerA.get('/storage')).verification?.started_at;
  const verification = await verifiedAt();
  const db = openDatabase(`${world.running.config.data_dir}/control.db`);
  db.exec("create trigger no_audit before insert on audit_entries begin select raise(abort, 'no'); end");
  try {
    const { name } = await world.ownerA.get(`/devices/${world.a.device}`);
    assert.equal((await world.ownerA.call('PATCH', `/devices/${world.a.device}`, { name: 'unheard' })).status, 500);
    assert.equal((await world.ownerA.get(`/devices/${world.a.device}`)).name, name);
    assert.equal(
      (await world.ownerA.call('POST', '/device-credentials', { name: 'unheard', devices: ['*'] })).status,
      500,
    );
    assert.equal((await send('GET', { path: '/history/export?format=csv' })).status, 500);
    assert.equal((await send('DELETE', { path: `/connections/${connection}` })).status, 500);
    assert.ok((await world.ownerA.get('/connections')).items.some(({ id }: Json) => id === connection));
    assert.equal((await send('POST', { path: `${commands}/${command}/cancel` })).status, 500);
    assert.equal((await world.ownerA.get(`${commands}/${command}`)).status, 'queued');
    assert.equal((await send('POST', { path: '/storage/verify' })).status, 500);
    assert.equal(await verifiedAt(), verification);
    const login = { email: SEED.email, password: SEED.password };
    assert.equal((await send('POST', { path: '/auth/login', body: login, token: '' })).status, 500);
  } finally {
    db.exec('drop trigger no_audit');
    db.close();
  }
  assert.ok(!(await world.ownerA.get('/device-credentials')).items.some(({ name }: Json) => name === 'unheard'));
  assert.equal((await world.ownerA.call('PATCH', `/devices/${world.a.device}`, { name: 'heard' })).status, 200);
});

test('what is refused because it is not there leaves no act', async () => {
  const { requestId, status } = await send('DELETE', { path: `/connections/${randomUUID()}` });
  assert.equal(status, 404);
  assert.deepEqual(await entriesOf(requestId), []);
});

test('verified through the API it is whole; one changed byte, and the API names the entry', async () => {
  const whole = await world.ownerA.get('/audit/verification');
  assert.deepEqual(whole.faults, []);
  assert.ok(whole.entries > 50);
  const db = openDatabase(`${world.running.config.data_dir}/control.db`);
  db.exec("drop trigger audit_stays; update audit_entries set target_name = target_name || ' ' where seq = 17");
  db.close();
  const forged = await world.ownerA.get('/audit/verification');
  assert.deepEqual(
    forged.faults.map(({ reason, from_seq }: Json) => [reason, from_seq]),
    [['altered', 17]],
  );
});

test('the audit of a factory that is gone stays, for the owners, with what it had', async () => {
  const slug = 'passing';
  const { id } = (await world.ownerA.call('POST', '/factories', { name: 'Passing', slug, timezone: 'UTC' })).body;
  const owner = await signIn(world.running.ready.http);
  const { access_token } = (await owner.call('POST', '/auth/switch-factory', { factory_id: id })).body;
  const there = personWith(world.running.ready.http, access_token);
  assert.equal((await there.call('POST', '/device-credentials', { name: 'gateway', devices: ['*'] })).status, 201);
  assert.equal((await owner.call('DELETE', `/factories/${id}?confirm=${slug}`)).status, 204);
  const { items } = await world.ownerA.get(`/audit/appliance?factory=${slug}`);
  const actions = items.map(({ action }: Json) => action);
  assert.deepEqual(actions, ['factory.delete', 'device_credential.create', 'auth.enter_factory', 'factory.create']);
  assert.ok(items[0].changes.some(({ kind, name }: Json) => kind === 'device_credential' && name === 'gateway'));

  // A new factory of the same name sees nothing of it.
  const again = (await world.ownerA.call('POST', '/factories', { name: 'Passing', slug, timezone: 'UTC' })).body;
  const second = await signIn(world.running.ready.http);
  const entered = (await second.call('POST', '/auth/switch-factory', { factory_id: again.id })).body;
  const own = await personWith(world.running.ready.http, entered.access_token).get('/audit');
  assert.deepEqual(
    own.items.map(({ action }: Json) => action),
    ['auth.enter_factory', 'factory.create'],
  );
});

test('the first run and the word of a person on the clock are told', async () => {
  let now = Date.UTC(2027, 3, 1);
  await using running = await startAppliance({ seeded: false, clock: { now: () => now }, monotonic: () => 0 });
  const { http, setup_code } = running.ready;
  const made = await personWith(http, '').call('POST', '/setup', {
    setup_code,
    ...{ email: 'me@x.example', password: 'correct horse', factory_name: 'Mine', factory_slug: 'mine' },
  });
  assert.equal(made.status, 201);
  const me = personWith(http, made.body.access_token);
  now += 30 * 86_400_000;
  await me.get('/clock').catch(() => undefined);
  const back = await signIn(http, 'me@x.example', 'correct horse');
  assert.equal((await back.call('POST', '/clock/confirm')).status, 200);
  const { items } = await (await signIn(http, 'me@x.example', 'correct horse')).get('/audit/appliance');
  const told = items.map(({ action, actor }: Json) => `${action} ${actor.kind} ${actor.name}`);
  assert.ok(told.includes('clock.confirm user me@x.example'), told.join('\n'));
  assert.ok(told.includes('factory.create user me@x.example'));
  assert.ok(told.includes('user.create user me@x.example'));
});

test('what is done at the command line is told as that, and doctor names the first entry that is not as it was written', async () => {
  using directory = temporaryDirectory();
  const dir = ['--data-dir', directory.path];
  const setup = [
    'setup',
    ...dir,
    '--email',
    'me@x.example',
    '--password-stdin',
    '--factory-name',
    'Mine',
    '--factory-slug',
    'mine',
  ];
  assert.equal((await runCommand(setup, 'correct horse')).code, 0);
  assert.equal(
    (await runCommand(['user', 'add', 'you@x.example', '--password-stdin', ...dir], 'correct horse')).code,
    0,
  );
  const doctor = async () => {
    const { stdout } = await runCommand(['doctor', '--json', ...dir]);
    return (JSON.parse(stdout).findings as Json[]).find(({ check }) => check === 'audit');
  };
  assert.deepEqual([(await doctor())?.level], ['ok']);
  const db = openDatabase(`${directory.path}/control.db`);
  const rows = db.prepare('select seq, action, actor_kind from audit_entries order by seq').all() as {
    seq: number;
    action: string;
    actor_kind: string;
  }[];
  assert.deepEqual(
    rows.map(({ action, actor_kind }) => [action, actor_kind]),
    [
      ['audit.begin', 'system'],
      ['factory.create', 'command_line'],
      ['user.create', 'command_line'],
      ['user.create', 'command_line'],
    ],
  );
  db.exec("drop trigger audit_stays; update audit_entries set actor_name = 'somebody else' where seq = 3");
  db.close();
  const found = await doctor();
  assert.equal(found?.level, 'error');
  assert.match(found?.message, /entry 3 is not as it was written/);

  const wiping = openDatabase(`${directory.path}/control.db`);
  wiping.exec(`drop trigger audit_goes_by_age; delete from audit_entries;
    update audit_ends set first_seq = 1, before_hash = x'', last_seq = 0, last_hash = x'', seal = x''`);
  wiping.close();
  rmSync(`${directory.path}/audit.head`);
  const emptied = await doctor();
  assert.equal(emptied?.level, 'error');
  assert.match(emptied?.message, /the audit is empty: all its entries, from entry 1 on, have been removed/);
  assert.match(emptied?.remedy, /keep a copy of the whole data directory/);
});
