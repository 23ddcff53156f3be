import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

const MINUTE_MS = 60_000;
const START = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 6 * 60 * MINUTE_MS;
const iso = (minute: number) => new Date(START + minute * MINUTE_MS).toISOString();

async function plant() {
  const running = await startAppliance();
  const client = await running.connect();
  const publish = (key: string, samples: readonly unknown[]) =>
    client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ samples }), { qos: 1 });
  const person = await running.signIn();
  const idOf = async (key: string): Promise<string> => (await person.get(`/devices?key=${key}`)).items[0].id;
  const replay = (rule: object, members: object = {}) =>
    person.call('POST', '/rules/replay', { rule, from: iso(0), to: iso(60), ...members });
  return { running, publish, person, idOf, replay, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** By the minute, from START on. */
const every = (name: string, values: readonly (number | boolean)[]) =>
  values.map((value, minute) => ({ timestamp: START + minute * MINUTE_MS, metrics: { [name]: value } }));

const HOT = {
  name: 'Hot',
  severity: 'high',
  condition: { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3 },
};

test('a rule that is not saved says when it would have raised alarms, on which device and why', async () => {
  await using it = await plant();
  await it.publish('P1', every('temperature', [70, 81, 92, 79, 77, 76, 70, 85]));
  await it.publish('P2', every('temperature', [70, 70]));
  const levels = [{ severity: 'critical', condition: { ...HOT.condition, value: 90 } }];
  const { status, body } = await it.replay({ ...HOT, levels });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.status, body.progress, body.error], ['done', 1, null]);
  const change = (minute: number, severity: string | null, value: number) => ({
    at: iso(minute),
    severity,
    parameter: 'temperature',
    value,
  });
  const [first, second] = body.devices;
  assert.deepEqual(first, {
    device_id: await it.idOf('P1'),
    device_key: 'P1',
    firings: [
      {
        raised_at: iso(1),
        may_be_earlier: false,
        cleared_at: iso(4),
        severity: 'critical',
        parameter: 'temperature',
        value: 81,
        changes: [change(1, 'high', 81), change(2, 'critical', 92), change(3, 'high', 79), change(4, null, 77)],
      },
      {
        raised_at: iso(7),
        may_be_earlier: false,
        cleared_at: null,
        severity: 'high',
        parameter: 'temperature',
        value: 85,
        changes: [change(7, 'high', 85)],
      },
    ],
    samples: 8,
    incomplete: [],
    truncated: false,
  });
  assert.deepEqual([second.device_key, second.firings, second.samples], ['P2', [], 2]);
  const again = await it.person.get(`/rules/replays/${body.id}`);
  assert.deepEqual(again, body);
});

test('a replay sees what was before its range, booleans as what they are, and the devices that are named', async () => {
  await using it = await plant();
  await it.publish('P1', [...every('temperature', [85, 86, 70]), ...every('running', [true])]);
  await it.publish('P2', every('temperature', [85, 86]));
  const running = {
    name: 'Hot while it runs',
    severity: 'low',
    condition: { all: [HOT.condition, { parameter: 'running', operator: 'eq', value: true }] },
  };
  const { body } = await it.replay(running, { from: iso(1), device_ids: [await it.idOf('P1')] });
  assert.equal(body.devices.length, 1);
  const [{ firings, samples }] = body.devices;
  assert.deepEqual([firings.length, firings[0].raised_at, firings[0].cleared_at, samples], [1, iso(0), iso(2), 2]);
  const changed = {
    name: 'Changed',
    severity: 'low',
    condition: { parameter: 'running', operator: 'eq', value: true },
  };
  const other = await it.replay(changed);
  assert.deepEqual(other.body.devices[0].firings[0].value, true);
});

test('a stored rule is replayed for the devices that it is for, also while it rests', async () => {
  await using it = await plant();
  await it.publish('P1', every('temperature', [85]));
  await it.publish('P2', every('temperature', [85]));
  const { body: rule } = await it.person.call('POST', '/rules', {
    ...HOT,
    is_active: false,
    device_ids: [await it.idOf('P2')],
  });
  const { body } = await it.person.call('POST', `/rules/${rule.id}/replay`, { from: iso(0), to: iso(60) });
  assert.deepEqual(
    body.devices.map((device: Json) => [device.device_key, device.firings.length]),
    [['P2', 1]],
  );
  const missing = '00000000-0000-4000-8000-000000000000';
  assert.equal((await it.person.call('POST', `/rules/${missing}/replay`, { from: iso(0), to: iso(1) })).status, 404);
});

test('a replay that nobody waits for tells its progress, can be cancelled, and is forgotten then', async () => {
  await using it = await plant();
  await it.publish('P1', every('temperature', [85]));
  const begun = await it.replay(HOT, { wait: false });
  assert.equal(begun.status, 202);
  assert.deepEqual([begun.body.status, begun.body.devices], ['running', []]);
  assert.ok(begun.body.progress >= 0 && begun.body.progress < 1);
  const path = `/rules/replays/${begun.body.id}`;
  const done = await eventually(async () => {
    const record = await it.person.get(path);
    return record.status === 'running' ? undefined : record;
  }, 60_000);
  assert.deepEqual([done.status, done.progress, done.devices[0].firings.length], ['done', 1, 1]);
  assert.equal((await it.person.call('DELETE', path)).status, 204);
  assert.equal((await it.person.call('GET', path)).status, 404);

  const other = await it.replay(HOT, { wait: false });
  const cancelled = `/rules/replays/${other.body.id}`;
  assert.equal((await it.person.call('DELETE', cancelled)).status, 204);
  assert.equal((await it.person.get(cancelled)).status, 'cancelled');
});

test('what cannot be replayed is refused with every fault at its place', async () => {
  await using it = await plant();
  await it.publish('P1', every('temperature', [85]));
  const faultsOf = ({ status, body }: { status: number; body: Json }) => {
    assert.equal(status, 422);
    return body.errors.map(({ pointer }: Json) => pointer);
  };
  const bad = { name: '', severity: 'high', condition: { all: [{ parameter: 't', operator: 'gt' }] } };
  assert.deepEqual(faultsOf(await it.replay(bad)), ['/rule/name', '/rule/condition/all/0/value']);
  assert.deepEqual(faultsOf(await it.replay(HOT, { from: iso(60), to: iso(0) })), ['/from']);
  assert.deepEqual(faultsOf(await it.replay(HOT, { from: '2024-01-01T00:00:00Z' })), ['/from']);
  const missing = '00000000-0000-4000-8000-000000000000';
  assert.deepEqual(faultsOf(await it.replay(HOT, { device_ids: [missing] })), ['/device_ids/0']);
  const known = (await it.person.get('/devices?key=P1')).items[0].id;
  assert.deepEqual(faultsOf(await it.replay(HOT, { device_ids: [known, known, missing] })), ['/device_ids/2']);
  assert.deepEqual(faultsOf(await it.replay({ ...HOT, tags: ['nobody'] })), ['/device_ids']);
  const silent = { ...HOT, condition: { parameter: 'none', operator: 'gt', value: 1 } };
  assert.deepEqual((await it.replay(silent)).body.devices[0].firings, []);
});
