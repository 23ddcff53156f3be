import { newOrderedId } from '../core/ids.ts';
import type { KnownCourse, Report, Severity, Transition } from '../rules/rules.ts';
import type { Sql } from '../store/store.ts';
import { alarmMessage, type ShownParameter } from './alarm-message.ts';
import {
  type AlarmRow,
  courseOf,
  END,
  type EscalationStep,
  getAlarm,
  keepNumber,
  lastNumber,
  NEVER,
  occurrenceOf,
  occurrencesSince,
  RANK,
  raisesWithin,
} from './alarm-rows.ts';
import { type OutOfService, rearm, someAreSuppressible, suppress, suppressAgainOn, type Written } from './attention.ts';
import { type NewEvent, writeAlarm } from './event-rows.ts';
import type { Telling } from './notices.ts';
import { type Change, reconcile, type Step } from './reconcile.ts';
import { hasShelves, shelfOf } from './shelf-rows.ts';
import { saysOf, takeFromShelf } from './shelving.ts';

/** What an alarm takes from the rule that has raised it. */
export interface AlarmRule {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  /** What to do about it. */
  readonly guidance: string | null;
  /** Who acknowledges has to say something. */
  readonly note_required: boolean;
  /** Rules whose alarm on the same device explains this one. */
  readonly suppressed_by: readonly string[];
  readonly escalation: readonly EscalationStep[];
  /** Whom to tell of what; nobody when left out. */
  readonly notifications?: readonly Telling[];
  /** Whether it watches a device with these tags. */
  readonly isFor: (deviceId: string, tags: readonly string[]) => boolean;
}

/** A report, and what has to be known to record it. */
export interface Prepared {
  readonly report: Report;
  /** As it is now; of the report's version it has at least been. */
  readonly rule: AlarmRule;
  /** How people want to see the parameters that it names. */
  readonly shown: ReadonlyMap<string, ShownParameter>;
}

/** The transaction in which reports are recorded. */
export interface Recording {
  readonly sql: Sql;
  /** Wall clock (epoch ms). */
  readonly now: number;
  readonly isOut: OutOfService;
  /** Whether anything is on a shelf. */
  readonly hasShelves: boolean;
  /** The last number that was given. */
  number: number;
}

/** Begins to record. */
export const beginRecording = (on: Pick<Recording, 'sql' | 'now' | 'isOut'>): Recording => ({
  ...on,
  hasShelves: hasShelves(on.sql),
  number: lastNumber(on.sql),
});

/** Ends it: says what numbers were given, and looks at what may be suppressed now by what has changed, or not any more. */
export function endRecording(on: Recording, written: readonly Written[]): Written[] {
  const { sql, now, isOut } = on;
  if (written.some(({ alarm }) => alarm.number === on.number)) keepNumber(sql, on.number);
  if (written.length === 0 || !someAreSuppressible(sql)) return [];
  const devices = written.map(({ alarm }) => alarm.deviceId);
  return suppressAgainOn(sql, devices, isOut, now);
}

/** Raised so often within so long, an alarm chatters (ISA-18.2, 3.1 and 16.5: three in a minute). */
const CHATTER = [
  { raises: 3, withinMs: 60_000 },
  { raises: 10, withinMs: 3_600_000 },
] as const;
const CHATTER_MS = 3_600_000;

/** Transitions kept in the course of one alarm. */
const MAX_COURSE = 100;

const ended = (course: readonly Transition[]): Transition | undefined => {
  const last = course.at(-1);
  return last?.severity === null ? last : undefined;
};

const lastSeverity = (course: readonly Transition[]): Severity =>
  course.findLast(({ severity }) => severity !== null)?.severity ?? 'low';

/** A course of not too many transitions, and up to when (epoch ms) it is not whole. */
function bounded(course: readonly Transition[], since: number | null): [Transition[], number | null] {
  const [first, ...rest] = course;
  if (first === undefined || course.length <= MAX_COURSE) return [[...course], since];
  let cut = rest.length - MAX_COURSE / 2;
  // Behind the first there has to be another severity, or it would be taken for a repetition.
  while (rest[cut]?.severity === first.severity) cut += 1;
  return [[first, ...rest.slice(cut)], rest[cut - 1]?.at ?? since];
}

function chatters(sql: Sql, ruleId: string, deviceId: string, at: number): boolean {
  const raises = raisesWithin(sql, ruleId, deviceId, at - CHATTER_MS, at);
  // This one is not among them yet.
  return CHATTER.some((limit) => raises.filter((raise) => raise > at - limit.withinMs).length + 1 >= limit.raises);
}

const plain = (transitions: readonly Transition[]) =>
  transitions.map(({ at, severity }) => ({ at: new Date(at).toISOString(), severity }));
const iso = (ms: number) => new Date(ms).toISOString();

const sayOf = ({ parameter, value }: Transition) => ({ parameter, value });

function eventOf(step: Step, before: Severity): NewEvent {
  switch (step.kind) {
    case 'severity_changed': {
      const { at, severity } = step.transition;
      return { kind: 'severity_changed', at, data: { from: before, to: severity, ...sayOf(step.transition) } };
    }
    case 'cleared': {
      const { at, because = null } = step.transition;
      return { kind: 'cleared', at, data: { because, ...sayOf(step.transition) } };
    }
    case 'raise_moved':
      return { kind: 'corrected', data: { what: step.kind, was: iso(step.was), now: iso(step.now) } };
    case 'course_changed':
      return { kind: 'corrected', data: { what: step.kind, was: plain(step.was), now: plain(step.now) } };
  }
}

/** Whether it has become worse on the way to what it is now, if only for a while. */
function hasWorsened(steps: readonly Step[], before: Severity, now: Severity): boolean {
  const passed = steps.flatMap((step) => (step.kind === 'severity_changed' ? (step.transition.severity ?? []) : []));
  return [...passed, now].some((severity, index) => RANK[severity] > RANK[passed[index - 1] ?? before]);
}

/** Events of a course that goes on, the severity before each of them known. */
function eventsOf(steps: readonly Step[], before: Severity): NewEvent[] {
  let severity = before;
  return steps.map((step) => {
    const event = eventOf(step, severity);
    if (step.kind === 'severity_changed') severity = step.transition.severity ?? severity;
    return event;
  });
}

/** What came and went so long before it was known (ms) is history: nobody could have done anything about it. */
const HISTORIC_MS = 3_600_000;

const isHistoric = ({ raisedAt, recordedAt, acknowledgedAt }: AlarmRow, clearedAt: number, now: number): boolean =>
  acknowledgedAt === null && recordedAt - raisedAt > HISTORIC_MS && now - clearedAt > HISTORIC_MS;

/** Where an alarm has got to when its condition has gone: what is acknowledged, or history, is closed. */
export function clear(alarm: AlarmRow, at: number, because: string | null, now: number): NewEvent[] {
  alarm.clearedAt = at;
  alarm.clearedBecause = because;
  if (alarm.status === 'closed') return [];
  if (isHistoric(alarm, at, now)) return close(alarm, now, { because: 'historic' });
  if (alarm.status === 'active') alarm.status = 'cleared';
  if (alarm.status !== 'acknowledged') return [];
  return close(alarm, now, { because: 'acknowledged' });
}

/** Closes an alarm: nobody has to look at it any more. */
export function close(alarm: AlarmRow, now: number, data: Readonly<Record<string, unknown>>): NewEvent[] {
  alarm.status = 'closed';
  alarm.closedAt = now;
  alarm.shelvedUntil = null;
  alarm.suppression = null;
  alarm.escalatesAt = null;
  return [{ kind: 'closed', data }];
}

/** Its condition holds again, or holds more severely than somebody has acknowledged: people have to look once more. */
function reopen(alarm: AlarmRow, isWorse: boolean): void {
  alarm.clearedAt = null;
  alarm.clearedBecause = null;
  alarm.closedAt = null;
  if (!isWorse && alarm.acknowledgedAt !== null) {
    alarm.status = 'acknowledged';
    return;
  }
  alarm.status = 'active';
  if (alarm.acknowledgedAt === null) return;
  alarm.acknowledgedAt = null;
  alarm.acknowledgedBy = null;
  alarm.escalated = 0;
}

/** What its first transition says of an alarm; another one, when what came later has moved its raise, or made it worse. */
function raiseOf(
  ruleName: string,
  first: Transition,
  shown: Prepared['shown'],
): Pick<AlarmRow, 'raisedAt' | 'message' | 'parameter' | 'value'> {
  const { at, parameter, value } = first;
  return {
    raisedAt: at,
    message: alarmMessage(ruleName, first, parameter === null ? undefined : shown.get(parameter)),
    parameter,
    value: value === null ? null : JSON.stringify(value),
  };
}

function raised(on: Recording, { report, rule, shown }: Prepared, change: Change & { kind: 'raised' }): Written {
  const { sql, now, isOut } = on;
  const { deviceId, ruleVersion } = report;
  const [first] = change.course;
  if (first?.severity == null) throw new Error('an alarm begins with a severity');
  const { at, severity, parameter, value } = first;
  const [course, courseSince] = bounded(change.course, null);
  const shelf = on.hasShelves ? shelfOf(sql, rule.id, deviceId) : undefined;
  const alarm: AlarmRow = {
    id: newOrderedId(now),
    number: ++on.number,
    ruleId: rule.id,
    ruleVersion,
    ruleName: rule.name,
    deviceId,
    severity: lastSeverity(course),
    status: 'active',
    ...raiseOf(rule.name, first, shown),
    guidance: rule.guidance,
    course: JSON.stringify(course),
    courseSince,
    clearedAt: null,
    clearedBecause: null,
    isWithdrawn: 0,
    isSettled: 0,
    correction: change.wasMissed ? 'inserted' : null,
    recordedAt: now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    closedAt: null,
    isChattering: Number(chatters(sql, rule.id, deviceId, at)),
    isQuiet: 0,
    shelvedUntil: shelf !== undefined && shelf.until > now ? shelf.until : null,
    suppression: null,
    suppressedBy: JSON.stringify(rule.suppressed_by),
    escalation: JSON.stringify(rule.escalation),
    notifications: JSON.stringify(rule.notifications ?? []),
    escalated: 0,
    escalatesAt: null,
    assigneeId: null,
    assigneeName: null,
    events: 0,
    unlisted: 0,
  };
  const happened: NewEvent[] = [
    { kind: 'raised', at, data: { severity, parameter, value, rule_version: ruleVersion } },
    ...(change.wasMissed ? [{ kind: 'corrected', data: { what: 'inserted' } } as const] : []),
    ...suppress(sql, alarm, isOut, now),
    ...eventsOf(
      change.course.slice(1).map(
        (transition): Step => ({
          kind: transition.severity === null ? 'cleared' : 'severity_changed',
          transition,
        }),
      ),
      severity,
    ),
  ];
  const end = ended(course);
  if (end !== undefined) happened.push(...clear(alarm, end.at, end.because ?? null, now));
  const written = { ...alarm, isQuiet: Number(alarm.shelvedUntil !== null || alarm.suppression !== null) };
  return { alarm: written, events: writeAlarm(sql, written, happened, now, true) };
}

function altered(
  { sql, now, isOut }: Recording,
  { shown }: Prepared,
  alarm: AlarmRow,
  { course, steps }: Change & { kind: 'altered' },
): Written {
  const before = alarm.severity;
  const happened = eventsOf(steps, before);
  if (steps.some(({ kind }) => kind === 'raise_moved' || kind === 'course_changed')) alarm.correction = 'changed';
  const [kept, since] = bounded(course, alarm.courseSince);
  const [[was], [first]] = [courseOf(alarm), course];
  alarm.course = JSON.stringify(kept);
  alarm.courseSince = since;
  const isSameRaise = first?.at === was?.at && first?.severity === was?.severity;
  if (first !== undefined && !isSameRaise) Object.assign(alarm, raiseOf(alarm.ruleName, first, shown));
  alarm.severity = lastSeverity(course);
  const end = ended(course);
  const isWorse = hasWorsened(steps, before, alarm.severity);
  if (end === undefined) {
    if (alarm.clearedAt !== null || isWorse) reopen(alarm, isWorse);
    const shelf = shelfOf(sql, alarm.ruleId, alarm.deviceId);
    const isShelved = shelf !== undefined && shelf.until > now;
    // It comes back to where others have been put meanwhile.
    if (isShelved && alarm.shelvedUntil === null) happened.push({ kind: 'shelved', data: saysOf(shelf) });
    alarm.shelvedUntil = isShelved ? shelf.until : null;
    // That it is worse is news, however it turned out.
    const last = course.at(-1);
    if (isWorse && last !== undefined && !steps.some(({ kind }) => kind === 'severity_changed')) {
      happened.push(eventOf({ kind: 'severity_changed', transition: last }, before));
    }
    happened.push(...suppress(sql, alarm, isOut, now));
  } else {
    // What somebody knew of was not so bad.
    if (isWorse && alarm.clearedAt === null) reopen(alarm, isWorse);
    happened.push(...clear(alarm, end.at, end.because ?? null, now));
    rearm(alarm, now);
  }
  return { alarm, events: writeAlarm(sql, alarm, happened, now) };
}

function withdrawn({ sql, now }: Recording, alarm: AlarmRow, into: string | null): Written {
  const wasOpen = alarm.clearedAt === null;
  alarm.isWithdrawn = 1;
  alarm.correction = 'withdrawn';
  const happened: NewEvent[] = [{ kind: 'corrected', data: { what: 'withdrawn', into } }];
  if (wasOpen) {
    happened.push({
      kind: 'cleared',
      at: alarm.raisedAt,
      data: { because: 'withdrawn', parameter: null, value: null },
    });
    happened.push(...clear(alarm, alarm.raisedAt, 'withdrawn', now));
  }
  rearm(alarm, now);
  return { alarm, events: writeAlarm(sql, alarm, happened, now) };
}

/** A shelf that was to end when the alarm clears does, once it has. */
export function endOneShot(sql: Sql, now: number, { alarm, events }: Written): Written[] {
  if (alarm.clearedAt === null || !events.some(({ kind }) => kind === 'cleared')) return [{ alarm, events }];
  const shelf = shelfOf(sql, alarm.ruleId, alarm.deviceId);
  if (shelf?.isOneShot !== 1) return [{ alarm, events }];
  const [own, ...others] = takeFromShelf(sql, shelf, now, { because: 'cleared' }, alarm);
  return [{ alarm, events: [...events, ...(own?.events ?? [])] }, ...others];
}

/** Brings what is recorded of one rule on one device to what a report says. @returns what has changed */
export function recordReport(on: Recording, prepared: Prepared): Written[] {
  const { report } = prepared;
  const rows = occurrencesSince(on.sql, report.ruleId, report.deviceId, report.since);
  if (rows.length === 0 && report.transitions.length === 0) return [];
  const record = (change: Change): Written | undefined => {
    if (change.kind === 'raised') return raised(on, prepared, change);
    // As it is by now: it may have left a shelf with another one.
    const alarm = getAlarm(on.sql, change.id);
    if (alarm === undefined) return undefined;
    return change.kind === 'altered' ? altered(on, prepared, alarm, change) : withdrawn(on, alarm, change.into);
  };
  return reconcile(rows.map(occurrenceOf), report).flatMap((change) => {
    const written = record(change);
    if (written === undefined) return [];
    // What is raised behind it is not on its shelf any more.
    return on.hasShelves ? endOneShot(on.sql, on.now, written) : [written];
  });
}

const COURSES = 'select rule_id as ruleId, device_id as deviceId, course, raised_at as raisedAt from';
const STANDING = `${COURSES} alarms where status <> 'closed' and cleared_at is null`;
const CLEARED_AFTER = `${COURSES} alarms where is_withdrawn = 0 and is_settled = 0 and cleared_at > ?`;
// One step through an index for each rule, and for each of its devices: years of alarms would take seconds to be grouped.
const NEWEST_BEFORE = `with recursive
  rules_seen(r) as (select min(rule_id) from alarms
    union all select (select min(rule_id) from alarms where rule_id > r) from rules_seen where r is not null),
  pairs(r, d) as (select r, (select min(device_id) from alarms where rule_id = r) from rules_seen where r is not null
    union all select r, (select min(device_id) from alarms where rule_id = r and device_id > d)
      from pairs where d is not null)
  ${COURSES} pairs join alarms on seq = (select seq from alarms a where a.rule_id = r and a.device_id = d
    and ${END} < ${NEVER} and a.is_withdrawn = 0 order by ${END} desc limit 1)
  where is_settled = 0 and cleared_at <= ?`;

/**
 * What is recorded of each rule on each device: of alarms that stand, of those that cleared after a time (epoch ms), and of the
 * newest, whenever it cleared: so that nobody takes the time before it for one without alarms.
 */
export function knownCourses(sql: Pick<Sql, 'all'>, after: number): KnownCourse[] {
  type Row = Pick<AlarmRow, 'ruleId' | 'deviceId' | 'course' | 'raisedAt'>;
  const rows = [
    ...sql.all<Row>(STANDING),
    ...sql.all<Row>(CLEARED_AFTER, after),
    ...sql.all<Row>(NEWEST_BEFORE, after),
  ];
  const byInstance = Map.groupBy(rows, ({ ruleId, deviceId }) => `${ruleId}/${deviceId}`);
  return [...byInstance.values()].flatMap((courses) => {
    const [first] = courses;
    if (first === undefined) return [];
    const transitions = courses.toSorted((one, other) => one.raisedAt - other.raisedAt).flatMap(courseOf);
    return [{ ruleId: first.ruleId, deviceId: first.deviceId, transitions }];
  });
}
