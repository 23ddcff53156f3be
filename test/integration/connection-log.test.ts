import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/store/sqlite.ts';
import { type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { connectRaw, telemetry } from '../support/raw-mqtt.ts';

const log = async (person: Person): Promise<Json[]> => (await person.get('/connection-log?kind=refused,dropped')).items;
const credentialOf = async (person: Person): Promise<Json> =>
  (await person.call('POST', '/device-credentials', { name: 'gw', devices: ['M01'] })).body;

async function secondFactory(running: RunningAppliance, person: Person): Promise<Person> {
  const other = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: other.body.id });
  return personWith(running.ready.http, switched.body.access_token);
}

/** How many entries there are, page by page. */
async function allOf(person: Person): Promise<number> {
  const keys = new Set<string>();
  for (let cursor = ''; ; ) {
    const page = await person.get(`/connection-log?limit=500${cursor}`);
    for (const item of page.items) keys.add(`${item.client_id} ${item.reason}`);
    if (page.next_cursor === null) return keys.size;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** A connection that is to be refused. */
const knock = (running: RunningAppliance, options: Parameters<typeof connectRaw>[1]) =>
  assert.rejects(connectRaw(running.ready.mqtt, options));

test("a factory's admin sees why its devices could not connect or were cut off, newest first", async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { id, username, password } = await credentialOf(person);
  await knock(running, { clientId: 'plc', username, password: 'wrong' });
  await knock(running, { clientId: 'plc', username, password: 'wrong' });
  {
    using raw = await connectRaw(running.ready.mqtt, { clientId: 'cut', username, password });
    raw.send(telemetry(1, { metrics: { n: 1 } }, { device: 'M02' }));
    await raw.closed;
  }
  assert.equal((await person.call('DELETE', `/device-credentials/${id}`)).status, 204);
  await knock(running, { clientId: 'late', username, password });
  const items = await log(person);
  assert.deepEqual(
    items.map((item) => [item.client_id, item.username, item.reason, item.count]),
    [
      ['late', 'vpc/gw', 'unknown_username', 1],
      ['cut', 'vpc/gw', 'topic_not_allowed', 1],
      ['plc', 'vpc/gw', 'wrong_password', 2],
    ],
  );
  assert.match(items[1].detail, /M02/);
  assert.equal(items[0].source, '127.0.0.1');
});

test('no factory sees entries of another, of anonymous senders or of user names that are not its own', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.anonymous': 'never' } });
  const a = await running.signIn();
  const b = await secondFactory(running, a);
  await knock(running, { clientId: 'anonymous' });
  for (const username of ['vpc', 'vpcx/gw', 'other/gw', ' vpc/gw', '/vpc', 'VPC/gw', 'nobody/vpc/gw']) {
    await knock(running, { clientId: `as ${username}`, username, password: 'x' });
  }
  await knock(running, { clientId: 'mine', username: 'vpc/gw', password: 'x' });
  assert.deepEqual(
    (await log(a)).map((item) => item.client_id),
    ['mine'],
  );
  assert.deepEqual(
    (await log(b)).map((item) => item.client_id),
    ['as other/gw'],
  );
  const all = (await a.get('/connection-log/unassigned')).items;
  assert.equal(all.length, 7);
  assert.equal(all.find((item: Json) => item.client_id === 'anonymous').username, null);
});

test('the log is for who may change devices, and what is of no factory for the owners', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  await knock(running, { clientId: 'mine', username: 'vpc/gw', password: 'x' });
  const control = openDatabase(join(running.config.data_dir, 'control.db'));
  assert.deepEqual((await person.get('/connection-log/unassigned')).items, []);
  control.exec(`update users set is_super_admin = 0; update memberships set role = 'operator'`);
  assert.equal((await person.call('GET', '/connection-log')).status, 403);
  control.exec(`update memberships set role = 'viewer', permissions = '["devices"]'`);
  control.close();
  assert.equal((await person.call('GET', '/connection-log/unassigned')).status, 403);
  assert.equal((await log(person)).length, 1);
});

test('a flood against one factory does not drown the log of another', async () => {
  await using running = await startAppliance();
  const a = await running.signIn();
  const b = await secondFactory(running, a);
  await knock(running, { clientId: 'b', username: 'other/gw', password: 'x' });
  for (let i = 0; i < 1_100; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => knock(running, { clientId: `c${i + n}`, username: 'vpc/x', password: 'x' })),
    );
  }
  const kept = await allOf(a);
  assert.ok(kept >= 1_000 && kept < 1_100, `${kept} entries`);
  assert.equal((await log(b)).length, 1);
});

test('what was refused can be asked for since a time, so that who asks again reads only what is new', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { username } = await credentialOf(person);
  const client = await running.connect();
  const publish = (key: string) => client.publishAsync(`factories/vpc/devices/${key}/telemetry`, 'broken', { qos: 1 });
  await knock(running, { clientId: 'early', username, password: 'wrong' });
  await publish('M01');
  const newest = [...(await log(person)), ...(await person.get('/rejects')).items].map(({ last_at }) => last_at).sort();
  const since = newest.at(-1);
  const askedFor = async () => {
    const lists = ['/connection-log?kind=refused&', '/rejects?'];
    const answers = await Promise.all(lists.map((list) => person.get(`${list}since=${since}`)));
    return answers.map(({ items }) => items.map((item: Json) => item.client_id ?? item.device_key));
  };
  assert.deepEqual(await askedFor(), [[], []]);
  await sleep(5);
  await knock(running, { clientId: 'late', username, password: 'wrong' });
  await publish('M02');
  assert.deepEqual(await askedFor(), [['late'], ['M02']]);
  assert.equal((await person.call('GET', '/rejects?since=yesterday')).status, 422);
});
