import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClockMemory, createClockGuard, MAX_ABSENCE_MS } from '../../../src/core/clock-guard.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const START = Date.UTC(2027, 0, 10);
const BUILT = Date.UTC(2026, 10, 1);
const NEVER: ClockMemory = { trustedAt: null, open: null, lastId: 0 };

/** A guard on two clocks that go together until the wall clock is set. */
function watched(wallAt = START, memory: ClockMemory = { ...NEVER, trustedAt: START }) {
  let [wall, monotonic] = [wallAt, 5_000];
  const guard = createClockGuard({ wall: { now: () => wall }, monotonic: () => monotonic, earliestMs: BUILT });
  guard.resume(memory);
  return {
    guard,
    pass: (ms: number) => {
      wall += ms;
      monotonic += ms;
    },
    set: (ms: number) => {
      wall = ms;
    },
    move: (ms: number) => {
      wall += ms;
    },
  };
}

/** What a guard leaves to the next run. */
const memoryOf = ({ guard }: ReturnType<typeof watched>): ClockMemory => {
  const { doubt } = guard;
  return { trustedAt: guard.trustedNow(), open: doubt, lastId: doubt?.id ?? 0 };
};

test('a clock that goes on is followed, and trusted', () => {
  const { guard, pass } = watched();
  for (let day = 1; day <= 40; day++) {
    pass(DAY);
    assert.equal(guard.now(), START + day * DAY);
  }
  assert.equal(guard.isTrusted, true);
  assert.deepEqual(guard.takeChanges(), []);
});

test('a jump of 30 days is in doubt at the first look, and time goes on as before', () => {
  const { guard, pass, move } = watched();
  pass(HOUR);
  move(30 * DAY);
  assert.equal(guard.now(), START + HOUR);
  assert.equal(guard.isTrusted, false);
  pass(MINUTE);
  assert.equal(guard.now(), START + HOUR + MINUTE);
  assert.equal(guard.trustedNow(), START + HOUR + MINUTE);
  assert.equal(guard.wallNow(), START + HOUR + MINUTE + 30 * DAY);
  const [doubt, ...others] = guard.takeChanges();
  assert.deepEqual(others, []);
  assert.deepEqual([doubt?.reason, doubt?.beganAt, doubt?.jumpMs], ['jumped_ahead', START + HOUR, 30 * DAY]);
});

test('times are whole milliseconds in doubt too', () => {
  let [wall, monotonic] = [START, 7.25];
  const guard = createClockGuard({ wall: { now: () => wall }, monotonic: () => monotonic, earliestMs: BUILT });
  guard.resume({ ...NEVER, trustedAt: START });
  wall += 2 * DAY;
  monotonic += 1_000.5;
  assert.equal(guard.now(), START + 1_000);
  assert.equal(guard.trustedNow(), START + 1_000);
  assert.equal(guard.doubt?.beganAt, START + 1_000);
});

test('a clock that comes back to within a day is trusted by itself', () => {
  for (const jump of [30 * DAY, -30 * DAY]) {
    const { guard, pass, move } = watched();
    move(jump);
    assert.equal(guard.isTrusted, false);
    pass(2 * HOUR);
    move(-jump + DAY + MINUTE);
    assert.equal(guard.isTrusted, false, 'more than a day off is not back');
    move(-MINUTE);
    assert.equal(guard.isTrusted, true);
    assert.equal(guard.now(), START + 2 * HOUR + DAY);
    const [doubt] = guard.takeChanges();
    assert.deepEqual([doubt?.endedBy, doubt?.endedAt], ['clock', START + 2 * HOUR]);
  }
});

test('a step of less than a day is followed, and for a day devices may be ahead by as much', () => {
  const { guard, pass, move } = watched();
  move(-2 * HOUR);
  assert.equal(guard.isTrusted, true);
  assert.equal(guard.now(), START - 2 * HOUR);
  assert.equal(guard.setBackMs, 2 * HOUR);
  move(HOUR);
  assert.equal(guard.setBackMs, HOUR, 'half of it is set right again');
  move(-5 * HOUR);
  assert.equal(guard.setBackMs, 6 * HOUR);
  pass(DAY - SECOND);
  assert.equal(guard.setBackMs, 6 * HOUR);
  pass(SECOND);
  assert.equal(guard.setBackMs, 0);
  move(HOUR);
  assert.equal(guard.setBackMs, 0, 'a step ahead is none back');
});

test('a time before the build is in doubt, and nobody can confirm it', () => {
  const { guard, pass, set, move } = watched();
  set(0);
  assert.equal(guard.doubt?.reason, 'before_build');
  assert.equal(guard.canConfirm, false);
  assert.throws(() => guard.confirm(), { code: 'conflict', message: /1970-01-01.*before this program was built/ });
  assert.equal(guard.now(), START);
  pass(DAY);
  move(START + HOUR);
  assert.equal(guard.isTrusted, true);
});

test('a person confirms a jump, and the time is the new one at once', () => {
  for (const jump of [30 * DAY, -30 * DAY]) {
    const { guard, pass, move } = watched();
    move(jump);
    pass(MINUTE);
    assert.equal(guard.canConfirm, true);
    guard.confirm();
    assert.equal(guard.isTrusted, true);
    assert.equal(guard.now(), START + jump + MINUTE);
    assert.equal(guard.trustedNow(), START + jump + MINUTE);
    const [doubt] = guard.takeChanges();
    assert.deepEqual([doubt?.endedBy, doubt?.endedAt], ['person', START + MINUTE]);
    assert.throws(() => guard.confirm(), { code: 'conflict', message: /nothing to confirm/ });
  }
});

test('a start after the holidays asks once, and follows the clock meanwhile, but does not age by it', () => {
  assert.equal(watched(START + MAX_ABSENCE_MS).guard.isTrusted, true);
  const { guard, pass } = watched(START + 20 * DAY);
  assert.equal(guard.doubt?.reason, 'ahead_of_last_run');
  pass(MINUTE);
  assert.equal(guard.now(), START + 20 * DAY + MINUTE);
  assert.equal(guard.trustedNow(), START + MINUTE);
  guard.confirm();
  assert.equal(guard.trustedNow(), START + 20 * DAY + MINUTE);
  assert.equal(watched(START + 20 * DAY + HOUR, memoryOf({ ...watched(), guard })).guard.isTrusted, true);
});

test('a start behind the last run goes on from there until the clock is set, however long the machine was off', () => {
  const late = watched(START - DAY - 1);
  assert.equal(late.guard.doubt?.reason, 'behind_last_run');
  assert.equal(late.guard.now(), START);
  late.set(START + 10 * DAY);
  assert.equal(late.guard.isTrusted, true);
  const withoutBattery = watched(0);
  assert.equal(withoutBattery.guard.doubt?.reason, 'before_build');
  withoutBattery.set(START + 10 * DAY);
  assert.equal(withoutBattery.guard.isTrusted, true);
  assert.equal(watched(START - DAY).guard.isTrusted, true);
});

test('a start less than a day behind the last run is a clock that was set back', () => {
  const { guard } = watched(START - 2 * HOUR);
  assert.equal(guard.isTrusted, true);
  assert.equal(guard.setBackMs, 2 * HOUR);
});

test('the first start ever takes any time after the build, and waits for one when it is earlier', () => {
  assert.equal(watched(START + 900 * DAY, NEVER).guard.isTrusted, true);
  const first = watched(0, NEVER);
  assert.equal(first.guard.now(), BUILT);
  first.pass(MINUTE);
  assert.equal(first.guard.now(), BUILT + MINUTE);
  const again = watched(START + 900 * DAY, memoryOf(first));
  assert.equal(again.guard.isTrusted, true, 'nothing was known but the build date');
});

test('a doubt survives a restart with its number, and ends when the clock is right', () => {
  const before = watched();
  before.move(5 * DAY);
  assert.equal(before.guard.isTrusted, false);
  before.pass(HOUR);
  const memory = memoryOf(before);
  assert.equal(memory.trustedAt, START + HOUR);
  const still = watched(START + 5 * DAY + HOUR, memory);
  assert.equal(still.guard.isTrusted, false, 'five days are no absence when the clock was in doubt');
  assert.equal(still.guard.doubt?.id, memory.open?.id);
  assert.deepEqual(still.guard.takeChanges(), [], 'it has not begun anew');
  const right = watched(START + 3 * HOUR, memory);
  assert.equal(right.guard.isTrusted, true);
  assert.deepEqual(
    right.guard.takeChanges().map(({ id, endedBy }) => [id, endedBy]),
    [[memory.open?.id, 'clock']],
  );
});

test('each doubt is told once when it begins and once when it ends', () => {
  const { guard, move } = watched();
  move(2 * DAY);
  assert.deepEqual(
    guard.takeChanges().map(({ endedAt }) => endedAt),
    [null],
  );
  guard.now();
  assert.deepEqual(guard.takeChanges(), []);
  move(-2 * DAY);
  guard.now();
  move(-2 * DAY);
  guard.now();
  assert.deepEqual(
    guard.takeChanges().map(({ id, reason, endedBy }) => [id, reason, endedBy]),
    [
      [1, 'jumped_ahead', 'clock'],
      [2, 'jumped_back', null],
    ],
  );
});
