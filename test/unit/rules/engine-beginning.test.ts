import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Watch } from '../../../src/rules/condition.ts';
import { createEngine } from '../../../src/rules/engine.ts';
import type { EngineRows, EngineRule, EngineSeries } from '../../../src/rules/engine-types.ts';

const T = Date.parse('2026-11-02T08:00:00Z');

const hot: Watch = {
  severity: 'high',
  condition: { parameter: 'temperature', operator: 'gt', value: 80 },
  levels: [],
  cooldown_seconds: 0,
  keep_firing_seconds: 0,
  schedule: null,
};
const rule = (watch: Watch = hot, id = 'hot', version = 1): EngineRule => ({
  factoryId: 1,
  id,
  version,
  watch,
  deviceIds: [],
  tags: [],
});
const temperature = (newest: EngineSeries['newest']): EngineSeries => ({
  seriesId: 1,
  parameter: 'temperature',
  kind: 'number',
  newest,
});
const device = (...series: EngineSeries[]) => ({ factoryId: 1, id: 'd', tags: [], series });
const rows = (...samples: readonly (readonly [ts: number, value: number, seriesId?: number])[]): EngineRows => ({
  length: samples.length,
  seriesIds: samples.map(([, , seriesId = 1]) => seriesId),
  timestamps: samples.map(([ts]) => ts),
  values: samples.map(([, value]) => value),
  texts: new Map(),
});
const now = (at: number) => ({ monotonic: at - T, wall: at });
const begun = (outages: readonly (readonly [number, number])[] = []) => {
  const engine = createEngine({ latenessMs: 120_000, graceMs: 0, returnMs: 0, outages });
  engine.setFactory({ factoryId: 1, timezone: 'UTC' });
  return engine;
};

/** What of reports a receiver takes: changes within their span. */
const told = (engine: ReturnType<typeof begun>) =>
  engine
    .reports()
    .flatMap(({ since, until, transitions }) =>
      transitions.filter(({ at }) => at > since && at <= until).map(({ at, severity }) => [at - T, severity]),
    );

test('a new rule that holds by what is known already raises its alarm at once', () => {
  const engine = begun();
  engine.setDevice(device(temperature({ ts: T, value: 90 })), now(T + 1_000));
  engine.setRule(rule(), now(T + 1_000));
  engine.passTime(now(T + 1_500));
  // From its beginning on: it cannot have raised one before.
  assert.deepEqual(told(engine), [[1_000, 'high']]);
});

test('a silence that a new rule finds counts from the last sample, whatever else the device sends', () => {
  const engine = begun();
  const vibration: EngineSeries = { seriesId: 2, parameter: 'vibration', kind: 'number', newest: { ts: T, value: 1 } };
  engine.setDevice(device(temperature({ ts: T - 50_000, value: 20 }), vibration), now(T));
  const silent = { parameter: 'temperature', operator: 'no_data', for_seconds: 60 } as const;
  const shaking = { parameter: 'vibration', operator: 'gt', value: 10 } as const;
  engine.setRule(rule({ ...hot, condition: { any: [silent, shaking] } }), now(T));
  engine.take(rows([T + 5_000, 1, 2]), now(T + 5_000));
  engine.take(rows([T + 20_000, 1, 2]), now(T + 20_000));
  assert.deepEqual(told(engine), [[10_000, 'high']]);
});

test('the first sample of a device that nobody knew raises an alarm, be its clock a little behind', () => {
  const engine = begun();
  engine.setRule(rule(), now(T));
  engine.setDevice(device(temperature(null)), now(T));
  engine.passTime(now(T + 100));
  engine.take(rows([T - 5_000, 90]), now(T + 200));
  assert.deepEqual(told(engine), [[-5_000, 'high']]);
});

test('a new rule says nothing of the time before it, though others have kept samples of then', () => {
  const engine = begun();
  engine.setRule(
    rule({ ...hot, condition: { parameter: 'temperature', operator: 'gt', value: 200 } }, 'other'),
    now(T),
  );
  engine.setDevice(device(temperature({ ts: T, value: 20 })), now(T));
  engine.take(rows([T + 1_000, 90], [T + 2_000, 90], [T + 3_000, 90]), now(T + 3_000));
  engine.setRule(
    rule({ ...hot, condition: { parameter: 'temperature', operator: 'gt', value: 80, for_seconds: 2 } }),
    now(T + 3_000),
  );
  engine.take(rows([T + 4_000, 90]), now(T + 4_000));
  assert.deepEqual(told(engine), []);
  engine.take(rows([T + 5_000, 90]), now(T + 5_000));
  assert.deepEqual(told(engine), [[5_000, 'high']]);
});

test('a new rule does not take for news what is older than what it knows', () => {
  const engine = begun();
  engine.setDevice(device(temperature({ ts: T, value: 20 })), now(T));
  engine.setRule(rule(), now(T));
  engine.take(rows([T - 1_000, 90]), now(T + 10));
  engine.passTime(now(T + 1_000));
  assert.deepEqual(told(engine), []);
});

test('a device that comes back begins without the alarm that it had at the start', () => {
  const engine = begun();
  const high = { at: T - 1_000, severity: 'high', parameter: 'temperature', value: 90 } as const;
  engine.setKnown([{ ruleId: 'hot', deviceId: 'd', transitions: [high] }]);
  engine.setDevice(device(temperature({ ts: T, value: 90 })), now(T));
  engine.setRule(rule(), now(T));
  engine.dropDevice('d');
  engine.setDevice(device(temperature({ ts: T + 500, value: 90 })), now(T + 1_000));
  engine.passTime(now(T + 1_100));
  assert.deepEqual(told(engine), [[1_000, 'high']]);
});

test('an alarm that goes on from before is not told again, nor taken back', () => {
  const engine = begun();
  const high = { at: T, severity: 'high', parameter: 'temperature', value: 90 } as const;
  engine.setKnown([{ ruleId: 'hot', deviceId: 'd', transitions: [high] }]);
  engine.setDevice(device(temperature({ ts: T, value: 90 })), now(T + 1_000));
  engine.setRule(rule(), now(T + 1_000));
  engine.passTime(now(T + 1_500));
  engine.take(rows([T + 2_000, 90]), now(T + 2_000));
  assert.deepEqual(engine.reports(), []);
  engine.take(rows([T + 3_000, 20]), now(T + 3_000));
  assert.deepEqual(told(engine), [[3_000, null]]);
});

test('to know more of a device does not make its time run ahead', () => {
  const engine = begun();
  const silent = { ...hot, condition: { parameter: 'temperature', operator: 'no_data', for_seconds: 60 } } as const;
  engine.setRule(rule(silent), now(T));
  engine.setDevice(device(temperature(null)), now(T));
  engine.take(rows([T, 20]), now(T));
  // Its newest of another parameter came fifty seconds later, just now.
  const pressure = {
    seriesId: 2,
    parameter: 'pressure',
    kind: 'number',
    newest: { ts: T + 50_000, value: 1 },
  } as const;
  engine.setDevice(device(temperature({ ts: T, value: 20 }), pressure), now(T + 50_000));
  engine.passTime(now(T + 55_000));
  assert.deepEqual(told(engine), []);
  engine.passTime(now(T + 61_000));
  assert.deepEqual(told(engine), [[60_000, 'high']]);
});

test('a rule that is new knows what its parameter was, though nobody had watched that parameter before', () => {
  const engine = begun();
  engine.setDevice(device(temperature({ ts: T, value: 20 })), now(T));
  // It changed while no row of it was sent.
  engine.setDevice(device(temperature({ ts: T + 5_000, value: 90 })), now(T + 6_000));
  engine.setRule(rule(), now(T + 6_000));
  engine.passTime(now(T + 6_500));
  assert.deepEqual(told(engine), [[6_000, 'high']]);
});

test('in another zone a rule begins anew, with its schedule by that zone', () => {
  const engine = begun();
  const schedule = {
    timezone: 'factory',
    windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '09:00' }],
    from_date: null,
    to_date: null,
  };
  engine.setDevice(device(temperature(null)), now(T));
  engine.setRule(rule({ ...hot, schedule }), now(T));
  engine.take(rows([T, 90]), now(T));
  assert.deepEqual(told(engine), [[0, 'high']]);
  engine.setFactory({ factoryId: 1, timezone: 'Asia/Tokyo' });
  engine.setRule(rule({ ...hot, schedule }), now(T + 1_000));
  engine.take(rows([T + 2_000, 90]), now(T + 2_000));
  assert.deepEqual(
    told(engine).map(([, severity]) => severity),
    [null],
  );
});

test('after a restart, what comes late is folded with the samples of before, where all of them are remembered', () => {
  const first = begun();
  first.setDevice(device(temperature(null)), now(T));
  first.setRule(
    rule({ ...hot, condition: { parameter: 'temperature', operator: 'gt', value: 80, for_seconds: 5 } }),
    now(T),
  );
  for (let s = 0; s <= 100; s++) first.take(rows([T + s * 1_000, 90]), now(T + s * 1_000));
  const saved = first.save('hot');
  const again = (after: number) => {
    const engine = begun();
    engine.setKnown([
      {
        ruleId: 'hot',
        deviceId: 'd',
        transitions: [{ at: T + 5_000, severity: 'high', parameter: 'temperature', value: 90 }],
      },
    ]);
    engine.setDevice(device(temperature({ ts: T + 100_000, value: 90 })), now(T + 101_000));
    engine.setRule(
      rule({ ...hot, condition: { parameter: 'temperature', operator: 'gt', value: 80, for_seconds: 5 } }),
      now(T + 101_000),
      saved,
    );
    const kept = Array.from({ length: 101 }, (_, s) => T + s * 1_000).filter((ts) => ts > after);
    engine.remember(rows(...kept.map((ts) => [ts, 90] as const)), after);
    engine.take(rows([T + 50_500, 20]), now(T + 101_500));
    return [told(engine), engine.figures.tooLate];
  };
  assert.deepEqual(again(T - 1), [
    [
      [5_000, 'high'],
      [50_500, null],
      [56_000, 'high'],
    ],
    0,
  ]);
  // Of what is not at hand nothing is made up.
  assert.deepEqual(again(T + 40_000), [[], 1]);
});

test('a device that has come since a snapshot is watched from its first sample on', () => {
  const first = begun();
  first.setRule(rule(), now(T));
  const saved = first.save('hot');
  const again = begun();
  // It is known what it was at last, when all is read again that it has said.
  again.setDevice(device(temperature({ ts: T + 2_000, value: 20 })), now(T + 5_000));
  again.setRule(rule(), now(T + 5_000), saved);
  again.take(rows([T + 1_000, 90]), { monotonic: Number.NaN, wall: T + 5_000 });
  again.take(rows([T + 2_000, 20]), { monotonic: Number.NaN, wall: T + 5_000 });
  assert.deepEqual(told(again), [
    [1_000, 'high'],
    [2_000, null],
  ]);
});

test('until it says more after a restart, the time of a device with a wrong clock goes on from when it was seen', () => {
  const engine = begun();
  const slow = { ...hot, condition: { parameter: 'temperature', operator: 'gt', value: 80, for_seconds: 60 } } as const;
  const hourBehind = T - 3_600_000;
  engine.setDevice({ ...device(temperature({ ts: hourBehind, value: 90 })), seenAt: T }, now(T + 5_000));
  engine.setRule(rule(slow), now(T + 5_000));
  engine.passTime(now(T + 64_000));
  assert.deepEqual(told(engine), []);
  engine.passTime(now(T + 66_000));
  assert.deepEqual(told(engine), [[hourBehind - T + 65_000, 'high']]);
});
