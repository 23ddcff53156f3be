import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

interface Reject {
  readonly reason: string;
  readonly parameter: string | null;
  readonly detail: string;
  readonly payload: string;
  readonly count: number;
}

const json = (value: unknown) => JSON.stringify(value);
const metrics = (value: unknown) => json({ metrics: { x: value } });
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const stamped = (timestamp: unknown) => json({ metrics: { x: 1 }, timestamp });

/** Each refused form of a payload, and the reason that the rejects list must give. */
const WHOLE: readonly [what: string, payload: string | Buffer, reason: string][] = [
  ['text that is not JSON', 'hello', 'not_json'],
  ['an empty payload', '', 'not_json'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'not_utf8'],
  ['a JSON list', '[1]', 'no_metrics'],
  ['an object without metrics', json({ voltage: 1 }), 'no_metrics'],
  ['empty metrics', json({ metrics: {} }), 'no_metrics'],
  ['metrics that are a list', json({ metrics: [1] }), 'no_metrics'],
  ['empty samples', json({ samples: [] }), 'no_metrics'],
  ['samples that are not objects', json({ samples: [7] }), 'no_metrics'],
  ['a stamp without offset', stamped('2026-11-24T10:00:00'), 'bad_timestamp'],
  ['a stamp on 31 February', stamped('2026-02-31T10:00:00Z'), 'bad_timestamp'],
  ['a stamp that is text', stamped('yesterday'), 'bad_timestamp'],
  ['a stamp that is an object', stamped({}), 'bad_timestamp'],
  ['a negative stamp', stamped(-5), 'bad_timestamp'],
  ['a stamp six minutes ahead', stamped(Date.now() + 360_000), 'ahead_of_clock'],
  ['a stamp in microseconds', stamped(Date.now() * 1000), 'ahead_of_clock'],
  ['a stamp below the raw horizon', stamped(Date.now() - 91 * 86_400_000), 'too_old'],
  ['a payload over 256 KiB', metrics('x'.repeat(262_145)), 'too_large'],
];

const BY_NAME: readonly [what: string, payload: string, parameter: string, reason: string][] = [
  ['NaN', '{"metrics": {"good": 1, "x": NaN}}', 'x', 'non_finite'],
  ['-Infinity', '{"metrics": {"good": 1, "x": -Infinity}}', 'x', 'non_finite'],
  ['an overflowing number', '{"metrics": {"good": 1, "x": 1e999}}', 'x', 'non_finite'],
  ['null', json({ metrics: { good: 1, x: null } }), 'x', 'unsupported_value'],
  ['a list', json({ metrics: { good: 1, x: [1, 2] } }), 'x', 'unsupported_value'],
  ['a state of 257 characters', json({ metrics: { good: 1, x: 'y'.repeat(257) } }), 'x', 'text_too_long'],
  ['an empty name', json({ metrics: { good: 1, '': 2 } }), '', 'bad_name'],
  ['a name with a control character', '{"metrics": {"good": 1, "a\\u0007b": 2}}', 'a\ufffdb', 'bad_name'],
  ['a name of 129 characters', json({ metrics: { good: 1, ['n'.repeat(129)]: 2 } }), `${'n'.repeat(127)}…`, 'bad_name'],
  ['a name that is half a character', '{"metrics": {"good": 1, "\\ud800": 2}}', '\ufffd', 'bad_name'],
  ['a state that is half a character', '{"metrics": {"good": 1, "x": "\\ud800"}}', 'x', 'unsupported_value'],
  ['objects nested ten deep', json({ metrics: { good: 1, x: nested(9) } }), 'x.a.a.a.a.a.a.a', 'nested_too_deep'],
];

test('every refused payload is acknowledged and listed with its reason, and nothing of it is stored', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  for (const [index, [what, payload, reason]] of WHOLE.entries()) {
    const key = `whole-${index}`;
    await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, payload, { qos: 1 });
    const mine = (await person.get('/rejects')).items.filter((item: { device_key: string }) => item.device_key === key);
    assert.equal(mine[0]?.reason, reason, what);
    assert.ok(mine[0].detail.length > 10, what);
    assert.equal(mine[0].payload.slice(0, 20), payload.toString('utf8').slice(0, 20));
    assert.ok(Buffer.byteLength(mine[0].payload) <= 512 * 3);
  }
  assert.deepEqual((await person.get('/devices?q=whole-')).items, []);
});

test('the good parts of a message are stored and the bad ones refused by name', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  for (const [index, [what, payload, parameter, reason]] of BY_NAME.entries()) {
    const key = `part-${index}`;
    await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, payload, { qos: 1 });
    const [device] = (await person.get(`/devices?key=${key}`)).items;
    const rejects: Reject[] = (await person.get(`/devices/${device.id}/rejects`)).items;
    assert.deepEqual(
      rejects.map((reject) => [reject.reason, reject.parameter ?? '']),
      [[reason, parameter]],
      what,
    );
    const { values } = await person.get(`/devices/${device.id}/kpis/live`);
    assert.deepEqual(
      values.map((value: { parameter: string }) => value.parameter),
      ['good'],
      what,
    );
  }
});

test('no message can stop the others: names that look alike on disk, NUL in a state, numbers at every edge', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const topic = 'factories/vpc/devices/M01/telemetry';
  const odd = [
    '{"metrics": {"\\ud800": 1, "\\ud801": 2, "a": 1}}',
    '{"metrics": {"b": "x\\u0000y", "é": 1, "e\u0301": 2, "A": 1}}',
    '{"metrics": {"c": 5e-324, "d": 1.7976931348623157e308, "e": -0, "f": 9007199254740993}}',
    '{"metrics": {"g": 1}, "timestamp": 1e300}',
    '{"metrics": {"g": 1}, "timestamp": 9007199254740992}',
  ];
  for (const payload of odd) await client.publishAsync(topic, payload, { qos: 1 });
  const [device] = (await person.get('/devices?key=M01')).items;
  const { values } = await person.get(`/devices/${device.id}/kpis/live`);
  const live = Object.fromEntries(values.map(({ parameter, value }: Json) => [parameter, value]));
  assert.equal(live.b, 'x\u0000y');
  assert.deepEqual([live.é, live['e\u0301']], [1, 2]);
  assert.deepEqual([live.c, live.d], [5e-324, 1.7976931348623157e308]);
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw&parameters=b`);
  assert.equal(series[0].points[0].value, 'x\u0000y');
});

test('in a batch the good samples are stored and the bad ones refused', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const now = Date.now();
  const samples = [
    { timestamp: now - 2000, metrics: { x: 1 } },
    { timestamp: 'no time', metrics: { x: 2 } },
    { timestamp: Math.floor(now / 1000) - 1, metrics: { x: 3 } },
    { timestamp: new Date(now).toISOString().replace('Z', '+00:00'), metrics: { x: 4 } },
  ];
  await client.publishAsync('factories/vpc/devices/M01/telemetry', json({ samples }), { qos: 1 });
  const [device] = (await person.get('/devices?key=M01')).items;
  const to = new Date(now + 1000).toISOString();
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw&to=${to}`);
  assert.deepEqual(
    series[0].points.map(({ value }: { value: number }) => value),
    [1, 3, 4],
  );
  const [reject] = (await person.get(`/devices/${device.id}/rejects`)).items;
  assert.equal(reject.reason, 'bad_timestamp');
});

test('repeats are counted in one line, which can be cleared', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const topic = 'factories/vpc/devices/M01/telemetry';
  await client.publishAsync(topic, metrics(1), { qos: 1 });
  for (let i = 0; i < 3; i++) await client.publishAsync(topic, `broken ${i}`, { qos: 1 });
  const [device] = (await person.get('/devices?key=M01')).items;
  const list = async (): Promise<Reject[]> => (await person.get(`/devices/${device.id}/rejects`)).items;
  const [reject, ...others] = await list();
  assert.deepEqual(others, []);
  assert.equal(reject?.count, 3);
  assert.equal(reject?.payload, 'broken 2');
  assert.equal((await person.call('DELETE', `/devices/${device.id}/rejects`)).status, 204);
  assert.deepEqual(await list(), []);
});

test('more devices and parameters than the limits allow are refused, and those there go on', async () => {
  // The seed describes twelve devices.
  await using running = await startAppliance({ flags: { 'ingest.max_devices': 14, 'ingest.max_parameters': 3 } });
  const person = await running.signIn();
  const client = await running.connect();
  const publish = (key: string, values: object) =>
    client.publishAsync(`factories/vpc/devices/${key}/telemetry`, json({ metrics: values }), { qos: 1 });
  for (const key of ['new-1', 'new-2', 'new-3']) await publish(key, { x: 1 });
  await publish('new-1', { x: 2, y: 2, z: 2, v: 2, w: 2 });
  const keys = (await person.get('/devices?q=new-')).items.map(({ key }: { key: string }) => key);
  assert.deepEqual(keys, ['new-1', 'new-2']);
  const rejects = (await person.get('/rejects')).items;
  const seen = rejects.map((item: Record<string, unknown>) => `${item.device_key} ${item.reason} ${item.parameter}`);
  assert.deepEqual(seen.toSorted(), [
    'new-1 too_many_parameters v',
    'new-1 too_many_parameters w',
    'new-3 too_many_devices null',
  ]);
  const [device] = (await person.get('/devices?key=new-1')).items;
  const { values } = await person.get(`/devices/${device.id}/kpis/live`);
  assert.deepEqual(
    values.map(({ parameter, value }: Json) => [parameter, value]),
    [
      ['x', 2],
      ['y', 2],
      ['z', 2],
    ],
  );
});

test('an unknown factory, a bad device key and an unknown sender are listed where their owner looks', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect({ clientId: 'lost-plc' });
  await client.publishAsync('factories/nowhere/devices/M01/telemetry', metrics(1), { qos: 1 });
  await client.publishAsync('factories/vpc/devices/bad key/telemetry', metrics(1), { qos: 1 });
  const log = (await person.get('/connection-log/unassigned')).items;
  assert.deepEqual(
    log.map((item: Record<string, unknown>) => [item.client_id, item.reason, item.payload]),
    [['lost-plc', 'unknown_factory', metrics(1)]],
  );
  const [reject] = (await person.get('/rejects')).items;
  assert.equal(reject.reason, 'bad_device_key');
  assert.equal(reject.device_key, '');
});
