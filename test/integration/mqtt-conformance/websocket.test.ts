import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { parser as createParser, generate, type Packet } from 'mqtt-packet';
import { WebSocket } from 'ws';
import { connectPacket, freeBroker } from '../../support/mqtt-talk.ts';

const { running } = await freeBroker();
const url = `${running.ready.http.replace('http', 'ws')}/mqtt`;

/** A device that may sign in: over WebSocket nobody is anonymous. */
const login = await (async () => {
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'web', devices: ['*'] });
  return { username: body.username, password: Buffer.from(body.password) };
})();

async function open(protocols: string[]) {
  const socket = new WebSocket(url, protocols);
  socket.on('error', () => {});
  const packets: Packet[] = [];
  const parser = createParser();
  parser.on('packet', (packet) => packets.push(packet));
  const kinds: boolean[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    kinds.push(isBinary);
    parser.parse(data);
  });
  await once(socket, 'open').catch(() => {});
  return { socket, packets, kinds };
}

const until = async (socket: WebSocket, isDone: () => boolean) => {
  while (!isDone()) await once(socket, 'message');
};

test('[MQTT-6.0.0-1] [MQTT-6.0.0-2] packets may be cut and joined into frames anywhere, and come in binary frames', async () => {
  const { socket, packets, kinds } = await open(['mqtt']);
  const bytes = Buffer.concat([
    generate(connectPacket({ clientId: 'web', ...login })),
    generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'web/#', qos: 0 }] }),
    generate({ cmd: 'publish', topic: 'web/x', payload: 'x', qos: 0, dup: false, retain: false }),
    generate({ cmd: 'pingreq' }),
  ]);
  for (const byte of bytes.subarray(0, 20)) socket.send(Buffer.of(byte));
  socket.send(bytes.subarray(20));
  await until(socket, () => packets.length === 4);
  assert.deepEqual(packets.map(({ cmd }) => cmd).toSorted(), ['connack', 'pingresp', 'publish', 'suback']);
  assert.ok(kinds.every(Boolean));
  socket.terminate();
});

test('[MQTT-6.0.0-1] text in a frame that is not binary ends the connection', async () => {
  const { socket, packets } = await open(['mqtt']);
  const bytes = generate(connectPacket({ clientId: 'web' }));
  assert.equal(Buffer.from(bytes.toString('utf8')).compare(bytes), 0, 'it is also text');
  socket.send(bytes.toString('utf8'));
  await once(socket, 'close');
  assert.deepEqual(packets, []);
});

test('[MQTT-6.0.0-3] [MQTT-6.0.0-4] the broker chooses the protocol mqtt, and no other', async () => {
  const { socket } = await open(['other', 'mqtt']);
  assert.equal(socket.protocol, 'mqtt');
  socket.terminate();
  const foreign = await open(['other']);
  assert.notEqual(foreign.socket.readyState, WebSocket.OPEN);
});
