import type { FieldFault } from '../../api/client.ts';
import type { DraftLeaf } from './condition-draft.ts';

/** What the API has said against a rule, at the places where it is said. */

const isWithin = (pointer: string, base: string) => pointer === base || pointer.startsWith(`${base}/`);

/** Those of a part and of everything in it. */
export const faultsWithin = (faults: readonly FieldFault[], base: string): readonly FieldFault[] =>
  faults.filter(({ pointer }) => isWithin(pointer, base));

/** Those of a group itself, and not of what is in it. */
export const faultsOfGroup = (faults: readonly FieldFault[], base: string): readonly FieldFault[] =>
  faults.filter(({ pointer }) => pointer === base || pointer === `${base}/all` || pointer === `${base}/any`);

/** The first that is said of a member of the rule. */
export const faultAt = (faults: readonly FieldFault[], base: string): string | undefined =>
  faults.find(({ pointer }) => isWithin(pointer, base))?.message;

/** A word of a sentence, as the page names it. */
const TOKENS: Readonly<Record<string, string>> = {
  parameter: 'parameter',
  operator: 'operator',
  value: 'value',
  other_parameter: 'value',
  low: 'low',
  high: 'high',
  hysteresis: 'hysteresis',
  for_seconds: 'forSeconds',
  per: 'per',
  sigmas: 'sigmas',
  aggregate: 'aggregate',
  count: 'count',
};

/** The word of a comparison that a fault is about; undefined where it is about the whole. */
export function tokenOf({ operator, times }: DraftLeaf, base: string, pointer: string): string | undefined {
  const [, first = '', second = ''] = pointer.slice(base.length).split('/');
  const isOfWhole = times !== undefined && first !== 'of';
  const member = first === 'of' ? second : first;
  if (member !== 'window_seconds') return TOKENS[member];
  if (isOfWhole) return 'within';
  if (operator === 'rate_of_change') return 'span';
  return operator === 'changed' ? 'stays' : 'over';
}
