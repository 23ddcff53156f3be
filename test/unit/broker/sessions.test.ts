import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AedesPublishPacket } from 'aedes';
import { SessionStore } from '../../../src/broker/sessions.ts';

const TOPIC = 'factories/vpc/devices/M01/commands';
let counter = 0;
const packet = (payload: string, topic = TOPIC): AedesPublishPacket => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos: 1,
  dup: false,
  retain: false,
  brokerId: 'b',
  brokerCounter: ++counter,
});

function createStore(limits: Partial<ConstructorParameters<typeof SessionStore>[0]> = {}) {
  const all = { maxSessions: 3, maxQueuedMessages: 4, maxQueuedBytes: 1_000, ...limits };
  return new SessionStore(all, (_client, topic) => !topic.includes('forbidden'));
}

const queued = async (store: SessionStore, id: string): Promise<string[]> =>
  (await store.outgoingStream({ id }).toArray()).map(({ payload }: { payload: Buffer }) => payload.toString());

const publish = async (store: SessionStore, message: AedesPublishPacket) =>
  store.outgoingEnqueueCombi(await store.subscriptionsByTopic(message.topic), message);

test('a message is queued for exact and wildcard subscriptions of QoS 1, and for no other', async () => {
  const store = createStore({ maxSessions: 10 });
  await store.addSubscriptions({ id: 'exact' }, [{ topic: TOPIC, qos: 1 }]);
  await store.addSubscriptions({ id: 'all' }, [{ topic: 'factories/vpc/devices/+/commands', qos: 1 }]);
  await store.addSubscriptions({ id: 'zero' }, [{ topic: TOPIC, qos: 0 }]);
  await store.addSubscriptions({ id: 'other' }, [{ topic: 'factories/vpc/devices/M02/commands', qos: 1 }]);
  await publish(store, packet('go'));
  for (const [id, messages] of [
    ['exact', ['go']],
    ['all', ['go']],
    ['zero', []],
    ['other', []],
  ] as const) {
    assert.deepEqual(await queued(store, id), messages, id);
  }
});

test('the oldest message goes when a session is full, and nothing more is queued when the bytes are', async () => {
  const store = createStore({ maxQueuedBytes: 10 * (TOPIC.length + 1) });
  await store.addSubscriptions({ id: 'a' }, [{ topic: TOPIC, qos: 1 }]);
  for (const payload of ['1', '2', '3', '4', '5', '6']) await publish(store, packet(payload));
  assert.deepEqual(await queued(store, 'a'), ['3', '4', '5', '6']);
  assert.equal(store.dropped, 2);
  await store.addSubscriptions({ id: 'b' }, [{ topic: TOPIC, qos: 1 }]);
  await store.addSubscriptions({ id: 'c' }, [{ topic: TOPIC, qos: 1 }]);
  for (const payload of ['7', '8', '9', '0']) await publish(store, packet(payload));
  assert.ok(store.queuedBytes <= 10 * (TOPIC.length + 1));
});

test('the oldest session goes when there are too many, and its bytes with it', async () => {
  const store = createStore();
  for (const id of ['a', 'b', 'c']) await store.addSubscriptions({ id }, [{ topic: TOPIC, qos: 1 }]);
  await publish(store, packet('x'));
  const before = store.queuedBytes;
  await store.addSubscriptions({ id: 'd' }, [{ topic: TOPIC, qos: 1 }]);
  assert.equal(store.sessions, 3);
  assert.deepEqual(await store.subscriptionsByClient({ id: 'a' }), []);
  assert.equal(store.queuedBytes, (before / 3) * 2);
});

test('a message leaves its queue when it is acknowledged under the id it was sent with', async () => {
  const store = createStore();
  await store.addSubscriptions({ id: 'a' }, [{ topic: TOPIC, qos: 1 }]);
  const messages = [packet('1'), packet('2')];
  for (const message of messages) await publish(store, message);
  for (const [index, message] of messages.entries()) {
    await store.outgoingUpdate({ id: 'a' }, { ...message, messageId: 10 + index });
  }
  await store.outgoingClearMessageId({ id: 'a' }, { ...packet(''), messageId: 10 });
  assert.deepEqual(await queued(store, 'a'), ['2']);
  await assert.rejects(store.outgoingUpdate({ id: 'a' }, { ...packet('?'), messageId: 99 }), /no such packet/);
  await store.cleanSubscriptions({ id: 'a' });
  assert.equal(store.queuedBytes, 0);
});

test('a subscription that is not allowed is never kept', async () => {
  const store = createStore();
  const subscriptions = ['forbidden', TOPIC].map((topic) => ({ topic, qos: 1 as const }));
  await store.addSubscriptions({ id: 'a' }, subscriptions);
  assert.deepEqual(
    (await store.subscriptionsByClient({ id: 'a' })).map(({ topic }) => topic),
    [TOPIC],
  );
  assert.deepEqual(await store.subscriptionsByTopic('forbidden'), []);
});

test('ids of QoS 2 messages are kept for a bounded number of clients', async () => {
  const store = createStore();
  for (const id of ['a', 'b', 'c', 'd']) await store.incomingStorePacket({ id }, { messageId: 7 });
  assert.equal(store.hasIncoming('a', 7), false);
  assert.equal(store.hasIncoming('d', 7), true);
  await store.incomingDelPacket({ id: 'd' }, { messageId: 7 });
  assert.equal(store.hasIncoming('d', 7), false);
  await assert.rejects(store.incomingGetPacket({ id: 'd' }, { messageId: 7 }));
});
