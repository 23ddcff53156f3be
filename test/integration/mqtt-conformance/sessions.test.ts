import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPacket, freeBroker, type Talk } from '../../support/mqtt-talk.ts';
import { openRaw } from '../../support/raw-mqtt.ts';

const { running, url, connect } = await freeBroker();

/** Ends a connection without DISCONNECT, and waits until the broker has noticed. */
async function vanish(client: Talk): Promise<void> {
  client.socket.destroy();
  await client.closed;
  await sleep(50);
}

test('[MQTT-3.1.2-4] [MQTT-3.1.4-3] [MQTT-4.1.0-1] [MQTT-4.1.0-2] a session that is not clean keeps its subscriptions while its client is away', async () => {
  const first = await connect({ clientId: 'keeps', clean: false });
  assert.equal(first.sessionPresent, false);
  await first.subscribe(['keeps/#', 1]);
  await first.disconnect();
  using second = await connect({ clientId: 'keeps', clean: false });
  assert.equal(second.sessionPresent, true);
  await second.publish('keeps/x', 'still', { qos: 1 });
  assert.equal((await second.receive()).text, 'still');
});

test('[MQTT-3.1.2-5] messages of QoS 1 and 2 for a client that is away wait for it, in order', async () => {
  const away = await connect({ clientId: 'away', clean: false });
  await away.subscribe('away/#');
  await away.disconnect();
  using sender = await connect();
  for (const [qos, text] of [
    [1, 'one'],
    [0, 'zero'],
    [2, 'two'],
  ] as const) {
    await sender.publish('away/x', text, { qos });
  }
  using back = await connect({ clientId: 'away', clean: false });
  assert.deepEqual([(await back.receive()).text, (await back.receive()).text], ['one', 'two']);
  await back.nothing();
});

test('[MQTT-3.1.2-6] [MQTT-3.2.2-1] a clean session begins anew and leaves nothing behind', async () => {
  const old = await connect({ clientId: 'anew', clean: false });
  await old.subscribe('anew/#');
  await old.disconnect();
  using sender = await connect();
  await sender.publish('anew/x', 'old', { qos: 1 });
  {
    using clean = await connect({ clientId: 'anew', clean: true });
    assert.equal(clean.sessionPresent, false);
    const receivers = await running.appliance.publish({ topic: 'anew/x', payload: 'x', qos: 1 });
    assert.deepEqual(receivers, { sent: 0, queued: 0 });
    await sender.publish('anew/x', 'newer', { qos: 1 });
    await clean.nothing();
    await clean.subscribe('anew/#');
    await clean.disconnect();
  }
  using again = await connect({ clientId: 'anew', clean: false });
  assert.equal(again.sessionPresent, false);
  await sender.publish('anew/x', 'newest', { qos: 1 });
  await again.nothing();
});

test('[MQTT-3.1.2-7] retained messages do not go with the session of who published them', async () => {
  const author = await connect({ clientId: 'author', clean: false });
  await author.publish('outlives/x', 'kept', { qos: 1, retain: true });
  await author.disconnect();
  (await connect({ clientId: 'author', clean: true }))[Symbol.dispose]();
  using reader = await connect();
  await reader.subscribe('outlives/x');
  assert.equal((await reader.receive()).text, 'kept');
});

test('[MQTT-3.1.2-8] [MQTT-3.1.2-9] [MQTT-3.1.2-16] a will is published when the connection ends without DISCONNECT, with its QoS and not retained', async () => {
  using witness = await connect();
  await witness.subscribe('wills/#');
  for (const qos of [0, 1, 2] as const) {
    const will = { topic: `wills/${qos}`, payload: Buffer.from('gone'), qos, retain: false };
    await vanish(await connect({ will }));
    const { topic, text, qos: sent, retain } = await witness.receive();
    assert.deepEqual([topic, text, sent, retain], [`wills/${qos}`, 'gone', qos, false]);
  }
  using late = await connect();
  await late.subscribe('wills/#');
  await late.nothing();
});

test('[MQTT-3.1.2-17] a will with its retain flag is kept for who comes later', async () => {
  const will = { topic: 'kept-wills/x', payload: Buffer.from('gone'), qos: 1 as const, retain: true };
  await vanish(await connect({ will }));
  using late = await connect();
  await late.subscribe('kept-wills/#');
  assert.deepEqual(await late.receive().then(({ text, retain }) => [text, retain]), ['gone', true]);
});

test('[MQTT-3.1.2-10] [MQTT-3.1.2-12] [MQTT-3.14.4-3] DISCONNECT takes the will away, and one that was published is not published again', async () => {
  using witness = await connect();
  await witness.subscribe('taken/#');
  const will = { topic: 'taken/x', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
  await (await connect({ will, clientId: 'willing', clean: false })).disconnect();
  await witness.nothing();
  await vanish(await connect({ will, clientId: 'willing', clean: false }));
  assert.equal((await witness.receive()).text, 'gone');
  await vanish(await connect({ clientId: 'willing', clean: false }));
  await witness.nothing();
});

test('[MQTT-3.1.2-8] a will is published when the broker ends the connection, too', async () => {
  using witness = await connect();
  await witness.subscribe('ended/#');
  const will = (name: string) => ({
    topic: `ended/${name}`,
    payload: Buffer.from('x'),
    qos: 0 as const,
    retain: false,
  });
  using silent = await connect({ keepalive: 1, will: will('silent') });
  await silent.closed;
  assert.equal((await witness.receive()).topic, 'ended/silent');
  using faulty = await connect({ will: will('faulty') });
  faulty.send(connectPacket());
  await faulty.closed;
  assert.equal((await witness.receive()).topic, 'ended/faulty');
  using first = await connect({ clientId: 'twice', will: will('taken over') });
  using second = await connect({ clientId: 'twice' });
  await first.closed;
  assert.equal((await witness.receive()).topic, 'ended/taken over');
  await second.nothing();
});

test('[MQTT-3.1.3-2] sessions belong to client ids: another id has another one', async () => {
  const one = await connect({ clientId: 'id-a', clean: false });
  await one.subscribe('ids/#');
  await one.disconnect();
  for (const clientId of ['id-A', 'id-a ', 'id-']) {
    using other = await connect({ clientId, clean: false });
    assert.equal(other.sessionPresent, false, clientId);
  }
});

test('[MQTT-3.1.4-2] a second connection with a client id ends the first, and goes on with its session', async () => {
  const first = await connect({ clientId: 'over', clean: false });
  await first.subscribe('over/#');
  using second = await connect({ clientId: 'over', clean: false });
  await first.closed;
  assert.equal(second.sessionPresent, true);
  await second.publish('over/x', 'here', { qos: 2 });
  assert.equal((await second.receive()).text, 'here');
  await second.nothing();
});

test('[MQTT-3.1.4-2] a clean session that takes over has nothing of the one before, which cannot take it along', async () => {
  const first = await connect({ clientId: 'clean-over', clean: true });
  await first.subscribe('clean-over/#');
  using second = await connect({ clientId: 'clean-over', clean: true });
  await second.subscribe('clean-over/x');
  await first.closed;
  await sleep(50);
  await second.publish('clean-over/y', 'of the first');
  await second.publish('clean-over/x', 'of the second');
  assert.equal((await second.receive()).text, 'of the second');
});

test('[MQTT-3.2.2-2] [MQTT-3.2.2-3] session present tells of a session without subscriptions as well', async () => {
  const first = await connect({ clientId: 'empty', clean: false });
  assert.equal(first.sessionPresent, false);
  await first.disconnect();
  using second = await connect({ clientId: 'empty', clean: false });
  assert.equal(second.sessionPresent, true);
});

test('[MQTT-3.14.4-1] [MQTT-3.14.4-2] behind DISCONNECT the connection is closed, and nothing more is looked at', async () => {
  using witness = await connect();
  await witness.subscribe('behind/#');
  using raw = await openRaw(url);
  raw.send(connectPacket());
  await raw.next('connack');
  raw.send({ cmd: 'disconnect' });
  raw.send({ cmd: 'publish', topic: 'behind/x', payload: 'x', qos: 0, dup: false, retain: false });
  await raw.closed;
  await witness.nothing();
});
