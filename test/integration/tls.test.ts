import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCiphers } from 'node:tls';
import { type RunningAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { caOf, connectMqtts, fetchSecurely, shakeHands } from '../support/tls.ts';

const TOPIC = 'factories/vpc/devices/M01/telemetry';
const MESSAGE = '{"metrics":{"a":1}}';

const credentialOf = async (running: RunningAppliance) => {
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  return { username: body.username as string, password: body.password as string };
};

const fingerprintAt = async (url: string, ca: string) => {
  const socket = await shakeHands(url, { ca });
  const fingerprint = socket.getPeerCertificate().fingerprint256;
  socket.destroy();
  return fingerprint;
};

test('the first start makes a CA by which HTTPS, MQTTS and WSS are trusted, keeps its keys to itself, and keeps them', async () => {
  using directory = temporaryDirectory();
  let first: string;
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const ca = await caOf(running);
    const { ready } = running;
    const credential = await credentialOf(running);
    assert.equal((await fetchSecurely(`${ready.https}/healthz`, { ca })).status, 200);
    for (const url of [ready.mqtts, ready.https.replace('https', 'wss').concat('/mqtt')]) {
      const client = await connectMqtts(url, { ca, ...credential });
      await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
      await client.endAsync();
    }
    const der = await (await fetch(`${ready.http}/api/v1/tls/ca.der`)).arrayBuffer();
    assert.equal(new X509Certificate(Buffer.from(der)).fingerprint256, new X509Certificate(ca).fingerprint256);
    for (const name of ['localhost', '127.0.0.1']) {
      (await shakeHands(ready.https.replace('127.0.0.1', name), { ca })).destroy();
    }
    await assert.rejects(fetchSecurely(`${ready.https}/healthz`), /unable to verify|self-signed/);
    first = await fingerprintAt(ready.https, ca);
    assert.equal(await fingerprintAt(ready.mqtts, ca), first);
    const folder = join(directory.path, 'tls');
    const modes = ['', ...readdirSync(folder)].map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
    assert.deepEqual(modes, ['700', '600', '600']);
  }
  await using again = await startAppliance({ dataDir: directory.path, seeded: false });
  assert.equal(await fingerprintAt(again.ready.https, await caOf(again)), first);
});

test('over TLS nobody is let in without a credential, not from this machine either', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.anonymous': 'lan' } });
  const ca = await caOf(running);
  await assert.rejects(connectMqtts(running.ready.mqtts, { ca }), /Not authorized/);
  await assert.rejects(connectMqtts(`${running.ready.https.replace('https', 'wss')}/mqtt`, { ca }), /Not authorized/);
});

const GOOD =
  /^(TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)|ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM|CHACHA20-POLY1305)\b.*)$/;

test('TLS 1.2 and 1.3 are spoken, with forward secrecy and authenticated encryption alone, and nothing older', async () => {
  await using running = await startAppliance();
  const ca = await caOf(running);
  for (const url of [running.ready.https, running.ready.mqtts]) {
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const old = { ca, minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
      await assert.rejects(shakeHands(url, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    }
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shakeHands(url, { ca, minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    const spoken: string[] = [];
    for (const name of getCiphers()) {
      const isNew = name.startsWith('tls_');
      const suite = name.toUpperCase();
      try {
        const maxVersion = isNew ? 'TLSv1.3' : 'TLSv1.2';
        const socket = await shakeHands(url, {
          ca,
          maxVersion,
          minVersion: maxVersion,
          ciphers: isNew ? suite : `${suite}:@SECLEVEL=0`,
        });
        spoken.push(socket.getCipher().name);
        socket.destroy();
      } catch {
        // Not spoken, or not known to this client.
      }
    }
    assert.deepEqual(
      spoken.filter((suite) => !GOOD.test(suite)),
      [],
    );
    assert.deepEqual([...new Set(spoken)].toSorted(), [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ]);
  }
});

test('nobody renegotiates', async () => {
  await using running = await startAppliance();
  const ca = await caOf(running);
  for (const url of [running.ready.https, running.ready.mqtts]) {
    const socket = await shakeHands(url, { ca, maxVersion: 'TLSv1.2' });
    socket.on('error', () => {});
    const failed = await new Promise<Error | null>((resolve) => {
      socket.once('error', resolve);
      socket.renegotiate({}, resolve);
    });
    assert.match(String(failed), /no renegotiation/i);
    socket.destroy();
  }
});

test('what a handshake failed by stands in the connection log in plain words', async () => {
  await using running = await startAppliance();
  const { ready } = running;
  await assert.rejects(
    shakeHands(ready.mqtts, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  );
  await assert.rejects(connectMqtts(ready.mqtts.replace('mqtts', 'mqtt'), { connectTimeout: 2_000 }));
  await assert.rejects(connectMqtts(ready.mqtts, {}));
  const person = await running.signIn();
  const wanted = ['not_tls', 'tls_given_up', 'tls_version'];
  const seen = async () => {
    const items = [
      ...(await person.get('/connection-log')).items,
      ...(await person.get('/connection-log/unassigned')).items,
    ];
    const reasons = items.map(({ reason }: { reason: string }) => reason).toSorted();
    return wanted.every((reason) => reasons.includes(reason)) ? reasons : undefined;
  };
  const deadline = Date.now() + 5_000;
  for (;;) {
    const reasons = await seen();
    if (reasons !== undefined) break;
    assert.ok(Date.now() < deadline, 'not all reasons were listed');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
