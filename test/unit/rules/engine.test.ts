import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Watch } from '../../../src/rules/condition.ts';
import { createEngine } from '../../../src/rules/engine.ts';
import type { EngineDevice, EngineNow, EngineSample } from '../../../src/rules/engine-types.ts';
import { textNumber } from '../../../src/rules/leaves.ts';
import type { Report } from '../../../src/rules/transition.ts';
import { watchOf } from '../../support/rules.ts';

const T = 1_767_600_000_000;
const hot: Condition = { parameter: 't', operator: 'gt', value: 80 };
const silent: Condition = { parameter: 't', operator: 'no_data', for_seconds: 60 };

interface Given {
  readonly id?: string;
  readonly tags?: readonly string[];
  readonly newest?: { readonly ts: number; readonly value: EngineSample } | null;
  readonly kind?: 'number' | 'state';
  readonly seriesId?: number;
}

const device = ({ id = 'D1', tags = [], newest = null, kind = 'number', seriesId = 1 }: Given = {}): EngineDevice => ({
  factoryId: 1,
  id,
  tags,
  series: [{ seriesId, parameter: 't', kind, newest }],
});

/** An engine with what tests ask of it. */
function start(outages: readonly (readonly [number, number])[] = [], returnMs = 0) {
  const engine = createEngine({ latenessMs: 120_000, graceMs: 2_000, returnMs, outages });
  let now: EngineNow = { monotonic: 0, wall: T };
  engine.setFactory({ factoryId: 1, timezone: 'UTC' });
  return {
    engine,
    get now() {
      return now;
    },
    /** Passes time by our clock (s). */
    wait: (seconds: number) => {
      now = { monotonic: now.monotonic + seconds * 1_000, wall: now.wall === null ? null : now.wall + seconds * 1_000 };
      engine.passTime(now);
      return told(engine.reports());
    },
    distrust: () => {
      now = { ...now, wall: null };
    },
    rule: (
      condition: Condition,
      rest: Partial<Watch> & { version?: number; deviceIds?: string[]; tags?: string[]; id?: string } = {},
    ) => {
      const { version = 1, deviceIds = [], tags = [], id = 'R', ...watch } = rest;
      engine.setRule({ factoryId: 1, id, version, watch: watchOf(condition, watch), deviceIds, tags }, now);
    },
    device: (given: Given = {}) => engine.setDevice(device(given), now),
    /** A sample of a series so many seconds after T. */
    take: (second: number, value: EngineSample, seriesId = 1) => {
      const isText = typeof value === 'string';
      engine.take(
        {
          length: 1,
          seriesIds: [seriesId],
          timestamps: [T + second * 1_000],
          values: [isText ? Number.NaN : Number(value)],
          texts: new Map(isText ? [[0, value]] : []),
        },
        now,
      );
      return told(engine.reports());
    },
    reports: () => told(engine.reports()),
  };
}

/** `device: second severity, …` of each report. */
const told = (reports: readonly Report[]): string[] =>
  reports.map(
    ({ deviceId, transitions, ruleVersion }) =>
      `${deviceId} v${ruleVersion}: ${transitions.map(({ at, severity }) => `${(at - T) / 1_000} ${severity ?? 'cleared'}`).join(', ')}`,
  );

test('a rule is for all devices, for some by id, or for those with a tag', () => {
  const plant = start();
  plant.device({ id: 'A', seriesId: 1, tags: ['press'] });
  plant.device({ id: 'B', seriesId: 2, tags: ['oven', 'hall 2'] });
  const hits = (rest: { deviceIds?: string[]; tags?: string[] }, second: number) => {
    plant.rule(hot, { ...rest, version: second });
    plant.take(second, 0, 1);
    plant.take(second, 0, 2);
    return [...plant.take(second + 1, 90, 1), ...plant.take(second + 1, 90, 2)].map((line) => line[0]).join('');
  };
  assert.equal(hits({}, 1), 'AB');
  plant.engine.dropRule('R');
  assert.equal(hits({ deviceIds: ['B'] }, 10), 'B');
  plant.engine.dropRule('R');
  assert.equal(hits({ tags: ['press', 'saw'] }, 20), 'A');
});

test('a device that is given a tag comes under the rules of the tag, and leaves them with it', () => {
  const plant = start();
  plant.rule(hot, { tags: ['press'] });
  plant.device();
  assert.deepEqual(plant.take(1, 90), []);
  plant.device({ tags: ['press'] });
  assert.deepEqual(plant.wait(10), ['D1 v1: 1 high'], 'by what is known of it already');
  plant.device();
  assert.equal(plant.engine.figures.instances, 0);
});

test('a device that comes back to a rule at once is told of again, at another moment', () => {
  const plant = start();
  plant.rule(hot, { tags: ['line 1'] });
  plant.device({ tags: ['line 1'] });
  assert.deepEqual(plant.take(1, 90), ['D1 v1: 1 high']);
  plant.device({ tags: [] });
  plant.device({ tags: ['line 1'] });
  // What was raised at the moment of that sample has come to an end, and is raised no more.
  assert.deepEqual(plant.wait(10), ['D1 v1: 1.001 high']);
  assert.deepEqual(plant.take(20, 20), ['D1 v1: 1.001 high, 20 cleared']);
});

test('a changed rule begins with the next batch, and says its version', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  plant.take(1, 70);
  plant.rule({ ...hot, value: 60 } as Condition, { version: 2 });
  assert.deepEqual(plant.take(2, 70), ['D1 v2: 1 high']);
});

test('an alarm that is open goes on under the changed rule, and clears by it', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  assert.deepEqual(plant.take(1, 85), ['D1 v1: 1 high']);
  plant.rule({ ...hot, hysteresis: 10 } as Condition, { version: 2 });
  assert.deepEqual(plant.take(2, 75), []);
  plant.rule({ ...hot, value: 90 } as Condition, { version: 3 });
  assert.deepEqual(plant.take(3, 75), ['D1 v3: 2 cleared']);
});

test('an alarm does not go on under the changed rule by a silence that there is none of, and does by one that there is', () => {
  const plant = start();
  const one = { kind: 'number', newest: null } as const;
  const series = [
    { ...one, seriesId: 1, parameter: 't' },
    { ...one, seriesId: 2, parameter: 'p' },
  ];
  plant.engine.setDevice({ factoryId: 1, id: 'D1', tags: [], series }, plant.now);
  const either = (value: number, seconds = 60): Condition => ({
    any: [{ ...hot, value } as Condition, { parameter: 'p', operator: 'no_data', for_seconds: seconds }],
  });
  plant.rule(either(80));
  plant.take(1, 5, 2);
  assert.deepEqual(plant.take(2, 85), ['D1 v1: 2 high']);
  plant.rule(either(70), { version: 2 });
  assert.deepEqual(plant.take(3, 60), ['D1 v2: 3 cleared']);
  assert.deepEqual(plant.take(70, 60), ['D1 v2: 3 cleared, 61 high']);
  plant.rule(either(70, 50), { version: 3 });
  assert.deepEqual(plant.take(71, 60), []);
  assert.deepEqual(plant.take(72, 5, 2), ['D1 v3: 72 cleared']);
});

test('a change of what a rule does not watch leaves its timers alone', () => {
  const plant = start();
  plant.device();
  plant.rule({ ...hot, for_seconds: 10 } as Condition);
  plant.take(1, 85);
  plant.rule({ ...hot, for_seconds: 10 } as Condition, { version: 2 });
  assert.deepEqual(plant.take(11, 85), ['D1 v2: 11 high']);
});

test('a delay ends without a sample, by the time that has passed since the last one', () => {
  const plant = start();
  plant.device();
  plant.rule({ ...hot, for_seconds: 10 } as Condition);
  plant.take(1, 85);
  assert.deepEqual(plant.wait(11.5), [], 'the grace of what may be on its way');
  assert.deepEqual(plant.wait(1), ['D1 v1: 11 high']);
});

test('a device whose clock is ten minutes slow keeps its own time', () => {
  const plant = start();
  plant.device();
  plant.rule({ ...hot, for_seconds: 60 } as Condition);
  plant.take(-600, 85);
  assert.deepEqual(plant.wait(30), []);
  assert.deepEqual(plant.take(-570, 70), []);
  assert.deepEqual(plant.wait(120), []);
});

test('what time alone had raised is taken back by a sample that comes late', () => {
  const plant = start();
  plant.device();
  plant.rule(silent);
  plant.take(0, 1);
  assert.deepEqual(plant.wait(70), ['D1 v1: 60 high']);
  assert.deepEqual(plant.take(50, 1), [], 'of the time behind it nothing is known yet');
  assert.deepEqual(plant.take(65, 1), ['D1 v1: ']);
});

test('a device that never says anything is silent from the beginning of the rule', () => {
  const plant = start();
  plant.rule(silent);
  plant.device();
  assert.deepEqual(plant.wait(61), []);
  assert.deepEqual(plant.wait(2), ['D1 v1: 60 high']);
  assert.deepEqual(plant.take(70, 1), ['D1 v1: 60 high, 70 cleared']);
});

test('while the clock is not trusted silence is counted from what has been heard alone', () => {
  const plant = start();
  plant.distrust();
  plant.rule(silent);
  plant.device({ newest: { ts: T, value: 1 } });
  assert.deepEqual(plant.wait(1_000), []);
  plant.take(10, 1);
  assert.deepEqual(plant.wait(63), ['D1 v1: 70 high']);
});

test('a restart raises no silence that was the appliance’s own', () => {
  const plant = start([[T + 10_000, T + 7_200_000]]);
  plant.rule(silent);
  plant.device({ newest: { ts: T, value: 1 } });
  plant.wait(7_200);
  assert.deepEqual(plant.wait(30), []);
  assert.deepEqual(plant.wait(33), ['D1 v1: 7260 high']);
});

test('after a start devices have some time to come back before anything is decided of them without a sample', () => {
  const plant = start([], 30_000);
  plant.device({ newest: { ts: T - 20_000, value: 90 } });
  plant.rule({ ...hot, for_seconds: 10 } as Condition);
  assert.deepEqual(plant.wait(20), []);
  plant.take(21, 70);
  assert.deepEqual(plant.wait(60), []);
  const other = start([], 30_000);
  other.device({ newest: { ts: T - 20_000, value: 90 } });
  other.rule({ ...hot, for_seconds: 10 } as Condition);
  other.wait(29);
  assert.deepEqual(other.wait(2).length, 1);
});

test('a rule on a parameter that does not exist yet waits for it', () => {
  const plant = start();
  plant.rule({ all: [hot, { parameter: 'later', operator: 'gt', value: 1 }] });
  plant.device();
  assert.deepEqual(plant.take(1, 90), []);
  plant.engine.setDevice(
    { ...device(), series: [...device().series, { seriesId: 9, parameter: 'later', kind: 'number', newest: null }] },
    plant.now,
  );
  assert.deepEqual(plant.take(2, 5, 9), ['D1 v1: 2 high']);
});

test('a parameter whose kind was reset is compared as what it is now', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  assert.deepEqual(plant.take(1, 90), ['D1 v1: 1 high']);
  plant.device({ kind: 'state', seriesId: 2 });
  assert.deepEqual(plant.take(2, 'hot', 2), ['D1 v1: 1 high, 2 cleared']);
  assert.deepEqual(plant.take(3, 90, 1), [], 'its old series says nothing any more');
});

test('a device and a rule that are gone say nothing more', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  plant.engine.dropDevice('D1');
  assert.deepEqual(plant.take(1, 90), []);
  plant.device();
  plant.engine.dropRule('R');
  assert.deepEqual(plant.take(2, 90), []);
  assert.equal(plant.engine.figures.instances, 0);
});

test('a rule may begin before the first sample of a device whose clock is slow', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  plant.wait(100);
  assert.deepEqual(plant.take(-600, 90), ['D1 v1: -600 high']);
  assert.deepEqual(plant.take(-599, 70), ['D1 v1: -600 high, -599 cleared']);
});

test('what comes later than the allowance is counted, and changes nothing', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  for (let second = 1; second < 600; second++) plant.take(second, 70);
  assert.deepEqual(plant.take(10, 95), []);
  assert.equal(plant.engine.figures.tooLate, 1);
  assert.deepEqual(plant.take(500, 95), ['D1 v1: 500 high, 501 cleared']);
});

test('alarms of before the start go on, and one of another version clears by the new one', () => {
  const plant = start();
  plant.engine.setKnown([
    { ruleId: 'R', deviceId: 'D1', transitions: [{ at: T, severity: 'high', parameter: 't', value: 90 }] },
  ]);
  plant.device({ newest: { ts: T, value: 90 } });
  plant.rule(hot, { version: 7 });
  assert.deepEqual(plant.take(1, 90), []);
  assert.deepEqual(plant.take(2, 70), ['D1 v7: 2 cleared']);
});

test('an alarm on a device that the snapshot does not know yet goes on, though what has raised it is not told again', () => {
  const plant = start();
  const raised = { at: T - 5_000, severity: 'high', parameter: 't', value: 90 } as const;
  plant.engine.setKnown([{ ruleId: 'R', deviceId: 'D1', transitions: [raised] }]);
  plant.device({ newest: { ts: T - 5_000, value: 90 } });
  const rule = { factoryId: 1, id: 'R', version: 1, watch: watchOf(hot, {}), deviceIds: [], tags: [] };
  plant.engine.setRule(rule, plant.now, { version: 1, instances: [] });
  assert.deepEqual(plant.wait(10), []);
  assert.deepEqual(plant.take(11, 70), ['D1 v1: 11 cleared']);
});

test('what a device that the snapshot does not know has sent is told again, and raises what it had raised', () => {
  const plant = start();
  const at = (second: number, severity: 'high' | null, value: number) =>
    ({ at: T + second * 1_000, severity, parameter: 't', value }) as const;
  // Of the last two nothing had been recorded when the appliance was killed.
  plant.engine.setKnown([
    { ruleId: 'R', deviceId: 'D1', transitions: [at(1, 'high', 90), at(2, null, 70), at(3, 'high', 91)] },
  ]);
  plant.device({ newest: { ts: T + 5_000, value: 92 } });
  const rule = { factoryId: 1, id: 'R', version: 1, watch: watchOf(hot, {}), deviceIds: [], tags: [] };
  plant.engine.setRule(rule, plant.now, { version: 1, instances: [] });
  for (const [second, value] of [
    [1, 90],
    [2, 70],
    [3, 91],
  ] as const)
    assert.deepEqual(plant.take(second, value), []);
  assert.deepEqual(plant.take(4, 70), ['D1 v1: 3 high, 4 cleared']);
  assert.deepEqual(plant.take(5, 92), ['D1 v1: 3 high, 4 cleared, 5 high']);
});

test('a rule that cannot be folded is dropped and told of, and the others go on', () => {
  const unheardOf = { parameter: 't', operator: 'unheard of', value: 1 } as unknown as Condition;
  const faults: string[] = [];
  const engine = createEngine({ latenessMs: 0, graceMs: 0, returnMs: 0, outages: [] }, ({ id }, error) =>
    faults.push(`${id}: ${error instanceof TypeError}`),
  );
  const now = (second: number) => ({ monotonic: second * 1_000, wall: T + second * 1_000 });
  const take = (second: number, value: number) => {
    engine.take(
      { length: 1, seriesIds: [1], timestamps: [T + second * 1_000], values: [value], texts: new Map() },
      now(second),
    );
    return told(engine.reports());
  };
  engine.setFactory({ factoryId: 1, timezone: 'UTC' });
  engine.setDevice(device(), now(0));
  for (const [id, condition] of [
    ['bad', unheardOf],
    ['good', hot],
    ['asleep', { all: [silent, unheardOf] } as Condition],
  ] as const) {
    engine.setRule({ factoryId: 1, id, version: 1, watch: watchOf(condition), deviceIds: [], tags: [] }, now(0));
  }
  engine.passTime(now(1));
  assert.deepEqual(take(2, 90), ['D1 v1: 2 high']);
  assert.deepEqual(faults.toSorted(), ['asleep: true', 'bad: true']);
  assert.equal(engine.figures.instances, 1);
  assert.deepEqual(take(3, 70), ['D1 v1: 2 high, 3 cleared']);
});

test('what is explained is looked at now, and nothing is decided by it', () => {
  const plant = start();
  plant.device();
  plant.rule({ parameter: 't', operator: 'gt', value: 80, aggregate: 'last', window_seconds: 60 });
  const heldAt = (second: number) => {
    const explained = plant.engine.explain('R', 'D1', { monotonic: second * 1_000, wall: T + second * 1_000 });
    const leaf = explained?.levels[0]?.condition;
    assert.ok(leaf?.kind === 'leaf');
    return [leaf.holds, leaf.value];
  };
  assert.deepEqual(plant.take(0, 90), ['D1 v1: 0 high']);
  assert.deepEqual([10, 100, 10].map(heldAt), [
    [true, 90],
    [false, null],
    [true, 90],
  ]);
  assert.deepEqual(plant.reports(), []);
});

test('what held before a rule was changed is explained as what holds, from the beginning of the changed one on', () => {
  const plant = start();
  plant.device();
  plant.rule(hot);
  plant.take(1, 85);
  plant.rule({ ...hot, for_seconds: 600 } as Condition, { version: 2 });
  plant.take(10, 85);
  const explained = plant.engine.explain('R', 'D1', plant.now);
  const leaf = explained?.levels[0]?.condition;
  assert.ok(leaf?.kind === 'leaf');
  assert.deepEqual([explained?.severity, leaf.holds, leaf.holds_from], ['high', true, null]);
  assert.equal(leaf.since, T + 1_001);
});

test('a text that a snapshot holds is said by its name, though nothing has come since', () => {
  const [before, after] = [start(), start()];
  const text = `text ${Math.random()}`;
  const watched = { parameter: 't', operator: 'eq', value: 'idle' } as const;
  before.device({ kind: 'state' });
  before.rule(watched);
  before.take(1, text);
  const saved = before.engine.save('R');
  for (let i = 0; i < 10_001; i++) textNumber(`other ${i}`);
  after.device({ kind: 'state', newest: { ts: T + 1_000, value: text } });
  after.engine.setRule(
    { factoryId: 1, id: 'R', version: 1, watch: watchOf(watched), deviceIds: [], tags: [] },
    after.now,
    saved,
  );
  const leaf = after.engine.explain('R', 'D1', after.now)?.levels[0]?.condition;
  assert.ok(leaf?.kind === 'leaf');
  assert.equal(leaf.value, text);
});

test('what a rule has seen before it threw is not said of the next one', () => {
  let calls = Number.NaN;
  const findLast = () => {
    if (++calls === 2) throw new TypeError('it breaks');
    return undefined;
  };
  const faults: string[] = [];
  const outages = Object.assign([], { findLast });
  const engine = createEngine({ latenessMs: 0, graceMs: 0, returnMs: 0, outages }, ({ id }) => faults.push(id));
  const take = (second: number, value: number) => {
    engine.take(
      { length: 1, seriesIds: [1], timestamps: [T + second * 1_000], values: [value], texts: new Map() },
      { monotonic: second * 1_000, wall: T + second * 1_000 },
    );
    return told(engine.reports());
  };
  const now = { monotonic: 0, wall: T };
  engine.setFactory({ factoryId: 1, timezone: 'UTC' });
  engine.setDevice(device(), now);
  for (const [id, condition] of [
    ['breaks', silent],
    ['good', hot],
  ] as const) {
    engine.setRule({ factoryId: 1, id, version: 1, watch: watchOf(condition), deviceIds: [], tags: [] }, now);
  }
  assert.deepEqual(take(0, 20), []);
  // It is raised for the silence, and throws at the sample that ends it.
  calls = 0;
  assert.deepEqual(take(100, 20), []);
  assert.deepEqual(faults, ['breaks']);
});
