import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeBroker, type Talk } from '../../support/mqtt-talk.ts';

const { connect } = await freeBroker();

const cut = async (client: Talk) => {
  client.socket.destroy();
  await client.closed;
};

test('[MQTT-2.3.1-3] [MQTT-3.3.1-1] [MQTT-4.4.0-1] what was not acknowledged comes again with the same id, as a duplicate, in order', async () => {
  const first = await connect({ clientId: 'again', clean: false });
  await first.subscribe('again/#');
  using sender = await connect();
  for (const [index, qos] of ([1, 2, 1, 2] as const).entries()) await sender.publish('again/x', String(index), { qos });
  const before = [];
  for (let index = 0; index < 4; index++) before.push(await first.receive({ answered: false }));
  assert.ok(before.every(({ dup }) => !dup));
  await cut(first);
  using second = await connect({ clientId: 'again', clean: false });
  const after = [];
  for (let index = 0; index < 4; index++) after.push(await second.receive());
  assert.deepEqual(
    after,
    before.map((message) => ({ ...message, dup: true })),
  );
  await second.nothing();
});

test('[MQTT-4.4.0-1] after PUBREC it is PUBREL that comes again, and not the message', async () => {
  const first = await connect({ clientId: 'rel', clean: false });
  await first.subscribe('rel/#');
  await first.publish('rel/x', 'x', { qos: 2 });
  const { messageId } = await first.receive({ answered: false });
  first.send({ cmd: 'pubrec', messageId });
  await first.next('pubrel');
  await cut(first);
  using second = await connect({ clientId: 'rel', clean: false });
  assert.equal((await second.next('pubrel')).messageId, messageId);
  await second.nothing();
  second.send({ cmd: 'pubcomp', messageId });
  await second.disconnect();
  using third = await connect({ clientId: 'rel', clean: false });
  await assert.rejects(third.next('pubrel', 100));
});

test('[MQTT-4.3.3-2] [MQTT-4.4.0-1] ids of messages without PUBREL keep while the client is away', async () => {
  using reader = await connect();
  await reader.subscribe('idem/#');
  const first = await connect({ clientId: 'idem', clean: false });
  const message = { cmd: 'publish', topic: 'idem/x', payload: 'x', qos: 2, messageId: 3, retain: false } as const;
  first.send({ ...message, dup: false });
  await first.next('pubrec');
  await cut(first);
  using second = await connect({ clientId: 'idem', clean: false });
  second.send({ ...message, dup: true });
  await second.next('pubrec');
  second.send({ cmd: 'pubrel', messageId: 3 });
  await second.next('pubcomp');
  assert.equal((await reader.receive()).text, 'x');
  await reader.nothing();
});

test('[MQTT-3.1.2-6] ids of a clean session do not outlive it', async () => {
  using reader = await connect();
  await reader.subscribe('fresh/#');
  for (let round = 0; round < 2; round++) {
    using writer = await connect({ clientId: 'fresh' });
    writer.send({ cmd: 'publish', topic: 'fresh/x', payload: 'x', qos: 2, messageId: 3, dup: false, retain: false });
    await writer.next('pubrec');
    await reader.receive();
  }
});

test('[MQTT-4.6.0-6] what comes while a client is away goes behind what it had not acknowledged', async () => {
  const first = await connect({ clientId: 'behind', clean: false });
  await first.subscribe(['behind/#', 1]);
  using sender = await connect();
  await sender.publish('behind/x', '1', { qos: 1 });
  await first.receive({ answered: false });
  await cut(first);
  for (const text of ['2', '3']) await sender.publish('behind/x', text, { qos: 1 });
  using second = await connect({ clientId: 'behind', clean: false });
  const texts = [];
  for (let index = 0; index < 3; index++) texts.push((await second.receive()).text);
  assert.deepEqual(texts, ['1', '2', '3']);
});

test('more than may be in flight at once comes in parts, and all of it in order', async () => {
  using reader = await connect();
  using sender = await connect();
  await reader.subscribe(['parts/#', 1]);
  for (let index = 0; index < 150; index++) await sender.publish('parts/x', String(index), { qos: 1 });
  for (let index = 0; index < 64; index++) await reader.next('publish');
  await assert.rejects(reader.next('publish', 100));
  for (let messageId = 1; messageId <= 64; messageId++) reader.send({ cmd: 'puback', messageId });
  for (let index = 64; index < 150; index++) assert.equal((await reader.receive()).text, String(index));
});
