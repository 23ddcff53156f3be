import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, type Call, DELIVERED, outboxWorld } from '../../support/outbox-world.ts';

const NIGHT = { from: '22:00', to: '06:00', days: [1, 2, 3, 4, 5, 6, 7] };
/** Which messages somebody has been told of, in that order. */
const toldTo = (calls: readonly Call[], recipient = 'Anna') =>
  calls.filter((call) => call.recipient === recipient).flatMap(({ tells }) => tells);
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
