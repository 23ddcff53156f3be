import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { assertEnds, connectFrame, connectPacket, field, frame, freeBroker } from '../../support/mqtt-talk.ts';
import { openRaw } from '../../support/raw-mqtt.ts';

const { url, connect } = await freeBroker();

/** What CONNACK says, and that the connection is closed behind it where it refuses. */
async function connackOf(bytes: Buffer): Promise<{ returnCode: number; sessionPresent: boolean }> {
  using raw = await openRaw(url);
  raw.write(bytes);
  const { returnCode, sessionPresent } = await raw.next('connack');
  if (returnCode !== 0) await raw.closed;
  return { returnCode, sessionPresent };
}

const BAD_TEXT: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a lone continuation byte', [0x61, 0x80]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['an overlong form', [0xc0, 0xaf]],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
];

test('[MQTT-1.5.3-1] [MQTT-3.1.3-4] text that is not UTF-8 ends the connection, wherever it stands', async () => {
  for (const [what, bytes] of BAD_TEXT) {
    const text = Buffer.from(bytes);
    await assertEnds(url, connectFrame({ payload: [field(text)] }), []);
    const login = connectFrame({ flags: 0xc2, payload: [field('id'), field(text), field('password')] });
    await assertEnds(url, login, []);
    for (const packet of [
      frame(0x30, field(text), [1]),
      frame(0x82, [0, 1], field(text), [0]),
      frame(0xa2, [0, 1], field(text)),
    ]) {
      using client = await connect();
      client.write(packet);
      await client.closed;
      assert.ok(!client.packets.some(({ cmd }) => cmd === 'publish' || cmd === 'suback'), what);
    }
  }
});

test('[MQTT-1.5.3-2] [MQTT-4.7.3-2] U+0000 in a text ends the connection', async () => {
  await assertEnds(url, connectFrame({ payload: [field('a\0b')] }), []);
  await assertEnds(url, connectFrame({ flags: 0x06, payload: [field('id'), field('a\0'), field('x')] }), []);
  for (const packet of [frame(0x30, 'a\0b', [1]), frame(0x82, [0, 1], 'a\0b', [0]), frame(0xa2, [0, 1], 'a\0b')]) {
    using client = await connect();
    client.write(packet);
    await client.closed;
  }
});

test('[MQTT-1.5.3-3] U+FEFF is a character like any other', async () => {
  using client = await connect();
  await client.subscribe('\ufeffbom/#');
  await client.publish('bom/1', 'without');
  await client.publish('\ufeffbom/1', 'with');
  assert.deepEqual(await client.receive().then(({ topic, text }) => [topic, text]), ['\ufeffbom/1', 'with']);
});

test('[MQTT-2.2.2-1] [MQTT-2.2.2-2] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] reserved flags that are set end the connection', async () => {
  const bodies: readonly (readonly [right: number, ...body: (string | readonly number[])[]])[] = [
    [0x40, [0, 1]],
    [0x50, [0, 1]],
    [0x62, [0, 1]],
    [0x70, [0, 1]],
    [0x82, [0, 1], 'a', [0]],
    [0xa2, [0, 1], 'a'],
    [0xc0],
    [0xe0],
  ];
  for (const [right, ...body] of bodies) {
    for (const flags of [0, 1, 2, 4, 8, 15]) {
      const first = (right & 0xf0) | flags;
      if (first === right) continue;
      using client = await connect();
      client.write(frame(first, ...body));
      await client.closed;
      assert.equal(client.packets.length, 1, first.toString(16));
    }
  }
  for (const first of [0x11, 0x12, 0x18]) {
    await assertEnds(url, Buffer.concat([Buffer.from([first]), connectFrame().subarray(1)]));
  }
});

test('[MQTT-2.2.2-2] packets that no client sends, and unknown ones, end the connection', async () => {
  for (const first of [0x00, 0x0f, 0x20, 0x90, 0xb0, 0xd0, 0xf0]) {
    using client = await connect();
    client.write(frame(first, [0, 0]));
    await client.closed;
  }
});

test('[MQTT-4.8.0-1] packets of a wrong length end the connection', async () => {
  for (const packet of [
    frame(0x40),
    frame(0x40, [1]),
    frame(0x40, [0, 1, 2]),
    frame(0x62, [0, 1, 0]),
    frame(0xc0, [0]),
    frame(0xe0, [0]),
    frame(0x30, [0, 9, 0x61]),
    frame(0x32, [0, 3, 0x61, 0x61, 0x61]),
    frame(0x82, [0, 1], [0, 9, 0x61, 0]),
    frame(0x82, [0, 1], 'a'),
    frame(0xa2, [0, 1], [0, 9, 0x61]),
    Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]),
  ]) {
    using client = await connect();
    client.write(packet);
    client.write(frame(0xc0));
    await client.closed;
    assert.deepEqual(
      client.packets.map(({ cmd }) => cmd),
      ['connack'],
      packet.toString('hex'),
    );
  }
});

test('[MQTT-3.1.0-1] a first packet that is not CONNECT ends the connection', async () => {
  for (const packet of [frame(0xc0), frame(0x30, 'a', [1]), frame(0x82, [0, 1], 'a', [0]), frame(0xe0)]) {
    await assertEnds(url, packet);
  }
});

test('[MQTT-3.1.0-2] a second CONNECT ends the connection', async () => {
  using client = await connect();
  client.send(connectPacket());
  await client.closed;
  assert.equal(client.packets.length, 1);
  await assertEnds(url, Buffer.concat([connectFrame(), connectFrame()]), ['connack']);
});

test('[MQTT-3.1.2-1] [MQTT-3.2.2-6] another protocol name ends the connection without CONNACK', async () => {
  for (const name of ['hj', 'mqtt', 'MQTTX', '', 'MQIsdp ']) await assertEnds(url, connectFrame({ name }));
  await assertEnds(url, frame(0x10));
  await assertEnds(url, frame(0x10, [0, 4, 0x4d]));
});

test('[MQTT-3.1.2-2] a protocol level that is not spoken is answered CONNACK 1, and the connection is closed', async () => {
  for (const level of [0, 3, 5, 6, 0x84, 255]) {
    assert.deepEqual(await connackOf(connectFrame({ level })), { returnCode: 1, sessionPresent: false });
  }
  assert.equal((await connackOf(connectFrame({ name: 'MQIsdp', level: 3 }))).returnCode, 0);
  assert.equal((await connackOf(connectFrame({ name: 'MQIsdp', level: 4 }))).returnCode, 1);
});

test('[MQTT-3.1.2-3] [MQTT-3.1.4-1] a CONNECT with its reserved flag set is not answered', async () => {
  await assertEnds(url, connectFrame({ flags: 0x03 }));
});

test('[MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-14] [MQTT-3.1.2-15] flags of the will that contradict each other are not answered', async () => {
  const will = [field('id'), field('w'), field('x')];
  for (const [flags, payload] of [
    [0x02 | 0x08, [field('id')]],
    [0x02 | 0x10, [field('id')]],
    [0x02 | 0x20, [field('id')]],
    [0x02 | 0x04 | 0x18, will],
  ] as const) {
    await assertEnds(url, connectFrame({ flags, payload: [...payload] }));
  }
  for (const qos of [0, 1, 2]) {
    assert.equal((await connackOf(connectFrame({ flags: 0x06 | (qos << 3), payload: will }))).returnCode, 0);
  }
});

test('[MQTT-3.1.2-9] [MQTT-3.1.2-19] [MQTT-3.1.2-21] [MQTT-3.1.3-1] [MQTT-3.1.3-3] fields that the flags announce must be there', async () => {
  for (const [flags, ...payload] of [
    [0x02],
    [0x06, field('id')],
    [0x06, field('id'), field('will')],
    [0x82, field('id')],
    [0xc2, field('id'), field('user')],
    [0xc6, field('id'), field('will'), field('x'), field('user')],
  ] as const) {
    await assertEnds(url, connectFrame({ flags, payload: [...payload] }));
  }
});

test('[MQTT-3.1.2-18] [MQTT-3.1.2-20] [MQTT-3.1.4-1] fields that no flag announces are not answered', async () => {
  await assertEnds(url, connectFrame({ payload: [field('id'), field('user')] }));
  await assertEnds(url, connectFrame({ flags: 0x82, payload: [field('id'), field('user'), field('password')] }));
});

test('[MQTT-3.1.2-22] a password without a user name is not answered', async () => {
  await assertEnds(url, connectFrame({ flags: 0x42, payload: [field('id'), field('password')] }));
});

test('[MQTT-3.1.2-24] who is silent for one and a half times its keep-alive is disconnected; who pings is not', async () => {
  using silent = await connect({ keepalive: 1 });
  using awake = await connect({ keepalive: 1 });
  const pings = setInterval(() => awake.send({ cmd: 'pingreq' }), 300);
  try {
    await silent.closed;
    assert.equal(awake.socket.closed, false);
  } finally {
    clearInterval(pings);
  }
});

test('[MQTT-3.1.3-5] client ids of 1 to 23 letters and digits are taken', async () => {
  const every = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (const clientId of ['a', every.slice(0, 23), every.slice(23, 46), every.slice(39)]) {
    (await connect({ clientId }))[Symbol.dispose]();
  }
});

test('[MQTT-3.1.3-6] [MQTT-3.1.3-7] clients without an id have each their own', async () => {
  using one = await connect({ clientId: '' });
  using other = await connect({ clientId: '' });
  await one.subscribe('own/one');
  await other.subscribe('own/other');
  await other.publish('own/one', 'x');
  assert.equal((await one.receive()).text, 'x');
  await other.nothing();
});

test('[MQTT-3.1.3-8] [MQTT-3.1.3-9] [MQTT-3.2.2-5] no id and no clean session is answered CONNACK 2, and the connection is closed', async () => {
  const bytes = connectFrame({ flags: 0, payload: [field('')] });
  assert.deepEqual(await connackOf(bytes), { returnCode: 2, sessionPresent: false });
});

test('[MQTT-3.1.3-10] [MQTT-3.1.3-11] the topic of a will and a user name are UTF-8', async () => {
  const bad = field(Buffer.from([0xff, 0xfe]));
  await assertEnds(url, connectFrame({ flags: 0x06, payload: [field('id'), bad, field('x')] }));
  await assertEnds(url, connectFrame({ flags: 0x82, payload: [field('id'), bad] }));
});

test('[MQTT-3.1.4-4] [MQTT-3.2.0-1] the first packet from the broker is CONNACK, also to who sends on at once', async () => {
  using raw = await openRaw(url);
  const body = Buffer.concat([
    connectFrame(),
    frame(0x82, [0, 1], 'first/#', [0]),
    ...Array.from({ length: 100 }, () => frame(0x30, 'first/x', [0x31])),
    frame(0xc0),
  ]);
  raw.write(body);
  await raw.next('pingresp');
  assert.equal(raw.packets[0]?.cmd, 'connack');
  assert.equal(raw.packets.filter(({ cmd }) => cmd === 'publish').length, 100);
});

test('[MQTT-3.1.4-5] [MQTT-3.2.2-4] [MQTT-3.2.2-5] what is sent behind a refused CONNECT is not looked at', async () => {
  using witness = await connect();
  await witness.subscribe('refused/#');
  const refused: Partial<IConnectPacket> = { username: 'vpc/nobody', password: Buffer.from('x'), clientId: 'r' };
  await assertEnds(url, Buffer.concat([generate(connectPacket(refused)), frame(0x30, 'refused/x', [1])]), ['connack']);
  await witness.nothing();
});

test('[MQTT-3.12.4-1] PINGREQ is answered PINGRESP', async () => {
  using client = await connect();
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
});
