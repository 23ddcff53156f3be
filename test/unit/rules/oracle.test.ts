import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  type Condition,
  isGroup,
  membersOf,
  type Schedule,
  type Severity,
  type Watch,
} from '../../../src/rules/condition.ts';
import { foretell, type Happening } from '../../support/rule-oracle.ts';
import {
  anyLeaf,
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

const ZONE = 'Europe/Berlin';
/** Moments from which rules are watched: a plain noon, midnight, and the minutes before the clock is put on and back. */
const STARTS = ['2026-01-05T11:00Z', '2026-01-05T22:57Z', '2026-03-29T00:57Z', '2026-10-25T00:57Z'].map(Date.parse);

const HALF_MS = 500;

/** The same condition, as far as the oracle knows it: windows of aggregates are whole half minutes. */
function plain(condition: Condition): Condition {
  if (isGroup(condition)) {
    const members = membersOf(condition).map(plain);
    return 'all' in condition ? { all: members } : { any: members };
  }
  if (condition.operator === 'occurrences') return { ...condition, of: plain(condition.of) as never };
  if (condition.operator === 'deviates') return { parameter: condition.parameter, operator: 'changed' };
  const isSliding = condition.operator === 'rate_of_change' || 'aggregate' in condition;
  if (!isSliding || !('window_seconds' in condition)) return condition;
  return { ...condition, window_seconds: 30 * Math.ceil((condition.window_seconds ?? 0) / 30) };
}

/** The same messages at whole half seconds, at most 30 s apart, with numbers that are added without rounding. */
function halved(messages: readonly (readonly Point[])[], start: number): Point[] {
  let [before, ts] = [start, start];
  return messages.flatMap((points) => {
    const at = points[0]?.ts ?? before;
    ts += Math.min(Math.ceil((at - before) / HALF_MS) * HALF_MS, 30_000);
    before = at;
    return points.map(({ series, value }) => ({
      series,
      ts,
      value: typeof value === 'number' ? Math.round(value * 8) / 8 : value,
    }));
  });
}

/** What the engine says of it. */
function told(watch: Watch, points: readonly Point[], start: number, until: number): Happening[] {
  const { engine, rule, now } = startEngine(watch, { monotonic: 0, wall: start }, ZONE);
  const record = createRecord();
  engine.setDevice(device(), now);
  engine.setRule(rule, now);
  engine.take(rowsOf([...points, ...[0, 1, 2, 3].map((series) => ({ ts: until + HALF_MS, series, value: 0 }))]), now);
  record.apply(engine.reports());
  return record.transitions.filter(({ at }) => at <= until).map(({ at, severity }) => ({ at, severity }));
}

/** Schedules that begin or end within some minutes of `start`, or a day before or behind. */
function scheduleAround(start: number): fc.Arbitrary<Schedule | null> {
  const local = (minutes: number) =>
    Temporal.Instant.fromEpochMilliseconds(start + minutes * 60_000).toZonedDateTimeISO(ZONE);
  const today = local(0).dayOfWeek;
  const near = fc.oneof(fc.integer({ min: -2, max: 15 }), fc.integer({ min: -90, max: 90 }));
  const clock = (minutes: number) => local(minutes).toPlainTime().toString({ smallestUnit: 'minute' });
  const window = fc.record({
    days: fc.subarray([((today + 5) % 7) + 1, today, (today % 7) + 1], { minLength: 1 }),
    from: near.map(clock),
    to: near.map(clock),
  });
  const day = fc.option(fc.integer({ min: -1, max: 1 }).map((days) => String(local(days * 1_440).toPlainDate())));
  return fc.option(
    fc.record({
      timezone: fc.constantFrom('factory', ZONE),
      windows: fc.array(window, { maxLength: 2 }),
      from_date: day,
      to_date: day,
    }),
  );
}

test('the engine says of any rule what a plain reading of it says', () => {
  const plans = fc.constantFrom(...STARTS).chain((start) =>
    fc.record({
      start: fc.constant(start),
      points: anyMessages(start).map((messages) => halved(messages, start)),
      watch: fc
        .tuple(
          fc.oneof(
            anyWatch,
            anyLeaf.map((leaf) => watchOf(leaf)),
          ),
          fc.constantFrom<Severity>('low', 'critical'),
          scheduleAround(start),
        )
        .map(([{ condition, levels, ...watch }, severity, schedule]) => ({
          ...watch,
          condition: plain(condition),
          levels: levels.map((level) => ({ severity, condition: plain(level.condition) })),
          schedule,
        })),
    }),
  );
  fc.assert(
    fc.property(plans, ({ start, points, watch }) => {
      const until = (points.at(-1)?.ts ?? start) + 120_000;
      const named = points.map(({ series, ...rest }) => ({ ...rest, parameter: PARAMETERS[series] ?? '' }));
      assert.deepEqual(told(watch, points, start, until), foretell(watch, named, ZONE, start, until));
    }),
    { numRuns: 400 * Number(process.env.MORE ?? 1) },
  );
});
