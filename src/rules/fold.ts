import {
  type Condition,
  isGroup,
  type Leaf,
  membersOf,
  msOf,
  SEVERITIES,
  type Severity,
  type Watch,
} from './condition.ts';
import { type CompiledLeaf, compileLeaf, type Environment, textNumber, textOf } from './leaves.ts';
import { type ScheduleAt, scheduleAt } from './schedule.ts';
import { at, createLayout, type Layout, type ParameterSlots, SLOT, type State, wakeAt } from './state.ts';
import { EMPTY_USUAL, type HourFigures, withHour } from './usual.ts';

/** A sample of one of a rule's parameters. */
export interface Sample {
  readonly parameter: string;
  readonly value: number | boolean | string;
}

/** Numbers of one parameter in the order of time. */
export interface NumberColumns {
  /** Epoch ms. */
  readonly stamps: Float64Array;
  readonly values: Float64Array;
}

/** A change of an alarm as the fold sees it: severity by its place (1 … 4), 0 when it has cleared. */
export interface Change {
  readonly at: number;
  readonly severity: number;
  /** The leaf that decided. */
  readonly leaf: Leaf | undefined;
  /** What was compared; null where nothing was. */
  readonly value: number | string | null;
  readonly isBySchedule: boolean;
}

export type Node =
  | { readonly kind: 'group'; readonly isAll: boolean; readonly members: readonly Node[] }
  | { readonly kind: 'leaf'; readonly leaf: CompiledLeaf };

export interface CompiledLevel {
  /** 1 … 4. */
  readonly severity: number;
  readonly root: Node;
}

/**
 * A rule, ready to be folded over the samples of one device: state and samples in, state and changes out. It reads no clock
 * and remembers nothing beside the state, so that the same samples in the same order give the same changes, live, after a
 * restart and in a replay. Samples come in the order of their stamps, all of one stamp at once; what comes late is folded
 * again from a state before it (`instance.ts`).
 */
export interface Fold {
  readonly watch: Watch;
  readonly parameters: readonly string[];
  readonly levels: readonly CompiledLevel[];
  readonly environment: Environment;
  readonly scheduleAt: ScheduleAt;
  readonly slotsOf: (parameter: string) => ParameterSlots | undefined;
  /**
   * A state at its beginning, before all samples.
   *
   * @param bornAt - epoch ms: what needs the past counts from here
   * @param severity - of an alarm that goes on from before: what holds then counts as having held
   */
  start(bornAt: number, severity?: Severity | null): State;
  /** Makes known what a parameter was before the beginning, or is by now; nothing is decided by it yet. */
  know(state: State, sample: Sample, ts: number): void;
  /** Makes known what a parameter did in an hour before the beginning, for `deviates`; oldest first. */
  knowHour(state: State, parameter: string, hour: HourFigures): void;
  /** Lets time pass up to `to` (exclusive): what changes by itself until then changes. */
  advance(state: State, to: number, changes: Change[]): void;
  /** Looks at what is so at `now`, which is not before the state's time, and decides nothing: for a copy that is shown. */
  look(state: State, now: number): void;
  /**
   * The first of a parameter's numbers, from `row` on, that may change more than what the newest value is, as long as the
   * state does not wake: those before it need no more than `know` of the last of them. Not for one that `isFed`.
   *
   * @param place - of the parameter among `parameters`
   */
  quietUntil(state: State, place: number, values: Float64Array, row: number, end: number): number;
  /** Whether leaves have to be told of every sample of a parameter. */
  isFed(place: number): boolean;
  /** Takes in what changes nothing else, and is before `until`, which is not behind the state's waking. @returns the row behind */
  feed(state: State, place: number, numbers: NumberColumns, row: number, end: number, until: number): number;
  /** Samples of one instant, which is later than the one before. */
  apply(state: State, ts: number, samples: readonly Sample[], changes: Change[]): void;
}

type Stays = NonNullable<CompiledLeaf['stays']>;

/** Of leaves that have to be asked each time. */
const ASK: Stays = () => false;

/** Who is told of a sample of a parameter. */
interface Told {
  readonly slots: ParameterSlots;
  readonly samplers: readonly ((state: State, ts: number) => void)[];
  /** Of the leaves that read it. */
  readonly stays: readonly Stays[];
}

/** What they look at changes with time: hours, outages, and how many are within the window. */
const ASKED_EACH_TIME: readonly Leaf['operator'][] = ['deviates', 'no_data', 'occurrences'];

const reads = (leaf: Leaf, parameter: string): boolean =>
  leaf.operator !== 'occurrences' &&
  (leaf.parameter === parameter || ('other_parameter' in leaf && leaf.other_parameter === parameter));

function compileNode(layout: Layout, condition: Condition, leaves: CompiledLeaf[]): Node {
  if (isGroup(condition)) {
    const members = membersOf(condition).map((member) => compileNode(layout, member, leaves));
    return { kind: 'group', isAll: 'all' in condition, members };
  }
  const leaf = compileLeaf(layout, condition);
  leaves.push(leaf);
  return { kind: 'leaf', leaf };
}

/** Every leaf is asked, whatever the others say: each has its own memory. */
function holds(node: Node, state: State, now: number, environment: Environment): boolean {
  if (node.kind === 'leaf') return node.leaf.evaluate(state, now, environment);
  let all = true;
  let any = false;
  for (const member of node.members) {
    if (holds(member, state, now, environment)) any = true;
    else all = false;
  }
  return node.isAll ? all : any;
}

function* leavesOf(node: Node): Generator<CompiledLeaf> {
  if (node.kind === 'leaf') yield node.leaf;
  else for (const member of node.members) yield* leavesOf(member);
}

/** It asks what state something is in, and measures nothing: `running is on`. */
const isOfState = (leaf: Leaf): boolean =>
  leaf.operator === 'changed' || ('value' in leaf && ['boolean', 'string'].includes(typeof leaf.value));

/**
 * The leaf that says best why a condition holds, or does not: the first, in reading order, of what has made it so. Why it holds
 * is told rather by what is measured than by the state of a machine, which stands beside it.
 */
export function deciding(node: Node, state: State, isHolding: boolean): CompiledLeaf | undefined {
  if (node.kind === 'leaf') return (at(state, node.leaf.slots.holds) === 1) === isHolding ? node.leaf : undefined;
  const found = node.members.flatMap((member) => deciding(member, state, isHolding) ?? []);
  const needed = node.isAll === isHolding ? node.members.length : 1;
  if (found.length < needed) return undefined;
  return (isHolding ? found.find(({ leaf }) => !isOfState(leaf)) : undefined) ?? found[0];
}

/** 1 more than a severity's place; 0 for none. */
export const rankOf = (severity: Severity | null): number => (severity === null ? 0 : SEVERITIES.indexOf(severity) + 1);
export const severityOf = (rank: number): Severity | null => SEVERITIES[rank - 1] ?? null;

/** @throws RangeError for a schedule whose zone, times or dates do not exist */
export function compile(watch: Watch, environment: Environment): Fold {
  const layout = createLayout();
  const leaves: CompiledLeaf[] = [];
  // Most severe first: the first that holds decides.
  const levels = [{ severity: watch.severity, condition: watch.condition }, ...watch.levels]
    .map(({ severity, condition }) => ({ severity: rankOf(severity), root: compileNode(layout, condition, leaves) }))
    .toSorted((a, b) => b.severity - a.severity);
  /** Those that have to know what a parameter was, so that its next sample may be another. */
  const changing = leaves.filter(
    ({ leaf }) => (leaf.operator === 'occurrences' ? leaf.of : leaf).operator === 'changed',
  );
  const told = new Map<string, Told>();
  const isAskedEachTime = leaves.some(({ leaf }) => ASKED_EACH_TIME.includes(leaf.operator));
  for (const [parameter, slots] of layout.parameters) {
    const samplers = leaves.flatMap(({ sample }) => (sample?.parameter === parameter ? [sample.fn] : []));
    const readers = leaves.filter(({ leaf }) => reads(leaf, parameter));
    told.set(parameter, { slots, samplers, stays: isAskedEachTime ? [ASK] : readers.map(({ stays }) => stays ?? ASK) });
  }
  const toldInOrder = [...told.values()];
  const isScheduled = scheduleAt(watch.schedule, environment.timezone);
  const [cooldownMs, keepMs] = [msOf(watch.cooldown_seconds), msOf(watch.keep_firing_seconds)];

  const set = ({ numbers }: State, slots: ParameterSlots, value: Sample['value'], ts: number) => {
    const isText = typeof value === 'string';
    numbers[slots.number] = isText ? Number.NaN : Number(value);
    numbers[slots.text] = isText ? textNumber(value) : Number.NaN;
    numbers[slots.ts] = ts;
  };

  const comparedBy = ({ leaf, slots }: CompiledLeaf, state: State): number | string | null => {
    const value = at(state, slots.value);
    if (Number.isNaN(value)) return null;
    const compared = leaf.operator === 'occurrences' ? undefined : layout.parameters.get(leaf.parameter);
    return compared !== undefined && at(state, compared.text) === value ? textOf(value) : value;
  };

  const change = (state: State, now: number, severity: number, isBySchedule: boolean): Change => {
    state.numbers[SLOT.severity] = severity;
    state.numbers[SLOT.endsSince] = Number.NaN;
    if (severity === 0) state.numbers[SLOT.clearedAt] = now;
    const level = levels.find((each) => each.severity === severity);
    const roots = level === undefined ? levels.toReversed() : [level];
    // It clears by what does not hold any more; where the schedule ends it, all may hold.
    const isHolding = severity > 0 || isBySchedule;
    const leaf = roots.map(({ root }) => deciding(root, state, isHolding)).find((each) => each !== undefined);
    return {
      at: now,
      severity,
      leaf: leaf?.leaf,
      value: leaf === undefined ? null : comparedBy(leaf, state),
      isBySchedule,
    };
  };

  /** No alarm is raised before the cooldown of the last one is over. */
  const mayRaise = (state: State, now: number): boolean => {
    const mayAt = at(state, SLOT.clearedAt) + cooldownMs;
    if (now < mayAt) wakeAt(state, mayAt);
    return now >= mayAt;
  };

  /** An alarm whose condition does not hold any more is kept for a while. */
  const mayClear = (state: State, now: number): boolean => {
    if (Number.isNaN(at(state, SLOT.endsSince))) state.numbers[SLOT.endsSince] = now;
    const mayAt = at(state, SLOT.endsSince) + keepMs;
    if (now < mayAt) wakeAt(state, mayAt);
    return now >= mayAt;
  };

  const evaluate = (state: State, now: number, changes: Change[]): void => {
    state.numbers[SLOT.time] = now;
    state.numbers[SLOT.wake] = Number.POSITIVE_INFINITY;
    state.numbers[SLOT.isAsked] = 1;
    let wanted = 0;
    for (const { severity, root } of levels) {
      if (holds(root, state, now, environment) && wanted === 0) wanted = severity;
    }
    const schedule = isScheduled(now);
    wakeAt(state, schedule.until);
    const current = at(state, SLOT.severity);
    if (!schedule.applies) {
      if (current > 0) changes.push(change(state, now, 0, wanted > 0));
    } else if (wanted === current) {
      state.numbers[SLOT.endsSince] = Number.NaN;
    } else if (wanted === 0 ? mayClear(state, now) : current > 0 || mayRaise(state, now)) {
      changes.push(change(state, now, wanted, false));
    }
  };

  /** Whether a number leaves everything as it is but for the newest value, as most do; before the time that the state wakes. */
  const isQuiet = (state: State, ts: number, { stays }: Told, value: number): boolean => {
    for (let place = 0; place < stays.length; place++) {
      if (!(stays[place] as Stays)(state, ts, value, environment)) return false;
    }
    return at(state, SLOT.isAsked) === 1;
  };

  const takeIn = (state: State, ts: number, { slots, samplers }: Told, value: Sample['value']): void => {
    set(state, slots, value, ts);
    for (const fn of samplers) fn(state, ts);
  };

  const advance: Fold['advance'] = (state, to, changes) => {
    while (at(state, SLOT.wake) < to) evaluate(state, at(state, SLOT.wake), changes);
  };

  return {
    watch,
    environment,
    levels,
    scheduleAt: isScheduled,
    parameters: [...layout.parameters.keys()],
    slotsOf: (parameter) => layout.parameters.get(parameter),
    start: (bornAt, severity = null) => {
      const state: State = {
        numbers: layout.initial.slice(),
        usuals: Array.from({ length: layout.usualCount }, () => EMPTY_USUAL),
      };
      const { numbers } = state;
      numbers[SLOT.time] = Number.NEGATIVE_INFINITY;
      // It is looked at once at its beginning: what is known already may be enough.
      numbers[SLOT.wake] = bornAt;
      numbers[SLOT.severity] = rankOf(severity);
      numbers[SLOT.clearedAt] = Number.NEGATIVE_INFINITY;
      numbers[SLOT.bornAt] = bornAt;
      if (severity === null) return state;
      // Of a more severe level it is known that it did not hold.
      const rank = Math.max(rankOf(severity), levels.at(-1)?.severity ?? 0);
      for (const { root } of levels.filter((level) => level.severity <= rank)) {
        for (const { slots } of leavesOf(root)) numbers[slots.since] = Number.NEGATIVE_INFINITY;
      }
      return state;
    },
    know: (state, { parameter, value }, ts) => {
      const slots = layout.parameters.get(parameter);
      if (slots === undefined) return;
      set(state, slots, value, ts);
      for (const { sample } of changing) {
        // It was so before the beginning: that is no change.
        if (sample?.parameter === parameter) sample.fn(state, Number.NEGATIVE_INFINITY);
      }
    },
    knowHour: (state, parameter, hour) => {
      let place = 0;
      for (const { leaf } of leaves) {
        const inner = leaf.operator === 'occurrences' ? leaf.of : leaf;
        if (inner.operator !== 'deviates') continue;
        if (inner.parameter === parameter) {
          state.usuals[place] = withHour(state.usuals[place] ?? EMPTY_USUAL, hour, environment.timezone);
        }
        place++;
      }
    },
    advance,
    look: (state, now) => {
      advance(state, now, []);
      evaluate(state, now, []);
    },
    isFed: (place) => (toldInOrder[place]?.samplers.length ?? 0) > 0,
    quietUntil: (state, place, values, first, end) => {
      const one = toldInOrder[place];
      const now = at(state, SLOT.time);
      let row = first;
      while (one !== undefined && row < end && isQuiet(state, now, one, values[row] as number)) row++;
      return row;
    },
    feed: (state, place, { stamps, values }, first, end, until) => {
      const one = toldInOrder[place];
      let row = first;
      for (; one !== undefined && row < end; row++) {
        const [ts, value] = [stamps[row] as number, values[row] as number];
        if (ts >= until || !isQuiet(state, ts, one, value)) break;
        takeIn(state, ts, one, value);
        state.numbers[SLOT.time] = ts;
      }
      return row;
    },
    apply: (state, ts, samples, changes) => {
      advance(state, ts, changes);
      let isAsked = ts >= at(state, SLOT.wake);
      for (let place = 0; place < samples.length; place++) {
        const { parameter, value } = samples[place] as Sample;
        const one = told.get(parameter);
        isAsked ||= one === undefined || typeof value === 'string' || !isQuiet(state, ts, one, Number(value));
        if (one !== undefined) takeIn(state, ts, one, value);
      }
      if (isAsked) evaluate(state, ts, changes);
      else state.numbers[SLOT.time] = ts;
    },
  };
}
