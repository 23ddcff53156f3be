import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Message, Session } from '../../../src/broker/session.ts';
import { createStandingQueue } from '../../../src/broker/standing.ts';
import { fakeConnection, message } from '../../support/broker-sessions.ts';

function world() {
  const connection = fakeConnection();
  const session = { connection: connection.stream } as Session;
  const sent: string[] = [];
  const queue = createStandingQueue((_session, { topic }: Message) => void sent.push(topic));
  function* standing(name: string, count: number): Generator<Message | undefined> {
    for (let index = 0; index < count; index++) yield index % 2 === 0 ? message(`${name}${index}`) : undefined;
  }
  const begin = (...filters: [name: string, count: number][]) =>
    queue.begin(session, new Map(filters.map(([name, count]) => [name, standing(name, count)])));
  return { connection, session, sent, queue, begin };
}

test('what stands goes a portion in a turn of the event loop, all filters of a packet together', async () => {
  const { sent, begin } = world();
  begin(['a', 150], ['b', 1_000]);
  assert.equal(sent.length, 100);
  await turn();
  assert.equal(sent.length, 200);
  for (let count = 0; count < 10; count++) await turn();
  assert.equal(sent.length, 575);
});

test('a filter subscribed to again begins anew, one that is given up ends, and so does all with the connection', async () => {
  const { connection, session, sent, queue, begin } = world();
  begin(['a', 600], ['b', 600]);
  begin(['a', 4]);
  queue.stop(session, 'b');
  for (let count = 0; count < 10; count++) await turn();
  assert.deepEqual(sent.slice(100), ['a0', 'a2']);
  begin(['c', 1_000]);
  connection.stream.destroy();
  for (let count = 0; count < 10; count++) await turn();
  assert.equal(sent.length, 202);
});

test('who has not read what stands is sent the rest when it has', () => {
  const { connection, sent, begin } = world();
  connection.unsentBytes = 300_000;
  begin(['a', 4]);
  assert.deepEqual(sent, []);
  connection.unsentBytes = 0;
  connection.stream.emit('drain');
  assert.deepEqual(sent, ['a0', 'a2']);
});

test('what is subscribed to before the connection is there goes when it is', () => {
  const { connection, session, sent, queue, begin } = world();
  session.connection = undefined;
  begin(['a', 4]);
  assert.deepEqual(sent, []);
  session.connection = connection.stream;
  queue.arrive(session);
  assert.deepEqual(sent, ['a0', 'a2']);
});
