import { type Leaf, msOf, type Severity } from './condition.ts';
import { deciding, type Fold, type Node, severityOf } from './fold.ts';
import { type CompiledLeaf, textOf } from './leaves.ts';
import { at, SLOT, type State } from './state.ts';
import { type Band, bandOf, EMPTY_USUAL, hourOfWeek } from './usual.ts';

/** A leaf at an instant. Times are epoch ms of the device's own time. */
export interface ExplainedLeaf {
  readonly kind: 'leaf';
  readonly holds: boolean;
  readonly leaf: Leaf;
  /** What was compared; null: not known, or nothing. */
  readonly value: number | string | null;
  /** Of the parameter's newest sample; null before the first. */
  readonly sampled_at: number | null;
  /** Since when it holds, or would but for its delay, as far as the rule knows; null: it does not. */
  readonly since: number | null;
  /** When its delay will be over. */
  readonly holds_from: number | null;
  /** Of `deviates`: the usual of now; null while too little is known. */
  readonly usual: Band | null;
  /** Of an aggregate: when its window will be filled; null when it is. */
  readonly filled_at: number | null;
}

export interface ExplainedGroup {
  readonly kind: 'all' | 'any';
  readonly holds: boolean;
  readonly members: readonly Explained[];
}

export type Explained = ExplainedLeaf | ExplainedGroup;

export interface ExplainedLevel {
  readonly severity: Severity;
  readonly holds: boolean;
  readonly condition: Explained;
  /** By what it holds, or does not. */
  readonly because: ExplainedLeaf | undefined;
}

/** Why a rule fires or not on a device, as of its state. */
export interface Explanation {
  /** Of the alarm that is open; null: none is. */
  readonly severity: Severity | null;
  readonly levels: readonly ExplainedLevel[];
  /** The device's time (epoch ms), as well as it is known, and until when it was looked at, with a sample or without. */
  readonly now: number;
  readonly folded_until: number | null;
  readonly schedule: { readonly applies: boolean; readonly until: number | null };
  /** Until when no new alarm is raised; null: one may be. */
  readonly cooldown_until: number | null;
  /** When the alarm clears, if nothing holds before; null: nothing is being kept. */
  readonly kept_until: number | null;
  /** When it looks again without a sample. */
  readonly looks_again_at: number | null;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function explainLeaf(fold: Fold, state: State, compiled: CompiledLeaf, now: number): ExplainedLeaf {
  const { leaf, slots } = compiled;
  const inner = leaf.operator === 'occurrences' ? leaf.of : leaf;
  const parameter = fold.slotsOf(inner.parameter);
  const value = at(state, slots.value);
  const isText = parameter !== undefined && value === at(state, parameter.text);
  const holds = at(state, slots.holds) === 1;
  // What held before the beginning is known from there on.
  const held = at(state, slots.since);
  const isCounted = leaf.operator === 'occurrences';
  const since = isCounted || Number.isNaN(held) ? null : Math.max(held, at(state, SLOT.bornAt));
  const delay = 'for_seconds' in leaf && leaf.operator !== 'no_data' ? msOf(leaf.for_seconds) : 0;
  const windowed = 'aggregate' in inner && inner.aggregate !== undefined && inner.aggregate !== 'last';
  const filledAt = at(state, SLOT.bornAt) + (windowed ? msOf(inner.window_seconds) : 0);
  return {
    kind: 'leaf',
    holds,
    leaf,
    value: isText ? textOf(value) : finite(value),
    sampled_at: parameter === undefined ? null : finite(at(state, parameter.ts)),
    since,
    holds_from: !holds && since !== null && since + delay > now ? since + delay : null,
    usual: leaf.operator === 'deviates' ? usualOf(fold, state, compiled, now) : null,
    filled_at: windowed && filledAt > now ? filledAt : null,
  };
}

function usualOf(fold: Fold, state: State, { usual: place }: CompiledLeaf, now: number): Band | null {
  if (place === undefined) return null;
  return bandOf(state.usuals[place] ?? EMPTY_USUAL, hourOfWeek(now, fold.environment.timezone));
}

function explainNode(fold: Fold, state: State, node: Node, now: number): Explained {
  if (node.kind === 'leaf') return explainLeaf(fold, state, node.leaf, now);
  const members = node.members.map((member) => explainNode(fold, state, member, now));
  const holds = node.isAll ? members.every((each) => each.holds) : members.some((each) => each.holds);
  return { kind: node.isAll ? 'all' : 'any', holds, members };
}

/** @param now - epoch ms, of the device */
export function explain(fold: Fold, state: State, now: number): Explanation {
  const levels = fold.levels.map(({ severity, root }) => {
    const condition = explainNode(fold, state, root, now);
    const { holds } = condition;
    const leaf = deciding(root, state, holds);
    const because = leaf && explainLeaf(fold, state, leaf, now);
    return { severity: severityOf(severity) as Severity, holds, condition, because };
  });
  const { applies, until } = fold.scheduleAt(now);
  const { cooldown_seconds: cooldown, keep_firing_seconds: keep } = fold.watch;
  const cooldownUntil = at(state, SLOT.clearedAt) + msOf(cooldown);
  const endsSince = at(state, SLOT.endsSince);
  return {
    severity: severityOf(at(state, SLOT.severity)),
    levels,
    now,
    folded_until: finite(at(state, SLOT.time)),
    schedule: { applies, until: finite(until) },
    cooldown_until: cooldownUntil > now && at(state, SLOT.severity) === 0 ? cooldownUntil : null,
    kept_until: Number.isNaN(endsSince) ? null : endsSince + msOf(keep),
    looks_again_at: finite(at(state, SLOT.wake)),
  };
}
