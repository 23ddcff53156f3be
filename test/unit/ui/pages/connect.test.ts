import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CREDENTIAL_NAME_PATTERN } from '../../../../src/accounts/accounts.ts';
import type { ConnectionEvent, ConnectionInfo, Device, Refusal } from '../../../../ui/api/schema.ts';
import { fitting, presetWay, targetOf, wayOf } from '../../../../ui/pages/connect/access.ts';
import { hasArrived } from '../../../../ui/pages/connect/arrival.ts';
import { credentialNameFrom, freeKey, isDeviceKey, nextName } from '../../../../ui/pages/connect/device-key.ts';
import { type Logs, newsOf, queryAfter } from '../../../../ui/pages/connect/news.ts';
import { bareHost, isLoopback, piecesOf, snippetOf, type Target } from '../../../../ui/pages/connect/snippets.ts';

const TARGET: Target = {
  host: '192.168.4.10',
  port: 1883,
  topic: 'factories/vpc/devices/M01/telemetry',
  credential: { username: 'vpc/m01', password: '-Tern_c0balt' },
};
const info = (anonymous: ConnectionInfo['mqtt']['anonymous']): ConnectionInfo => ({
  mqtt: {
    port: 1883,
    plain_on_lan: true,
    tls_port: 8883,
    anonymous,
    client_certificates: 'off',
    websocket_path: '/mqtt',
  },
  listen: 'lan',
  hosts: ['192.168.4.10'],
  own_ca: true,
  factory_slug: 'vpc',
});

test('the shell command has everything filled in, and no sign-in where none is needed', () => {
  assert.equal(
    snippetOf('shell', TARGET),
    `mosquitto_pub -h 192.168.4.10 -p 1883 \\
  -u vpc/m01 -P -Tern_c0balt \\
  -t factories/vpc/devices/M01/telemetry -q 1 \\
  -m '{"metrics":{"voltage":231.4,"running":true}}'`,
  );
  const open = { ...TARGET, credential: undefined };
  assert.doesNotMatch(snippetOf('shell', open), / -u | -P /);
  assert.doesNotMatch(snippetOf('python', open), /username_pw_set/);
  assert.doesNotMatch(snippetOf('node-red', open), /credentials/);
});

test('the Node-RED flow is JSON whose nodes lead from one to the next', () => {
  const [inject, out, broker] = JSON.parse(snippetOf('node-red', TARGET));
  assert.deepEqual(inject.wires, [[out.id]]);
  assert.deepEqual(JSON.parse(inject.payload), { metrics: { voltage: 231.4, running: true } });
  assert.deepEqual([out.topic, out.broker], [TARGET.topic, broker.id]);
  assert.deepEqual([broker.broker, broker.port], [TARGET.host, '1883']);
  assert.deepEqual(broker.credentials, { user: 'vpc/m01', password: '-Tern_c0balt' });
});

test('what was filled in is marked, and nothing is lost by it', () => {
  for (const language of ['shell', 'python', 'node-red'] as const) {
    const code = snippetOf(language, TARGET);
    const pieces = piecesOf(code, TARGET);
    assert.equal(pieces.map(({ text }) => text).join(''), code);
    const marked = new Set(pieces.filter(({ isFilledIn }) => isFilledIn).map(({ text }) => text));
    assert.deepEqual(marked, new Set([TARGET.host, '1883', TARGET.topic, 'vpc/m01', '-Tern_c0balt']));
  }
});

test('hosts are written as MQTT clients want them', () => {
  assert.deepEqual(['[::1]', 'plant.local', '127.0.0.1'].map(bareHost), ['::1', 'plant.local', '127.0.0.1']);
  assert.deepEqual(['::1', '127.0.0.1', 'localhost', '192.168.4.10'].map(isLoopback), [true, true, true, false]);
});

test('without a credential is offered where it is admitted, and leads to the appliance itself', () => {
  assert.equal(presetWay(info('loopback'), '127.0.0.1'), 'none');
  assert.equal(presetWay(info('loopback'), '192.168.4.10'), 'device');
  assert.equal(wayOf('none', info('never'), '127.0.0.1'), 'device');
  assert.equal(wayOf('gateway', info('never'), '127.0.0.1'), 'gateway');
  const aim = { info: info('loopback'), host: '192.168.4.10', way: 'none', key: 'M01', credential: undefined } as const;
  assert.equal(targetOf(aim)?.host, '127.0.0.1');
  assert.equal(targetOf({ ...aim, info: info('lan') })?.host, '192.168.4.10');
  assert.equal(targetOf({ ...aim, way: 'device' }), undefined);
});

test('over the network devices come by TLS, unless plain MQTT is open to it; on the appliance they need none', () => {
  const base = info('loopback');
  const closed = { ...base, mqtt: { ...base.mqtt, plain_on_lan: false } };
  const credential = { username: 'vpc/m01', password: 'a', devices: ['M01'] };
  const aim = { info: closed, host: '192.168.4.10', way: 'device', key: 'M01', credential } as const;
  const target = targetOf(aim);
  assert.deepEqual([target?.port, target?.tls], [8883, 'own_ca']);
  assert.equal(targetOf({ ...aim, info: { ...closed, own_ca: false } })?.tls, 'system');
  for (const other of [
    { ...aim, host: '127.0.0.1' },
    { ...aim, info: base },
  ]) {
    assert.deepEqual([targetOf(other)?.port, targetOf(other)?.tls], [1883, undefined]);
  }
  const open = { ...closed, mqtt: { ...closed.mqtt, anonymous: 'lan' as const } };
  assert.equal(targetOf({ ...aim, info: open, way: 'none' })?.host, '127.0.0.1');
  assert.match(snippetOf('shell', { ...TARGET, tls: 'own_ca' }), /--cafile factoryops-ca\.crt/);
  assert.match(snippetOf('shell', { ...TARGET, tls: 'system' }), /--tls-use-os-certs/);
  assert.match(
    snippetOf('python', { ...TARGET, tls: 'own_ca' }),
    /client\.tls_set\("factoryops-ca\.crt"\)\nclient\.connect/,
  );
  const nodes = JSON.parse(snippetOf('node-red', { ...TARGET, tls: 'own_ca' }));
  assert.deepEqual([nodes[2].usetls, nodes[2].tls, nodes[3].ca], [true, nodes[3].id, 'factoryops-ca.crt']);
});

test('a credential fits the device it was made for, and one of a gateway fits all', () => {
  const own = { username: 'vpc/m01', password: 'a', devices: ['M01'] };
  const all = { username: 'vpc/gateway', password: 'b', devices: ['*'] };
  assert.equal(fitting([own, all], 'device', 'M01'), own);
  assert.equal(fitting([own, all], 'device', 'M02'), undefined);
  assert.equal(fitting([own, all], 'gateway', 'M02'), all);
});

test('keys and names are suggested that the API takes', () => {
  assert.equal(freeKey(new Set(['M01', 'M03'])), 'M02');
  assert.equal(nextName('m01'), 'm01-2');
  assert.equal(nextName('m01-2'), 'm01-3');
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/), (key) => {
      const name = credentialNameFrom(key);
      const isFit = name === '' || (CREDENTIAL_NAME_PATTERN.test(name) && CREDENTIAL_NAME_PATTERN.test(nextName(name)));
      return isDeviceKey(key) && isFit;
    }),
  );
});

const device = (last_seen_at: string | null, created_at: string) => ({ last_seen_at, created_at }) as Device;

test('a device has arrived when it was heard of since, or did not exist before', () => {
  const [before, opened, after] = ['2026-01-01T10:00:00Z', '2026-01-01T10:01:00Z', '2026-01-01T10:02:00Z'];
  const openedAt = Date.parse(opened);
  assert.equal(hasArrived(undefined, { lastSeenAt: null, openedAt }), false);
  assert.equal(hasArrived(device(before, before), { lastSeenAt: before, openedAt }), false);
  assert.equal(hasArrived(device(after, before), { lastSeenAt: before, openedAt }), true);
  assert.equal(hasArrived(device(after, after), { lastSeenAt: after, openedAt }), true);
});

const refusal = (device_key: string, count: number) =>
  ({ device_key, reason: 'not_json', parameter: null, count, last_at: '2026-01-01T10:00:00Z' }) as Refusal;
const event = (username: string | null, reason: string, count: number) =>
  ({ source: '10.0.0.1', client_id: 'x', username, reason, count, last_at: '2026-01-01T10:01:00Z' }) as ConnectionEvent;

test('news is what this device was refused since the page was opened, not the trouble of others', () => {
  const concern = { key: 'M01', slug: 'vpc', username: 'vpc/m01' };
  const before: Logs = {
    refusals: [refusal('M01', 3), refusal('M02', 1)],
    connections: [event('vpc/old', 'bad_credentials', 9)],
  };
  assert.deepEqual(newsOf(before, before, concern), []);
  const after: Logs = {
    refusals: [refusal('M01', 4), refusal('M02', 2)],
    connections: [
      event('vpc/old', 'bad_credentials', 10),
      event('vpc/m01', 'bad_credentials', 1),
      event('other/a', 'bad_credentials', 1),
    ],
  };
  const news = newsOf(before, after, concern);
  assert.deepEqual(
    news.map((one) => (one.kind === 'refusal' ? one.refusal.device_key : one.event.username)),
    ['vpc/m01', 'M01'],
  );
});

test('a list is read again from a little before its newest entry, and whole when it had none', () => {
  const rows = [{ last_at: '2026-03-01T10:05:00.000Z' }, { last_at: '2026-03-01T10:07:00.000Z' }];
  assert.deepEqual(queryAfter(rows), { since: '2026-03-01T10:06:00.000Z' });
  assert.deepEqual(queryAfter([]), {});
});

test('a mistyped user name, none at all and an unknown factory may be ours as well', () => {
  const concern = { key: 'M01', slug: 'vpc', username: undefined };
  const connections = [
    event('vpc/mo1', 'bad_credentials', 1),
    event(null, 'anonymous_not_allowed', 1),
    event('o/x', 'unknown_factory', 1),
  ];
  assert.equal(newsOf({ refusals: [], connections: [] }, { refusals: [], connections }, concern).length, 3);
});
