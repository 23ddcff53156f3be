import type { AlarmRule, Alarms } from '../../src/alarms/alarms.ts';
import type { FactoryScope } from '../../src/core/scope.ts';
import type { Report, Severity, Transition } from '../../src/rules/rules.ts';
import { type ApplianceOptions, type Person, personWith, type RunningAppliance, startAppliance } from './appliance.ts';
import { publishTo } from './isolation-world.ts';

export const RULE = '11111111-1111-4111-8111-111111111111';
export const PARENT = '22222222-2222-4222-8222-222222222222';

export const rule = (id = RULE, more: Partial<AlarmRule> = {}): AlarmRule => ({
  id,
  version: 1,
  name: 'Bearing hot',
  guidance: 'Stop the pump, and look at the bearing.',
  note_required: false,
  suppressed_by: [],
  escalation: [],
  isFor: () => true,
  ...more,
});

/** A change of the alarm; `null`: it clears. */
export const change = (at: number, severity: Severity | null, value: Transition['value'] = 82.44): Transition => ({
  at,
  severity,
  parameter: 'temperature',
  value,
});

/** An appliance whose rules are what the test says, and whose alarms are what it reports. */
export interface AlarmPlant extends AsyncDisposable {
  readonly running: RunningAppliance;
  readonly person: Person;
  readonly alarms: Alarms;
  readonly scope: FactoryScope;
  readonly rules: Map<string, AlarmRule>;
  /** Somebody whose right does not end when the clock goes on: by an API key. */
  lasting(): Promise<Person>;
  /** The id of a device that takes part. */
  device(key: string): Promise<string>;
  report(deviceId: string, since: number, until: number, transitions: Transition[], ruleId?: string): Promise<void>;
}

/** Starts it, with one rule. */
export async function alarmPlant(options: ApplianceOptions = {}): Promise<AlarmPlant> {
  const rules = new Map([[RULE, rule()]]);
  const opened = Promise.withResolvers<Alarms>();
  const scoped: FactoryScope[] = [];
  const running = await startAppliance({
    ...options,
    rules: {
      ruleOf: (scope, id) => {
        scoped.push(scope);
        return rules.get(id);
      },
      opened: (desk) => opened.resolve(desk.alarms),
    },
  });
  const alarms = await opened.promise;
  const person = await running.signIn();
  // The factory of the seed is the first.
  const factoryId = 1;
  let keys = Date.now();
  return {
    running,
    person,
    alarms,
    rules,
    get scope() {
      const [scope] = scoped;
      if (scope === undefined) throw new Error('nothing was reported yet');
      return scope;
    },
    lasting: async () => {
      const rights = { role: 'operator', permissions: ['devices', 'rules'] };
      const { body } = await person.call('POST', '/api-keys', { name: `key-${keys++}`, ...rights, expires_at: null });
      return personWith(running.ready.http, body.secret);
    },
    device: async (key) => {
      await publishTo(running, 'vpc', key, 'temperature');
      const { body } = await person.call('GET', `/devices?key=${key}`);
      return body.items[0].id;
    },
    report: (deviceId, since, until, transitions, ruleId = RULE) => {
      const report: Report = { factoryId, ruleId, ruleVersion: 1, deviceId, since, until, transitions };
      return alarms.apply(factoryId, [report]);
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
