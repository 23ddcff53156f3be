import type { Condition } from '../../../src/rules/condition.ts';

/** What each device of the plant sends. */
export const PARAMETERS = ['temperature', 'vibration', 'pressure', 'current', 'running'] as const;

/** Windows fill, code gets warm. */
export const WARM_UP_SECONDS = 20;

/** Smooth, with noise, and apart for each device: limits are crossed now and then by some. */
export function signalOf(device: number, parameter: number, second: number): number {
  if (PARAMETERS[parameter] === 'running') return (second + device) % 600 < 540 ? 1 : 0;
  return 50 + 32 * Math.sin((second + device * 37) / 60 + parameter) + ((second * 7_919 + device) % 100) / 50;
}

const numberAt = (place: number) => PARAMETERS[place % 4] ?? 'temperature';

/** Kinds of conditions as a plant has them: of twenty rules nine are plain limits. */
const KINDS: readonly ((place: number) => Condition)[] = [
  ...Array.from(
    { length: 6 },
    () =>
      (place: number): Condition => ({
        parameter: numberAt(place),
        operator: 'gt',
        value: 76 + (place % 7),
        hysteresis: 3,
      }),
  ),
  ...Array.from(
    { length: 3 },
    () =>
      (place: number): Condition => ({
        parameter: numberAt(place),
        operator: 'lt',
        value: 20 + (place % 5),
        for_seconds: 10,
      }),
  ),
  ...Array.from(
    { length: 3 },
    () =>
      (place: number): Condition => ({
        parameter: numberAt(place),
        aggregate: 'avg',
        window_seconds: 300,
        operator: 'gt',
        value: 60,
      }),
  ),
  (place) => ({ parameter: numberAt(place), aggregate: 'max', window_seconds: 60, operator: 'gt', value: 82 }),
  (place) => ({ parameter: numberAt(place), operator: 'outside', low: 18, high: 82, hysteresis: 1, for_seconds: 5 }),
  (place) => ({ parameter: numberAt(place), operator: 'rate_of_change', per: 'minute', value: 30, window_seconds: 60 }),
  (place) => ({ parameter: numberAt(place), operator: 'no_data', for_seconds: 60 }),
  () => ({ parameter: 'running', operator: 'changed', window_seconds: 30 }),
  ...Array.from(
    { length: 2 },
    () =>
      (place: number): Condition => ({
        all: [
          { parameter: 'running', operator: 'eq', value: true },
          {
            any: [
              { parameter: numberAt(place), operator: 'gt', value: 80, for_seconds: 5 },
              { parameter: numberAt(place + 1), operator: 'gt', value: 81 },
            ],
          },
        ],
      }),
  ),
  (place) => ({
    operator: 'occurrences',
    of: { parameter: numberAt(place), operator: 'gt', value: 80 },
    count: 3,
    window_seconds: 600,
  }),
];

/** What a rule engine that knows no time can be asked as well. */
const PLAIN_KINDS: typeof KINDS = [
  (place) => ({ parameter: numberAt(place), operator: 'gt', value: 76 + (place % 7) }),
  (place) => ({ parameter: numberAt(place), operator: 'lt', value: 20 + (place % 5) }),
  (place) => ({
    all: [
      { parameter: 'running', operator: 'eq', value: true },
      {
        any: [
          { parameter: numberAt(place), operator: 'gt', value: 80 },
          { parameter: numberAt(place + 1), operator: 'gt', value: 81 },
        ],
      },
    ],
  }),
];

const conditionsOf = (kinds: typeof KINDS, count: number): Condition[] =>
  Array.from({ length: count }, (_, place) => (kinds[place % kinds.length] as (place: number) => Condition)(place));

export const plantConditions = (count: number) => conditionsOf(KINDS, count);
export const plainConditions = (count: number) => conditionsOf(PLAIN_KINDS, count);
