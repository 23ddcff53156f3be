import {
  type Alarm,
  type AlarmEvent,
  type AlarmNews,
  type AlarmRule,
  type Alarms,
  createAlarms,
  type Ending,
} from './alarms/alarms.ts';
import { alarmQualityRoutes } from './api/routes/alarm-quality.ts';
import { alarmEventReply, alarmReply, alertRoutes } from './api/routes/alerts.ts';
import { maintenanceRoutes } from './api/routes/maintenance.ts';
import type { Broker } from './broker/broker.ts';
import type { Control } from './control.ts';
import type { ClockGuard } from './core/clock-guard.ts';
import { AppError } from './core/errors.ts';
import type { Log } from './core/log.ts';
import type { FactoryScope } from './core/scope.ts';
import { type Rule, type RuleChange, watches } from './rules/rules.ts';
import type { Merging } from './telemetry/telemetry.ts';

export interface AlarmDeskDeps {
  readonly control: Control;
  readonly clock: ClockGuard;
  /** Milliseconds from any beginning. */
  readonly monotonic: () => number;
  /** A rule as it is now; undefined when there is none, or it is not in use. Instead of those of the rules' store. */
  readonly ruleOf?: ((scope: FactoryScope, ruleId: string) => AlarmRule | undefined) | undefined;
  readonly log: Log;
  /** Asked once it is there. */
  readonly broker: () => Pick<Broker, 'publish'>;
}

/** Alarms, between the rules that raise them, the people who look at them, and those who read along over MQTT. */
export interface AlarmDesk {
  readonly alarms: Alarms;
  /** Makes devices one, their alarms too. */
  merging(inner: Merging): Merging;
  /** A device does not take part any more. */
  retired(scope: FactoryScope, deviceId: string): void;
  /** A device is about to go, and its alarms with it: who listens hears first that what stands is over. */
  removing(scope: FactoryScope, deviceId: string): Promise<void>;
  /** Begins to watch what time does to alarms. @returns how to stop */
  start(): () => Promise<void>;
}

/** What is said of an alarm between people is no transition. */
const BETWEEN_PEOPLE: ReadonlySet<AlarmEvent['kind']> = new Set(['commented', 'assigned']);

const messageOf = (alarm: Alarm, event: AlarmEvent) => {
  const { id: _, ...said } = alarmEventReply(event);
  return JSON.stringify({ ...alarmReply(alarm), event: said });
};

/**
 * Publishes what happens to alarms to `factories/{slug}/alarms/{alarm_id}`, each as the alarm is then, with what has
 * happened as `event`. Those that are shelved or suppressed, too: they say so, and who reads along decides. Nothing is
 * retained: what stands is asked of the API.
 */
function publishNews(news: AlarmNews, broker: Pick<Broker, 'publish'>): void {
  const { scope, alarm, events } = news;
  const topic = `factories/${scope.slug}/alarms/${alarm.id}`;
  for (const event of events) {
    if (BETWEEN_PEOPLE.has(event.kind)) continue;
    void broker.publish({ topic, payload: messageOf(alarm, event), qos: 1 }).catch(() => {});
  }
}

const alarmRule = ({ id, version, definition }: Rule): AlarmRule | undefined =>
  definition.is_active
    ? {
        ...definition,
        id,
        version,
        guidance: definition.guidance || null,
        isFor: (deviceId, tags) => watches(definition, { id: deviceId, tags }),
      }
    : undefined;

/** Rules as alarms see them: in memory, because each report asks for one. */
function heldRules(rules: Control['rules']) {
  const factories = new Map<number, Map<string, AlarmRule | undefined>>();
  rules.onChanged(({ factoryId }, { kind, rule }) =>
    factories.get(factoryId)?.set(rule.id, kind === 'removed' ? undefined : alarmRule(rule)),
  );
  return (scope: FactoryScope, ruleId: string): AlarmRule | undefined => {
    let held = factories.get(scope.factoryId);
    if (held === undefined) {
      held = new Map(rules.all(scope).map((rule) => [rule.id, alarmRule(rule)]));
      factories.set(scope.factoryId, held);
    }
    return held.get(ruleId);
  };
}

/** Why alarms of a rule come to an end with a change of it; undefined where they go on. */
const endingOf = ({ kind, rule, previous }: RuleChange): Ending | undefined => {
  if (kind === 'removed') return 'rule_removed';
  return previous?.definition.is_active && !rule.definition.is_active ? 'rule_deactivated' : undefined;
};

export function createAlarmDesk(deps: AlarmDeskDeps): AlarmDesk {
  const { control, clock, log } = deps;
  const { accounts, catalogue, rules, store } = control;
  const { factories, members } = accounts;

  const memberName = (scope: FactoryScope, userId: string) => {
    try {
      const { name, email, isActive } = members.get(scope, userId);
      return isActive ? name || email : undefined;
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  };
  const alarms = createAlarms({
    store,
    now: clock.trustedNow,
    monotonic: deps.monotonic,
    isTrusted: () => clock.isTrusted,
    scopes: () => factories.list().flatMap(({ scope, archivedAt }) => (archivedAt === null ? [scope] : [])),
    scopeOf: (factoryId) => factories.byNumber(factoryId)?.scope,
    ruleOf: deps.ruleOf ?? heldRules(rules),
    deviceKey: (scope, id) => {
      const device = catalogue.device(scope, id);
      return device?.standing === 'active' ? device.key : undefined;
    },
    hasDevice: (scope, id) => catalogue.device(scope, id) !== undefined,
    tagsOf: (scope, id) => catalogue.device(scope, id)?.tags ?? [],
    describe: (scope, id, parameter) => {
      const known = catalogue.device(scope, id)?.parameters.find(({ name }) => name === parameter);
      return known && { name: known.displayName ?? known.name, unit: known.unit, decimals: known.decimals };
    },
    memberName,
    onFault: (error) => log.error({ err: error }, 'something about alarms could not be done; it is tried again'),
  });
  rules.onChanged((scope, change) => {
    const why = endingOf(change);
    if (why === undefined) return;
    const { id, version } = change.previous ?? change.rule;
    alarms
      .ruleEnded(scope, { id, version }, why)
      .catch((error: unknown) => log.error({ err: error }, 'alarms of a rule that is not in use could not be cleared'));
  });
  control.devices.onTagsChanged((scope) => alarms.tagsChanged(scope));
  alarms.onNews((news) => publishNews(news, deps.broker()));

  return {
    alarms,
    merging: (inner) => ({
      merge: async (scope, id, intoId) => {
        const before = alarms.openOn(scope, id);
        const merged = await inner.merge(scope, id, intoId);
        alarms.deviceMerged(scope, intoId, before);
        return merged;
      },
    }),
    retired: (scope, deviceId) =>
      void alarms
        .deviceEnded(scope, deviceId, 'device_retired')
        .catch((error: unknown) => log.error({ err: error }, 'alarms of a retired device could not be cleared')),
    removing: (scope, deviceId) => alarms.deviceEnded(scope, deviceId, 'device_removed'),
    start: () => {
      alarms.start();
      return alarms.stop;
    },
  };
}

/** Routes about alarms. */
export const alarmRoutes = ({ alarms }: AlarmDesk, now: () => number) => [
  ...alertRoutes({ alarms, now }),
  ...alarmQualityRoutes({ alarms, now }),
  ...maintenanceRoutes({ alarms, now }),
];
