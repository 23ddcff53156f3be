import { newId } from '../core/ids.ts';
import type { Sql, SqlReads } from '../store/store.ts';
import { type AlarmRow, saveAlarm } from './alarm-rows.ts';
import { isKeptFromPeople, queueNotices } from './notices.ts';

/** What may happen to an alarm. */
export const EVENT_KINDS = [
  'raised',
  'severity_changed',
  'cleared',
  'corrected',
  'acknowledged',
  'commented',
  'assigned',
  'shelved',
  'unshelved',
  'suppressed',
  'unsuppressed',
  'escalated',
  'closed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that has happened to an alarm. Times are epoch ms. */
export interface AlarmEvent {
  readonly id: string;
  readonly kind: EventKind;
  /** When it happened: in event time where the rules say it. */
  readonly at: number;
  readonly recordedAt: number;
  /** Who did it; null: the appliance. */
  readonly actor: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Of one alarm; what flaps beyond it is counted. */
export const MAX_EVENTS = 1_000;
/** Kinds that may come without end. */
const COUNTED: ReadonlySet<EventKind> = new Set(['severity_changed', 'corrected', 'suppressed', 'unsuppressed']);

interface EventRow extends Omit<AlarmEvent, 'data'> {
  readonly data: string;
}

/** An event to be written. */
export interface NewEvent {
  readonly kind: EventKind;
  /** The wall clock's time when left out. */
  readonly at?: number;
  readonly actor?: string | null;
  readonly data?: AlarmEvent['data'];
}

const insert = (sql: Sql, alarmId: string, event: AlarmEvent): void =>
  void sql.run(
    `insert into main.alarm_events (factory_id, alarm_id, id, kind, at, recorded_at, actor, data, key)
     values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[alarmId, event.id, event.kind, event.at, event.recordedAt, event.actor, JSON.stringify(event.data)],
    // It happens once: a second one is refused.
    event.kind === 'raised' ? event.kind : null,
  );

/**
 * Writes an alarm as it is now, what has happened to it, and whom to tell of that. Of 1,000 events and more, those that come without end are
 * only counted.
 *
 * @param now - epoch ms
 * @returns all that has happened, written down or counted
 */
export function writeAlarm(
  sql: Sql,
  alarm: AlarmRow,
  happened: readonly NewEvent[],
  now: number,
  isNew = false,
): AlarmEvent[] {
  const events = happened.map(
    ({ kind, at = now, actor = null, data = {} }): AlarmEvent => ({
      id: newId(),
      kind,
      at,
      recordedAt: now,
      actor,
      data,
    }),
  );
  const listed = events.filter(({ kind }, index) => alarm.events + index < MAX_EVENTS || !COUNTED.has(kind));
  alarm.events += listed.length;
  alarm.unlisted += events.length - listed.length;
  const wasKept = !isNew && alarm.status === 'closed' && isKeptFromPeople(sql, alarm.id);
  saveAlarm(sql, alarm, isNew);
  for (const event of listed) insert(sql, alarm.id, event);
  // What is only counted is told of nowhere.
  queueNotices(sql, alarm, listed, wasKept, now);
  return events;
}

/** What was said when some alarms were acknowledged, the last time, by the alarm's id. Null: nothing. */
export const notesOf = (sql: SqlReads, alarmIds: readonly string[]): Map<string, string | null> =>
  new Map(
    sql
      .all<{ id: string; note: string | null }>(
        `select alarm_id as id, data ->> '$.comment' as note from alarm_events
         where alarm_id in (select value from json_each(?)) and kind = 'acknowledged' order by seq`,
        JSON.stringify(alarmIds),
      )
      .map(({ id, note }) => [id, note]),
  );

/** What has happened to an alarm, in the order in which it was written down. */
export const eventsOf = (sql: SqlReads, alarmId: string): AlarmEvent[] =>
  sql
    .all<EventRow>(
      `select id, kind, at, recorded_at as recordedAt, actor, data from alarm_events where alarm_id = ? order by seq`,
      alarmId,
    )
    .map((row) => ({ ...row, data: JSON.parse(row.data) as Record<string, unknown> }));
