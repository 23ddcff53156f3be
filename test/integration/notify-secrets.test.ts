import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { mailTo, makeChannel, notifyPlant, serverAt, webhookTo } from '../support/notifications.ts';
import { httpReceiver, mailReceiver } from '../support/receivers.ts';
import { makeAuthority, makeServer } from '../support/tls.ts';

const testOf = ({ id }: { id: string }) => `/notification-channels/${id}/test`;

test('a token that was had for one mail server is given to no other one', async () => {
  let count = 0;
  await using tokens = await httpReceiver(() => {
    count += 1;
    return { status: 200, body: `{"access_token":"tok-${count}","expires_in":3600}` };
  });
  const seen: string[] = [];
  const options = {
    disabledCommands: ['STARTTLS'],
    authMethods: ['XOAUTH2'],
    onAuth: ({ accessToken }: { accessToken?: string }, _session: unknown, done: (e: null, a: object) => void) => {
      seen.push(accessToken ?? '');
      done(null, { user: 'x' });
    },
  };
  await using own = await mailReceiver(options as never);
  await using foreign = await mailReceiver(options as never);
  await using plant = await notifyPlant();
  const { person } = plant;
  const oauth = { user: 'plant@x.example', sign_in: 'oauth2', token_url: `${tokens.url}/token`, client_id: 'app' };
  const secrets = { client_secret: 'cs', refresh_token: 'rt' };
  const channel = await makeChannel(person, mailTo(serverAt(own.port, oauth), { secrets }));
  await person.call('POST', testOf(channel));
  const moved = {
    config: mailTo(serverAt(foreign.port, oauth)).config,
    secrets: { client_secret: 'a', refresh_token: 'b' },
  };
  assert.equal((await person.call('PATCH', `/notification-channels/${channel.id}`, moved)).status, 200);
  await person.call('POST', testOf(channel));
  assert.deepEqual(seen, ['tok-1', 'tok-2']);
});

test('a webhook that leads to another server is given a secret anew; to another path of the same it keeps it', async () => {
  await using plant = await notifyPlant();
  const { person } = plant;
  const channel = await makeChannel(person, webhookTo('https://hooks.example/a'));
  const path = `/notification-channels/${channel.id}`;
  assert.equal((await person.call('PATCH', path, { config: { url: 'https://hooks.example/b' } })).status, 200);
  for (const url of ['https://evil.example/a', 'http://hooks.example/a', 'https://hooks.example:8443/a']) {
    const moved = await person.call('PATCH', path, { config: { url } });
    assert.deepEqual([moved.status, moved.body.errors?.[0].pointer], [422, '/secrets/signing_secret'], url);
  }
});

test('secrets are sent in the clear to nobody but this machine', async () => {
  await using plant = await notifyPlant();
  const { person } = plant;
  const server = {
    host: 'mail.example',
    from: 'plant@x.example',
    user: 'plant@x.example',
    sign_in: 'oauth2',
    token_url: 'http://login.example/token',
    client_id: 'app',
  };
  const secrets = { client_secret: 'cs', refresh_token: 'rt' };
  const body = { name: 'x', ...mailTo(server, { secrets }) };
  const refused = await person.call('POST', '/notification-channels', body);
  assert.deepEqual([refused.status, refused.body.errors?.[0].pointer], [422, '/config/server/token_url']);
});

test('what the other side repeats of a secret is not shown', async () => {
  const secrets = { client_secret: 'client+s/ecret', refresh_token: 'refresh token' };
  await using echo = await httpReceiver(({ body }) => ({ status: 400, body: `bad request: ${body}` }));
  await using parrot = await httpReceiver(() => ({ status: 200, body: `{"token":"${secrets.refresh_token}"}` }));
  await using server = await mailReceiver();
  await using plant = await notifyPlant();
  const { person } = plant;
  for (const { url } of [echo, parrot]) {
    const oauth = { user: 'plant@x.example', sign_in: 'oauth2', token_url: `${url}/token`, client_id: 'app' };
    const channel = await makeChannel(person, mailTo(serverAt(server.port, oauth), { secrets }));
    const { text } = await person.call('POST', testOf(channel)).then(({ body }) => ({ text: JSON.stringify(body) }));
    for (const form of Object.values(secrets).flatMap((one) => [
      one,
      new URLSearchParams({ one }).toString().slice(4),
    ])) {
      assert.equal(text.includes(form), false, text);
    }
    assert.match(text, /no token: HTTP [24]00/);
  }
});

test('over STARTTLS a password is given to a server whose certificate is trusted, for its own name alone', async () => {
  const authority = await makeAuthority();
  const { certificate: cert, key } = await makeServer(authority, ['localhost']);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, authority.certificate]);
  try {
    const logins: string[] = [];
    await using server = await mailReceiver({
      key,
      cert,
      disabledCommands: [],
      allowInsecureAuth: false,
      onAuth: ({ username, password }, session, done) => {
        logins.push(`${username} ${password} ${session.secure}`);
        done(null, { user: username ?? '' });
      },
    });
    await using plant = await notifyPlant();
    const { person } = plant;
    const signIn = { security: 'starttls', user: 'mailer', sign_in: 'password' };
    const secrets = { password: 'pa55word' };
    const named = await makeChannel(
      person,
      mailTo(serverAt(server.port, { host: 'localhost', ...signIn }), { secrets }),
    );
    const { body: good } = await person.call('POST', testOf(named));
    assert.equal(good.delivered, true, JSON.stringify(good));
    assert.deepEqual(logins, ['mailer pa55word true']);
    assert.equal(server.mails.length, 1);
    const other = await makeChannel(person, mailTo(serverAt(server.port, signIn), { secrets }));
    const { body: bad } = await person.call('POST', testOf(other));
    assert.match(bad.results[0].detail, /127\.0\.0\.1/);
    assert.deepEqual([bad.delivered, logins.length], [false, 1]);
  } finally {
    setDefaultCACertificates(before);
  }
});

test('a mail server that says something for ever, and never enough, is given up', async () => {
  const open = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.write('220 here\r\n');
    const talking = setInterval(() => socket.write('250-one moment\r\n'), 100);
    socket.on('close', () => clearInterval(talking));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await using plant = await notifyPlant({ flags: { 'notify.timeout_s': 0.5 } });
    const channel = await makeChannel(plant.person, mailTo(serverAt(port)));
    const late = new Promise<undefined>((done) => setTimeout(done, 15_000, undefined).unref());
    const answer = await Promise.race([plant.person.call('POST', testOf(channel)), late]);
    assert.match(answer?.body.results[0].detail ?? 'it still waits', /within 3 s/);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
});
