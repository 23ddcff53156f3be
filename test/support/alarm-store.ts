import type { AlarmRule, Alarms, AlarmsDeps } from '../../src/alarms/alarms.ts';
import { createAlarms } from '../../src/alarms/alarms.ts';
import { type FactoryScope, mintFactoryScope } from '../../src/core/scope.ts';
import type { Store } from '../../src/store/store.ts';
import { rule } from './alarms.ts';
import { controlStore } from './control-store.ts';

/** Alarms over a database of their own, with a clock that stands still. */
export interface AlarmStore extends Disposable {
  readonly alarms: Alarms;
  readonly store: Store;
  readonly scope: FactoryScope;
  readonly devices: readonly string[];
  readonly rules: Map<string, AlarmRule>;
  readonly faults: unknown[];
  now: number;
}

const uuid = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** The channel of `addChannel`. */
export const CHANNEL = '33333333-3333-4333-8333-333333333333';

/** Gives the factory a channel by which rules can tell. */
export function addChannel({ store, scope }: AlarmStore): void {
  store.write(scope, (sql) =>
    sql.run(
      `insert into main.notification_channels (factory_id, id, kind, name, is_active, config, secret_names,
         rate_per_minute, created_at, created_by, updated_at, updated_by)
       values (current_factory(), ?, 'mqtt', 'shift', 1, '{}', '[]', 10, 0, 'Ada', 0, 'Ada')`,
      CHANNEL,
    ),
  );
}

/** One factory with so many devices, and a rule. */
export function alarmStore(count = 2, more: Partial<AlarmsDeps> = {}): AlarmStore {
  const control = controlStore();
  const { store } = control;
  const scope = mintFactoryScope({ factoryId: 1, factoryUuid: uuid(0), slug: 'vpc', timezone: 'UTC' });
  const devices = Array.from({ length: count }, (_, index) => uuid(index + 1));
  store.system('seed', (sql) =>
    sql.run(
      `insert into main.factories (id, uuid, slug, name, timezone, created_at) values (1, ?, 'vpc', 'VPC', 'UTC', 0)`,
      uuid(0),
    ),
  );
  store.write(scope, (sql) => {
    for (const id of devices) {
      sql.run('insert into main.devices (factory_id, id, key, name, created_at) values (1, ?, ?, ?, 0)', id, id, id);
    }
  });
  const rules = new Map([[rule().id, rule()]]);
  const faults: unknown[] = [];
  const world = { now: Date.UTC(2026, 10, 29) };
  const alarms = createAlarms({
    store,
    now: () => world.now,
    monotonic: () => world.now,
    isTrusted: () => true,
    scopes: () => [scope],
    scopeOf: () => scope,
    ruleOf: (_scope, id) => rules.get(id),
    deviceKey: (_scope, id) => (devices.includes(id) ? id : undefined),
    hasDevice: (_scope, id) => devices.includes(id),
    tagsOf: () => [],
    describe: () => undefined,
    memberName: () => undefined,
    onFault: (error) => faults.push(error),
    ...more,
  });
  return Object.assign(world, {
    alarms,
    store,
    scope,
    devices,
    rules,
    faults,
    [Symbol.dispose]: control[Symbol.dispose],
  });
}
