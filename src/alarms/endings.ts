import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import { type AlarmRow, openOnDevice, standingOfRule } from './alarm-rows.ts';
import { type OutOfService, suppressAgainOn, type Written } from './attention.ts';
import { writeAlarm } from './event-rows.ts';
import { clear, endOneShot } from './record.ts';
import { shelvesOn } from './shelf-rows.ts';
import { takeFromShelf } from './shelving.ts';
import { moveWindows } from './windows.ts';

/** Why the alarms of a rule, or on a device, have come to an end that is not their condition's. */
export type Ending =
  | 'rule_removed'
  | 'rule_deactivated'
  | 'rule_changed'
  | 'device_retired'
  | 'device_removed'
  | 'device_merged'
  /** The rule does not watch it any more. */
  | 'device_out_of_rule';

const SLICE_ALARMS = 25;

/** Clears an alarm that stands, for good: whatever is still reported of it changes it no more. */
function endAlarm(sql: Sql, alarm: AlarmRow, why: Ending, now: number): Written {
  const at = Math.max(now, alarm.raisedAt);
  alarm.isSettled = 1;
  const cleared = { kind: 'cleared', at, data: { because: why, parameter: null, value: null } } as const;
  return { alarm, events: writeAlarm(sql, alarm, [cleared, ...clear(alarm, at, why, now)], now) };
}

/** Ends alarms that stand, when what they are of comes to an end. */
export interface Endings {
  /** Of a rule; with a device, only those there. */
  endRule(scope: FactoryScope, ruleId: string, why: Ending, deviceId?: string): Promise<void>;
  endDevice(scope: FactoryScope, deviceId: string, why: Ending): Promise<void>;
  /** All whose rule or device is not in use any more, or not for each other: what ended while the appliance was killed. */
  endForgotten(scope: FactoryScope): Promise<void>;
}

export interface EndingsParts {
  readonly store: Store;
  readonly now: () => number;
  readonly isInUse: (scope: FactoryScope, ruleId: string) => boolean;
  readonly takesPart: (scope: FactoryScope, deviceId: string) => boolean;
  /** Whether a rule is in use, and for a device that takes part. */
  readonly isWatched: (scope: FactoryScope, ruleId: string, deviceId: string) => boolean;
  readonly outOfService: (scope: FactoryScope) => OutOfService;
  readonly tell: (scope: FactoryScope, written: readonly Written[]) => void;
}

/**
 * Alarms of a device that becomes a part of another go over to that one, inside the transaction that makes it so. What
 * stands is cleared: the rules look at the other device from then on. Its shelves go with it; who works
 * on it works on that one.
 */
export function moveAlarms(sql: Sql, fromId: string, intoId: string, now: number): void {
  for (const alarm of openOnDevice(sql, fromId)) {
    if (alarm.clearedAt === null) endAlarm(sql, alarm, 'device_merged', now);
  }
  for (const shelf of shelvesOn(sql, fromId)) takeFromShelf(sql, shelf, now, { because: 'device_merged' });
  moveWindows(sql, fromId, intoId);
  // What happened there is nothing that the rules say of the other device, be it at the same moment.
  sql.run(
    `update main.alarms set device_id = ?2, is_settled = 1, course = '[]' where factory_id = current_factory() and device_id = ?1`,
    fromId,
    intoId,
  );
}

export function createEndings(parts: EndingsParts): Endings {
  const { store, now, isInUse, takesPart, isWatched, outOfService, tell } = parts;
  const endAll = async (
    scope: FactoryScope,
    read: (sql: SqlReads) => AlarmRow[],
    whyOf: (alarm: AlarmRow) => Ending | undefined,
  ) => {
    const standing = store.read(scope, read).filter(({ clearedAt }) => clearedAt === null);
    const ending = standing.flatMap((alarm) => {
      const why = whyOf(alarm);
      return why === undefined ? [] : [{ id: alarm.id, why }];
    });
    for (let next = 0; next < ending.length; next += SLICE_ALARMS) {
      const slice = new Map(ending.slice(next, next + SLICE_ALARMS).map(({ id, why }) => [id, why]));
      const isOut = outOfService(scope);
      // As they are by now.
      const written = store.write(scope, (sql) => {
        const ended = read(sql).flatMap((alarm) => {
          const why = slice.get(alarm.id);
          if (why === undefined || alarm.clearedAt !== null) return [];
          return endOneShot(sql, now(), endAlarm(sql, alarm, why, now()));
        });
        // What they had explained is explained no more.
        const devices = ended.map(({ alarm }) => alarm.deviceId);
        return [...ended, ...suppressAgainOn(sql, devices, isOut, now())];
      });
      tell(scope, written);
      await nextTurn();
    }
  };

  return {
    endRule: (scope, ruleId, why, deviceId) =>
      endAll(
        scope,
        (sql) => standingOfRule(sql, ruleId),
        (alarm) => (deviceId === undefined || alarm.deviceId === deviceId ? why : undefined),
      ),
    endDevice: (scope, deviceId, why) =>
      endAll(
        scope,
        (sql) => openOnDevice(sql, deviceId),
        () => why,
      ),
    endForgotten: async (scope) => {
      const pairs = store.read(scope, (sql) =>
        sql.all<{ ruleId: string; deviceId: string }>(
          'select distinct rule_id as ruleId, device_id as deviceId from alarms where cleared_at is null',
        ),
      );
      const rules = [...new Set(pairs.map(({ ruleId }) => ruleId))].filter((ruleId) => !isInUse(scope, ruleId));
      for (const ruleId of rules) {
        await endAll(
          scope,
          (sql) => standingOfRule(sql, ruleId),
          () => 'rule_removed',
        );
      }
      const devices = [...new Set(pairs.map(({ deviceId }) => deviceId))].filter((id) => !takesPart(scope, id));
      for (const deviceId of devices) {
        await endAll(
          scope,
          (sql) => openOnDevice(sql, deviceId),
          () => 'device_retired',
        );
      }
      const left = pairs.filter(({ ruleId, deviceId }) => !isWatched(scope, ruleId, deviceId));
      for (const ruleId of new Set(left.map((pair) => pair.ruleId))) {
        const devices = new Set(left.flatMap((pair) => (pair.ruleId === ruleId ? [pair.deviceId] : [])));
        await endAll(
          scope,
          (sql) => standingOfRule(sql, ruleId),
          ({ deviceId }) => (devices.has(deviceId) ? 'device_out_of_rule' : undefined),
        );
      }
    },
  };
}
