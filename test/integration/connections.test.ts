import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MqttClient } from 'mqtt';
import { eventually, type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { join } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { connectRaw, openRaw, type RawMqtt, telemetry } from '../support/raw-mqtt.ts';

const credentialOf = async (person: Person, name = 'gw', devices = ['M01']): Promise<Json> =>
  (await person.call('POST', '/device-credentials', { name, devices })).body;

async function secondFactory(running: RunningAppliance, owner: Person): Promise<Person> {
  const other = await owner.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: other.body.id });
  return personWith(running.ready.http, switched.body.access_token);
}

const present = async (person: Person, query = ''): Promise<Json[]> => (await person.get(`/connections${query}`)).items;
const log = async (person: Person, query = ''): Promise<Json[]> => (await person.get(`/connection-log${query}`)).items;

/** The entry for a reason, once it is there. */
const entry = (person: Person, reason: string, clientId: string): Promise<Json> =>
  eventually(async () => (await log(person, `?client_id=${clientId}`)).find((item: Json) => item.reason === reason));

const send = async (raw: RawMqtt, device = 'M01', slug = 'vpc') => {
  raw.send(telemetry(1, { metrics: { n: 1 } }, { device, slug }));
  await raw.next('puback');
};

test('who is connected is shown with what it has said of itself, what it sends and what it has subscribed to', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { username, password } = await credentialOf(person);
  const client = await running.connect({
    clientId: 'plc-7',
    username,
    password,
    keepalive: 45,
    clean: false,
    will: {
      topic: 'factories/vpc/devices/M01/telemetry',
      payload: Buffer.from('{"metrics":{}}'),
      qos: 1,
      retain: true,
    },
  });
  await client.subscribeAsync('factories/vpc/devices/M01/commands', { qos: 1 });
  const payload = JSON.stringify({ metrics: { n: 1 } });
  for (let n = 0; n < 3; n++) await client.publishAsync('factories/vpc/devices/M01/telemetry', payload, { qos: 1 });
  const [shown] = await present(person);
  assert.deepEqual(
    [shown.client_id, shown.username, shown.kind, shown.credential, shown.address, shown.transport, shown.tls_version],
    ['plc-7', 'vpc/gw', 'device', 'gw', '127.0.0.1', 'tcp', null],
  );
  assert.deepEqual([shown.clean_session, shown.keepalive_s], [false, 45]);
  assert.deepEqual([shown.received.messages, shown.received.bytes], [3, 3 * payload.length]);
  assert.ok(shown.received.messages_per_second > 0);
  assert.deepEqual(shown.subscriptions, [{ filter: 'factories/vpc/devices/M01/commands', qos: 1 }]);
  assert.deepEqual(shown.will, { topic: 'factories/vpc/devices/M01/telemetry', qos: 1, retain: true, bytes: 14 });
  const { id } = (await person.get('/devices?key=M01')).items[0];
  assert.deepEqual(shown.devices, [{ key: 'M01', id }]);
  assert.equal((await present(person, `?device_id=${id}`)).length, 1);
  assert.equal((await present(person, '?q=plc-8')).length, 0);
  await client.endAsync();
  await eventually(async () => ((await present(person)).length === 0 ? true : undefined));
  const [last] = await log(person, `?device_id=${id}`);
  assert.deepEqual([last.kind, last.reason, last.devices], ['disconnected', 'disconnected', [{ key: 'M01', id }]]);
  assert.match(last.detail, /^said goodbye after .*3 messages$/);
});

test('why each connection ended, or was refused, is said in plain words, with what helps', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { username, password, id } = await credentialOf(person);
  const url = running.ready.mqtt;
  const signedIn = (clientId: string, more = {}) => connectRaw(url, { clientId, username, password, ...more });

  (await signedIn('gone')).socket.destroy();
  const gone = await entry(person, 'left_without_goodbye', 'gone');
  assert.deepEqual([gone.kind, gone.count], ['dropped', 1]);
  assert.match(gone.remedy, /switched off or lost its network/);

  using silent = await signedIn('silent', { keepalive: 1 });
  await silent.closed;
  assert.match(
    (await entry(person, 'keepalive_timeout', 'silent')).detail,
    /^keepalive missed: nothing came for 1.5 s/,
  );

  using first = await signedIn('twice');
  using second = await signedIn('twice');
  await first.closed;
  const taken = await entry(person, 'taken_over', 'twice');
  assert.equal(taken.detail, 'taken over by the same client id from 127.0.0.1');
  second.socket.destroy();

  using greedy = await signedIn('greedy');
  greedy.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
  await greedy.closed;
  assert.match((await entry(person, 'packet_too_large', 'greedy')).detail, /bytes was announced/);

  using revoked = await signedIn('revoked');
  await person.call('DELETE', `/device-credentials/${id}`);
  await revoked.closed;
  assert.equal((await entry(person, 'credential_revoked', 'revoked')).kind, 'dropped');

  // One ending, one entry: what is told is not told again as a connection that broke.
  const dropped = (await log(person, '?kind=dropped')).filter((item: Json) => item.reason === 'left_without_goodbye');
  assert.deepEqual(dropped.map((item: Json) => item.client_id).toSorted(), ['gone', 'twice']);

  using http = await openRaw(url);
  http.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await http.closed;
  const [stray] = (await person.get('/connection-log/unassigned?kind=refused')).items;
  assert.deepEqual([stray.reason, stray.client_id], ['not_mqtt', '']);
  assert.match(stray.remedy, /TLS to a plain port/);
});

test('a client that flaps is one entry for each thing that it does, with how often', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { username, password } = await credentialOf(person);
  for (let n = 0; n < 20; n++) {
    const raw = await connectRaw(running.ready.mqtt, { clientId: 'flapping', username, password });
    raw.socket.destroy();
    await raw.closed;
  }
  const entries = await eventually(async () => {
    const found = await log(person);
    return found.length === 2 && found.every(({ count }) => count === 20) ? found : undefined;
  });
  assert.deepEqual(entries.map(({ kind }) => kind).toSorted(), ['connected', 'dropped']);
});

test('an anonymous sender is seen where it publishes, by its figures there, and by nobody before', async () => {
  await using running = await startAppliance();
  const a = await running.signIn();
  const b = await secondFactory(running, a);
  using raw = await connectRaw(running.ready.mqtt, { clientId: 'shared-gateway' });
  const unassigned = async () => (await a.get('/connections/unassigned')).items;
  assert.equal((await unassigned()).length, 1);
  assert.deepEqual([await present(a), await present(b)], [[], []]);
  await send(raw, 'M01', 'vpc');
  await send(raw, 'M01', 'vpc');
  assert.deepEqual([(await present(a)).length, await present(b), await unassigned()], [1, [], []]);
  await send(raw, 'M02', 'other');
  const figures = async (person: Person) =>
    (await present(person)).map(({ received, devices }) => [received.messages, devices.map(({ key }: Json) => key)]);
  assert.deepEqual([await figures(a), await figures(b)], [[[2, ['M01']]], [[1, ['M02']]]]);
  const [shown] = await present(a);
  assert.equal((await a.call('DELETE', `/connections/${shown.id}`)).status, 409);
  assert.equal((await a.call('DELETE', `/connections/unassigned/${shown.id}`)).status, 204);
  await raw.closed;
  for (const person of [a, b]) {
    const ended = await entry(person, 'ended_by_person', 'shared-gateway');
    assert.match(ended.detail, /^ended by /);
  }
});

test('no factory sees, or ends, a connection of another', async () => {
  await using running = await startAppliance();
  const a = await running.signIn();
  const b = await secondFactory(running, a);
  const { username, password } = await credentialOf(a);
  using raw = await connectRaw(running.ready.mqtt, { clientId: 'mine', username, password });
  await send(raw);
  const [shown] = await present(a);
  assert.deepEqual([await present(b), await log(b)], [[], []]);
  assert.equal((await b.call('DELETE', `/connections/${shown.id}`)).status, 404);
  const { id } = (await a.get('/devices?key=M01')).items[0];
  assert.equal((await b.call('GET', `/connections?device_id=${id}`)).status, 404);
  assert.equal((await present(a)).length, 1);
});

test('whoever may change devices sees connections, and ends them by name; others do not', async () => {
  await using running = await startAppliance();
  const owner = await running.signIn();
  const { username, password } = await credentialOf(owner);
  using raw = await connectRaw(running.ready.mqtt, { clientId: 'plc', username, password });
  const { http } = running.ready;
  const as = async (email: string, rights: { role: string; permissions?: string[] }) =>
    personWith(http, (await join(http, owner, email, rights)).token);
  const operator = await as('operator@x.example', { role: 'operator' });
  const keeper = await as('keeper@x.example', { role: 'viewer', permissions: ['devices'] });
  assert.equal((await operator.call('GET', '/connections')).status, 403);
  const [shown] = await present(keeper);
  assert.equal((await operator.call('DELETE', `/connections/${shown.id}`)).status, 403);
  assert.equal((await keeper.call('DELETE', `/connections/${shown.id}`)).status, 204);
  await raw.closed;
  assert.equal((await entry(owner, 'ended_by_person', 'plc')).detail, 'ended by keeper@x.example');
  assert.equal((await keeper.call('DELETE', `/connections/${shown.id}`)).status, 404);
});

test('present connections and the log come page by page, each once', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { username, password } = await credentialOf(person);
  const clients: MqttClient[] = [];
  for (const n of [3, 1, 2]) clients.push(await running.connect({ clientId: `c${n}`, username, password }));
  const pages = async (path: string) => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await person.get(`${path}?limit=2${cursor}`);
      seen.push(...page.items.map((item: Json) => item.client_id));
      if (page.next_cursor === null) return seen;
      cursor = `&cursor=${page.next_cursor}`;
    }
  };
  assert.deepEqual(await pages('/connections'), ['c1', 'c2', 'c3']);
  assert.deepEqual(await pages('/connection-log'), ['c2', 'c1', 'c3']);
  assert.equal((await person.call('GET', '/connection-log?cursor=nonsense')).status, 422);
  assert.equal((await person.call('GET', '/connection-log?kind=nonsense')).status, 422);
});

test('the will of an anonymous client that has sent nothing before is stored, and leaves no connection behind', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const unassigned = async () => (await person.get('/connections/unassigned')).items;
  const endings: [key: string, end: (client: MqttClient) => unknown][] = [
    ['M08', (client) => client.stream.destroy()],
    ['M09', async () => person.call('DELETE', `/connections/unassigned/${(await unassigned())[0].id}`)],
  ];
  for (const [key, end] of endings) {
    const topic = `factories/vpc/devices/${key}/telemetry`;
    const will = { topic, payload: Buffer.from('{"metrics":{"n":1}}'), qos: 1 as const, retain: false };
    await end(await running.connect({ clientId: `last-words-${key}`, will }));
    await eventually(async () => (await person.get(`/devices?key=${key}`)).items[0]);
    assert.deepEqual([await present(person), await unassigned()], [[], []], key);
  }
  // It had left by then: its will does not make it come.
  assert.deepEqual(await log(person, '?client_id=last-words-M09'), []);
});
