import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { openStream } from '../support/sse.ts';
import { storedHistory } from '../support/stored-series.ts';

const TOPIC = 'factories/vpc/devices/M01/telemetry';
const METRICS = { voltage: 231.4, current: 3.2, power: 745.6, frequency: 50.01, temperature: 72.3 };

test('a message of an unknown device registers it, and is readable as soon as it is acknowledged', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await client.publishAsync(TOPIC, JSON.stringify({ metrics: METRICS }), { qos: 1 });

  const { items } = await person.get('/devices?key=M01');
  assert.equal(items.length, 1);
  assert.equal(items[0].status, 'online');
  const parameters = await person.get(`/devices/${items[0].id}/parameters`);
  assert.deepEqual(
    parameters.items.map((parameter: { name: string }) => parameter.name),
    Object.keys(METRICS).toSorted(),
  );
  const live = await person.get(`/devices/${items[0].id}/kpis/live`);
  const values = Object.fromEntries(live.values.map(({ parameter, value }: Json) => [parameter, value]));
  assert.deepEqual(values, METRICS);
  const history = await person.get(`/devices/${items[0].id}/kpis/history?interval=raw&parameters=power`);
  assert.deepEqual(
    history.series[0].points.map((point: { value: number }) => point.value),
    [745.6],
  );
});

test('a parameter with a comma in its name has a history of its own', async () => {
  await using running = await startAppliance();
  const client = await running.connect();
  const metrics = { 'flow, north': 1, flow: 2, ' north': 3 };
  await client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics }), { qos: 1 });
  const person = await running.signIn();
  const [{ id }] = (await person.get('/devices?key=M01')).items;
  const names = encodeURIComponent('flow\\, north,flow');
  const { series } = await person.get(`/devices/${id}/kpis/history?interval=raw&parameters=${names}`);
  assert.deepEqual(
    series.map(({ parameter, points }: Json) => [parameter, points[0].value]),
    [
      ['flow, north', 1],
      ['flow', 2],
    ],
  );
});

test('parameters that have not been heard of since their reset have a history without points', async () => {
  await using running = await startAppliance();
  const client = await running.connect();
  await client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { x: 1, y: 2 } }), {
    qos: 1,
  });
  const person = await running.signIn();
  const [device] = (await person.get('/devices?key=M01')).items;
  for (const name of ['x', 'y']) await person.call('POST', `/devices/${device.id}/parameters/${name}/reset-kind`);
  const { series } = await person.get(`/devices/${device.id}/kpis/history?parameters=x,y&interval=raw`);
  assert.deepEqual(series, [
    { parameter: 'x', points: [], gaps: [] },
    { parameter: 'y', points: [], gaps: [] },
  ]);
});

test('numbers, booleans, states and nested objects come back as they were sent', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const timestamp = Date.now() - 60_000;
  const metrics = { running: true, state: 'idle', motor: { bearing: { temperature: 41.5 } }, count: 12345678901 };
  await client.publishAsync(TOPIC, JSON.stringify({ metrics, timestamp }), { qos: 1 });
  const [device] = (await person.get('/devices?key=M01')).items;
  const live = await person.get(`/devices/${device.id}/kpis/live`);
  const values = Object.fromEntries(live.values.map(({ parameter, value }: Json) => [parameter, value]));
  assert.deepEqual(values, { running: true, state: 'idle', 'motor.bearing.temperature': 41.5, count: 12345678901 });
  for (const { timestamp: shown } of live.values) assert.equal(Date.parse(shown), timestamp);
  const { items } = await person.get(`/devices/${device.id}/parameters`);
  const kinds = Object.fromEntries(items.map(({ name, kind }: Json) => [name, kind]));
  assert.deepEqual(kinds, {
    running: 'boolean',
    state: 'state',
    'motor.bearing.temperature': 'number',
    count: 'number',
  });
});

test('a resend with a timestamp changes nothing, and the last write of a timestamp wins', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const timestamp = Date.now();
  for (const voltage of [1, 1, 2]) {
    await client.publishAsync(TOPIC, JSON.stringify({ metrics: { voltage }, timestamp }), { qos: 1 });
  }
  const [device] = (await person.get('/devices?key=M01')).items;
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw`);
  assert.deepEqual(series[0].points, [{ t: new Date(timestamp).toISOString(), value: 2 }]);
});

test('messages without a timestamp are never merged, even within one millisecond', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const sent = Array.from({ length: 200 }, (_, index) => index);
  await Promise.all(sent.map((n) => client.publishAsync(TOPIC, JSON.stringify({ metrics: { n } }), { qos: 1 })));
  const [device] = (await person.get('/devices?key=M01')).items;
  const to = new Date(Date.now() + 10_000).toISOString();
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw&to=${to}`);
  assert.deepEqual(
    series[0].points.map((point: { value: number }) => point.value),
    sent,
  );
});

test('a parameter keeps its kind until that is reset, and gets its old series back with its old kind', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const publish = (mode: unknown) => client.publishAsync(TOPIC, JSON.stringify({ metrics: { mode } }), { qos: 1 });
  await publish(1);
  await publish('auto');
  const [device] = (await person.get('/devices?key=M01')).items;
  const [reject] = (await person.get(`/devices/${device.id}/rejects`)).items;
  assert.equal(reject.reason, 'wrong_kind');
  assert.equal(reject.parameter, 'mode');
  const reset = () => person.call('POST', `/devices/${device.id}/parameters/mode/reset-kind`);
  assert.equal((await reset()).status, 204);
  await publish('auto');
  const newest = async () => (await person.get(`/devices/${device.id}/kpis/live`)).values[0].value;
  assert.equal(await newest(), 'auto');
  await reset();
  await publish(2);
  assert.equal(await newest(), 2);
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw`);
  assert.deepEqual(
    series[0].points.map((point: { value: number }) => point.value),
    [1, 2],
  );
});

test('a refused message after a reset of the only parameter changes nothing for it', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const publish = (n: number, timestamp = Date.now()) =>
    client.publishAsync(TOPIC, JSON.stringify({ metrics: { n }, timestamp }), { qos: 1 });
  await publish(1);
  const [device] = (await person.get('/devices?key=M01')).items;
  await person.call('POST', `/devices/${device.id}/parameters/n/reset-kind`);
  await publish(2, Date.now() + 3_600_000);
  const ended = new Promise<never>((_resolve, reject) => {
    client.once('close', () => reject(new Error('the connection was ended')));
  });
  ended.catch(() => {});
  await Promise.race([publish(3), ended]);
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw`);
  assert.deepEqual(
    series[0].points.map((point: { value: number }) => point.value),
    [1, 3],
  );
  await person.call('DELETE', `/devices/${device.id}`);
  const left = await eventually(() => {
    const history = storedHistory(running.config.data_dir);
    return history.forgotten.length === 0 ? history : undefined;
  });
  assert.deepEqual([left.series, left.rows.size], [[], 0]);
});

test('the stream shows a new value within a second, and goes on where a client was cut off', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const publish = (n: number) => client.publishAsync(TOPIC, JSON.stringify({ metrics: { n } }), { qos: 1 });
  await publish(0);
  let lastId: string | undefined;
  {
    await using stream = await openStream(running.ready.http, person.token);
    assert.equal((await stream.next('hello')).data.resumed, false);
    assert.equal((await stream.next('values')).data.values[0].value, 0);
    await publish(1);
    const event = await stream.next('values', 1_000);
    assert.equal(event.data.values[0].value, 1);
    lastId = event.id;
  }
  assert.ok(lastId !== undefined);
  await publish(2);
  await using resumed = await openStream(running.ready.http, person.token, { lastEventId: lastId });
  assert.equal((await resumed.next('hello')).data.resumed, true);
  assert.equal((await resumed.next('values')).data.values[0].value, 2);
  await using stranger = await openStream(running.ready.http, person.token, { lastEventId: 'gone:7' });
  assert.equal((await stranger.next('hello')).data.resumed, false);
});

test('everything is there again after a restart: devices, newest values, history', async () => {
  using directory = temporaryDirectory();
  const timestamp = Date.now() - 1_000;
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const client = await running.connect();
    await client.publishAsync(TOPIC, JSON.stringify({ metrics: METRICS, timestamp }), { qos: 1 });
  }
  await using running = await startAppliance({ dataDir: directory.path });
  const person = await running.signIn();
  const [device] = (await person.get('/devices?key=M01')).items;
  const live = await person.get(`/devices/${device.id}/kpis/live`);
  const values = Object.fromEntries(live.values.map(({ parameter, value }: Json) => [parameter, value]));
  assert.deepEqual(values, METRICS);
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=1m&parameters=power`);
  assert.equal(series[0].points[0].count, 1);
});

test('the overview counts devices by status and measures the rates', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await client.publishAsync(TOPIC, JSON.stringify({ metrics: METRICS }), { qos: 1 });
  const summary = await eventually(async () => {
    const answer = await person.get('/dashboard/summary');
    return answer.points_per_second > 0 ? answer : undefined;
  });
  assert.equal(summary.devices.online, 1);
  assert.equal(summary.points_per_second, 0.5);
  assert.equal(summary.messages_per_second, 0.1);
  assert.ok(summary.storage.bytes > 0);
});
