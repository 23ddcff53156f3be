import type { Notice, Severity } from '../rules/rules.ts';

export type MessageKind = Notice | 'digest' | 'test';

/** An alarm, as far as it is told of. Times are epoch ms. */
export interface ToldAlarm {
  readonly id: string;
  readonly number: number;
  readonly severity: Severity;
  readonly status: string;
  readonly message: string;
  readonly guidance: string | null;
  readonly ruleName: string;
  readonly deviceId: string;
  readonly deviceKey: string;
  readonly deviceName: string;
  readonly parameter: string | null;
  /** JSON. */
  readonly value: string | null;
  readonly raisedAt: number;
  readonly clearedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly isWithdrawn: boolean;
}

/** What there is to be said. */
export interface Subject {
  /** Idempotency key. */
  readonly id: string;
  readonly kind: MessageKind;
  readonly severity: Severity;
  /** Of the alarm that it is about; of a digest the worst ones. */
  readonly alarms: readonly ToldAlarm[];
  /** When it happened (epoch ms). */
  readonly at: number;
  /** Of an escalation, which step. */
  readonly step: number | null;
  /** Of a digest: how many of each, the worst first. */
  readonly counts: readonly { readonly kind: Notice; readonly severity: Severity; readonly count: number }[];
}

/** Where it is said. */
export interface Place {
  readonly factoryName: string;
  readonly factorySlug: string;
  /** IANA zone. */
  readonly timezone: string;
  /** Where people reach the user interface; undefined when nobody has said it. */
  readonly publicUrl: string | undefined;
}

/** A message in every form that a channel may want. */
export interface Message {
  readonly id: string;
  readonly kind: MessageKind;
  readonly severity: Severity;
  readonly alarmId: string | null;
  /** One line, for a subject. */
  readonly title: string;
  /** Lines of text. */
  readonly lines: readonly string[];
  readonly url: string | undefined;
  /** One line of at most 320 characters, besides a long address: five SMS, whose own alphabet has no shapes. */
  readonly short: string;
  /** Of a template: 1 severity, 2 what, 3 where, 4 when, 5 link. */
  readonly variables: Readonly<Record<string, string>>;
  /** JSON, for programs. */
  readonly json: string;
}

/** A shape beside the word, so that neither colour nor language is needed. */
export const SHAPES: Readonly<Record<Severity, string>> = { low: '○', medium: '◇', high: '△', critical: '■' };
const WORDS: Readonly<Record<Severity, string>> = { low: 'Low', medium: 'Medium', high: 'High', critical: 'CRITICAL' };
const HAPPENED: Readonly<Record<Notice, string>> = {
  raised: 'raised',
  severity_changed: 'changed its severity',
  acknowledged: 'acknowledged',
  cleared: 'cleared',
  escalated: 'escalated',
};

const MAX_SHORT = 320;
/** Alarms that a digest names. */
export const NAMED_IN_DIGEST = 10;

const MAX_WHERE = 100;

const oneLine = (text: string) =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
/** Not within a character of two halves: some take no text with one of them. */
const cut = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

const timeIn = (timezone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: timezone });
  return (at: number) => `${format.format(at)} (${timezone})`;
};

const deviceOf = ({ deviceKey, deviceName }: ToldAlarm) =>
  deviceName === '' || deviceName === deviceKey ? deviceKey : `${deviceName} (${deviceKey})`;

/** An alarm in a line, of which what is told first is that it was raised: it may be over by the time it is told of. */
const raisedText = ({ number, message, clearedAt }: ToldAlarm) =>
  `#${number} ${clearedAt === null ? '' : '(cleared since) '}${message}`;

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function alarmJson(alarm: ToldAlarm) {
  return {
    id: alarm.id,
    number: alarm.number,
    severity: alarm.severity,
    status: alarm.status,
    message: alarm.message,
    rule_name: alarm.ruleName,
    device_id: alarm.deviceId,
    device_key: alarm.deviceKey,
    parameter: alarm.parameter,
    value: alarm.value === null ? null : (JSON.parse(alarm.value) as unknown),
    raised_at: iso(alarm.raisedAt),
    cleared_at: iso(alarm.clearedAt),
    acknowledged_by: alarm.acknowledgedBy,
    withdrawn: alarm.isWithdrawn,
  };
}

function whatOf({ kind, step, counts }: Subject, alarm: ToldAlarm | undefined): string {
  if (kind === 'test') return 'test message: this channel works';
  if (kind === 'digest') {
    const all = counts.reduce((sum, { count }) => sum + count, 0);
    const raised = counts.filter((one) => one.kind === 'raised').reduce((sum, { count }) => sum + count, 0);
    const alarms = `${raised === 0 ? 'no' : raised} ${raised < 2 ? 'alarm' : 'alarms'}`;
    return `${all} ${all === 1 ? 'message' : 'messages'} in one: ${alarms} raised`;
  }
  if (alarm === undefined) return HAPPENED[kind];
  if (kind === 'cleared' && alarm.isWithdrawn) return `#${alarm.number} had not happened after all: ${alarm.message}`;
  const by = kind === 'acknowledged' && alarm.acknowledgedBy !== null ? ` by ${alarm.acknowledgedBy}` : '';
  if (kind === 'raised') return raisedText(alarm);
  const stepped = kind === 'escalated' && step !== null ? `, step ${step}: nobody has acknowledged it` : '';
  return `#${alarm.number} ${HAPPENED[kind]}${by}${stepped}: ${alarm.message}`;
}

function linesOf(subject: Subject, alarm: ToldAlarm | undefined, place: Place, what: string): string[] {
  const time = timeIn(place.timezone);
  const severity = `${SHAPES[subject.severity]} ${WORDS[subject.severity]}`;
  if (subject.kind === 'test') return [what, `Factory: ${place.factoryName}`, `Time: ${time(subject.at)}`];
  if (subject.kind === 'digest') {
    return [
      what,
      ...subject.counts.map(
        (one) => `${SHAPES[one.severity]} ${WORDS[one.severity]} ${HAPPENED[one.kind]}: ${one.count}`,
      ),
      '',
      'The worst:',
      ...subject.alarms.map(
        (one) => `${SHAPES[one.severity]} ${WORDS[one.severity]} ${raisedText(one)} (${deviceOf(one)})`,
      ),
      '',
      `Factory: ${place.factoryName}`,
      `Time: ${time(subject.at)}`,
    ];
  }
  if (alarm === undefined) return [what];
  return [
    what,
    '',
    `Severity: ${severity}`,
    `Device: ${deviceOf(alarm)}`,
    `Rule: ${alarm.ruleName}`,
    `Raised: ${time(alarm.raisedAt)}`,
    ...(alarm.clearedAt === null ? [] : [`Cleared: ${time(alarm.clearedAt)}`]),
    ...(alarm.acknowledgedBy === null ? [] : [`Acknowledged by: ${alarm.acknowledgedBy}`]),
    `Factory: ${place.factoryName}`,
    ...(alarm.guidance ? ['', `What to do: ${alarm.guidance}`] : []),
  ];
}

/** Puts into words what there is to be said. */
export function messageOf(subject: Subject, place: Place): Message {
  const { id, kind, severity, at, counts } = subject;
  const alarm = kind === 'digest' ? undefined : subject.alarms[0];
  const what = oneLine(whatOf(subject, alarm));
  const word = `${SHAPES[severity]} ${WORDS[severity]}`;
  const base = place.publicUrl?.replace(/\/+$/, '');
  const path = alarm === undefined ? '/alarms' : `/alarms/${alarm.id}`;
  // Who is in several factories may have another one before them.
  const url = base === undefined ? undefined : `${base}${path}?factory=${place.factorySlug}`;
  const title = cut(oneLine(kind === 'test' ? `${place.factoryName}: ${what}` : `${word}: ${what}`), 200);
  const where = cut(oneLine(alarm === undefined ? place.factoryName : deviceOf(alarm)), MAX_WHERE) || '-';
  const tail = ` ${where}${url === undefined ? '' : ` ${url}`}`;
  return {
    id,
    kind,
    severity,
    alarmId: alarm?.id ?? null,
    title,
    lines: linesOf(subject, alarm, place, what).map(oneLine),
    url,
    short: cut(title, Math.max(80, MAX_SHORT - tail.length)) + tail,
    // Twilio takes no line breaks in variables, and none that is empty.
    variables: {
      1: word,
      2: cut(what, 300),
      3: where,
      4: timeIn(place.timezone)(at),
      5: url ?? '-',
    },
    json: JSON.stringify({
      id,
      kind,
      severity,
      title,
      factory: { slug: place.factorySlug, name: place.factoryName, timezone: place.timezone },
      at: iso(at),
      url: url ?? null,
      alarm: alarm === undefined ? null : alarmJson(alarm),
      ...(kind === 'digest' && { counts, worst: subject.alarms.map(alarmJson) }),
    }),
  };
}

/** The test message of a channel. */
export const testSubject = (id: string, at: number): Subject => ({
  id,
  kind: 'test',
  severity: 'low',
  alarms: [],
  at,
  step: null,
  counts: [],
});
