import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { IConnectPacket } from 'mqtt-packet';
import { type Person, personWith, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { assertEnds, connectFrame, connectPacket, field, frame, talk } from '../support/mqtt-talk.ts';
import { connectRaw, openRaw } from '../support/raw-mqtt.ts';

/** Two factories in one appliance, where everything that can be opened is open. */
const running = await startAppliance({ flags: { 'mqtt.shared_topics': ['#'], 'mqtt.factory_bus': true } });
after(() => running[Symbol.asyncDispose]());
const url = running.ready.mqtt;
const owner = await running.signIn();

interface Member {
  readonly slug: string;
  readonly admin: Person;
  readonly login: Partial<IConnectPacket>;
  readonly readerLogin: Partial<IConnectPacket>;
}

async function memberOf(admin: Person, slug: string): Promise<Member> {
  const { body } = await admin.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  const key = { name: 'reader', role: 'viewer', permissions: [], expires_at: null };
  const { body: made } = await admin.call('POST', '/api-keys', key);
  return {
    slug,
    admin,
    login: { username: body.username, password: Buffer.from(body.password), clientId: `gw-${slug}` },
    readerLogin: { username: 'api-key', password: Buffer.from(made.secret), clientId: `r-${slug}` },
  };
}

async function otherFactory(): Promise<Member> {
  const { body } = await owner.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: body.id });
  return memberOf(personWith(running.ready.http, switched.body.access_token), 'other');
}

const a = await memberOf(owner, 'vpc');
const b = await otherFactory();
const will = (topic: string, retain = false) => ({
  topic,
  payload: Buffer.from('{"metrics":{"n":1}}'),
  qos: 1 as const,
  retain,
});

const reasons = async (person: Person, path = '/connection-log'): Promise<string[]> =>
  (await person.get(path)).items.map(({ reason }: Json) => reason);

/** Topics of factory B that nobody of A may write to. */
const FOREIGN = [
  'factories/other/devices/M01/telemetry',
  'factories/other/devices/M01/commands',
  'factories/other/devices/M01/status',
  'factories/other/alarms/1',
  'factories/other/bus/x',
  'factories/other/bus/../../vpc/bus/x',
  'factories/OTHER/bus/x',
  'factories//bus/x',
  'factories/vpc/bus',
  'factories/vpc/busx/y',
  'factories/vpc/devices/M01/commands',
  'factories/vpc/devices/M01/status',
  'factories',
  'factories/',
];

test('no will, retained or not, reaches another factory or what only the appliance publishes', async () => {
  for (const topic of FOREIGN) {
    for (const retain of [false, true]) {
      using raw = await openRaw(url);
      raw.send(connectPacket({ ...a.login, will: will(topic, retain) }));
      assert.equal((await raw.next('connack')).returnCode, 5, topic);
      await raw.closed;
    }
  }
  assert.ok((await reasons(a.admin)).includes('will_not_allowed'));
});

test('no message, retained or not, reaches another factory, and who tries is cut off', async () => {
  using device = await talk(url, { ...b.login, clientId: 'watching' });
  using reader = await talk(url, b.readerLogin);
  await device.subscribe('#', '+/+/bus/#', 'factories/other/bus/#', 'factories/other/devices/+/commands');
  await reader.subscribe('factories/other/bus/#', 'factories/other/alarms/#');
  for (const topic of FOREIGN) {
    for (const retain of [false, true]) {
      using attacker = await talk(url, a.login);
      attacker.send({ cmd: 'publish', topic, payload: 'attack', qos: 1, messageId: 1, dup: false, retain });
      await attacker.closed;
      assert.ok(!attacker.packets.some(({ cmd }) => cmd === 'puback'), topic);
    }
  }
  await device.nothing();
  await reader.nothing();
  using late = await talk(url, { ...b.login, clientId: 'late' });
  await late.subscribe('#', 'factories/other/bus/#');
  await late.nothing();
});

test('the bus of a factory is heard by its members alone, connected or away, whatever they subscribe to', async () => {
  using member = await talk(url, { ...a.login, clientId: 'member' });
  await member.subscribe('factories/vpc/bus/#');
  const spies = [
    ['device of the other factory', { ...b.login, clientId: 'spy' }],
    ['reader of the other factory', { ...b.readerLogin, clientId: 'spy' }],
    ['nobody', { clientId: 'spy' }],
  ] as const;
  const filters = ['#', '+/#', '+/+/bus/#', '+/vpc/bus/x', 'factories/+/bus/#', 'factories/vpc/bus/#', 'factories/#'];
  for (const [who, login] of spies) {
    const spy = await talk(url, { ...login, clean: false });
    const granted = await spy.subscribe(...filters);
    assert.deepEqual(granted.slice(4), [0x80, 0x80, 0x80], who);
    await member.publish('factories/vpc/bus/x', 'ours', { qos: 1, retain: true });
    assert.equal((await member.receive()).text, 'ours');
    await spy.nothing();
    await spy.disconnect();
    const ours = { topic: 'factories/vpc/bus/x', payload: 'ours', qos: 1 } as const;
    assert.deepEqual(await running.appliance.publish(ours), { sent: 1, queued: 0 }, who);
    await member.receive();
    using back = await talk(url, { ...login, clean: false });
    await back.subscribe('#');
    await back.nothing();
  }
  await member.publish('factories/vpc/bus/x', '', { qos: 1, retain: true });
});

test('who is anonymous has shared topics, telemetry, and nothing of any factory', async () => {
  using stranger = await talk(url, { clientId: 'stranger' });
  assert.deepEqual(
    await stranger.subscribe(
      'lobby/#',
      'factories/vpc/devices/+/commands',
      'factories/vpc/bus/#',
      'factories/vpc/devices/M01/status',
    ),
    [2, 0x80, 0x80, 0x80],
  );
  using other = await talk(url, { ...b.login, clientId: 'guest' });
  await other.publish('lobby/x', 'hello', { qos: 1 });
  assert.equal((await stranger.receive()).text, 'hello');
  stranger.send({ cmd: 'publish', topic: 'factories/vpc/bus/x', payload: 'x', qos: 0, dup: false, retain: false });
  await stranger.closed;
});

test('without configuration there is no bus and nothing is shared', async () => {
  await using plain = await startAppliance();
  const member = await memberOf(await plain.signIn(), 'vpc');
  for (const login of [{}, member.login]) {
    using client = await talk(plain.ready.mqtt, login);
    assert.deepEqual(await client.subscribe('#', 'x', 'factories/vpc/bus/#', '$SYS/#'), [0x80, 0x80, 0x80, 0x80]);
    for (const topic of ['x', '$x', 'factories/vpc/bus/x']) {
      using writer = await talk(plain.ready.mqtt, login);
      writer.send({ cmd: 'publish', topic, payload: 'x', qos: 0, dup: false, retain: true });
      await writer.closed;
    }
  }
  await assert.rejects(startAppliance({ flags: { 'mqtt.shared_topics': ['factories/vpc/#'] } }), /shared_topics/);
});

test('shared subscriptions and topics of the broker are refused', async () => {
  using client = await talk(url, a.login);
  const filters = [
    '$share/g/#',
    '$share/g/factories/other/bus/#',
    '$queue/x',
    '$SYS/#',
    '$SYS/broker/clients/+',
    '$session',
  ];
  for (const filter of filters) assert.deepEqual(await client.subscribe(filter), [0x80], filter);
  await client.publish('$SYS/broker/x', 'x', { qos: 1, retain: true });
  await client.publish('$share/g/x', 'x', { qos: 1, retain: true });
  using late = await talk(url, { clientId: 'late' });
  await late.subscribe('#');
  await late.nothing();
});

test('a device name cannot be a topic: separators, wildcards, U+0000, dots and great length reach nothing', async () => {
  const person = a.admin;
  const before = (await person.get('/devices?limit=500')).items.length;
  const cut = ['a/b', '+', '#', 'a+', 'a/../../../other/devices/x', '\0', 'a\0', '\ud800', '/', 'a/telemetry'];
  for (const name of cut) {
    using client = await talk(url, a.login);
    client.write(frame(0x32, `factories/vpc/devices/${name}/telemetry`, [0, 1], Buffer.from('{"metrics":{"n":1}}')));
    await client.closed;
    assert.ok(!client.packets.some(({ cmd }) => cmd === 'puback'), JSON.stringify(name));
  }
  // Inside one's topic it is taken and listed as refused.
  using client = await talk(url, a.login);
  for (const name of [
    '',
    'a b',
    'ä',
    'x'.repeat(65),
    'x'.repeat(60_000),
    '$SYS',
    '<script>',
    "'; drop table devices",
  ]) {
    await client.publish(`factories/vpc/devices/${name}/telemetry`, '{"metrics":{"n":1}}', { qos: 1 });
  }
  const { items } = await person.get('/devices?limit=500');
  assert.equal(items.length, before);
});

test('a client id that is known takes over nothing of another credential, and cannot leave its name space', async () => {
  const victim = await talk(url, { ...a.login, clientId: 'plc', clean: false });
  await victim.subscribe('factories/vpc/bus/#');
  const { body } = await a.admin.call('POST', '/device-credentials', { name: 'thief', devices: ['T1'] });
  const thief = { username: body.username, password: Buffer.from(body.password) };
  const { body: listed } = await a.admin.call('GET', '/device-credentials');
  const victimId = listed.items.find(({ name }: Json) => name === 'gw').id;
  const thieves: Partial<IConnectPacket>[] = [{}, thief, b.login, b.readerLogin];
  for (const login of thieves) {
    for (const clientId of ['plc', `${victimId}/plc`, `../${victimId}/plc`, 'anonymous/plc']) {
      using taken = await talk(url, { ...login, clientId, clean: false });
      assert.equal(taken.sessionPresent, false);
      await taken.nothing();
    }
  }
  await victim.nothing();
  assert.equal(victim.socket.closed, false);
});

test('who guesses at a password is told to wait and is listed; others at the same address, and who was in before, go on', async () => {
  const guess = async (username: string, password: string) => {
    using raw = await openRaw(url);
    raw.send(connectPacket({ username, password: Buffer.from(password), clientId: 'guess' }));
    const { returnCode } = await raw.next('connack');
    if (returnCode !== 0) await raw.closed;
    return returnCode;
  };
  const { body } = await a.admin.call('POST', '/device-credentials', { name: 'sleeper', devices: ['S1'] });
  const codes = [];
  for (let index = 0; index < 12; index++) codes.push(await guess('vpc/sleeper', `guess ${index}`));
  assert.deepEqual(codes.slice(0, 5), [4, 4, 4, 4, 4]);
  assert.deepEqual(codes.slice(5), Array(7).fill(5));
  assert.equal(await guess('vpc/sleeper', body.password), 0, 'who has the right one is not locked out');
  for (const { login } of [a, b]) assert.equal(await guess(login.username as string, `${login.password}`), 0);
  for (let index = 0; index < 12; index++) await guess('vpc/gw', `guess ${index}`);
  assert.equal(await guess('vpc/gw', 'another'), 5);
  assert.equal(await guess('vpc/gw', `${a.login.password}`), 0, 'nor who has signed in before');
  for (let index = 0; index < 12; index++) await guess('api-key', `guess ${index}`);
  assert.equal(await guess('api-key', 'another'), 5);
  const { items } = await a.admin.get('/connection-log');
  const entry = items.find(
    ({ reason, username }: Json) => reason === 'too_many_attempts' && username === 'vpc/sleeper',
  );
  assert.match(entry.detail, /wait \d+ s/);
  assert.ok(!JSON.stringify(items).includes(body.password));
});

test('CONNECTs by the thousand, whole and broken, leave the others as they are', async () => {
  using other = await connectRaw(url, { clientId: 'bystander' });
  const floods = [
    connectFrame({ payload: [field('flood')] }),
    connectFrame({ flags: 0, payload: [field('kept')] }),
    connectFrame({ level: 9 }),
    connectFrame({ flags: 0x03 }),
    frame(0x10, [0]),
  ];
  for (let part = 0; part < 100; part++) {
    await Promise.all(
      floods.map(async (bytes) => {
        const raw = await openRaw(url);
        raw.write(bytes);
        await new Promise((resolve) => raw.socket.write(Buffer.alloc(0), resolve));
        raw.socket.destroy();
      }),
    );
  }
  other.send({ cmd: 'pingreq' });
  await other.next('pingresp');
  assert.equal((await fetch(`${running.ready.http}/readyz`)).status, 200);
});

test('a CONNECT that trickles in is ended in time, and one whose end is missing is not acted upon', async () => {
  await using slow = await startAppliance({ flags: { 'mqtt.connect_timeout_s': 0.5, 'mqtt.frame_timeout_s': 0.5 } });
  using raw = await openRaw(slow.ready.mqtt);
  const bytes = connectFrame({ payload: [field('slow')] });
  const trickle = setInterval(() => raw.write(bytes.subarray(0, 1)), 100);
  raw.write(bytes.subarray(0, 12));
  try {
    await raw.closed;
    assert.deepEqual(raw.packets, []);
  } finally {
    clearInterval(trickle);
  }
  await assertEnds(slow.ready.mqtt, bytes.subarray(0, -1));
});

test('QoS 2 messages without PUBREL are bounded, and who goes on is cut off', async () => {
  for (const topic of ['flood/x', 'factories/vpc/devices/M01/telemetry']) {
    using client = await talk(url, { clientId: 'greedy' });
    for (let messageId = 1; messageId <= 200; messageId++) {
      const payload = '{"metrics":{"n":1}}';
      client.send({ cmd: 'publish', topic, payload, qos: 2, messageId, dup: false, retain: false });
    }
    await client.closed;
    assert.ok(client.packets.filter(({ cmd }) => cmd === 'pubrec').length <= 100);
  }
});

test('a subscriber that does not read what it is sent is cut off, and memory stays', async () => {
  using stuck = await talk(url, { clientId: 'stuck' });
  using good = await talk(url, { clientId: 'good' });
  using flood = await talk(url, { clientId: 'flood' });
  await stuck.subscribe(['stuck/#', 0]);
  await good.subscribe(['stuck/done', 1]);
  stuck.socket.pause();
  for (let part = 0; part < 100; part++) {
    await flood.publish('stuck/x', 'x'.repeat(200_000), { qos: 1 });
  }
  await flood.publish('stuck/done', 'done', { qos: 1 });
  assert.equal((await good.receive()).text, 'done');
  stuck.socket.resume();
  await stuck.closed;
  assert.ok((await reasons(owner, '/connection-log/unassigned')).includes('reads_too_slowly'));
});

test('a filter that stands in one SUBSCRIBE by the thousand brings what stands once, and what is too much of it is refused', async () => {
  const topic = 'factories/vpc/#';
  using reader = await talk(url, { ...a.readerLogin, clientId: 'repeats' });
  const granted = await reader.subscribe(...Array(12_000).fill(topic));
  assert.deepEqual(granted, [...Array(50).fill(2), ...Array(11_950).fill(0x80)]);
  const devices = (await a.admin.get('/devices?limit=500')).items.length;
  const topics = new Set<string>();
  for (let count = 0; count < devices; count++) topics.add((await reader.receive()).topic);
  assert.equal(topics.size, devices);
  await reader.nothing();
  await reader.unsubscribe(...Array(12_000).fill(topic));
  await reader.subscribe([topic, 0]);
  assert.ok(topics.has((await reader.receive()).topic));
});
