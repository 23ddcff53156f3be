import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { change } from '../support/alarms.ts';
import { type Person, personWith, temporaryDirectory } from '../support/appliance.ts';
import { join } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { mailTo, makeChannel, notifyPlant, serverAt, settled, tellBy } from '../support/notifications.ts';
import { httpReceiver, mailReceiver } from '../support/receivers.ts';

/** A body as it reads, without its transfer encoding. */
const plain = (text: string) =>
  text
    .replace(/=\r\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString());

const test1 = async (person: Person, id: string): Promise<Json> =>
  (await person.call('POST', `/notification-channels/${id}/test`)).body;

test('a mail says what happened in words and shapes, in the zone of the factory, with a link and a chart', async () => {
  await using server = await mailReceiver();
  await using plant = await notifyPlant();
  const { person, running } = plant;
  await join(running.ready.http, person, 'otto@x.example', { role: 'operator' });
  const { factory } = await person.get('/auth/me');
  await person.call('PATCH', `/factories/${factory.id}`, { timezone: 'Asia/Kolkata' });
  const config = { addresses: ['anna@x.example'], roles: ['operator'], server: serverAt(server.port) };
  const channel = await makeChannel(person, { kind: 'email', config });
  tellBy(plant, [channel.id], { name: 'Bearing <hot> & "loud"\r\nBcc: all@x.example' });
  const device = await plant.device('M01');
  const client = await running.connect();
  const now = Date.now();
  for (const minutes of [20, 10, 5, 1]) {
    const message = { metrics: { temperature: 60 + minutes }, timestamp: now - minutes * 60_000 };
    await client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify(message), { qos: 1 });
  }
  await plant.report(device, now - 70_000, now, [change(now - 60_000, 'critical')]);
  const [item] = await settled(person);
  assert.equal(item?.state, 'sent', item?.answer);
  assert.deepEqual(
    server.mails.map(({ to }) => to),
    [['anna@x.example'], ['otto@x.example']],
  );
  const raw = server.mails[0]?.text ?? '';
  const text = plain(raw);
  const [head = ''] = raw.split('\r\n\r\n');
  assert.doesNotMatch(head, /^Bcc/im);
  assert.match(head, new RegExp(`^Message-ID: <${item?.id}@`, 'm'));
  assert.match(text, /Severity: ■ CRITICAL/);
  assert.match(text, /■ CRITICAL<\/span> #1 Bearing &#60;hot&#62; &#38; &#34;loud&#34;/);
  const raised = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'Asia/Kolkata',
  });
  assert.ok(text.includes(`Raised: ${raised.format(now - 60_000)} (Asia/Kolkata)`), text);
  assert.match(text, /https:\/\/plant\.example\/alarms\/[0-9a-f-]{36}/);
  const image = /Content-Type: image\/png[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(raw)?.[1] ?? '';
  const png = Buffer.from(image, 'base64');
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const start = png.indexOf('IDAT');
  const pixels = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
  assert.equal(pixels.length, 561 * 120);
  assert.ok(pixels.includes(1) && pixels.includes(2), 'there is a line, and a mark');
});

test('a server that refuses the login, or the mail for good, is told of; one that says later is asked again', async () => {
  let asked = 0;
  await using greylists = await mailReceiver({
    onRcptTo: (_address, _session, done) => {
      asked += 1;
      done(asked === 1 ? Object.assign(new Error('try again later'), { responseCode: 451 }) : undefined);
    },
  });
  await using refuses = await mailReceiver({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such user here'), { responseCode: 550 })),
  });
  await using guarded = await mailReceiver({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'mailer' }) : done(new Error('who are you')),
  });
  await using plant = await notifyPlant();
  const { person } = plant;
  const later = await makeChannel(person, mailTo(serverAt(greylists.port)));
  const never = await makeChannel(person, mailTo(serverAt(refuses.port)));
  const signIn = { user: 'mailer', sign_in: 'password' };
  const wrong = await makeChannel(
    person,
    mailTo(serverAt(guarded.port, signIn), { secrets: { password: 'wrong-4711' } }),
  );
  tellBy(plant, [later.id, never.id, wrong.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const items = await settled(person, 3);
  const of = ({ id }: Json) => items.find(({ channel_id }) => channel_id === id);
  assert.deepEqual([of(later)?.state, of(later)?.attempts, greylists.mails.length], ['sent', 2, 1]);
  assert.deepEqual([of(never)?.state, of(never)?.attempts], ['dead', 1]);
  assert.match(of(never)?.answer, /550 no such user here/);
  assert.deepEqual([of(wrong)?.state, of(wrong)?.attempts], ['dead', 1]);
  assert.match(of(wrong)?.answer, /Invalid login.*535/);
  assert.equal(JSON.stringify(items).includes('wrong-4711'), false);

  const mended = await person.call('PATCH', `/notification-channels/${wrong.id}`, { secrets: { password: 'right' } });
  assert.deepEqual([mended.status, mended.body.secrets], [200, ['password']]);
  await person.call('POST', `/notifications/${of(wrong)?.id}/retry`);
  assert.equal((await settled(person, 3)).find(({ channel_id }) => channel_id === wrong.id)?.state, 'sent');
});

test('a password is given to no server whose certificate nobody vouches for, nor to another one than it was for', async () => {
  let logins = 0;
  await using foreign = await mailReceiver({
    disabledCommands: [],
    allowInsecureAuth: false,
    onAuth: (_auth, _session, done) => {
      logins += 1;
      done(null, { user: 'x' });
    },
  });
  await using plant = await notifyPlant();
  const { person } = plant;
  const server = serverAt(foreign.port, { security: 'starttls', user: 'mailer', sign_in: 'password' });
  const channel = await makeChannel(person, mailTo(server, { secrets: { password: 'pa55word' } }));
  const outcome = await test1(person, channel.id);
  assert.equal(outcome.delivered, false);
  assert.match(outcome.results[0].detail, /certificate/i);
  assert.deepEqual([logins, foreign.mails.length], [0, 0]);

  const elsewhere = { config: mailTo({ ...server, port: foreign.port + 1 }).config };
  const moved = await person.call('PATCH', `/notification-channels/${channel.id}`, elsewhere);
  assert.deepEqual([moved.status, moved.body.errors?.[0].pointer], [422, '/secrets/password']);
  const renamed = await person.call('PATCH', `/notification-channels/${channel.id}`, { name: 'other' });
  assert.deepEqual([renamed.status, renamed.body.secrets], [200, ['password']]);
  const bare = await person.call('POST', '/notification-channels', {
    name: 'x',
    ...mailTo(serverAt(25, { host: 'mail.example' })),
  });
  assert.deepEqual([bare.status, bare.body.errors[0].pointer], [422, '/config/server/security']);
  const unset = await person.call('POST', '/notification-channels', { name: 'x', ...mailTo(null) });
  assert.deepEqual([unset.status, unset.body.errors[0].pointer], [422, '/config/server']);
  const several = { addresses: ['anna@x.example', 'nobody'], server: serverAt(server.port) };
  const odd = await person.call('POST', '/notification-channels', { name: 'x', kind: 'email', config: several });
  const { pointer, message } = odd.body.errors[0];
  assert.deepEqual([pointer, message], ['/config/addresses/1', 'not an e-mail address: "nobody"']);
});

test('a mail server that takes tokens is given one that was had for a refresh token', async () => {
  const seen: string[] = [];
  await using tokens = await httpReceiver(() => ({ status: 200, body: '{"access_token":"tok-1","expires_in":3600}' }));
  await using server = await mailReceiver({
    disabledCommands: ['STARTTLS'],
    authMethods: ['XOAUTH2'],
    onAuth: ({ method, username, accessToken }, _session, done) => {
      seen.push(`${method} ${username} ${accessToken}`);
      done(null, { user: username ?? '' });
    },
  });
  await using plant = await notifyPlant();
  const { person } = plant;
  const oauth = { user: 'plant@x.example', sign_in: 'oauth2', token_url: `${tokens.url}/token`, client_id: 'app' };
  const channel = await makeChannel(
    person,
    mailTo(serverAt(server.port, oauth), { secrets: { client_secret: 'cs', refresh_token: 'rt' } }),
  );
  for (const _ of [1, 2]) assert.equal((await test1(person, channel.id)).delivered, true);
  assert.deepEqual(seen, ['XOAUTH2 plant@x.example tok-1', 'XOAUTH2 plant@x.example tok-1']);
  assert.equal(tokens.received.length, 1);
  assert.match(
    tokens.received[0]?.body ?? '',
    /grant_type=refresh_token&client_id=app&client_secret=cs&refresh_token=rt/,
  );
});

test('a refresh token that comes with a token takes the place of the one before, for good', async () => {
  let current = 'refresh-0';
  // As RFC 6749 (6) has it: what was replaced is good for nothing any more.
  await using tokens = await httpReceiver(({ body }, count) => {
    if (new URLSearchParams(body).get('refresh_token') !== current) return { status: 400, body: 'invalid_grant' };
    current = `refresh-${count}`;
    return { status: 200, body: JSON.stringify({ access_token: 'tok', refresh_token: current, expires_in: 3_600 }) };
  });
  await using server = await mailReceiver({
    disabledCommands: ['STARTTLS'],
    authMethods: ['XOAUTH2'],
    onAuth: ({ username }, _session, done) => done(null, { user: username ?? '' }),
  });
  using directory = temporaryDirectory();
  const oauth = { user: 'plant@x.example', sign_in: 'oauth2', token_url: `${tokens.url}/token`, client_id: 'app' };
  const secrets = { client_secret: 'cs', refresh_token: current };
  let id = '';
  {
    await using plant = await notifyPlant({ dataDir: directory.path });
    const { person } = plant;
    id = (await makeChannel(person, mailTo(serverAt(server.port, oauth), { secrets }))).id;
    for (const _ of [1, 2]) assert.equal((await test1(person, id)).delivered, true);
    assert.equal(tokens.received.length, 1, 'a token is used as long as it is good');
    const { items } = await person.get('/audit?limit=500');
    assert.doesNotMatch(JSON.stringify(items), /refresh-\d/);
    assert.ok(items.some(({ actor, target }: Json) => actor.kind === 'system' && target?.id === id));
  }
  await using plant = await notifyPlant({ dataDir: directory.path, seeded: false });
  const outcome = await test1(plant.person, id);
  assert.equal(outcome.delivered, true, JSON.stringify(outcome));
  assert.equal(tokens.received.length, 2);
});

test('a refresh token that is good once is asked with once, however many are told at the same time or refused', async () => {
  let current = 'refresh-0';
  await using tokens = await httpReceiver(({ body }, count) => {
    if (new URLSearchParams(body).get('refresh_token') !== current) return { status: 400, body: 'invalid_grant' };
    current = `refresh-${count}`;
    return {
      status: 200,
      body: JSON.stringify({ access_token: `tok-${count}`, refresh_token: current, expires_in: 60 }),
    };
  });
  await using server = await mailReceiver({
    disabledCommands: ['STARTTLS'],
    authMethods: ['XOAUTH2'],
    onAuth: ({ username }, _session, done) => done(null, { user: username ?? '' }),
  });
  await using plant = await notifyPlant();
  const { person } = plant;
  const oauth = { user: 'plant@x.example', sign_in: 'oauth2', token_url: `${tokens.url}/token`, client_id: 'app' };
  const config = { addresses: ['a', 'b', 'c'].map((one) => `${one}@x.example`), server: serverAt(server.port, oauth) };
  const secrets = { client_secret: 'cs', refresh_token: current };
  const channel = await makeChannel(person, { kind: 'email', config, secrets });
  tellBy(plant, [channel.id]);
  const outcome = await test1(person, channel.id);
  assert.deepEqual(
    outcome.results.map(({ delivered }: Json) => delivered),
    [true, true, true],
    JSON.stringify(outcome),
  );
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const [raised] = await settled(person);
  assert.deepEqual([raised?.state, raised?.attempts], ['sent', 1], raised?.answer);
});

test('a token that is taken back before its time costs a message one attempt, and a wrong one is not asked for again and again', async () => {
  let [had, good] = [0, 'tok-1'];
  await using tokens = await httpReceiver(() => {
    had += 1;
    return { status: 200, body: JSON.stringify({ access_token: `tok-${had}`, expires_in: 3_600 }) };
  });
  await using server = await mailReceiver({
    disabledCommands: ['STARTTLS'],
    authMethods: ['XOAUTH2'],
    onAuth: ({ username, accessToken }, _session, done) =>
      accessToken === good ? done(null, { user: username ?? '' }) : done(new Error('token has been revoked')),
  });
  await using plant = await notifyPlant();
  const { person } = plant;
  const oauth = { user: 'plant@x.example', sign_in: 'oauth2', token_url: `${tokens.url}/token`, client_id: 'app' };
  const secrets = { client_secret: 'cs', refresh_token: 'rt' };
  const channel = await makeChannel(person, mailTo(serverAt(server.port, oauth), { secrets }));
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  assert.equal((await test1(person, channel.id)).delivered, true);
  good = 'tok-2';
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  const [raised] = await settled(person);
  assert.deepEqual([raised?.state, raised?.attempts, had], ['sent', 2, 2], raised?.answer);
  good = 'none';
  await plant.report(device, t + 5_000, t + 9_000, [change(t + 8_000, null)]);
  const [, cleared] = await settled(person, 2);
  assert.deepEqual([cleared?.state, cleared?.attempts, had], ['dead', 2, 3], cleared?.answer);
});

test('who is no active member any more is not told, and channels are for those who may', async () => {
  await using server = await mailReceiver();
  const flags = { 'smtp.host': '127.0.0.1', 'smtp.port': server.port, 'smtp.security': 'none' };
  await using plant = await notifyPlant({ flags });
  const { person, running } = plant;
  const { http } = running.ready;
  const otto = await join(http, person, 'otto@x.example', { role: 'operator' });
  const ruler = await join(http, person, 'rita@x.example', { role: 'viewer', permissions: ['rules'] });
  const config = { user_ids: [otto.id], server: null };
  const channel = await makeChannel(person, { kind: 'email', config });
  assert.equal((await test1(person, channel.id)).results[0].recipient, 'otto@x.example');
  await person.call('PATCH', `/users/${otto.id}`, { is_active: false });
  assert.deepEqual(await test1(person, channel.id), { delivered: false, results: [] });
  const rita = personWith(http, ruler.token);
  assert.equal((await rita.get('/notification-channels')).items.length, 1);
  assert.equal((await rita.call('PATCH', `/notification-channels/${channel.id}`, { name: 'x' })).status, 403);
  assert.equal((await rita.call('POST', `/notification-channels/${channel.id}/test`)).status, 403);
  const stranger = { kind: 'email', name: 'x', config: { user_ids: [channel.id], server: null } };
  const refused = await person.call('POST', '/notification-channels', stranger);
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/config/user_ids/0']);
});
