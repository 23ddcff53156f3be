import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { personWith, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

/** A real mail server on loopback that keeps what it is sent. */
async function mailServer(options: { password?: string } = {}) {
  const mails: { to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: options.password === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      password === options.password ? done(null, { user: 'mailer' }) : done(new Error('who are you')),
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { mails, port, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
}

const smtp = (port: number, more: object = {}) => ({
  'smtp.host': '127.0.0.1',
  'smtp.port': port,
  'smtp.security': 'none',
  'http.public_url': 'https://plant.example',
  ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`smtp.${key}`, value])),
});

const BODY = { email: 'anna@x.example', role: 'viewer', permissions: [] };

test('an invite is sent by mail with a link that works, and says until when', async () => {
  await using server = await mailServer();
  const flags = { ...smtp(server.port), 'http.public_url': 'https://plant.example/' };
  await using running = await startAppliance({ flags });
  const owner = await running.signIn();
  await owner.call('PATCH', '/profile', { name: 'Otto\r\nBcc: everybody@x.example' });
  const { status, body } = await owner.call('POST', '/invites', BODY);
  assert.equal(status, 201);
  assert.deepEqual(body.email, { sent: true, detail: null });
  const [mail] = server.mails;
  assert.deepEqual(mail?.to, ['anna@x.example']);
  const text = (mail?.text ?? '').replace(/=\r\n/g, '').replaceAll('=3D', '=');
  assert.doesNotMatch(text.split('\r\n\r\n')[0] ?? '', /^Bcc/im);
  assert.match(text, /^Subject: .*invites you to VPC Industries/m);
  const token = /https:\/\/plant\.example\/invite#(\S+)/.exec(text)?.[1];
  const seen = await personWith(running.ready.http, '').call('POST', '/invites/look-up', { token });
  assert.equal(seen.body.email, 'anna@x.example');
});

test('where the mail server says no, or is not there, the link is shown all the same, with what went wrong', async () => {
  await using server = await mailServer({ password: 'right' });
  const invite = async (flags: Record<string, unknown>): Promise<Json> => {
    await using running = await startAppliance({ flags });
    const { status, body } = await (await running.signIn()).call('POST', '/invites', BODY);
    assert.equal(status, 201);
    assert.match(body.link.path, /^\/invite#/);
    return body.email;
  };
  const refused = await invite(smtp(server.port, { user: 'mailer', password: 'wrong' }));
  assert.equal(refused.sent, false);
  assert.match(refused.detail, /Invalid login/);
  assert.deepEqual(await invite(smtp(server.port, { user: 'mailer', password: 'right' })), {
    sent: true,
    detail: null,
  });
  const absent = await invite(smtp(1));
  assert.match(absent.detail, /ECONNREFUSED/);
  assert.equal(await invite({}), null);
  const unsaid = await invite({ ...smtp(server.port), 'http.public_url': null });
  assert.match(unsaid.detail, /http\.public_url/);
});
