import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/sqlite.ts';
import {
  eventually,
  type Person,
  runCommand,
  signIn,
  spawnAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { connectRaw, telemetry } from '../support/raw-mqtt.ts';
import { openStream } from '../support/sse.ts';
import { storedHistory } from '../support/stored-series.ts';

const json = JSON.stringify;
const topicOf = (key: string) => `factories/vpc/devices/${key}/telemetry`;

async function deviceOf(person: Person, key: string): Promise<Json> {
  const [device] = (await person.get(`/devices?key=${key}`)).items;
  return device;
}

/** Waits until nothing is left to erase. */
const allErased = (dataDir: string) =>
  eventually(() => {
    const history = storedHistory(dataDir);
    return history.forgotten.length === 0 ? history : undefined;
  }, 10_000);

test('a removed device is gone with its parameters, refusals and history, and comes back as a new one', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const now = Date.now();
  const samples = Array.from({ length: 500 }, (_, i) => ({
    timestamp: now - i * 60_000,
    metrics: { n: i, s: `s${i}` },
  }));
  await client.publishAsync(topicOf('M01'), json({ samples }), { qos: 1 });
  await client.publishAsync(topicOf('M01'), 'broken', { qos: 1 });
  await client.publishAsync(topicOf('M02'), json({ samples: samples.slice(0, 5) }), { qos: 1 });
  const device = await deviceOf(person, 'M01');
  assert.equal((await person.get('/rejects')).items.length, 1);
  const before = storedHistory(running.config.data_dir);
  const old = before.series.filter(({ deviceKey }) => deviceKey === 'M01').map(({ seriesId }) => seriesId);
  assert.deepEqual(
    old.map((id) => before.rows.get(id)),
    [500, 500],
  );

  assert.equal((await person.call('DELETE', `/devices/${device.id}`)).status, 204);
  for (const path of ['', '/parameters', '/kpis/live', '/kpis/history', '/rejects']) {
    assert.equal((await person.call('GET', `/devices/${device.id}${path}`)).status, 404, path);
  }
  assert.equal((await person.call('DELETE', `/devices/${device.id}`)).status, 404);
  assert.deepEqual((await person.get('/rejects')).items, []);
  assert.equal(await deviceOf(person, 'M01'), undefined);

  await client.publishAsync(topicOf('M01'), json({ metrics: { n: -1 } }), { qos: 1 });
  const again = await deviceOf(person, 'M01');
  assert.notEqual(again.id, device.id);
  const { series } = await person.get(
    `/devices/${again.id}/kpis/history?interval=1d&from=${new Date(now - 5 * 86_400_000).toISOString()}`,
  );
  assert.deepEqual(
    series.map(({ parameter, points }: Json) => [parameter, points.map(({ count }: Json) => count)]),
    [['n', [1]]],
  );
  const after = await allErased(running.config.data_dir);
  assert.deepEqual(
    old.filter((id) => after.rows.has(id) || after.latest.includes(id)),
    [],
  );
  const [born] = after.series.filter(({ deviceKey }) => deviceKey === 'M01');
  assert.ok((born?.seriesId ?? 0) > Math.max(...before.series.map(({ seriesId }) => seriesId)));
  const other = after.series.filter(({ deviceKey }) => deviceKey === 'M02');
  assert.deepEqual(
    other.map(({ seriesId }) => after.rows.get(seriesId)),
    [5, 5],
  );
});

test('the stream tells the factory that a device was removed, and nothing of it afterwards', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const other = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const elsewhere = await running.signIn();
  await elsewhere.call('POST', '/auth/switch-factory', { factory_id: other.body.id });
  const client = await running.connect();
  await client.publishAsync(topicOf('M01'), json({ metrics: { n: 1 } }), { qos: 1 });
  const device = await deviceOf(person, 'M01');
  await using stream = await openStream(running.ready.http, person.token);
  await using foreign = await openStream(running.ready.http, elsewhere.token);
  await stream.next('hello');
  await foreign.next('alarm_summary');
  const pending = client.publishAsync(topicOf('M01'), json({ metrics: { n: 2 } }), { qos: 1 });
  await person.call('DELETE', `/devices/${device.id}`);
  await pending;
  const removed = await eventually(
    () => stream.events.findIndex(({ data }) => data.status === 'removed') + 1 || undefined,
  );
  assert.deepEqual(stream.events[removed - 1]?.data.id, device.id);
  await client.publishAsync(topicOf('M01'), json({ metrics: { n: 3 } }), { qos: 1 });
  await eventually(() => stream.events.find(({ event, data }) => event === 'values' && data.values[0].value === 3));
  const later = stream.events.slice(removed);
  assert.doesNotMatch(json(later), new RegExp(device.id));
  assert.ok(later.some(({ event, data }) => event === 'device' && data.status === 'online' && data.key === 'M01'));
  assert.deepEqual(
    foreign.events.map(({ event }) => event),
    ['hello', 'alarm_summary'],
  );
});

test('a device removed again and again under a flood of its messages: each is answered, and nothing is left behind', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  using raw = await connectRaw(running.ready.mqtt, { clientId: 'flood' });
  const stop = new AbortController();
  let sent = 0;
  const flood = (async () => {
    while (!stop.signal.aborted) {
      // Ever new parameters, so that series are being born in every batch that a removal meets.
      for (let i = 0; i < 20; i++, sent++) {
        raw.send(telemetry((sent % 60_000) + 1, { metrics: { n: sent, [`p${sent % 97}`]: 1, text: `t${sent}` } }));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  let removals = 0;
  while (removals < 25) {
    const device = await deviceOf(person, 'M01');
    if (device === undefined) continue;
    assert.equal((await person.call('DELETE', `/devices/${device.id}`)).status, 204);
    removals++;
  }
  stop.abort();
  await flood;
  await eventually(() => (raw.packets.filter(({ cmd }) => cmd === 'puback').length >= sent ? true : undefined), 10_000);
  const last = await eventually(() => deviceOf(person, 'M01'));
  assert.equal((await person.call('DELETE', `/devices/${last.id}`)).status, 204);
  const after = await allErased(running.config.data_dir);
  assert.deepEqual([after.series.filter(({ deviceKey }) => deviceKey === 'M01'), [...after.rows]], [[], []]);
  assert.equal((await fetch(`${running.ready.http}/readyz`)).status, 200);
});

test('killed right after the answer, the device stays removed, and the start erases the rest', async () => {
  using directory = temporaryDirectory();
  assert.equal((await runCommand(['seed', '--data-dir', directory.path])).code, 0);
  let removedId = '';
  {
    const { child, ready, exited } = await spawnAppliance(['--data-dir', directory.path]);
    const person = await signIn(ready.http);
    using raw = await connectRaw(ready.mqtt, { clientId: 'm01' });
    const now = Date.now();
    for (let batch = 0; batch < 20; batch++) {
      const samples = Array.from({ length: 1_000 }, (_, i) => ({
        timestamp: now - (batch * 1_000 + i) * 10_000,
        metrics: { n: i },
      }));
      raw.send(telemetry(batch + 1, { samples }));
      await raw.next('puback');
    }
    removedId = (await deviceOf(person, 'M01')).id;
    assert.equal((await person.call('DELETE', `/devices/${removedId}`)).status, 204);
    child.kill('SIGKILL');
    await exited;
  }
  await using running = await startAppliance({ dataDir: directory.path, seeded: false });
  const person = await running.signIn();
  assert.equal((await person.call('GET', `/devices/${removedId}`)).status, 404);
  assert.equal(await deviceOf(person, 'M01'), undefined);
  const after = await allErased(directory.path);
  assert.deepEqual([after.series, after.rows.size, after.latest], [[], 0, []]);
});

test('killed between the two databases, nothing of the device comes back, and no number is used again', async () => {
  using directory = temporaryDirectory();
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const client = await running.connect();
    await client.publishAsync(topicOf('M01'), json({ metrics: { a: 1, b: 2 } }), { qos: 1 });
  }
  // As a kill right after the removal's transaction leaves it; series 900 was not even stored when it came.
  const control = openDatabase(join(directory.path, 'control.db'));
  control.prepare(`delete from devices where key = 'M01'`).run();
  control.prepare('insert into forgotten_series select 1, value from json_each(?)').run('[1, 2, 900]');
  control.close();
  await using running = await startAppliance({ dataDir: directory.path });
  const person = await running.signIn();
  assert.equal(await deviceOf(person, 'M01'), undefined);
  const client = await running.connect();
  await client.publishAsync(topicOf('M01'), json({ metrics: { a: 3 } }), { qos: 1 });
  const after = await allErased(directory.path);
  assert.deepEqual(after.series, [{ seriesId: 901, deviceKey: 'M01', parameter: 'a' }]);
  assert.deepEqual([...after.rows], [[901, 1]]);
});

test('removing a device needs an admin', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const device = await deviceOf(person, 'press-01');
  const control = openDatabase(join(running.config.data_dir, 'control.db'));
  control.exec(`update users set is_super_admin = 0; update memberships set role = 'operator'`);
  control.close();
  assert.equal((await person.call('DELETE', `/devices/${device.id}`)).status, 403);
  assert.equal((await deviceOf(person, 'press-01')).id, device.id);
});
