import type { Aggregate } from './condition.ts';
import { at, type Layout, type State, wakeAt } from './state.ts';

/**
 * Windows are cut into panes (Li et al., "No pane, no gain", SIGMOD Record 2005), which begin at multiples of their width,
 * a sixtieth of it: so a window costs the same however many samples are in it, and does not depend on when a rule began. The
 * oldest pane leaves as a whole: a window reaches back as far as was asked for, or up to a sixtieth less, never further.
 */
const PANES = 60;
/** Of each pane: its number, and two figures. */
const FIELDS = 3;
const [NUMBER, FIRST, SECOND] = [0, 1, 2];

/** The number of the pane that holds `ts`. Whole numbers are divided, so that no boundary is rounded. */
const numberAt = (ts: number, windowMs: number): number => Math.floor((ts * PANES) / windowMs);

/** The first instant (ms) of a pane. */
const beginOf = (number: number, windowMs: number): number => Math.ceil((number * windowMs) / PANES);

/** What a leaf compares, and how it comes to know of samples. */
export interface Measure {
  /** A sample of its parameter. */
  readonly sample: (state: State, ts: number, value: number) => void;
  /** What is compared at `now`; NaN where it is not known. Asks to be woken when it changes by itself. */
  readonly value: (state: State, now: number) => number;
  /** What would be compared if a number came next. */
  readonly next?: {
    /** Whether that can be told at `ts`, which is before the time that the state waits for. */
    readonly isKnown: (state: State, ts: number) => boolean;
    readonly value: (state: State, ts: number, value: number) => number;
  };
}

type Foreseeing = Measure & Required<Pick<Measure, 'next'>>;

type How = 'add' | 'min' | 'max';

const join = (how: How, a: number, b: number): number =>
  how === 'add' ? a + b : (how === 'min' ? b < a : b > a) ? b : a;

/** How panes are joined: their first figures by `how`, their second ones by adding. */
interface Joining {
  readonly empty: readonly [first: number, second: number];
  readonly how: How;
}

interface Panes {
  /** The slots of the pane that holds `ts`, emptied when it held another. */
  readonly open: (state: State, ts: number) => number;
  /** Joins the panes of the window that ends at `now`, into `joined`; asks to be woken when the oldest leaves it. */
  readonly join: (state: State, now: number) => void;
  /** Whether the pane that holds `ts` has samples, and was the newest when panes were joined. */
  readonly isUnderWay: (state: State, ts: number) => boolean;
  /** The figures, joined, with those of one more sample of a pane that is under way. */
  readonly firstWith: (state: State, ts: number, figure: number) => number;
  readonly secondWith: (state: State, ts: number, figure: number) => number;
  /** Two slots. */
  readonly joined: number;
}

/** The place of a pane in the ring: the remainder, of numbers that are too large for the processor's own division. */
const placeOf = (number: number): number => number - Math.floor(number / PANES) * PANES;

/** Those before the pane of now are joined once, when it begins. */
function panesOf(layout: Layout, windowMs: number, { empty, how }: Joining): Panes {
  const [isSum, isLeast] = [how === 'add', how === 'min'];
  const base = layout.slots(PANES * FIELDS, Number.NEGATIVE_INFINITY);
  const last = base + (PANES - 1) * FIELDS;
  const joined = layout.slots(2, Number.NaN);
  /** Of the panes before: for which pane they were joined, the two figures, the number of the oldest. */
  const before = layout.slots(4, Number.NaN);
  const [, first, second, oldest] = [before, before + 1, before + 2, before + 3] as const;

  const joinBefore = ({ numbers }: State, newest: number) => {
    let one = empty[0];
    let two = empty[1];
    let lowest = Number.POSITIVE_INFINITY;
    // The oldest follows the newest in the ring.
    let pane = base + placeOf(newest) * FIELDS;
    for (let number = newest - PANES + 1; number < newest; number++) {
      pane = pane === last ? base : pane + FIELDS;
      if (numbers[pane + NUMBER] !== number) continue;
      if (number < lowest) lowest = number;
      const figure = numbers[pane + FIRST] as number;
      // Not by a function for each kind: numbers that go through one need memory of their own.
      if (isSum) one += figure;
      else if (isLeast ? figure < one : figure > one) one = figure;
      two += numbers[pane + SECOND] as number;
    }
    numbers[before] = newest;
    numbers[first] = one;
    numbers[second] = two;
    numbers[oldest] = lowest;
  };

  const paneOf = (number: number): number => base + placeOf(number) * FIELDS;

  return {
    joined,
    isUnderWay: (state, ts) => {
      const number = numberAt(ts, windowMs);
      return at(state, before) === number && at(state, paneOf(number) + NUMBER) === number;
    },
    firstWith: (state, ts, figure) => {
      const pane = paneOf(numberAt(ts, windowMs));
      return join(how, at(state, first), join(how, at(state, pane + FIRST), figure));
    },
    secondWith: (state, ts, figure) => {
      const pane = paneOf(numberAt(ts, windowMs));
      return at(state, second) + (at(state, pane + SECOND) + figure);
    },
    open: ({ numbers }, ts) => {
      const number = numberAt(ts, windowMs);
      const pane = paneOf(number);
      if (numbers[pane + NUMBER] !== number) {
        numbers[pane + NUMBER] = number;
        numbers[pane + FIRST] = empty[0];
        numbers[pane + SECOND] = empty[1];
      }
      return pane;
    },
    join: (state, now) => {
      const { numbers } = state;
      const newest = numberAt(now, windowMs);
      if (at(state, before) !== newest) joinBefore(state, newest);
      let lowest = at(state, oldest);
      numbers[joined] = at(state, first);
      numbers[joined + 1] = at(state, second);
      const pane = paneOf(newest);
      if (at(state, pane + NUMBER) === newest) {
        lowest = Math.min(lowest, newest);
        numbers[joined] = join(how, at(state, joined), at(state, pane + FIRST));
        numbers[joined + 1] = at(state, joined + 1) + at(state, pane + SECOND);
      }
      if (lowest < Number.POSITIVE_INFINITY) wakeAt(state, beginOf(lowest + PANES, windowMs));
    },
  };
}

/** What an aggregate makes of the joined values and their count. */
interface Gathering extends Joining {
  readonly result: (joined: number, count: number) => number;
}

const GATHERINGS: Readonly<Record<Exclude<Aggregate, 'last'>, Gathering>> = {
  avg: { empty: [0, 0], how: 'add', result: (sum, count) => (count === 0 ? Number.NaN : sum / count) },
  sum: { empty: [0, 0], how: 'add', result: (sum) => sum },
  count: { empty: [0, 0], how: 'add', result: (_, count) => count },
  min: {
    empty: [Number.POSITIVE_INFINITY, 0],
    how: 'min',
    result: (min, count) => (count === 0 ? Number.NaN : min),
  },
  max: {
    empty: [Number.NEGATIVE_INFINITY, 0],
    how: 'max',
    result: (max, count) => (count === 0 ? Number.NaN : max),
  },
};

/** An aggregate over the window before now. */
export function aggregateOver(layout: Layout, aggregate: Exclude<Aggregate, 'last'>, windowMs: number): Foreseeing {
  const gathering = GATHERINGS[aggregate];
  const panes = panesOf(layout, windowMs, gathering);
  return {
    sample: (state, ts, value) => {
      const pane = panes.open(state, ts);
      state.numbers[pane + FIRST] = join(gathering.how, at(state, pane + FIRST), value);
      state.numbers[pane + SECOND] = at(state, pane + SECOND) + 1;
    },
    value: (state, now) => {
      panes.join(state, now);
      return gathering.result(at(state, panes.joined), at(state, panes.joined + 1));
    },
    next: {
      isKnown: panes.isUnderWay,
      value: (state, ts, value) => gathering.result(panes.firstWith(state, ts, value), panes.secondWith(state, ts, 1)),
    },
  };
}

/**
 * Change in so many milliseconds, from the oldest sample in the window to the newest; not known before these are half a
 * window apart.
 */
export function rateOver(layout: Layout, windowMs: number, unitMs: number): Foreseeing {
  // A pane keeps the slots of its first sample; the oldest pane that has one says where the window begins.
  const panes = panesOf(layout, windowMs, { empty: [Number.POSITIVE_INFINITY, 0], how: 'min' });
  const values = layout.slots(PANES, Number.NaN);
  const newest = layout.slots(2, Number.NaN);
  const valueAt = (ts: number) => values + placeOf(numberAt(ts, windowMs));
  const rate = (state: State, oldest: number, ts: number, value: number): number => {
    const elapsed = ts - oldest;
    return elapsed >= windowMs / 2 ? ((value - at(state, valueAt(oldest))) * unitMs) / elapsed : Number.NaN;
  };
  return {
    sample: (state, ts, value) => {
      const { numbers } = state;
      const pane = panes.open(state, ts);
      if (at(state, pane + FIRST) === Number.POSITIVE_INFINITY) {
        numbers[pane + FIRST] = ts;
        numbers[valueAt(ts)] = value;
      }
      numbers[newest] = ts;
      numbers[newest + 1] = value;
    },
    value: (state, now) => {
      panes.join(state, now);
      const oldest = at(state, panes.joined);
      return rate(state, oldest, at(state, newest), at(state, newest + 1));
    },
    next: {
      isKnown: panes.isUnderWay,
      value: (state, ts, value) => rate(state, at(state, panes.joined), ts, value),
    },
  };
}
