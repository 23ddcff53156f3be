import * as z from 'zod';
import {
  ALARM_STATUSES,
  type Alarm,
  type AlarmEvent,
  CORRECTIONS,
  EVENT_KINDS,
  SUPPRESSIONS,
} from '../alarms/alarms.ts';
import { SEVERITIES } from '../rules/rules.ts';
import { isoTime, isoTimeSchema } from './wire.ts';

/** How alarms look on the wire: in the API, in the event stream and in MQTT messages. */

const severitySchema = z.enum(SEVERITIES);

const isoOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms));

export const alarmShape = {
  id: z.uuid(),
  number: z.int().describe('Counted for the factory, and never used again'),
  rule_id: z.uuid(),
  rule_name: z.string().describe('As it was called when the alarm was raised'),
  rule_version: z.int().describe('The version that has raised it'),
  device_id: z.uuid(),
  device_key: z.string(),
  severity: severitySchema,
  status: z
    .enum(ALARM_STATUSES)
    .describe(
      'active: unacknowledged; acknowledged; cleared: returned to normal, unacknowledged; closed: returned to normal and acknowledged, or closed by hand (ISA-18.2)',
    ),
  message: z.string().meta({ examples: ['Bearing hot: temperature is 82.4 °C'] }),
  parameter: z.string().nullable(),
  value: z.union([z.number(), z.boolean(), z.string()]).nullable().describe('What has raised it'),
  guidance: z.string().nullable().describe('What to do about it'),
  raised_at: isoTimeSchema.describe('Event time, as `cleared_at`'),
  cleared_at: isoTimeSchema.nullable(),
  cleared_because: z
    .string()
    .nullable()
    .describe(
      'Where that is not its condition: schedule, withdrawn, rule_removed, rule_deactivated, device_retired, …',
    ),
  recorded_at: isoTimeSchema.describe('When the appliance has written it down'),
  acknowledged_at: isoTimeSchema.nullable(),
  acknowledged_by: z.string().nullable(),
  closed_at: isoTimeSchema.nullable(),
  shelved_until: isoTimeSchema.nullable(),
  suppression: z
    .enum(SUPPRESSIONS)
    .nullable()
    .describe('parent: an alarm that explains it holds on the device; out_of_service: the device is worked on'),
  is_chattering: z
    .boolean()
    .describe('At least the third within a minute, or the tenth within an hour, when it was raised'),
  corrected: z
    .enum(CORRECTIONS)
    .nullable()
    .describe(
      'By late samples. changed: it went otherwise; withdrawn: it had not happened; inserted: it had been missed',
    ),
  assignee: z.object({ id: z.uuid(), name: z.string() }).nullable(),
};

export const alarmSchema = z.object(alarmShape).meta({ id: 'Alarm' });

export const alarmEventSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(EVENT_KINDS),
    at: isoTimeSchema.describe('When it happened: in event time where the rules say it'),
    recorded_at: isoTimeSchema,
    actor: z.string().nullable().describe('Who did it; null: the appliance'),
    data: z.record(z.string(), z.unknown()).meta({ examples: [{ comment: 'Bearing greased' }] }),
  })
  .meta({ id: 'AlarmEvent' });

/** An alarm as the API shows it. */
export const alarmReply = (alarm: Alarm): z.input<typeof alarmSchema> => ({
  id: alarm.id,
  number: alarm.number,
  rule_id: alarm.ruleId,
  rule_name: alarm.ruleName,
  rule_version: alarm.ruleVersion,
  device_id: alarm.deviceId,
  device_key: alarm.deviceKey,
  severity: alarm.severity,
  status: alarm.status,
  message: alarm.message,
  parameter: alarm.parameter,
  value: alarm.value === null ? null : (JSON.parse(alarm.value) as number | boolean | string),
  guidance: alarm.guidance,
  raised_at: isoTime(alarm.raisedAt),
  cleared_at: isoOrNull(alarm.clearedAt),
  cleared_because: alarm.clearedBecause,
  recorded_at: isoTime(alarm.recordedAt),
  acknowledged_at: isoOrNull(alarm.acknowledgedAt),
  acknowledged_by: alarm.acknowledgedBy,
  closed_at: isoOrNull(alarm.closedAt),
  shelved_until: isoOrNull(alarm.shelvedUntil),
  suppression: alarm.suppression,
  is_chattering: alarm.isChattering === 1,
  corrected: alarm.correction,
  assignee: alarm.assigneeId === null ? null : { id: alarm.assigneeId, name: alarm.assigneeName ?? alarm.assigneeId },
});

/** Something that has happened to an alarm. */
export const alarmEventReply = (event: AlarmEvent): z.input<typeof alarmEventSchema> => ({
  id: event.id,
  kind: event.kind,
  at: isoTime(event.at),
  recorded_at: isoTime(event.recordedAt),
  actor: event.actor,
  data: { ...event.data },
});
