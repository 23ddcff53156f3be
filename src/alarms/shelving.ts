import type { Sql } from '../store/store.ts';
import { type AlarmRow, openOfBoth } from './alarm-rows.ts';
import { rearm, type Written } from './attention.ts';
import { type NewEvent, writeAlarm } from './event-rows.ts';
import { dropShelf, type ShelfRow } from './shelf-rows.ts';

/** What an event says of a shelf. */
export const saysOf = ({ until, isOneShot, reason }: ShelfRow): Readonly<Record<string, unknown>> => ({
  until: new Date(until).toISOString(),
  one_shot: isOneShot === 1,
  reason,
});

/**
 * Takes a rule's alarms on a device from their shelf: people have to look at them again.
 *
 * @param first - one that has just been written, and is told whatever its status is; the first of those returned
 */
export function takeFromShelf(
  sql: Sql,
  { ruleId, deviceId }: Pick<ShelfRow, 'ruleId' | 'deviceId'>,
  now: number,
  data: Readonly<Record<string, unknown>>,
  first?: AlarmRow,
  actor: string | null = null,
): Written[] {
  dropShelf(sql, ruleId, deviceId);
  const open = openOfBoth(sql, ruleId, deviceId).filter(({ id }) => id !== first?.id);
  const event: NewEvent = { kind: 'unshelved', actor, data };
  return [...(first === undefined ? [] : [first]), ...open].map((alarm) => {
    alarm.shelvedUntil = null;
    rearm(alarm, now);
    return { alarm, events: writeAlarm(sql, alarm, [event], now) };
  });
}
