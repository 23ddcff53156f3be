import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBroker, ReadGate } from '../../../src/broker/broker.ts';
import { createMetrics } from '../../../src/core/metrics.ts';
import type { Ingest, Sender } from '../../../src/telemetry/telemetry.ts';
import { defaultConfig, silentLog } from '../../support/accounts.ts';
import { controlStore } from '../../support/control-store.ts';
import { talk } from '../../support/mqtt-talk.ts';

test('[MQTT-4.8.0-2] a message for somebody who is away, and that cannot be written, ends the connection without PUBACK', async () => {
  using control = controlStore();
  const broker = createBroker({
    config: defaultConfig({ 'mqtt.shared_topics': ['#'] }).mqtt,
    store: control.store,
    now: Date.now,
    ingest: { state: 'open', pass: (sender: Sender) => sender.acknowledge() } as Ingest,
    gate: new ReadGate(),
    scopeBySlug: () => undefined,
    authenticateDevice: () => undefined,
    refused: () => {},
    isShown: () => true,
    connectionRefused: () => {},
    log: silentLog(),
    metrics: createMetrics(),
  });
  const url = `mqtt://127.0.0.1:${(await broker.listen({ mqtt: { port: 0, host: '127.0.0.1' } })).mqtt}`;
  const { system } = control.store;
  try {
    const away = await talk(url, { clientId: 'away', clean: false });
    await away.subscribe('x');
    await away.disconnect();
    using sender = await talk(url);
    Object.assign(control.store, {
      system: () => {
        throw Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' });
      },
    });
    sender.send({ cmd: 'publish', topic: 'x', payload: 'x', qos: 1, messageId: 1, dup: false, retain: false });
    await sender.closed;
    assert.deepEqual(
      sender.packets.map(({ cmd }) => cmd),
      ['connack'],
    );
    // Whoever only sends is let in all the same.
    using other = await talk(url);
    await other.publish('nobody', 'x', { qos: 0 });
    Object.assign(control.store, { system });
    using back = await talk(url, { clientId: 'away', clean: false });
    assert.equal((await back.receive()).text, 'x');
  } finally {
    Object.assign(control.store, { system });
    await broker.close();
  }
});
