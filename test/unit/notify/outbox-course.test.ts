import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  type Call,
  DELIVERED,
  FAILED,
  OUTBOX_RATE,
  type OutboxWorld,
  outboxWorld,
} from '../../support/outbox-world.ts';

const HOUR_MS = 3_600_000;
const NIGHT = { from: '22:00', to: '06:00', days: [1, 2, 3, 4, 5, 6, 7] };
/** Which messages somebody has been told of, in that order. */
const toldTo = (calls: readonly Call[], recipient = 'Anna') =>
  calls.filter((call) => call.recipient === recipient).flatMap(({ tells }) => tells);
/** News of so many other alarms that they become a digest. */
const flood = (world: OutboxWorld) => {
  for (let alarm = 100; alarm <= 100 + 2 * OUTBOX_RATE; alarm++) world.news(alarm, 'raised');
};

test('a channel that is changed while a message is sent is given no secret for the one that it was', async () => {
  using world = outboxWorld();
  const taken = Promise.withResolvers<void>();
  world.answer = () => taken.promise.then(() => DELIVERED);
  world.news(1, 'raised');
  world.news(2, 'raised');
  await world.pass(200);
  world.edit({ url: addressOf(1) });
  taken.resolve();
  await world.pass(5_000);
  const sent = world.calls.map(({ channel, secrets }) => [channel.config, secrets.url]);
  assert.deepEqual(sent, [
    [{ url: addressOf(0) }, addressOf(0)],
    [{ url: addressOf(1) }, addressOf(1)],
  ]);
});

test('of a factory that is archived while a message is sent no other one is', async () => {
  using world = outboxWorld();
  world.answer = () => {
    world.isArchived = true;
    return DELIVERED;
  };
  world.news(1, 'raised');
  world.news(2, 'raised');
  await world.pass(5_000);
  assert.deepEqual(toldTo(world.calls), ['n1']);
});

test('when quiet hours begin while a message is sent the next one waits for their end', async () => {
  using world = outboxWorld(Date.parse('2026-01-05T21:59:59+01:00'));
  world.edit({ quietHours: NIGHT });
  const taken = Promise.withResolvers<void>();
  world.answer = () => taken.promise.then(() => DELIVERED);
  world.news(1, 'raised');
  world.news(2, 'raised');
  await world.pass(2_000);
  taken.resolve();
  await world.pass(2_000);
  assert.deepEqual(toldTo(world.calls), ['n1']);
  assert.equal(world.rows()[1]?.isHeld, 1);
});

test('no digest overtakes what is tried again of the same alarm', async () => {
  using world = outboxWorld();
  world.recipients = ['Anna', 'Bob'];
  let failures = 3;
  const had: Call[] = [];
  world.answer = (call) => {
    if (call.recipient === 'Bob' && call.tells.includes('n1') && failures-- > 0) return FAILED;
    had.push(call);
    return DELIVERED;
  };
  world.news(1, 'raised');
  await world.pass(200);
  world.news(1, 'cleared');
  flood(world);
  await world.pass(120_000);
  const ofIt = toldTo(had, 'Bob').filter((id) => id === 'n1' || id === 'n2');
  assert.deepEqual(ofIt, ['n1', 'n2']);
  assert.equal(world.rows().filter(({ kind, state }) => kind === 'digest' && state === 'sent').length, 1);
});

test('what follows of an alarm waits for the digest that tells of its beginning; what is critical does not', async () => {
  using world = outboxWorld(Date.parse('2026-01-05T05:59:50+01:00'));
  world.edit({ quietHours: NIGHT });
  world.recipients = ['Anna', 'Bob'];
  let failures = 3;
  const had: Call[] = [];
  world.answer = (call) => {
    if (call.recipient === 'Bob' && call.row.kind === 'digest' && failures-- > 0) return FAILED;
    had.push(call);
    return DELIVERED;
  };
  world.news(1, 'raised');
  world.news(2, 'raised');
  await world.pass(11_000);
  world.news(1, 'cleared');
  world.news(2, 'severity_changed', 'critical');
  await world.pass(60_000);
  assert.deepEqual(toldTo(had, 'Bob'), ['n4', 'n1', 'n2', 'n3']);
});

test('who has a message that a kill has interrupted is not told of it again in a digest', async () => {
  using world = outboxWorld();
  world.recipients = ['Anna', 'Bob'];
  world.answer = ({ recipient }) => (recipient === 'Anna' ? DELIVERED : new Promise(() => undefined));
  world.news(1, 'raised');
  await world.pass(200);
  flood(world);
  world.restart();
  world.answer = () => DELIVERED;
  await world.pass(30_000);
  assert.equal(toldTo(world.calls).filter((id) => id === 'n1').length, 1);
  assert.equal(world.rows()[0]?.state, 'sent');
});

test('a clock that is set back by an hour keeps nothing waiting', async () => {
  using world = outboxWorld();
  world.answer = () => FAILED;
  world.news(1, 'raised');
  await world.pass(200);
  world.answer = () => DELIVERED;
  const waiting = world.news(2, 'raised', 'critical');
  world.setClock(-HOUR_MS);
  const later = world.news(3, 'raised', 'critical');
  await world.pass(10_000);
  assert.deepEqual(new Set(toldTo(world.calls)), new Set(['n1', waiting, later]));
  assert.ok(world.rows().every(({ state }) => state === 'sent'));
});

test('a clock that is set while a message is sent neither puts its retry off nor brings it forward', async () => {
  for (const by of [HOUR_MS, -HOUR_MS]) {
    using world = outboxWorld();
    world.answer = () => {
      world.setClock(by);
      return { isDelivered: false, detail: '429', mayRetry: true, retryAfterS: 120 };
    };
    world.news(1, 'raised');
    await world.pass(1_000);
    world.answer = () => DELIVERED;
    await world.pass(115_000);
    assert.equal(world.calls.length, 1);
    await world.pass(15_000);
    assert.deepEqual(toldTo(world.calls), ['n1', 'n1']);
  }
});

test('a change of the channel cuts no wait short that the other side has asked for after quiet hours', async () => {
  using world = outboxWorld(Date.parse('2026-01-05T05:59:50+01:00'));
  world.edit({ quietHours: NIGHT });
  world.news(1, 'raised');
  await world.pass(5_000);
  assert.equal(world.rows()[0]?.isHeld, 1);
  world.answer = () => ({ isDelivered: false, detail: '429', mayRetry: true, retryAfterS: 600 });
  await world.pass(10_000);
  assert.deepEqual(
    world.rows().map(({ attempts, isHeld }) => [attempts, isHeld]),
    [[1, 0]],
  );
  world.restart();
  world.edit({ quietHours: null });
  await world.pass(500_000);
  assert.equal(world.calls.length, 1);
  await world.pass(200_000);
  assert.equal(world.calls.length, 2);
});

test('a message that its receiver cannot take keeps no other one waiting', async () => {
  using world = outboxWorld();
  world.answer = ({ tells }) => (tells.includes('n1') ? FAILED : DELIVERED);
  world.news(1, 'raised', 'critical');
  await world.pass(200);
  world.news(2, 'raised', 'critical');
  await world.pass(6_000);
  assert.deepEqual(new Set(toldTo(world.calls)), new Set(['n1', 'n2']));
});

test('what is tried again goes no faster than the rate allows', async () => {
  using world = outboxWorld();
  world.answer = () => FAILED;
  for (let alarm = 1; alarm <= 2 * OUTBOX_RATE; alarm++) {
    world.news(alarm, 'raised', 'critical');
    await world.pass(20_000);
  }
  const within = ({ at: end }: Call) => world.calls.filter(({ at }) => at > end - 60_000 && at <= end).length;
  assert.ok(Math.max(...world.calls.map(within)) <= 2 * OUTBOX_RATE);
});

test('neither a restart nor another rate allows for more in a minute', async () => {
  using world = outboxWorld();
  for (let alarm = 1; alarm <= 2 * OUTBOX_RATE; alarm++) {
    world.news(alarm, 'raised', 'critical');
    await world.pass(1_000);
    if (alarm === OUTBOX_RATE) world.restart();
  }
  world.edit({ ratePerMinute: OUTBOX_RATE + 1 });
  await world.pass(1_000);
  assert.ok(world.calls.length <= OUTBOX_RATE + 1, `${world.calls.length} at once`);
});
