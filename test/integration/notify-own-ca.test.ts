import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Person, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { mailTo, makeChannel, notifyPlant, serverAt } from '../support/notifications.ts';
import { mailReceiver } from '../support/receivers.ts';
import { makeAuthority, makeServer } from '../support/tls.ts';

/** A mail server whose certificate is by a company's own CA; it takes mails over TLS alone. */
async function companyServer(security: 'starttls' | 'tls') {
  const authority = await makeAuthority('Company CA');
  const own = await makeServer(authority, ['localhost']);
  let logins = 0;
  const server = await mailReceiver({
    key: own.key,
    cert: own.certificate,
    secure: security === 'tls',
    disabledCommands: [],
    allowInsecureAuth: false,
    onAuth: (_auth, _session, done) => {
      logins += 1;
      done(null, { user: 'mailer' });
    },
  });
  const at = (more: object) =>
    serverAt(server.port, { host: 'localhost', security, sign_in: 'password', user: 'mailer', ...more });
  return {
    authority,
    own,
    mails: server.mails,
    logins: () => logins,
    channelWith: (more: object) => mailTo(at(more), { secrets: { password: 'pa55word' } }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function outcomeOf(person: Person, body: object): Promise<Json> {
  const { id } = await makeChannel(person, body);
  const { body: outcome } = await person.call('POST', `/notification-channels/${id}/test`);
  return { delivered: outcome.delivered, detail: outcome.results[0].detail };
}

for (const security of ['starttls', 'tls'] as const) {
  test(`a mail server of a company's own CA is trusted when that is given, by its name, ${security}`, async () => {
    await using server = await companyServer(security);
    const { authority, own, channelWith, mails, logins } = server;
    await using plant = await notifyPlant();
    const { person } = plant;
    const without = await outcomeOf(person, channelWith({}));
    assert.equal(without.delivered, false);
    assert.match(without.detail, /nobody known vouches .* \(unable to verify the first certificate\)/);
    assert.match(without.detail, /paste its certificate into this channel, under “CA certificate”$/);
    const { certificate: foreign } = await makeAuthority('Company CA');
    const another = await outcomeOf(person, channelWith({ ca: foreign }));
    assert.equal(another.delivered, false);
    assert.match(another.detail, /nobody known vouches/);
    const byAddress = await outcomeOf(person, channelWith({ host: '127.0.0.1', ca: authority.certificate }));
    assert.equal(byAddress.delivered, false);
    assert.match(byAddress.detail, /127\.0\.0\.1/);
    assert.deepEqual([logins(), mails.length], [0, 0]);

    const pasted = `s:CN = Company CA\r\n${authority.certificate.replaceAll('\n', '\r\n  ')}\r\n`;
    for (const ca of [authority.certificate, pasted, own.certificate, `${foreign}${authority.certificate}`]) {
      const outcome = await outcomeOf(person, channelWith({ ca }));
      assert.equal(outcome.delivered, true, outcome.detail);
    }
    assert.deepEqual([logins(), mails.length], [4, 4]);
  });
}

test('the usual CAs vouch for a mail server besides the one that was given', async () => {
  await using server = await companyServer('starttls');
  const { certificate: ca } = await makeAuthority('Another one');
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, server.authority.certificate]);
  try {
    await using plant = await notifyPlant();
    const outcome = await outcomeOf(plant.person, server.channelWith({ ca }));
    assert.equal(outcome.delivered, true, outcome.detail);
  } finally {
    setDefaultCACertificates(before);
  }
});

test("the appliance's own mail server is trusted by the CA that its configuration names, for channels and invites", async () => {
  const authority = await makeAuthority('Company CA');
  const { certificate: cert, key } = await makeServer(authority, ['127.0.0.1']);
  await using server = await mailReceiver({ disabledCommands: ['AUTH'], cert, key });
  const flags = {
    'smtp.host': '127.0.0.1',
    'smtp.port': server.port,
    'smtp.security': 'starttls',
    'http.public_url': 'https://plant.example',
  };
  const invite = async (person: Person) =>
    (await person.call('POST', '/invites', { email: 'anna@x.example', role: 'viewer', permissions: [] })).body.email;
  const remedy = /nobody known vouches .*name a file with its certificate .*\(smtp\.ca_file\)/;
  {
    await using plant = await notifyPlant({ flags });
    assert.match((await outcomeOf(plant.person, mailTo(null))).detail, remedy);
    const { sent, detail } = await invite(plant.person);
    assert.equal(sent, false);
    assert.match(detail, remedy);
    assert.equal(server.mails.length, 0);
  }
  using directory = temporaryDirectory();
  const file = join(directory.path, 'company-ca.pem');
  writeFileSync(file, authority.certificate);
  await using plant = await notifyPlant({ flags: { ...flags, 'smtp.ca_file': file } });
  const outcome = await outcomeOf(plant.person, mailTo(null));
  assert.equal(outcome.delivered, true, outcome.detail);
  assert.deepEqual(await invite(plant.person), { sent: true, detail: null });
  assert.equal(server.mails.length, 2);
});

test('a file of a CA that cannot be used is named at the start, with what to do', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'company-ca.pem');
  const flags = { 'smtp.host': '127.0.0.1', 'smtp.ca_file': file };
  await assert.rejects(startAppliance({ flags }), /cannot read .*company-ca\.pem \(ENOENT\): .* correct smtp\.ca_file/);
  writeFileSync(file, 'Company CA');
  await assert.rejects(startAppliance({ flags }), /smtp\.ca_file: .*company-ca\.pem: no certificate is in it/);
});

/** A certificate whose last month is the 99th. */
function withoutEnd(pem: string): string {
  const der = new X509Certificate(pem).raw;
  const UTC_TIME = Buffer.from([0x17, 13]);
  der.write('99', der.indexOf(UTC_TIME, der.indexOf(UTC_TIME) + 1) + 4);
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

test('what is pasted has to be certificates; they are shown by name and time, and decide to whom a password goes', async () => {
  await using plant = await notifyPlant();
  const { person } = plant;
  const one = await makeAuthority('First CA');
  const other = await makeAuthority('Second CA');
  const server = { host: 'mail.example', security: 'starttls', sign_in: 'password', user: 'mailer' };
  const secrets = { password: 'pa55word' };
  const channelWith = (ca: unknown) => mailTo(serverAt(587, { ...server, ca }), { secrets });
  const broken = one.certificate.replace(/\n.{30}/, '\n');
  for (const [ca, message] of [
    ['', /no certificate is in it/],
    ['Company CA', /-----BEGIN CERTIFICATE-----/],
    [broken, /cannot be read as a certificate/],
    [`${one.certificate}${broken}`, /cannot be read/],
    [withoutEnd(one.certificate), /cannot be read/],
    [`${one.certificate}${one.key}`, /private key/],
    [one.certificate.padEnd(16_385), /at most 16384 characters/],
    [7, /./],
  ] as const) {
    const refused = await person.call('POST', '/notification-channels', { name: 'x', ...channelWith(ca) });
    const [fault, ...others] = refused.body.errors;
    assert.deepEqual([refused.status, fault.pointer, others.length], [422, '/config/server/ca', 0]);
    assert.match(fault.message, message);
    assert.equal(JSON.stringify(refused.body).includes('PRIVATE'), false);
  }
  const channel = await makeChannel(person, channelWith(`junk\n${one.certificate}\n${other.certificate}\n`));
  assert.equal(
    channel.config.server.ca.replaceAll('\n', ''),
    `${one.certificate}${other.certificate}`.replaceAll('\n', ''),
  );
  assert.deepEqual(
    channel.server_ca.map(({ subject }: Json) => subject),
    ['CN=First CA, O=FactoryOps', 'CN=Second CA, O=FactoryOps'],
  );
  assert.ok(channel.server_ca.every(({ valid_until }: Json) => Date.parse(valid_until) > Date.now()));
  const path = `/notification-channels/${channel.id}`;
  const same = await person.call('PATCH', path, { name: 'other', config: channel.config });
  assert.deepEqual([same.status, same.body.secrets], [200, ['password']]);
  for (const ca of [other.certificate, null]) {
    const moved = await person.call('PATCH', path, { config: channelWith(ca).config });
    assert.deepEqual([moved.status, moved.body.errors?.[0].pointer], [422, '/secrets/password']);
  }
  const anew = await person.call('PATCH', path, { config: channelWith(null).config, secrets });
  assert.deepEqual([anew.status, anew.body.config.server.ca, anew.body.server_ca], [200, null, []]);
});
