import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { change } from '../support/alarms.ts';
import { eventually, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import {
  makeChannel,
  NOTIFY_FLAGS,
  notifyPlant,
  SECRET,
  settled,
  tellBy,
  webhookTo,
} from '../support/notifications.ts';
import { httpReceiver, type Received } from '../support/receivers.ts';
import { openStream } from '../support/sse.ts';

const kindsOf = (received: readonly Received[]): string[] => received.map(({ body }) => JSON.parse(body).kind);
const statesOf = (items: readonly Json[]): string[] => items.map(({ kind, state }) => `${kind} ${state}`);

test('what happens to an alarm is told in its order, each once, signed, and with a key', async () => {
  await using receiver = await httpReceiver();
  await using plant = await notifyPlant();
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo(`${receiver.url}/hook?x=1`));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await plant.report(device, t + 5_000, t + 6_000, [change(t + 5_500, 'critical', 99)]);
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/acknowledge`, { comment: 'coming' });
  await plant.report(device, t + 6_000, t + 9_000, [change(t + 8_000, null, 70)]);
  const items = await settled(person, 4);
  assert.deepEqual(statesOf(items), ['raised sent', 'severity_changed sent', 'acknowledged sent', 'cleared sent']);
  assert.deepEqual(kindsOf(receiver.received), ['raised', 'severity_changed', 'acknowledged', 'cleared']);
  const [first] = receiver.received;
  assert.equal(first?.path, '/hook?x=1');
  assert.equal(first?.headers['idempotency-key'], items[0]?.id);
  const [, stamp, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers['x-factoryops-signature'])) ?? [];
  assert.equal(mac, createHmac('sha256', SECRET).update(`${stamp}.${first?.body}`).digest('hex'));
  const body = JSON.parse(first?.body ?? '');
  assert.deepEqual([body.alarm.id, body.alarm.device_key, body.factory.slug], [id, 'M01', 'vpc']);
  assert.equal(body.url, `https://plant.example/alarms/${id}?factory=vpc`);
  assert.match(JSON.parse(receiver.received[2]?.body ?? '').title, /acknowledged by VPC Admin/);
  const shown = await person.get(`/notification-channels/${channel.id}`);
  assert.deepEqual([shown.secrets, shown.pending, shown.dead], [['signing_secret'], 0, 0]);
  assert.equal(JSON.stringify(await person.get('/audit?limit=500')).includes(SECRET), false);
});

test('a server that fails is asked again, one that says when is not asked before, and what is refused is given up', async () => {
  const replies: Record<
    string,
    (count: number) => { status: number; headers?: Record<string, string>; body?: string }
  > = {
    '/fails': (count) => ({ status: count < 3 ? 500 : 200 }),
    '/busy': (count) => (count < 2 ? { status: 429, headers: { 'Retry-After': '1' } } : { status: 200 }),
    '/gone': () => ({ status: 410, body: 'no such hook' }),
    '/elsewhere': () => ({ status: 307, headers: { Location: '/target' } }),
  };
  const counts: Record<string, number> = {};
  const at: Record<string, number[]> = {};
  await using receiver = await httpReceiver(({ path }) => {
    counts[path] = (counts[path] ?? 0) + 1;
    at[path] = [...(at[path] ?? []), Date.now()];
    return path === '/silent' ? undefined : (replies[path]?.(counts[path] ?? 0) ?? { status: 200 });
  });
  await using plant = await notifyPlant({ flags: { 'notify.timeout_s': 0.5 } });
  const { person } = plant;
  const ids: Record<string, string> = {};
  for (const path of [...Object.keys(replies), '/silent']) {
    ids[path] = (await makeChannel(person, webhookTo(receiver.url + path))).id;
  }
  tellBy(plant, Object.values(ids));
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const items = await settled(person, 5);
  const of = (path: string) => items.find(({ channel_id }) => channel_id === ids[path]);
  assert.deepEqual([of('/fails')?.state, of('/fails')?.attempts], ['sent', 3]);
  assert.deepEqual([of('/busy')?.state, of('/busy')?.attempts], ['sent', 2]);
  const [first = 0, second = 0] = at['/busy'] ?? [];
  assert.ok(second - first >= 1_000, 'it was asked again before it said');
  assert.deepEqual([of('/gone')?.state, of('/gone')?.attempts], ['dead', 1]);
  assert.match(of('/gone')?.answer, /410 no such hook/);
  assert.equal(of('/elsewhere')?.state, 'dead');
  assert.match(of('/elsewhere')?.answer, /307: leads to \/target, which is not followed/);
  assert.equal(counts['/target'], undefined);
  assert.deepEqual([of('/silent')?.state, of('/silent')?.attempts], ['dead', 4]);
  assert.match(of('/silent')?.answer, /no answer within 0.5 s/);

  // What was given up is sent again when somebody says so, with the same key.
  replies['/gone'] = () => ({ status: 200 });
  assert.equal((await person.call('POST', `/notifications/${of('/fails')?.id}/retry`)).status, 409);
  assert.equal((await person.get('/notifications?state=dead')).items.length, 3);
  assert.equal((await person.call('POST', `/notifications/${of('/gone')?.id}/retry`)).body.state, 'pending');
  const [again] = (await settled(person, 5)).filter(({ id }) => id === of('/gone')?.id);
  assert.equal(again?.state, 'sent');
  const keys = receiver.received
    .filter(({ path }) => path === '/gone')
    .map(({ headers }) => headers['idempotency-key']);
  assert.deepEqual(keys, [again?.id, again?.id]);
});

test('nobody is told of what is shelved or suppressed, nor of what had not happened; they are once it comes back', async () => {
  await using receiver = await httpReceiver();
  await using plant = await notifyPlant();
  const { person, alarms } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const window = await person.call('POST', '/maintenance-windows', { device_ids: [device], reason: 'bearing' });
  await alarms.look();
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 8_000, null)]);
  await plant.report(device, t + 9_000, t + 12_000, [change(t + 10_000, 'critical')]);
  assert.deepEqual((await person.get('/notifications')).items, []);
  await person.call('DELETE', `/maintenance-windows/${window.body.id}`);
  await alarms.look();
  const [told] = await settled(person);
  assert.deepEqual([told?.kind, told?.severity, told?.state], ['raised', 'critical', 'sent']);
  assert.deepEqual(kindsOf(receiver.received), ['raised']);

  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/acknowledge`, {});
  await settled(person, 2);
  await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, reason: 'known' });
  // It is closed by this, and so is on no shelf any more; it was on one when it cleared.
  await plant.report(device, t + 12_000, t + 15_000, [change(t + 13_000, null)]);
  assert.equal((await person.get(`/alerts/${id}`)).status, 'closed');
  assert.equal((await person.get('/notifications')).items.length, 2);
});

test('who was told that an alarm is over is told when it turns out that it is not', async () => {
  await using receiver = await httpReceiver();
  await using plant = await notifyPlant();
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 20_000, [change(t + 2_000, 'high'), change(t + 9_000, null)]);
  await settled(person, 2);
  // Another correction says nothing of that.
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'high'), change(t + 9_000, null)]);
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'high')]);
  assert.deepEqual(statesOf(await settled(person, 3)), ['raised sent', 'cleared sent', 'raised sent']);
  await plant.report(device, t, t + 20_000, [change(t + 1_500, 'high')]);
  assert.equal((await settled(person, 3)).length, 3, 'it is known that it stands');

  // The same while nobody is to be told: they are when that is over.
  await plant.report(device, t, t + 20_000, [change(t + 1_500, 'high'), change(t + 12_000, null)]);
  await settled(person, 4);
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, reason: 'known' });
  await plant.report(device, t, t + 20_000, [change(t + 1_500, 'high')]);
  assert.equal((await settled(person, 4)).length, 4);
  await person.call('POST', `/alerts/${id}/unshelve`);
  assert.deepEqual(statesOf(await settled(person, 5)).at(-1), 'raised sent');
});

test('an alarm that is withdrawn before anybody is told is told of to nobody', async () => {
  let isDown = true;
  await using receiver = await httpReceiver(() => ({ status: isDown ? 503 : 200 }));
  await using plant = await notifyPlant({ flags: { 'notify.max_attempts': 1_000, 'notify.retry_base_s': 0.2 } });
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(() => (receiver.received.length > 0 ? true : undefined));
  await plant.report(device, t, t + 5_000, []);
  isDown = false;
  const items = await settled(person, 2);
  assert.deepEqual(statesOf(items), ['raised suppressed', 'cleared suppressed']);
  assert.match(items[0]?.answer, /had not happened/);
});

test('a flood of 1,000 alarms is one digest that counts them all, and the API answers meanwhile', async () => {
  await using receiver = await httpReceiver();
  await using plant = await notifyPlant({ flags: { 'notify.gather_s': 5 } });
  const { person, alarms } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url));
  tellBy(plant, [channel.id]);
  const rules = Array.from(
    { length: 1_000 },
    (_, index) => `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
  const known = [...plant.rules.values()][0];
  for (const id of rules) if (known !== undefined) plant.rules.set(id, { ...known, id });
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  const reports = rules.map((ruleId, index) => ({
    factoryId: 1,
    ruleId,
    ruleVersion: 1,
    deviceId: device,
    since: t,
    until: t + 5_000,
    transitions: [change(t + 1_000, index === 500 ? 'critical' : index === 600 ? 'high' : 'low')],
  }));
  const applied = alarms.apply(1, reports);
  while ((await person.get('/alerts?limit=1')).items[0]?.number !== 1_000);
  await applied;
  const digest = await eventually(
    async () =>
      (await person.get('/notifications?state=sent&limit=500')).items.find(({ kind }: Json) => kind === 'digest'),
    40_000,
  );
  const bodies = receiver.received.map(({ body }) => JSON.parse(body));
  const digests = bodies.filter(({ kind }) => kind === 'digest');
  assert.equal(digests.length, 1);
  const alone = bodies.length - 1;
  // What is critical has an allowance of its own: it does not wait for the digest.
  const urgent = bodies.slice(0, bodies.indexOf(digests[0])).filter(({ severity }) => severity === 'critical');
  assert.equal(urgent.length, 1);
  assert.ok(alone - urgent.length <= 10, `${alone} came one by one`);
  const counted = digests[0].counts.reduce((sum: number, { count }: Json) => sum + count, 0);
  assert.equal(counted + alone, 1_000);
  assert.equal(digest.severity, 'high');
  assert.equal(digests[0].worst[0].severity, 'high');
  assert.match(digests[0].title, /△ High: .* messages in one/);
  const { items } = await person.get('/notifications?state=digested&limit=500');
  assert.ok(items.every(({ digest_id }: Json) => digest_id === digest.id));
  assert.deepEqual((await person.get('/notifications?state=pending,dead')).items, []);
});

test('open pages and subscribers of MQTT are told, and the test button says what the other side says', async () => {
  await using plant = await notifyPlant();
  const { person, running } = plant;
  const browser = await makeChannel(person, { kind: 'browser', config: {} });
  const viewers = await makeChannel(person, { kind: 'browser', config: { roles: ['viewer'] } });
  const mqtt = await makeChannel(person, { kind: 'mqtt', config: { topic: 'shift' } });
  tellBy(plant, [browser.id, viewers.id, mqtt.id]);
  const rights = { role: 'operator', permissions: [] };
  const { body: key } = await person.call('POST', '/api-keys', { name: 'reader', ...rights, expires_at: null });
  const client = await running.connect({ username: 'api-key', password: key.secret });
  await client.subscribeAsync('factories/vpc/notifications/#', { qos: 1 });
  const published: Json[] = [];
  client.on('message', (topic, payload) => published.push([topic, JSON.parse(payload.toString())]));
  await using stream = await openStream(running.ready.http, person.token);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const items = await settled(person, 3);
  const answerOf = (id: string) => items.find(({ channel_id }) => channel_id === id)?.answer;
  assert.match(answerOf(browser.id), /^shown in 1 open page$/);
  assert.deepEqual([...new Set(items.map(({ alarm_number }) => alarm_number))], [1]);
  assert.match(answerOf(viewers.id), /^shown in 0 open pages$/);
  const [topic, message] = await eventually(() => published[0]);
  assert.deepEqual([topic, message.kind, message.alarm.number], ['factories/vpc/notifications/shift', 'raised', 1]);
  const shown = await stream.next('notification');
  assert.match(shown.data.title, /^△ High: #1 Bearing hot/);
  const tested = await person.call('POST', `/notification-channels/${mqtt.id}/test`);
  assert.deepEqual([tested.status, tested.body.delivered], [200, true]);
  assert.match(tested.body.results[0].detail, /1 subscribed/);
});

test('in quiet hours only what is critical goes through; the others come in one message at their end', async () => {
  await using receiver = await httpReceiver();
  // Half past eleven in the evening there.
  let now = Date.parse('2026-11-29T23:30:00+05:30');
  await using plant = await notifyPlant({ clock: { now: () => now } });
  const { factory } = await plant.person.get('/auth/me');
  const zoned = await plant.person.call('PATCH', `/factories/${factory.id}`, { timezone: 'Asia/Kolkata' });
  assert.equal(zoned.status, 200);
  const person = await plant.lasting();
  const quiet_hours = { from: '22:00', to: '06:00', days: [1, 2, 3, 4, 5, 6, 7] };
  const channel = await makeChannel(plant.person, webhookTo(receiver.url, { quiet_hours }));
  tellBy(plant, [channel.id]);
  const [one, other, third] = [await plant.device('M01'), await plant.device('M02'), await plant.device('M03')];
  const t = now - 60_000;
  await plant.report(one, t, t + 5_000, [change(t + 1_000, 'high')]);
  await plant.report(other, t, t + 5_000, [change(t + 1_000, 'critical')]);
  await plant.report(third, t, t + 5_000, [change(t + 1_000, 'low')]);
  await eventually(() => (receiver.received.length > 0 ? true : undefined));
  const held = await eventually(async () => {
    const { items } = await person.get('/notifications?state=pending');
    return items.length === 2 && items.every(({ is_held }: Json) => is_held) ? items : undefined;
  });
  assert.equal(Date.parse(held[0].due_at), Date.parse('2026-11-30T06:00:00+05:30'));
  assert.deepEqual(
    receiver.received.map(({ body }) => JSON.parse(body).severity),
    ['critical'],
  );
  now = Date.parse('2026-11-30T06:00:01+05:30');
  const digest = await eventually(() => receiver.received[1], 10_000);
  const { kind, severity, counts } = JSON.parse(digest.body);
  assert.deepEqual([kind, severity], ['digest', 'high']);
  assert.deepEqual(counts, [
    { kind: 'raised', severity: 'high', count: 1 },
    { kind: 'raised', severity: 'low', count: 1 },
  ]);
});

test('who is told when nobody acknowledges is told step by step, and of what has been acknowledged not at all', async () => {
  await using receiver = await httpReceiver();
  let now = Date.now();
  await using plant = await notifyPlant({ clock: { now: () => now } });
  const channel = await makeChannel(plant.person, webhookTo(receiver.url));
  const person = await plant.lasting();
  tellBy(plant, [], { escalation: [{ after_seconds: 60, channel_id: channel.id }] });
  const [one, other] = [await plant.device('M01'), await plant.device('M02')];
  const t = now - 60_000;
  await plant.report(one, t, t + 5_000, [change(t + 1_000, 'high')]);
  await plant.report(other, t, t + 5_000, [change(t + 1_000, 'high')]);
  const [second] = (await person.get('/alerts?limit=1')).items;
  await person.call('POST', `/alerts/${second.id}/acknowledge`, {});
  now += 61_000;
  await plant.alarms.look();
  const items = await settled(person);
  assert.deepEqual(statesOf(items), ['escalated sent']);
  assert.match(JSON.parse(receiver.received[0]?.body ?? '').title, /escalated, step 1: nobody has acknowledged it/);
});

test('an escalation that could not be sent in time does not say of what somebody has acknowledged that nobody has', async () => {
  let isDown = true;
  await using receiver = await httpReceiver(() => ({ status: isDown ? 503 : 200 }));
  let now = Date.now();
  const flags = { 'notify.max_attempts': 1_000, 'notify.retry_base_s': 0.2 };
  await using plant = await notifyPlant({ clock: { now: () => now }, flags });
  const channel = await makeChannel(plant.person, webhookTo(receiver.url));
  const person = await plant.lasting();
  tellBy(plant, [], { escalation: [{ after_seconds: 60, channel_id: channel.id }] });
  const t = now - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  now += 61_000;
  await plant.alarms.look();
  await eventually(() => receiver.received.length > 0 || undefined);
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/acknowledge`, {});
  isDown = false;
  const before = receiver.received.length;
  now += 5_000;
  const [item] = await settled(person);
  assert.deepEqual([item?.kind, item?.state], ['escalated', 'suppressed']);
  assert.match(item?.answer, /acknowledged or closed meanwhile/);
  assert.ok(receiver.received.length <= before + 1);
});

test('what was given up is not sent again by a channel that is switched off, and stays to be sent again', async () => {
  let isDown = true;
  await using receiver = await httpReceiver(() => ({ status: isDown ? 410 : 200 }));
  await using plant = await notifyPlant();
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url));
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const [dead] = await settled(person);
  isDown = false;
  const path = `/notification-channels/${channel.id}`;
  await person.call('PATCH', path, { is_active: false });
  const refused = await person.call('POST', `/notifications/${dead?.id}/retry`);
  assert.deepEqual([refused.status, /switched off/.test(refused.body.detail)], [409, true]);
  await person.call('PATCH', path, { is_active: true });
  await person.call('POST', `/notifications/${dead?.id}/retry`);
  assert.deepEqual(statesOf(await settled(person)), ['raised sent']);
});

test('a webhook has a message when its status says so, however long it takes over the rest of its answer', async () => {
  await using receiver = await httpReceiver(() => ({ status: 200, headers: { 'Content-Length': '500' }, body: 'ok' }));
  await using plant = await notifyPlant();
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url));
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const [item] = await settled(person);
  assert.deepEqual([item?.state, item?.answer], ['sent', 'HTTP 200 ok']);
  assert.equal(receiver.received.length, 1);
});

test('a rule that trips over MQTT tells by its channel', async () => {
  await using receiver = await httpReceiver();
  await using running = await startAppliance({ flags: NOTIFY_FLAGS });
  const person = await running.signIn();
  const channel = await makeChannel(person, webhookTo(receiver.url));
  const rule = {
    name: 'Bearing hot',
    severity: 'high',
    condition: { parameter: 'temperature', operator: 'gt', value: 80 },
    notifications: [{ channel_id: channel.id, on: ['raised', 'cleared'] }],
  };
  assert.equal((await person.call('POST', '/rules', rule)).status, 201);
  const client = await running.connect();
  const send = (temperature: number) =>
    client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { temperature } }), {
      qos: 1,
    });
  await send(20);
  await eventually(async () => {
    await send(90);
    return receiver.received.length > 0 ? true : undefined;
  }, 15_000);
  await send(20);
  await eventually(() => (receiver.received.length > 1 ? true : undefined), 15_000);
  assert.deepEqual(kindsOf(receiver.received), ['raised', 'cleared']);
  assert.match(JSON.parse(receiver.received[0]?.body ?? '').title, /Bearing hot: temperature is 90/);
});
