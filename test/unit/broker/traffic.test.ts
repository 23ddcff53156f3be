import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forHowLong } from '../../../src/broker/connections.ts';
import { type PaceClock, Traffic } from '../../../src/broker/traffic.ts';

const START = 1_000_000;
const TICK_MS = 10_000;

/** A connection that began at tick 0, and what happens to it tick by tick. */
function paced() {
  const clock: PaceClock = { tick: 0, times: [] };
  const traffic = new Traffic(undefined, 0, START);
  const tick = (messages: number, times = 1) => {
    for (let n = 0; n < times; n++) {
      traffic.messagesIn += messages;
      traffic.bytesIn += messages * 100;
      clock.tick++;
      clock.times[clock.tick % Traffic.SLOTS] = START + clock.tick * TICK_MS;
      traffic.mark(clock.tick);
    }
  };
  const now = () => START + clock.tick * TICK_MS;
  return { clock, traffic, tick, rates: () => traffic.received(clock, now()) };
}

test('a rate is that of the last minute; of a younger connection, that of its time so far', () => {
  const { tick, rates } = paced();
  tick(20);
  assert.deepEqual(rates(), { messages: 20, bytes: 2_000, messagesPerS: 2, bytesPerS: 200 });
  tick(20, 20);
  assert.equal(rates().messagesPerS, 2);
  tick(0, 3);
  assert.equal(rates().messagesPerS, 1);
  tick(0, 3);
  assert.deepEqual([rates().messagesPerS, rates().messages], [0, 420]);
});

test('a connection of this moment has no rate of a thousand a second', () => {
  const traffic = new Traffic(undefined, 5, START);
  traffic.messagesOut = 3;
  assert.equal(traffic.sent({ tick: 5, times: [] }, START + 3).messagesPerS, 3);
});

test('devices are known for an hour after their last message, a hundred at most, the latest last', () => {
  const { clock, traffic, tick } = paced();
  const target = (deviceKey: string) => ({ slug: 'vpc', deviceKey });
  traffic.aim(target('first'), clock.tick);
  for (let n = 0; n < 99; n++) traffic.aim(target(`d${n}`), clock.tick);
  tick(1);
  // The one that sends all the time is not aimed at anew by each message.
  assert.equal(traffic.deviceKeys(clock.tick).at(-1), 'd98');
  traffic.aim(target('first'), clock.tick);
  traffic.aim(target('new'), clock.tick);
  const keys = traffic.deviceKeys(clock.tick);
  assert.deepEqual([keys.length, keys.includes('d0'), keys.slice(-2)], [100, false, ['first', 'new']]);
  tick(0, 360);
  assert.deepEqual(traffic.deviceKeys(clock.tick), ['d98', 'first', 'new']);
  tick(0, 1);
  assert.deepEqual(traffic.deviceKeys(clock.tick), []);
});

test('a span of time is said in its two largest units', () => {
  const spans: [ms: number, words: string][] = [
    [0, '0 s'],
    [400, '0 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [3_723_000, '1 h 2 min'],
    [86_400_000, '1 d'],
    [90_061_000, '1 d 1 h'],
  ];
  for (const [ms, words] of spans) assert.equal(forHowLong(ms), words);
});
