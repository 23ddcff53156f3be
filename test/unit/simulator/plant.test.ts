import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPlant,
  demoDevices,
  FAULTY_DEVICE,
  type Metrics,
  type PlantOptions,
  type SimulatedDevice,
} from '../../../src/simulator/simulator.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, 00:00. */
const MONDAY = Date.UTC(2026, 10, 23);

function device(key: string, options: PlantOptions = {}): SimulatedDevice {
  const found = createPlant(options).find((candidate) => candidate.key === key);
  assert.ok(found, `the plant has no ${key}`);
  return found;
}

function walk(of: SimulatedDevice, from: number, to: number, stepMs: number): Metrics[] {
  const out: Metrics[] = [];
  for (let t = from; t < to; t += stepMs) out.push(of.metricsAt(t));
  return out;
}

const numbers = (rows: readonly Metrics[], name: string): number[] =>
  rows.map((row) => {
    const value = row[name];
    assert.equal(typeof value, 'number', `${name} is a number`);
    return Number(value);
  });

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const y = ys[index] ?? 0;
    xy += (x - mx) * (y - my);
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

test('keys are distinct, legal, and never M01', () => {
  const keys = demoDevices(200).map(({ key }) => key);
  assert.equal(new Set(keys).size, 200);
  for (const key of keys) assert.match(key, /^[A-Za-z0-9._-]{1,64}$/);
  assert.ok(!keys.includes('M01'));
  assert.deepEqual(keys.slice(0, 7), [
    'press-01',
    'motor-01',
    'pump-01',
    'compressor-01',
    'meter-01',
    'motor-02',
    'pump-02',
  ]);
});

test('every message has exactly the described parameters, of their kind, quantised to their decimals', () => {
  for (const one of createPlant()) {
    for (const metrics of walk(one, MONDAY + 5 * HOUR, MONDAY + 9 * HOUR, 97_001)) {
      assert.deepEqual(
        Object.keys(metrics),
        one.parameters.map(({ name }) => name),
      );
      for (const { name, kind, decimals = 0 } of one.parameters) {
        const value = metrics[name];
        if (kind !== 'number') {
          assert.equal(typeof value, kind === 'state' ? 'string' : 'boolean');
          continue;
        }
        assert.ok(Number.isFinite(value) && !Object.is(value, -0), `${one.key} ${name} ${value}`);
        assert.equal(Number(Number(value).toFixed(decimals)), value, `${one.key} ${name} has more than ${decimals}`);
      }
    }
  }
});

test('a value depends on the seed, the device and the instant, not on what was asked before', () => {
  const forwards = createPlant({ seed: 7 });
  const backwards = createPlant({ seed: 7 });
  const instants = Array.from({ length: 400 }, (_, index) => MONDAY + 5.5 * HOUR + index * 61_003);
  for (const [index, one] of forwards.entries()) {
    const there = instants.map((t) => one.metricsAt(t));
    const back = instants.toReversed().map((t) => backwards[index]?.metricsAt(t));
    assert.deepEqual(back.toReversed(), there, one.key);
  }
  const other = device('motor-01', { seed: 8 });
  assert.notDeepEqual(
    walk(other, MONDAY + 8 * HOUR, MONDAY + 9 * HOUR, 60_000),
    walk(device('motor-01', { seed: 7 }), MONDAY + 8 * HOUR, MONDAY + 9 * HOUR, 60_000),
  );
});

test('history made by one process and live values made by another join without a step', () => {
  const seam = MONDAY + 10 * HOUR + 12_345;
  const history = device('motor-01');
  walk(history, seam - DAY, seam, 10_000); // warms everything that is remembered
  const live = device('motor-01');
  assert.deepEqual(live.metricsAt(seam), history.metricsAt(seam));
  const temperatures = [...numbers(walk(history, seam - 60_000, seam, 1_000), 'winding_temperature')];
  temperatures.push(...numbers(walk(live, seam, seam + 60_000, 1_000), 'winding_temperature'));
  for (const [index, value] of temperatures.entries()) {
    if (index > 0) assert.ok(Math.abs(value - (temperatures[index - 1] ?? 0)) < 1, 'no jump of the slow temperature');
  }
});

test("a motor's current, power and vibration rise with its load, its speed falls, its winding follows later", () => {
  const rows = walk(device('motor-01'), MONDAY + 6 * HOUR, MONDAY + 22 * HOUR, 20_000);
  const running = rows.filter(({ running }) => running === true);
  const power = numbers(running, 'power');
  assert.ok(correlation(power, numbers(running, 'current')) > 0.98);
  assert.ok(correlation(power, numbers(running, 'vibration')) > 0.7);
  assert.ok(correlation(power, numbers(running, 'speed')) < -0.9);
  const winding = numbers(rows, 'winding_temperature');
  const allPower = numbers(rows, 'power');
  const minutes = (count: number) => count * 3;
  const now = correlation(allPower, winding);
  const later = correlation(allPower.slice(0, -minutes(20)), winding.slice(minutes(20)));
  assert.ok(later > now + 0.05, `follows 20 minutes later (${later}) better than at once (${now})`);
});

test('machines of one plant share the load of their line', () => {
  const [motor01, pump01] = [device('motor-01'), device('pump-01')];
  const both = (t: number) => [motor01.metricsAt(t), pump01.metricsAt(t)] as const;
  const instants = Array.from({ length: 500 }, (_, index) => MONDAY + 6 * HOUR + index * 90_000);
  const pairs = instants.map(both).filter(([motor, pump]) => motor.running === true && pump.running === true);
  assert.ok(pairs.length > 300);
  assert.ok(
    correlation(
      numbers(
        pairs.map(([motor]) => motor),
        'power',
      ),
      numbers(
        pairs.map(([, pump]) => pump),
        'flow',
      ),
    ) > 0.7,
  );
});

test("a meter's power is the product of its voltage, current and power factor, and its counter adds it up", () => {
  const rows = walk(device('meter-01'), MONDAY, MONDAY + DAY, 60_000);
  for (const row of rows) {
    const product = (3 * Number(row.voltage) * Number(row.current) * Number(row.power_factor)) / 1_000;
    assert.ok(Math.abs(product / Number(row.power) - 1) < 0.01);
  }
  const energy = numbers(rows, 'energy');
  for (const [index, value] of energy.entries()) {
    assert.ok(index === 0 || value >= (energy[index - 1] ?? 0), 'a counter never falls');
  }
  const counted = (energy.at(-1) ?? 0) - (energy[0] ?? 0);
  assert.ok(Math.abs(counted / (mean(numbers(rows, 'power')) * 24) - 1) < 0.03, `${counted} kWh`);
});

test('the plant rests on Sunday, works less at night than by day, and stops for breaks in its own time zone', () => {
  const meter = device('meter-01');
  const average = (from: number, to: number) => mean(numbers(walk(meter, from, to, 60_000), 'power'));
  const sunday = average(MONDAY - DAY, MONDAY);
  const day = average(MONDAY + DAY + 7 * HOUR, MONDAY + DAY + 9 * HOUR);
  const night = average(MONDAY + DAY + 3 * HOUR, MONDAY + DAY + 5 * HOUR);
  assert.ok(sunday < night / 2 && night < day * 0.8, `${sunday} ${night} ${day}`);
  assert.equal(device('motor-01').metricsAt(MONDAY - 5 * HOUR).state, 'stopped');
  assert.equal(device('motor-01').metricsAt(MONDAY + 12.25 * HOUR).state, 'idle');
  const india = device('motor-01', { utcOffsetMinutes: 330 });
  assert.equal(india.metricsAt(MONDAY + 12.25 * HOUR - 5.5 * HOUR).state, 'idle');
});

test('the worn bearing vibrates more each day, heats up and costs flow; its neighbours stay as they are', () => {
  const faultBeganAt = MONDAY;
  const worn = device(FAULTY_DEVICE, { faultBeganAt });
  const sound = device('pump-01', { faultBeganAt });
  const midday = (of: SimulatedDevice, days: number, name: string) => {
    const at = MONDAY + days * DAY;
    return mean(numbers(walk(of, at + 7 * HOUR, at + 9 * HOUR, 10_000), name));
  };
  const days = [0, 2, 4, 8, 10];
  const vibration = days.map((day) => midday(worn, day, 'vibration'));
  for (const [index, value] of vibration.entries()) {
    assert.ok(index === 0 || value > (vibration[index - 1] ?? 0) + 0.1, `vibration ${vibration}`);
  }
  assert.ok((vibration.at(-1) ?? 0) > 7.1, 'beyond what ISO 10816 lets a machine of this size run at');
  assert.ok(midday(worn, 10, 'bearing_temperature') > midday(worn, 0, 'bearing_temperature') + 15);
  assert.ok(midday(worn, 10, 'flow') < midday(worn, 0, 'flow') * 0.9);
  assert.ok(Math.abs(midday(sound, 10, 'vibration') - midday(sound, 0, 'vibration')) < 0.3);
});

test('without a date the bearing is renewed and wears again', () => {
  const pump = device(FAULTY_DEVICE);
  const perHour = numbers(walk(pump, MONDAY, MONDAY + 28 * DAY, HOUR), 'vibration').filter((value) => value > 1);
  assert.ok(Math.max(...perHour) > 7);
  assert.ok(Math.min(...perHour) < 3);
});

test('a plant that cannot be is refused with the remedy', () => {
  assert.throws(() => createPlant({ devices: 0 }), { code: 'usage', message: /from 1 to 2000/ });
  assert.throws(() => createPlant({ devices: 2.5 }), { code: 'usage' });
  assert.throws(() => createPlant({ speed: 0 }), { code: 'usage', message: /above 0/ });
});
