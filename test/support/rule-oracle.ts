import { Temporal } from 'temporal-polyfill';
import {
  type ComparisonLeaf,
  type Condition,
  type DeviatesLeaf,
  isGroup,
  type Leaf,
  membersOf,
  type OccurrencesLeaf,
  type RangeLeaf,
  type Schedule,
  SEVERITIES,
  type Severity,
  type Watch,
} from '../../src/rules/condition.ts';
import type { EngineSample } from '../../src/rules/engine-types.ts';

/** A sample by the name of its parameter. */
export interface Named {
  readonly ts: number;
  readonly parameter: string;
  readonly value: EngineSample;
}

/** What happens to an alarm, and when. */
export interface Happening {
  readonly at: number;
  readonly severity: Severity | null;
}

type Simple = Exclude<Leaf, OccurrencesLeaf | DeviatesLeaf>;
type Value = EngineSample | undefined;

const MS = 1_000;
const UNIT_MS = { second: MS, minute: 60 * MS, hour: 3_600 * MS };
/** Slides in steps of a sixtieth. */
const STEPS = 60;

/** What came of one parameter, oldest first. */
type Course = (parameter: string) => readonly Named[];

const newestAt = (course: Course, parameter: string, t: number) => course(parameter).findLast(({ ts }) => ts <= t);

/** What came in the window that ends at `t`: its beginning stands at a multiple of its step, at most so long before. */
function windowAt(course: Course, parameter: string, seconds: number, t: number): readonly Named[] {
  const step = (seconds * MS) / STEPS;
  const from = (Math.floor(t / step) + 1) * step - seconds * MS;
  return course(parameter).filter(({ ts }) => ts >= from && ts <= t);
}

/** What is compared: the newest value, or what is taken of a window, once there has been time for a whole one. */
function valueAt(leaf: ComparisonLeaf | RangeLeaf, course: Course, t: number, bornAt: number): Value {
  const { aggregate, window_seconds: seconds = 0 } = leaf;
  const newest = newestAt(course, leaf.parameter, t);
  if (aggregate === undefined) return newest?.value;
  if (aggregate === 'last') return newest !== undefined && newest.ts > t - seconds * MS ? newest.value : undefined;
  if (t < bornAt + seconds * MS) return undefined;
  const values = windowAt(course, leaf.parameter, seconds, t).map(({ value }) => Number(value));
  const sum = values.reduce((a, b) => a + b, 0);
  if (aggregate === 'count') return values.length;
  if (aggregate === 'sum') return sum;
  if (values.length === 0) return undefined;
  if (aggregate === 'avg') return sum / values.length;
  return aggregate === 'min' ? Math.min(...values) : Math.max(...values);
}

/** Whether a leaf holds at `t`, but for its delay. `held`: whether it did just before. */
function holdsAt(leaf: Simple, course: Course, t: number, bornAt: number, held: boolean): boolean {
  const slack = held && 'hysteresis' in leaf ? (leaf.hysteresis ?? 0) : 0;
  switch (leaf.operator) {
    case 'no_data':
      return t - (newestAt(course, leaf.parameter, t)?.ts ?? bornAt) >= leaf.for_seconds * MS;
    case 'changed': {
      const changes = course(leaf.parameter).filter(({ value }, i, all) => i > 0 && value !== all[i - 1]?.value);
      return changes.some(({ ts }) => ts === t || (ts < t && t < ts + (leaf.window_seconds ?? 0) * MS));
    }
    case 'rate_of_change': {
      const within = windowAt(course, leaf.parameter, leaf.window_seconds, t);
      const [first, last] = [within[0], within.at(-1)];
      if (first === undefined || last === undefined || last.ts - first.ts < (leaf.window_seconds * MS) / 2)
        return false;
      const rate = ((Number(last.value) - Number(first.value)) * UNIT_MS[leaf.per]) / (last.ts - first.ts);
      return leaf.value > 0 ? rate >= leaf.value - slack : rate <= leaf.value + slack;
    }
    default: {
      const value = valueAt(leaf, course, t, bornAt);
      if (value === undefined) return false;
      const number = Number(value);
      if ('low' in leaf) {
        const { low, high } = leaf;
        if (leaf.operator === 'between') return number >= low - slack && number <= high + slack;
        return number < low + slack || number > high - slack;
      }
      const limit = leaf.other_parameter === undefined ? leaf.value : newestAt(course, leaf.other_parameter, t)?.value;
      if (limit === undefined) return false;
      if (leaf.operator === 'eq') return value === limit;
      if (leaf.operator === 'neq') return value !== limit;
      if (leaf.operator === 'gt') return number > Number(limit) - slack;
      if (leaf.operator === 'gte') return number >= Number(limit) - slack;
      if (leaf.operator === 'lt') return number < Number(limit) + slack;
      return number <= Number(limit) + slack;
    }
  }
}

/** Says whether a condition holds, at one moment after the other. */
function watcherOf(condition: Condition, course: Course, bornAt: number): (t: number) => boolean {
  if (isGroup(condition)) {
    const members = membersOf(condition).map((member) => watcherOf(member, course, bornAt));
    return (t) => {
      const held = members.map((holds) => holds(t));
      return 'all' in condition ? held.every(Boolean) : held.some(Boolean);
    };
  }
  if (condition.operator === 'deviates') throw new Error('of what is usual the oracle knows nothing');
  let before = false;
  if (condition.operator === 'occurrences') {
    const inner = watcherOf(condition.of, course, bornAt);
    const begun: number[] = [];
    return (t) => {
      const holds = inner(t);
      if (holds && !before) begun.push(t);
      before = holds;
      return begun.filter((ts) => ts > t - condition.window_seconds * MS).length >= condition.count;
    };
  }
  const delay = condition.operator !== 'no_data' && 'for_seconds' in condition ? (condition.for_seconds ?? 0) * MS : 0;
  let since = Number.NaN;
  return (t) => {
    const holds = holdsAt(condition, course, t, bornAt, before);
    if (holds && !before) since = t;
    before = holds;
    return holds && t - since >= delay;
  };
}

/** The first moment at which the clock on the wall shows a time of a day, or a later one. */
function momentOf(date: Temporal.PlainDate, time: string, zone: string): number {
  const asked = date.toPlainDateTime(Temporal.PlainTime.from(time));
  const shown = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();
  // Clocks of Europe are at most three hours ahead.
  let ms = Date.parse(`${asked.toString()}Z`) - 3 * UNIT_MS.hour;
  while (Temporal.PlainDateTime.compare(shown(ms), asked) < 0) ms += UNIT_MS.minute;
  return ms;
}

/** The moments at which a schedule begins and ends to apply on days around `ms`. */
function spansOf({ timezone, windows, from_date: first, to_date: last }: Schedule, factoryZone: string, ms: number) {
  const zone = timezone === 'factory' ? factoryZone : timezone;
  const today = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate();
  const days = [-1, 0, 1].map((days) => today.add({ days }));
  return days.flatMap((day) => {
    if ((first !== null && String(day) < first) || (last !== null && String(day) > last)) return [];
    const whole = { days: [day.dayOfWeek], from: '00:00', to: '00:00' };
    const begun = (windows.length === 0 ? [whole] : windows).filter(({ days }) => days.includes(day.dayOfWeek));
    return begun.map(({ from, to }) => {
      const ends = to > from ? day : day.add({ days: 1 });
      return { from: momentOf(day, from, zone), to: momentOf(ends, to, zone) };
    });
  });
}

/**
 * What a rule does, said as plainly as it can be, with all that came at hand: at every half second, and a millisecond behind
 * it (when what has changed has changed), it looks at each part of the condition anew. Stamps are whole half seconds, windows
 * of aggregates whole half minutes, so that nothing happens in between.
 *
 * @param bornAt - epoch ms: when the rule began
 * @param until - epoch ms, inclusive
 */
export function foretell(
  watch: Watch,
  samples: readonly Named[],
  zone: string,
  bornAt: number,
  until: number,
): Happening[] {
  const byParameter = Map.groupBy(samples, ({ parameter }) => parameter);
  const course: Course = (parameter) => byParameter.get(parameter) ?? [];
  const levels = [watch, ...watch.levels]
    .map(({ severity, condition }) => ({ severity, holds: watcherOf(condition, course, bornAt) }))
    .toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  const spans = watch.schedule === null ? undefined : spansOf(watch.schedule, zone, bornAt);
  const happenings: Happening[] = [];
  let severity: Severity | null = null;
  let clearedAt = Number.NEGATIVE_INFINITY;
  /** Since when nothing holds any more. */
  let endedAt = bornAt;
  let held = false;
  const change = (at: number, to: Severity | null) => {
    if (to === null) clearedAt = at;
    severity = to;
    happenings.push({ at, severity });
  };
  for (let half = bornAt; half <= until; half += MS / 2) {
    for (const t of [half, half + 1]) {
      const [wanted = null] = levels.filter(({ holds }) => holds(t)).map((level) => level.severity);
      const applies = spans === undefined || spans.some(({ from, to }) => t >= from && t < to);
      if (held && wanted === null) endedAt = t;
      held = wanted !== null;
      if (!applies) {
        if (severity !== null) change(t, null);
      } else if (wanted === null) {
        if (severity !== null && t - endedAt >= watch.keep_firing_seconds * MS) change(t, null);
      } else if (wanted !== severity && (severity !== null || t - clearedAt >= watch.cooldown_seconds * MS)) {
        change(t, wanted);
      }
    }
  }
  return happenings;
}
