import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../../src/core/log.ts';
import type { FactoryScope } from '../../../src/core/scope.ts';
import type { Commit, CommitReader } from '../../../src/historian/historian.ts';
import type { Condition } from '../../../src/rules/condition.ts';
import { createRulesDriver, type RulesDriverParts } from '../../../src/rules/driver.ts';
import { createEngineSide } from '../../../src/rules/engine-side.ts';
import type { EngineOrder, PackedRule, StartEngine } from '../../../src/rules/engine-thread.ts';
import type { StateHead } from '../../../src/rules/rule-states.ts';
import type { Rule, RuleChange } from '../../../src/rules/rule-store.ts';
import type { Report } from '../../../src/rules/transition.ts';
import { createLiveState, type LiveSeries } from '../../../src/telemetry/telemetry.ts';
import { eventually } from '../../support/appliance.ts';

const T = Date.parse('2026-11-02T08:00:00Z');
const scope = { factoryId: 1, factoryUuid: 'f', slug: 'f', timezone: 'UTC' } as FactoryScope;

const ruleOf = (version = 1, value = 80, isActive = true): Rule => ({
  id: 'hot',
  version,
  definition: {
    name: 'Hot',
    guidance: '',
    is_active: isActive,
    device_ids: [],
    tags: [],
    severity: 'high',
    condition: { parameter: 'temperature', operator: 'gt', value },
    levels: [],
    cooldown_seconds: 0,
    keep_firing_seconds: 0,
    schedule: null,
    suppressed_by: [],
    note_required: false,
    notifications: [],
    escalation: [],
  },
  createdAt: 0,
  createdBy: 'x',
  updatedAt: 0,
  updatedBy: 'x',
});

/** A plant of one device, with an engine in this thread that may be slow, or die; what is committed is kept in an array. */
function plant(options: { rows?: number } = {}) {
  const live = createLiveState();
  const device = live.addDevice(1, 'd');
  device.id = 'd';
  const series = live.addSeries(device, 1, 'temperature', 'number');
  const disk: Commit[] = [];
  const engines: { die: (error: Error) => void; isHeld: boolean; work: () => void; orders: EngineOrder['kind'][] }[] =
    [];
  const startEngine: StartEngine = ({ engine, onAnswer, onExit }) => {
    let isGone = false;
    const waiting: EngineOrder[] = [];
    const reader: CommitReader = {
      read: (fn) =>
        fn({
          *commits(_, after, until) {
            yield* disk.filter(({ seq }) => seq > after && seq <= until);
          },
          *until(seq) {
            yield* disk.filter((commit) => commit.seq <= seq);
          },
        }),
      close: () => {},
    };
    const obey = createEngineSide({
      options: engine,
      openCommits: () => reader,
      answer: (answer) => void queueMicrotask(() => isGone || onAnswer(structuredClone(answer))),
    });
    const made = {
      isHeld: false,
      orders: [] as EngineOrder['kind'][],
      die: (error: Error) => {
        isGone = true;
        onExit(error);
      },
      work: () => {
        while (!made.isHeld && !isGone && waiting.length > 0) {
          const order = waiting.shift() as EngineOrder;
          made.orders.push(order.kind);
          obey(order);
        }
      },
    };
    engines.push(made);
    return {
      post: (order) => {
        waiting.push(structuredClone(order));
        queueMicrotask(made.work);
      },
      end: async () => {
        made.work();
        await new Promise((resolve) => setImmediate(resolve));
        isGone = true;
      },
    };
  };
  const rules = [ruleOf()];
  const listeners: ((scope: FactoryScope, change: RuleChange) => void)[] = [];
  const states = new Map<string, StateHead & PackedRule>();
  const recorded: Report[] = [];
  const faults = { applying: undefined as Error | undefined, saving: undefined as Error | undefined };
  let clock = T;
  const parts: RulesDriverParts = {
    startEngine,
    latenessMs: 120_000,
    graceMs: 0,
    returnMs: 0,
    snapshotIntervalMs: 60_000,
    outages: () => [],
    now: () => ({ monotonic: clock - T, wall: clock }),
    clock: () => clock,
    scopes: () => [scope],
    rules: {
      all: () => rules,
      version: () => {
        throw new Error('no other version is asked for');
      },
      onChanged: (listener) => void listeners.push(listener),
    },
    states: {
      heads: () => [...states.values()],
      load: (_, id) => states.get(id)?.state,
      save: (_, packed) => {
        if (faults.saving) throw faults.saving;
        states.set(packed.ruleId, { ...packed, savedAt: clock });
      },
    },
    live,
    tagsOf: () => [],
    seq: 0,
    isStoring: () => true,
    known: () => {
      const byRule = recorded.filter(({ transitions }) => transitions.length > 0);
      return byRule.map(({ ruleId, deviceId, transitions }) => ({ ruleId, deviceId, transitions }));
    },
    apply: async (_, reports) => {
      if (faults.applying) throw faults.applying;
      recorded.push(...reports);
    },
    hours: async () => [],
    log: createLog('fatal'),
    tickMs: 5,
    backoffMs: 5,
    limits: { rows: options.rows ?? 1_000, reports: 100 },
  };
  const driver = createRulesDriver(parts);
  let seq = 0;
  return {
    driver,
    engines,
    states,
    faults,
    rules,
    tell: (change: RuleChange) => {
      for (const listener of listeners) listener(scope, change);
    },
    commit: (...samples: readonly (readonly [ts: number, value: number])[]) => {
      seq++;
      clock = Math.max(clock, T + Math.max(...samples.map(([ts]) => ts)));
      const timestamps = samples.map(([ts]) => T + ts);
      const values = samples.map(([, value]) => value);
      const rowSeries: LiveSeries[] = samples.map(() => series);
      disk.push({
        seq,
        length: samples.length,
        seriesIds: Int32Array.from(samples, () => 1),
        timestamps: Float64Array.from(timestamps),
        values: Float64Array.from(values),
        texts: new Map(),
      });
      const nothing = { texts: new Map<number, string>(), importedRows: new Set<number>(), devices: new Set([device]) };
      driver.watched({ length: samples.length, rowSeries, timestamps, values, ...nothing }, seq);
      for (const [ts, value] of samples) Object.assign(series, { ts: T + ts, value });
    },
    /** A commit that ingest could not tell of. */
    skip: () => void seq++,
    raised: () =>
      recorded.flatMap(({ transitions }) => transitions.filter((each) => each.severity).map(({ at }) => at - T)),
    cleared: () =>
      recorded.flatMap(({ transitions }) => transitions.filter((each) => !each.severity).map(({ at }) => at - T)),
  };
}

/** One that throws when it is evaluated: nothing that a person can save is known to. */
const oddRule = (): Rule => {
  const condition = { parameter: 'temperature', operator: 'unheard of', value: 1 } as unknown as Condition;
  return { ...ruleOf(), id: 'odd', definition: { ...ruleOf().definition, condition } };
};

const isRunning = ({ driver }: ReturnType<typeof plant>) => eventually(() => driver.figures.instances > 0 || undefined);

test('an engine that dies is started again, and folds what has come meanwhile', async () => {
  const it = plant();
  it.driver.start();
  await isRunning(it);
  it.commit([0, 20]);
  await eventually(() => it.driver.figures.folded === 1 || undefined);
  it.engines[0]?.die(new Error('out of memory'));
  assert.match(it.driver.fault ?? '', /out of memory/);
  await assert.rejects(it.driver.explain('hot', 'd'), { code: 'unavailable' });
  it.commit([1_000, 90]);
  it.commit([2_000, 20]);
  await eventually(() => it.raised().length > 0 || undefined);
  assert.equal(it.driver.fault, undefined);
  it.commit([3_000, 91]);
  await eventually(() => it.raised().includes(3_000) || undefined);
  assert.deepEqual([...new Set(it.raised())], [1_000, 3_000]);
  assert.equal((await it.driver.explain('hot', 'd'))?.severity, 'high');
  await it.driver.stop();
});

test('beyond its bound nothing is sent, and ingest does not wait: what was missed is read from disk', async () => {
  const it = plant({ rows: 10 });
  it.driver.start();
  await isRunning(it);
  const [engine] = it.engines;
  assert.ok(engine);
  engine.isHeld = true;
  for (let i = 0; i < 100; i++) it.commit([i * 100, i % 2 === 0 ? 20 : 90]);
  assert.equal(it.driver.figures.rows, 10);
  engine.isHeld = false;
  engine.work();
  await eventually(() => it.raised().includes(9_900) || undefined);
  it.commit([20_000, 20]);
  it.commit([21_000, 90]);
  await eventually(() => it.raised().includes(21_000) || undefined);
  assert.equal(new Set(it.raised()).size, 51);
  assert.equal(it.driver.figures.catchUps, 2);
  await it.driver.stop();
});

test('a commit that nobody has told of is read from disk', async () => {
  const it = plant();
  it.driver.start();
  await isRunning(it);
  it.commit([0, 20]);
  it.skip();
  it.commit([1_000, 90]);
  await eventually(() => it.raised().includes(1_000) || undefined);
  assert.equal(it.driver.figures.catchUps, 2);
  await it.driver.stop();
});

test('a snapshot is stored behind the reports before it, and not while these cannot be', async () => {
  const it = plant();
  it.driver.start();
  await isRunning(it);
  await eventually(() => it.states.size > 0 || undefined);
  it.faults.applying = new Error('the disk is full');
  it.commit([0, 20]);
  it.commit([1_000, 90]);
  await eventually(() => it.driver.figures.reports > 0 || undefined);
  const before = it.states.get('hot')?.seq;
  let isStored = false;
  void it.driver.untilRead().then(() => {
    isStored = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([isStored, it.states.get('hot')?.seq], [false, before]);
  it.faults.applying = undefined;
  await eventually(() => isStored || undefined);
  assert.deepEqual([it.states.get('hot')?.seq, it.raised()], [2, [1_000]]);
  await it.driver.stop();
});

test('where snapshots cannot be stored, nobody waits for them', async () => {
  const it = plant();
  it.driver.start();
  await isRunning(it);
  await eventually(() => it.states.size > 0 || undefined);
  it.faults.saving = new Error('the disk is full');
  it.commit([0, 20]);
  await it.driver.untilRead();
  await it.driver.stop();
});

test('the end has everything folded and stored, and the next start goes on from there', async () => {
  const it = plant();
  it.driver.start();
  await isRunning(it);
  it.commit([0, 20]);
  it.commit([1_000, 90]);
  await it.driver.stop();
  assert.deepEqual([it.raised(), it.states.get('hot')?.seq], [[1_000], 2]);
});

test('a rule that throws is left out and told of, the others go on; in another version it is tried anew', async () => {
  const it = plant();
  const good = ruleOf();
  const odd = oddRule();
  it.rules.push(odd);
  it.driver.start();
  await isRunning(it);
  it.commit([0, 20]);
  const fault = await eventually(() => it.driver.faultOf(odd));
  assert.equal(fault.at, T);
  assert.match(fault.message, /^it could not be evaluated \(.+\)$/);
  assert.deepEqual([it.driver.faultOf(good), it.driver.figures.dropped], [undefined, 1]);
  it.commit([1_000, 90]);
  await eventually(() => it.raised().includes(1_000) || undefined);
  // There is no snapshot of it, and none is waited for.
  let isRead = false;
  void it.driver.untilRead().then(() => {
    isRead = true;
  });
  await eventually(() => isRead || undefined);

  const tell = (rule: Rule) => {
    it.rules[1] = rule;
    it.tell({ kind: 'saved', rule, previous: odd });
    return it.driver.faultOf(rule);
  };
  assert.equal(tell({ ...odd, version: 2 }), undefined);
  await eventually(() => it.driver.figures.instances === 2 || undefined);
  it.commit([1_500, 20]);
  await eventually(() => it.driver.faultOf({ id: 'odd', version: 2 }));
  assert.equal(tell({ ...odd, version: 3, definition: { ...odd.definition, is_active: false } }), undefined);
  await eventually(() => it.driver.figures.dropped === 0 || undefined);
  tell({ ...odd, version: 4, definition: good.definition });
  await eventually(() => it.driver.figures.instances === 2 || undefined);
  it.commit([2_000, 91]);
  await eventually(async () => (await it.driver.explain('odd', 'd'))?.severity ?? undefined);
  assert.equal(it.driver.faultOf({ id: 'odd', version: 4 }), undefined);
  await it.driver.stop();
});

test('an alarm that was open when its rule was left out is cleared by the version that is tried next', async () => {
  const it = plant();
  const good = ruleOf();
  const odd = { ...oddRule(), id: good.id, version: 2 };
  const tell = (rule: Rule) => {
    const [previous] = it.rules;
    it.rules[0] = rule;
    it.tell({ kind: 'saved', rule, previous });
  };
  it.driver.start();
  await isRunning(it);
  it.commit([0, 20]);
  it.commit([1_000, 90]);
  await eventually(() => it.raised().includes(1_000) || undefined);
  tell(odd);
  await eventually(() => it.engines[0]?.orders.filter((order) => order === 'rule').length === 2 || undefined);
  it.commit([2_000, 91]);
  await eventually(() => it.driver.faultOf(odd));
  it.commit([3_000, 20]);
  tell({ ...good, version: 3 });
  await eventually(() => it.driver.figures.instances === 1 || undefined);
  it.commit([4_000, 21]);
  await eventually(() => it.cleared().length > 0 || undefined);
  assert.deepEqual([it.raised(), it.cleared()], [[1_000], [3_000]]);
  await it.driver.stop();
});

test('an engine that is started again tries the rules that were left out once more', async () => {
  const it = plant();
  const odd = oddRule();
  it.rules[0] = odd;
  it.driver.start();
  await isRunning(it);
  it.commit([0, 90]);
  await eventually(() => it.driver.faultOf(odd));
  it.engines[0]?.die(new Error('out of memory'));
  assert.deepEqual([it.driver.faultOf(odd), it.driver.figures.dropped], [undefined, 0]);
  await eventually(() => it.driver.faultOf(odd));
  await it.driver.stop();
});

test('without rules no engine runs; the first one starts it', async () => {
  const it = plant();
  it.rules.length = 0;
  it.driver.start();
  it.commit([0, 20]);
  await it.driver.untilRead();
  assert.deepEqual([it.engines.length, await it.driver.explain('hot', 'd')], [0, undefined]);
  const rule = ruleOf();
  it.rules.push(rule);
  it.tell({ kind: 'saved', rule, previous: undefined });
  await isRunning(it);
  it.commit([1_000, 90]);
  await eventually(() => it.raised().includes(1_000) || undefined);
  await it.driver.stop();
});
