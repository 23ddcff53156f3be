import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClockGuard } from '../../../src/core/clock-guard.ts';
import { createClockRecord } from '../../../src/store/clock-record.ts';
import { createClockWatch } from '../../../src/store/clock-watch.ts';
import type { Store } from '../../../src/store/store.ts';
import { silentLog } from '../../support/accounts.ts';
import { controlStore } from '../../support/control-store.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const START = Date.UTC(2027, 0, 10);

/** A run of the appliance as far as its clock goes: it begins with what the database remembers. */
function runOn(store: Pick<Store, 'system' | 'systemRead'>, wallAt = START) {
  let [wall, monotonic] = [wallAt, 0];
  const record = createClockRecord(store);
  const guard = createClockGuard({ wall: { now: () => wall }, monotonic: () => monotonic, earliestMs: 0 });
  guard.resume(record.read());
  const told: boolean[] = [];
  const watch = createClockWatch({ guard, record, log: silentLog(), onTrust: (isTrusted) => told.push(isTrusted) });
  return {
    guard,
    watch,
    told,
    /** A run that is killed writes nothing at its end. */
    start: () => {
      watch.start();
      return { [Symbol.dispose]: () => watch.stop() };
    },
    pass: (ms: number) => {
      wall += ms;
      monotonic += ms;
    },
    move: (ms: number) => {
      wall += ms;
    },
  };
}

test('a doubt is on disk as soon as it is asked for, and the next run goes on with it', () => {
  using control = controlStore();
  const first = runOn(control.store);
  using _ = first.start();
  first.pass(HOUR);
  first.move(30 * DAY);
  assert.deepEqual(
    first.watch.doubts().map(({ reason, beganAt, endedAt }) => [reason, beganAt, endedAt]),
    [['jumped_ahead', START + HOUR, null]],
  );
  assert.equal(first.told.at(-1), false);

  const second = runOn(control.store, START + HOUR + 30 * DAY);
  assert.equal(second.guard.isTrusted, false);
  assert.equal(second.guard.now(), START + HOUR);
  using __ = second.start();
  second.watch.confirm();
  assert.deepEqual(
    second.watch.doubts().map(({ endedAt, endedBy }) => [endedAt, endedBy]),
    [[START + HOUR, 'person']],
  );
  assert.equal(second.told.at(-1), true);
});

test('a run that ends in order leaves the time it ended at, trusted or expected', () => {
  using control = controlStore();
  const first = runOn(control.store);
  const ending = first.start();
  first.pass(HOUR);
  first.move(2 * DAY);
  first.pass(HOUR);
  ending[Symbol.dispose]();
  assert.equal(createClockRecord(control.store).read().trustedAt, START + 2 * HOUR);
});

test('what a full disk does not take is written when it does', () => {
  using control = controlStore();
  let isFull = false;
  const disk: Pick<Store, 'system' | 'systemRead'> = {
    systemRead: control.store.systemRead,
    system: (purpose, fn) => {
      if (isFull) throw new Error('database or disk is full');
      return control.store.system(purpose, fn);
    },
  };
  const { watch, move, start } = runOn(disk);
  using _ = start();
  isFull = true;
  move(2 * DAY);
  assert.deepEqual(watch.doubts(), []);
  move(-2 * DAY);
  assert.deepEqual(watch.doubts(), []);
  isFull = false;
  assert.deepEqual(
    watch.doubts().map(({ reason, endedBy }) => [reason, endedBy]),
    [['jumped_ahead', 'clock']],
  );
});

test('a span is told what of it lies in periods of doubt, up to its end while one lasts', () => {
  using control = controlStore();
  const { watch, pass, move, start } = runOn(control.store);
  using _ = start();
  pass(HOUR);
  for (let i = 0; i < 2; i++) {
    move(2 * DAY);
    watch.doubts();
    pass(10 * MINUTE);
    move(-2 * DAY);
    watch.doubts();
    pass(10 * MINUTE);
  }
  move(2 * DAY);
  watch.doubts();
  const at = (minutes: number) => START + HOUR + minutes * MINUTE;
  assert.deepEqual(watch.doubtsIn(START, at(60)), [
    { from: at(0), to: at(10) },
    { from: at(20), to: at(30) },
    { from: at(40), to: at(60) },
  ]);
  assert.deepEqual(watch.doubtsIn(at(5), at(25)), [
    { from: at(5), to: at(10) },
    { from: at(20), to: at(25) },
  ]);
  assert.deepEqual(watch.doubtsIn(at(10), at(20)), []);
});

test('the oldest periods go beyond a thousand, and the open one stays', () => {
  using control = controlStore();
  const record = createClockRecord(control.store);
  const closed = { reason: 'jumped_back', endedBy: 'clock', jumpMs: -2 * DAY, maxAheadMs: DAY } as const;
  const periods = Array.from({ length: 1_005 }, (_, i) => ({
    ...closed,
    id: i + 1,
    beganAt: START + i * MINUTE,
    endedAt: START + i * MINUTE + 1,
  }));
  record.write(START, [...periods, { ...closed, id: 1_006, beganAt: START + DAY, endedAt: null, endedBy: null }]);
  const kept = record.doubts();
  assert.deepEqual([kept.length, kept[0]?.id, kept.at(-1)?.id], [1_000, 1_006, 7]);
  assert.equal(record.read().open?.id, 1_006);
});
