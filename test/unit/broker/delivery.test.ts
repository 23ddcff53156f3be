import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Packet } from 'mqtt-packet';
import { QUEUED_OVERHEAD } from '../../../src/broker/session.ts';
import { fakeConnection, message, openDurable, sessionWorld } from '../../support/broker-sessions.ts';

const clean = (sessions: ReturnType<ReturnType<typeof sessionWorld>['open']>['sessions'], clientId = 'clean') => {
  const owner = { factoryId: null, credentialId: '' };
  const opened = sessions.open({ clientId, owner, isDurable: false, maySubscribe: () => true });
  assert.ok(opened !== undefined);
  return opened.session;
};
const idsOf = (packets: readonly Packet[]) => packets.map(({ messageId }) => messageId);

test('packet ids go round at 65,535, are never 0, and pass over those that are in flight', () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const session = clean(sessions);
  const { stream, packets } = fakeConnection();
  delivery.resume(session, stream);
  delivery.offer(session, message('stays'));
  for (let count = 0; count < 140_000; count++) {
    delivery.offer(session, message('x'));
    const { messageId = 0 } = packets.at(-1) ?? {};
    assert.ok(messageId > 1 && messageId < 65_536);
    delivery.acknowledged(session, messageId);
    packets.length = 0;
  }
  assert.deepEqual([...session.inFlight.keys()], [1]);
  journal.close();
});

test('a durable session is sent nothing whose packet id is not on disk', async () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const session = openDurable(sessions, 'a');
  const { stream, packets } = fakeConnection();
  delivery.resume(session, stream);
  delivery.offer(session, message('x'));
  assert.deepEqual(packets, []);
  await journal.written();
  await Promise.resolve();
  assert.deepEqual(idsOf(packets), [1]);
  const rows = world.control.store.systemRead('keep MQTT sessions', (sql) =>
    sql.all<{ message_id: number }>('select message_id from mqtt_messages'),
  );
  assert.deepEqual(rows, [{ message_id: 1 }]);
  journal.close();
});

test('when the bytes are spent nothing more is queued; acknowledged and released ones give theirs back', async () => {
  using world = sessionWorld({ maxBytes: 2 * (QUEUED_OVERHEAD + 10) + 5 });
  const { sessions, delivery, journal } = world.open();
  const session = openDurable(sessions, 'a');
  const { stream } = fakeConnection();
  delivery.resume(session, stream);
  assert.equal(delivery.offer(session, message('x', '123456789', 2)), 'sent');
  assert.equal(delivery.offer(session, message('x', '123456789', 2)), 'sent');
  assert.equal(delivery.offer(session, message('x', '123456789')), 'dropped');
  assert.deepEqual(world.dropped, ['bound']);
  await journal.written();
  await delivery.received(session, 1);
  assert.equal(delivery.queuedBytes(null), QUEUED_OVERHEAD + 10);
  delivery.acknowledged(session, 1);
  assert.equal(delivery.queuedBytes(null), QUEUED_OVERHEAD + 10);
  await delivery.received(session, 2);
  delivery.acknowledged(session, 2);
  assert.equal(delivery.queuedBytes(null), 0);
  journal.close();
});

test('of a full session the oldest that waits goes; what is in flight stays', () => {
  using world = sessionWorld({ maxMessages: 3 });
  const { sessions, delivery, journal } = world.open();
  const session = openDurable(sessions, 'a');
  const { stream } = fakeConnection();
  delivery.resume(session, stream);
  delivery.offer(session, message('x', 'flying'));
  sessions.leave(session, stream);
  for (const text of ['1', '2', '3']) delivery.offer(session, message('x', text));
  assert.deepEqual(
    [...session.inFlight.values()].map(({ payload }) => payload.toString()),
    ['flying'],
  );
  assert.deepEqual(
    session.waiting.map(({ payload }) => payload.toString()),
    ['2', '3'],
  );
  journal.close();
});

test('who does not read is sent no more of QoS 1 until it does, in order, and is cut off by QoS 0', () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const session = clean(sessions);
  const connection = fakeConnection();
  delivery.resume(session, connection.stream);
  connection.unsentBytes = 2_000_000;
  for (const text of ['1', '2']) delivery.offer(session, message('x', text));
  assert.deepEqual(connection.packets, []);
  connection.unsentBytes = 0;
  connection.stream.emit('drain');
  assert.deepEqual(idsOf(connection.packets), [1, 2]);
  connection.unsentBytes = 2_000_000;
  for (let count = 0; count < 3; count++) {
    assert.equal(delivery.offer(session, message('x', '0', 0)), 'dropped');
  }
  assert.equal(world.slow.length, 1, 'it is reported once');
  journal.close();
});

test('what waits, and is over, or may not be received any more, is given up', async () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const session = openDurable(sessions, 'a');
  const now = world.clock.now();
  delivery.offer(session, message('x', 'over', 1, now + 10));
  delivery.offer(session, message('forbidden', 'secret'));
  delivery.offer(session, message('x', 'later', 1, now + 100));
  world.clock.advance(10);
  delivery.expire(sessions.all);
  assert.deepEqual(
    session.waiting.map(({ payload }) => payload.toString()),
    ['secret', 'later'],
  );
  const { stream, packets } = fakeConnection();
  delivery.resume(session, stream);
  await journal.written();
  await Promise.resolve();
  assert.deepEqual(
    packets.map((packet) => packet.cmd === 'publish' && packet.payload.toString()),
    ['later'],
  );
  assert.deepEqual(world.dropped, ['expired']);
  journal.close();
});

test('PUBCOMP without PUBREC before it, and acknowledgements of nothing, change nothing', async () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const session = openDurable(sessions, 'a');
  const { stream } = fakeConnection();
  delivery.resume(session, stream);
  delivery.offer(session, message('x', 'x', 2));
  delivery.acknowledged(session, 1);
  delivery.acknowledged(session, 9);
  await delivery.received(session, 9);
  assert.equal(session.inFlight.size, 1);
  journal.close();
});
