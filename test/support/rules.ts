import fc from 'fast-check';
import type { Condition, Leaf, Watch } from '../../src/rules/condition.ts';
import { createEngine } from '../../src/rules/engine.ts';
import type { EngineNow, EngineRows, EngineSample } from '../../src/rules/engine-types.ts';
import type { Report, Transition } from '../../src/rules/transition.ts';

export const FACTORY = 1;
export const DEVICE = 'device';
export const RULE = 'rule';
export const LATENESS_MS = 120_000;

/** The parameters of the tests' device: two numbers, a boolean, a state. */
export const PARAMETERS = ['temperature', 'vibration', 'running', 'mode'] as const;
const KINDS = ['number', 'number', 'boolean', 'state'] as const;

/** A rule's watch with defaults. */
export const watchOf = (condition: Condition, rest: Partial<Watch> = {}): Watch => ({
  severity: 'high',
  condition,
  levels: [],
  cooldown_seconds: 0,
  keep_firing_seconds: 0,
  schedule: null,
  ...rest,
});

/** A sample of the tests' device. */
export interface Point {
  readonly ts: number;
  /** Place in `PARAMETERS`, and series id. */
  readonly series: number;
  readonly value: EngineSample;
}

export const rowsOf = (points: readonly Point[]): EngineRows => ({
  length: points.length,
  seriesIds: points.map(({ series }) => series),
  timestamps: points.map(({ ts }) => ts),
  values: points.map(({ value }) => (typeof value === 'string' ? Number.NaN : Number(value))),
  texts: new Map(points.flatMap(({ value }, row) => (typeof value === 'string' ? [[row, value] as const] : []))),
});

/** What the alarms would know: reports laid over each other. */
export function createRecord() {
  let transitions: Transition[] = [];
  return {
    get transitions(): readonly Transition[] {
      return transitions;
    },
    apply: (reports: readonly Report[]) => {
      for (const { since, until, transitions: said } of reports) {
        const kept = transitions.filter(({ at }) => at <= since || at > until);
        transitions = [...kept, ...said].toSorted((a, b) => a.at - b.at);
      }
    },
  };
}

/** An engine with the tests' device and one rule, at the beginning of all samples. */
export function startEngine(watch: Watch, now: EngineNow, timezone = 'Europe/Berlin', latenessMs = LATENESS_MS) {
  const engine = createEngine({ latenessMs, graceMs: 2_000, returnMs: 0, outages: [] });
  engine.setFactory({ factoryId: FACTORY, timezone });
  return { engine, rule: { factoryId: FACTORY, id: RULE, version: 1, watch, deviceIds: [], tags: [] }, now };
}

export const device = (newest: (series: number) => { ts: number; value: EngineSample } | null = () => null) => ({
  factoryId: FACTORY,
  id: DEVICE,
  tags: [],
  series: PARAMETERS.map((parameter, seriesId) => ({
    seriesId,
    parameter,
    kind: KINDS[seriesId] ?? ('number' as const),
    newest: newest(seriesId),
  })),
});

const seconds = fc.integer({ min: 1, max: 90 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const numeric = fc.constantFrom('temperature', 'vibration');
const limit = fc.integer({ min: -3, max: 3 });
const aggregated = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({
    aggregate: fc.constantFrom('avg', 'min', 'max', 'sum', 'count', 'last'),
    window_seconds: seconds,
  }),
);
const last = fc.oneof(fc.constant({}), fc.record({ aggregate: fc.constant('last' as const), window_seconds: seconds }));
const ORDERS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
const debounced = fc.record({ hysteresis: maybe(fc.integer({ min: 0, max: 2 })), for_seconds: maybe(seconds) });

const simpleLeaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc
    .tuple(fc.record({ parameter: numeric, operator: fc.constantFrom(...ORDERS), value: limit }), aggregated, debounced)
    .map(([a, b, c]) => ({ ...a, ...b, ...c }) as Leaf),
  fc
    .tuple(
      fc.record({ parameter: numeric, operator: fc.constantFrom(...ORDERS), other_parameter: numeric }),
      aggregated,
      debounced,
    )
    .map(([a, b, c]) => ({ ...a, ...b, ...c }) as Leaf),
  fc
    .tuple(
      fc.oneof(
        fc.record({ parameter: fc.constant('running'), operator: fc.constantFrom('eq', 'neq'), value: fc.boolean() }),
        fc.record({
          parameter: fc.constant('mode'),
          operator: fc.constantFrom('eq', 'neq'),
          value: fc.constantFrom('idle', 'run'),
          for_seconds: maybe(seconds),
        }),
      ),
      last,
    )
    .map(([a, b]) => ({ ...a, ...b }) as Leaf),
  fc
    .tuple(fc.record({ parameter: numeric, operator: fc.constantFrom('between', 'outside') }), aggregated, debounced)
    .map(([a, b, c]) => ({ ...a, ...b, ...c, low: -1, high: 1 }) as Leaf),
  fc.record({
    parameter: fc.constantFrom('mode', 'running', 'temperature'),
    operator: fc.constant('changed' as const),
    window_seconds: maybe(seconds),
  }),
  fc
    .tuple(
      fc.record({
        parameter: numeric,
        operator: fc.constant('rate_of_change' as const),
        per: fc.constantFrom('second', 'minute'),
        value: fc.constantFrom(-1, 1, 2),
        window_seconds: seconds,
      }),
      debounced,
    )
    .map(([a, b]) => ({ ...a, ...b }) as Leaf),
  fc.record({
    parameter: fc.constantFrom(...PARAMETERS),
    operator: fc.constant('no_data' as const),
    for_seconds: seconds,
  }),
  fc.record({ parameter: numeric, operator: fc.constant('deviates' as const), sigmas: fc.constantFrom(1, 2) }),
);

/** Leaves of every kind. */
export const anyLeaf: fc.Arbitrary<Leaf> = fc.oneof(
  { weight: 5, arbitrary: simpleLeaf },
  fc.record({
    operator: fc.constant('occurrences' as const),
    of: simpleLeaf,
    count: fc.integer({ min: 1, max: 4 }),
    window_seconds: fc.integer({ min: 5, max: 300 }),
  }) as fc.Arbitrary<Leaf>,
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    anyLeaf,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
  ),
}));

/** Watches of every kind. */
export const anyWatch: fc.Arbitrary<Watch> = fc
  .record({
    condition,
    levels: fc.oneof(
      fc.constant([]),
      fc.array(fc.record({ severity: fc.constant('critical' as const), condition }), { maxLength: 1 }),
    ),
    cooldown_seconds: fc.constantFrom(0, 0, 30),
    keep_firing_seconds: fc.constantFrom(0, 0, 20),
    schedule: fc.constantFrom(null, null, {
      timezone: 'factory',
      windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '10:00', to: '09:59' }],
      from_date: null,
      to_date: null,
    }),
  })
  .map(({ condition: each, ...rest }) => watchOf(each, rest));

const anyValue = (series: number): fc.Arbitrary<EngineSample> =>
  series < 2
    ? fc.oneof(
        limit,
        limit.map((value) => value + 0.1),
      )
    : series === 2
      ? fc.boolean()
      : fc.constantFrom('idle', 'run', 'stop');

/** Messages of a device in the order of their stamps, with gaps between them from milliseconds to hours. */
export const anyMessages = (start: number): fc.Arbitrary<Point[][]> =>
  fc
    .array(
      fc.tuple(
        fc.oneof(
          { weight: 6, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
          { weight: 2, arbitrary: fc.constant(1_000) },
          { weight: 1, arbitrary: fc.integer({ min: 3_000, max: 400_000 }) },
          { weight: 1, arbitrary: fc.constant(3_600_000) },
        ),
        fc
          .uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 })
          .chain((series) =>
            fc.tuple(...series.map((each) => anyValue(each).map((value) => ({ series: each, value })))),
          ),
      ),
      { minLength: 1, maxLength: 60 },
    )
    .map((messages) => {
      let ts = start;
      return messages.map(([gap, samples]) => {
        ts += gap;
        return samples.map((sample) => ({ ts, ...sample }));
      });
    });

/** Watches of aggregates over windows. */
export const windowedWatch: fc.Arbitrary<Watch> = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.record({
        parameter: numeric,
        aggregate: fc.constantFrom('avg', 'min', 'max', 'sum', 'count'),
        window_seconds: fc.constantFrom(1, 5, 20),
        operator: fc.constantFrom('gt', 'lte', 'neq'),
        value: fc.constantFrom(-1, 0, 1, 5, 20),
        hysteresis: maybe(fc.constant(1)),
      }) as fc.Arbitrary<Leaf>,
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([isAll, leaves]) => watchOf(isAll ? { all: leaves } : { any: leaves }));

/** The same messages with at most a minute between them, and so many times as dense: still no two of one instant. */
export function denser(messages: readonly (readonly Point[])[], times: number): Point[][] {
  let [before, ts] = [Number.NaN, Number.NaN];
  return messages.map((points) => {
    const at = points[0]?.ts ?? before;
    ts = Number.isNaN(before) ? at : ts + Math.max(1, Math.floor(Math.min(at - before, 60_000) / times));
    before = at;
    return points.map((point) => ({ ...point, ts }));
  });
}
