import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Leaf, Watch } from '../../../src/rules/condition.ts';
import { type Change, compile, type Sample, severityOf } from '../../../src/rules/fold.ts';
import { watchOf } from '../../support/rules.ts';

type Values = Readonly<Record<string, Sample['value']>>;

/** Second by second: what came; undefined is silence. Says `s severity value` for each change, seconds from the start. */
function told(
  condition: Condition,
  course: readonly (readonly [second: number, values: Values])[],
  rest: Partial<Watch> & { readonly until?: number; readonly outages?: readonly (readonly [number, number])[] } = {},
): string[] {
  const { until = 0, outages = [], ...watch } = rest;
  const fold = compile(watchOf(condition, watch), {
    timezone: 'UTC',
    outages: outages.map(([from, to]) => [from * 1_000, to * 1_000]),
  });
  const state = fold.start(0);
  const changes: Change[] = [];
  for (const [second, values] of course) {
    const samples = Object.entries(values).map(([parameter, value]) => ({ parameter, value }));
    fold.apply(state, second * 1_000, samples, changes);
  }
  fold.advance(state, until * 1_000, changes);
  return changes.map(({ at, severity, value }) => `${at / 1_000} ${severityOf(severity) ?? 'cleared'} ${value}`);
}

/** Values of `t` at 1, 2, 3, … s. */
const series = (...values: readonly Sample['value'][]) => values.map((value, i) => [i + 1, { t: value }] as const);

const t = (rest: Record<string, unknown>): Leaf => ({ parameter: 't', ...rest }) as Leaf;

test('each comparison holds at its side of the limit', () => {
  const course = series(1, 2, 3);
  const holds = (operator: string) => told(t({ operator, value: 2 }), course);
  assert.deepEqual(holds('gt'), ['3 high 3']);
  assert.deepEqual(holds('gte'), ['2 high 2']);
  assert.deepEqual(holds('lt'), ['1 high 1', '2 cleared 2']);
  assert.deepEqual(holds('lte'), ['1 high 1', '3 cleared 3']);
  assert.deepEqual(holds('eq'), ['2 high 2', '3 cleared 3']);
  assert.deepEqual(holds('neq'), ['1 high 1', '2 cleared 2', '3 high 3']);
});

test('a deadband keeps an alarm until the value is back behind it', () => {
  const leaf = t({ operator: 'gt', value: 80, hysteresis: 3 });
  assert.deepEqual(told(leaf, series(81, 79, 78, 77.5, 77, 79, 80, 81)), ['1 high 81', '5 cleared 77', '8 high 81']);
});

test('a delay counts from the moment at which the condition began to hold, and begins anew', () => {
  const leaf = t({ operator: 'gt', value: 80, for_seconds: 3 });
  assert.deepEqual(told(leaf, series(81, 82, 70, 81, 82, 83, 84, 85)), ['7 high 84']);
});

test('a delay ends between two samples, at its own time', () => {
  const leaf = t({ operator: 'gt', value: 80, for_seconds: 30 });
  assert.deepEqual(
    told(leaf, [
      [10, { t: 81 }],
      [100, { t: 70 }],
    ]),
    ['40 high 81', '100 cleared 70'],
  );
  assert.deepEqual(
    told(leaf, [
      [10, { t: 81 }],
      [40, { t: 70 }],
    ]),
    [],
  );
});

test('a delay that is no whole number of seconds ends at its millisecond', () => {
  const raised = (seconds: number) =>
    told(t({ operator: 'gt', value: 80, for_seconds: seconds }), series(81, 81), { until: 200 });
  assert.deepEqual(raised(16.1), ['17.1 high 81']);
  assert.deepEqual(raised(1.0004), ['2 high 81']);
});

test('texts and booleans are compared by what they are', () => {
  const idle = t({ operator: 'eq', value: 'idle' });
  assert.deepEqual(told(idle, series('run', 'idle', 'stop')), ['2 high idle', '3 cleared stop']);
  assert.deepEqual(told(t({ operator: 'neq', value: 'run' }), series('run', 'idle')), ['2 high idle']);
  assert.deepEqual(told(t({ operator: 'eq', value: true }), series(false, true)), ['2 high 1']);
  // A parameter whose kind has changed has no number any more, and none that is over a limit.
  assert.deepEqual(told(t({ operator: 'gt', value: 1 }), series(2, 'broken', 2)), [
    '1 high 2',
    '2 cleared broken',
    '3 high 2',
  ]);
});

test('the last text of a window is known while it is in there, and compared with another one', () => {
  const last = { aggregate: 'last', window_seconds: 10 };
  const course = [[5, { t: 'idle', other: 'idle' }]] as const;
  for (const limit of [{ value: 'idle' }, { other_parameter: 'other' }]) {
    assert.deepEqual(told(t({ operator: 'eq', ...last, ...limit }), course, { until: 60 }), [
      '5 high idle',
      '15 cleared null',
    ]);
  }
});

test('of two texts none is more than the other', () => {
  const course = [
    [1, { t: 'a', other: 'b' }],
    [2, { t: 'b', other: 'a' }],
  ] as const;
  for (const operator of ['gt', 'gte', 'lt', 'lte']) {
    assert.deepEqual(told(t({ operator, other_parameter: 'other' }), course), [], operator);
  }
  assert.deepEqual(told(t({ operator: 'neq', other_parameter: 'other' }), course), ['1 high a']);
});

test('texts are counted like numbers', () => {
  const leaf = t({ operator: 'lt', value: 1, aggregate: 'count', window_seconds: 60 });
  const course = Array.from({ length: 90 }, (_, i) => [i + 1, { t: 'idle' }] as const);
  assert.deepEqual(told(leaf, course, { until: 200 }), ['150 high 0']);
});

test('a parameter is compared with another of the same device', () => {
  const leaf = t({ operator: 'gt', other_parameter: 'limit' });
  const course = [
    [1, { t: 5 }],
    [2, { limit: 6 }],
    [3, { limit: 4 }],
    [4, { t: 3 }],
  ] as const;
  assert.deepEqual(told(leaf, course), ['3 high 5', '4 cleared 3']);
});

test('what has been calculated is the limit when it differs by no more than rounding', () => {
  const constant = series(...Array.from({ length: 300 }, () => 20.1));
  for (const operator of ['gt', 'lt', 'neq']) {
    assert.deepEqual(told(t({ operator, value: 20.1, aggregate: 'avg', window_seconds: 100 }), constant), [], operator);
  }
  assert.deepEqual(
    told(t({ operator: 'gte', value: 20.1, aggregate: 'avg', window_seconds: 100 }), constant).length,
    1,
  );
  const behind = (operator: string, value: number, hysteresis: number, course: readonly number[]) =>
    told(t({ operator, value, hysteresis }), series(...course)).length;
  assert.equal(behind('gt', 30.2, 0.1, [31, 30.1]), 2, '30.2 - 0.1 is 30.099999999999998');
  assert.equal(behind('gte', 30.1, 0.2, [31, 29.9]), 1, '30.1 - 0.2 is 29.900000000000002');
  assert.equal(behind('lt', 0.7, 0.1, [0, 0.8]), 2);
  assert.equal(behind('lte', 0.7, 0.1, [0, 0.8]), 1);
  const range = { low: 0.3, high: 30.2, hysteresis: 0.1 };
  assert.equal(told(t({ operator: 'outside', ...range }), series(31, 30.1)).length, 2);
  assert.equal(told(t({ operator: 'between', ...range }), series(1, 0.2)).length, 1);
  // What has come is what it is.
  assert.equal(told(t({ operator: 'neq', value: 9_007_199_254_740_991 }), series(9_007_199_254_740_990)).length, 1);
});

test('a range holds inside or outside, with its deadband on both sides', () => {
  const inside = t({ operator: 'between', low: 10, high: 20, hysteresis: 1 });
  assert.deepEqual(told(inside, series(9, 10, 20.5, 21.5, 20.5)), ['2 high 10', '4 cleared 21.5']);
  const outside = t({ operator: 'outside', low: 10, high: 20, hysteresis: 1 });
  assert.deepEqual(told(outside, series(15, 21, 19.5, 18, 10.5, 9.5, 10.5, 11.5)), [
    '2 high 21',
    '4 cleared 18',
    '6 high 9.5',
    '8 cleared 11.5',
  ]);
});

test('groups are nested, and every member keeps its own memory', () => {
  const condition: Condition = {
    all: [
      t({ operator: 'gt', value: 80 }),
      { any: [{ parameter: 'run', operator: 'eq', value: true }, t({ operator: 'gt', value: 95 })] },
    ],
  };
  const course = [
    [1, { t: 81, run: false }],
    [2, { run: true }],
    [3, { run: false }],
    [4, { t: 96 }],
  ] as const;
  assert.deepEqual(told(condition, course), ['2 high 81', '3 cleared 0', '4 high 96']);
});

test('an alarm is told by what is measured, not by the state beside it, and by a group that holds', () => {
  const running: Condition = { parameter: 'run', operator: 'eq', value: true };
  const course = [
    [1, { t: 70, run: true }],
    [2, { t: 81 }],
    [3, { run: false }],
  ] as const;
  const hot = t({ operator: 'gt', value: 80 });
  assert.deepEqual(told({ all: [running, hot] }, course), ['2 high 81', '3 cleared 0']);
  const veryHot = t({ operator: 'gt', value: 95 });
  const tilted: Condition = { parameter: 'tilt', operator: 'gt', value: 5 };
  const either: Condition = { any: [{ all: [hot, veryHot] }, { all: [running, tilted] }] };
  assert.deepEqual(told(either, [...course.slice(0, 2), [3, { tilt: 9 }], [4, { tilt: 4, t: 82 }]]), [
    '3 high 9',
    '4 cleared 82',
  ]);
});

test('an aggregate looks over its window once that has passed, and forgets what has left it', () => {
  const aggregate = (name: string, value: number, operator = 'gt') =>
    told(t({ operator, value, aggregate: name, window_seconds: 60 }), course, { until: 400 });
  const course = [
    [10, { t: 10 }],
    [30, { t: 20 }],
    [50, { t: 60 }],
    [65, { t: 30 }],
    [200, { t: 1 }],
  ] as const;
  // At 60 s: (10 + 20 + 60) / 3; at 70 s the first has left.
  assert.deepEqual(aggregate('avg', 29), ['60 high 30', '125 cleared null']);
  assert.deepEqual(aggregate('max', 59), ['60 high 60', '110 cleared 30']);
  assert.deepEqual(aggregate('min', 15), ['70 high 20', '125 cleared null']);
  assert.deepEqual(aggregate('sum', 100), ['65 high 120', '90 cleared 90']);
  assert.deepEqual(aggregate('count', 1, 'lt'), ['125 high 0', '200 cleared 1', '260 high 0']);
  assert.deepEqual(aggregate('last', 50), ['50 high 60', '65 cleared 30']);
});

test('a window never reaches further back than was asked for', () => {
  const everySecond = series(...Array.from({ length: 300 }, () => 1));
  for (const seconds of [1, 2, 5, 7, 10, 20, 100]) {
    const leaf = t({ operator: 'gt', value: seconds, aggregate: 'count', window_seconds: seconds });
    assert.deepEqual(told(leaf, everySecond), [], `${seconds} s`);
  }
});

test('a rate that is just as fast as was asked for is reached, in each unit', () => {
  for (const [per, seconds] of [
    ['second', 1],
    ['minute', 60],
    ['hour', 3_600],
  ] as const) {
    for (const value of [1, 2, 3, 5, 7, -1, -7]) {
      const leaf = t({ operator: 'rate_of_change', per, value, window_seconds: 2 * seconds });
      const course = [0, 1].map((i) => [i * seconds, { t: i * value }] as const);
      assert.deepEqual(told(leaf, course), [`${seconds} high ${value}`]);
    }
  }
});

test('a rate is the change over its window, in the unit that was asked for', () => {
  const leaf = t({ operator: 'rate_of_change', per: 'minute', value: 60, window_seconds: 10 });
  const rising = Array.from({ length: 30 }, (_, i) => [i + 1, { t: i < 15 ? 0 : (i - 14) * 2 }] as const);
  // At 20 s the oldest that is in the window is that of 11 s.
  assert.deepEqual(told(leaf, rising), [`20 high ${(10 / 9) * 60}`]);
  const falling = t({ operator: 'rate_of_change', per: 'second', value: -1, window_seconds: 4 });
  assert.deepEqual(told(falling, series(10, 10, 10, 10, 8, 6, 4)).length, 1);
  // Two samples close together say nothing.
  assert.deepEqual(
    told(t({ operator: 'rate_of_change', per: 'second', value: 1, window_seconds: 10 }), series(0, 100)),
    [],
  );
});

test('silence is noticed at its time, from the beginning where there never was a sample', () => {
  const leaf = t({ operator: 'no_data', for_seconds: 60 });
  assert.deepEqual(told(leaf, [], { until: 61 }), ['60 high null']);
  assert.deepEqual(
    told(
      leaf,
      [
        [30, { t: 1 }],
        [100, { t: 2 }],
      ],
      { until: 150 },
    ),
    ['90 high 1', '100 cleared 2'],
  );
  // What it was last is told, also of a state.
  assert.deepEqual(told(leaf, [[30, { t: 'idle' }]], { until: 150 }), ['90 high idle']);
});

test('silence while the appliance itself was off is nobody else’s', () => {
  const leaf = t({ operator: 'no_data', for_seconds: 60 });
  const outages = [[40, 1_000]] as const;
  assert.deepEqual(
    told(
      leaf,
      [
        [30, { t: 1 }],
        [1_010, { t: 2 }],
      ],
      { outages },
    ),
    [],
  );
  assert.deepEqual(told(leaf, [[30, { t: 1 }]], { outages, until: 2_000 }), ['1060 high 1']);
});

test('a silence that has been told of ends with a sample, not with an outage of the appliance', () => {
  const leaf = {
    any: [t({ operator: 'no_data', for_seconds: 20 }), { parameter: 'tick', operator: 'gt', value: 100 }],
  };
  const course = [
    [1, { t: 1 }],
    [50, { tick: 1 }],
    [80, { tick: 2 }],
    [90, { t: 2 }],
  ] as const;
  assert.deepEqual(told(leaf as Condition, course, { outages: [[45, 75]] }), ['21 high 1', '90 cleared 2']);
});

test('a change holds at its instant, or for its window', () => {
  assert.deepEqual(told(t({ operator: 'changed' }), series('a', 'a', 'b', 'b')), ['3 high b', '3.001 cleared b']);
  assert.deepEqual(told(t({ operator: 'changed', window_seconds: 10 }), [...series('a', 'b', 'b'), [20, { t: 'b' }]]), [
    '2 high b',
    '12 cleared b',
  ]);
});

test('occurrences are counted by their beginnings within the window', () => {
  const leaf: Leaf = {
    operator: 'occurrences',
    of: t({ operator: 'gt', value: 5 }) as never,
    count: 3,
    window_seconds: 10,
  };
  assert.deepEqual(told(leaf, series(6, 6, 0, 6, 0, 6, 0)), ['6 high 3']);
  assert.deepEqual(told(leaf, series(6, 6, 0, 6, 0, 6, 0), { until: 30 }), ['6 high 3', '11 cleared 2']);
});

test('what strays further than usual is noticed, whatever the hour usually is', () => {
  const hour = 3_600;
  // By day around 100, by night around 10; each with noise of about 1.
  const usual = (second: number) =>
    ((second / hour) % 24 >= 12 ? 10 : 100) + Math.sin(second * 7) + Math.sin(second * 3);
  const course = Array.from({ length: 12 * 24 * 60 }, (_, i) => [i * 60, { t: usual(i * 60) }] as const);
  const leaf = t({ operator: 'deviates', sigmas: 5 });
  const early = told(leaf, course.slice(0, 60 * 24 * 3));
  const later = told(leaf, course).filter((line) => Number(line.split(' ')[0]) > 4 * 24 * hour);
  assert.deepEqual(later, []);
  assert.ok(early.length < 40, 'a few alarms while it learns');
  const end = 12 * 24 * hour;
  const strange = [...course, [end, { t: 10 }], [end + 60, { t: usual(end + 60) }]] as const;
  assert.deepEqual(
    told(leaf, strange)
      .slice(-2)
      .map((line) => line.split(' ')[1]),
    ['high', 'cleared'],
  );
});

test('a series that never changes strays from nothing, whatever its sums are rounded to', () => {
  const course = Array.from({ length: 5 * 3_600 }, (_, i) => [i, { t: 0.1 }] as const);
  assert.deepEqual(told(t({ operator: 'deviates', sigmas: 4 }), course), []);
  assert.deepEqual(told(t({ operator: 'deviates', sigmas: 4, aggregate: 'avg', window_seconds: 60 }), course), []);
  assert.deepEqual(told(t({ operator: 'deviates', sigmas: 4 }), [...course, [18_000, { t: 0.2 }]]), ['18000 high 0.2']);
});

test('several severities are one alarm, and the most severe that holds is its own', () => {
  const levels = [
    { severity: 'critical' as const, condition: t({ operator: 'gt', value: 90 }) },
    { severity: 'low' as const, condition: t({ operator: 'gt', value: 60 }) },
  ];
  assert.deepEqual(told(t({ operator: 'gt', value: 70 }), series(65, 75, 95, 80, 65, 50), { levels }), [
    '1 low 65',
    '2 high 75',
    '3 critical 95',
    '4 high 80',
    '5 low 65',
    '6 cleared 50',
  ]);
});

test('after an alarm has cleared the next waits for the cooldown, and comes at its end if it holds then', () => {
  const leaf = t({ operator: 'gt', value: 80 });
  assert.deepEqual(told(leaf, series(81, 70, 81, 70, 81, 81), { cooldown_seconds: 10, until: 30 }), [
    '1 high 81',
    '2 cleared 70',
    '12 high 81',
  ]);
  assert.deepEqual(told(leaf, series(81, 70, 81, 70), { cooldown_seconds: 10, until: 30 }), [
    '1 high 81',
    '2 cleared 70',
  ]);
});

test('an alarm is kept for a while, and goes on when the condition comes back', () => {
  const leaf = t({ operator: 'gt', value: 80 });
  assert.deepEqual(told(leaf, series(81, 70, 81, 70, 70), { keep_firing_seconds: 5, until: 30 }), [
    '1 high 81',
    '9 cleared 70',
  ]);
});

test('flapping at 10 Hz around the limit raises exactly what deadband, delay and cooldown let through', () => {
  const flapping = Array.from({ length: 600 }, (_, i) => [1 + i / 10, { t: i % 2 === 0 ? 81 : 79 }] as const);
  const gt = (rest: Record<string, unknown>) => t({ operator: 'gt', value: 80, ...rest });
  assert.equal(told(gt({}), flapping).length, 600, 'every one without them');
  assert.deepEqual(told(gt({ hysteresis: 2 }), flapping), ['1 high 81']);
  assert.deepEqual(told(gt({ for_seconds: 1 }), flapping), []);
  assert.deepEqual(told(gt({ hysteresis: 2, for_seconds: 1 }), flapping), ['2 high 81']);
  const cooled = told(gt({}), flapping, { cooldown_seconds: 10 });
  assert.deepEqual(
    cooled.filter((line) => line.includes('high')).map((line) => Math.floor(Number(line.split(' ')[0]))),
    [1, 11, 21, 31, 41, 52],
  );
});

test('outside of its schedule a rule raises nothing and ends what it has raised', () => {
  const schedule = {
    timezone: 'UTC',
    // The epoch was a Thursday.
    windows: [{ days: [4], from: '00:10', to: '00:20' }],
    from_date: null,
    to_date: null,
  };
  const leaf = t({ operator: 'gt', value: 80, for_seconds: 60 });
  assert.deepEqual(told(leaf, [[60, { t: 81 }]], { schedule, until: 7_200 }), ['600 high 81', '1200 cleared 81']);
});

test('an alarm that goes on from before keeps its deadband and needs no second delay', () => {
  const fold = compile(watchOf(t({ operator: 'gt', value: 80, hysteresis: 3, for_seconds: 60 })), {
    timezone: 'UTC',
    outages: [],
  });
  const state = fold.start(0, 'high');
  fold.know(state, { parameter: 't', value: 79 }, 0);
  const changes: Change[] = [];
  fold.apply(state, 1_000, [{ parameter: 't', value: 78 }], changes);
  assert.deepEqual(changes, []);
  fold.apply(state, 2_000, [{ parameter: 't', value: 76 }], changes);
  assert.deepEqual(
    changes.map(({ severity }) => severity),
    [0],
  );
});

/** An alarm that goes on from before, with what was known of parameters then. */
function goingOn(
  condition: Condition,
  known: Values,
  course: readonly (readonly [number, Values])[],
  rest: Partial<Watch> = {},
) {
  const fold = compile(watchOf(condition, rest), { timezone: 'UTC', outages: [] });
  const state = fold.start(1_000, 'high');
  for (const [parameter, value] of Object.entries(known)) fold.know(state, { parameter, value }, 0);
  const changes: Change[] = [];
  for (const [second, values] of course) {
    const samples = Object.entries(values).map(([parameter, value]) => ({ parameter, value }));
    fold.apply(state, second * 1_000, samples, changes);
  }
  return changes.map(({ at, severity }) => `${at / 1_000} ${severityOf(severity) ?? 'cleared'}`);
}

test('an alarm that goes on from before is not cleared by what cannot be told yet', () => {
  const course = [
    [30, { t: 90 }],
    [59, { t: 90 }],
    [62, { t: 90 }],
    [100, { t: 10 }],
    [160, { t: 10 }],
  ] as const;
  const average = t({ operator: 'gt', value: 80, aggregate: 'avg', window_seconds: 60 });
  assert.deepEqual(goingOn(average, { t: 90 }, course), ['100 cleared']);
  // Until the window is filled nobody can tell; then it is not so.
  assert.deepEqual(
    goingOn(average, { t: 90 }, [
      [30, { t: 10 }],
      [70, { t: 10 }],
    ]),
    ['61 cleared'],
  );
  const rate = t({ operator: 'rate_of_change', per: 'minute', value: 5, window_seconds: 60 });
  assert.deepEqual(
    goingOn(rate, { t: 0 }, [
      [25, { t: 10 }],
      [58, { t: 70 }],
      [62, { t: 80 }],
    ]),
    [],
  );
  const unusual = t({ operator: 'deviates', sigmas: 4 });
  assert.deepEqual(goingOn(unusual, { t: 0 }, [[30, { t: 10 }]]), []);
  const silent = {
    any: [t({ operator: 'no_data', for_seconds: 20 }), { parameter: 'tick', operator: 'gt', value: 100 }],
  };
  const silence = [
    [5, { tick: 1 }],
    [60, { tick: 1 }],
    [70, { t: 1 }],
  ] as const;
  assert.deepEqual(goingOn(silent as Condition, {}, silence), ['70 cleared']);
  // Of what has come since it can be told at once that it is not silent.
  assert.deepEqual(goingOn(silent as Condition, { t: 0 }, silence), ['1 cleared', '20 high', '70 cleared']);
});

test('an alarm that goes on from before stands as long as what happened then may be within its window', () => {
  const tick = { parameter: 'tick', operator: 'gt', value: 100 } as const;
  const ticks = Array.from({ length: 15 }, (_, i) => [5 * (i + 1), { tick: 1 }] as const);
  const changed = t({ operator: 'changed', window_seconds: 30 }) as Leaf;
  const often = { operator: 'occurrences', of: t({ operator: 'gt', value: 80 }), count: 2, window_seconds: 30 } as Leaf;
  for (const leaf of [changed, often]) {
    assert.deepEqual(goingOn({ any: [leaf, tick] }, { t: 10 }, ticks), ['31 cleared'], leaf.operator);
    const again = [
      [10, { t: 90 }],
      [15, { t: 10 }],
      [20, { t: 90 }],
      [25, { t: 10 }],
    ] as const;
    const course = [...again, ...ticks.filter(([second]) => second > 25)];
    const until = leaf === changed ? 55 : 40;
    assert.deepEqual(goingOn({ any: [leaf, tick] }, { t: 10 }, course), [`${until} cleared`], leaf.operator);
  }
});

test('of a state that was stored before, occurrences since its beginning count on', () => {
  const often = { operator: 'occurrences', of: t({ operator: 'gt', value: 80 }), count: 2, window_seconds: 30 } as Leaf;
  const fold = compile(watchOf(often), { timezone: 'UTC', outages: [] });
  const state = fold.start(1_000, 'high');
  const changes: Change[] = [];
  for (const [second, value] of [10, 90, 10, 90, 10].entries()) {
    fold.apply(state, 40_000 + second * 1_000, [{ parameter: 't', value }], changes);
  }
  const [level] = fold.levels;
  assert.ok(level?.root.kind === 'leaf');
  // Once it had said so of an alarm that goes on for good.
  state.numbers[level.root.leaf.slots.since] = Number.NEGATIVE_INFINITY;
  fold.apply(state, 50_000, [{ parameter: 't', value: 10 }], changes);
  fold.advance(state, 200_000, changes);
  assert.deepEqual(
    changes.map(({ at, severity }) => [at / 1_000, severity > 0]),
    [
      [31, false],
      [43, true],
      [71, false],
    ],
  );
});

test('of an alarm that goes on from before, more severe levels have not held', () => {
  const critical = { severity: 'critical' as const, condition: t({ operator: 'gt', value: 80, for_seconds: 60 }) };
  const hot = t({ operator: 'gt', value: 70 });
  assert.deepEqual(
    goingOn(
      hot,
      { t: 85 },
      [
        [5, { t: 85 }],
        [70, { t: 85 }],
      ],
      { levels: [critical] },
    ),
    ['61 critical'],
  );
  // Where there is but a more severe one, that is what the alarm was.
  assert.deepEqual(goingOn(critical.condition, { t: 85 }, [[5, { t: 85 }]], { severity: 'critical' }), ['1 critical']);
});

test('the first change after the beginning is one from what was known', () => {
  const fold = compile(watchOf(t({ operator: 'changed', window_seconds: 10 })), { timezone: 'UTC', outages: [] });
  const severities = (known: Sample['value']) => {
    const state = fold.start(1_000);
    fold.know(state, { parameter: 't', value: known }, 500);
    const changes: Change[] = [];
    fold.apply(state, 2_000, [{ parameter: 't', value: 'open' }], changes);
    return changes.map(({ at, severity }) => [at, severity]);
  };
  assert.deepEqual(severities('closed'), [[2_000, 3]]);
  assert.deepEqual(severities('open'), []);
});

test('what is known already is enough to raise an alarm at the beginning', () => {
  const fold = compile(watchOf(t({ operator: 'gt', value: 80 })), { timezone: 'UTC', outages: [] });
  const state = fold.start(5_000);
  fold.know(state, { parameter: 't', value: 90 }, 4_000);
  const changes: Change[] = [];
  fold.advance(state, 5_001, changes);
  assert.deepEqual(
    changes.map(({ at, severity }) => [at, severity]),
    [[5_000, 3]],
  );
});
