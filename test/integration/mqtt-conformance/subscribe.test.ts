import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, freeBroker } from '../../support/mqtt-talk.ts';

const { connect } = await freeBroker();

test('[MQTT-2.3.1-7] [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.10.4-4] SUBACK and UNSUBACK have the id that was asked with', async () => {
  using client = await connect();
  for (const messageId of [1, 300, 65_535]) {
    client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 'ack', qos: 0 }] });
    assert.equal((await client.next('suback')).messageId, messageId);
    client.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['ack'] });
    assert.equal((await client.next('unsuback')).messageId, messageId);
  }
});

test('[MQTT-3.8.3-3] [MQTT-3.10.3-2] SUBSCRIBE and UNSUBSCRIBE without filters end the connection', async () => {
  for (const first of [0x82, 0xa2]) {
    using client = await connect();
    client.write(frame(first, [0, 1]));
    await client.closed;
    assert.equal(client.packets.length, 1);
  }
});

test('[MQTT-3.8.3-4] a QoS that is none ends the connection', async () => {
  for (const qos of [3, 4, 0x80, 0xff]) {
    using client = await connect();
    client.write(frame(0x82, [0, 1], 'a', [qos]));
    await client.closed;
    assert.equal(client.packets.length, 1);
  }
});

test('[MQTT-3.8.3-1] [MQTT-3.10.3-1] [MQTT-4.7.3-1] [MQTT-4.7.1-2] [MQTT-4.7.1-3] filters that are none end the connection', async () => {
  for (const filter of ['', 'a#', 'a/#/b', '#/a', '##', 'a+', '+a', 'a/+b', 'a/b+/c', '++', '/+#']) {
    for (const packet of [frame(0x82, [0, 1], filter, [0]), frame(0xa2, [0, 1], filter)]) {
      using client = await connect();
      client.write(packet);
      await client.closed;
      assert.ok(!client.packets.some(({ cmd }) => cmd === 'suback'), filter);
    }
  }
});

test('[MQTT-3.8.4-3] a filter that comes again takes the place of the first, with its QoS, and brings what is retained', async () => {
  using client = await connect();
  await client.publish('replace/x', 'kept', { qos: 2, retain: true });
  assert.deepEqual(await client.subscribe(['replace/x', 2]), [2]);
  assert.equal((await client.receive()).qos, 2);
  assert.deepEqual(await client.subscribe(['replace/x', 0]), [0]);
  assert.deepEqual(await client.receive().then(({ qos, retain }) => [qos, retain]), [0, true]);
  await client.publish('replace/x', 'new', { qos: 2 });
  assert.equal((await client.receive()).qos, 0);
  await client.nothing();
  await client.publish('replace/x', '', { qos: 1, retain: true });
});

test('[MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] SUBACK answers each filter, in order; 0x80 where it may not be', async () => {
  using client = await connect();
  assert.deepEqual(
    await client.subscribe(['a', 0], ['factories/vpc/#', 1], ['b', 2], ['$SYS/#', 0], ['c/+', 1]),
    [0, 0x80, 2, 0x80, 1],
  );
});

test('[MQTT-3.8.4-4] [MQTT-3.8.4-5] a filter that stands twice in one packet is answered twice, and the last one counts', async () => {
  for (const clean of [true, false]) {
    using client = await connect({ clientId: 'repeats', clean });
    const granted = await client.subscribe(['rep', 2], ['factories/#', 1], ['rep', 0], ['factories/#', 1], ['rep', 1]);
    assert.deepEqual(granted, [2, 0x80, 0, 0x80, 1]);
    await client.publish('rep', 'x', { qos: 2 });
    assert.equal((await client.receive()).qos, 1);
    await client.nothing();
  }
});

test('[MQTT-3.8.4-4] several filters of one packet that match one retained message bring it for each', async () => {
  using client = await connect();
  await client.publish('both/x', 'kept', { qos: 1, retain: true });
  await client.subscribe(['both/x', 1], ['both/#', 0]);
  assert.deepEqual([(await client.receive()).qos, (await client.receive()).qos], [1, 0]);
  await client.nothing();
  await client.publish('both/x', '', { qos: 1, retain: true });
});

test('[MQTT-3.10.4-1] [MQTT-3.10.4-2] UNSUBSCRIBE takes away exactly that filter, and nothing more comes by it', async () => {
  using client = await connect();
  await client.subscribe('un/#', 'un/x');
  await client.unsubscribe('un/+', 'un/X', 'un/#');
  await client.publish('un/y', 'y', { qos: 1 });
  await client.publish('un/x', 'x', { qos: 1 });
  assert.equal((await client.receive()).text, 'x');
  await client.unsubscribe('un/x');
  await client.publish('un/x', 'x', { qos: 1 });
  await client.nothing();
});

test('[MQTT-3.10.4-3] what was on its way at UNSUBSCRIBE is brought to its end', async () => {
  const client = await connect({ clientId: 'un-way', clean: false });
  await client.subscribe('way/#');
  await client.publish('way/x', 'x', { qos: 2 });
  const { messageId } = await client.receive({ answered: false });
  await client.unsubscribe('way/#');
  client.socket.destroy();
  await client.closed;
  using back = await connect({ clientId: 'un-way', clean: false });
  assert.deepEqual(await back.receive().then((again) => [again.messageId, again.dup]), [messageId, true]);
});

test('[MQTT-3.10.4-5] [MQTT-3.10.4-6] UNSUBSCRIBE is answered once, also for filters that there are not', async () => {
  using client = await connect();
  await client.subscribe('some');
  await client.unsubscribe('none', 'some', 'neither/#');
  await client.publish('some', 'x', { qos: 1 });
  await client.nothing();
  assert.equal(client.packets.filter(({ cmd }) => cmd === 'unsuback').length, 1);
});

test('[MQTT-3.8.3-2] [MQTT-4.7.1-2] [MQTT-4.7.1-3] wildcards match levels as the standard says', async () => {
  using client = await connect();
  for (const [filter, matching, other] of [
    ['sport/tennis/#', ['sport/tennis', 'sport/tennis/', 'sport/tennis/a/b'], ['sport', 'sport/tennisx']],
    ['sport/+', ['sport/', 'sport/x'], ['sport', 'sport/x/y']],
    ['+/+', ['/finance', 'a/b'], ['finance', '/a/b']],
    ['/+', ['/finance'], ['finance', 'a/b']],
    ['+/monitor/+', ['a/monitor/b', '/monitor/'], ['monitor/b', 'a/monitor']],
  ] as const) {
    await client.subscribe(filter);
    for (const topic of [...other, ...matching]) await client.publish(topic, topic);
    for (const topic of matching) assert.equal((await client.receive()).topic, topic, filter);
    await client.nothing();
    await client.unsubscribe(filter);
  }
});

test('[MQTT-4.7.2-1] filters that begin with a wildcard do not match topics that begin with $', async () => {
  using client = await connect();
  await client.subscribe('#', '+/x', '+/#', '+');
  for (const topic of ['$x/x', '$SYS/x', '$x']) await client.publish(topic, 'x', { qos: 1 });
  await client.nothing();
});

test('[MQTT-4.7.3-3] topics of 65,535 bytes are topics', async () => {
  using client = await connect();
  const topic = `long/${'x'.repeat(65_530)}`;
  assert.deepEqual(await client.subscribe([topic, 1], ['long/+', 1]), [0x80, 1]);
  await client.publish(topic, 'x', { qos: 1 });
  assert.equal((await client.receive()).topic.length, 65_535);
  await client.nothing();
});

test('[MQTT-3.9.3-2] a filter of 1,024 bytes is kept, a longer one is answered 0x80; a longer topic is not retained', async () => {
  using client = await connect();
  const [longest, longer] = [`${'ä'.repeat(510)}/xyz`, `${'ä'.repeat(510)}/xyza`];
  assert.deepEqual(await client.subscribe([longest, 1], [longer, 1]), [1, 0x80]);
  for (const topic of [longest, longer]) await client.publish(topic, 'x', { qos: 1, retain: true });
  assert.equal((await client.receive()).topic, longest);
  await client.nothing();
  await client.subscribe(['+/#', 0]);
  assert.equal((await client.receive()).topic, longest);
  await client.nothing();
  await client.publish(longest, '', { qos: 1, retain: true });
});

test('[MQTT-4.7.3-4] topics are compared character by character: nothing is normalized', async () => {
  using client = await connect();
  await client.subscribe('ACCOUNTS', 'caf\u00e9', 'a//b', 'x/');
  for (const topic of ['Accounts', 'cafe\u0301', 'a/b', 'x', '/x/']) await client.publish(topic, 'x', { qos: 1 });
  await client.nothing();
  await client.publish('caf\u00e9', 'x', { qos: 1 });
  assert.equal((await client.receive()).topic, 'caf\u00e9');
});

test('[MQTT-4.5.0-1] every session that has subscribed is given a message, connected or not', async () => {
  const away = await connect({ clientId: 'all-away', clean: false });
  await away.subscribe('all/#');
  await away.disconnect();
  using here = await connect();
  await here.subscribe('all/x');
  using sender = await connect();
  await sender.publish('all/x', 'x', { qos: 1 });
  assert.equal((await here.receive()).text, 'x');
  using back = await connect({ clientId: 'all-away', clean: false });
  assert.equal((await back.receive()).text, 'x');
});
