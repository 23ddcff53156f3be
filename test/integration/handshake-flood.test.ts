import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { eventually, startAppliance } from '../support/appliance.ts';
import { caOf, connectMqtts, fetchSecurely } from '../support/tls.ts';

const FLAGS = { 'tls.max_handshakes': 24, 'tls.max_handshakes_per_address': 8, 'tls.handshake_timeout_s': 3 };
/** The beginning of a TLS record that is announced and never comes. */
const BEGUN = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);

interface Flood extends Disposable {
  readonly open: ReadonlySet<Socket>;
  /** Connections that the appliance has ended. */
  readonly ended: number;
}

/** Connections that begin a handshake and go on with it a byte at a time; each comes again when it is ended. */
function flood(url: string, count: number, addresses: readonly string[], againMs: number): Flood {
  const { port } = new URL(url);
  const open = new Set<Socket>();
  let [ended, isOver] = [0, false];
  const begin = (localAddress: string) => {
    if (isOver) return;
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress });
    open.add(socket);
    socket.on('error', () => {});
    socket.on('connect', () => socket.write(BEGUN));
    const drip = setInterval(() => socket.write(Buffer.from([0])), 200);
    socket.on('close', () => {
      clearInterval(drip);
      open.delete(socket);
      ended++;
      setTimeout(begin, againMs, localAddress);
    });
  };
  for (let index = 0; index < count; index++) begin(addresses[index % addresses.length] ?? '127.0.0.1');
  return {
    open,
    get ended() {
      return ended;
    },
    [Symbol.dispose]: () => {
      isOver = true;
      for (const socket of open) socket.destroy();
    },
  };
}

test('a flood of handshakes that never end holds nobody out, whether from one address or from many', async () => {
  await using running = await startAppliance({ flags: FLAGS });
  const { ready } = running;
  const ca = await caOf(running);
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  const { username, password } = body;
  const many = Array.from({ length: 20 }, (_, index) => `127.0.1.${index + 1}`);
  for (const addresses of [['127.0.0.2'], many]) {
    for (const url of [ready.https, ready.mqtts]) {
      using attack = flood(url, 120, addresses, 50);
      await eventually(() => (attack.ended > 100 ? true : undefined), 30_000);
      // The first try of each is let in: this address has fewer on their way than any that floods.
      const answer = await fetchSecurely(`${ready.https}/healthz`, { ca });
      assert.equal(answer.status, 200);
      const client = await connectMqtts(ready.mqtts, { ca, username, password });
      await client.publishAsync('factories/vpc/devices/M01/telemetry', '{"metrics":{"a":1}}', { qos: 1 });
      await client.endAsync();
    }
  }
  const metrics = await (await fetch(`${ready.http}/api/v1/metrics`)).text();
  for (const listener of ['https', 'mqtts']) {
    assert.match(
      metrics,
      new RegExp(`tls_handshakes_failed_total\\{listener="${listener}",reason="tls_too_many"\\} \\d`),
    );
  }
});

test('a handshake has its time, however busily it sends', async () => {
  await using running = await startAppliance({ flags: { ...FLAGS, 'tls.handshake_timeout_s': 1 } });
  for (const url of [running.ready.https, running.ready.mqtts]) {
    using slow = flood(url, 1, ['127.0.0.1'], 60_000);
    await eventually(() => (slow.ended === 1 ? true : undefined));
  }
  const person = await running.signIn();
  const log = await eventually(async () => {
    const items = [
      ...(await person.get('/connection-log')).items,
      ...(await person.get('/connection-log/unassigned')).items,
    ];
    return items.find(({ reason }: { reason: string }) => reason === 'tls_timeout');
  });
  assert.match(log.detail, /not done in time/);
});
