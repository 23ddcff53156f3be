import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, RULE, rule } from '../support/alarms.ts';
import { eventually, personWith } from '../support/appliance.ts';
import { publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { makeChannel, notifyPlant, settled, tellBy, webhookTo } from '../support/notifications.ts';
import { httpReceiver, type Received } from '../support/receivers.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const bodiesOf = (received: readonly Received[]): Json[] => received.map(({ body }) => JSON.parse(body));
const told = (received: readonly Received[]): string[] =>
  bodiesOf(received).map(({ kind, severity }) => `${kind} ${severity}`);
const SID = `AC${'0'.repeat(32)}`;
const smsTo = (numbers: readonly string[]) => ({
  kind: 'sms',
  config: { account_sid: SID, from: '+4930123456', recipients: numbers.map((number) => ({ number })) },
  secrets: { auth_token: 'tw1l10-t0ken' },
});
const numberIn = ({ body }: Received): string => new URLSearchParams(body).get('To') ?? '';

test('channels that rest, however many, keep no other one waiting', async () => {
  await using receiver = await httpReceiver(({ path }) =>
    path === '/good' ? { status: 204 } : { status: 503, headers: { 'Retry-After': '3600' } },
  );
  await using plant = await notifyPlant();
  const { person } = plant;
  const down: string[] = [];
  for (let index = 0; index < 40; index++) {
    down.push((await makeChannel(person, webhookTo(`${receiver.url}/down/${index}`))).id);
  }
  tellBy(plant, down);
  const t = Date.now() - 60_000;
  // Two for each: when the first has failed, the other one stays due.
  for (const key of ['M01', 'M02']) {
    await plant.report(await plant.device(key), t, t + 5_000, [change(t + 1_000, 'high')]);
  }
  await eventually(() => (new Set(receiver.received.map(({ path }) => path)).size === 40 ? true : undefined), 20_000);
  tellBy(plant, [(await makeChannel(person, webhookTo(`${receiver.url}/good`))).id]);
  await plant.report(await plant.device('M03'), t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(() => receiver.received.find(({ path }) => path === '/good'), 8_000);
});

test('what waits in a factory that is archived keeps no other factory waiting', async () => {
  await using receiver = await httpReceiver(({ path }) => ({ status: path === '/good' ? 204 : 503 }));
  await using plant = await notifyPlant({ flags: { 'notify.max_attempts': 1_000, 'notify.retry_base_s': 1 } });
  const { person, running } = plant;
  const down: string[] = [];
  for (let index = 0; index < 12; index++) {
    down.push((await makeChannel(person, webhookTo(`${receiver.url}/down/${index}`))).id);
  }
  tellBy(plant, down);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const made = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const { body: entered } = await person.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const other = personWith(running.ready.http, entered.access_token);
  const { factory } = await (await running.signIn()).get('/auth/me');
  assert.equal((await other.call('POST', `/factories/${factory.id}/archive`)).status, 200);
  // Until all of it is due, and stays so.
  await new Promise((resolve) => setTimeout(resolve, 3_000));

  const good = await makeChannel(other, webhookTo(`${receiver.url}/good`));
  tellBy(plant, [good.id]);
  await publishTo(running, 'other', 'M01', 'temperature');
  const device = (await other.get('/devices?key=M01')).items[0].id;
  const report = { ruleId: RULE, ruleVersion: 1, deviceId: device, since: t, until: t + 5_000 };
  await plant.alarms.apply(2, [{ factoryId: 2, ...report, transitions: [change(t + 1_000, 'high')] }]);
  await eventually(() => receiver.received.find(({ path }) => path === '/good'), 8_000);
});

test('an alarm that becomes critical in quiet hours is told of then, and what led to it before', async () => {
  await using receiver = await httpReceiver();
  const now = Date.parse('2026-11-29T23:30:00Z');
  await using plant = await notifyPlant({ clock: { now: () => now } });
  const quiet_hours = { from: '22:00', to: '06:00', days: EVERY_DAY };
  const channel = await makeChannel(plant.person, webhookTo(receiver.url, { quiet_hours }));
  const { factory } = await plant.person.get('/auth/me');
  await plant.person.call('PATCH', `/factories/${factory.id}`, { timezone: 'UTC' });
  tellBy(plant, [channel.id]);
  const [device, calm] = [await plant.device('M01'), await plant.device('M02')];
  const t = now - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await plant.report(calm, t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(async () => {
    const { items } = await plant.person.get('/notifications?state=pending');
    return items.length === 2 && items.every(({ is_held }: Json) => is_held) ? true : undefined;
  });
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 8_000, 'critical', 99)]);
  await eventually(() => (receiver.received.length > 1 ? true : undefined), 8_000);
  assert.deepEqual(told(receiver.received), ['raised high', 'severity_changed critical']);
  const { items } = await plant.person.get('/notifications?state=pending');
  assert.deepEqual(
    items.map(({ kind, is_held }: Json) => [kind, is_held]),
    [['raised', true]],
  );
});

test('in a flood what is critical is told of at once and by itself, as far as the rate goes; the rest is gathered', async () => {
  await using receiver = await httpReceiver();
  // Nothing is gathered into a digest before the critical ones have to be there.
  await using plant = await notifyPlant({ flags: { 'notify.gather_s': 6 } });
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo(receiver.url, { rate_per_minute: 3 }));
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  const devices: string[] = [];
  for (let index = 0; index < 12; index++) devices.push(await plant.device(`M${index}`));
  for (const device of devices.slice(0, 8)) await plant.report(device, t, t + 5_000, [change(t + 1_000, 'low')]);
  for (const device of devices.slice(8)) await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  // One that was told of as high waits to be gathered when it becomes critical.
  for (const device of devices.slice(10)) {
    await plant.report(device, t + 5_000, t + 9_000, [change(t + 8_000, 'critical', 99)]);
  }
  const digest = () => bodiesOf(receiver.received).find(({ kind }) => kind === 'digest');
  await eventually(digest, 30_000);
  const bodies = bodiesOf(receiver.received);
  const before = bodies.slice(0, bodies.indexOf(bodies.find(({ kind }) => kind === 'digest')));
  const critical = before.filter(({ kind }) => kind === 'severity_changed');
  assert.equal(critical.length > 0, true, 'what is critical waited for the digest');
  const [first] = critical;
  const of = before.filter(({ alarm }) => alarm.id === first.alarm.id).map(({ kind }) => kind);
  assert.deepEqual(of, ['raised', 'severity_changed']);
  await settled(person, 14, 30_000);
  const { items } = await person.get('/notifications?limit=500');
  assert.equal(items.filter(({ kind }: Json) => kind !== 'digest').length, 14);
});

test('more critical alarms than the rate allows are gathered, though one may go now and then', async () => {
  await using receiver = await httpReceiver();
  // One may go every two seconds, which is sooner than they are gathered.
  await using plant = await notifyPlant({ flags: { 'notify.gather_s': 3 } });
  const channel = await makeChannel(plant.person, webhookTo(receiver.url, { rate_per_minute: 30 }));
  const notifications = [{ channel_id: channel.id, on: ['raised'] as const }];
  const t = Date.now() - 60_000;
  const deviceId = await plant.device('M01');
  const reports = Array.from({ length: 60 }, (_, index) => {
    const ruleId = `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, '0')}`;
    plant.rules.set(ruleId, rule(ruleId, { notifications }));
    const transitions = [change(t + 1_000, 'critical')];
    return { factoryId: 1, ruleId, ruleVersion: 1, deviceId, since: t, until: t + 5_000, transitions };
  });
  await plant.alarms.apply(1, reports);
  const items = await settled(plant.person, 61, 40_000);
  assert.equal(items.filter(({ kind, severity }) => kind === 'digest' && severity === 'critical').length, 1);
  const alone = items.filter(({ state, kind }) => state === 'sent' && kind === 'raised').length;
  assert.ok(alone >= 30, `only ${alone} of those that the rate allows came by themselves`);
  assert.equal(items.filter(({ state }) => state === 'digested').length, 60 - alone);
});

test('a rate is a rate, though its messages come one after the other', async () => {
  await using receiver = await httpReceiver();
  let now = Date.now();
  await using plant = await notifyPlant({ clock: { now: () => now } });
  const channel = await makeChannel(plant.person, webhookTo(receiver.url, { rate_per_minute: 1 }));
  const person = await plant.lasting();
  tellBy(plant, [channel.id]);
  const [one, other] = [await plant.device('M01'), await plant.device('M02')];
  const t = now - 60_000;
  await plant.report(one, t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(() => receiver.received[0]);
  await plant.report(other, t, t + 5_000, [change(t + 1_000, 'high')]);
  // Several looks of the outbox, in which no time passes.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.equal(receiver.received.length, 1);
  assert.equal((await person.get('/notifications?state=pending')).items.length, 1);
  now += 61_000;
  await eventually(() => receiver.received[1]);
  assert.deepEqual(told(receiver.received), ['raised high', 'raised high']);
});

test('numbers that cannot be reached keep none behind them from being told', async () => {
  const numbers = ['+10000000001', '+10000000002', '+10000000003', '+10000000004', '+10000000005'];
  const reached = new Set(numbers.slice(3));
  const asked: string[] = [];
  await using twilio = await httpReceiver((request) => {
    if (request.method === 'GET') return { status: 404 };
    const to = numberIn(request);
    if (!reached.has(to)) return { status: 503 };
    asked.push(to);
    return { status: 201, body: `{"sid":"SM${asked.length}","status":"queued"}` };
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const channel = await makeChannel(person, smsTo(numbers));
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const [item] = await settled(person);
  assert.equal(item?.state, 'dead');
  assert.deepEqual(asked, [...reached]);
});

test('who cannot be reached keeps nobody else waiting for what follows of a critical alarm', async () => {
  const [bad, good] = ['+10000000001', '+10000000002'];
  const texts: string[] = [];
  await using twilio = await httpReceiver((request) => {
    if (request.method === 'GET') return { status: 404 };
    if (numberIn(request) === bad) return { status: 503 };
    texts.push(new URLSearchParams(request.body).get('Body') ?? '');
    return { status: 201, body: `{"sid":"SM${texts.length}","status":"queued"}` };
  });
  const flags = { 'notify.twilio_url': twilio.url, 'notify.retry_base_s': 3_600, 'notify.max_attempts': 12 };
  await using plant = await notifyPlant({ flags });
  const channel = await makeChannel(plant.person, smsTo([bad, good]));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(() => texts[0]);
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 8_000, 'critical', 99)]);
  assert.match(await eventually(() => texts[1], 8_000), /CRITICAL/);
});

test('of several who are told, each is written down at once, and none is told of what was withdrawn meanwhile', async () => {
  const release = Promise.withResolvers<void>();
  const asked: string[] = [];
  await using twilio = await httpReceiver((request) => {
    if (request.method === 'GET') return { status: 404 };
    asked.push(numberIn(request));
    return {
      status: 201,
      body: `{"sid":"SM${asked.length}","status":"queued"}`,
      after: asked.length === 2 ? release.promise : undefined,
    };
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url, 'notify.timeout_s': 20 } });
  const { person } = plant;
  const channel = await makeChannel(person, smsTo(['+10000000001', '+10000000002', '+10000000003']));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(() => asked[1]);
  const [item] = (await person.get('/notifications')).items;
  assert.deepEqual([item.state, item.provider_id], ['pending', 'SM1']);
  await plant.report(device, t, t + 5_000, []);
  release.resolve();
  const items = await settled(person, 2);
  // That it had not happened is told because somebody was told that it had.
  assert.deepEqual(asked, ['+10000000001', '+10000000002', '+10000000001', '+10000000002', '+10000000003']);
  assert.deepEqual(
    items.map(({ kind, state }) => `${kind} ${state}`),
    ['raised suppressed', 'cleared sent'],
  );
});

test('a digest that is still to be sent tells neither of what had not happened nor of what is shelved by then', async () => {
  let isDown = true;
  await using receiver = await httpReceiver(() => ({ status: isDown ? 503 : 204 }));
  let ahead = 0;
  const flags = { 'notify.max_attempts': 1_000, 'notify.retry_base_s': 0.2 };
  await using plant = await notifyPlant({ flags, clock: { now: () => Date.now() + ahead } });
  const channel = await makeChannel(plant.person, webhookTo(receiver.url, { rate_per_minute: 1 }));
  const person = await plant.lasting();
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  const devices = [await plant.device('M01'), await plant.device('M02'), await plant.device('M03')];
  for (const device of devices) await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const digest = () => bodiesOf(receiver.received).findLast(({ kind }) => kind === 'digest');
  assert.deepEqual((await eventually(digest)).counts, [{ kind: 'raised', severity: 'high', count: 3 }]);
  const [, second = '', third = ''] = devices;
  await plant.report(second, t, t + 5_000, []);
  const { items: alarms } = await person.get('/alerts?limit=10');
  const shelved = alarms.find(({ device_id }: Json) => device_id === third);
  await person.call('POST', `/alerts/${shelved.id}/shelve`, { minutes: 60, reason: 'known' });
  isDown = false;
  // A message by itself goes when the rate allows for it.
  await eventually(async () => (await person.get('/notifications?state=sent')).items[0]);
  ahead += 61_000;
  const items = await settled(person, 5);
  const { counts, worst } = digest();
  assert.deepEqual(counts, [{ kind: 'raised', severity: 'high', count: 1 }]);
  assert.deepEqual(
    worst.map(({ device_id }: Json) => device_id),
    devices.slice(0, 1),
  );
  assert.deepEqual(
    items.filter(({ kind }) => kind === 'cleared').map(({ state }) => state),
    ['suppressed'],
  );
});

test('who was not told of an alarm before it was shelved is told when it comes back, whoever else was', async () => {
  let isDown = true;
  await using receiver = await httpReceiver(({ path }) => ({ status: isDown && path === '/down' ? 503 : 204 }));
  await using plant = await notifyPlant({ flags: { 'notify.max_attempts': 1_000, 'notify.retry_base_s': 0.2 } });
  const { person } = plant;
  const paths = ['/up', '/down'];
  const channels: string[] = [];
  for (const path of paths) channels.push((await makeChannel(person, webhookTo(receiver.url + path))).id);
  tellBy(plant, channels);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(() => paths.every((path) => receiver.received.some((one) => one.path === path)) || undefined);
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, reason: 'known' });
  await settled(person, 2);
  isDown = false;
  await person.call('POST', `/alerts/${id}/unshelve`);
  const items = await settled(person, 3);
  const of = (channel: string | undefined) =>
    items.filter(({ channel_id }) => channel_id === channel).map(({ kind, state }) => `${kind} ${state}`);
  assert.deepEqual(of(channels[0]), ['raised sent']);
  assert.deepEqual(of(channels[1]), ['raised suppressed', 'raised sent']);
});
