import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parametersOf } from '../../../src/rules/condition.ts';
import { definitionSchema } from '../../../src/rules/definition.ts';
import { type Change, compile, severityOf } from '../../../src/rules/fold.ts';
import { DEMO_RULES } from '../../../src/simulator/demo-rules.ts';
import {
  createPlant,
  demoDevices,
  FAULTY_DEVICE,
  failureComing,
  RECORDED_DEVICE,
} from '../../../src/simulator/simulator.ts';

const rules = DEMO_RULES.map((rule) => definitionSchema.parse(rule));

test('each rule of the demo is for machines that there are, and reads what they report', () => {
  for (const rule of rules) {
    const machines = demoDevices().filter(({ tags }) => tags.some((tag) => rule.tags.includes(tag)));
    assert.notEqual(machines.length, 0, rule.name);
    for (const { key, parameters } of machines) {
      const names = parameters.map(({ name }) => name);
      for (const parameter of parametersOf(rule))
        assert.ok(names.includes(parameter), `${rule.name}: ${key} ${parameter}`);
    }
  }
});

/** When the demo's rules would fire on a machine, in minutes from the start, in the first half hour. */
function firings(key: string): string[] {
  const now = Date.UTC(2026, 10, 25, 9);
  const machine = createPlant({ ...failureComing(10, now), speed: 60 }).find((each) => each.key === key);
  return rules
    .filter(({ tags }) => machine?.tags.some((tag) => tags.includes(tag)))
    .flatMap((rule) => {
      const fold = compile(rule, { timezone: 'UTC', outages: [] });
      const state = fold.start(now);
      const changes: Change[] = [];
      for (let second = 0; second < 1_800; second += 5) {
        const metrics = machine?.metricsAt(now + second * 1_000) ?? {};
        fold.apply(
          state,
          now + second * 1_000,
          Object.entries(metrics).map(([parameter, value]) => ({ parameter, value })),
          changes,
        );
      }
      return changes.map(
        ({ at, severity }) => `${rule.name}: ${severityOf(severity) ?? 'cleared'} ${Math.round((at - now) / 60_000)}`,
      );
    });
}

test('the failing press and the worn pump trip them within minutes, and nothing else does', () => {
  assert.deepEqual(firings(RECORDED_DEVICE), [
    'Press loses its working temperature: high 4',
    'Press loses its working temperature: critical 19',
  ]);
  assert.deepEqual(firings(FAULTY_DEVICE), ['Vibration too high: medium 1']);
  for (const { key } of demoDevices()) {
    if (key !== RECORDED_DEVICE && key !== FAULTY_DEVICE) assert.deepEqual(firings(key), [], key);
  }
});
