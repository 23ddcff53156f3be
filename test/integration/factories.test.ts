import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { connectRaw, openRaw, type RawMqtt, telemetry } from '../support/raw-mqtt.ts';
import { openStream } from '../support/sse.ts';

/** A text that must never be seen outside factory B. */
const CANARY = 'canary-4711';

interface TwoFactories extends AsyncDisposable {
  readonly running: RunningAppliance;
  /** Signed in at factory A (`vpc`) and at factory B (`other`). */
  readonly a: Person;
  readonly b: Person;
  readonly gatewayA: { username: string; password: string };
  readonly gatewayB: { username: string; password: string };
}

async function twoFactories(): Promise<TwoFactories> {
  const running = await startAppliance();
  const a = await running.signIn();
  const made = await a.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'Asia/Kolkata' });
  assert.equal(made.status, 201);
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  assert.equal(switched.status, 200);
  const b = personWith(running.ready.http, switched.body.access_token);
  const credential = async (person: Person) =>
    (await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] })).body;
  const [gatewayA, gatewayB] = [await credential(a), await credential(b)];
  return { running, a, b, gatewayA, gatewayB, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const publishCanary = async ({ running, gatewayB }: TwoFactories) => {
  using raw = await connectRaw(running.ready.mqtt, { ...gatewayB, clientId: 'b' });
  raw.send(telemetry(1, { metrics: { [CANARY]: CANARY } }, { slug: 'other', device: CANARY }));
  raw.send(telemetry(2, `broken ${CANARY}`, { slug: 'other', device: CANARY }));
  await raw.next('puback');
  await raw.next('puback');
};

test('the API of one factory shows nothing of another, and a foreign id looks like a missing one', async () => {
  await using both = await twoFactories();
  await publishCanary(both);
  const [device] = (await both.b.get('/devices')).items;
  assert.equal(device.key, CANARY);
  const missing = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001';
  const paths = (id: string) =>
    [
      ['GET', `/devices/${id}`],
      ['PATCH', `/devices/${id}`, { name: 'mine now' }],
      ['GET', `/devices/${id}/parameters`],
      ['PATCH', `/devices/${id}/parameters/${CANARY}`, { unit: 'V' }],
      ['POST', `/devices/${id}/parameters/${CANARY}/reset-kind`],
      ['GET', `/devices/${id}/kpis/live`],
      ['GET', `/devices/${id}/kpis/history`],
      ['GET', `/devices/${id}/rejects`],
      ['DELETE', `/devices/${id}/rejects`],
      ['DELETE', `/devices/${id}`],
    ] as const;
  for (const [index, [method, path, body]] of paths(device.id).entries()) {
    const foreign = await both.a.call(method, path, body);
    const [, missingPath = ''] = paths(missing)[index] ?? [];
    const absent = await both.a.call(method, missingPath, body);
    assert.equal(foreign.status, 404, `${method} ${path}`);
    assert.deepEqual({ ...foreign.body, instance: '' }, { ...absent.body, instance: '' }, `${method} ${path}`);
  }
  for (const path of [
    '/devices',
    '/devices?q=canary',
    '/rejects',
    '/device-credentials',
    '/dashboard/summary',
    '/dashboard/devices',
  ]) {
    assert.doesNotMatch(JSON.stringify(await both.a.get(path)), new RegExp(CANARY), path);
  }
  assert.equal((await both.b.get(`/devices/${device.id}`)).name, CANARY);
  assert.equal((await both.b.get('/rejects')).items.length, 1);
});

test('the stream of one factory carries nothing of another, asked for by id or not', async () => {
  await using both = await twoFactories();
  await publishCanary(both);
  const [device] = (await both.b.get('/devices')).items;
  await using all = await openStream(both.running.ready.http, both.a.token);
  await using asked = await openStream(both.running.ready.http, both.a.token, { query: `?devices=${device.id}` });
  await using own = await openStream(both.running.ready.http, both.b.token);
  await all.next('hello');
  await asked.next('hello');
  await publishCanary(both);
  await eventually(() => (own.events.filter(({ event }) => event === 'values').length >= 2 ? true : undefined));
  assert.doesNotMatch(JSON.stringify([all.events, asked.events]), new RegExp(CANARY));
});

test('no subscription reaches another factory: wildcards, $SYS and shared subscriptions are answered 0x80', async () => {
  await using both = await twoFactories();
  using a = await connectRaw(both.running.ready.mqtt, { ...both.gatewayA, clientId: 'a' });
  const topics = [
    '#',
    '+/#',
    'factories/#',
    'factories/+/devices/+/commands',
    'factories/other/#',
    'factories/other/devices/M01/commands',
    'factories/other/devices/+/commands',
    'factories/vpc/devices/M01/telemetry',
    'factories/vpc/devices/#',
    '$SYS/#',
    '$SYS/+/new/clients',
    '$share/g/factories/other/devices/M01/commands',
    '$share/g/#',
  ];
  for (const [index, topic] of topics.entries()) {
    a.send({ cmd: 'subscribe', messageId: index + 1, subscriptions: [{ topic, qos: 1 }] });
    assert.deepEqual((await a.next('suback')).granted, [128], topic);
  }
  a.send({ cmd: 'subscribe', messageId: 99, subscriptions: [{ topic: 'factories/vpc/devices/+/commands', qos: 1 }] });
  assert.deepEqual((await a.next('suback')).granted, [1]);
  await both.running.appliance.publish({ topic: 'factories/other/devices/M01/commands', payload: CANARY, qos: 1 });
  await both.running.appliance.publish({ topic: 'factories/vpc/devices/M01/commands', payload: 'own', qos: 1 });
  await publishCanary(both);
  const command = await a.next('publish');
  assert.equal(command.payload.toString(), 'own');
  assert.equal(a.packets.filter(({ cmd }) => cmd === 'publish').length, 1);
});

test('a forbidden topic in a persistent subscription is not kept for later either', async () => {
  await using both = await twoFactories();
  const foreign = 'factories/other/devices/M01/commands';
  const connect = async () => {
    return connectRaw(both.running.ready.mqtt, { ...both.gatewayA, clientId: 'a', clean: false });
  };
  {
    using a = await connect();
    const subscriptions = [foreign, 'factories/vpc/devices/M01/commands'].map((topic) => ({ topic, qos: 1 as const }));
    a.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    assert.deepEqual((await a.next('suback')).granted, [128, 1]);
  }
  await both.running.appliance.publish({ topic: foreign, payload: CANARY, qos: 1 });
  await both.running.appliance.publish({ topic: 'factories/vpc/devices/M01/commands', payload: 'own', qos: 1 });
  using again = await connect();
  assert.equal((await again.next('publish')).payload.toString(), 'own');
  assert.equal(again.packets.filter(({ cmd }) => cmd === 'publish').length, 1);
});

test('publishing outside of one’s rights ends the connection, with the reason in the connection log', async () => {
  await using both = await twoFactories();
  const attempts: [what: string, send: (raw: RawMqtt) => void][] = [
    ['telemetry of another factory', (raw) => raw.send(telemetry(1, { metrics: { x: 1 } }, { slug: 'other' }))],
    [
      'a retained message elsewhere',
      (raw) => raw.send({ ...telemetry(1, 'x'), topic: 'plant/retained', retain: true } as never),
    ],
    ['$SYS', (raw) => raw.send({ ...telemetry(1, 'x'), topic: '$SYS/broker/x' } as never)],
    ['commands', (raw) => raw.send({ ...telemetry(1, 'x'), topic: 'factories/vpc/devices/M01/commands' } as never)],
  ];
  for (const [what, send] of attempts) {
    using raw = await connectRaw(both.running.ready.mqtt, { ...both.gatewayA, clientId: what });
    send(raw);
    await raw.closed;
    assert.deepEqual(
      raw.packets.filter(({ cmd }) => cmd === 'puback'),
      [],
      what,
    );
    const log = (await both.a.get('/connection-log?kind=refused,dropped')).items;
    const mine = log.filter((item: { client_id: string }) => item.client_id === what);
    assert.deepEqual(
      mine.map((item: { reason: string }) => item.reason),
      ['topic_not_allowed'],
      what,
    );
  }
  assert.deepEqual((await both.b.get('/devices')).items, []);
});

test('a will in another factory is refused at CONNECT; one of one’s own is stored', async () => {
  await using both = await twoFactories();
  const withWill = async (slug: string) => {
    const raw = await openRaw(both.running.ready.mqtt);
    const payload = Buffer.from(JSON.stringify({ metrics: { gone: true } }));
    raw.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'will',
      clean: true,
      keepalive: 0,
      username: both.gatewayA.username,
      password: Buffer.from(both.gatewayA.password),
      will: { topic: `factories/${slug}/devices/W1/telemetry`, payload, qos: 1, retain: true },
    });
    const { returnCode } = await raw.next('connack');
    return { raw, returnCode };
  };
  const foreign = await withWill('other');
  assert.equal(foreign.returnCode, 5);
  const own = await withWill('vpc');
  assert.equal(own.returnCode, 0);
  own.raw.socket.destroy();
  const device = await eventually(async () => (await both.a.get('/devices?key=W1')).items[0]);
  const live = await both.a.get(`/devices/${device.id}/kpis/live`);
  assert.equal(live.values[0].value, true);
  assert.deepEqual((await both.b.get('/devices')).items, []);
});

test('retained telemetry is stored and kept for nobody', async () => {
  await using both = await twoFactories();
  using a = await connectRaw(both.running.ready.mqtt, { ...both.gatewayA, clientId: 'a' });
  a.send(telemetry(1, { metrics: { x: 1 } }, { retain: true }));
  await a.next('puback');
  using late = await connectRaw(both.running.ready.mqtt, { ...both.gatewayA, clientId: 'late' });
  late.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'factories/vpc/devices/+/commands', qos: 1 }] });
  await late.next('suback');
  await assert.rejects(late.next('publish', 200));
  assert.equal((await both.a.get('/devices?key=M01')).items.length, 1);
});

test("the client id of another factory's device neither ends its connection nor takes its session", async () => {
  await using both = await twoFactories();
  using b = await connectRaw(both.running.ready.mqtt, { ...both.gatewayB, clientId: 'same', clean: false });
  b.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'factories/other/devices/M01/commands', qos: 1 }],
  });
  await b.next('suback');
  using a = await connectRaw(both.running.ready.mqtt, { ...both.gatewayA, clientId: 'same', clean: false });
  await both.running.appliance.publish({ topic: 'factories/other/devices/M01/commands', payload: 'for b', qos: 1 });
  assert.equal((await b.next('publish')).payload.toString(), 'for b');
  await assert.rejects(a.next('publish', 200));
});

test('anonymous senders may publish telemetry, and not subscribe; removed credentials end their connections', async () => {
  await using both = await twoFactories();
  using anonymous = await connectRaw(both.running.ready.mqtt);
  anonymous.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'factories/vpc/devices/M01/commands', qos: 0 }],
  });
  assert.deepEqual((await anonymous.next('suback')).granted, [128]);
  const { body } = await both.a.call('POST', '/device-credentials', { name: 'plc', devices: ['M07'] });
  using plc = await connectRaw(both.running.ready.mqtt, { ...body, clientId: 'plc' });
  plc.send(telemetry(1, { metrics: { x: 1 } }, { device: 'M07' }));
  await plc.next('puback');
  assert.equal((await both.a.call('DELETE', `/device-credentials/${body.id}`)).status, 204);
  await plc.closed;
  await assert.rejects(connectRaw(both.running.ready.mqtt, { ...body, clientId: 'plc' }), /CONNACK 4/);
});

test('with anonymous senders turned off, everyone has to sign in', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.anonymous': 'never' } });
  await assert.rejects(connectRaw(running.ready.mqtt), /CONNACK 5/);
});

test('MQTT over WebSocket follows the same rules, and is never anonymous', async () => {
  await using running = await startAppliance();
  const url = `${running.ready.http.replace('http', 'ws')}/mqtt`;
  const { connectAsync } = await import('mqtt');
  await assert.rejects(connectAsync(url, { reconnectPeriod: 0 }), /Not authorized/);
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'ws', devices: ['M09'] });
  const client = await connectAsync(url, { reconnectPeriod: 0, username: body.username, password: body.password });
  await client.publishAsync('factories/vpc/devices/M09/telemetry', '{"metrics":{"x":1}}', { qos: 1 });
  client.end(true);
  assert.equal((await person.get('/devices?key=M09')).items.length, 1);
});
