import type { Sql, SqlReads } from '../store/store.ts';
import { type AlarmRow, type EscalationStep, openOnDevice, type Suppression } from './alarm-rows.ts';
import { type AlarmEvent, type NewEvent, writeAlarm } from './event-rows.ts';

/** An alarm as it is now, and what has just happened to it. */
export interface Written {
  readonly alarm: AlarmRow;
  readonly events: readonly AlarmEvent[];
}

/** Whether a device is being worked on, or out of service. */
export type OutOfService = (deviceId: string) => boolean;

const S = 1_000;

/** The steps of an alarm's escalation, the soonest first. */
export const stepsOf = (alarm: Pick<AlarmRow, 'escalation'>): EscalationStep[] =>
  JSON.parse(alarm.escalation) as EscalationStep[];

/** Whether somebody has to look at it: it has happened, is not acknowledged, and not kept from people. */
const needsAttention = ({ status, isWithdrawn, shelvedUntil, suppression }: AlarmRow): boolean =>
  (status === 'active' || status === 'cleared') && isWithdrawn === 0 && shelvedUntil === null && suppression === null;

/**
 * Says when an alarm's next escalation is due: none while nobody has to look at it, and counted anew once somebody has to
 * again. What is due already stays so.
 */
export function rearm(alarm: AlarmRow, now: number): void {
  const step = needsAttention(alarm) ? stepsOf(alarm)[alarm.escalated] : undefined;
  alarm.escalatesAt = step === undefined ? null : (alarm.escalatesAt ?? now + Math.round(step.after_seconds * S));
}

/** Rules whose alarm holds on a device. */
const standingOn = (sql: SqlReads, deviceId: string): ReadonlySet<string> =>
  new Set(
    sql
      .all<{ ruleId: string }>(
        `select rule_id as ruleId from alarms where device_id = ? and status <> 'closed' and cleared_at is null`,
        deviceId,
      )
      .map(({ ruleId }) => ruleId),
  );

/** Why nobody is to be told of an alarm now. */
function suppressionOf(sql: SqlReads, alarm: AlarmRow, isOut: OutOfService): Suppression | null {
  if (isOut(alarm.deviceId)) return 'out_of_service';
  if (alarm.suppressedBy === '[]') return null;
  const standing = standingOn(sql, alarm.deviceId);
  const parents = JSON.parse(alarm.suppressedBy) as string[];
  return parents.some((parent) => parent !== alarm.ruleId && standing.has(parent)) ? 'parent' : null;
}

/** Says of an alarm whether it is kept from people, and what has happened if that is new. */
export function suppress(sql: SqlReads, alarm: AlarmRow, isOut: OutOfService, now: number): NewEvent[] {
  const was = alarm.suppression;
  alarm.suppression = alarm.status === 'closed' ? null : suppressionOf(sql, alarm, isOut);
  rearm(alarm, now);
  if (alarm.suppression === was || alarm.status === 'closed') return [];
  return alarm.suppression === null
    ? [{ kind: 'unsuppressed', data: { was } }]
    : [{ kind: 'suppressed', data: { by: alarm.suppression } }];
}

/** Looks at these alarms again: what stands on their device, or is being worked on, may have become another. */
export function suppressAgain(sql: Sql, alarms: readonly AlarmRow[], isOut: OutOfService, now: number): Written[] {
  return alarms.flatMap((alarm) => {
    const events = suppress(sql, alarm, isOut, now);
    return events.length === 0 ? [] : [{ alarm, events: writeAlarm(sql, alarm, events, now) }];
  });
}

/** Looks at what other alarms of the same device may explain: some have begun to hold, or do so no more. */
export const suppressAgainOn = (sql: Sql, deviceIds: Iterable<string>, isOut: OutOfService, now: number): Written[] =>
  [...new Set(deviceIds)].flatMap((deviceId) => {
    const suppressible = openOnDevice(sql, deviceId).filter(({ suppressedBy }) => suppressedBy !== '[]');
    return suppressAgain(sql, suppressible, isOut, now);
  });

/** Whether there is any such alarm in the factory. */
export const someAreSuppressible = (sql: SqlReads): boolean =>
  sql.get(`select 1 from alarms where status <> 'closed' and suppressed_by <> '[]' limit 1`) !== undefined;
