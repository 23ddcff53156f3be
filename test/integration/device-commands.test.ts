import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IClientOptions, MqttClient } from 'mqtt';
import {
  eventually,
  type Person,
  personWith,
  type RunningAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { connectRaw, type RawMqtt } from '../support/raw-mqtt.ts';
import { openStream } from '../support/sse.ts';

const TOPIC = 'factories/vpc/devices/M01/commands';

interface Device {
  readonly id: string;
  readonly credential: { readonly username: string; readonly password: string };
}

/** A registered device with a credential of its own. */
async function deviceOf(running: RunningAppliance, person: Person, key = 'M01', slug = 'vpc'): Promise<Device> {
  await publishTo(running, slug, key, 'n');
  const { id } = (await person.get(`/devices?key=${key}`)).items[0];
  const made = await person.call('POST', '/device-credentials', { name: `cred-${key}`, devices: [key] });
  const { username, password } = made.body;
  return { id, credential: { username, password } };
}

/** Commands that a client is sent, as they come. */
function received(client: MqttClient): Json[] {
  const commands: Json[] = [];
  client.on('message', (topic, payload, packet) =>
    commands.push({ ...JSON.parse(payload.toString()), topic, qos: packet.qos }),
  );
  return commands;
}

async function listen(running: RunningAppliance, device: Device, options: IClientOptions = {}) {
  const client = await running.connect({ clientId: 'plc', ...device.credential, ...options });
  const commands = received(client);
  await client.subscribeAsync(TOPIC, { qos: 1 });
  return { client, commands };
}

const order = async (person: Person, device: Device, more: object = {}): Promise<Json> => {
  const answer = await person.call('POST', `/devices/${device.id}/commands`, { command: 'start', ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
};

const reaches = (person: Person, device: Device, id: string, status: string): Promise<Json> =>
  eventually(async () => {
    const command = await person.get(`/devices/${device.id}/commands/${id}`);
    return command.status === status ? command : undefined;
  });

const say = (client: MqttClient, id: string, status: string, more: object = {}, qos: 0 | 1 = 1) =>
  client.publishAsync(`${TOPIC}/ack`, JSON.stringify({ id, status, ...more }), { qos });

test('a device that is connected is sent a command at once, acknowledges it, and says what became of it', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const device = await deviceOf(running, person);
  const { client, commands } = await listen(running, device);
  await using stream = await openStream(running.ready.http, person.token);
  const issued = await order(person, device, { parameters: { speed_rpm: 1450 }, expires_in_s: 30 });
  assert.equal(issued.status, 'sent');
  const delivered = await reaches(person, device, issued.id, 'delivered');
  assert.equal(delivered.issued_by, 'VPC Admin');
  const { topic, qos, ...sent } = commands[0];
  assert.deepEqual([topic, qos], [TOPIC, 1]);
  assert.deepEqual(sent, {
    id: issued.id,
    command: 'start',
    parameters: { speed_rpm: 1450 },
    issued_at: issued.issued_at,
    expires_at: issued.expires_at,
  });
  assert.equal(Date.parse(sent.expires_at) - Date.parse(sent.issued_at), 30_000);
  // PUBACK comes when it is committed.
  await say(client, issued.id, 'accepted');
  assert.equal((await person.get(`/devices/${device.id}/commands`)).items[0].status, 'accepted');
  await say(client, issued.id, 'done', { message: 'running at 1450 rpm' }, 0);
  assert.equal((await reaches(person, device, issued.id, 'done')).message, 'running at 1450 rpm');
  const told: string[] = [];
  while (told.at(-1) !== 'done') {
    const { data } = await stream.next('command');
    assert.equal(data.id, issued.id);
    told.push(data.status);
  }
  assert.deepEqual(told, ['queued', 'sent', 'delivered', 'accepted', 'done']);
  assert.equal(commands.length, 1);
});

/** A client of the device whose every packet is kept, from the first one on. */
const rawOf = (running: RunningAppliance, device: Device, options: { clean?: boolean; clientId?: string } = {}) =>
  connectRaw(running.ready.mqtt, { clientId: 'plc', ...device.credential, ...options });

async function subscribe(raw: RawMqtt, topic = TOPIC): Promise<number> {
  raw.send({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic, qos: 1 }] });
  return (await raw.next('suback')).granted[0];
}

const commandsOf = (raw: RawMqtt): Json[] =>
  raw.packets.flatMap((packet) => (packet.cmd === 'publish' ? [JSON.parse(packet.payload.toString())] : []));

test('a device that is away gets a command when it comes back within its time, and not after', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const device = await deviceOf(running, person);
  {
    using first = await rawOf(running, device, { clean: false });
    await subscribe(first);
    first.send({ cmd: 'disconnect' });
    await first.closed;
  }
  const late = await order(person, device, { command: 'late', expires_in_s: 1 });
  const timely = await order(person, device, { command: 'timely' });
  assert.deepEqual([late.status, timely.status], ['queued', 'queued']);
  await reaches(person, device, late.id, 'expired');
  using back = await rawOf(running, device, { clean: false });
  const packet = await back.next('publish');
  assert.equal(JSON.parse(packet.payload.toString()).id, timely.id);
  back.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
  await reaches(person, device, timely.id, 'delivered');
  back.send({ cmd: 'pingreq' });
  await back.next('pingresp');
  assert.deepEqual(
    commandsOf(back).map(({ command }) => command),
    ['timely'],
  );
  assert.equal((await person.get(`/devices/${device.id}/commands/${late.id}`)).status, 'expired');
});

test('a device that subscribes for the first time gets what waits for it, in order; what was taken back it does not', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const device = await deviceOf(running, person);
  const issued = [];
  for (const command of ['one', 'two', 'three']) issued.push(await order(person, device, { command }));
  const cancelled = await person.call('POST', `/devices/${device.id}/commands/${issued[1].id}/cancel`);
  assert.equal(cancelled.body.status, 'cancelled');
  using raw = await rawOf(running, device);
  assert.equal(await subscribe(raw), 1);
  await raw.next('publish');
  await raw.next('publish');
  assert.deepEqual(
    commandsOf(raw).map(({ command }) => command),
    ['one', 'three'],
  );
  assert.equal((await person.call('POST', `/devices/${device.id}/commands/${issued[0].id}/cancel`)).status, 409);
  const { items, next_cursor: next } = await person.get(`/devices/${device.id}/commands?limit=2`);
  assert.deepEqual(
    items.map(({ command }: Json) => command),
    ['three', 'two'],
  );
  assert.equal((await person.get(`/devices/${device.id}/commands?limit=2&cursor=${next}`)).items[0].command, 'one');
});

test('a restart loses no command, and does not send one twice', async () => {
  using directory = temporaryDirectory();
  const issued: Json[] = [];
  let device: Device;
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const person = await running.signIn();
    device = await deviceOf(running, person);
    using raw = await rawOf(running, device);
    await subscribe(raw);
    issued.push(await order(person, device, { command: 'before', expires_in_s: 600 }));
    raw.send({ cmd: 'puback', messageId: (await raw.next('publish')).messageId ?? 0 });
    await reaches(person, device, issued[0].id, 'delivered');
    raw.send({ cmd: 'disconnect' });
    await raw.closed;
    issued.push(await order(person, device, { command: 'waiting', expires_in_s: 600 }));
  }
  await using running = await startAppliance({ dataDir: directory.path });
  const person = await running.signIn();
  using raw = await rawOf(running, device);
  await subscribe(raw);
  assert.equal(JSON.parse((await raw.next('publish')).payload.toString()).id, issued[1].id);
  raw.send({
    cmd: 'publish',
    topic: `${TOPIC}/ack`,
    payload: JSON.stringify({ id: issued[0].id, status: 'done' }),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  await raw.next('puback');
  const statuses = (await person.get(`/devices/${device.id}/commands`)).items.map(({ status }: Json) => status);
  assert.deepEqual(statuses, ['sent', 'done']);
  assert.equal(commandsOf(raw).length, 1);
});

test('neither other devices, nor anonymous senders, nor another factory see a command', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const device = await deviceOf(running, person);
  const neighbour = await deviceOf(running, person, 'M02');
  const made = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const other = personWith(running.ready.http, switched.body.access_token);
  const foreign = (await other.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] })).body;
  const spies = [
    await rawOf(running, neighbour, { clientId: 'neighbour' }),
    await connectRaw(running.ready.mqtt, { clientId: 'anonymous' }),
    await connectRaw(running.ready.mqtt, { clientId: 'foreign', ...foreign }),
  ];
  for (const spy of spies) {
    for (const topic of [TOPIC, 'factories/+/devices/+/commands', '#']) assert.equal(await subscribe(spy, topic), 0x80);
  }
  const { commands } = await listen(running, device);
  await using stream = await openStream(running.ready.http, other.token);
  const issued = await order(person, device);
  await reaches(person, device, issued.id, 'delivered');
  for (const spy of spies) {
    spy.send({ cmd: 'pingreq' });
    await spy.next('pingresp');
    assert.deepEqual(commandsOf(spy), []);
    spy.socket.destroy();
  }
  assert.equal(commands.length, 1);
  assert.equal(stream.events.filter(({ event }) => event === 'command').length, 0);
  const paths = ['', `/${issued.id}`].map((end) => `/devices/${device.id}/commands${end}`);
  for (const path of paths) assert.equal((await other.call('GET', path)).status, 404);
  assert.equal((await other.call('POST', `/devices/${device.id}/commands`, { command: 'stop' })).status, 404);
  assert.equal((await other.call('POST', `${paths[1]}/cancel`)).status, 404);
});

test('a device speaks for its own commands alone; what is unknown, late or no answer is listed as refused', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const device = await deviceOf(running, person);
  const neighbour = await deviceOf(running, person, 'M02');
  const { client } = await listen(running, device);
  const issued = await order(person, device);
  await reaches(person, device, issued.id, 'delivered');

  using thief = await rawOf(running, neighbour, { clientId: 'thief' });
  const ack = (topic: string, payload: object) =>
    thief.send({
      cmd: 'publish',
      topic,
      payload: JSON.stringify(payload),
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    });
  const own = 'factories/vpc/devices/M02/commands/ack';
  ack(own, { id: issued.id, status: 'failed' });
  await thief.next('puback');
  ack(`${TOPIC}/ack`, { id: issued.id, status: 'failed' });
  await thief.closed;
  using anonymous = await connectRaw(running.ready.mqtt, { clientId: 'anonymous' });
  anonymous.send({
    cmd: 'publish',
    topic: `${TOPIC}/ack`,
    payload: '{}',
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  await anonymous.closed;
  assert.equal((await person.get(`/devices/${device.id}/commands/${issued.id}`)).status, 'delivered');

  await say(client, issued.id, 'done');
  await say(client, issued.id, 'done');
  await say(client, issued.id, 'accepted');
  await client.publishAsync(`${TOPIC}/ack`, 'done', { qos: 1 });
  const refused = async (of: Device) =>
    (await person.get(`/devices/${of.id}/rejects`)).items
      .filter(({ reason }: Json) => /command/.test(reason))
      .map(({ reason, count }: Json) => [reason, count])
      .toSorted();
  assert.deepEqual(await refused(neighbour), [['unknown_command', 1]]);
  assert.deepEqual(await refused(device), [
    ['bad_command_answer', 1],
    ['late_command_answer', 1],
  ]);
});

test('who may change devices sends commands, and others see them; fifty wait at most', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const device = await deviceOf(running, owner);
  const { http } = running.ready;
  const as = async (email: string, rights: { role: string; permissions?: string[] }) =>
    personWith(http, (await join(http, owner, email, rights)).token);
  const people = {
    viewer: await as('viewer@x.example', { role: 'viewer' }),
    operator: await as('operator@x.example', { role: 'operator' }),
    keeper: await as('keeper@x.example', { role: 'viewer', permissions: ['devices'] }),
  };
  const path = `/devices/${device.id}/commands`;
  const send = async (person: Person) => (await person.call('POST', path, { command: 'start' })).status;
  assert.deepEqual(
    [await send(people.viewer), await send(people.operator), await send(people.keeper)],
    [403, 403, 201],
  );
  const [issued] = (await people.viewer.get(path)).items;
  assert.equal(issued.issued_by, 'keeper@x.example');
  assert.equal((await people.operator.call('POST', `${path}/${issued.id}/cancel`)).status, 403);
  const wrong = [
    { command: '' },
    { command: 'x', expires_in_s: 0 },
    { command: 'x', parameters: [1] },
    { command: 'a\nb' },
  ];
  for (const body of wrong) assert.equal((await owner.call('POST', path, body)).status, 422, JSON.stringify(body));
  for (let n = 1; n < 50; n++) assert.equal(await send(people.keeper), 201);
  assert.equal(await send(people.keeper), 429);
});

test('a device that was merged is reached under the key that it goes on with, and what waited for it goes on', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const old = await deviceOf(running, person);
  const waiting = await order(person, old, { expires_in_s: 600 });
  const remaining = await deviceOf(running, person, 'M02');
  const merged = await person.call('POST', `/devices/${old.id}/merge`, { into: remaining.id });
  assert.equal(merged.status, 200);
  const { client, commands } = await listen(running, old);
  await reaches(person, remaining, waiting.id, 'delivered');
  const issued = await order(person, remaining);
  await reaches(person, remaining, issued.id, 'delivered');
  await say(client, issued.id, 'done');
  await reaches(person, remaining, issued.id, 'done');
  assert.deepEqual(
    commands.map(({ id }) => id),
    [waiting.id, issued.id],
  );
});
