import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUEUED_OVERHEAD } from '../../../src/broker/session.ts';
import { fakeConnection, message, openDurable, sessionWorld } from '../../support/broker-sessions.ts';

test('what a session has is there when sessions are opened again: subscriptions, messages in order, ids', async () => {
  using world = sessionWorld();
  const first = world.open();
  const session = openDurable(first.sessions, 'a');
  first.sessions.subscribe(session, 'x/#', 2);
  first.sessions.subscribe(session, '__proto__', 1);
  first.sessions.noteIncoming(session, 7);
  const { stream } = fakeConnection();
  first.delivery.resume(session, stream);
  for (const text of ['1', '2']) first.delivery.offer(session, message('x/y', text, 2));
  await first.journal.written();
  await first.delivery.received(session, 2);
  first.sessions.leave(session, stream);
  for (const text of ['3', '4']) first.delivery.offer(session, message('x/y', text, 1, 99));
  first.journal.close();

  const second = world.open();
  const back = second.sessions.get('a');
  assert.ok(back !== undefined);
  assert.deepEqual(
    [...back.subscriptions],
    [
      ['x/#', 2],
      ['__proto__', 1],
    ],
  );
  assert.deepEqual([...back.incoming], [7]);
  const inFlight = [...back.inFlight.values()];
  assert.deepEqual(
    inFlight.map(({ messageId, isReleased, payload }) => [messageId, isReleased, payload.toString()]),
    [
      [1, false, '1'],
      [2, true, '2'],
    ],
  );
  assert.deepEqual(
    back.waiting.map(({ payload, expiresAt }) => [payload.toString(), expiresAt]),
    [
      ['3', 99],
      ['4', 99],
    ],
  );
  assert.equal(second.delivery.queuedBytes(null), first.delivery.queuedBytes(null));
  assert.deepEqual(
    [...second.sessions.subscribed('x/y')].map(([{ clientId }, qos]) => [clientId, qos]),
    [['a', 2]],
  );
});

test('of what came and went between two commits nothing is written', async () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const session = openDurable(sessions, 'a');
  await journal.written();
  const { stream } = fakeConnection();
  delivery.resume(session, stream);
  delivery.offer(session, message('x'));
  delivery.acknowledged(session, 1);
  await journal.written();
  assert.deepEqual(
    world.control.store.systemRead('keep MQTT sessions', (sql) => sql.all('select * from mqtt_messages')),
    [],
  );
  journal.close();
});

test('a session that is away for too long goes, with what waits in it; one that is connected stays', async () => {
  using world = sessionWorld();
  const { sessions, delivery, journal } = world.open();
  const [away, here] = [openDurable(sessions, 'away'), openDurable(sessions, 'here')];
  const { stream } = fakeConnection();
  here.connection = stream;
  sessions.subscribe(away, 'x', 1);
  sessions.leave(away, stream);
  delivery.offer(away, message('x'));
  world.clock.advance(1_001);
  sessions.expire();
  assert.deepEqual(
    [...sessions.all].map(({ clientId }) => clientId),
    ['here'],
  );
  assert.deepEqual([delivery.queuedBytes(null), sessions.subscribed('x').size], [0, 0]);
  journal.close();
  const left = world.open().sessions;
  assert.deepEqual(
    [...left.all].map(({ clientId }) => clientId),
    ['here'],
  );
});

test('sessions that were connected when the process died are away from the next start on', () => {
  using world = sessionWorld();
  const first = world.open();
  openDurable(first.sessions, 'a');
  first.journal.close();
  world.clock.advance(500);
  const second = world.open();
  world.clock.advance(800);
  second.sessions.expire();
  assert.ok(second.sessions.get('a') !== undefined);
  world.clock.advance(300);
  second.sessions.expire();
  assert.equal(second.sessions.get('a'), undefined);
  second.journal.close();
});

test('at the bound the session that is away for the longest goes; while all are connected there is no room', () => {
  using world = sessionWorld({ maxSessions: 2 });
  const { sessions, journal } = world.open();
  const { stream } = fakeConnection();
  const [a, b] = [openDurable(sessions, 'a'), openDurable(sessions, 'b')];
  assert.throws(() => openDurable(sessions, 'c'), /no room/);
  sessions.leave(b, stream);
  sessions.leave(a, stream);
  openDurable(sessions, 'c');
  assert.deepEqual([...sessions.all].map(({ clientId }) => clientId).toSorted(), ['a', 'c']);
  journal.close();
});

test('while the disk fails nothing is said to be written; it is tried again, and then it is', async () => {
  using world = sessionWorld();
  const { sessions, journal } = world.open();
  const real = world.control.store.system;
  Object.assign(world.control.store, {
    system: () => {
      throw Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' });
    },
  });
  openDurable(sessions, 'a');
  await assert.rejects(journal.written(), /disk full/);
  Object.assign(world.control.store, { system: real });
  await journal.written();
  assert.ok([...world.open().sessions.all].length === 1);
  journal.close();
});

test('a change that the database refuses does not keep the others from it', async () => {
  using world = sessionWorld();
  const { sessions, journal } = world.open();
  journal.note({}, (sql) => void sql.run(`insert into main.mqtt_sessions (client_id) values (null)`));
  openDurable(sessions, 'a');
  await journal.written();
  assert.match(world.dropped.join(), /SqliteError/);
  assert.equal([...world.open().sessions.all].length, 1);
  journal.close();
});

test('sessions of a credential that is gone are not read any more', () => {
  using world = sessionWorld();
  const first = world.open();
  const owner = { factoryId: null, credentialId: 'gone' };
  first.sessions.open({ clientId: 'gone/a', owner, isDurable: true, maySubscribe: () => true });
  first.journal.close();
  assert.deepEqual([...world.open().sessions.all], []);
});

test('no factory takes the room of another: not that of sessions, nor of bytes', () => {
  using world = sessionWorld({ maxSessions: 2, maxBytes: 3 * (QUEUED_OVERHEAD + 10) });
  world.control.store.system('create factory', (sql) => {
    for (const id of [1, 2]) {
      sql.run(
        `insert into main.factories (id, uuid, slug, name, timezone, created_at) values (?, ?, ?, 'n', 'UTC', 0)`,
        id,
        `u${id}`,
        `f${id}`,
      );
    }
  });
  const { sessions, delivery, journal } = world.open();
  const open = (factoryId: number | null, clientId: string) => {
    const owner = { factoryId, credentialId: '' };
    const opened = sessions.open({ clientId, owner, isDurable: true, maySubscribe: () => true });
    assert.ok(opened !== undefined);
    sessions.leave(opened.session, fakeConnection().stream);
    return opened.session;
  };
  const victim = open(1, 'victim');
  for (let index = 0; index < 5; index++) {
    open(2, `flood ${index}`);
    open(null, `nobody ${index}`);
  }
  assert.equal(sessions.get('victim'), victim);
  assert.equal([...sessions.all].length, 5);
  const flooded = open(2, 'bytes');
  while (delivery.offer(flooded, message('x', '123456789')) === 'queued');
  assert.equal(delivery.offer(victim, message('x', '123456789')), 'queued');
  journal.close();
});
