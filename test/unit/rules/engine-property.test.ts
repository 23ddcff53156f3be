import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import type { Watch } from '../../../src/rules/condition.ts';
import type { SavedRule } from '../../../src/rules/engine-types.ts';
import type { Transition } from '../../../src/rules/transition.ts';
import {
  anyMessages,
  anyWatch,
  createRecord,
  DEVICE,
  device,
  LATENESS_MS,
  type Point,
  RULE,
  rowsOf,
  startEngine,
} from '../../support/rules.ts';

/** A Monday, 12:00 in Berlin. */
const START = Date.UTC(2026, 0, 5, 11);
const NOW = { monotonic: 0, wall: START };

/** Ends every timer that can be under way, so that two histories are compared in the same span. */
const end = (messages: readonly (readonly Point[])[]): Point[] => [
  { ts: (messages.at(-1)?.[0]?.ts ?? START) + 8 * 86_400_000, series: 0, value: 0 },
  { ts: (messages.at(-1)?.[0]?.ts ?? START) + 8 * 86_400_000, series: 1, value: 0 },
  { ts: (messages.at(-1)?.[0]?.ts ?? START) + 8 * 86_400_000, series: 2, value: false },
  { ts: (messages.at(-1)?.[0]?.ts ?? START) + 8 * 86_400_000, series: 3, value: 'end' },
];

/** What becomes of batches, with what else happens between them. */
function run(
  watch: Watch,
  batches: readonly (readonly Point[])[],
  between: (engine: ReturnType<typeof startEngine>['engine'], batch: number) => void = () => {},
): readonly Transition[] {
  const { engine, rule } = startEngine(watch, NOW);
  const record = createRecord();
  engine.setDevice(device(), NOW);
  engine.setRule(rule, NOW);
  batches.forEach((batch, i) => {
    engine.take(rowsOf(batch), NOW);
    record.apply(engine.reports());
    between(engine, i);
    record.apply(engine.reports());
  });
  return record.transitions;
}

/** Cuts messages into batches at random places. */
const splits = (count: number) => fc.array(fc.boolean(), { minLength: count, maxLength: count });

const joined = (messages: readonly (readonly Point[])[], cuts: readonly boolean[]): Point[][] => {
  const batches: Point[][] = [[]];
  messages.forEach((message, i) => {
    batches.at(-1)?.push(...message);
    if (cuts[i]) batches.push([]);
  });
  return batches.filter((batch) => batch.length > 0);
};

const cases = (size: number) => ({ numRuns: size * Number(process.env.MORE ?? 1) });

test('any split of the same messages into batches gives the same transitions', () => {
  const plans = anyMessages(START).chain((messages) =>
    fc.record({ messages: fc.constant(messages), cuts: splits(messages.length), watch: anyWatch }),
  );
  fc.assert(
    fc.property(plans, ({ messages, cuts, watch }) => {
      const all = [...messages, end(messages)];
      assert.deepEqual(run(watch, joined(all, cuts)), run(watch, all));
    }),
    cases(400),
  );
});

test('a message that comes in several parts leads to the same history', () => {
  fc.assert(
    fc.property(anyMessages(START), anyWatch, (messages, watch) => {
      const all = [...messages, end(messages)];
      const parts = all.flatMap((message) => message.map((point) => [point]));
      assert.deepEqual(run(watch, parts), run(watch, all));
    }),
    cases(300),
  );
});

test('samples that come late, within the allowance, lead to the history of their order', () => {
  const plans = anyMessages(START).chain((messages) =>
    fc.record({
      messages: fc.constant(messages),
      // How much later than its stamp each message comes.
      delays: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: LATENESS_MS - 1 })), {
        minLength: messages.length,
        maxLength: messages.length,
      }),
      watch: anyWatch,
    }),
  );
  fc.assert(
    fc.property(plans, ({ messages, delays, watch }) => {
      const late = messages
        .map((message, i) => ({ message, arrival: (message[0]?.ts ?? 0) + (delays[i] ?? 0) }))
        .toSorted((a, b) => a.arrival - b.arrival)
        .map(({ message }) => message);
      const first = { ...(messages[0]?.[0] as Point), ts: START - LATENESS_MS };
      assert.deepEqual(
        run(watch, [[first], ...late, end(messages)]),
        run(watch, [[first], ...messages, end(messages)]),
      );
    }),
    cases(400),
  );
});

test('time that passes without samples changes nothing in the end', () => {
  const plans = anyMessages(START).chain((messages) =>
    fc.record({
      messages: fc.constant(messages),
      waits: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600_000 })), {
        minLength: messages.length + 1,
        maxLength: messages.length + 1,
      }),
      watch: anyWatch,
    }),
  );
  fc.assert(
    fc.property(plans, ({ messages, waits, watch }) => {
      const all = [...messages, end(messages)];
      const impatient = run(watch, all, (engine, i) => engine.passTime({ monotonic: waits[i] ?? 0, wall: null }));
      // What the last wait has foretold is not decided yet.
      const last = all.at(-1)?.[0]?.ts ?? 0;
      assert.deepEqual(
        impatient.filter(({ at }) => at <= last),
        run(watch, all),
      );
    }),
    cases(400),
  );
});

test('a snapshot and a restart at any point change nothing', () => {
  const plans = anyMessages(START).chain((messages) =>
    fc.record({
      messages: fc.constant(messages),
      snapshotAt: fc.nat({ max: messages.length - 1 }),
      crashAfter: fc.nat({ max: 5 }),
      late: fc.array(fc.boolean(), { minLength: messages.length, maxLength: messages.length }),
      watch: anyWatch,
    }),
  );
  fc.assert(
    fc.property(plans, ({ messages, snapshotAt, crashAfter, late, watch }) => {
      // Some messages come behind the next one.
      const order = [...messages, end(messages)];
      late.forEach((isLate, i) => {
        const [a, b] = [order[i], order[i + 1]];
        if (isLate && a !== undefined && b !== undefined && (b[0]?.ts ?? 0) - (a[0]?.ts ?? 0) < 60_000) {
          order[i] = b;
          order[i + 1] = a;
        }
      });
      const uninterrupted = run(watch, order);

      const { engine, rule } = startEngine(watch, NOW);
      const record = createRecord();
      engine.setDevice(device(), NOW);
      engine.setRule(rule, NOW);
      const crashAt = Math.min(snapshotAt + crashAfter, order.length - 1);
      let saved: SavedRule | undefined;
      order.slice(0, crashAt + 1).forEach((batch, i) => {
        engine.take(rowsOf(batch), NOW);
        record.apply(engine.reports());
        if (i === snapshotAt) saved = deserialize(serialize(engine.save(RULE)));
      });

      const { engine: second } = startEngine(watch, NOW);
      second.setKnown([{ ruleId: RULE, deviceId: DEVICE, transitions: record.transitions }]);
      const before = order.slice(0, snapshotAt + 1).flat();
      const newest = (series: number) =>
        before
          .filter((point) => point.series === series)
          .toSorted((a, b) => a.ts - b.ts)
          .at(-1) ?? null;
      second.setDevice(device(newest), NOW);
      second.setRule(rule, NOW, saved);
      second.remember(rowsOf(before), Number.NEGATIVE_INFINITY);
      for (const batch of order.slice(snapshotAt + 1)) {
        second.take(rowsOf(batch), NOW);
        record.apply(second.reports());
      }
      assert.deepEqual(record.transitions, uninterrupted);
    }),
    cases(400),
  );
});
