import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { EARLIEST_PLAUSIBLE_MS } from '../../src/core/clock.ts';
import { issueCertificate, openTls, type Tls } from '../../src/tls/tls.ts';
import { silentLog } from '../support/accounts.ts';
import { eventually, type RunningAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openStream } from '../support/sse.ts';
import { caOf, connectMqtts, fetchSecurely, makeAuthority, makeServer, shakeHands } from '../support/tls.ts';

const DAY_MS = 86_400_000;
const [CHECK_MS, SETTLED_MS] = [20, 200];
const TOPIC = 'factories/vpc/devices/M01/telemetry';
const MESSAGE = '{"metrics":{"a":1}}';

const fingerprintAt = async (url: string) => {
  const socket = await shakeHands(url, { rejectUnauthorized: false });
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
};

const settled = () => new Promise((resolve) => setTimeout(resolve, SETTLED_MS));

const credentialOf = async (running: RunningAppliance) => {
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  return { username: body.username as string, password: body.password as string };
};

test('a certificate that is due is made anew by itself, and no connection by MQTTS, WSS or HTTPS ends', async () => {
  let now = Date.now();
  await using running = await startAppliance({ clock: { now: () => now }, certificateCheckMs: CHECK_MS });
  const { ready } = running;
  const ca = await caOf(running);
  const credential = await credentialOf(running);
  const before = await fingerprintAt(ready.https);
  const urls = [ready.mqtts, `${ready.https.replace('https', 'wss')}/mqtt`];
  const clients = await Promise.all(urls.map((url) => connectMqtts(url, { ca, ...credential })));
  const ends: string[] = [];
  for (const [index, client] of clients.entries()) client.on('close', () => ends.push(urls[index] ?? ''));
  const kept = await shakeHands(ready.https, { ca });
  kept.on('close', () => ends.push('https'));

  now += 250 * DAY_MS;
  const after = await eventually(async () => {
    const seen = await fingerprintAt(ready.https);
    return seen === before ? undefined : seen;
  });
  assert.equal(await fingerprintAt(ready.mqtts), after);
  for (const client of clients) await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  const answer = new Promise<string>((resolve) => kept.once('data', (chunk: Buffer) => resolve(String(chunk))));
  kept.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(await answer, /^HTTP\/1\.1 200/);
  assert.deepEqual(ends, []);
  assert.equal(await caOf(running), ca);
  // By the clock of this test it begins in the future: what a client with the right time sees, the others say.
  const fresh = await shakeHands(ready.https, { rejectUnauthorized: false });
  const certificate = fresh.getPeerX509Certificate();
  assert.ok(certificate?.verify(new X509Certificate(ca).publicKey));
  assert.ok((certificate?.validToDate.getTime() ?? 0) > now + 300 * DAY_MS);
  for (const socket of [fresh, kept]) socket.destroy();
  for (const client of clients) client.end(true);
});

test('a first start with the clock at 1970 makes a certificate that clients with the right time trust', async () => {
  using directory = temporaryDirectory();
  let first: string;
  {
    await using running = await startAppliance({ dataDir: directory.path, clock: { now: () => 3_600_000 } });
    const ca = await caOf(running);
    assert.equal((await fetchSecurely(`${running.ready.https}/healthz`, { ca })).status, 200);
    first = await fingerprintAt(running.ready.https);
    const socket = await shakeHands(running.ready.https, { ca });
    assert.ok(Date.parse(socket.getPeerCertificate().valid_from) < EARLIEST_PLAUSIBLE_MS);
    socket.destroy();
  }
  // And again: nothing is made anew by a time that cannot be.
  await using again = await startAppliance({
    dataDir: directory.path,
    seeded: false,
    clock: { now: () => 7_200_000 },
    certificateCheckMs: CHECK_MS,
  });
  await settled();
  assert.equal(await fingerprintAt(again.ready.https), first);
});

test('a clock that falls to 1970, or leaps ahead by decades, while running changes nothing', async () => {
  const start = Date.now();
  let now = start;
  await using running = await startAppliance({
    clock: { now: () => now },
    monotonic: () => performance.now(),
    certificateCheckMs: CHECK_MS,
  });
  const ca = await caOf(running);
  const credential = await credentialOf(running);
  const before = await fingerprintAt(running.ready.https);
  const client = await connectMqtts(running.ready.mqtts, { ca, ...credential });
  for (const wrong of [0, Date.UTC(2099, 0, 1)]) {
    now = wrong;
    await settled();
    assert.equal(await fingerprintAt(running.ready.https), before);
    await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  }
  now = start + 1_000;
  await settled();
  assert.equal(await fingerprintAt(running.ready.https), before);
  client.end(true);
});

/** Certificates alone, with a machine and a clock that the test moves. */
async function openAlone(
  directory: string,
  state: { now: number; hostname: string; addresses: string[] },
): Promise<Tls> {
  const { tls } = loadConfig({ flags: { data_dir: directory, 'tls.names': ['plant.example'] } });
  return openTls({
    config: tls,
    asksDevices: false,
    directory: join(directory, 'tls'),
    clock: { now: () => state.now },
    log: silentLog(),
    issue: issueCertificate,
    machine: () => state,
  });
}

test('a new name or address of the machine comes into the certificate, and one that has gone is not missed', async () => {
  using directory = temporaryDirectory();
  const state = { now: Date.now(), hostname: 'press-7', addresses: ['192.168.1.20', 'fe80::1%eth0'] };
  const tls = await openAlone(directory.path, state);
  const at = () => tls.status().certificate;
  const first = at();
  assert.deepEqual(first.names, [
    'localhost',
    '127.0.0.1',
    '::1',
    'plant.example',
    'press-7',
    'press-7.local',
    '192.168.1.20',
  ]);
  state.addresses = ['10.0.0.5'];
  await tls.check();
  const second = at();
  assert.ok(second.names.includes('10.0.0.5') && !second.names.includes('192.168.1.20'));
  state.addresses = [];
  await tls.check();
  assert.equal(at().fingerprint, second.fingerprint);
  state.hostname = 'press-8.plant.example';
  await tls.check();
  for (const name of ['press-8.plant.example', 'press-8', 'press-8.local']) assert.ok(at().names.includes(name), name);
  await tls.stop();
});

test('a disk that is full leaves the certificate in use, says so, and it is made anew later', async () => {
  using directory = temporaryDirectory();
  const state = { now: Date.now(), hostname: 'a', addresses: [] as string[] };
  let isFull = false;
  const { tls: config } = loadConfig({ flags: { data_dir: directory.path } });
  const tls = await openTls({
    config,
    asksDevices: false,
    directory: join(directory.path, 'tls'),
    clock: { now: () => state.now },
    log: silentLog(),
    issue: async (order) => {
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      return issueCertificate(order);
    },
    machine: () => state,
  });
  const before = tls.status().certificate.fingerprint;
  isFull = true;
  state.now += 300 * DAY_MS;
  await tls.check();
  assert.equal(tls.status().certificate.fingerprint, before);
  assert.match(tls.status().fault ?? '', /no space left/);
  isFull = false;
  await tls.check();
  assert.notEqual(tls.status().certificate.fingerprint, before);
  assert.equal(tls.status().fault, null);
  await tls.stop();
});

test('a damaged server certificate is made anew at start; a damaged CA is not, because clients trust it', async () => {
  using directory = temporaryDirectory();
  const state = { now: Date.now(), hostname: 'a', addresses: [] as string[] };
  await (await openAlone(directory.path, state)).stop();
  const [server, ca] = ['server.pem', 'ca.pem'].map((name) => join(directory.path, 'tls', name)) as [string, string];
  writeFileSync(server, readFileSync(server).subarray(0, 300));
  await (await openAlone(directory.path, state)).stop();
  assert.match(readFileSync(server, 'utf8'), /END PRIVATE KEY/);
  writeFileSync(ca, 'nonsense');
  await assert.rejects(openAlone(directory.path, state), /ca\.pem.*put it back from a backup/);
});

test('a certificate that is brought is served, read again when its files change, and kept when they are bad', async () => {
  using directory = temporaryDirectory();
  const [certFile, keyFile] = ['own.crt', 'own.key'].map((name) => join(directory.path, name)) as [string, string];
  const authority = await makeAuthority('Plant CA');
  const names = ['localhost', '127.0.0.1'];
  const put = (certificate: string, key: string) => {
    for (const [file, text] of [
      [certFile, certificate],
      [keyFile, key],
    ] as const) {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    }
  };
  const first = await makeServer(authority, names);
  put(first.certificate, first.key);
  await using running = await startAppliance({
    flags: { 'tls.cert_file': certFile, 'tls.key_file': keyFile },
    certificateCheckMs: CHECK_MS,
  });
  const { ready } = running;
  const ca = authority.certificate;
  const person = await running.signIn();
  const stateOf = () => person.get('/tls');
  assert.equal((await fetchSecurely(`${ready.https}/healthz`, { ca })).status, 200);
  assert.equal((await stateOf()).source, 'files');
  assert.equal((await fetch(`${ready.http}/api/v1/tls/ca.crt`)).status, 404);
  const before = await fingerprintAt(ready.mqtts);
  await using stream = await openStream(ready.http, person.token);

  writeFileSync(certFile, 'nonsense');
  await eventually(async () => ((await stateOf()).fault === null ? undefined : true));
  assert.match((await stateOf()).fault, /own\.crt.*no certificate/);
  assert.equal(await fingerprintAt(ready.mqtts), before);

  const other = await makeServer(authority, names);
  writeFileSync(certFile, other.certificate);
  await eventually(async () => (/not that of the certificate/.test((await stateOf()).fault) ? true : undefined));
  assert.equal(await fingerprintAt(ready.https), before);

  put(other.certificate, other.key);
  await eventually(async () => ((await stateOf()).fault === null ? true : undefined));
  for (const url of [ready.https, ready.mqtts]) assert.notEqual(await fingerprintAt(url), before);
  assert.equal((await fetchSecurely(`${ready.https}/healthz`, { ca })).status, 200);
  assert.ok(stream !== undefined);
});

test('what is brought and cannot be used keeps nothing from starting, and is said', async () => {
  using directory = temporaryDirectory();
  const flags = { 'tls.cert_file': join(directory.path, 'none.crt'), 'tls.key_file': join(directory.path, 'none.key') };
  await using running = await startAppliance({ flags });
  assert.equal((await fetchSecurely(`${running.ready.https}/healthz`, { ca: await caOf(running) })).status, 200);
  const state = await (await running.signIn()).get('/tls');
  assert.equal(state.source, 'appliance');
  assert.match(state.fault, /cannot read .*none\.crt \(ENOENT\)/);
});
