import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenPlans } from '../../src/listening.ts';
import { defaultConfig } from '../support/accounts.ts';

const LOOPBACK = '127.0.0.1';
const plansOf = (flags: Record<string, unknown>) => listenPlans(defaultConfig(flags));

test('everything is on loopback unless it is told to listen to the network', () => {
  for (const flags of [{}, { 'mqtt.plain_on_lan': true, 'mqtt.anonymous': 'lan' }]) {
    assert.deepEqual(
      Object.values(plansOf(flags)).map(({ host }) => host),
      [LOOPBACK, LOOPBACK, LOOPBACK, LOOPBACK],
    );
  }
});

test('with the network, plain MQTT alone stays on loopback, unless it is allowed out', () => {
  const lan = { 'network.listen': 'lan' };
  const { http, https, mqtt, mqtts } = plansOf(lan);
  assert.deepEqual([http.host, https.host, mqtt.host, mqtts.host], [null, null, LOOPBACK, null]);
  assert.equal(plansOf({ ...lan, 'mqtt.plain_on_lan': true }).mqtt.host, null);
});

test('a port for TLS that nobody has chosen follows the plain one, and gives way on loopback alone', () => {
  const { https, mqtts } = plansOf({});
  assert.deepEqual(
    [https, mqtts],
    [
      { port: 8443, host: LOOPBACK, isAnyFine: true },
      { port: 8883, host: LOOPBACK, isAnyFine: true },
    ],
  );
  assert.equal(plansOf({ 'network.listen': 'lan' }).https.isAnyFine, false);
  const any = plansOf({ 'http.port': 0, 'mqtt.port': 0 });
  assert.deepEqual([any.https.port, any.mqtts.port], [0, 0]);
  const chosen = plansOf({ 'http.port': 0, 'http.https_port': 8443, 'mqtt.tls_port': 18_883 });
  assert.deepEqual(
    [chosen.https, chosen.mqtts],
    [
      { port: 8443, host: LOOPBACK },
      { port: 18_883, host: LOOPBACK },
    ],
  );
});
