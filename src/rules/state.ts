import type { Usual } from './usual.ts';

/**
 * All that a fold remembers of one rule on one device. Numbers in slots, which `compile` hands out: so a copy is one
 * `slice`, and a hundred thousand of them are cheap. What is not known is NaN, what has never been -Infinity.
 */
export interface State {
  readonly numbers: number[];
  /** The usual of each `deviates` leaf, shared by copies. */
  readonly usuals: Usual[];
}

/** Slots that every state begins with. */
export const SLOT = {
  /** Event time up to which it has been folded (epoch ms). */
  time: 0,
  /** When it changes by itself next, if no sample comes before (epoch ms). */
  wake: 1,
  /** 0: no alarm; else 1 more than the severity's place in `SEVERITIES`. */
  severity: 2,
  clearedAt: 3,
  /** Since when an alarm is kept though nothing holds any more. */
  endsSince: 4,
  /** When this fold began: what needs the past counts from here. */
  bornAt: 5,
  /** When an instance keeps a copy of its state next; NaN: it has to find out. The fold itself does not use it. */
  rememberAt: 6,
  /** 1 once its leaves have been asked; NaN before: what is known at the beginning is looked at with the first sample. */
  isAsked: 7,
} as const;

/** Of each parameter: its newest number (booleans are 0 and 1), or the number of its text, and the stamp. */
export interface ParameterSlots {
  readonly number: number;
  readonly text: number;
  readonly ts: number;
}

/** Hands out slots while a rule is compiled. */
export interface Layout {
  readonly initial: number[];
  readonly parameters: Map<string, ParameterSlots>;
  usualCount: number;
  slots(count: number, initial: number): number;
  parameter(name: string): ParameterSlots;
}

export function createLayout(): Layout {
  const initial: number[] = [];
  const parameters = new Map<string, ParameterSlots>();
  const slots = (count: number, value: number) => {
    const first = initial.length;
    for (let i = 0; i < count; i++) initial.push(value);
    return first;
  };
  slots(Object.keys(SLOT).length, Number.NaN);
  return {
    initial,
    parameters,
    usualCount: 0,
    slots,
    parameter: (name) => {
      const known = parameters.get(name);
      if (known !== undefined) return known;
      const made = {
        number: slots(1, Number.NaN),
        text: slots(1, Number.NaN),
        ts: slots(1, Number.NEGATIVE_INFINITY),
      };
      parameters.set(name, made);
      return made;
    },
  };
}

export const copyOf = ({ numbers, usuals }: State): State => ({ numbers: numbers.slice(), usuals: usuals.slice() });

/** Makes `target` what `source` is, without a new array. */
export function copyInto(target: State, { numbers, usuals }: State): void {
  for (let slot = 0; slot < numbers.length; slot++) target.numbers[slot] = numbers[slot] as number;
  for (let place = 0; place < usuals.length; place++) target.usuals[place] = usuals[place] as Usual;
}

/** The number in a slot. */
export const at = (state: State, slot: number): number => state.numbers[slot] as number;

/** Asks to be looked at again at `ms`, if that is sooner than what is asked already. Time only goes on. */
export function wakeAt(state: State, ms: number): void {
  if (ms < at(state, SLOT.wake) && ms > at(state, SLOT.time)) state.numbers[SLOT.wake] = ms;
}
