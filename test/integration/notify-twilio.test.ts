import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { change } from '../support/alarms.ts';
import { eventually, type Person, temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { makeChannel, notifyPlant, settled, tellBy } from '../support/notifications.ts';
import { httpReceiver, type Reply } from '../support/receivers.ts';

const SID = `AC${'0'.repeat(32)}`;
const CONTENT = `HX${'a'.repeat(32)}`;
const TO = '+4915112345678';
const TOKEN = 'tw1l10-t0ken';

/** Twilio's answers, as its documentation shows them. */
const taken = (sid: string): Reply => ({
  status: 201,
  body: JSON.stringify({ sid, status: 'queued', error_code: null, error_message: null, num_segments: '1' }),
});
const UNDELIVERED = { status: 'undelivered', error_code: 30_003, error_message: 'Unreachable destination handset' };
const refused = (status: number, code: number, message: string): Reply => ({
  status,
  body: JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }),
});

const smsTo = (more: object = {}) => ({
  kind: 'sms',
  config: { account_sid: SID, from: '+4930123456', recipients: [{ number: TO }], ...more },
  secrets: { auth_token: TOKEN },
});
const whatsappTo = () => ({ ...smsTo({ content_sid: CONTENT }), kind: 'whatsapp' });

test('SMS are a text, WhatsApp messages an approved template with its variables', async () => {
  let count = 0;
  await using twilio = await httpReceiver(() => taken(`SM${String(count++).padStart(32, '0')}`));
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const sms = await makeChannel(person, smsTo());
  const whatsapp = await makeChannel(person, whatsappTo());
  tellBy(plant, [sms.id, whatsapp.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const items = await settled(person, 2);
  for (const item of items) {
    assert.deepEqual([item.state, /queued \(SM0+\d\)/.test(item.answer)], ['sent', true], item.answer);
    assert.match(item.provider_id, /^SM/);
  }
  const forms = twilio.received.map(({ body }) => new URLSearchParams(body));
  const text = forms.find((form) => form.has('Body'));
  assert.deepEqual([text?.get('To'), text?.get('From')], [TO, '+4930123456']);
  assert.match(text?.get('Body') ?? '', /^△ High: #1 Bearing hot: .* M01 https:\/\/plant\.example\/alarms\//);
  const template = forms.find((form) => form.has('ContentSid'));
  assert.deepEqual([template?.get('To'), template?.get('ContentSid')], [`whatsapp:${TO}`, CONTENT]);
  assert.equal(template?.has('Body'), false);
  const variables = JSON.parse(template?.get('ContentVariables') ?? '{}');
  assert.deepEqual([variables[1], variables[3]], ['△ High', 'M01']);
  const [request] = twilio.received;
  assert.equal(request?.path, `/2010-04-01/Accounts/${SID}/Messages.json`);
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`);
});

test('what Twilio refuses is shown in its words and given up; when it is busy or down it is asked again', async () => {
  const answers: Record<string, (count: number) => Reply> = {
    '+10000000001': () => refused(400, 21211, "Invalid 'To' Phone Number: +1000000XXXX"),
    '+10000000002': () => refused(401, 20003, 'Authenticate'),
    '+10000000003': (count) =>
      count === 1 ? { ...refused(429, 20429, 'Too Many Requests'), headers: { 'Retry-After': '1' } } : taken('SM1'),
    '+10000000004': (count) => (count === 1 ? { status: 503, body: 'Service Unavailable' } : taken('SM2')),
  };
  const counts: Record<string, number> = {};
  await using twilio = await httpReceiver(({ body }) => {
    const to = new URLSearchParams(body).get('To') ?? '';
    counts[to] = (counts[to] ?? 0) + 1;
    return answers[to]?.(counts[to] ?? 0);
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const made: Json[] = [];
  for (const number of Object.keys(answers)) made.push(await makeChannel(person, smsTo({ recipients: [{ number }] })));
  tellBy(
    plant,
    made.map(({ id }) => id),
  );
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const items = await settled(person, 4);
  const [invalid, unknown, busy, down] = made.map(({ id }) => items.find(({ channel_id }) => channel_id === id));
  assert.deepEqual([invalid?.state, invalid?.attempts], ['dead', 1]);
  assert.match(invalid?.answer, /HTTP 400: Invalid 'To' Phone Number: \+1000000XXXX \(error 21211\)/);
  assert.deepEqual([unknown?.state, /20003/.test(unknown?.answer)], ['dead', true]);
  assert.deepEqual([busy?.state, busy?.attempts], ['sent', 2]);
  assert.deepEqual([down?.state, down?.attempts], ['sent', 2]);
  assert.equal(JSON.stringify(items).includes(TOKEN), false);
});

test('of several numbers only those are told again that have not been told', async () => {
  let isDown = true;
  const told: string[] = [];
  await using twilio = await httpReceiver(({ body }) => {
    const to = new URLSearchParams(body).get('To') ?? '';
    if (to === TO && isDown) return { status: 500 };
    told.push(to);
    return taken(`SM${told.length}`);
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const recipients = [{ number: '+10000000001' }, { number: TO }, { number: '+10000000002' }];
  const channel = await makeChannel(person, smsTo({ recipients }));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await eventually(async () => ((await person.get('/notifications')).items[0]?.attempts > 0 ? true : undefined));
  isDown = false;
  const [item] = await settled(person);
  assert.equal(item?.state, 'sent');
  assert.deepEqual(told, ['+10000000001', '+10000000002', TO]);
});

test('what Twilio took and could not deliver is given up with its error, and can be sent again', async () => {
  let asked = 0;
  await using twilio = await httpReceiver(({ method, body }) => {
    if (method === 'POST') return taken(`SM${'1'.repeat(32)}`);
    asked += 1;
    const error = { error_code: 63_016, error_message: 'Outside the allowed window' };
    assert.equal(body, '');
    return { status: 200, body: JSON.stringify({ sid: `SM${'1'.repeat(32)}`, status: 'undelivered', ...error }) };
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const channel = await makeChannel(person, whatsappTo());
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const dead = await eventually(async () => (await person.get('/notifications?state=dead')).items[0], 15_000);
  assert.match(dead.answer, /undelivered .*Outside the allowed window \(error 63016\)/);
  assert.equal(asked, 1);
  await person.call('POST', `/notifications/${dead.id}/retry`);
  assert.equal((await settled(person))[0]?.state, 'sent');
  assert.equal(twilio.received.filter(({ method }) => method === 'POST').length, 2);
});

test('of several numbers each that Twilio could not deliver to is told again', async () => {
  const numbers = ['+10000000001', '+10000000002'];
  const told: string[] = [];
  await using twilio = await httpReceiver(({ method, path, body }) => {
    if (method === 'POST') return taken(`SM${told.push(new URLSearchParams(body).get('To') ?? '')}`);
    const sid = /(SM\d+)\.json$/.exec(path)?.[1];
    return { status: 200, body: JSON.stringify({ sid, status: 'undelivered', error_code: 30_003 }) };
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const channel = await makeChannel(person, smsTo({ recipients: numbers.map((number) => ({ number })) }));
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const dead = await eventually(async () => {
    const [item] = (await person.get('/notifications?state=dead')).items;
    const asked = twilio.received.filter(({ method }) => method === 'GET').length;
    return asked === 2 ? item : undefined;
  }, 15_000);
  await person.call('POST', `/notifications/${dead.id}/retry`);
  await settled(person);
  assert.deepEqual(told, [...numbers, ...numbers]);
});

test('one that Twilio could not deliver to while others were still told is not taken for told', async () => {
  const numbers = Array.from({ length: 22 }, (_, index) => `+100000000${10 + index}`);
  const told: string[] = [];
  await using twilio = await httpReceiver(({ method, path, body }) => {
    if (method === 'POST') {
      return { ...taken(`SM${told.push(new URLSearchParams(body).get('To') ?? '')}`), after: sleep(300) };
    }
    return { status: 200, body: JSON.stringify(path.endsWith('/SM1.json') ? UNDELIVERED : { status: 'delivered' }) };
  });
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const { person } = plant;
  const channel = await makeChannel(person, smsTo({ recipients: numbers.map((number) => ({ number })) }));
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const [item] = await settled(person, 1, 25_000);
  assert.ok(twilio.received.some(({ path }) => path.endsWith('/SM1.json')));
  assert.equal(item?.state, 'dead', item?.answer);
  assert.match(item?.answer, /\+10000000010: undelivered/);
  await person.call('POST', `/notifications/${item?.id}/retry`);
  await settled(person);
  assert.deepEqual(told, [...numbers, numbers[0]]);
});

test('an answer of Twilio that breaks off is no refusal: it is asked again', async () => {
  await using twilio = await httpReceiver((_received, count) =>
    count === 1 ? { status: 201, headers: { 'Content-Length': '500' }, body: '{"sid":"SM' } : taken('SM2'),
  );
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  const channel = await makeChannel(plant.person, smsTo());
  tellBy(plant, [channel.id]);
  const t = Date.now() - 60_000;
  await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
  const [item] = await settled(plant.person);
  assert.deepEqual([item?.state, item?.attempts], ['sent', 2]);
});

test('what Twilio took before a restart is asked after when the appliance is back', async () => {
  using directory = temporaryDirectory();
  const numbers = ['+10000000001', '+10000000002'];
  let isBack = false;
  const told: string[] = [];
  await using twilio = await httpReceiver(({ method, path, body }) => {
    if (method === 'POST') return taken(`SM${told.push(new URLSearchParams(body).get('To') ?? '')}`);
    const sid = /(SM\d+)\.json$/.exec(path)?.[1];
    // The second of them has no such number.
    const failed = isBack && sid === 'SM2';
    return { status: 200, body: JSON.stringify({ sid, ...(failed ? UNDELIVERED : { status: 'sent' }) }) };
  });
  const options = { dataDir: directory.path, flags: { 'notify.twilio_url': twilio.url } };
  {
    await using plant = await notifyPlant(options);
    const channel = await makeChannel(plant.person, smsTo({ recipients: numbers.map((number) => ({ number })) }));
    tellBy(plant, [channel.id]);
    const t = Date.now() - 60_000;
    await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
    assert.equal((await settled(plant.person))[0]?.state, 'sent');
  }
  isBack = true;
  await using plant = await notifyPlant({ ...options, seeded: false });
  const dead = await eventually(async () => (await plant.person.get('/notifications?state=dead')).items[0], 15_000);
  assert.match(dead.answer, /\+10000000002: undelivered \(SM2\).*error 30003/);
  await plant.person.call('POST', `/notifications/${dead.id}/retry`);
  await eventually(() => told.length === 3 || undefined);
  assert.deepEqual(told, [...numbers, '+10000000002']);
});

for (const [state, reply] of [
  ['pending', { status: 503 }],
  ['dead', refused(400, 21_211, 'Invalid To Phone Number')],
] as const) {
  test(`who was told before a restart is asked after too where another was not: ${state}`, async () => {
    using directory = temporaryDirectory();
    const numbers = ['+10000000001', '+10000000002'];
    await using twilio = await httpReceiver(({ method, body }) => {
      if (method === 'GET') return { status: 200, body: JSON.stringify({ sid: 'SM1', ...UNDELIVERED }) };
      return new URLSearchParams(body).get('To') === numbers[0] ? taken('SM1') : reply;
    });
    const flags = { 'notify.twilio_url': twilio.url, 'notify.retry_base_s': 600 };
    const options = { dataDir: directory.path, flags };
    const message = async (person: Person) => (await person.get(`/notifications?state=${state}`)).items[0];
    {
      await using plant = await notifyPlant(options);
      const channel = await makeChannel(plant.person, smsTo({ recipients: numbers.map((number) => ({ number })) }));
      tellBy(plant, [channel.id]);
      const t = Date.now() - 60_000;
      await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
      await eventually(async () => (await message(plant.person))?.attempts === 1 || undefined);
    }
    await using plant = await notifyPlant({ ...options, seeded: false });
    const isKnown = async () => /0001: undelivered \(SM1\)/.test((await message(plant.person))?.answer) || undefined;
    await eventually(isKnown, 12_000);
  });
}

test('after a restart Twilio is asked one after the other: it refuses who asks too much at once', async () => {
  using directory = temporaryDirectory();
  const recipients = Array.from({ length: 40 }, (_, index) => ({ number: `+100000000${10 + index}` }));
  let [isBack, asked, open, most] = [false, 0, 0, 0];
  await using twilio = await httpReceiver(({ method }, count) => {
    if (method === 'POST') return taken(`SM${count}`);
    if (isBack) asked += 1;
    open += 1;
    most = Math.max(most, open);
    const after = sleep(300).then(() => {
      open -= 1;
    });
    return { status: 200, body: JSON.stringify({ sid: 'SM', status: 'delivered' }), after };
  });
  const options = { dataDir: directory.path, flags: { 'notify.twilio_url': twilio.url } };
  {
    await using plant = await notifyPlant(options);
    const channel = await makeChannel(plant.person, smsTo({ recipients }));
    tellBy(plant, [channel.id]);
    const t = Date.now() - 60_000;
    await plant.report(await plant.device('M01'), t, t + 5_000, [change(t + 1_000, 'high')]);
    assert.equal((await settled(plant.person))[0]?.state, 'sent');
  }
  [isBack, most] = [true, 0];
  await using _plant = await notifyPlant({ ...options, seeded: false });
  await eventually(() => asked === recipients.length || undefined, 30_000);
  assert.ok(most < 30, `${most} at once`);
});

test('a sender whose name begins like the SID of a service is a name', async () => {
  await using twilio = await httpReceiver(() => taken('SM1'));
  await using plant = await notifyPlant({ flags: { 'notify.twilio_url': twilio.url } });
  for (const from of ['MG Werk 2', `MG${'0'.repeat(32)}`]) {
    const channel = await makeChannel(plant.person, smsTo({ from }));
    await plant.person.call('POST', `/notification-channels/${channel.id}/test`);
  }
  const [name, service] = twilio.received.map(({ body }) => new URLSearchParams(body));
  assert.deepEqual([name?.get('From'), name?.has('MessagingServiceSid')], ['MG Werk 2', false]);
  assert.deepEqual([service?.has('From'), service?.get('MessagingServiceSid')], [false, `MG${'0'.repeat(32)}`]);
});
