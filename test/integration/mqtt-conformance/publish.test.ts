import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, freeBroker } from '../../support/mqtt-talk.ts';

const { connect } = await freeBroker();

test('[MQTT-2.3.1-1] a packet id of 0, or none, ends the connection', async () => {
  for (const packet of [
    frame(0x32, 'a', [0, 0], [1]),
    frame(0x34, 'a', [0, 0], [1]),
    frame(0x82, [0, 0], 'a', [0]),
    frame(0xa2, [0, 0], 'a'),
    // The topic takes all of the packet.
    frame(0x32, 'abc'),
  ]) {
    using client = await connect();
    client.write(Buffer.concat([packet, frame(0xc0)]));
    await client.closed;
    assert.ok(!client.packets.some(({ cmd }) => cmd === 'puback' || cmd === 'suback'), packet.toString('hex'));
  }
});

test('[MQTT-2.3.1-4] messages on their way have each their own packet id, and none is 0', async () => {
  using reader = await connect();
  using writer = await connect();
  await reader.subscribe(['ids/#', 1]);
  for (let index = 0; index < 40; index++) await writer.publish('ids/x', String(index), { qos: 1 });
  const ids = new Set<number>();
  for (let index = 0; index < 40; index++) ids.add((await reader.receive({ answered: false })).messageId);
  assert.equal(ids.size, 40);
  assert.ok(!ids.has(0));
});

test('[MQTT-2.3.1-5] [MQTT-3.3.1-2] [MQTT-4.3.1-1] a message of QoS 0 has no packet id and is no duplicate; one that says so ends the connection', async () => {
  using reader = await connect();
  using writer = await connect();
  await reader.subscribe('zero/#');
  await writer.publish('zero/x', 'payload');
  const { qos, dup, text, messageId } = await reader.receive();
  assert.deepEqual([qos, dup, text, messageId], [0, false, 'payload', 0]);
  writer.write(frame(0x38, 'zero/x', [1]));
  await writer.closed;
});

test('[MQTT-2.3.1-6] [MQTT-3.3.4-1] [MQTT-4.3.2-2] [MQTT-4.3.3-2] PUBACK, PUBREC and PUBCOMP have the id of the message', async () => {
  using client = await connect();
  for (const messageId of [1, 255, 256, 65_535]) {
    client.send({ cmd: 'publish', topic: 'acks', payload: 'x', qos: 1, messageId, dup: false, retain: false });
    assert.equal((await client.next('puback')).messageId, messageId);
    client.send({ cmd: 'publish', topic: 'acks', payload: 'x', qos: 2, messageId, dup: false, retain: false });
    assert.equal((await client.next('pubrec')).messageId, messageId);
    client.send({ cmd: 'pubrel', messageId });
    assert.equal((await client.next('pubcomp')).messageId, messageId);
  }
});

test('[MQTT-3.3.1-3] a duplicate is passed on as a message that is none', async () => {
  using reader = await connect();
  using writer = await connect();
  await reader.subscribe('dup/#');
  writer.send({ cmd: 'publish', topic: 'dup/x', payload: 'x', qos: 1, messageId: 7, dup: true, retain: false });
  await writer.next('puback');
  assert.equal((await reader.receive()).dup, false);
});

test('[MQTT-3.3.1-4] a QoS of 3 ends the connection', async () => {
  for (const first of [0x36, 0x37, 0x3e]) {
    using client = await connect();
    client.write(frame(first, 'a', [0, 1], [1]));
    await client.closed;
  }
});

test('[MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] the last retained message of each topic goes to every new subscription, marked as retained', async () => {
  using writer = await connect();
  for (const text of ['old', 'new']) await writer.publish('kept/a', text, { qos: 1, retain: true });
  await writer.publish('kept/b/c', 'deep', { qos: 2, retain: true });
  using reader = await connect();
  await reader.subscribe('kept/#');
  const seen = [await reader.receive(), await reader.receive()].map(({ topic, text, qos, retain }) => [
    topic,
    text,
    qos,
    retain,
  ]);
  assert.deepEqual(seen.toSorted(), [
    ['kept/a', 'new', 1, true],
    ['kept/b/c', 'deep', 2, true],
  ]);
  await reader.nothing();
});

test('[MQTT-3.3.1-7] a retained message of QoS 0 takes the place of the one before', async () => {
  using writer = await connect();
  await writer.publish('place/x', 'first', { qos: 2, retain: true });
  await writer.publish('place/x', 'second', { qos: 0, retain: true });
  using reader = await connect();
  await writer.subscribe('place/x');
  await reader.subscribe('place/x');
  assert.deepEqual(await reader.receive().then(({ text, qos }) => [text, qos]), ['second', 0]);
  await reader.nothing();
});

test('[MQTT-3.3.1-9] to those who had subscribed before, a retained message is one like any other', async () => {
  using reader = await connect();
  await reader.subscribe('before/#');
  await reader.publish('before/x', 'x', { qos: 1, retain: true });
  assert.equal((await reader.receive()).retain, false);
});

test('[MQTT-3.3.1-10] [MQTT-3.3.1-11] an empty retained message is passed on, takes the retained one away, and is not kept', async () => {
  using reader = await connect();
  await reader.publish('empty/x', 'full', { qos: 1, retain: true });
  await reader.subscribe('empty/#');
  assert.equal((await reader.receive()).retain, true);
  await reader.publish('empty/x', '', { qos: 1, retain: true });
  assert.deepEqual(await reader.receive().then(({ text, retain }) => [text, retain]), ['', false]);
  using late = await connect();
  await late.subscribe('empty/#');
  await late.nothing();
});

test('[MQTT-3.3.1-12] a message without the retain flag leaves the retained one as it is', async () => {
  using writer = await connect();
  await writer.publish('stays/x', 'retained', { qos: 1, retain: true });
  await writer.publish('stays/x', 'passing', { qos: 1 });
  await writer.publish('stays/x', '', { qos: 1 });
  using reader = await connect();
  await reader.subscribe('stays/x');
  assert.equal((await reader.receive()).text, 'retained');
});

test('[MQTT-3.3.2-1] [MQTT-3.3.2-2] [MQTT-4.7.1-1] [MQTT-4.7.3-1] a topic with wildcards, or an empty one, ends the connection', async () => {
  for (const topic of ['a/+', '#', 'a#', '+', '']) {
    using client = await connect();
    client.write(frame(0x30, topic, [1]));
    await client.closed;
  }
});

test('[MQTT-3.3.2-3] a message is sent under the topic that it was published to', async () => {
  using reader = await connect();
  await reader.subscribe('exact/+/#', 'exact/Ä/ /');
  for (const topic of ['exact/Ä/ /', 'exact//', 'exact/b']) {
    await reader.publish(topic, 'x', { qos: 1 });
    assert.equal((await reader.receive()).topic, topic);
  }
});

test('[MQTT-3.3.5-1] of overlapping subscriptions the highest QoS counts, and the message comes once', async () => {
  using reader = await connect();
  await reader.subscribe(['lap/#', 0], ['lap/+', 2], ['lap/x', 1]);
  await reader.publish('lap/x', 'x', { qos: 2 });
  assert.equal((await reader.receive()).qos, 2);
  await reader.nothing();
});

test('[MQTT-3.8.4-6] a message is sent with the lower one of its QoS and that of the subscription, wildcard or not', async () => {
  using reader = await connect();
  using writer = await connect();
  for (const filter of ['min/exact', 'min/+', 'min/#']) {
    for (const granted of [0, 1, 2] as const) {
      assert.deepEqual(await reader.subscribe([filter, granted]), [granted]);
      for (const qos of [0, 1, 2] as const) {
        await writer.publish('min/exact', 'x', { qos });
        assert.equal((await reader.receive()).qos, Math.min(qos, granted), `${filter} ${granted} ${qos}`);
      }
    }
    await reader.unsubscribe(filter);
  }
});

test('[MQTT-4.3.2-1] a message of QoS 1 stands until PUBACK, [MQTT-4.3.3-1] one of QoS 2 until PUBCOMP', async () => {
  using reader = await connect();
  using writer = await connect();
  await reader.subscribe('stand/#');
  await writer.publish('stand/x', 'two', { qos: 2 });
  const { messageId, dup } = await reader.receive({ answered: false });
  assert.equal(dup, false);
  reader.send({ cmd: 'pubrec', messageId });
  assert.equal((await reader.next('pubrel')).messageId, messageId);
  // PUBREC that comes twice is answered twice.
  reader.send({ cmd: 'pubrec', messageId });
  assert.equal((await reader.next('pubrel')).messageId, messageId);
  reader.send({ cmd: 'pubcomp', messageId });
  await reader.nothing();
});

test('[MQTT-4.3.2-2] after PUBACK a message with the same id is a new one', async () => {
  using reader = await connect();
  await reader.subscribe('again/#');
  for (const dup of [false, true]) {
    reader.send({ cmd: 'publish', topic: 'again/x', payload: 'x', qos: 1, messageId: 9, dup, retain: false });
    await reader.next('puback');
    assert.equal((await reader.receive()).text, 'x');
  }
});

test('[MQTT-4.3.3-2] before PUBREL a message of QoS 2 with the same id is the same, after it a new one', async () => {
  using reader = await connect();
  using writer = await connect();
  await reader.subscribe('once/#');
  const publish = async (dup: boolean) => {
    writer.send({ cmd: 'publish', topic: 'once/x', payload: 'x', qos: 2, messageId: 5, dup, retain: false });
    assert.equal((await writer.next('pubrec')).messageId, 5);
  };
  await publish(false);
  await publish(true);
  await publish(false);
  assert.equal((await reader.receive()).text, 'x');
  await reader.nothing();
  writer.send({ cmd: 'pubrel', messageId: 5 });
  await writer.next('pubcomp');
  await publish(false);
  assert.equal((await reader.receive()).text, 'x');
  // PUBREL that nothing belongs to is answered all the same.
  writer.send({ cmd: 'pubrel', messageId: 99 });
  assert.equal((await writer.next('pubcomp')).messageId, 99);
});

test('[MQTT-4.6.0-2] [MQTT-4.6.0-3] acknowledgements come in the order of the messages, telemetry among them', async () => {
  using client = await connect();
  const kept = await connect({ clientId: 'slow-disk', clean: false });
  await kept.subscribe('order/#');
  await kept.disconnect();
  const topics = ['order/x', 'factories/vpc/devices/M01/telemetry', 'order/y'];
  for (let id = 1; id <= 300; id++) {
    const topic = topics[id % 3] as string;
    const payload = JSON.stringify({ metrics: { n: id } });
    client.send({ cmd: 'publish', topic, payload, qos: 1, messageId: id, dup: false, retain: false });
  }
  const order: number[] = [];
  for (let id = 1; id <= 300; id++) order.push((await client.next('puback')).messageId ?? 0);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('[MQTT-4.6.0-5] [MQTT-4.6.0-6] messages of one client to one topic come in order, with each QoS', async () => {
  for (const qos of [0, 1, 2] as const) {
    using reader = await connect();
    using writer = await connect();
    await reader.subscribe(['ordered/+', qos], ['ordered/#', qos]);
    for (let index = 0; index < 200; index++) {
      const messageId = qos === 0 ? {} : { messageId: index + 1 };
      writer.send({
        cmd: 'publish',
        topic: 'ordered/x',
        payload: String(index),
        qos,
        dup: false,
        retain: false,
        ...messageId,
      });
      if (qos === 2) {
        await writer.next('pubrec');
        writer.send({ cmd: 'pubrel', messageId: index + 1 });
        await writer.next('pubcomp');
      }
    }
    for (let index = 0; index < 200; index++) assert.equal((await reader.receive()).text, String(index), `QoS ${qos}`);
  }
});

test('[MQTT-3.3.5-2] a message to a topic that nobody may publish to is acknowledged and goes nowhere, or ends the connection', async () => {
  using reader = await connect();
  await reader.subscribe('+/y', '+/+/uptime', '+', '$x/#', '$SYS/#');
  await reader.publish('$x/y', 'x', { qos: 1 });
  await reader.publish('$SYS/broker/uptime', 'x', { qos: 2 });
  await reader.nothing();
  for (const topic of ['factories/vpc/alarms/1', 'factories/other/bus/x', 'factories']) {
    using writer = await connect();
    writer.send({ cmd: 'publish', topic, payload: 'x', qos: 1, messageId: 1, dup: false, retain: false });
    await writer.closed;
  }
  await reader.nothing();
});
