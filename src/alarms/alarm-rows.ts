import type { Severity, Transition } from '../rules/rules.ts';
import type { Sql, SqlReads, SqlValue } from '../store/store.ts';
import type { Occurrence } from './reconcile.ts';

/**
 * How far an alarm has come (ISA-18.2, 5.6). `active`: unacknowledged; `acknowledged`: somebody has said that they know;
 * `cleared`: returned to normal, unacknowledged; `closed`: returned to normal and acknowledged, or closed by hand.
 */
export const ALARM_STATUSES = ['active', 'acknowledged', 'cleared', 'closed'] as const;
export type AlarmStatus = (typeof ALARM_STATUSES)[number];

/** Why nobody is told of an alarm: an alarm that explains it holds on the same device, or the device is worked on. */
export const SUPPRESSIONS = ['parent', 'out_of_service'] as const;
export type Suppression = (typeof SUPPRESSIONS)[number];

/** What late samples have made of an alarm: it went otherwise, it had not happened, or it had been missed. */
export const CORRECTIONS = ['changed', 'withdrawn', 'inserted'] as const;
export type Correction = (typeof CORRECTIONS)[number];

/** What is worse has a higher one. */
export const RANK: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** A step of an escalation: who is told when nobody has acknowledged for so long. */
export interface EscalationStep {
  readonly after_seconds: number;
  readonly channel_id: string;
}

/** An alarm as it is stored. Times are epoch ms: raised and cleared in event time, the others by the wall clock. */
export interface AlarmRow {
  readonly id: string;
  readonly number: number;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly ruleName: string;
  readonly deviceId: string;
  severity: Severity;
  status: AlarmStatus;
  message: string;
  parameter: string | null;
  /** JSON. */
  value: string | null;
  readonly guidance: string | null;
  /** JSON of transitions. */
  course: string;
  courseSince: number | null;
  raisedAt: number;
  clearedAt: number | null;
  clearedBecause: string | null;
  isWithdrawn: number;
  isSettled: number;
  correction: Correction | null;
  readonly recordedAt: number;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
  closedAt: number | null;
  readonly isChattering: number;
  readonly isQuiet: number;
  shelvedUntil: number | null;
  suppression: Suppression | null;
  /** JSON of rule ids. */
  readonly suppressedBy: string;
  /** JSON of steps. */
  readonly escalation: string;
  /** JSON of whom to tell of what. */
  readonly notifications: string;
  escalated: number;
  escalatesAt: number | null;
  assigneeId: string | null;
  assigneeName: string | null;
  events: number;
  unlisted: number;
}

/** Columns that stay as they were when the alarm was raised, and those that change. */
const FIXED: Readonly<Record<string, keyof AlarmRow>> = {
  id: 'id',
  number: 'number',
  rule_id: 'ruleId',
  rule_version: 'ruleVersion',
  rule_name: 'ruleName',
  device_id: 'deviceId',
  guidance: 'guidance',
  recorded_at: 'recordedAt',
  is_chattering: 'isChattering',
  is_quiet: 'isQuiet',
  suppressed_by: 'suppressedBy',
  escalation: 'escalation',
  notifications: 'notifications',
};
const MOVING: Readonly<Record<string, keyof AlarmRow>> = {
  severity: 'severity',
  status: 'status',
  message: 'message',
  parameter: 'parameter',
  value: 'value',
  course: 'course',
  course_since: 'courseSince',
  raised_at: 'raisedAt',
  cleared_at: 'clearedAt',
  cleared_because: 'clearedBecause',
  is_withdrawn: 'isWithdrawn',
  is_settled: 'isSettled',
  correction: 'correction',
  acknowledged_at: 'acknowledgedAt',
  acknowledged_by: 'acknowledgedBy',
  closed_at: 'closedAt',
  shelved_until: 'shelvedUntil',
  suppression: 'suppression',
  escalated: 'escalated',
  escalates_at: 'escalatesAt',
  assignee_id: 'assigneeId',
  assignee_name: 'assigneeName',
  events: 'events',
  unlisted: 'unlisted',
};
const ALL = { ...FIXED, ...MOVING };

/** Every column of an alarm, by its name in `AlarmRow`; of a table or alias `a`. */
export const ALARM_COLUMNS = Object.entries(ALL)
  .map(([column, name]) => `a.${column} as ${name}`)
  .join(', ');

const INSERT = `insert into main.alarms (factory_id, ${Object.keys(ALL).join(', ')})
  values (current_factory(), ${Object.keys(ALL)
    .map(() => '?')
    .join(', ')})`;
const UPDATE = `update main.alarms set ${Object.keys(MOVING)
  .map((column) => `${column} = ?`)
  .join(', ')} where factory_id = current_factory() and id = ?`;

const valuesOf = (row: AlarmRow, columns: typeof ALL): SqlValue[] => Object.values(columns).map((name) => row[name]);

/** Writes an alarm that is new, or what has changed of one. */
export function saveAlarm(sql: Sql, row: AlarmRow, isNew: boolean): void {
  if (isNew) sql.run(INSERT, ...valuesOf(row, ALL));
  else sql.run(UPDATE, ...valuesOf(row, MOVING), row.id);
}

// Texts are made once: a statement is found again by its text.
const ONE = `select ${ALARM_COLUMNS} from alarms a where a.id = ?`;
/** The end of `a`, in SQL, where what stands ends never. */
export const NEVER = '9007199254740991';
export const END = `ifnull(a.cleared_at, ${NEVER})`;
const SINCE = `select ${ALARM_COLUMNS} from alarms a
  where a.rule_id = ? and a.device_id = ? and ${END} > ? and a.is_withdrawn = 0`;
const RAISES = `select a.raised_at as at from alarms a
  where a.rule_id = ? and a.device_id = ? and ${END} > ? and +a.raised_at > ? and +a.raised_at <= ? and a.is_withdrawn = 0
  limit 20`;
const OPEN = `select ${ALARM_COLUMNS} from alarms a where a.status <> 'closed'`;
const STANDING_OF_RULE = `select ${ALARM_COLUMNS} from alarms a where a.cleared_at is null and a.rule_id = ?`;
const OPEN_ON_DEVICE = `${OPEN} and a.device_id = ?`;
const OPEN_OF_BOTH = `${OPEN} and a.rule_id = ? and a.device_id = ?`;

/** One alarm. */
export const getAlarm = (sql: SqlReads, id: string): AlarmRow | undefined => sql.get<AlarmRow>(ONE, id);

/** Those of a rule on a device that had not cleared by then, the earliest first. */
export const occurrencesSince = (sql: SqlReads, ruleId: string, deviceId: string, since: number): AlarmRow[] =>
  sql.all<AlarmRow>(SINCE, ruleId, deviceId, since).toSorted((one, other) => one.raisedAt - other.raisedAt);

/** When those of a rule on a device were raised, that were in a span (epoch ms, its beginning excluded). */
export const raisesWithin = (sql: SqlReads, ruleId: string, deviceId: string, after: number, until: number): number[] =>
  sql.all<{ at: number }>(RAISES, ruleId, deviceId, after, after, until).map(({ at }) => at);

/** Which are not closed, and on which devices. */
export const listOpen = (sql: SqlReads): Pick<AlarmRow, 'id' | 'deviceId'>[] =>
  sql.all(`select id, device_id as deviceId from alarms where status <> 'closed'`);

/** Those of a rule that have not cleared. */
export const standingOfRule = (sql: SqlReads, ruleId: string): AlarmRow[] =>
  sql.all<AlarmRow>(STANDING_OF_RULE, ruleId);

/** Those on a device that are not closed. */
export const openOnDevice = (sql: SqlReads, deviceId: string): AlarmRow[] =>
  sql.all<AlarmRow>(OPEN_ON_DEVICE, deviceId);

/** Those of a rule on a device. */
export const openOfBoth = (sql: SqlReads, ruleId: string, deviceId: string): AlarmRow[] =>
  sql.all<AlarmRow>(OPEN_OF_BOTH, ruleId, deviceId);

/** The course of an alarm. */
export const courseOf = (row: Pick<AlarmRow, 'course'>): Transition[] => JSON.parse(row.course) as Transition[];

/** An alarm as `reconcile` takes it. */
export const occurrenceOf = (row: AlarmRow): Occurrence => ({
  id: row.id,
  course: courseOf(row),
  courseSince: row.courseSince,
  isSettled: row.isSettled === 1,
});

/** The last number that was given. */
export const lastNumber = (sql: SqlReads): number =>
  sql.get<{ last: number }>('select last from alarm_numbers')?.last ?? 0;

/** Says which number was given last. */
export const keepNumber = (sql: Sql, last: number): void =>
  void sql.run(
    `insert into main.alarm_numbers (factory_id, last) values (current_factory(), ?)
     on conflict do update set last = excluded.last`,
    last,
  );
