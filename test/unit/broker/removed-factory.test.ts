import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBroker, ReadGate } from '../../../src/broker/broker.ts';
import { createMetrics } from '../../../src/core/metrics.ts';
import { mintFactoryScope } from '../../../src/core/scope.ts';
import type { Ingest, Sender } from '../../../src/telemetry/telemetry.ts';
import { defaultConfig, silentLog } from '../../support/accounts.ts';
import { controlStore } from '../../support/control-store.ts';
import { connectRaw, telemetry } from '../../support/raw-mqtt.ts';

const scopeOf = (factoryId: number) =>
  mintFactoryScope({ factoryId, factoryUuid: `uuid-${factoryId}`, slug: 'demo', timezone: 'UTC' });

test('a device of a factory that was removed does not publish into the one that took its slug', async () => {
  const accepted: number[] = [];
  const events: string[] = [];
  let current = scopeOf(1);
  const ingest: Pick<Ingest, 'state' | 'accept' | 'pass'> = {
    state: 'open',
    accept: (scope, _key, _payload, sender: Sender) => {
      accepted.push(scope.factoryId);
      sender.acknowledge();
    },
    pass: (sender) => sender.acknowledge(),
  };
  using control = controlStore();
  const broker = createBroker({
    config: defaultConfig().mqtt,
    store: control.store,
    now: Date.now,
    ingest: ingest as Ingest,
    gate: new ReadGate(),
    scopeBySlug: (slug) => (slug === 'demo' ? current : undefined),
    authenticateDevice: () => ({ scope: scopeOf(1), credentialId: 'c', name: 'gw', deviceKeys: '*' }),
    refused: () => {},
    isShown: () => true,
    connectionRefused: ({ reason }) => events.push(reason),
    log: silentLog(),
    metrics: createMetrics(),
  });
  const { mqtt: port } = await broker.listen({ mqtt: { port: 0, host: '127.0.0.1' } });
  try {
    using raw = await connectRaw(`mqtt://127.0.0.1:${port}`, { username: 'demo/gw', password: 'x' });
    const send = async (id: number) => {
      raw.send(telemetry(id, { metrics: { n: 1 } }, { slug: 'demo' }));
      await raw.next('puback');
    };
    await send(1);
    current = scopeOf(2);
    await send(2);
    assert.deepEqual([accepted, events], [[1], ['connected', 'unknown_factory']]);
    broker.disconnectFactory(2);
    await send(3);
    broker.disconnectFactory(1);
    await raw.closed;
  } finally {
    await broker.close();
  }
});
