import type { Condition, OccurrencesLeaf, Rule } from '../../api/schema.ts';

/**
 * A condition while it is edited. Each part has an id of its own, by which the page finds it again after it was moved, and
 * a comparison keeps what it was told even where its operator of the moment has no use for it.
 */

export type Severity = Rule['severity'];
type SimpleLeaf = OccurrencesLeaf['of'];
export type Operator = SimpleLeaf['operator'];
export type Aggregate = 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';
export type RateUnit = 'second' | 'minute' | 'hour';

export interface DraftLeaf {
  readonly id: number;
  readonly parameter: string;
  readonly operator: Operator;
  readonly aggregate?: Aggregate | undefined;
  /** Of the aggregate (s). */
  readonly over?: number | undefined;
  readonly value?: number | boolean | string | undefined;
  /** Compared with instead of `value`. */
  readonly other?: string | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly hysteresis?: number | undefined;
  readonly forSeconds?: number | undefined;
  /** Of a rate: how it is counted, and over how long it is measured (s). */
  readonly per?: RateUnit | undefined;
  readonly span?: number | undefined;
  /** A rate that falls; its value is shown without a sign. */
  readonly isFall?: boolean | undefined;
  /** Of `changed`: how long it holds from the change on (s). */
  readonly stays?: number | undefined;
  readonly sigmas?: number | undefined;
  /** It has to have come true so often within a time (s). */
  readonly times?: { readonly count: number | undefined; readonly within: number | undefined } | undefined;
}

export interface DraftGroup {
  readonly id: number;
  readonly match: 'all' | 'any';
  readonly members: readonly DraftNode[];
}

export type DraftNode = DraftLeaf | DraftGroup;

export const isGroup = (node: DraftNode): node is DraftGroup => 'members' in node;

let lastId = 0;
/** An id that nothing on the page has. */
export const newId = (): number => ++lastId;

export const newLeaf = (parameter = ''): DraftLeaf => ({ id: newId(), parameter, operator: 'gt' });

export const newGroup = (match: 'all' | 'any', members: readonly DraftNode[] = [newLeaf()]): DraftGroup => ({
  id: newId(),
  match,
  members,
});

const ORDERS: ReadonlySet<Operator> = new Set(['gt', 'gte', 'lt', 'lte']);
const RANGES: ReadonlySet<Operator> = new Set(['between', 'outside']);

/** What an operator can be told beside its parameter. */
export const takes = {
  aggregate: (operator: Operator) => !['changed', 'rate_of_change', 'no_data'].includes(operator),
  value: (operator: Operator) => ORDERS.has(operator) || operator === 'eq' || operator === 'neq',
  range: (operator: Operator) => RANGES.has(operator),
  hysteresis: (operator: Operator) => ORDERS.has(operator) || RANGES.has(operator) || operator === 'rate_of_change',
  /** Of `no_data` it is what it is about. */
  forSeconds: (operator: Operator) => operator !== 'changed' && operator !== 'no_data',
} as const;

function simpleOf(condition: SimpleLeaf): Omit<DraftLeaf, 'id'> {
  const { parameter, operator } = condition;
  if (condition.operator === 'changed') return { parameter, operator, stays: condition.window_seconds };
  if (condition.operator === 'no_data') return { parameter, operator, forSeconds: condition.for_seconds };
  if (condition.operator === 'rate_of_change') {
    const { value, per, window_seconds: span, hysteresis, for_seconds: forSeconds } = condition;
    return { parameter, operator, value: Math.abs(value), isFall: value < 0, per, span, hysteresis, forSeconds };
  }
  const { aggregate, window_seconds: over, for_seconds: forSeconds } = condition;
  const common = { parameter, operator, aggregate, over, forSeconds };
  if (condition.operator === 'deviates') return { ...common, sigmas: condition.sigmas };
  const { hysteresis } = 'hysteresis' in condition ? condition : {};
  if ('low' in condition) return { ...common, low: condition.low, high: condition.high, hysteresis };
  return { ...common, value: condition.value, other: condition.other_parameter, hysteresis };
}

/** A condition of the API as a draft. */
export function draftOf(condition: Condition): DraftNode {
  if ('all' in condition) return newGroup('all', condition.all.map(draftOf));
  if ('any' in condition) return newGroup('any', condition.any.map(draftOf));
  if (condition.operator !== 'occurrences') return { id: newId(), ...simpleOf(condition) };
  const { of, count, window_seconds: within } = condition;
  return { id: newId(), ...simpleOf(of), times: { count, within } };
}

/** The same with a group around it, where there is none: the page begins with one. */
export function rootOf(condition: Condition): DraftGroup {
  const draft = draftOf(condition);
  return isGroup(draft) ? draft : newGroup('all', [draft]);
}

/** Leaves out what was not said: the API tells what is missing. */
const said = <Members extends object>(members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members;

function simpleCondition(leaf: DraftLeaf): object {
  const { operator, value, other, isFall } = leaf;
  const source = {
    parameter: leaf.parameter.trim(),
    ...(takes.aggregate(operator) && { aggregate: leaf.aggregate, window_seconds: leaf.aggregate && leaf.over }),
    operator,
  };
  const slow = {
    ...(takes.hysteresis(operator) && { hysteresis: leaf.hysteresis }),
    ...(operator !== 'changed' && { for_seconds: leaf.forSeconds }),
  };
  if (operator === 'changed') return { ...source, window_seconds: leaf.stays };
  if (operator === 'deviates') return { ...source, sigmas: leaf.sigmas, ...slow };
  if (operator === 'rate_of_change') {
    const signed = typeof value === 'number' && isFall === true ? -value : value;
    return { ...source, per: leaf.per, value: signed, window_seconds: leaf.span, ...slow };
  }
  if (takes.range(operator)) return { ...source, low: leaf.low, high: leaf.high, ...slow };
  if (takes.value(operator)) {
    return { ...source, ...(other === undefined ? { value } : { other_parameter: other.trim() }), ...slow };
  }
  return { ...source, ...slow };
}

/** A draft as the API takes it; it may be incomplete, which the API tells. */
export function conditionOf(node: DraftNode): Condition {
  if (isGroup(node)) {
    const members = node.members.map(conditionOf);
    return node.match === 'all' ? { all: members } : { any: members };
  }
  const simple = said(simpleCondition(node));
  const { times } = node;
  const leaf =
    times === undefined
      ? simple
      : said({ operator: 'occurrences', of: simple, count: times.count, window_seconds: times.within });
  return leaf as Condition;
}

/** JSON pointers of all parts below `base`, by their ids: where the API tells what is wrong with them. */
export function pointersOf(node: DraftNode, base: string): Map<number, string> {
  const pointers = new Map([[node.id, base]]);
  if (isGroup(node)) {
    node.members.forEach((member, place) => {
      for (const [id, pointer] of pointersOf(member, `${base}/${node.match}/${place}`)) pointers.set(id, pointer);
    });
  }
  return pointers;
}

/** Every comparison in it. */
export const leavesOf = (node: DraftNode): DraftLeaf[] => (isGroup(node) ? node.members.flatMap(leavesOf) : [node]);
