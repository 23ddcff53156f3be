import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Identity } from '../../src/tls/tls.ts';
import {
  eventually,
  type Person,
  personWith,
  type RunningAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { caOf, connectMqtts, makeAuthority, makeClient, makeRequest } from '../support/tls.ts';

const DAY_MS = 86_400_000;
const TOPIC = 'factories/vpc/devices/M01/telemetry';
const MESSAGE = '{"metrics":{"a":1}}';

interface Stage {
  readonly running: RunningAppliance;
  readonly person: Person;
  readonly ca: string;
  readonly credential: { readonly id: string; readonly username: string; readonly password: string };
  /** Makes a certificate for the credential. */
  issue(body?: object): Promise<{ id: string; options: IClientOptions }>;
  connect(options: IClientOptions): ReturnType<typeof connectMqtts>;
  /** The newest reasons in the connection log, once this one is among them. */
  reasoned(reason: string): Promise<{ detail: string; username: string | null }>;
}

const ended = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

const keyed = (certificate: string, key: string): IClientOptions => ({ cert: certificate, key });

async function stage(running: RunningAppliance, name = 'gw'): Promise<Stage> {
  const ca = await caOf(running);
  const person = await running.signIn();
  const { body: credential } = await person.call('POST', '/device-credentials', { name, devices: ['M01'] });
  return {
    running,
    person,
    ca,
    credential,
    issue: async (body = {}) => {
      const path = `/device-credentials/${credential.id}/certificates`;
      const made = await person.call('POST', path, { name: 'plc', ...body });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      return { id: made.body.id, options: keyed(made.body.certificate, made.body.private_key) };
    },
    connect: (options) => connectMqtts(running.ready.mqtts, { ca, ...options }),
    reasoned: (reason) =>
      eventually(async () => {
        const items = [
          ...(await person.get('/connection-log')).items,
          ...(await person.get('/connection-log/unassigned')).items,
        ];
        return items.find((item: { reason: string }) => item.reason === reason);
      }),
  };
}

const startWith = (mode: string, clock?: { now(): number }) =>
  startAppliance({ flags: { 'mqtt.client_certificates': mode }, ...(clock && { clock }) });

test('a certificate stands for its credential: no password is needed, and no more is allowed', async () => {
  await using running = await startWith('optional');
  const { issue, connect, credential, reasoned, ca } = await stage(running);
  const { options } = await issue();
  const client = await connect(options);
  await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  const end = ended(client);
  client.publish('factories/vpc/devices/M02/telemetry', MESSAGE, { qos: 1 });
  await end;
  assert.equal((await reasoned('topic_not_allowed')).username, 'vpc/gw');

  const named = await connect({ ...options, username: credential.username });
  await named.endAsync();
  await assert.rejects(connect({ ...options, username: 'vpc/other', password: 'x' }), /Not authorized/);
  assert.match((await reasoned('certificate_of_another')).detail, /that of vpc\/gw/);

  const { username, password } = credential;
  const byPassword = await connect({ username, password });
  await byPassword.endAsync();
  await assert.rejects(connect({ username, password: 'wrong' }), /Bad username or password/);
  assert.ok(ca);
});

test('a certificate of somebody else, of the server, or with the name of ours is refused, with the reason', async () => {
  await using running = await startWith('optional');
  const { issue, connect, reasoned, credential } = await stage(running);
  await issue();
  const foreign = await makeAuthority('FactoryOps device CA');
  const forged = await makeClient(foreign, 'vpc/gw');
  await assert.rejects(connect(keyed(forged.certificate, forged.key)), /Not authorized/);
  assert.match((await reasoned('certificate_unknown')).detail, /CN=vpc\/gw.* was not made by this appliance/);
  // Nor does a password help whoever shows it.
  const { username, password } = credential;
  await assert.rejects(connect({ ...keyed(forged.certificate, forged.key), username, password }), /Not authorized/);

  const file = (name: string) => readFileSync(join(running.config.data_dir, 'tls', name), 'utf8');
  for (const name of ['server.pem', 'ca.pem', 'clients-ca.pem']) {
    await assert.rejects(connect(keyed(file(name), file(name))), /Not authorized/, name);
  }
  // Signed by our authority, and yet not in the list: such as one of a backup, or of a stolen key.
  const authority: Identity = { certificate: file('clients-ca.pem'), key: file('clients-ca.pem') };
  const unlisted = await makeClient(authority, 'vpc/gw');
  await assert.rejects(connect(keyed(unlisted.certificate, unlisted.key)), /Not authorized/);
});

test('a certificate that is revoked ends its connection at once, and comes in no more; the others stay', async () => {
  await using running = await startWith('optional');
  const { issue, connect, reasoned, person, credential } = await stage(running);
  const [one, other] = [await issue(), await issue()];
  const [first, second] = [await connect(one.options), await connect(other.options)];
  const end = ended(first);
  const path = `/device-credentials/${credential.id}/certificates`;
  assert.equal((await person.call('DELETE', `${path}/${one.id}`)).status, 204);
  await end;
  await second.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  await assert.rejects(connect(one.options), /Not authorized/);
  assert.match((await reasoned('certificate_revoked')).detail, /revoked on \d{4}-/);
  const { items } = await person.get(path);
  assert.deepEqual(
    items
      .map(({ id, revoked_at }: { id: string; revoked_at: string | null }) => [id === one.id, revoked_at !== null])
      .toSorted(),
    [
      [false, false],
      [true, true],
    ],
  );
  assert.equal((await person.call('DELETE', `${path}/${one.id}`)).status, 204);

  const gone = ended(second);
  assert.equal((await person.call('DELETE', `/device-credentials/${credential.id}`)).status, 204);
  await gone;
  await assert.rejects(connect(other.options), /Not authorized/);
});

test('a certificate that has expired is refused, and ends the connection that it has', async () => {
  let now = Date.now();
  await using running = await startWith('optional', { now: () => now });
  const { issue, connect } = await stage(running);
  const { options } = await issue({ days: 1 });
  const client = await connect(options);
  const end = ended(client);
  now += 2 * DAY_MS;
  await end;
  await assert.rejects(connect(options), /Not authorized/);
  const later = await stage(running, 'later');
  assert.match((await later.reasoned('certificate_expired')).detail, /expired on .*: give it a new one/);
});

test('with the clock at 1970 devices come in by their certificates as ever', async () => {
  let now = Date.now();
  await using running = await startAppliance({
    flags: { 'mqtt.client_certificates': 'required' },
    clock: { now: () => now },
    monotonic: () => performance.now(),
  });
  const { issue, connect } = await stage(running);
  const { options } = await issue();
  now = 0;
  const client = await connect(options);
  await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  await client.endAsync();
});

test('where certificates are required, no client over TLS comes in without one, by WebSocket neither', async () => {
  await using running = await startWith('required');
  const { issue, connect, reasoned, credential, ca } = await stage(running);
  const { username, password } = credential;
  await assert.rejects(connect({ username, password }), /Not authorized/);
  assert.match((await reasoned('certificate_required')).detail, /shows a certificate here/);
  const webSocket = `${running.ready.https.replace('https', 'wss')}/mqtt`;
  await assert.rejects(connectMqtts(webSocket, { ca, username, password }), /Not authorized/);
  const { options } = await issue();
  await (await connect(options)).endAsync();
  const plain = await running.connect({ username, password });
  await plain.endAsync();
});

test('where certificates are off, nobody is asked for one', async () => {
  await using running = await startWith('off');
  const { issue, connect, credential } = await stage(running);
  const { options } = await issue();
  await assert.rejects(connect(options), /Not authorized/);
  const { username, password } = credential;
  await (await connect({ ...options, username, password })).endAsync();
});

test('a request is signed for a key that never left the device; a weak or a broken one is not', async () => {
  await using running = await startWith('optional');
  const { person, credential, connect } = await stage(running);
  const path = `/device-credentials/${credential.id}/certificates`;
  for (const kind of ['P-256', 2_048] as const) {
    const { csr, key } = await makeRequest(kind);
    const made = await person.call('POST', path, { name: 'plc', csr });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.private_key, null);
    await (await connect(keyed(made.body.certificate, key))).endAsync();
  }
  const { csr: weak } = await makeRequest(1_024);
  const { csr } = await makeRequest('P-256');
  // One bit of the signature.
  const lines = csr.split('\n');
  const at = lines.findLastIndex((line) => line.length > 10 && !line.startsWith('-'));
  lines[at] = (lines[at] ?? '').replace(
    /^(.{4})(.)/,
    (_, head: string, letter: string) => head + (letter === 'A' ? 'B' : 'A'),
  );
  for (const [body, says] of [
    [{ csr: weak }, /RSA of 2048 bits/],
    [{ csr: lines.join('\n') }, /not signed with its own key|not a certificate request/],
    [{ csr: 'nonsense' }, /not a certificate request/],
    [{ days: 4_000 }, /not valid/],
  ] as const) {
    const refused = await person.call('POST', path, { name: 'plc', ...body });
    assert.equal(refused.status, 422, JSON.stringify(refused.body));
    assert.match(JSON.stringify(refused.body), says);
  }
});

test('certificates outlive a restart, and more are made by the same device CA', async () => {
  using directory = temporaryDirectory();
  const start = (seeded: boolean) =>
    startAppliance({ dataDir: directory.path, seeded, flags: { 'mqtt.client_certificates': 'optional' } });
  const made: IClientOptions[] = [];
  for (const name of ['first', 'second', 'third']) {
    await using running = await start(made.length === 0);
    const { issue, connect } = await stage(running, name);
    made.push((await issue()).options, (await issue()).options);
    for (const options of made) await (await connect(options)).endAsync();
  }
});

test('a device CA that is given up takes all its certificates with it', async () => {
  using directory = temporaryDirectory();
  const start = (seeded: boolean) =>
    startAppliance({ dataDir: directory.path, seeded, flags: { 'mqtt.client_certificates': 'optional' } });
  let options: IClientOptions;
  {
    await using running = await start(true);
    const { issue, connect } = await stage(running);
    ({ options } = await issue());
    await (await connect(options)).endAsync();
  }
  rmSync(join(directory.path, 'tls', 'clients-ca.pem'));
  await using again = await start(false);
  const { connect, reasoned } = await stage(again, 'again');
  await assert.rejects(connect(options), /Not authorized/);
  assert.match((await reasoned('certificate_unknown')).detail, /not of this appliance's device CA/);
});

test('so many certificates of a credential are good at once, and one of another factory makes none', async () => {
  await using running = await startWith('off');
  const { person, credential, issue } = await stage(running);
  for (let count = 0; count < 20; count++) await issue();
  const path = `/device-credentials/${credential.id}/certificates`;
  const full = await person.call('POST', path, { name: 'plc' });
  assert.equal(full.status, 409);
  assert.match(full.body.detail, /revoke one first/);
  const { body: factory } = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const { body: switched } = await person.call('POST', '/auth/switch-factory', { factory_id: factory.id });
  const there = personWith(running.ready.http, switched.access_token);
  for (const [method, body] of [
    ['POST', { name: 'x' }],
    ['GET', undefined],
  ] as const) {
    assert.equal((await there.call(method, path, body)).status, 404);
  }
});
