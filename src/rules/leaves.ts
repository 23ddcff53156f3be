import { hash } from 'node:crypto';
import {
  type Aggregate,
  type ChangedLeaf,
  type Comparison,
  type ComparisonLeaf,
  type DeviatesLeaf,
  type Leaf,
  msOf,
  type NoDataLeaf,
  type OccurrencesLeaf,
  type RangeLeaf,
  type RateLeaf,
  type RateUnit,
} from './condition.ts';
import { aggregateOver, type Measure, rateOver } from './panes.ts';
import { at, type Layout, type ParameterSlots, SLOT, type State, wakeAt } from './state.ts';
import { bandOf, EMPTY_USUAL, hourEnd, hourOfWeek, hourStart, withHour } from './usual.ts';

/** What a fold is told beside samples. */
export interface Environment {
  /** The factory's zone (IANA). */
  readonly timezone: string;
  /**
   * When the appliance did not run ([from, to), epoch ms, oldest first): what a device had sent then it could not take, so
   * silence is not counted.
   */
  readonly outages: readonly (readonly [number, number])[];
}

/** A leaf, ready to be asked. */
export interface CompiledLeaf {
  readonly leaf: Leaf;
  /** Whether it holds at `now`. It is asked at every instant, in order: it remembers. */
  readonly evaluate: (state: State, now: number, environment: Environment) => boolean;
  /**
   * Whether it stays as it is when the next sample of its parameter is this number, and comes before the time that the
   * state waits for: then it need not be asked, and has noted what is compared. Absent where that is not known.
   */
  readonly stays?: ((state: State, ts: number, value: number, environment: Environment) => boolean) | undefined;
  /** Told of samples, by parameter, once the parameter's slots say so too. */
  readonly sample?: { readonly parameter: string; readonly fn: (state: State, ts: number) => void } | undefined;
  /** Where to look afterwards: whether it held, what was compared, since when it would hold but for its delay. */
  readonly slots: { readonly holds: number; readonly value: number; readonly since: number };
  /** Of `deviates`: the place of its usual in a state. */
  readonly usual?: number | undefined;
}

/** What a leaf is made of before it becomes slow: does it hold now? */
interface Raw {
  /** What is compared; the number of a text where it is one. Asked once at an instant, and before `holds`. */
  readonly value: (state: State, now: number) => number;
  /** @param before - whether it held at the last instant, before its delay */
  readonly holds: (state: State, value: number, now: number, before: boolean, environment: Environment) => boolean;
  readonly sample?: CompiledLeaf['sample'];
  /** What would be compared if a number came next; only where `holds` depends on nothing else. */
  readonly next?: Measure['next'];
  readonly usual?: number;
}

const RATE_MS: Readonly<Record<RateUnit, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };

const numberOfText = new Map<string, number>();
const textOfNumber = new Map<number, string>();
const MAX_REMEMBERED_TEXTS = 10_000;

/** A text as a number, so that states hold numbers alone: 48 bits of its hash, the same in every run. */
export function textNumber(text: string): number {
  const known = numberOfText.get(text);
  if (known !== undefined) return known;
  const number = hash('sha256', text, 'buffer').readUIntBE(0, 6);
  if (numberOfText.size >= MAX_REMEMBERED_TEXTS) {
    numberOfText.clear();
    textOfNumber.clear();
  }
  numberOfText.set(text, number);
  textOfNumber.set(number, text);
  return number;
}

/** The text of a number; null when it has not been heard of for long. */
export const textOf = (number: number): string | null => textOfNumber.get(number) ?? null;

/** How a value has to lie beside a limit, which is moved by so much. */
type Beside = (value: number, limit: number, slack: number) => boolean;

const BESIDE: Readonly<Record<Comparison, (value: number, limit: number) => boolean>> = {
  gt: (value, limit) => value > limit,
  gte: (value, limit) => value >= limit,
  lt: (value, limit) => value < limit,
  lte: (value, limit) => value <= limit,
  eq: (value, limit) => value === limit,
  neq: (value, limit) => !Number.isNaN(value) && !Number.isNaN(limit) && value !== limit,
};

/** Which way a limit is moved once it is passed, so that it holds a little longer. */
const MOVED: Readonly<Record<Comparison, number>> = { gt: -1, gte: -1, lt: 1, lte: 1, eq: 0, neq: 0 };

/** Of a limit: what it and a value may differ by though they should not, because one of them has been calculated. */
const CALCULATED = 1e-12;

/** @param isCalculated - whether values are; limits are once they have been moved */
function besideOf(operator: Comparison, isCalculated: boolean): Beside {
  const [beside, moved] = [BESIDE[operator], MOVED[operator]];
  return (value, given, slack) => {
    const limit = given + moved * slack;
    const isRounded = isCalculated || limit !== given;
    return beside(isRounded && Math.abs(value - limit) <= CALCULATED * Math.abs(limit) ? limit : value, limit);
  };
}

/** Sums and what comes of them; others of a window are samples, or whole numbers. */
const isSummed = ({ aggregate }: { readonly aggregate?: Aggregate | undefined }): boolean =>
  aggregate === 'sum' || aggregate === 'avg';

/** Of what needs no more than the newest value. */
const NOTHING = () => {};

/** What a source compares: the parameter itself, or an aggregate of it. */
function measureOf(layout: Layout, source: ComparisonLeaf | RangeLeaf | DeviatesLeaf): Measure {
  const parameter = layout.parameter(source.parameter);
  const windowMs = msOf(source.window_seconds);
  const { aggregate } = source;
  if (aggregate === undefined) {
    return {
      sample: NOTHING,
      value: (state) => at(state, parameter.number),
      next: { isKnown: (state) => Number.isNaN(at(state, parameter.text)), value: (_state, _ts, value) => value },
    };
  }
  if (aggregate === 'last') {
    return {
      sample: NOTHING,
      value: (state, now) => {
        const leavesAt = at(state, parameter.ts) + windowMs;
        if (now >= leavesAt) return Number.NaN;
        wakeAt(state, leavesAt);
        return at(state, parameter.number);
      },
    };
  }
  const measure = aggregateOver(layout, aggregate, windowMs);
  const filledAt = (state: State) => at(state, SLOT.bornAt) + windowMs;
  return {
    sample: measure.sample,
    value: (state, now) => {
      const value = measure.value(state, now);
      if (now >= filledAt(state)) return value;
      wakeAt(state, filledAt(state));
      return Number.NaN;
    },
    next: {
      isKnown: measure.next.isKnown,
      value: (state, ts, value) => (ts >= filledAt(state) ? measure.next.value(state, ts, value) : Number.NaN),
    },
  };
}

/** Hands numbers of a parameter to a measure; what is a text is none, and counts all the same. */
function feeding(
  { parameter: name, aggregate }: { readonly parameter: string; readonly aggregate?: Aggregate | undefined },
  parameter: ParameterSlots,
  measure: Measure,
): CompiledLeaf['sample'] {
  if (measure.sample === NOTHING) return undefined;
  const fn = (state: State, ts: number) => {
    const value = at(state, parameter.number);
    if (!Number.isNaN(value)) measure.sample(state, ts, value);
    else if (aggregate === 'count') measure.sample(state, ts, 0);
  };
  return { parameter: name, fn };
}

function comparison(layout: Layout, leaf: ComparisonLeaf): Raw {
  const parameter = layout.parameter(leaf.parameter);
  const other = leaf.other_parameter === undefined ? undefined : layout.parameter(leaf.other_parameter);
  const holds = besideOf(leaf.operator, isSummed(leaf));
  const slack = leaf.hysteresis ?? 0;
  const measure = measureOf(layout, leaf);
  const sample = feeding(leaf, parameter, measure);
  const isNewest = leaf.aggregate === undefined || leaf.aggregate === 'last';
  const isText = (state: State) => isNewest && !Number.isNaN(at(state, parameter.text));
  const textMs = leaf.aggregate === 'last' ? msOf(leaf.window_seconds) : Number.POSITIVE_INFINITY;
  const value = (state: State, now: number) => {
    const number = measure.value(state, now);
    return isText(state) && now < at(state, parameter.ts) + textMs ? at(state, parameter.text) : number;
  };
  if (other !== undefined) {
    // Of two texts none is more than the other.
    const text = leaf.operator === 'eq' || leaf.operator === 'neq' ? other.text : undefined;
    const limit = (state: State) =>
      isText(state) ? (text === undefined ? Number.NaN : at(state, text)) : at(state, other.number);
    return { value, sample, holds: (state, compared, _, before) => holds(compared, limit(state), before ? slack : 0) };
  }
  if (typeof leaf.value === 'string') {
    const limit = textNumber(leaf.value);
    return { value, sample, holds: (state, compared) => isText(state) && holds(compared, limit, 0) };
  }
  const limit = Number(leaf.value ?? Number.NaN);
  const held = (state: State, compared: number, _: number, before: boolean) =>
    !isText(state) && holds(compared, limit, before ? slack : 0);
  return { value, sample, next: measure.next, holds: held };
}

function range(layout: Layout, leaf: RangeLeaf): Raw {
  const measure = measureOf(layout, leaf);
  const slack = leaf.hysteresis ?? 0;
  const { low, high } = leaf;
  const isBetween = leaf.operator === 'between';
  const atLow = besideOf(isBetween ? 'gte' : 'lt', isSummed(leaf));
  const atHigh = besideOf(isBetween ? 'lte' : 'gt', isSummed(leaf));
  return {
    value: measure.value,
    next: measure.next,
    sample: feeding(leaf, layout.parameter(leaf.parameter), measure),
    holds: (_state, value, _now, before) => {
      const moved = before ? slack : 0;
      if (isBetween) return atLow(value, low, moved) && atHigh(value, high, moved);
      return atLow(value, low, moved) || atHigh(value, high, moved);
    },
  };
}

/** What a parameter is, whether that is compared or not. */
const newestOf =
  ({ number, text }: ParameterSlots): Raw['value'] =>
  (state) =>
    at(state, Number.isNaN(at(state, text)) ? number : text);

function changed(layout: Layout, leaf: ChangedLeaf): Raw {
  const parameter = layout.parameter(leaf.parameter);
  const windowMs = msOf(leaf.window_seconds);
  const before = layout.slots(2, Number.NaN);
  const changedAt = layout.slots(1, Number.NEGATIVE_INFINITY);
  return {
    value: newestOf(parameter),
    sample: {
      parameter: leaf.parameter,
      fn: (state, ts) => {
        const [number, text] = [at(state, parameter.number), at(state, parameter.text)];
        const isFirst = Number.isNaN(at(state, before)) && Number.isNaN(at(state, before + 1));
        const isSame = Object.is(number, at(state, before)) && Object.is(text, at(state, before + 1));
        if (!isFirst && !isSame) state.numbers[changedAt] = ts;
        state.numbers[before] = number;
        state.numbers[before + 1] = text;
      },
    },
    holds: (state, _value, now, held) => {
      // What held before the beginning may have changed as late as that.
      const since = held ? Math.max(at(state, changedAt), at(state, SLOT.bornAt)) : at(state, changedAt);
      if (now === since) {
        wakeAt(state, Math.max(since + windowMs, since + 1));
        return true;
      }
      if (now >= since + windowMs) return false;
      wakeAt(state, since + windowMs);
      return true;
    },
  };
}

function rateOfChange(layout: Layout, leaf: RateLeaf): Raw {
  const measure = rateOver(layout, msOf(leaf.window_seconds), RATE_MS[leaf.per]);
  const slack = leaf.hysteresis ?? 0;
  const holds = besideOf(leaf.value > 0 ? 'gte' : 'lte', true);
  return {
    value: measure.value,
    next: measure.next,
    sample: feeding(leaf, layout.parameter(leaf.parameter), measure),
    holds: (_state, rate, _now, before) => holds(rate, leaf.value, before ? slack : 0),
  };
}

function noData(layout: Layout, leaf: NoDataLeaf): Raw {
  const parameter = layout.parameter(leaf.parameter);
  const heardAt = (state: State, now: number, { outages }: Environment): number => {
    const ts = at(state, parameter.ts);
    const sampleAt = Number.isFinite(ts) ? ts : at(state, SLOT.bornAt);
    const outage = outages.findLast(([from]) => from < now);
    return outage === undefined ? sampleAt : Math.max(sampleAt, Math.min(outage[1], now));
  };
  return {
    value: newestOf(parameter),
    holds: (state, _value, now, before, environment) => {
      // Once it is silent only a sample ends that, and is looked at when it comes; a changed rule knows of those before it.
      if (before && now >= at(state, parameter.ts) + msOf(leaf.for_seconds)) return true;
      const dueAt = heardAt(state, now, environment) + msOf(leaf.for_seconds);
      if (now >= dueAt) return true;
      wakeAt(state, dueAt);
      return false;
    },
  };
}

/** Of a value: what its average may differ by though it has never changed. */
const ROUNDING = 1e-9;

/** Learns the hours of its series as they pass; while too little is known, it is as it was before. */
function deviates(layout: Layout, leaf: DeviatesLeaf): Raw {
  const measure = measureOf(layout, leaf);
  const parameter = layout.parameter(leaf.parameter);
  const place = layout.usualCount++;
  const hour = layout.slots(1, Number.NEGATIVE_INFINITY);
  const [sum, count, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((nothing) =>
    layout.slots(1, nothing),
  ) as [number, number, number, number];
  /** Of the hour under way; it begins anew with the first sample of the next. */
  const begin = (state: State, start: number) => {
    const { numbers } = state;
    numbers[hour] = start;
    [numbers[sum], numbers[count], numbers[min], numbers[max]] = [0, 0, Infinity, -Infinity];
  };
  const settle = (state: State, now: number, { timezone }: Environment) => {
    const start = at(state, hour);
    if (at(state, count) === 0 || now < hourEnd(start)) return;
    const [n, low, high] = [at(state, count), at(state, min), at(state, max)];
    const figures = { start, avg: at(state, sum) / n, min: low, max: high, count: n };
    state.usuals[place] = withHour(state.usuals[place] ?? EMPTY_USUAL, figures, timezone);
    begin(state, hourStart(now));
  };
  /** Of a sample that waits for the hour before it to be settled, which needs the zone. */
  const pending = layout.slots(1, Number.NaN);
  return {
    usual: place,
    value: measure.value,
    sample: {
      parameter: leaf.parameter,
      fn: (state, ts) => {
        const value = at(state, parameter.number);
        if (Number.isNaN(value)) return;
        measure.sample(state, ts, value);
        state.numbers[pending] = value;
      },
    },
    holds: (state, compared, now, before, environment) => {
      settle(state, now, environment);
      const value = at(state, pending);
      if (!Number.isNaN(value)) {
        const { numbers } = state;
        if (at(state, hour) !== hourStart(now)) begin(state, hourStart(now));
        numbers[sum] = at(state, sum) + value;
        numbers[count] = at(state, count) + 1;
        numbers[min] = Math.min(at(state, min), value);
        numbers[max] = Math.max(at(state, max), value);
        numbers[pending] = Number.NaN;
      }
      if (Number.isNaN(compared)) return false;
      const band = bandOf(state.usuals[place] ?? EMPTY_USUAL, hourOfWeek(now, environment.timezone));
      if (band === null) return before;
      return Math.abs(compared - band.center) > Math.max(leaf.sigmas * band.sigma, ROUNDING * Math.abs(band.center));
    },
  };
}

const nothingSlots = (layout: Layout): CompiledLeaf['slots'] => ({
  holds: layout.slots(1, 0),
  value: layout.slots(1, Number.NaN),
  since: layout.slots(1, Number.NaN),
});

function occurrences(layout: Layout, leaf: OccurrencesLeaf): CompiledLeaf {
  const inner = compileLeaf(layout, leaf.of);
  const windowMs = msOf(leaf.window_seconds);
  const slots = nothingSlots(layout);
  /** Of the newest so many beginnings, in a ring. */
  const ring = layout.slots(leaf.count, Number.NEGATIVE_INFINITY);
  const next = layout.slots(1, 0);
  return {
    leaf,
    slots,
    sample: inner.sample,
    evaluate: (state, now, environment) => {
      const { numbers } = state;
      if (!Number.isNaN(at(state, slots.since))) {
        // Before the beginning it was often enough, and may have been so as late as that.
        for (let i = ring; i < ring + leaf.count; i++) numbers[i] = Math.max(at(state, i), at(state, SLOT.bornAt));
        numbers[slots.since] = Number.NaN;
      }
      const before = at(state, inner.slots.holds) === 1;
      if (inner.evaluate(state, now, environment) && !before) {
        numbers[ring + at(state, next)] = now;
        numbers[next] = (at(state, next) + 1) % leaf.count;
      }
      // The ring is overwritten from its oldest on: that one is next.
      const oldest = at(state, ring + at(state, next));
      const holds = now - oldest < windowMs;
      if (holds) wakeAt(state, oldest + windowMs);
      let within = 0;
      for (let i = 0; i < leaf.count; i++) if (now - at(state, ring + i) < windowMs) within++;
      numbers[slots.value] = within;
      numbers[slots.holds] = holds ? 1 : 0;
      return holds;
    },
  };
}

function rawOf(layout: Layout, leaf: Exclude<Leaf, OccurrencesLeaf>): Raw {
  switch (leaf.operator) {
    case 'between':
    case 'outside':
      return range(layout, leaf);
    case 'changed':
      return changed(layout, leaf);
    case 'rate_of_change':
      return rateOfChange(layout, leaf);
    case 'no_data':
      return noData(layout, leaf);
    case 'deviates':
      return deviates(layout, leaf);
    default:
      return comparison(layout, leaf);
  }
}

/** How long after the fold's beginning (ms) what is compared may not be known, because the window is not filled. */
function fillingOf(leaf: Leaf): number {
  const isFilled = leaf.operator !== 'rate_of_change' && (!('aggregate' in leaf) || leaf.aggregate === 'last');
  return isFilled || !('window_seconds' in leaf) ? 0 : msOf(leaf.window_seconds);
}

/**
 * Compiles a leaf. Its delay (`for_seconds`) counts from the instant at which it began to hold; one that began to hold
 * before the fold itself, as that of an alarm that goes on does, has `since` -Infinity, and holds until it can be told
 * whether it does.
 */
export function compileLeaf(layout: Layout, leaf: Leaf): CompiledLeaf {
  if (leaf.operator === 'occurrences') return occurrences(layout, leaf);
  const raw = rawOf(layout, leaf);
  const slots = nothingSlots(layout);
  const { next } = raw;
  const delayMs = leaf.operator === 'no_data' || !('for_seconds' in leaf) ? 0 : msOf(leaf.for_seconds);
  const fillingMs = fillingOf(leaf);
  const holdsOrHeld: Raw['holds'] = (state, value, now, before, environment) => {
    const holds = raw.holds(state, value, now, before, environment);
    if (!before || !Number.isNaN(value)) return holds;
    const filledAt = at(state, SLOT.bornAt) + fillingMs;
    if (now >= filledAt) return holds;
    wakeAt(state, filledAt);
    return true;
  };
  const holdsAt = fillingMs === 0 ? raw.holds : holdsOrHeld;
  return {
    leaf,
    slots,
    sample: raw.sample,
    usual: raw.usual,
    stays:
      next &&
      ((state, ts, value, environment) => {
        if (!next.isKnown(state, ts)) return false;
        const before = !Number.isNaN(at(state, slots.since));
        const compared = next.value(state, ts, value);
        state.numbers[slots.value] = compared;
        return holdsAt(state, compared, ts, before, environment) === before;
      }),
    evaluate: (state, now, environment) => {
      const { numbers } = state;
      const since = at(state, slots.since);
      const value = raw.value(state, now);
      numbers[slots.value] = value;
      const holdsNow = holdsAt(state, value, now, !Number.isNaN(since), environment);
      const began = holdsNow ? (Number.isNaN(since) ? now : since) : Number.NaN;
      numbers[slots.since] = began;
      const holds = holdsNow && now - began >= delayMs;
      if (holdsNow && !holds) wakeAt(state, began + delayMs);
      numbers[slots.holds] = holds ? 1 : 0;
      return holds;
    },
  };
}
