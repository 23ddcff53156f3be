import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { eventually, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { connectRaw, openRaw, type RawMqtt, telemetry } from '../support/raw-mqtt.ts';

const MB = 1_048_576;

/** Bytes this process, and so the appliance in it, has grown by while `work` ran. */
async function growth(work: () => Promise<void>): Promise<number> {
  global.gc?.();
  const before = process.memoryUsage().rss;
  await work();
  return process.memoryUsage().rss - before;
}

/** Another sender must be served all the time. */
async function assertServed(running: RunningAppliance): Promise<void> {
  using other = await connectRaw(running.ready.mqtt, { clientId: `other-${Math.random()}` });
  other.send(telemetry(1, { metrics: { x: 1 } }, { device: 'other' }));
  assert.equal((await other.next('puback')).messageId, 1);
}

const connectPacket = (fields: Record<string, unknown> = {}): Buffer =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: 'x',
    clean: true,
    keepalive: 0,
    ...fields,
  } as never);

/** Replaces text in an encoded packet by bytes of the same length. */
const spoil = (packet: Buffer, text: string, bytes: number[]): Buffer => {
  const at = packet.indexOf(text);
  assert.ok(at >= 0 && bytes.length === text.length);
  const spoilt = Buffer.from(packet);
  spoilt.set(bytes, at);
  return spoilt;
};

test('packets announcing 200 MB end the connection before they take memory', async () => {
  await using running = await startAppliance();
  const filler = Buffer.alloc(MB);
  const flood = async (raw: RawMqtt, header: number) => {
    raw.write(Buffer.from([header, 0x80, 0x80, 0x80, 0x64]));
    for (let sent = 0; sent < 50 && !raw.socket.destroyed; sent++) {
      raw.write(filler);
      await sleep(1);
    }
    await raw.closed;
  };
  const grown = await growth(async () => {
    using stranger = await openRaw(running.ready.mqtt);
    await flood(stranger, 0x10);
    using known = await connectRaw(running.ready.mqtt);
    await flood(known, 0x32);
  });
  assert.ok(grown < 120 * MB, `grew by ${Math.round(grown / MB)} MB`);
  await assertServed(running);
  const log = (await (await running.signIn()).get('/connection-log/unassigned')).items;
  assert.match(JSON.stringify(log), /209715200 bytes was announced/);
});

test('invalid UTF-8 and NUL in client ids, user names and topics are refused', async () => {
  await using running = await startAppliance();
  const bad: [what: string, packet: Buffer][] = [
    ['NUL in the client id', spoil(connectPacket({ clientId: 'ab@cd' }), '@', [0])],
    ['a client id that is not UTF-8', spoil(connectPacket({ clientId: 'ab@cd' }), '@', [0xff])],
    ['NUL in the user name', spoil(connectPacket({ username: 'us@er', password: Buffer.from('p') }), '@', [0])],
    [
      'NUL in the topic of the will',
      spoil(
        connectPacket({
          will: { topic: 'factories/vpc/devices/@/telemetry', payload: Buffer.from('x'), qos: 0, retain: false },
        }),
        '@',
        [0],
      ),
    ],
  ];
  for (const [what, packet] of bad) {
    using raw = await openRaw(running.ready.mqtt);
    raw.write(packet);
    await raw.closed;
    const connack = raw.packets.find(({ cmd }) => cmd === 'connack');
    assert.ok(connack === undefined || (connack as { returnCode?: number }).returnCode !== 0, what);
  }
  for (const bytes of [[0], [0xff]]) {
    using raw = await connectRaw(running.ready.mqtt);
    raw.write(spoil(generate(telemetry(1, { metrics: { x: 1 } }, { device: '@' })), '@', bytes));
    await raw.closed;
    assert.deepEqual(
      raw.packets.filter(({ cmd }) => cmd === 'puback'),
      [],
    );
  }
  using zero = await connectRaw(running.ready.mqtt);
  const packet = generate(telemetry(0x4142, { metrics: { x: 1 } }));
  zero.write(spoil(packet, 'AB', [0, 0]));
  await zero.closed;
  await assertServed(running);
});

test('a connection that says nothing, or begins a packet and stops, is ended in time', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.connect_timeout_s': 0.3, 'mqtt.frame_timeout_s': 0.3 } });
  using silent = await openRaw(running.ready.mqtt);
  using halfConnect = await openRaw(running.ready.mqtt);
  halfConnect.write(connectPacket().subarray(0, 5));
  using halfPublish = await connectRaw(running.ready.mqtt);
  halfPublish.write(generate(telemetry(1, { metrics: { x: 1 } })).subarray(0, 20));
  await Promise.all([silent.closed, halfConnect.closed, halfPublish.closed]);
  await assertServed(running);
});

test('a slow sender that keeps sending is heard', async () => {
  await using running = await startAppliance();
  using slow = await connectRaw(running.ready.mqtt);
  for (const byte of generate(telemetry(9, { metrics: { x: 1 } }))) {
    slow.write(Buffer.from([byte]));
    await sleep(1);
  }
  assert.equal((await slow.next('puback')).messageId, 9);
});

test('ten thousand connection attempts leave the appliance as it was', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.max_connections': 200 } });
  using first = await connectRaw(running.ready.mqtt, { clientId: 'first' });
  const attempt = async () => {
    const raw = await openRaw(running.ready.mqtt).catch(() => undefined);
    if (raw !== undefined) open.push(raw);
  };
  const open: RawMqtt[] = [];
  const grown = await growth(async () => {
    for (let round = 0; round < 50; round++) {
      await Promise.all(Array.from({ length: 200 }, attempt));
      if (open.length > 2_000) for (const raw of open.splice(0, 1_000)) raw.socket.destroy();
    }
  });
  assert.ok(grown < 200 * MB, `grew by ${Math.round(grown / MB)} MB`);
  first.send(telemetry(1, { metrics: { x: 1 } }));
  assert.equal((await first.next('puback')).messageId, 1);
  for (const raw of open) raw.socket.destroy();
  await eventually(() =>
    assertServed(running).then(
      () => true,
      () => undefined,
    ),
  );
  const log = (await (await running.signIn()).get('/connection-log/unassigned')).items;
  assert.ok(
    log.some((item: { reason: string; count: number }) => item.reason === 'too_many_connections' && item.count > 1_000),
  );
});

test('an upgrade to something else, reset before its answer, ends nothing but its own connection', async () => {
  await using running = await startAppliance();
  const port = Number(new URL(running.ready.http).port);
  for (let round = 0; round < 20; round++) {
    const socket = connectTcp(port, '127.0.0.1');
    await once(socket, 'connect');
    const asked = 'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    await new Promise((resolve) => socket.write(asked, resolve));
    socket.resetAndDestroy();
  }
  assert.equal((await fetch(`${running.ready.http}/healthz`)).status, 200);
});

test('a client that offers another protocol, as curl does with HTTP/2, is answered as it stands', async () => {
  await using running = await startAppliance();
  const { hostname, port } = new URL(running.ready.http);
  const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' };
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    request({ hostname, port, path: '/healthz', headers }, (reply) => resolve(reply.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(answer, 200);
});

test('a flood on one connection stays bounded and does not silence the others', async () => {
  await using running = await startAppliance();
  using flood = await connectRaw(running.ready.mqtt, { clientId: 'flood' });
  const { messageId: _, ...packet } = telemetry(1, { metrics: { x: 1 } }, { qos: 0, device: 'flood' }) as {
    messageId: number;
  };
  const burst = Buffer.concat(Array.from({ length: 2_000 }, () => generate(packet as never)));
  let stopped = false;
  const pump = async () => {
    while (!stopped) {
      if (!flood.socket.write(burst)) await new Promise((resolve) => flood.socket.once('drain', resolve));
      await sleep(0);
    }
  };
  const grown = await growth(async () => {
    const pumping = pump();
    for (let i = 0; i < 20; i++) {
      await assertServed(running);
      await sleep(50);
    }
    stopped = true;
    flood.socket.destroy();
    await Promise.race([pumping, sleep(1_000)]);
  });
  assert.ok(grown < 400 * MB, `grew by ${Math.round(grown / MB)} MB`);
});

test('subscriptions are limited, and the one too many is answered 0x80', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.max_subscriptions': 2 } });
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  using raw = await connectRaw(running.ready.mqtt, body);
  for (const [index, granted] of [1, 1, 128].entries()) {
    const topic = `factories/vpc/devices/M${index}/commands`;
    raw.send({ cmd: 'subscribe', messageId: index + 1, subscriptions: [{ topic, qos: 1 }] });
    assert.deepEqual((await raw.next('suback')).granted, [granted]);
  }
});
