import * as z from 'zod';
import { chosenUnion, type Unmeant } from './chosen-union.ts';
import { AGGREGATES, type Condition, type Leaf, RATE_UNITS } from './condition.ts';
import {
  checked,
  durationOf,
  itemsIn,
  listed,
  membersIn,
  nameOf,
  numberOf,
  objectOf,
  type Tell,
  wordOf,
} from './words.ts';

/** Groups within groups, the leaf counted too. */
const MAX_DEPTH = 8;
/** Comparisons of one rule, those of its levels too. */
export const MAX_LEAVES = 50;

const SAY_LIMIT = 'say the limit as a number, such as 80';
const SAY_COUNT = 'say how often as a whole number, 1 to 1000';
const SAY_VALUE = 'say the value as a number, as true or false, or as a text such as "idle"';

const parameter = nameOf('name the parameter, such as "temperature"', 128);
const otherParameter = nameOf('name the other parameter, such as "setpoint"', 128)
  .optional()
  .describe('Compared with this parameter of the same device, instead of `value`');
const limit = numberOf(SAY_LIMIT);
const hysteresis = numberOf('say the deadband (hysteresis) as a number, 0 or more, in the unit of the parameter', 0)
  .optional()
  .describe('Once it holds, it holds until the value is so far on the other side of the limit');
const forSeconds = durationOf('how long it has to have held')
  .optional()
  .describe('It has to have held for so long before it counts (s)');
const windowSeconds = durationOf('over how much time (window_seconds)');

/** What is compared: the newest value, or an aggregate of the window before. */
const source = {
  parameter,
  aggregate: wordOf('what is compared of the window', AGGREGATES).optional(),
  window_seconds: windowSeconds
    .optional()
    .describe('Of the aggregate (s), which counts once so much time has passed; `last` at once'),
};
const debounced = { hysteresis, for_seconds: forSeconds };

function checkSource(value: unknown, tell: Tell): void {
  const { aggregate, window_seconds: seconds } = membersIn(value);
  if (aggregate !== undefined && seconds === undefined) {
    tell(['window_seconds'], `say over how many seconds the ${String(aggregate)} is taken, such as 300`);
  }
  if (aggregate === undefined && seconds !== undefined) {
    tell(['aggregate'], `a window needs to know what is taken of it: say ${listed(AGGREGATES, 'or')}`);
  }
}

/** What is compared with: either a value or another parameter. */
function checkLimit(sentence: string) {
  return (leaf: unknown, tell: Tell): void => {
    checkSource(leaf, tell);
    const { value, other_parameter: other, parameter: own, aggregate } = membersIn(leaf);
    if (value === undefined && other === undefined) {
      tell(['value'], `${sentence}, or name another parameter to compare with (other_parameter)`);
    }
    if (value !== undefined && other !== undefined) {
      tell(['other_parameter'], 'compare with a value or with another parameter, not with both: leave one out');
    }
    if (other !== undefined && other === own && aggregate === undefined) {
      tell(['other_parameter'], 'this is the same parameter: name another one');
    }
    if (typeof aggregate === 'string' && aggregate !== 'last' && value !== undefined && typeof value !== 'number') {
      tell(['value'], `the ${aggregate} of a window is a number: ${SAY_LIMIT}`);
    }
  };
}

const limitLeaf = checked(
  objectOf('this comparison', {
    ...source,
    operator: z.enum(['gt', 'gte', 'lt', 'lte']),
    value: limit.optional(),
    other_parameter: otherParameter,
    ...debounced,
  }),
  checkLimit(SAY_LIMIT),
).meta({ id: 'LimitLeaf' });

const equalLeaf = checked(
  objectOf('this comparison', {
    ...source,
    operator: z.enum(['eq', 'neq']),
    value: z
      .union([z.number(), z.boolean(), z.string().max(256, 'at most 256 characters')], { error: SAY_VALUE })
      .optional(),
    other_parameter: otherParameter,
    for_seconds: forSeconds,
  }),
  checkLimit(SAY_VALUE),
).meta({ id: 'EqualLeaf' });

const rangeLeaf = checked(
  objectOf('this comparison', {
    ...source,
    operator: z.enum(['between', 'outside']),
    low: numberOf('say the lower limit (low) as a number, such as 60'),
    high: numberOf('say the upper limit (high) as a number, such as 80'),
    ...debounced,
  }),
  (value, tell) => {
    checkSource(value, tell);
    const { low, high } = membersIn(value);
    if (typeof low === 'number' && typeof high === 'number' && low >= high) {
      tell(['high'], `the upper limit has to be above the lower one: ${high} is not above ${low}`);
    }
  },
).meta({ id: 'RangeLeaf' });

const changedLeaf = objectOf('"changed"', {
  parameter,
  operator: z.literal('changed'),
  window_seconds: windowSeconds.optional().describe('It holds for so long from the change on (s)'),
}).meta({ id: 'ChangedLeaf' });

const rateLeaf = objectOf('a rate of change', {
  parameter,
  operator: z.literal('rate_of_change'),
  per: wordOf('per what time the change is counted', RATE_UNITS),
  value: numberOf('say how fast it changes as a number: such as 5 for rising by 5, -5 for falling by 5')
    .refine((value) => value !== 0, 'a rate of 0 is always reached: say such as 5 for rising, -5 for falling')
    .describe('Positive: it rises at least as fast; negative: it falls at least as fast'),
  window_seconds: windowSeconds.describe(
    'The change is measured over so long (s), once samples half of it apart have come: at least twice the time between samples',
  ),
  ...debounced,
}).meta({ id: 'RateLeaf' });

const noDataLeaf = objectOf('"no_data"', {
  parameter,
  operator: z.literal('no_data'),
  for_seconds: durationOf('after how long without data it holds').describe('No sample for so long (s)'),
}).meta({ id: 'NoDataLeaf' });

const deviatesLeaf = checked(
  objectOf('"deviates"', {
    ...source,
    operator: z.literal('deviates'),
    sigmas: numberOf('say how many standard deviations (sigmas) are too many: 0.5 to 20, such as 4', 0.5, 20),
    for_seconds: forSeconds,
  }),
  checkSource,
)
  .describe("Far from the series' own usual for that hour of the week")
  .meta({ id: 'DeviatesLeaf' });

const SIMPLE = [limitLeaf, equalLeaf, rangeLeaf, changedLeaf, rateLeaf, noDataLeaf, deviatesLeaf] as const;

const BY_OPERATOR = {
  gt: limitLeaf,
  gte: limitLeaf,
  lt: limitLeaf,
  lte: limitLeaf,
  eq: equalLeaf,
  neq: equalLeaf,
  between: rangeLeaf,
  outside: rangeLeaf,
  changed: changedLeaf,
  rate_of_change: rateLeaf,
  no_data: noDataLeaf,
  deviates: deviatesLeaf,
} as const satisfies Record<Exclude<Leaf['operator'], 'occurrences'>, z.ZodType>;

const isSimple = (operator: string): operator is keyof typeof BY_OPERATOR => Object.hasOwn(BY_OPERATOR, operator);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isGrouped = (value: object): boolean => 'all' in value || 'any' in value;

function unknownOperator(operator: unknown, known: readonly string[]): Unmeant {
  const said =
    operator === undefined ? 'say how to compare' : `unknown operator ${JSON.stringify(operator).slice(0, 40)}`;
  return { path: ['operator'], message: `${said}: use ${listed(known, 'or')}` };
}

const countedLeaf = chosenUnion(SIMPLE, (value) => {
  const names = Object.keys(BY_OPERATOR);
  if (!isObject(value)) return { message: 'say what is counted: a comparison {…} with "parameter" and "operator"' };
  if (isGrouped(value)) return { message: 'what is counted has to be one comparison: a group cannot be counted' };
  const { operator } = membersIn(value);
  if (operator === 'occurrences') {
    return { path: ['operator'], message: `occurrences cannot be counted once more: use ${listed(names, 'or')}` };
  }
  return typeof operator === 'string' && isSimple(operator) ? BY_OPERATOR[operator] : unknownOperator(operator, names);
});

const occurrencesLeaf = objectOf('"occurrences"', {
  operator: z.literal('occurrences'),
  of: countedLeaf,
  count: z.int({ error: SAY_COUNT }).min(1, SAY_COUNT).max(1_000, SAY_COUNT),
  window_seconds: windowSeconds,
})
  .describe('The comparison in `of` has come true so often within the window')
  .meta({ id: 'OccurrencesLeaf' });

/** A comparison, as it stands in answers. */
export const leafSchema = z.union([...SIMPLE, occurrencesLeaf]).meta({ id: 'Leaf' });

const OPERATORS = [...Object.keys(BY_OPERATOR), 'occurrences'];

const SAY_CONDITION =
  'write a condition as {…}: a comparison with "parameter" and "operator", or a group with "all" or "any"';
const SAY_MEMBERS = 'list the conditions of the group: […] with at least one';

const members = (): z.ZodType<Condition[]> =>
  z.array(condition, { error: SAY_MEMBERS }).min(1, SAY_MEMBERS).max(MAX_LEAVES, `at most ${MAX_LEAVES} in a group`);

const allGroup = objectOf('a group', {
  get all() {
    return members();
  },
})
  .describe('Holds while all of its members hold')
  .meta({ id: 'AllGroup' });

const anyGroup = objectOf('a group', {
  get any() {
    return members();
  },
})
  .describe('Holds while one of its members holds')
  .meta({ id: 'AnyGroup' });

const condition: z.ZodType<Condition> = chosenUnion([...SIMPLE, occurrencesLeaf, allGroup, anyGroup], (value) => {
  if (!isObject(value)) return { message: SAY_CONDITION };
  if ('all' in value && 'any' in value) {
    return { path: ['any'], message: 'a group has either "all" or "any": put one group into the other' };
  }
  if ('all' in value) return allGroup;
  if ('any' in value) return anyGroup;
  if (Object.keys(value).length === 0) return { message: SAY_CONDITION };
  const { operator } = membersIn(value);
  if (operator === 'occurrences') return occurrencesLeaf;
  return typeof operator === 'string' && isSimple(operator)
    ? BY_OPERATOR[operator]
    : unknownOperator(operator, OPERATORS);
}).meta({
  id: 'Condition',
  examples: [
    {
      all: [
        { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3, for_seconds: 60 },
        {
          any: [
            { parameter: 'running', operator: 'eq', value: true },
            { parameter: 'vibration', aggregate: 'avg', window_seconds: 300, operator: 'gt', value: 4.5 },
          ],
        },
      ],
    },
  ],
});

/** How deep groups are nested in what may be a condition, and how many leaves it has; it need not be valid. */
export function sizeOf(value: unknown): { readonly depth: number; readonly leaves: number } {
  let level = [value];
  let depth = 0;
  let leaves = 0;
  // Level by level: what is hostile may be nested deeper than functions may call each other.
  while (level.length > 0 && depth <= MAX_DEPTH) {
    depth += 1;
    level = level.flatMap((each) => {
      const { all, any } = membersIn(each);
      const inner = [...itemsIn(all), ...itemsIn(any)];
      if (inner.length === 0) leaves += 1;
      return inner;
    });
  }
  return { depth, leaves };
}

/**
 * A condition, as the API takes it. What is too deep or too large is refused before it is walked through.
 */
export const conditionSchema = z.preprocess((value, context) => {
  const { depth, leaves } = sizeOf(value);
  const tell = (message: string) => context.issues.push({ code: 'custom', message, input: value });
  if (depth > MAX_DEPTH) tell(`conditions are nested at most ${MAX_DEPTH} deep: take groups apart, or make two rules`);
  if (leaves > MAX_LEAVES) tell(`at most ${MAX_LEAVES} comparisons in one rule: make two rules`);
  return value;
}, condition);
