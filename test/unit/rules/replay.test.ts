import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Condition, Watch } from '../../../src/rules/condition.ts';
import { compile } from '../../../src/rules/fold.ts';
import { createReplay, type ReplayOptions, replayStart } from '../../../src/rules/replay.ts';
import type { Transition } from '../../../src/rules/transition.ts';
import {
  anyMessages,
  anyWatch,
  createRecord,
  device,
  PARAMETERS,
  type Point,
  rowsOf,
  startEngine,
  watchOf,
} from '../../support/rules.ts';

/** Monday 11 January 2027, 00:00 UTC. */
const MONDAY = Date.UTC(2027, 0, 11);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const GRACE_MS = 2_000;
const HOT: Condition = { parameter: 'temperature', operator: 'gt', value: 80 };

/** Replays a rule over samples, which come in the order of time. */
function replayed(watch: Watch, samples: readonly Point[], options: Partial<ReplayOptions> = {}) {
  const fold = compile(watch, { timezone: 'Europe/Berlin', outages: [] });
  const replay = createReplay({
    fold,
    bornAt: MONDAY,
    from: MONDAY,
    to: MONDAY + HOUR_MS,
    bounds: { firings: 1_000, changes: 10_000 },
    isBoolean: (parameter) => parameter === 'running',
    ...options,
  });
  for (const { ts, series, value } of samples) {
    const place = fold.parameters.indexOf(PARAMETERS[series] ?? '');
    if (place >= 0) replay.take(ts, place, typeof value === 'string' ? value : Number(value));
  }
  return replay.finish();
}

/** What an engine reports while the same samples come in batches, with time passing in between, up to `to`. */
function lived(watch: Watch, samples: readonly Point[], cuts: readonly boolean[], to: number): readonly Transition[] {
  const now = (ts: number) => ({ monotonic: ts - MONDAY, wall: ts });
  const { engine, rule } = startEngine(watch, now(MONDAY));
  const record = createRecord();
  engine.setDevice(device(), now(MONDAY));
  engine.setRule(rule, now(MONDAY));
  const isCut = (place: number) => cuts[place % cuts.length] === true;
  for (let start = 0; start < samples.length; ) {
    let end = start + 1;
    while (end < samples.length && !isCut(end)) end++;
    const batch = samples.slice(start, end);
    const last = batch.at(-1)?.ts ?? MONDAY;
    engine.take(rowsOf(batch), now(last));
    record.apply(engine.reports());
    const next = samples[end]?.ts ?? to;
    if (isCut(start + 1)) engine.passTime(now(Math.floor((last + next) / 2)));
    record.apply(engine.reports());
    start = end;
  }
  engine.passTime(now(to + GRACE_MS));
  record.apply(engine.reports());
  return record.transitions;
}

test('a replay says of any rule and any samples what the engine said of them live, however they came in batches', () => {
  let transitions = 0;
  const cuts = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(anyWatch, anyMessages(MONDAY), cuts, (watch, messages, places) => {
      const samples = messages.flat();
      const to = (samples.at(-1)?.ts ?? MONDAY) + 5 * MINUTE_MS;
      const { firings, isTruncated } = replayed(watch, samples, { to });
      const changes = firings.flatMap((firing) => firing.changes);
      assert.deepEqual(changes, lived(watch, samples, places, to));
      assert.equal(isTruncated, false);
      transitions += changes.length;
    }),
    { numRuns: 1_000 },
  );
  assert.ok(transitions > 1_000, `only ${transitions} transitions: the rules never fire`);
});

const every = (ms: number, values: readonly number[], from = MONDAY): Point[] =>
  values.map((value, index) => ({ ts: from + index * ms, series: 0, value }));

test('a firing has its moments, its values and its highest severity', () => {
  const watch = watchOf(HOT, { levels: [{ severity: 'critical', condition: { ...HOT, value: 90 } }] });
  const { firings } = replayed(watch, every(1_000, [70, 81, 95, 85, 79, 82, 70]));
  const at = (second: number) => MONDAY + second * 1_000;
  const change = (second: number, severity: string | null, value: number) => ({
    at: at(second),
    severity,
    parameter: 'temperature',
    value,
  });
  assert.deepEqual(firings, [
    {
      raisedAt: at(1),
      clearedAt: at(4),
      severity: 'critical',
      mayBeEarlier: false,
      changes: [change(1, 'high', 81), change(2, 'critical', 95), change(3, 'high', 85), change(4, null, 79)],
    },
    {
      raisedAt: at(5),
      clearedAt: at(6),
      severity: 'high',
      mayBeEarlier: false,
      changes: [change(5, 'high', 82), change(6, null, 70)],
    },
  ]);
});

test('what is over before the range is left out, and what is open at its beginning says when it was raised', () => {
  const samples = [...every(MINUTE_MS, [81, 70, 81, 81, 81, 70]), ...every(MINUTE_MS, [81], MONDAY + 10 * MINUTE_MS)];
  const firings = (from: number) =>
    replayed(watchOf(HOT), samples, { from: MONDAY + from * MINUTE_MS }).firings.map(({ raisedAt, clearedAt }) => [
      (raisedAt - MONDAY) / MINUTE_MS,
      clearedAt === null ? null : (clearedAt - MONDAY) / MINUTE_MS,
    ]);
  assert.deepEqual(firings(0), [
    [0, 1],
    [2, 5],
    [10, null],
  ]);
  assert.deepEqual(firings(1), [
    [2, 5],
    [10, null],
  ]);
  assert.deepEqual(firings(4), [
    [2, 5],
    [10, null],
  ]);
  assert.deepEqual(firings(5), [[10, null]]);
});

test('an alarm that is there as soon as the replay looks may have been there before', () => {
  const watch = watchOf({ ...HOT, for_seconds: 60 });
  const [first, second] = replayed(watch, every(MINUTE_MS, [81, 81, 81, 70, 81, 81])).firings;
  assert.deepEqual([first?.mayBeEarlier, second?.mayBeEarlier], [true, false]);
});

test('what a parameter was before the beginning counts, once something is decided', () => {
  const fold = compile(watchOf({ all: [HOT, { parameter: 'running', operator: 'eq', value: true }] }), {
    timezone: 'UTC',
    outages: [],
  });
  const options = { bounds: { firings: 10, changes: 10 }, isBoolean: () => false };
  const replay = createReplay({ fold, bornAt: MONDAY, from: MONDAY, to: MONDAY + HOUR_MS, ...options });
  replay.know({ parameter: 'running', value: 1 }, MONDAY - 7 * 24 * HOUR_MS);
  replay.take(MONDAY + 1_000, 0, 81);
  assert.equal(replay.finish().firings[0]?.raisedAt, MONDAY + 1_000);
});

test('time passes to the end of the range and not further', () => {
  const silent = watchOf({ parameter: 'temperature', operator: 'no_data', for_seconds: 60 });
  const raised = (to: number) => replayed(silent, every(1_000, [1, 1]), { to: MONDAY + to }).firings[0]?.raisedAt;
  assert.equal(raised(61_000), undefined);
  assert.equal(raised(61_001), MONDAY + 61_000);
});

test('a rule that fires without end is cut off at the bounds, and says so', () => {
  const values = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 81 : 79));
  const bounded = (firings: number, changes: number) => {
    const bounds = { firings, changes };
    const { firings: list, isTruncated } = replayed(watchOf(HOT), every(1_000, values), { bounds });
    return [list.length, list.flatMap((firing) => firing.changes).length, isTruncated];
  };
  assert.deepEqual(bounded(50, 100), [50, 100, false]);
  assert.deepEqual(bounded(10, 100), [10, 20, true]);
  assert.deepEqual(bounded(50, 30), [15, 30, true]);
});

test('a replay begins as long before the range as the rule remembers, at the start of an hour', () => {
  const hours = (watch: Watch) => (MONDAY - replayStart(watch, MONDAY)) / HOUR_MS;
  const average: Condition = { ...HOT, aggregate: 'avg', window_seconds: 7_200, for_seconds: 1_800 };
  assert.equal(hours(watchOf(HOT)), 1);
  assert.equal(hours(watchOf({ any: [HOT, { all: [average] }] })), 3);
  assert.equal(hours(watchOf(average, { cooldown_seconds: 3_600, keep_firing_seconds: 3_600 })), 5);
  assert.equal(hours(watchOf(HOT, { levels: [{ severity: 'critical', condition: average }] })), 3);
  const counted: Condition = {
    operator: 'occurrences',
    of: { ...HOT, for_seconds: 3_600 },
    count: 2,
    window_seconds: 3_600,
  };
  assert.equal(hours(watchOf(counted)), 2);
  assert.equal(hours(watchOf({ ...HOT, for_seconds: 604_800 }, { cooldown_seconds: 604_800 })), 8 * 24);
  assert.equal(replayStart(watchOf(HOT), MONDAY + 1), MONDAY - HOUR_MS);
});
