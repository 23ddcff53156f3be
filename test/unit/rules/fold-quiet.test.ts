import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Condition, Leaf, Severity, Watch } from '../../../src/rules/condition.ts';
import { type Change, compile } from '../../../src/rules/fold.ts';
import { SLOT } from '../../../src/rules/state.ts';
import { anyMessages, anyWatch, denser, PARAMETERS, type Point, watchOf, windowedWatch } from '../../support/rules.ts';

const MONDAY = Date.UTC(2027, 0, 11);
const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
const ENVIRONMENT = { timezone: 'Europe/Berlin', outages: [[MONDAY + MINUTE_MS, MONDAY + 2 * MINUTE_MS]] } as const;

/** The same rule with leaves that never hold, and have to be asked at each sample: so all others are asked too. */
function asked(watch: Watch): Watch {
  const { parameters } = compile(watch, ENVIRONMENT);
  const never = parameters.map((parameter) => ({ parameter, operator: 'gt', other_parameter: 'nobody' }) as const);
  const withNever = (condition: Condition): Condition => ({ any: [condition, ...never] });
  const levels = watch.levels.map((level) => ({ ...level, condition: withNever(level.condition) }));
  return { ...watch, condition: withNever(watch.condition), levels };
}

/** Now and then a number is a text, as when the kind of a parameter is reset. */
const mixed = ({ series, value }: Point) => (series === 0 && value === -3 ? 'idle' : value);

/**
 * What a rule says of messages, each of one instant. It knows the first sample of each parameter at its beginning
 * already, and looks at that with the first one that comes, or at a time that it was given.
 *
 * @param before - of an alarm that goes on from before
 */
function told(
  watch: Watch,
  messages: readonly (readonly Point[])[],
  sleepsFor: number,
  before: Severity | null,
): Change[] {
  const fold = compile(watch, ENVIRONMENT);
  const state = fold.start(MONDAY, before);
  state.numbers[SLOT.wake] = MONDAY + sleepsFor;
  const named = messages.map((points) =>
    points.map((point) => ({
      ts: point.ts,
      sample: { parameter: PARAMETERS[point.series] as string, value: mixed(point) },
    })),
  );
  for (const { sample } of named.flat().toReversed()) fold.know(state, sample, MONDAY - MINUTE_MS);
  const changes: Change[] = [];
  for (const points of named) {
    const samples = points.map(({ sample }) => sample).filter(({ parameter }) => fold.parameters.includes(parameter));
    const ts = points[0]?.ts;
    if (ts !== undefined && samples.length > 0) fold.apply(state, ts, samples, changes);
  }
  fold.advance(state, (messages.at(-1)?.[0]?.ts ?? MONDAY) + 5 * MINUTE_MS, changes);
  return changes;
}

test('that leaves are not asked about samples that change nothing makes no difference', () => {
  let count = 0;
  const times = fc.constantFrom(1, 10, 100);
  const sleeps = fc.constantFrom(0, 5_000, 2 * MINUTE_MS);
  fc.assert(
    fc.property(
      fc.oneof(anyWatch, windowedWatch),
      anyMessages(MONDAY),
      times,
      sleeps,
      fc.constantFrom(null, 'high' as const),
      (watch, sparse, density, sleepsFor, before) => {
        const messages = denser(sparse, density);
        const changes = told(watch, messages, sleepsFor, before);
        assert.deepEqual(changes, told(asked(watch), messages, sleepsFor, before));
        count += changes.length;
      },
    ),
    { numRuns: 1_500 },
  );
  assert.ok(count > 1_500, `only ${count} changes: the rules never fire`);
});

test('what looks at hours is asked at every sample, also of another parameter', () => {
  const tick = { parameter: 'tick', operator: 'gt', value: 100 } as const;
  const severities = (leaf: Leaf, from: number, stepMs: number) => {
    const watch = watchOf({ any: [leaf, tick] });
    const fold = compile(watch, { timezone: 'UTC', outages: [] });
    const state = fold.start(from);
    for (let day = 28; day > 0; day--) {
      for (const hour of [0, 1]) {
        const start = MONDAY - day * DAY_MS + hour * HOUR_MS;
        const usually = hour * 50;
        fold.knowHour(state, 'x', { start, avg: usually, min: usually - 1, max: usually + 1, count: 60 });
      }
    }
    const changes: Change[] = [];
    fold.apply(state, from, [{ parameter: 'x', value: 50 }], changes);
    for (let step = 1; step < 10; step++) {
      fold.apply(state, from + step * stepMs, [{ parameter: 'tick', value: step }], changes);
    }
    return changes.map(({ at, severity }) => [(at - from) / stepMs, severity > 0]);
  };
  const unusual: Leaf = { parameter: 'x', operator: 'deviates', sigmas: 3 };
  assert.deepEqual(severities(unusual, MONDAY + HOUR_MS / 2, HOUR_MS / 6), [
    [0, true],
    [3, false],
  ]);
});
