import { type DraftLeaf, type Operator, takes } from './condition-draft.ts';
import type { KnownParameter } from './sentence.ts';

/** What one comparison may be made to say. */

/** What can be said of a comparison beside the plain one, in the order in which it is read. */
export const REFINEMENTS = ['aggregate', 'forSeconds', 'hysteresis', 'stays', 'times'] as const;
export type Refinement = (typeof REFINEMENTS)[number];

const PLAIN: readonly Operator[] = ['eq', 'neq', 'changed', 'no_data'];
const NUMERIC: readonly Operator[] = [
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'outside',
  'eq',
  'neq',
  'rate_of_change',
  'deviates',
  'changed',
  'no_data',
];

/** The operators that make sense of a parameter; all of them while nothing is known of it. */
export const operatorsFor = (known: KnownParameter | undefined): readonly Operator[] =>
  known === undefined || known.kind === 'number' ? NUMERIC : PLAIN;

/** What an operator needs to be told first; most people change it. */
const FIRST: Partial<Record<Operator, Partial<DraftLeaf>>> = {
  no_data: { forSeconds: 300 },
  rate_of_change: { per: 'minute', span: 300 },
  deviates: { sigmas: 4 },
};

/** Compares otherwise. What was said before stays, for the way back. */
export function withOperator(leaf: DraftLeaf, operator: Operator): DraftLeaf {
  const said = Object.fromEntries(Object.entries(leaf).filter(([, value]) => value !== undefined));
  const next = { ...FIRST[operator], ...(said as unknown as DraftLeaf), operator };
  // What it has to last is an extra here, and was all there was to say before.
  if (leaf.operator === 'no_data') return { ...next, forSeconds: undefined };
  const limit = typeof leaf.value === 'number' ? leaf.value : undefined;
  return takes.range(operator) ? { ...next, high: leaf.high ?? limit } : next;
}

/** Looks at another parameter. An operator that makes no sense of it gives way. */
export function withParameter(leaf: DraftLeaf, parameter: string, known: KnownParameter | undefined): DraftLeaf {
  const offered = operatorsFor(known);
  const isNumber = known === undefined || known.kind === 'number';
  const operator = offered.includes(leaf.operator) ? leaf.operator : (offered[0] ?? leaf.operator);
  const fits = typeof leaf.value === (isNumber ? 'number' : known.kind === 'boolean' ? 'boolean' : 'string');
  const value = fits || known === undefined ? leaf.value : known.kind === 'boolean' ? true : undefined;
  const { aggregate } = leaf;
  return { ...leaf, parameter, operator, value, aggregate: isNumber ? aggregate : undefined };
}

const MAY_HAVE: Readonly<Record<Refinement, (operator: Operator) => boolean>> = {
  aggregate: takes.aggregate,
  forSeconds: takes.forSeconds,
  hysteresis: takes.hysteresis,
  stays: (operator) => operator === 'changed',
  times: () => true,
};

/** Whether something is said of a comparison. */
export const hasRefinement = (leaf: DraftLeaf, refinement: Refinement): boolean =>
  leaf[refinement] !== undefined && MAY_HAVE[refinement](leaf.operator);

/** What may be said of a comparison, said already or not. */
export const refinementsFor = ({ operator }: DraftLeaf): readonly Refinement[] =>
  REFINEMENTS.filter((refinement) => MAY_HAVE[refinement](operator));

/** What stands there when something more is said: the usual, to be changed. */
const USUAL: Readonly<Record<Refinement, Partial<DraftLeaf>>> = {
  aggregate: { aggregate: 'avg', over: 300 },
  forSeconds: { forSeconds: 60 },
  hysteresis: { hysteresis: 1 },
  stays: { stays: 60 },
  times: { times: { count: 3, within: 600 } },
};

/** Says more of a comparison, or no longer. */
export const withRefinement = (leaf: DraftLeaf, refinement: Refinement, isSaid: boolean): DraftLeaf =>
  isSaid ? { ...leaf, ...USUAL[refinement] } : { ...leaf, [refinement]: undefined };

/** What was typed to be compared with, as a parameter of this kind has it. Undefined where that is nothing. */
export function comparedValue(typed: string, known: KnownParameter | undefined): number | string | boolean | undefined {
  const trimmed = typed.trim();
  if (trimmed === '') return undefined;
  if (known?.kind === 'state') return trimmed;
  const parsed = numberOf(trimmed);
  if (parsed !== undefined || known?.kind === 'number') return parsed;
  if (/^(true|on)$/i.test(trimmed)) return true;
  return /^(false|off)$/i.test(trimmed) ? false : trimmed;
}

/** A number that was typed, with a comma or a point. */
export function numberOf(typed: string): number | undefined {
  const trimmed = typed.trim().replace('−', '-').replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

/** Whether nothing is missing that a comparison cannot do without, and nothing means nothing. */
export function isComplete(leaf: DraftLeaf): boolean {
  const { parameter, operator, value, other, aggregate, over, times } = leaf;
  if (parameter.trim() === '' || (times !== undefined && (times.count === undefined || times.within === undefined))) {
    return false;
  }
  if ([leaf.forSeconds, leaf.hysteresis, leaf.stays].some(Number.isNaN)) return false;
  if (takes.aggregate(operator) && aggregate !== undefined && over === undefined) return false;
  if (operator === 'no_data') return leaf.forSeconds !== undefined;
  if (operator === 'rate_of_change') return typeof value === 'number' && leaf.span !== undefined;
  if (operator === 'deviates') return leaf.sigmas !== undefined;
  if (takes.range(operator)) return leaf.low !== undefined && leaf.high !== undefined;
  if (takes.value(operator)) return value !== undefined || (other !== undefined && other.trim() !== '');
  return true;
}
