import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { SEED } from '../../src/accounts/accounts.ts';
import { runCommand, spawnAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { caOf, connectMqtts, fetchSecurely, ownAddress } from '../support/tls.ts';

const LAN = { 'network.listen': 'lan' };
const TOPIC = 'factories/vpc/devices/M01/telemetry';
const MESSAGE = '{"metrics":{"a":1}}';
const address = ownAddress();
const skip = address === undefined ? 'this machine has no address but loopback' : false;

const at = (url: string, host: string) => {
  const changed = new URL(url);
  changed.hostname = host;
  return changed.href.replace(/\/$/, '');
};

async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('nothing listens beyond loopback unless it is told to', { skip }, async () => {
  await using running = await startAppliance();
  for (const url of [running.ready.http, running.ready.https, running.ready.mqtt, running.ready.mqtts]) {
    assert.equal(await isOpen(url), true, url);
    assert.equal(await isOpen(at(url, address ?? '')), false, url);
  }
});

test('with the network: HTTPS and MQTTS for all, HTTP leads there, plain MQTT and plain HTTP for this machine', {
  skip,
}, async () => {
  await using running = await startAppliance({ flags: LAN });
  const { ready } = running;
  const host = address ?? '';
  const ca = await caOf(running);
  const person = await running.signIn();
  const { body: credential } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });

  assert.equal((await fetch(`${ready.http}/healthz`)).status, 200);
  const led = await fetch(`${at(ready.http, host)}/devices?q=a%20b`, { redirect: 'manual' });
  assert.equal(led.status, 308);
  assert.equal(led.headers.get('Location'), `${at(ready.https, host)}/devices?q=a%20b`);
  assert.equal(led.headers.get('Cache-Control'), 'no-store');
  assert.equal(led.headers.get('Strict-Transport-Security'), null);
  assert.equal(await (await fetch(`${at(ready.http, host)}/api/v1/tls/ca.crt`)).text(), ca);
  const login = { email: SEED.email, password: SEED.password };
  const refused = await fetch(`${at(ready.http, host)}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '127.0.0.1' },
    body: JSON.stringify(login),
  });
  assert.equal(refused.status, 403);
  assert.match(refused.headers.get('Content-Type') ?? '', /problem\+json/);

  assert.equal((await fetchSecurely(`${at(ready.https, host)}/healthz`, { ca })).status, 200);
  const { username, password } = credential;
  const client = await connectMqtts(at(ready.mqtts, host), { ca, username, password });
  await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  await client.endAsync();

  assert.equal(await isOpen(ready.mqtt), true);
  assert.equal(await isOpen(at(ready.mqtt, host)), false);
  const plainSocket = `${at(ready.http, host).replace('http', 'ws')}/mqtt`;
  await assert.rejects(
    connectAsync(plainSocket, { username, password, reconnectPeriod: 0, connectTimeout: 2_000 }, false),
  );
  const info = await person.get('/connection-info');
  assert.equal(info.listen, 'lan');
  assert.ok(info.hosts.includes(host));
});

test('a host that was made up leads nowhere', { skip }, async () => {
  await using running = await startAppliance({ flags: LAN });
  const { port } = new URL(running.ready.http);
  const ask = async (lines: string) => {
    const socket = connect(Number(port), address);
    socket.end(lines);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    return text;
  };
  for (const host of ['a@evil.example', 'evil.example/x', 'a b', '"<x>']) {
    const answer = await ask(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(answer, /Location/i, host);
    assert.match(answer, /^HTTP\/1\.1 40[03]/, host);
  }
  const absolute = await ask('GET http://evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.doesNotMatch(absolute, /Location/i);
});

test('plain MQTT is open to the network where that is allowed, for those with a credential', { skip }, async () => {
  await using running = await startAppliance({ flags: { ...LAN, 'mqtt.plain_on_lan': true } });
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  const url = at(running.ready.mqtt, address ?? '');
  await assert.rejects(connectAsync(url, { reconnectPeriod: 0 }, false), /Not authorized/);
  const { username, password } = body;
  const client = await connectAsync(url, { username, password, reconnectPeriod: 0 });
  await client.publishAsync(TOPIC, MESSAGE, { qos: 1 });
  await client.endAsync();
  assert.equal((await person.get('/connection-info')).mqtt.plain_on_lan, true);
});

test('two appliances on one machine need two plain ports to be chosen, and no others', async () => {
  using one = temporaryDirectory();
  using other = temporaryDirectory();
  // Ports 0, which would give any free ones for TLS too, are not what is meant here.
  const free = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    server.close();
    await once(server, 'close');
    return String(typeof bound === 'object' ? bound?.port : 0);
  };
  const start = async (directory: string) => {
    const ports = ['--http-port', await free(), '--mqtt-port', await free()];
    return spawnAppliance(['--data-dir', directory, ...ports]);
  };
  const first = await start(one.path);
  const second = await start(other.path);
  try {
    assert.notEqual(first.ready.https, second.ready.https);
    assert.notEqual(first.ready.mqtts, second.ready.mqtts);
    for (const { ready } of [first, second]) {
      const ca = await (await fetch(`${ready.http}/api/v1/tls/ca.crt`)).text();
      assert.equal((await fetchSecurely(`${ready.https}/healthz`, { ca })).status, 200);
    }
  } finally {
    for (const { child } of [first, second]) child.kill('SIGTERM');
    await Promise.all([first.exited, second.exited]);
  }
});

test('a port for TLS that was chosen and is taken is named, with the flag that chooses another', async () => {
  using directory = temporaryDirectory();
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const bound = blocker.address();
  const port = String(typeof bound === 'object' ? bound?.port : 0);
  try {
    for (const flag of ['--https-port', '--mqtts-port']) {
      const args = ['serve', '--data-dir', directory.path, '--http-port', '0', '--mqtt-port', '0', flag, port];
      const { code, stderr, stdout } = await runCommand(args);
      assert.equal(code, 4, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`${port}.*${flag}`));
    }
  } finally {
    blocker.close();
  }
});

test('cookies of HTTPS are Secure, protected by their name, and of no use to plain pages', async () => {
  await using running = await startAppliance();
  const { ready } = running;
  const ca = await caOf(running);
  const json = { email: SEED.email, password: SEED.password };
  const signedIn = await fetchSecurely(`${ready.https}/api/v1/auth/login`, { ca, method: 'POST', json });
  assert.equal(signedIn.status, 200);
  const set = [signedIn.headers['set-cookie'] ?? []].flat();
  assert.equal(set.length, 2);
  for (const cookie of set) assert.match(cookie, /^__Secure-factoryops_\w+=.*; secure; samesite=strict; httponly$/i);
  const Cookie = set.map((cookie) => cookie.split(';', 1)[0]).join('; ');

  const leave = (origin: string, url = ready.https) =>
    fetchSecurely(`${url}/api/v1/profile`, {
      ca,
      method: 'PATCH',
      json: { theme: 'dark' },
      headers: { Cookie, Origin: origin },
    });
  assert.equal((await leave(ready.https)).status, 200);
  assert.equal((await leave(ready.https.replace('https', 'http'))).status, 403);
  assert.equal((await leave(ready.http)).status, 403);
  assert.equal((await leave('https://evil.example')).status, 403);

  const plain = await fetch(`${ready.http}/api/v1/auth/me`, { headers: { Cookie } });
  assert.equal(plain.status, 401);
  const renamed = { Cookie: Cookie.replaceAll('__Secure-', '') };
  assert.equal((await fetchSecurely(`${ready.https}/api/v1/auth/me`, { ca, headers: renamed })).status, 401);
  const pretended = await fetch(`${ready.http}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-Proto': 'https' },
    body: JSON.stringify(json),
  });
  for (const cookie of pretended.headers.getSetCookie()) assert.doesNotMatch(cookie, /secure/i);
});

test('doctor names every plain listener beyond loopback, keys that others can read, and what expires', {
  skip,
}, async () => {
  using directory = temporaryDirectory();
  {
    await using _running = await startAppliance({ dataDir: directory.path });
  }
  const doctor = async (env: Record<string, string> = {}) => {
    for (const [name, value] of Object.entries(env)) process.env[name] = value;
    try {
      const args = ['doctor', '--json', '--data-dir', directory.path, '--http-port', '0', '--mqtt-port', '0'];
      const { stdout } = await runCommand(args);
      const { findings } = JSON.parse(stdout) as { findings: { check: string; level: string; message: string }[] };
      return findings
        .filter(({ check }) => check === 'listeners' || check === 'certificates')
        .map(({ level, message }) => `${level}: ${message}`);
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
    }
  };
  const fine = await doctor();
  assert.equal(fine.length, 2);
  assert.match(fine[0] ?? '', /ok: this machine alone/);
  assert.match(fine[1] ?? '', /ok: the server certificate is good until \d{4}-\d\d-\d\d, and is made anew from/);

  chmodSync(`${directory.path}/tls/ca.pem`, 0o644);
  const lan = {
    FACTORYOPS_NETWORK__LISTEN: 'lan',
    FACTORYOPS_MQTT__PLAIN_ON_LAN: 'true',
    FACTORYOPS_MQTT__ANONYMOUS: 'lan',
  };
  const open = (await doctor(lan)).join('\n');
  assert.match(open, /ok: plain HTTP on port 0 is open to the network, and leads to HTTPS alone/);
  assert.match(open, /warning: plain MQTT on port 0 is open to the network: anybody may publish/);
  assert.match(open, /error: other users of this machine can open .*ca\.pem/);
  const named = (await doctor({ FACTORYOPS_TLS__NAMES: '["plant.example"]' })).join('\n');
  assert.match(named, /warning: clients that come by plant\.example are refused/);
  rmSync(`${directory.path}/tls/ca.pem`);
  assert.match((await doctor()).join('\n'), /error: the CA .*ca\.pem is gone/);
});
