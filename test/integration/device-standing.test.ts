import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MqttClient } from 'mqtt';
import {
  eventually,
  type Person,
  personWith,
  signIn,
  spawnAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { join } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { openStream } from '../support/sse.ts';
import { storedHistory } from '../support/stored-series.ts';

const VIEWER = { role: 'viewer' };
const topicOf = (key: string) => `factories/vpc/devices/${key}/telemetry`;
const send = (client: MqttClient, key: string, metrics: object, timestamp?: number) =>
  client.publishAsync(topicOf(key), JSON.stringify({ metrics, ...(timestamp === undefined ? {} : { timestamp }) }), {
    qos: 1,
  });
/** Devices that `seed` describes, and of which nothing is said here. */
const SEEDED = 12;
const isSeeded = (key: string) => /^(compressor|meter|motor|press|pump)-\d\d$/.test(key);
const keysIn = (list: Json): string[] => list.items.map(({ key }: Json) => key).filter((key: string) => !isSeeded(key));
const keysOf = async (person: Person, query: string) => keysIn(await person.get(`/devices?${query}`));
const deviceOf = async (person: Person, key: string, standing = 'active'): Promise<Json> =>
  (await person.get(`/devices?key=${key}&standing=${standing}`)).items[0];
const refusedReasons = async (person: Person): Promise<string[]> =>
  (await person.get('/rejects')).items.map(({ device_key: key, reason }: Json) => `${key} ${reason}`).sort();
const countOf = async (person: Person, id: string, parameter: string, from: number): Promise<number> => {
  const query = `parameters=${parameter}&interval=raw&limit=1000&from=${new Date(from).toISOString()}`;
  const { series } = await person.get(`/devices/${id}/kpis/history?${query}`);
  return series[0].points.length;
};
const done = async (person: Person, method: string, path: string, body?: object): Promise<Json> => {
  const answer = await person.call(method, path, body);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

test('an unknown device waits, seen by nobody, until it is approved; then it is there with all that it has sent', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await send(client, 'old', { t: 1 });
  await done(person, 'PUT', '/device-admission', { mode: 'approve' });
  await using stream = await openStream(running.ready.http, person.token);
  const start = Date.now() - 60_000;
  for (let i = 0; i < 5; i++) await send(client, 'new', { t: i }, start + i * 1_000);
  await send(client, 'old', { t: 2 });
  await eventually(() => stream.events.some(({ data }) => JSON.stringify(data).includes('"value":2')) || undefined);
  assert.deepEqual(await keysOf(person, ''), ['old']);
  assert.deepEqual(await keysOf(person, 'standing=pending'), ['new']);
  const summary = await person.get('/dashboard/summary');
  assert.deepEqual([summary.devices.total, summary.devices.pending], [SEEDED + 1, 1]);
  assert.deepEqual(keysIn(await person.get('/dashboard/devices')), ['old']);
  const pending = await deviceOf(person, 'new', 'pending');
  const waiting = (await person.get('/dashboard/pending-devices')).items;
  assert.deepEqual(
    waiting.map(({ id, key, parameters_count, values }: Json) => [id, key, parameters_count, values[0].value]),
    [[pending.id, 'new', 1, 4]],
  );
  assert.ok(!JSON.stringify(stream.events).includes(pending.id), 'nothing of it was streamed');
  const viewer = personWith(running.ready.http, (await join(running.ready.http, person, 'v@x.example', VIEWER)).token);
  const hidden = ['', '/parameters', '/kpis/live', '/kpis/history', '/rejects'].map(
    (path) => `/devices/${pending.id}${path}`,
  );
  for (const path of hidden) {
    assert.equal((await viewer.call('GET', path)).status, 404, path);
    assert.equal((await person.call('GET', path)).status, 200, path);
  }
  for (const path of [`/devices/kpis/history?devices=${pending.id}`, `/history/export?devices=${pending.id}`]) {
    assert.equal((await viewer.call('GET', path)).status, 422, path);
  }
  assert.equal((await viewer.call('GET', '/devices?standing=pending')).status, 403);
  const approved = await done(person, 'POST', `/devices/${pending.id}/approve`);
  assert.equal((await viewer.call('GET', hidden[0] ?? '')).status, 200);
  assert.deepEqual([approved.standing, approved.key], ['active', 'new']);
  await eventually(() => stream.events.some(({ data }) => JSON.stringify(data).includes(pending.id)) || undefined);
  assert.deepEqual(await keysOf(person, ''), ['new', 'old']);
  assert.equal(await countOf(person, pending.id, 't', start), 5);
  assert.equal((await person.call('POST', `/devices/${pending.id}/approve`)).status, 409);
});

test('a rejected device loses what it has sent, and is refused until it is deleted', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await done(person, 'PUT', '/device-admission', { mode: 'approve' });
  await send(client, 'odd', { t: 1 });
  const { id } = await deviceOf(person, 'odd', 'pending');
  const rejected = await done(person, 'POST', `/devices/${id}/reject`);
  assert.equal(rejected.standing, 'rejected');
  await send(client, 'odd', { t: 2 });
  assert.deepEqual(await refusedReasons(person), ['odd device_rejected']);
  const left = await eventually(() => {
    const history = storedHistory(running.config.data_dir);
    return history.forgotten.length === 0 ? history : undefined;
  }, 10_000);
  assert.deepEqual([...left.rows.values()], []);
  await done(person, 'DELETE', `/devices/${rejected.id}`);
  await send(client, 'odd', { t: 3 });
  assert.deepEqual(await keysOf(person, 'standing=pending'), ['odd']);
});

test('a closed factory takes who was added, or is named by a credential, and refuses others by name', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await done(person, 'PUT', '/device-admission', { mode: 'closed' });
  await send(client, 'stranger', { t: 1 });
  await done(person, 'POST', '/devices', { key: 'added', name: 'Added by hand' });
  await send(client, 'added', { t: 1 });
  const { username, password } = await done(person, 'POST', '/device-credentials', {
    name: 'gw',
    devices: ['named', 'by-*'],
  });
  const gateway = await running.connect({ username, password });
  await send(gateway, 'named', { t: 1 });
  await send(gateway, 'by-pattern', { t: 1 });
  assert.deepEqual(await keysOf(person, ''), ['added', 'named']);
  assert.deepEqual(await refusedReasons(person), ['by-pattern unknown_device', 'stranger unknown_device']);
  assert.equal((await deviceOf(person, 'added')).name, 'Added by hand');
  assert.equal((await person.call('POST', '/devices', { key: 'added' })).status, 409);
  assert.equal((await person.call('POST', '/devices', { key: 'a/b' })).status, 422);
});

test('no more devices wait than may; those that wait are still waiting after a restart', async () => {
  using dir = temporaryDirectory();
  const flags = { 'ingest.max_pending_devices': 2 };
  {
    await using running = await startAppliance({ dataDir: dir.path, flags });
    const person = await running.signIn();
    await done(person, 'PUT', '/device-admission', { mode: 'approve' });
    const client = await running.connect();
    for (const key of ['a', 'b', 'c']) await send(client, key, { t: 1 });
    assert.deepEqual(await refusedReasons(person), ['c too_many_pending']);
  }
  await using running = await startAppliance({ dataDir: dir.path, flags });
  const person = await running.signIn();
  assert.deepEqual([await keysOf(person, ''), await keysOf(person, 'standing=pending')], [[], ['a', 'b']]);
  const client = await running.connect();
  await send(client, 'a', { t: 2 });
  await send(client, 'd', { t: 1 });
  assert.deepEqual(await refusedReasons(person), ['c too_many_pending', 'd too_many_pending']);
});

test('a retired device keeps its history and sends no more, until it is taken back', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const start = Date.now() - 60_000;
  await send(client, 'M01', { t: 1 }, start);
  const { id } = await deviceOf(person, 'M01');
  await done(person, 'POST', `/devices/${id}/retire`);
  await send(client, 'M01', { t: 2 }, start + 1);
  assert.deepEqual([await keysOf(person, ''), await keysOf(person, 'standing=retired')], [[], ['M01']]);
  assert.equal((await person.get('/dashboard/summary')).devices.total, SEEDED);
  assert.equal(await countOf(person, id, 't', start), 1);
  assert.deepEqual(await refusedReasons(person), ['M01 device_retired']);
  await done(person, 'POST', `/devices/${id}/reinstate`);
  await send(client, 'M01', { t: 3 }, start + 2);
  assert.equal(await countOf(person, id, 't', start), 2);
});

test('two keys become one history, while both send and after a restart', async () => {
  using dir = temporaryDirectory();
  const start = Date.now() - 600_000;
  let remaining = '';
  {
    await using running = await startAppliance({ dataDir: dir.path });
    const person = await running.signIn();
    const client = await running.connect();
    for (let i = 0; i < 10; i++) await send(client, 'old-plc', { t: i, only_old: i, mode: 'a' }, start + i * 1_000);
    for (let i = 0; i < 10; i++) await send(client, 'new-plc', { t: i, mode: i }, start + 100_000 + i * 1_000);
    const [from, into] = [await deviceOf(person, 'old-plc'), await deviceOf(person, 'new-plc')];
    remaining = into.id;
    assert.equal((await person.call('POST', `/devices/${into.id}/merge`, { into: into.id })).status, 409);
    const merged = await done(person, 'POST', `/devices/${from.id}/merge`, { into: into.id });
    assert.deepEqual([merged.key, merged.parameters_count], ['new-plc', 4]);
    assert.deepEqual((await person.get(`/devices/${into.id}`)).aliases, ['old-plc']);
    assert.equal((await person.call('GET', `/devices/${from.id}`)).status, 404);
    const counts = async () => [
      await countOf(person, into.id, 't', start),
      await countOf(person, into.id, 'only_old', start),
      await countOf(person, into.id, 'mode', start),
      await countOf(person, into.id, 'mode (old-plc)', start),
    ];
    assert.deepEqual(await counts(), [20, 10, 10, 10]);
    await send(client, 'old-plc', { t: 99, only_old: 99 }, start + 200_000);
    assert.deepEqual(await counts(), [21, 11, 10, 10]);
    assert.deepEqual(await keysOf(person, ''), ['new-plc']);
    const hour = await person.get(
      `/devices/${into.id}/kpis/history?parameters=t&interval=1h&from=${new Date(start).toISOString()}`,
    );
    const total = hour.series[0].points.reduce((sum: number, { count }: Json) => sum + count, 0);
    assert.equal(total, 21);
    const csv = await fetch(
      `${running.ready.http}/api/v1/history/export?from=${new Date(start).toISOString()}&layout=wide`,
      {
        headers: { Authorization: `Bearer ${person.token}` },
      },
    ).then((answer) => answer.text());
    assert.equal(csv.split('\r\n')[0], 't,new-plc/mode,new-plc/mode (old-plc),new-plc/only_old,new-plc/t');
    assert.equal(csv.trim().split('\r\n').length, 22);
  }
  await using running = await startAppliance({ dataDir: dir.path });
  const person = await running.signIn();
  const client = await running.connect();
  assert.deepEqual(await keysOf(person, ''), ['new-plc']);
  await send(client, 'old-plc', { t: 100, fresh: 1 }, start + 300_000);
  assert.deepEqual(await keysOf(person, ''), ['new-plc']);
  assert.equal(await countOf(person, remaining, 't', start), 22);
  assert.equal(await countOf(person, remaining, 'fresh', start), 1);
  assert.equal(await countOf(person, remaining, 'mode (old-plc)', start), 10);
  await send(client, 'new-plc', { mode: 4711 }, start + 400_000);
  assert.equal(await countOf(person, remaining, 'mode', start), 11);
  await send(client, 'old-plc', { mode: 'b' }, start + 400_000);
  assert.deepEqual(await refusedReasons(person), ['new-plc wrong_kind']);
  await done(person, 'DELETE', `/devices/${remaining}`);
  const left = await eventually(() => {
    const history = storedHistory(running.config.data_dir);
    return history.forgotten.length === 0 ? history : undefined;
  }, 10_000);
  assert.deepEqual([...left.rows.values()], []);
  await send(client, 'old-plc', { t: 1 });
  assert.deepEqual(await keysOf(person, ''), ['old-plc']);
});

test('nothing acknowledged is lost while two devices that send become one', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const start = Date.now() - 600_000;
  const acknowledged = { a: 0, b: 0 };
  let isOver = false;
  const sender = async (key: 'a' | 'b', offset: number) => {
    let client = (await running.connect()).setMaxListeners(0);
    for (let i = 0; !isOver; ) {
      try {
        await Promise.race([
          // A parameter of its own in each message: what is born on the way is the other's, too.
          send(client, key, { t: i, ...(key === 'a' && { [`n${i}`]: i }) }, start + offset + i),
          new Promise((_, reject) => client.once('close', () => reject(new Error('closed')))),
        ]);
        acknowledged[key]++;
        i++;
      } catch {
        client = (await running.connect()).setMaxListeners(0);
      }
    }
  };
  const senders = [sender('a', 0), sender('b', 300_000)];
  await eventually(() => (acknowledged.a > 50 && acknowledged.b > 50) || undefined);
  const [a, b] = [await deviceOf(person, 'a'), await deviceOf(person, 'b')];
  await done(person, 'POST', `/devices/${a.id}/merge`, { into: b.id });
  const before = acknowledged.a;
  await eventually(() => acknowledged.a > before + 20 || undefined);
  isOver = true;
  await Promise.all(senders);
  const query = `parameters=t&interval=1d&from=${new Date(start - 86_400_000).toISOString()}`;
  const { series } = await person.get(`/devices/${b.id}/kpis/history?${query}`);
  const stored = series[0].points.reduce((sum: number, { count }: Json) => sum + count, 0);
  assert.equal(stored, acknowledged.a + acknowledged.b);
  assert.deepEqual(await keysOf(person, ''), ['b']);
  const names = (await person.get(`/devices/${b.id}/parameters`)).items.length;
  assert.equal(names, acknowledged.a + 1);
});

test('killed while devices become one, all is as before or as after', async () => {
  using dir = temporaryDirectory();
  await using stack = new AsyncDisposableStack();
  const seeded = await startAppliance({ dataDir: dir.path });
  const client = await seeded.connect();
  const start = Date.now() - 60_000;
  for (const key of ['x', 'y']) for (let i = 0; i < 5; i++) await send(client, key, { t: i }, start + i);
  await seeded[Symbol.asyncDispose]();
  const { child, ready, exited } = await spawnAppliance(['--data-dir', dir.path]);
  stack.defer(() => void child.kill('SIGKILL'));
  const person = await signIn(ready.http);
  const [x, y] = [await deviceOf(person, 'x'), await deviceOf(person, 'y')];
  const merging = person.call('POST', `/devices/${x.id}/merge`, { into: y.id }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await Promise.all([exited, merging]);
  await using running = await startAppliance({ dataDir: dir.path });
  const again = await running.signIn();
  const keys = await keysOf(again, '');
  const counts = await Promise.all(
    keys.map(async (key) => countOf(again, (await deviceOf(again, key)).id, 't', start)),
  );
  assert.ok(
    JSON.stringify([keys, counts]) === '[["x","y"],[5,5]]' || JSON.stringify([keys, counts]) === '[["y"],[10]]',
    JSON.stringify([keys, counts]),
  );
});
