import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { type DraftLeaf, type DraftNode, isGroup, takes } from './condition-draft.ts';
import { durationText } from './duration.ts';

/** What is known of a parameter, as far as a sentence needs it: units are those that devices send, as rules compare them. */
export interface KnownParameter {
  readonly unit: string | null;
  readonly kind: 'number' | 'boolean' | 'state';
}

export type Known = (parameter: string) => KnownParameter | undefined;

const GAP = '…';

const duration = (seconds: number | undefined) => (seconds === undefined ? GAP : durationText(seconds));

/** A number with the parameter's unit, as it was typed: no digit is rounded away. */
const numberText = (value: unknown, unit: string | null | undefined): string =>
  value === undefined ? GAP : `${String(value)}${unit ? ` ${unit}` : ''}`;

/** What a value is compared in: a count has no unit, whatever is counted. */
export const unitOf = ({ parameter, aggregate }: DraftLeaf, known: Known): string | null =>
  aggregate === 'count' ? null : (known(parameter)?.unit ?? null);

function comparedText({ value, other }: DraftLeaf, unit: string | null): string {
  if (other !== undefined) return other === '' ? GAP : other;
  if (typeof value === 'boolean') return value ? common.on : common.off;
  return typeof value === 'string' ? `“${value}”` : numberText(value, unit);
}

function coreText(leaf: DraftLeaf, unit: string | null): string {
  const { operator } = leaf;
  const words = text.operators[operator];
  if (operator === 'no_data') return `${words} ${text.forTime} ${duration(leaf.forSeconds)}`;
  if (operator === 'changed') {
    return leaf.stays === undefined ? words : `${words} ${text.staysFor} ${duration(leaf.stays)}`;
  }
  if (operator === 'rate_of_change') {
    const direction = leaf.isFall === true ? text.falls : words;
    const per = leaf.per === undefined ? GAP : text.rateUnits[leaf.per];
    return `${direction} ${text.byAtLeast} ${numberText(leaf.value, unit)} ${text.per} ${per}`;
  }
  if (operator === 'deviates') {
    const [before, after] = text.deviatesWords;
    return `${words} ${before} ${leaf.sigmas ?? GAP} ${after}`;
  }
  if (takes.range(operator)) {
    return `${words} ${numberText(leaf.low, null)} ${text.and} ${numberText(leaf.high, unit)}`;
  }
  return `${words} ${comparedText(leaf, unit)}`;
}

/** On which side of its limit a comparison is over. */
export const sideOf = (operator: DraftLeaf['operator']): string =>
  (text.side as Readonly<Record<string, string>>)[operator] ?? '';

/** A comparison as a sentence: "temperature, average of 5 min, is above 80 °C for 60 s, until 3 °C below". */
export function leafText(leaf: DraftLeaf, known: Known): string {
  const { parameter, operator, aggregate, over, hysteresis, forSeconds, times } = leaf;
  const unit = unitOf(leaf, known);
  const isWindowed = aggregate !== undefined && takes.aggregate(operator);
  const window = isWindowed ? `, ${text.aggregates[aggregate]} ${text.of} ${duration(over)},` : '';
  const lasts =
    forSeconds !== undefined && takes.forSeconds(operator) ? ` ${text.forTime} ${duration(forSeconds)}` : '';
  const until =
    hysteresis !== undefined && takes.hysteresis(operator)
      ? `, ${text.until} ${numberText(hysteresis, unit)} ${sideOf(operator)}`
      : '';
  const often = times === undefined ? '' : `, ${times.count ?? GAP} ${text.times} ${duration(times.within)}`;
  return `${parameter || GAP}${window} ${coreText(leaf, unit)}${lasts}${until}${often}`;
}

/** A condition as one sentence; groups in groups stand in brackets. */
export function conditionText(node: DraftNode, known: Known, isInner = false): string {
  if (!isGroup(node)) return leafText(node, known);
  const { members, match } = node;
  const [only] = members;
  if (members.length === 1 && only !== undefined) return conditionText(only, known, isInner);
  const joined = members
    .map((member) => conditionText(member, known, true))
    .join(` ${match === 'all' ? text.and : text.or} `);
  return isInner ? `(${joined})` : joined;
}
