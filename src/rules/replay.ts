import { type Condition, isGroup, type Leaf, membersOf, type Severity, type Watch } from './condition.ts';
import { describe } from './describe.ts';
import { type Change, type Fold, rankOf, type Sample } from './fold.ts';
import { at, SLOT } from './state.ts';
import type { Transition } from './transition.ts';
import { type HourFigures, hourStart } from './usual.ts';

/** One alarm as a rule would have raised it. Times are epoch ms. */
export interface Firing {
  readonly raisedAt: number;
  /** Null: it was open at the end. */
  readonly clearedAt: number | null;
  /** The highest that it had. */
  readonly severity: Severity;
  /** What the rule looked at when it was raised may reach back to before the replay's own beginning. */
  readonly mayBeEarlier: boolean;
  /** From its raising to its clearing. */
  readonly changes: readonly Transition[];
}

/** How much a replay says at most. */
export interface ReplayBounds {
  readonly firings: number;
  /** Of all firings together. */
  readonly changes: number;
}

export interface ReplayOptions {
  readonly fold: Fold;
  /** Epoch ms. It folds from `bornAt` on, to know at `from` what it would have known by then; see `replayStart`. */
  readonly bornAt: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly bounds: ReplayBounds;
  readonly isBoolean: (parameter: string) => boolean;
}

/** Samples of one parameter in the order of time: the rows from `start` on, `end` exclusive. */
export interface ParameterColumns {
  /** Of the parameter among `fold.parameters`. */
  readonly place: number;
  readonly stamps: Float64Array;
  readonly values: Float64Array;
  /** Where they are texts. */
  readonly textAt: ((row: number) => string | null) | undefined;
  readonly start: number;
  readonly end: number;
}

/** A rule folded over the past of one device. It is given the past in its order, and says what would have happened. */
export interface Replay {
  /** What a parameter was before the beginning. */
  know(sample: Sample, ts: number): void;
  /** What a parameter did in the hours before the beginning, oldest first. */
  knowHours(parameter: string, hours: readonly HourFigures[]): void;
  /**
   * The next sample: not before those that came already. Of several of one parameter and instant the last one holds.
   *
   * @param place - of the parameter among `fold.parameters`
   * @param value - a boolean is 0 or 1
   */
  take(ts: number, place: number, value: number | string): void;
  /** All samples of a span of time that is behind what came already. Quicker: most of them change nothing. */
  takeColumns(columns: readonly ParameterColumns[]): void;
  /** It has as many firings as it may have: nothing more is taken. */
  readonly isFull: boolean;
  /** Lets time pass to the end. @returns firings that touch [from, to), oldest first */
  finish(): { readonly firings: readonly Firing[]; readonly isTruncated: boolean };
}

const MS = 1_000;
const HOUR_MS = 3_600_000;
/** Hysteresis remembers for ever; this much of it is enough. */
const LEAST_LEAD_MS = HOUR_MS;
const MOST_LEAD_MS = 8 * 24 * HOUR_MS;

/** How far back a leaf looks by itself (ms). */
function reachOf(leaf: Leaf): number {
  const inner = leaf.operator === 'occurrences' ? reachOf(leaf.of) : 0;
  const window = 'window_seconds' in leaf ? (leaf.window_seconds ?? 0) : 0;
  const delay = 'for_seconds' in leaf ? (leaf.for_seconds ?? 0) : 0;
  return inner + (window + delay) * MS;
}

const longestReach = (condition: Condition): number =>
  isGroup(condition) ? Math.max(0, ...membersOf(condition).map(longestReach)) : reachOf(condition);

const reachOfAll = ({ condition, levels }: Pick<Watch, 'condition' | 'levels'>): number =>
  Math.max(...[condition, ...levels.map((level) => level.condition)].map(longestReach));

/**
 * Where a replay begins to fold so that at `from` it knows what a rule that has always been there would know: before it by
 * the longest window and delay, the cooldown and the time that an alarm is kept, at least an hour and at most eight days;
 * at the start of an hour, because the usual of a series is known by hours.
 */
export function replayStart(watch: Watch, from: number): number {
  const lead = reachOfAll(watch) + (watch.cooldown_seconds + watch.keep_firing_seconds) * MS;
  return hourStart(from - Math.min(MOST_LEAD_MS, Math.max(LEAST_LEAD_MS, lead)));
}

/** The first row from `row` on that is not before `ts`; `end` where there is none. */
export function rowAt(stamps: Float64Array, ts: number, row: number, end: number): number {
  let [first, behind] = [row, end];
  while (first < behind) {
    const middle = (first + behind) >>> 1;
    if ((stamps[middle] as number) < ts) first = middle + 1;
    else behind = middle;
  }
  return first;
}

/** Columns on their way. */
interface Lane extends ParameterColumns {
  /** What is next. */
  row: number;
  /** The first that may change something; it has to be looked for if it is before `row`. */
  stop: number;
  /** Whether samples can be passed, or taken in one after the other, or have to be looked at one by one. */
  readonly pace: 'passed' | 'fed' | 'asked';
}

/** Texts are asked about, and so are several columns of one parameter, and several parameters that are fed. */
function lanesOf(columns: readonly ParameterColumns[], isFed: (place: number) => boolean): Lane[] {
  const filled = columns.filter(({ place, start, end }) => place >= 0 && start < end);
  const severalAreFed = filled.filter(({ place }) => isFed(place)).length > 1;
  return filled.map((one) => {
    const isApart = one.textAt === undefined && filled.every((other) => other === one || other.place !== one.place);
    const pace = isFed(one.place) ? (severalAreFed ? 'asked' : 'fed') : 'passed';
    return { ...one, row: one.start, stop: one.start - 1, pace: isApart ? pace : 'asked' };
  });
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
interface OpenFiring extends Mutable<Omit<Firing, 'changes'>> {
  readonly changes: Transition[];
}

export function createReplay({ fold, bornAt, from, to, bounds, isBoolean }: ReplayOptions): Replay {
  const state = fold.start(bornAt);
  const surelyRaisedFrom = bornAt + reachOfAll(fold.watch);
  const changes: Change[] = [];
  const firings: Firing[] = [];
  let open: OpenFiring | undefined;
  let counted = 0;
  let isFull = false;

  /** One object for each parameter, and not for each sample: there are millions of them. */
  const samples: Mutable<Sample>[] = fold.parameters.map((parameter) => ({ parameter, value: 0 }));
  const instant: Sample[] = [];
  let count = 0;
  let instantAt = Number.NEGATIVE_INFINITY;

  const close = (at: number | null) => {
    if (open === undefined) return;
    open.clearedAt = at;
    if (at === null || at > from) firings.push(open);
    else counted -= open.changes.length;
    open = undefined;
  };

  const tell = () => {
    for (const change of changes) {
      if (isFull) break;
      const transition = describe(change, isBoolean);
      const { at, severity } = transition;
      if (open === undefined && (severity === null || firings.length >= bounds.firings)) {
        isFull ||= severity !== null;
        continue;
      }
      if (counted >= bounds.changes) {
        isFull = true;
        break;
      }
      counted++;
      if (severity !== null) {
        open ??= { raisedAt: at, clearedAt: null, severity, mayBeEarlier: at <= surelyRaisedFrom, changes: [] };
        if (rankOf(severity) > rankOf(open.severity)) open.severity = severity;
      }
      open?.changes.push(transition);
      if (severity === null) close(at);
    }
    changes.length = 0;
  };

  const apply = () => {
    if (count === 0) return;
    // An array that was emptied would have to get new memory.
    if (instant.length !== count) instant.length = count;
    fold.apply(state, instantAt, instant, changes);
    count = 0;
    if (changes.length > 0) tell();
  };

  const take = (ts: number, place: number, value: number | string) => {
    if (ts !== instantAt) {
      apply();
      instantAt = ts;
    }
    const sample = samples[place];
    if (sample === undefined) return;
    sample.value = value;
    for (let known = 0; known < count; known++) if (instant[known] === sample) return;
    instant[count++] = sample;
  };

  /** Lets pass what changes nothing before `until`. */
  const pass = (lane: Lane, until: number) => {
    const { place, stamps, values, row, stop } = lane;
    lane.row = rowAt(stamps, until, row, stop);
    const [parameter, newest] = [fold.parameters[place] as string, lane.row - 1];
    if (lane.row > row) fold.know(state, { parameter, value: values[newest] as number }, stamps[newest] as number);
  };

  /** Goes on to the next instant at which something may change. @returns false at the end */
  const step = (lanes: readonly Lane[]): boolean => {
    let [next, until] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const lane of lanes) {
      const { place, stamps, values, row, end, pace } = lane;
      if (row === end) continue;
      next = Math.min(next, stamps[row] as number);
      if (pace === 'fed') continue;
      if (lane.stop < row) lane.stop = pace === 'asked' ? row : fold.quietUntil(state, place, values, row, end);
      if (lane.stop < end) until = Math.min(until, stamps[lane.stop] as number);
    }
    if (next === Number.POSITIVE_INFINITY) return false;
    fold.advance(state, next, changes);
    until = Math.min(until, at(state, SLOT.wake));
    for (const lane of lanes) {
      if (lane.pace !== 'fed') continue;
      lane.row = fold.feed(state, lane.place, lane, lane.row, lane.end, until);
      if (lane.row < lane.end) until = Math.min(until, lane.stamps[lane.row] as number);
    }
    for (const lane of lanes) {
      if (lane.pace === 'passed') pass(lane, until);
      const { place, stamps, values, textAt, row, end } = lane;
      if (row === end || stamps[row] !== until) continue;
      take(until, place, textAt?.(row) ?? (values[row] as number));
      lane.row++;
    }
    apply();
    if (changes.length > 0) tell();
    return true;
  };

  return {
    get isFull() {
      return isFull;
    },
    know: (sample, ts) => fold.know(state, sample, ts),
    knowHours: (parameter, hours) => {
      for (const hour of hours) fold.knowHour(state, parameter, hour);
    },
    take,
    takeColumns: (columns) => {
      apply();
      const lanes = lanesOf(columns, fold.isFed);
      while (!isFull && step(lanes));
    },
    finish: () => {
      if (!isFull) {
        apply();
        fold.advance(state, to, changes);
        tell();
      }
      close(null);
      return { firings, isTruncated: isFull };
    },
  };
}
