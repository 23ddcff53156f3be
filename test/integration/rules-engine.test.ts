import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import {
  eventually,
  type Person,
  type RunningAppliance,
  runCommand,
  signIn,
  spawnAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { examined, stateOf } from '../support/imports.ts';
import type { Json } from '../support/json.ts';

const HOT = { parameter: 'temperature', operator: 'gt', value: 80 };

/** A rule; the ones of the seed watch no parameter of these tests' devices. */
async function makeRule(person: Person, members: Record<string, unknown> = {}): Promise<Json> {
  const rule = { name: 'Bearing hot', severity: 'high', condition: HOT, ...members };
  const { status, body } = await person.call('POST', '/rules', rule);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

const publish = (client: MqttClient, device: string, metrics: Record<string, unknown>, timestamp?: number) =>
  client.publishAsync(`factories/vpc/devices/${device}/telemetry`, JSON.stringify({ metrics, timestamp }), { qos: 1 });

/** All alarms of a rule, newest first. */
async function alarmsOf(person: Person, ruleId: string): Promise<Json[]> {
  const all: Json[] = [];
  let cursor = '';
  do {
    const page = await person.get(`/alerts?limit=200&rule_id=${ruleId}${cursor}`);
    all.push(...page.items);
    cursor = page.next_cursor === null ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  } while (cursor !== '');
  return all;
}

/** Waits until the alarms of a rule are as they should be. */
const alarmsAre = (person: Person, rule: Json, isSo: (alarms: Json[]) => boolean, withinMs = 10_000) =>
  eventually(async () => {
    const alarms = await alarmsOf(person, rule.id);
    return isSo(alarms) ? alarms : undefined;
  }, withinMs);

async function figure({ ready }: Pick<RunningAppliance, 'ready'>, name: string): Promise<number> {
  const text = await (await fetch(`${ready.http}/api/v1/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

test('an alarm is raised by a sample and cleared by another, and a new one follows', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const rule = await makeRule(person);
  const from = Date.now();
  await publish(client, 'pump', { temperature: 20 }, from);
  await publish(client, 'pump', { temperature: 90 }, from + 10);
  await alarmsAre(person, rule, ([first]) => first?.status === 'active');
  await publish(client, 'pump', { temperature: 20 }, from + 20);
  const [cleared] = await alarmsAre(person, rule, ([first]) => first?.cleared_at !== null);
  assert.deepEqual(
    [cleared?.raised_at, cleared?.cleared_at].map((at) => Date.parse(at) - from),
    [10, 20],
  );
  await publish(client, 'pump', { temperature: 91 }, from + 30);
  const alarms = await alarmsAre(person, rule, ({ length }) => length === 2);
  assert.deepEqual(
    alarms.map(({ number, value }) => [number, value]),
    [
      [cleared?.number + 1, 91],
      [cleared?.number, 90],
    ],
  );
});

test('a rule that is made, changed, put to rest and removed is watched so from then on', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await publish(client, 'pump', { temperature: 85 });
  // What is so already is enough.
  const rule = await makeRule(person);
  await alarmsAre(person, rule, ([first]) => first?.status === 'active' && first.rule_version === 1);
  await person.call('PATCH', `/rules/${rule.id}`, { condition: { ...HOT, value: 95 } });
  await publish(client, 'pump', { temperature: 85 });
  await alarmsAre(person, rule, ([first]) => first?.cleared_at !== null);
  await publish(client, 'pump', { temperature: 96 });
  await alarmsAre(person, rule, ([first]) => first?.status === 'active' && first.rule_version === 2);
  await person.call('PATCH', `/rules/${rule.id}`, { is_active: false });
  await alarmsAre(person, rule, ([first]) => first?.cleared_because === 'rule_deactivated');
  await publish(client, 'pump', { temperature: 97 });
  await person.call('PATCH', `/rules/${rule.id}`, { is_active: true });
  const [last] = await alarmsAre(person, rule, ({ length }) => length === 3);
  assert.equal(last?.value, 97);
  await person.call('DELETE', `/rules/${rule.id}`);
  await alarmsAre(person, rule, ([first]) => first?.cleared_because === 'rule_removed');
});

test('devices are watched while they take part, and a rule for a tag while they have it', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  await publish(client, 'press', { temperature: 20 });
  const [device] = (await person.get('/devices?key=press')).items;
  const tagged = await makeRule(person, { name: 'Press hot', tags: ['line 1'] });
  const rule = await makeRule(person, { device_ids: [device.id] });
  await publish(client, 'press', { temperature: 90 });
  await alarmsAre(person, rule, ([first]) => first?.status === 'active');
  assert.deepEqual(await alarmsOf(person, tagged.id), []);
  await person.call('PATCH', `/devices/${device.id}`, { tags: ['line 1'] });
  await alarmsAre(person, tagged, ([first]) => first?.status === 'active');
  await person.call('PATCH', `/devices/${device.id}`, { tags: [] });
  await alarmsAre(person, tagged, ([first]) => first?.cleared_because === 'device_out_of_rule');
  await person.call('POST', `/devices/${device.id}/retire`);
  await alarmsAre(person, rule, ([first]) => first?.cleared_because === 'device_retired');
  await person.call('POST', `/devices/${device.id}/reinstate`);
  const again = await alarmsAre(person, rule, ({ length }) => length === 2);
  assert.equal(again[0]?.status, 'active');
});

test('what is imported raises no alarms', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const rule = await makeRule(person);
  await publish(client, 'pump', { temperature: 20 });
  const at = new Date(Date.now() - 1_000).toISOString();
  const lines = `timestamp,device,parameter,value\n${at},pump,temperature,99\n`;
  const job = await examined(running.ready.http, person, lines);
  assert.equal((await person.call('POST', `/imports/${job.id}/start`, {})).status, 202);
  await stateOf(person, job.id, ['done']);
  await publish(client, 'pump', { temperature: 21 });
  assert.deepEqual(await alarmsOf(person, rule.id), []);
});

test('a restart in the middle of a delay changes nothing of it', async () => {
  using directory = temporaryDirectory();
  let rule: Json;
  const from = Date.now();
  {
    await using running = await startAppliance({ dataDir: directory.path });
    rule = await makeRule(await running.signIn(), { condition: { ...HOT, for_seconds: 5 } });
    await publish(await running.connect(), 'pump', { temperature: 20 }, from - 1_000);
    await publish(await running.connect(), 'pump', { temperature: 90 }, from);
  }
  await using running = await startAppliance({
    dataDir: directory.path,
    seeded: false,
    flags: { 'rules.return_s': 0 },
  });
  const person = await running.signIn();
  const [alarm] = await alarmsAre(person, rule, ({ length }) => length === 1, 15_000);
  // Nobody has sent anything since.
  assert.equal(Date.parse(alarm?.raised_at) - from, 5_000);
});

test('more than may be on its way is read from disk, and nothing of it is missing', async () => {
  await using running = await startAppliance({ flags: { 'rules.max_queue_rows': 40 } });
  const person = await running.signIn();
  const client = await running.connect();
  const rule = await makeRule(person);
  await publish(client, 'pump', { temperature: 20 });
  await eventually(async () => ((await figure(running, 'factoryops_rules_folded_rows_total')) > 0 ? true : undefined));
  const from = Date.now() - 10_000;
  const [devices, samples] = [10, 60];
  const sent = Array.from({ length: samples }, (_, i) => from + i * 100).flatMap((ts, i) =>
    Array.from({ length: devices }, (__, d) => publish(client, `d${d}`, { temperature: i % 4 < 2 ? 20 : 90 }, ts)),
  );
  await Promise.all(sent);
  const alarms = await alarmsAre(person, rule, ({ length }) => length === (devices * samples) / 4, 20_000);
  assert.ok((await figure(running, 'factoryops_rules_catch_ups_total')) > 1, 'nothing was read from disk');
  const raised = alarms
    .filter(({ device_key: key }) => key === 'd3')
    .map((alarm) => Date.parse(alarm.raised_at) - from);
  assert.deepEqual(
    raised.toSorted((a, b) => a - b),
    Array.from({ length: samples / 4 }, (_, i) => 200 + i * 400),
  );
});

test('1,000 devices trip in one second, and each has its alarm', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const clients = await Promise.all(Array.from({ length: 4 }, () => running.connect()));
  const rule = await makeRule(person);
  const keys = Array.from({ length: 1_000 }, (_, i) => `m${i}`);
  const all = (temperature: number) =>
    Promise.all(keys.map((key, i) => publish(clients[i % 4] as MqttClient, key, { temperature })));
  await all(20);
  await all(90);
  const alarms = await alarmsAre(person, rule, ({ length }) => length >= 1_000, 30_000);
  assert.deepEqual(new Set(alarms.map((alarm) => alarm.device_key)), new Set(keys));
  assert.equal(alarms.length, 1_000);
});

const ROUNDS = 8;
/** Between two samples of a device (ms): ten minutes have room for more than are sent. */
const STEP_MS = 50;
const SAMPLES_A_ROUND = 25;

/** A device that sends one sample after the other, each once the one before is acknowledged, whatever happens between. */
interface Sender {
  readonly key: string;
  readonly hotAt: (index: number) => boolean;
  /** Of the sample that is to be acknowledged next. */
  index: number;
}

/** Lets them send until a moment that nobody has chosen. */
async function sendFor(mqtt: string, senders: readonly Sender[], from: number): Promise<() => void> {
  const client = await connectAsync(mqtt, { reconnectPeriod: 0 });
  client.on('error', () => {});
  let isOver = false;
  const run = async (sender: Sender) => {
    while (!isOver) {
      const ts = from + sender.index * STEP_MS;
      await publish(client, sender.key, { temperature: sender.hotAt(sender.index) ? 90 : 20 }, ts);
      sender.index++;
    }
  };
  for (const sender of senders) run(sender).catch(() => {});
  const last = senders.at(-1) as Sender;
  const enough = last.index + SAMPLES_A_ROUND;
  await eventually(() => last.index >= enough || undefined, 60_000);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
  return () => {
    isOver = true;
    client.end(true);
  };
}

/** When a rule with a delay raises its alarm, by the samples themselves. */
function raisesOf({ key, hotAt, index }: Sender, delayMs: number): string[] {
  const raises: string[] = [];
  for (let [i, since] = [0, Number.NaN]; i < index; i++) {
    const ms = i * STEP_MS;
    if (!hotAt(i)) since = Number.NaN;
    else if (Number.isNaN(since)) since = ms;
    if (ms - since === delayMs) raises.push(`${key} ${ms}`);
  }
  return raises;
}

test(`killed ${ROUNDS} times while alarms are raised: none is lost, none is there twice`, async () => {
  using directory = temporaryDirectory();
  assert.equal((await runCommand(['seed', '--data-dir', directory.path])).code, 0);
  const senders: Sender[] = [1, 2, 3, 5, 30].map((hot) => ({
    key: `kill-${hot}`,
    hotAt: (index) => index % (hot + 2) >= 2,
    index: 0,
  }));
  const from = Math.floor(Date.now() / 1_000) * 1_000 - 600_000;
  const rules: Json[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { child, ready, exited } = await spawnAppliance(['--data-dir', directory.path]);
    if (round === 0) {
      const person = await signIn(ready.http);
      for (const seconds of [0, 1]) {
        rules.push(
          await makeRule(person, {
            name: `after ${seconds} s`,
            condition: seconds === 0 ? HOT : { ...HOT, for_seconds: seconds },
          }),
        );
      }
    }
    const end = await sendFor(ready.mqtt, senders, from);
    child.kill('SIGKILL');
    await exited;
    end();
  }
  await using running = await startAppliance({ dataDir: directory.path, seeded: false });
  const person = await running.signIn();
  const client = await running.connect();
  // What was not acknowledged is sent again, and then up to a cold one: a hot one would wait for its delay alone.
  for (const sender of senders) {
    for (let isHot = true, sent = 0; isHot || sent < 2; sent++) {
      isHot = sender.hotAt(sender.index);
      const ts = from + sender.index * STEP_MS;
      await publish(client, sender.key, { temperature: isHot ? 90 : 20 }, ts);
      sender.index++;
    }
  }
  for (const [place, delayMs] of [0, 1_000].entries()) {
    const expected = senders.flatMap((sender) => raisesOf(sender, delayMs)).toSorted();
    const raised = (alarms: Json[]) =>
      alarms
        .filter(({ corrected }) => corrected !== 'withdrawn')
        .map((alarm) => `${alarm.device_key} ${Date.parse(alarm.raised_at) - from}`)
        .toSorted();
    // What time alone had raised while a device was away is taken back as time goes on.
    const isSo = (alarms: Json[]) => isDeepStrictEqual(raised(alarms), expected);
    await alarmsAre(person, rules[place] as Json, isSo, 30_000).catch(() => {});
    assert.deepEqual(raised(await alarmsOf(person, (rules[place] as Json).id)), expected);
    assert.ok(expected.length > 3, `only ${expected.length} were raised`);
  }
});

test('killed after a device has left a rule and come back: the alarm that stands since then stays', async () => {
  using directory = temporaryDirectory();
  assert.equal((await runCommand(['seed', '--data-dir', directory.path])).code, 0);
  const { child, ready, exited } = await spawnAppliance(['--data-dir', directory.path]);
  const person = await signIn(ready.http);
  const client = await connectAsync(ready.mqtt, { reconnectPeriod: 0 });
  client.on('error', () => {});
  await publish(client, 'pump', { temperature: 20 });
  const [device] = (await person.get('/devices?key=pump')).items;
  const tag = (...tags: string[]) => person.call('PATCH', `/devices/${device.id}`, { tags });
  await tag('line 1');
  const rule = await makeRule(person, { tags: ['line 1'] });
  await publish(client, 'pump', { temperature: 90 });
  await alarmsAre(person, rule, ([first]) => first?.status === 'active');
  await tag();
  await alarmsAre(person, rule, ([first]) => first?.cleared_because === 'device_out_of_rule');
  await publish(client, 'pump', { temperature: 91 });
  await tag('line 1');
  const isRaisedAnew = ([first, ...others]: Json[]) => first?.status === 'active' && others.length === 1;
  await alarmsAre(person, rule, isRaisedAnew);
  await publish(client, 'pump', { temperature: 92 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill('SIGKILL');
  await exited;
  await using running = await startAppliance({ dataDir: directory.path, seeded: false });
  const again = await running.signIn();
  const sender = await running.connect();
  await publish(sender, 'pump', { temperature: 93 });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [standing] = await alarmsOf(again, rule.id);
  assert.deepEqual([standing?.status, standing?.corrected, standing?.cleared_because], ['active', null, null]);
  await publish(sender, 'pump', { temperature: 20 });
  await alarmsAre(again, rule, ([first]) => first?.id === standing?.id && first?.status === 'cleared');
});
