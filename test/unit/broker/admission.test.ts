import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBroker, ReadGate } from '../../../src/broker/broker.ts';
import { createMetrics } from '../../../src/core/metrics.ts';
import type { Ingest } from '../../../src/telemetry/telemetry.ts';
import { defaultConfig, silentLog } from '../../support/accounts.ts';
import { controlStore } from '../../support/control-store.ts';
import { connectRaw, openRaw } from '../../support/raw-mqtt.ts';

test('while credentials cannot be read, who signs in is told to come again, and nobody else is disturbed', async () => {
  const events: string[] = [];
  using control = controlStore();
  const broker = createBroker({
    config: defaultConfig().mqtt,
    store: control.store,
    now: Date.now,
    ingest: { state: 'open' } as Ingest,
    gate: new ReadGate(),
    scopeBySlug: () => undefined,
    authenticateDevice: () => {
      throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
    },
    refused: () => {},
    isShown: () => true,
    connectionRefused: ({ reason }) => events.push(reason),
    log: silentLog(),
    metrics: createMetrics(),
  });
  const { mqtt } = await broker.listen({ mqtt: { port: 0, host: '127.0.0.1' } });
  const url = `mqtt://127.0.0.1:${mqtt}`;
  try {
    using other = await connectRaw(url);
    using raw = await openRaw(url);
    const login = { username: 'demo/gw', password: Buffer.from('x') };
    raw.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'x',
      clean: true,
      keepalive: 0,
      ...login,
    });
    assert.equal((await raw.next('connack')).returnCode, 3);
    assert.deepEqual(events, ['store_unavailable']);
    other.send({ cmd: 'pingreq' });
    await other.next('pingresp');
  } finally {
    await broker.close();
  }
});
