import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from '../../../src/api/validate.ts';
import { AppError, type Fault } from '../../../src/core/errors.ts';
import { definitionSchema, patchSchema } from '../../../src/rules/rules.ts';

const ID = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001';
const OTHER = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a002';
const hot = { parameter: 'temperature', operator: 'gt', value: 80 };
const OPERATORS = 'gt, gte, lt, lte, eq, neq, between, outside, changed, rate_of_change, no_data, deviates';
const SAY_CONDITION =
  'write a condition as {…}: a comparison with "parameter" and "operator", or a group with "all" or "any"';
const SAY_WINDOW = 'say in seconds over how much time (window_seconds): more than 0, at most 604800 (a week)';
const SAY_HELD = 'say in seconds how long it has to have held: more than 0, at most 604800 (a week)';
const SAY_MEMBERS = 'list the conditions of the group: […] with at least one';

type Faults = Record<string, string>;

type Schema = typeof definitionSchema | typeof patchSchema;

function listFaults(value: unknown, schema: Schema): readonly Fault[] {
  try {
    parse(schema, value, 'body');
    return [];
  } catch (error) {
    assert.ok(error instanceof AppError);
    return error.faults;
  }
}

function faultsOf(value: unknown, schema: Schema = definitionSchema): Faults {
  const faults = listFaults(value, schema).map(({ pointer, message }) => [pointer, message] as const);
  assert.equal(new Set(faults.map(([pointer]) => pointer)).size, faults.length, 'one fault at one place');
  return Object.fromEntries(faults);
}

const rule = (condition: unknown, more: object = {}) => ({ name: 'Bearing hot', severity: 'high', condition, ...more });

test('a name, a severity and a condition are enough', () => {
  assert.deepEqual(parse(definitionSchema, rule(hot), 'body'), {
    name: 'Bearing hot',
    guidance: '',
    is_active: true,
    device_ids: [],
    tags: [],
    severity: 'high',
    condition: hot,
    levels: [],
    cooldown_seconds: 0,
    keep_firing_seconds: 0,
    schedule: null,
    suppressed_by: [],
    note_required: false,
    notifications: [],
    escalation: [],
  });
});

/** Conditions, and every fault of them, below `/condition`. */
const CONDITIONS: readonly (readonly [what: string, condition: unknown, faults: Faults])[] = [
  ['nothing', undefined, { '': SAY_CONDITION }],
  ['a text', 'temperature > 80', { '': SAY_CONDITION }],
  ['a list', [hot], { '': SAY_CONDITION }],
  ['nothing in it', {}, { '': SAY_CONDITION }],
  ['no operator', { parameter: 'x', value: 3 }, { '/operator': `say how to compare: use ${OPERATORS} or occurrences` }],
  [
    'an unknown operator',
    { parameter: 'x', operator: '>', value: 3 },
    { '/operator': `unknown operator ">": use ${OPERATORS} or occurrences` },
  ],
  [
    'an operator of every object',
    { parameter: 'x', operator: 'toString' },
    { '/operator': `unknown operator "toString": use ${OPERATORS} or occurrences` },
  ],
  [
    'a limit in quotes',
    { parameter: 'x', operator: 'gt', value: '80' },
    { '/value': 'say the limit as a number, such as 80' },
  ],
  [
    'no limit',
    { parameter: 'x', operator: 'lte' },
    {
      '/value': 'say the limit as a number, such as 80, or name another parameter to compare with (other_parameter)',
    },
  ],
  [
    'two limits, a strange parameter and a key that is not known',
    { parameter: 5, operator: 'gt', value: 1, other_parameter: 'y', hysterisis: 3 },
    {
      '/parameter': 'name the parameter, such as "temperature"',
      '/other_parameter': 'compare with a value or with another parameter, not with both: leave one out',
      '/hysterisis':
        'unknown here: this comparison has parameter, aggregate, window_seconds, operator, value, other_parameter, hysteresis and for_seconds',
    },
  ],
  [
    'itself',
    { parameter: 'x', operator: 'gt', other_parameter: 'x' },
    { '/other_parameter': 'this is the same parameter: name another one' },
  ],
  [
    'a deadband of what is equal or not',
    { parameter: 'x', operator: 'eq', value: true, hysteresis: 1 },
    {
      '/hysteresis':
        'unknown here: this comparison has parameter, aggregate, window_seconds, operator, value, other_parameter and for_seconds',
    },
  ],
  [
    'a list as a value',
    { parameter: 'x', operator: 'neq', value: [] },
    { '/value': 'say the value as a number, as true or false, or as a text such as "idle"' },
  ],
  [
    'a deadband below nothing, a time that is none',
    { parameter: 'x', operator: 'gt', value: 1, hysteresis: -1, for_seconds: 0 },
    {
      '/hysteresis': 'say the deadband (hysteresis) as a number, 0 or more, in the unit of the parameter',
      '/for_seconds': SAY_HELD,
    },
  ],
  [
    'longer than a week',
    { parameter: 'x', operator: 'gt', value: 1, for_seconds: 604_801 },
    { '/for_seconds': SAY_HELD },
  ],
  [
    'an aggregate without a window',
    { parameter: 'x', operator: 'gt', value: 1, aggregate: 'avg' },
    { '/window_seconds': 'say over how many seconds the avg is taken, such as 300' },
  ],
  [
    'a window without an aggregate',
    { parameter: 'x', operator: 'gt', value: 1, window_seconds: 60 },
    { '/aggregate': 'a window needs to know what is taken of it: say avg, min, max, sum, count or last' },
  ],
  [
    'an average that is true',
    { parameter: 'x', operator: 'eq', value: true, aggregate: 'avg', window_seconds: 60 },
    { '/value': 'the avg of a window is a number: say the limit as a number, such as 80' },
  ],
  [
    'an unknown aggregate',
    { parameter: 'x', operator: 'gt', value: 1, aggregate: 'mean', window_seconds: 60 },
    { '/aggregate': 'say what is compared of the window: avg, min, max, sum, count or last' },
  ],
  [
    'a range upside down',
    { parameter: 'x', operator: 'between', low: 80, high: 60 },
    { '/high': 'the upper limit has to be above the lower one: 60 is not above 80' },
  ],
  [
    'half a range',
    { parameter: 'x', operator: 'outside', low: 80 },
    { '/high': 'say the upper limit (high) as a number, such as 80' },
  ],
  [
    'a change with a value',
    { parameter: 'x', operator: 'changed', value: 3 },
    { '/value': 'unknown here: "changed" has parameter, operator and window_seconds' },
  ],
  [
    'a rate of nothing',
    { parameter: 'x', operator: 'rate_of_change', value: 0 },
    {
      '/per': 'say per what time the change is counted: second, minute or hour',
      '/value': 'a rate of 0 is always reached: say such as 5 for rising, -5 for falling',
      '/window_seconds': SAY_WINDOW,
    },
  ],
  [
    'silence without end',
    { parameter: 'x', operator: 'no_data' },
    {
      '/for_seconds': 'say in seconds after how long without data it holds: more than 0, at most 604800 (a week)',
    },
  ],
  [
    'too unusual',
    { parameter: 'x', operator: 'deviates', sigmas: 21 },
    { '/sigmas': 'say how many standard deviations (sigmas) are too many: 0.5 to 20, such as 4' },
  ],
  [
    'half an occurrence, within itself',
    { operator: 'occurrences', of: { operator: 'occurrences', of: hot }, count: 0.5 },
    {
      '/of/operator': `occurrences cannot be counted once more: use ${OPERATORS.replace(', deviates', ' or deviates')}`,
      '/count': 'say how often as a whole number, 1 to 1000',
      '/window_seconds': SAY_WINDOW,
    },
  ],
  [
    'a group that is counted',
    { operator: 'occurrences', of: { all: [hot] }, count: 3, window_seconds: 60 },
    { '/of': 'what is counted has to be one comparison: a group cannot be counted' },
  ],
  [
    'nothing that is counted',
    { operator: 'occurrences', count: 3, window_seconds: 60 },
    { '/of': 'say what is counted: a comparison {…} with "parameter" and "operator"' },
  ],
  [
    'a group of both kinds',
    { all: [hot], any: [hot] },
    { '/any': 'a group has either "all" or "any": put one group into the other' },
  ],
  ['an empty group', { any: [] }, { '/any': SAY_MEMBERS }],
  ['a group of no list', { all: hot }, { '/all': SAY_MEMBERS }],
  ['a group that compares', { all: [hot], parameter: 'x' }, { '/parameter': 'unknown here: a group has all' }],
  [
    'faults deep within',
    { all: [hot, { any: [{ ...hot, value: null }, {}, { ...hot, parameter: ' ' }] }] },
    {
      '/all/1/any/0/value': 'say the limit as a number, such as 80',
      '/all/1/any/1': SAY_CONDITION,
      '/all/1/any/2/parameter': 'name the parameter, such as "temperature"',
    },
  ],
  ['a parameter of two lines', { ...hot, parameter: 'a\nb' }, { '/parameter': 'one line, without control characters' }],
];

for (const [what, condition, faults] of CONDITIONS) {
  test(`of a condition that is ${what}, every fault is named at its place`, () => {
    const expected = Object.fromEntries(Object.entries(faults).map(([at, words]) => [`/condition${at}`, words]));
    assert.deepEqual(faultsOf(rule(condition)), expected);
  });
}

/** What else is said of a rule, and every fault of it. */
const RULES: readonly (readonly [what: string, rule: unknown, faults: Faults])[] = [
  [
    'nothing at all',
    {},
    {
      '/name': 'give the rule a name, such as "Bearing hot"',
      '/severity': 'say how severe it is: low, medium, high or critical',
      '/condition': SAY_CONDITION,
    },
  ],
  [
    'names and texts of the wrong kind',
    rule(hot, { name: '  ', severity: 'urgent', guidance: 5, is_active: 'yes', note_required: 1, color: 'red' }),
    {
      '/name': 'give the rule a name, such as "Bearing hot"',
      '/severity': 'say how severe it is: low, medium, high or critical',
      '/guidance': 'say as a text what the operator should do',
      '/is_active': 'say true for a rule that watches, false for one that rests',
      '/note_required': 'say true where acknowledging needs a comment, else false',
      '/color':
        'unknown here: a rule has name, guidance, is_active, device_ids, tags, severity, condition, levels, cooldown_seconds, keep_firing_seconds, schedule, suppressed_by, note_required, notifications and escalation',
    },
  ],
  [
    'what is too long',
    rule(hot, {
      name: 'x'.repeat(101),
      guidance: 'x'.repeat(2_001),
      tags: Array.from({ length: 21 }, (_, i) => `t${i}`),
    }),
    {
      '/name': 'at most 100 characters',
      '/guidance': 'at most 2000 characters',
      '/tags': 'at most 20 tags',
    },
  ],
  [
    'devices and tags',
    rule(hot, { device_ids: ['M01', ID, ID.toUpperCase()], tags: ['line 1', 'a/b', '', 'line 1 '] }),
    {
      '/device_ids/0': 'not an id: name the device by its id, a UUID',
      '/device_ids/2': 'this device is named twice',
      '/tags/1': 'say a tag in 1 to 64 letters, digits, spaces and . _ -, such as "line 1"',
      '/tags/2': 'say a tag in 1 to 64 letters, digits, spaces and . _ -, such as "line 1"',
      '/tags/3': 'this tag is named twice',
    },
  ],
  [
    'times',
    rule(hot, { cooldown_seconds: -1, keep_firing_seconds: '5' }),
    {
      '/cooldown_seconds': 'say in seconds how long no new alarm is raised after one has cleared: 0 to 604800 (a week)',
      '/keep_firing_seconds':
        'say in seconds how long the condition must not hold before the alarm clears: 0 to 604800 (a week)',
    },
  ],
  [
    'levels',
    rule(hot, {
      levels: [
        { severity: 'critical', condition: { ...hot, value: '90' } },
        { severity: 'critical', condition: hot },
        { severity: 'high', condition: hot },
      ],
    }),
    {
      '/levels/0/condition/value': 'say the limit as a number, such as 80',
      '/levels/1/severity': 'critical is there already: each severity has one condition',
      '/levels/2/severity': 'high is there already: each severity has one condition',
    },
  ],
  [
    'a schedule',
    rule(hot, {
      schedule: {
        timezone: 'Mars/Base',
        windows: [{ days: [1, 1, 8], from: '6:00', to: '24:00' }, { days: [] }],
        from_date: '2027-02-30',
      },
    }),
    {
      '/schedule/timezone':
        'not a known time zone: say "factory" for that of the factory, or a name such as "Europe/Berlin"',
      '/schedule/windows/0/days/1': 'this day is named twice',
      '/schedule/windows/0/days/2': 'say days as numbers: 1 for Monday to 7 for Sunday',
      '/schedule/windows/0/from':
        'say when it begins (from) as hours and minutes, "00:00" to "23:59"; midnight is "00:00"',
      '/schedule/windows/0/to': 'say when it ends (to) as hours and minutes, "00:00" to "23:59"; midnight is "00:00"',
      '/schedule/windows/1/days': 'name at least one day: say days as numbers: 1 for Monday to 7 for Sunday',
      '/schedule/windows/1/from': 'say when it begins (from) as hours and minutes, such as "06:00"',
      '/schedule/windows/1/to': 'say when it ends (to) as hours and minutes, such as "06:00"',
      '/schedule/from_date': 'say the day as a date that there is, such as "2027-01-31", or null for none',
    },
  ],
  [
    'a schedule that ends before it begins',
    rule(hot, { schedule: { from_date: '2027-03-02', to_date: '2027-03-01' } }),
    { '/schedule/to_date': 'the last day is before the first one: 2027-03-01 is before 2027-03-02' },
  ],
  [
    'notifications and escalation',
    rule(hot, {
      notifications: [
        { channel_id: 'mail', on: ['raised', 'raised', 'closed'] },
        { channel_id: ID, on: [] },
      ],
      escalation: [
        { after_seconds: 900, channel_id: ID },
        { after_seconds: 600, channel_id: OTHER },
        { after_seconds: 0 },
      ],
    }),
    {
      '/notifications/0/channel_id': 'not an id: name the channel by its id, a UUID',
      '/notifications/0/on/1': 'this is named twice',
      '/notifications/0/on/2': 'say what to tell of: raised, severity_changed, acknowledged, cleared or escalated',
      '/notifications/1/on': 'say what to tell of: raised, severity_changed, acknowledged, cleared, escalated',
      '/escalation/1/after_seconds': 'steps come in the order of their time: this one is before 900 s',
      '/escalation/2/after_seconds':
        'say in seconds after how long without acknowledgement: more than 0, at most 604800 (a week)',
      '/escalation/2/channel_id': 'not an id: name the channel by its id, a UUID',
    },
  ],
];

for (const [what, given, faults] of RULES) {
  test(`of ${what} in a rule, every fault is named at its place`, () => {
    assert.deepEqual(faultsOf(given), faults);
  });
}

test('a parameter is named exactly as its device says it, blanks too', () => {
  const { condition } = definitionSchema.parse(rule({ ...hot, parameter: ' TEMP  ' }));
  assert.deepEqual(condition, { ...hot, parameter: ' TEMP  ' });
});

test('what is no rule at all is told in one sentence', () => {
  for (const value of [null, undefined, 5, 'rule', [rule(hot)]]) {
    assert.match(faultsOf(value)[''] ?? '', /^write a rule as \{…\} with name, guidance/);
  }
});

const nested = (depth: number, leaf: unknown = hot): unknown => {
  let condition = leaf;
  for (let level = 1; level < depth; level++) condition = level % 2 === 0 ? { any: [condition] } : { all: [condition] };
  return condition;
};
const many = (count: number) => ({ any: Array.from({ length: count }, () => hot) });

test('conditions are 8 deep and a rule has 50 of them at most, however many levels it has', () => {
  const TOO_DEEP = 'conditions are nested at most 8 deep: take groups apart, or make two rules';
  const TOO_MANY = 'at most 50 comparisons in one rule: make two rules';
  const withLevel = (count: number, ofLevel: number) =>
    rule(many(count), { levels: [{ severity: 'critical', condition: many(ofLevel) }] });
  assert.deepEqual(faultsOf(rule(nested(8))), {});
  assert.deepEqual(faultsOf(rule(nested(9))), { '/condition': TOO_DEEP });
  assert.deepEqual(faultsOf(rule(nested(100_000))), { '/condition': TOO_DEEP });
  assert.deepEqual(faultsOf(rule(many(50))), {});
  assert.deepEqual(faultsOf(rule(many(51))), { '/condition': TOO_MANY });
  assert.deepEqual(faultsOf(rule(many(200_000))), { '/condition': TOO_MANY });
  assert.deepEqual(faultsOf(withLevel(25, 25)), {});
  assert.deepEqual(faultsOf(withLevel(25, 26)), { '/levels/0/condition': TOO_MANY });
});

test('a change says as little as it likes, and what it says is checked in the same words', () => {
  assert.deepEqual(parse(patchSchema, { name: ' Hot ', schedule: { timezone: 'UTC' } }, 'body'), {
    name: 'Hot',
    schedule: { timezone: 'UTC', windows: [], from_date: null, to_date: null },
  });
  assert.deepEqual(parse(patchSchema, {}, 'body'), {});
  assert.deepEqual(faultsOf({ name: null, condition: {}, levels: [{}] }, patchSchema), {
    '/name': 'give the rule a name, such as "Bearing hot"',
    '/condition': SAY_CONDITION,
    '/levels/0/severity': 'say how severe it is: low, medium, high or critical',
    '/levels/0/condition': SAY_CONDITION,
  });
});

const seconds = fc.double({ min: 0.001, max: 604_800, noNaN: true });
const pause = fc.double({ min: 0, max: 604_800, noNaN: true });
const limit = fc.double({ noNaN: true, noDefaultInfinity: true });
const parameter = fc.stringMatching(/^ ?[a-z/.ä0-9]{1,20} ?$/);
const optional = <T extends object>(members: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(members, { requiredKeys: [] });
const debounced = optional({ hysteresis: fc.double({ min: 0, max: 1e6, noNaN: true }), for_seconds: seconds });
const source = fc.oneof(
  fc.record({ parameter }),
  fc.record({
    parameter,
    aggregate: fc.constantFrom('avg', 'min', 'max', 'sum', 'count', 'last'),
    window_seconds: seconds,
  }),
);
const joined = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((members): object => Object.assign({}, ...members));

const simpleLeaf = fc.oneof(
  joined(source, fc.record({ operator: fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'neq'), value: limit })),
  joined(fc.record({ parameter, operator: fc.constantFrom('gt', 'lte'), value: limit }), debounced),
  fc.record({ parameter, operator: fc.constant('eq'), value: fc.oneof(fc.boolean(), fc.string({ maxLength: 256 })) }),
  fc.record({ parameter, operator: fc.constant('gt'), other_parameter: parameter.map((name) => `${name}_`) }),
  joined(
    source,
    debounced,
    fc.tuple(fc.integer(), fc.integer({ min: 1 })).chain(([low, more]) =>
      fc.record({
        operator: fc.constantFrom('between', 'outside'),
        low: fc.constant(low),
        high: fc.constant(low + more),
      }),
    ),
  ),
  fc.record(
    { parameter, operator: fc.constant('changed'), window_seconds: seconds },
    { requiredKeys: ['parameter', 'operator'] },
  ),
  joined(
    fc.record({
      parameter,
      operator: fc.constant('rate_of_change'),
      per: fc.constantFrom('second', 'minute', 'hour'),
      value: limit.filter((value) => value !== 0),
      window_seconds: seconds,
    }),
    debounced,
  ),
  fc.record({ parameter, operator: fc.constant('no_data'), for_seconds: seconds }),
  joined(
    source,
    fc.record({ operator: fc.constant('deviates'), sigmas: fc.double({ min: 0.5, max: 20, noNaN: true }) }),
    optional({ for_seconds: seconds }),
  ),
);
const leaf = fc.oneof(
  { weight: 5, arbitrary: simpleLeaf },
  fc.record({
    operator: fc.constant('occurrences'),
    of: simpleLeaf,
    count: fc.integer({ min: 1, max: 1_000 }),
    window_seconds: seconds,
  }),
);
const { condition } = fc.letrec<{ condition: object }>((tie) => {
  const members = fc.array(tie('condition'), { minLength: 1, maxLength: 3 });
  return {
    condition: fc.oneof(
      { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({ all: members }),
      fc.record({ any: members }),
    ),
  };
});
const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const definition = fc
  .uniqueArray(fc.constantFrom('low', 'medium', 'high', 'critical'), { minLength: 1, maxLength: 3 })
  .chain(([severity, ...others]) =>
    fc.record({
      name: fc.stringMatching(/^[A-Za-zäß0-9]{1,100}$/),
      guidance: fc.string({ maxLength: 2_000 }),
      is_active: fc.boolean(),
      device_ids: fc.uniqueArray(fc.uuid({ version: 4 }), { maxLength: 5 }),
      tags: fc.uniqueArray(fc.stringMatching(/^[a-zäé0-9._-]{1,64}$/), { maxLength: 20 }),
      severity: fc.constant(severity),
      condition,
      levels: fc.tuple(...others.map((each) => fc.record({ severity: fc.constant(each), condition: leaf }))),
      cooldown_seconds: pause,
      keep_firing_seconds: pause,
      schedule: fc.option(
        fc.record({
          timezone: fc.constantFrom('factory', 'Europe/Berlin', 'UTC'),
          windows: fc.array(
            fc.record({
              days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
              from: timeOfDay,
              to: timeOfDay,
            }),
            { maxLength: 3 },
          ),
          from_date: fc.constantFrom(null, '2027-01-01'),
          to_date: fc.constantFrom(null, '2028-02-29'),
        }),
      ),
      suppressed_by: fc.uniqueArray(fc.uuid({ version: 4 }), { maxLength: 10 }),
      note_required: fc.boolean(),
      notifications: fc.array(
        fc.record({
          channel_id: fc.uuid({ version: 4 }),
          on: fc.uniqueArray(fc.constantFrom('raised', 'cleared', 'escalated'), { minLength: 1 }),
        }),
        { maxLength: 3 },
      ),
      escalation: fc
        .array(fc.record({ after_seconds: seconds, channel_id: fc.uuid({ version: 4 }) }), { maxLength: 10 })
        .map((steps) => steps.toSorted((one, other) => one.after_seconds - other.after_seconds)),
    }),
  );

test('every rule that keeps to the language is taken as it is, and comes back the same from being stored', () => {
  fc.assert(
    fc.property(definition, (given) => {
      const plain: unknown = JSON.parse(JSON.stringify(given));
      const taken = parse(definitionSchema, plain, 'body');
      assert.deepEqual(taken, plain);
      assert.deepEqual(parse(definitionSchema, JSON.parse(JSON.stringify(taken)), 'body'), taken);
    }),
  );
});

test('whatever is sent instead of a rule, or of one of its members, every fault has words of ours', () => {
  const spoilt = fc
    .tuple(definition, fc.jsonValue({ maxDepth: 3 }), fc.nat(), fc.string())
    .map(([given, other, nth, key]): unknown => {
      const keys = [...Object.keys(given), key];
      return { ...given, [keys[nth % keys.length] ?? '']: other };
    });
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.jsonValue()), (value) => {
      for (const { message } of listFaults(JSON.parse(JSON.stringify(value)), definitionSchema)) {
        assert.doesNotMatch(message, /invalid|expected|received|undefined|too (?:small|big)|unrecognized/i);
      }
    }),
  );
});
