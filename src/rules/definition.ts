import * as z from 'zod';
import { SEVERITIES, type Watch } from './condition.ts';
import { conditionSchema, MAX_LEAVES, sizeOf } from './condition-schema.ts';
import {
  checked,
  durationOf,
  flagOf,
  idOf,
  itemsIn,
  lineOf,
  listOf,
  membersIn,
  objectOf,
  pauseOf,
  type Tell,
  tellRepeated,
  wordOf,
} from './words.ts';

/** What happens to an alarm that people may be told of. */
const NOTICES = ['raised', 'severity_changed', 'acknowledged', 'cleared', 'escalated'] as const;
export type Notice = (typeof NOTICES)[number];

/** All that people say of a rule, by its names in the API. */
export interface RuleDefinition extends Watch {
  readonly name: string;
  /** What the operator should do (ISA-18.2: operator action). */
  readonly guidance: string;
  readonly is_active: boolean;
  /** The devices that it watches, by id, and by tag. Both empty: all of the factory's. */
  readonly device_ids: readonly string[];
  readonly tags: readonly string[];
  /** Rules whose alarms on the same device make this one's a consequence. */
  readonly suppressed_by: readonly string[];
  /** Who acknowledges has to say something. */
  readonly note_required: boolean;
  readonly notifications: readonly { readonly channel_id: string; readonly on: readonly Notice[] }[];
  /** While nobody acknowledges, by time. */
  readonly escalation: readonly { readonly after_seconds: number; readonly channel_id: string }[];
}

export const MAX_TAGS = 20;
const MAX_DEVICES = 1_000;

const SAY_TAG = 'say a tag in 1 to 64 letters, digits, spaces and . _ -, such as "line 1"';

const TAG = /^[\p{L}\p{N}._-](?:[\p{L}\p{M}\p{N}._ -]*[\p{L}\p{M}\p{N}._-])?$/u;

/** A word by which devices are grouped. */
export const tagSchema = z
  .string({ error: SAY_TAG })
  .trim()
  .normalize('NFC')
  .min(1, SAY_TAG)
  .max(64, SAY_TAG)
  .refine((tag) => TAG.test(tag), SAY_TAG)
  .meta({ examples: ['line 1'] });

/** True for a zone that the calendar knows by name. */
function isZone(zone: string): boolean {
  if (zone === 'factory') return true;
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const SAY_ZONE = 'not a known time zone: say "factory" for that of the factory, or a name such as "Europe/Berlin"';
const SAY_DAY = 'say days as numbers: 1 for Monday to 7 for Sunday';
const SAY_DATE = 'say the day as a date that there is, such as "2027-01-31", or null for none';

const timeOfDay = (which: string) =>
  z
    .string({ error: `say ${which} as hours and minutes, such as "06:00"` })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, `say ${which} as hours and minutes, "00:00" to "23:59"; midnight is "00:00"`)
    .meta({ examples: ['06:00'] });

const windowSchema = checked(
  objectOf('a window of the schedule', {
    days: listOf('days', z.int({ error: SAY_DAY }).min(1, SAY_DAY).max(7, SAY_DAY), 7)
      .min(1, `name at least one day: ${SAY_DAY}`)
      .describe('1 Monday … 7 Sunday, on which it begins'),
    from: timeOfDay('when it begins (from)').describe('Local time'),
    to: timeOfDay('when it ends (to)').describe(
      'Local time; before or at `from`: on the day after, so the same as `from` is a whole day',
    ),
  }),
  (value, tell) => tellRepeated(membersIn(value).days, ['days'], tell, 'this day is named twice'),
);

const scheduleSchema = checked(
  objectOf('a schedule', {
    timezone: z
      .string({ error: SAY_ZONE })
      .max(64, SAY_ZONE)
      .refine(isZone, SAY_ZONE)
      .default('factory')
      .describe('An IANA zone, or `factory`')
      .meta({ examples: ['factory'] }),
    windows: listOf('windows', windowSchema, 28).default([]).describe('None: at any time of day'),
    from_date: z.iso.date({ error: SAY_DATE }).nullable().default(null).describe('First day'),
    to_date: z.iso.date({ error: SAY_DATE }).nullable().default(null).describe('Last day'),
  }),
  (value, tell) => {
    const { from_date: from, to_date: to } = membersIn(value);
    if (typeof from === 'string' && typeof to === 'string' && from > to) {
      tell(['to_date'], `the last day is before the first one: ${to.slice(0, 10)} is before ${from.slice(0, 10)}`);
    }
  },
);

const severity = wordOf('how severe it is', SEVERITIES);

const levelSchema = objectOf('a level', { severity, condition: conditionSchema });

const channelId = idOf('the channel');

const notificationSchema = checked(
  objectOf('a notification', {
    channel_id: channelId,
    on: listOf('events', wordOf('what to tell of', NOTICES), NOTICES.length).min(
      1,
      `say what to tell of: ${NOTICES.join(', ')}`,
    ),
  }),
  (value, tell) => tellRepeated(membersIn(value).on, ['on'], tell, 'this is named twice'),
);

const escalationSchema = objectOf('a step of the escalation', {
  after_seconds: durationOf('after how long without acknowledgement'),
  channel_id: channelId,
});

/** The members of a rule, without what they are when left out. */
const plain = {
  name: lineOf('give the rule a name, such as "Bearing hot"', 100).meta({ examples: ['Bearing hot'] }),
  guidance: z
    .string({ error: 'say as a text what the operator should do' })
    .max(2_000, 'at most 2000 characters')
    .describe('What the operator should do'),
  is_active: flagOf('say true for a rule that watches, false for one that rests'),
  device_ids: listOf('devices', idOf('the device'), MAX_DEVICES).describe(
    'The devices that it watches, beside those with one of the tags; both empty: all',
  ),
  tags: listOf('tags', tagSchema, MAX_TAGS),
  severity,
  condition: conditionSchema,
  levels: listOf('levels', levelSchema, SEVERITIES.length - 1).describe(
    'Further severities of the same alarm, which has the most severe whose condition holds',
  ),
  cooldown_seconds: pauseOf('how long no new alarm is raised after one has cleared').describe(
    'After an alarm has cleared, the next is raised so much later at the earliest (s)',
  ),
  keep_firing_seconds: pauseOf('how long the condition must not hold before the alarm clears').describe(
    'An alarm clears when the condition has not held for so long (s)',
  ),
  schedule: scheduleSchema.nullable().describe('When it applies; null: always'),
  suppressed_by: listOf('rules', idOf('the rule'), 10).describe(
    'Rules whose alarms on the same device make those of this one a consequence',
  ),
  note_required: flagOf('say true where acknowledging needs a comment, else false'),
  notifications: listOf('notifications', notificationSchema, 20),
  escalation: listOf('steps of escalation', escalationSchema, 10),
};

/** The members of a rule, for a route's own schemas. */
export const ruleShape = {
  ...plain,
  guidance: plain.guidance.default(''),
  is_active: plain.is_active.default(true),
  device_ids: plain.device_ids.default([]),
  tags: plain.tags.default([]),
  levels: plain.levels.default([]),
  cooldown_seconds: plain.cooldown_seconds.default(0),
  keep_firing_seconds: plain.keep_firing_seconds.default(0),
  schedule: plain.schedule.default(null),
  suppressed_by: plain.suppressed_by.default([]),
  note_required: plain.note_required.default(false),
  notifications: plain.notifications.default([]),
  escalation: plain.escalation.default([]),
};

function checkLevels({ severity: own, levels, condition }: Readonly<Record<string, unknown>>, tell: Tell): void {
  const seen = new Set([own]);
  let leaves = sizeOf(condition).leaves;
  for (const [index, level] of itemsIn(levels).entries()) {
    const { severity: each, condition: inner } = membersIn(level);
    if (seen.has(each) && each !== undefined) {
      tell(['levels', index, 'severity'], `${String(each)} is there already: each severity has one condition`);
    }
    seen.add(each);
    const own = sizeOf(inner).leaves;
    // What is too large by itself has been told.
    if (leaves <= MAX_LEAVES && own <= MAX_LEAVES && leaves + own > MAX_LEAVES) {
      tell(['levels', index, 'condition'], `at most ${MAX_LEAVES} comparisons in one rule: make two rules`);
    }
    leaves += own;
  }
}

/** Tells what is wrong between members of a rule. */
function checkRule(value: unknown, tell: Tell): void {
  const rule = membersIn(value);
  checkLevels(rule, tell);
  tellRepeated(rule.device_ids, ['device_ids'], tell, 'this device is named twice');
  tellRepeated(rule.tags, ['tags'], tell, 'this tag is named twice');
  tellRepeated(rule.suppressed_by, ['suppressed_by'], tell, 'this rule is named twice');
  let before = 0;
  for (const [index, step] of itemsIn(rule.escalation).entries()) {
    const { after_seconds: after } = membersIn(step);
    if (typeof after !== 'number' || after <= 0) continue;
    if (after < before) {
      tell(
        ['escalation', index, 'after_seconds'],
        `steps come in the order of their time: this one is before ${before} s`,
      );
    }
    before = after;
  }
}

/** A whole rule. `{name, severity, condition}` is enough. Every fault at once, at its place, in plain words. */
export const definitionSchema = checked(objectOf('a rule', ruleShape), checkRule);

type Optional<Shape extends Record<string, z.ZodType>> = { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> };

/** A change of a rule: what is left out stays as it is. What is said is checked as in a whole rule. */
export const patchSchema = checked(
  objectOf(
    'a rule',
    Object.fromEntries(Object.entries(plain).map(([key, each]) => [key, each.optional()])) as Optional<typeof plain>,
  ),
  checkRule,
);
