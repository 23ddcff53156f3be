import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../support/accounts.ts';
import { eventually, type Person, personWith, startAppliance } from '../support/appliance.ts';
import { join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { talk } from '../support/mqtt-talk.ts';
import { connectRaw, openRaw, telemetry } from '../support/raw-mqtt.ts';
import { openStream } from '../support/sse.ts';

const makeKey = async (person: Person, more: object = {}): Promise<{ id: string; secret: string }> => {
  const body = { name: 'Grafana', role: 'viewer', permissions: [], expires_at: null, ...more };
  const { status, body: made } = await person.call('POST', '/api-keys', body);
  assert.equal(status, 201, JSON.stringify(made));
  return { id: made.key.id, secret: made.secret };
};
const listed = async (person: Person): Promise<Json> => (await person.get('/api-keys')).items[0];

test('a key reads what its role may, is shown once, and says when it was last used and from where', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  await publishTo(running, 'vpc', 'M01', 'voltage');
  const { secret } = await makeKey(owner);
  assert.match(secret, /^fok_/);
  const program = personWith(running.ready.http, secret);
  const [device] = (await program.get('/devices')).items;
  assert.equal((await program.get(`/devices/${device.id}/kpis/live`)).values.length, 2);
  assert.equal((await program.call('PATCH', `/devices/${device.id}`, { name: 'x' })).status, 403);
  await using stream = await openStream(running.ready.http, secret);
  await stream.next('hello');
  const key = await listed(owner);
  assert.deepEqual([key.made_by, key.last_used_from, key.stopped], ['admin@vpc.com', '127.0.0.1', null]);
  assert.ok(Date.now() - Date.parse(key.last_used_at) < 60_000);
  assert.ok(!JSON.stringify(key).includes(secret.slice(-20)));
});

test('a key does nothing that is a person’s or an owner’s, though an owner made it', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { secret } = await makeKey(owner, { role: 'operator', permissions: ['devices', 'reports'] });
  const program = personWith(running.ready.http, secret);
  for (const [method, path, body] of [
    ['GET', '/auth/me'],
    ['GET', '/profile/sessions'],
    ['POST', '/auth/switch-factory', { factory_id: 'x' }],
    ['GET', '/factories'],
    ['GET', '/logins'],
    ['GET', '/users'],
    ['POST', '/invites', { email: 'x@x.example', role: 'viewer', permissions: [] }],
    ['POST', '/api-keys', { name: 'more', role: 'viewer', permissions: [], expires_at: null }],
  ] as const) {
    assert.equal((await program.call(method, path, body)).status, 403, path);
  }
  const storage = await program.call('GET', '/storage');
  assert.equal(storage.status, 403);
});

test('a key may no more than who made it: less when they may less, nothing when they are barred or gone', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { http } = running.ready;
  const { id, token } = await join(http, owner, 'anna@x.example', { role: 'admin' });
  const anna = personWith(http, token);
  const { secret } = await makeKey(anna, { role: 'operator', permissions: ['devices'] });
  const program = personWith(http, secret);
  const status = async (path: string) => (await program.call('GET', path)).status;
  assert.equal(await status('/device-credentials'), 200);
  await owner.call('PATCH', `/users/${id}`, { role: 'viewer', permissions: [] });
  assert.deepEqual([await status('/device-credentials'), await status('/devices')], [403, 200]);
  await owner.call('PATCH', `/users/${id}`, { is_active: false });
  assert.equal(await status('/devices'), 401);
  assert.equal((await listed(owner)).stopped, 'maker_gone');
  await owner.call('PATCH', `/users/${id}`, { is_active: true });
  assert.equal(await status('/devices'), 200);
  await owner.call('DELETE', `/users/${id}`);
  assert.equal(await status('/devices'), 401);
  assert.deepEqual((await owner.get('/api-keys')).items, []);
});

test('a key ends when it expires or is removed; nonsense is answered like one that is gone', async () => {
  const clock = fakeClock(Date.now());
  await using running = await startAppliance({ clock });
  const owner = await running.signIn();
  const past = new Date(clock.now() - 1).toISOString();
  const body = { name: 'late', role: 'viewer', permissions: [], expires_at: past };
  assert.equal((await owner.call('POST', '/api-keys', body)).status, 422);
  const { secret } = await makeKey(owner, { expires_at: new Date(clock.now() + 60_000).toISOString() });
  const ask = async (token: string) => {
    const answer = await personWith(running.ready.http, token).call('GET', '/devices');
    return { status: answer.status, body: { ...answer.body, instance: '' } };
  };
  assert.equal((await ask(secret)).status, 200);
  clock.advance(60_000);
  const gone = await ask(secret);
  assert.equal(gone.status, 401);
  const [start = '', id = ''] = secret.split('_');
  for (const token of ['fok_', 'fok_x', `${start}_${id}_${'A'.repeat(43)}`, `${secret}x`]) {
    assert.deepEqual(await ask(token), gone, token);
  }
});

test('over MQTT a key reads its factory’s topics along, publishes nothing, and is cut off when it ends', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { id, secret } = await makeKey(owner);
  const credentials = { username: 'api-key', password: secret, clientId: 'reader' };
  const { mqtt } = running.ready;
  using reader = await connectRaw(mqtt, credentials);
  reader.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'factories/vpc/devices/+/telemetry', qos: 1 }],
  });
  assert.deepEqual((await reader.next('suback')).granted, [1]);
  await publishTo(running, 'vpc', 'M01', 'voltage');
  const { topic, payload } = await reader.next('publish');
  assert.deepEqual([topic, JSON.parse(String(payload)).metrics.voltage], ['factories/vpc/devices/M01/telemetry', 7]);
  {
    using writer = await connectRaw(mqtt, { ...credentials, clientId: 'writer' });
    writer.send(telemetry(1, { metrics: { voltage: 1 } }, { slug: 'vpc', device: 'M01' }));
    await writer.closed;
  }
  using wrong = await openRaw(mqtt);
  wrong.send({
    cmd: 'connect',
    clientId: 'w',
    username: 'api-key',
    password: Buffer.from(`${secret}x`),
    keepalive: 0,
    clean: true,
  });
  assert.equal((await wrong.next('connack')).returnCode, 4);
  assert.equal((await owner.call('DELETE', `/api-keys/${id}`)).status, 204);
  await reader.closed;
});

test('over MQTT a key is cut off when its maker is barred, too', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { id, token } = await join(running.ready.http, owner, 'anna@x.example', { role: 'admin' });
  const { secret } = await makeKey(personWith(running.ready.http, token));
  using reader = await connectRaw(running.ready.mqtt, { username: 'api-key', password: secret, clientId: 'r' });
  await owner.call('PATCH', `/users/${id}`, { is_active: false });
  await eventually(() => (reader.socket.closed ? true : undefined));
});

test('a reader that does not read is sent away; the appliance, its memory and other readers do not feel it', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { secret } = await makeKey(owner);
  const other = await makeKey(owner, { name: 'other' });
  const subscribe = async (clientId: string, password: string) => {
    const reader = await connectRaw(running.ready.mqtt, { username: 'api-key', password, clientId });
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'factories/vpc/#', qos: 0 }] });
    await reader.next('suback');
    return reader;
  };
  using stuck = await subscribe('stuck', secret);
  using good = await subscribe('good', other.secret);
  stuck.socket.pause();
  const client = await running.connect();
  const topic = 'factories/vpc/devices/M01/telemetry';
  const before = process.memoryUsage().rss;
  const text = 'x'.repeat(250);
  const large = JSON.stringify({ metrics: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`s${i}`, text])) });
  for (let part = 0; part < 40; part++) {
    await Promise.all(Array.from({ length: 10 }, () => client.publishAsync(topic, large, { qos: 1 })));
  }
  for (let part = 0; part < 40; part++) {
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => client.publishAsync(topic, `{"metrics":{"n":${i}}}`, { qos: 1 })),
    );
  }
  await client.publishAsync('factories/vpc/devices/last/telemetry', '{"metrics":{"n":1}}', { qos: 1 });
  await eventually(() =>
    good.packets.some((packet) => packet.cmd === 'publish' && packet.topic.endsWith('/last/telemetry'))
      ? true
      : undefined,
  );
  stuck.socket.resume();
  await stuck.closed;
  assert.ok(process.memoryUsage().rss - before < 400_000_000);
  const entries = (await owner.get('/connection-log')).items;
  assert.ok(entries.some(({ reason }: Json) => reason === 'reads_too_slowly'));
  assert.equal((await fetch(`${running.ready.http}/readyz`)).status, 200);
});

test('one key has five connections at most', async () => {
  await using running = await startAppliance();
  const { secret } = await makeKey(await running.signIn());
  const sockets = [];
  for (let index = 0; index < 5; index++) {
    sockets.push(
      await connectRaw(running.ready.mqtt, { username: 'api-key', password: secret, clientId: `r${index}` }),
    );
  }
  using sixth = await openRaw(running.ready.mqtt);
  const password = Buffer.from(secret);
  sixth.send({ cmd: 'connect', clientId: 'r6', username: 'api-key', password, keepalive: 0, clean: true });
  assert.equal((await sixth.next('connack')).returnCode, 3);
  for (const socket of sockets) socket[Symbol.dispose]();
});

test('over MQTT a key reads nothing of a device that waits, was rejected or retired, nor that it is gone', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { secret } = await makeKey(owner);
  const client = await running.connect();
  const send = (key: string, payload = '{"metrics":{"n":1}}') =>
    client.publishAsync(`factories/vpc/devices/${key}/telemetry`, payload, { qos: 1 });
  const idOf = async (key: string, standing: string): Promise<string> =>
    (await owner.get(`/devices?key=${key}&standing=${standing}`)).items[0].id;
  const done = async (method: string, path: string, body?: object) =>
    assert.ok((await owner.call(method, path, body)).status < 300, path);
  await send('gone');
  await send('part');
  await send('whole');
  await done('PUT', '/device-admission', { mode: 'approve' });
  using reader = await talk(running.ready.mqtt, { username: 'api-key', password: Buffer.from(secret) });
  await reader.subscribe('factories/vpc/devices/+/telemetry', 'factories/vpc/devices/odd/#');
  await send('odd');
  await send('odd', 'broken');
  await done('POST', `/devices/${await idOf('odd', 'pending')}/reject`);
  await send('odd');
  await done('POST', `/devices/${await idOf('gone', 'active')}/retire`);
  await send('gone');
  await reader.nothing();
  await done('POST', `/devices/${await idOf('part', 'active')}/merge`, { into: await idOf('whole', 'active') });
  await send('part');
  assert.equal((await reader.receive()).topic, 'factories/vpc/devices/part/telemetry');
  await send('new');
  await reader.nothing();
  await done('POST', `/devices/${await idOf('new', 'pending')}/approve`);
  await send('new');
  assert.equal((await reader.receive()).topic, 'factories/vpc/devices/new/telemetry');
});
