import type { ComparisonLeaf, Leaf } from './condition.ts';
import type { Explained, ExplainedLeaf, ExplainedLevel, Explanation } from './explain.ts';

/** How values of a parameter are shown. */
export interface ShownParameter {
  readonly name: string;
  readonly unit: string | null;
  readonly decimals: number | null;
  readonly isBoolean: boolean;
}

/** What the words of an explanation need to know beside it. */
export interface ExplainWords {
  readonly shown: (parameter: string) => ShownParameter;
  /** The zone in which times are told (IANA). */
  readonly timezone: string;
}

type Value = number | string | boolean | null;

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1_000, 60_000, 3_600_000, 86_400_000];
/** A schedule is looked ahead for so long. */
const LOOKED_AHEAD_MS = 7 * DAY_MS;

/** `12 s`, `5 min`, `3 h`, `2 days` */
function span(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.max(0, Math.round(ms / SECOND_MS))} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return ms < 2 * DAY_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / DAY_MS)} days`;
}

/** `Mon 06:00`, and of what is near with seconds. */
function timeOf(ms: number, now: number, timezone: string): string {
  const isNear = Math.abs(ms - now) < HOUR_MS;
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(ms);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('weekday')} ${part('hour')}:${part('minute')}${isNear ? `:${part('second')}` : ''}`;
}

function valueText(value: Value, { unit, decimals, isBoolean }: ShownParameter, withUnit = true): string {
  if (value === null) return 'not known';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (typeof value === 'boolean' || isBoolean) return value ? 'on' : 'off';
  const number = decimals === null ? String(Number(value.toPrecision(6))) : value.toFixed(decimals);
  return withUnit && unit !== null ? `${number} ${unit}` : number;
}

const COMPARED: Readonly<Record<ComparisonLeaf['operator'], string>> = {
  gt: 'above',
  gte: 'at least',
  lt: 'below',
  lte: 'at most',
  eq: 'equal to',
  neq: 'different from',
};

const AGGREGATED = {
  avg: 'average',
  min: 'lowest',
  max: 'highest',
  sum: 'sum',
  count: 'number',
  last: 'last',
} as const;

/** What a leaf asks for: `above 80`. */
function limitText(leaf: Exclude<Leaf, { operator: 'occurrences' }>, words: ExplainWords): string {
  const shown = words.shown(leaf.parameter);
  switch (leaf.operator) {
    case 'between':
    case 'outside':
      return `${leaf.operator === 'between' ? 'between' : 'outside'} ${leaf.low} and ${leaf.high}`;
    case 'rate_of_change':
      return leaf.value > 0
        ? `rising by at least ${leaf.value} a ${leaf.per}`
        : `falling by at least ${-leaf.value} a ${leaf.per}`;
    case 'deviates':
      return `further than ${leaf.sigmas} standard deviations from its usual`;
    case 'no_data':
      return `silent for ${span(leaf.for_seconds * SECOND_MS)}`;
    case 'changed':
      return 'changed';
    default: {
      const { other_parameter: other, value = null } = leaf;
      const limit = other === undefined ? valueText(value, shown, false) : words.shown(other).name;
      // As one speaks: `not on`, and nothing is "equal to on".
      if (leaf.operator === 'eq' && typeof value === 'boolean') return limit;
      return `${COMPARED[leaf.operator]} ${limit}`;
    }
  }
}

/** What was looked at: `temperature is 78.2 °C, 3 s old`. */
function seen(
  { leaf, value, sampled_at: sampledAt, filled_at: filledAt }: ExplainedLeaf,
  now: number,
  words: ExplainWords,
) {
  if (leaf.operator === 'occurrences') return '';
  const shown = words.shown(leaf.parameter);
  if (sampledAt === null) return `${shown.name} has sent nothing yet`;
  const age = `${span(now - sampledAt)} old`;
  if (leaf.operator === 'rate_of_change') {
    if (value === null) return `how fast ${shown.name} changes is not known yet`;
    return `${shown.name} changes by ${valueText(value, shown)} a ${leaf.per}`;
  }
  if ('aggregate' in leaf && leaf.aggregate !== undefined) {
    const over = span((leaf.window_seconds ?? 0) * SECOND_MS);
    const what = `the ${AGGREGATED[leaf.aggregate]} of ${shown.name} over ${over}`;
    if (filledAt !== null) return `${what} is not known before ${timeOf(filledAt, now, words.timezone)}`;
    if (value === null) return `${what} is not known: nothing has come in that time`;
    return `${what} is ${valueText(value, leaf.aggregate === 'count' ? { ...shown, unit: null } : shown)}`;
  }
  return `${shown.name} is ${valueText(value, shown)}, ${age}`;
}

/** It holds by its hysteresis alone. */
function isHeldBack(leaf: Leaf, compared: number | string): boolean {
  if (typeof compared === 'string') return false;
  switch (leaf.operator) {
    case 'gt':
    case 'gte':
      return compared < Number(leaf.value ?? Number.NaN);
    case 'lt':
    case 'lte':
      return compared > Number(leaf.value ?? Number.NaN);
    case 'between':
      return compared < leaf.low || compared > leaf.high;
    case 'outside':
      return compared >= leaf.low && compared <= leaf.high;
    default:
      return false;
  }
}

/** Of a leaf with a delay: ` for 12 of 60 s`, ` for 3 min`. */
function delayText({ leaf, since, holds_from: holdsFrom }: ExplainedLeaf, now: number): string {
  const delayMs = 'for_seconds' in leaf ? (leaf.for_seconds ?? 0) * SECOND_MS : 0;
  if (delayMs === 0 || since === null) return '';
  const held = span(now - since);
  return holdsFrom === null ? ` for ${held}` : ` for ${held.replace(/ s$/, '')} of ${span(delayMs)}`;
}

/** A leaf in one sentence: what is, and whether that is enough. */
export function leafText(explained: ExplainedLeaf, now: number, words: ExplainWords): string {
  const { leaf, holds, since, sampled_at: sampledAt, usual, value } = explained;
  if (leaf.operator === 'occurrences') {
    const { name } = words.shown(leaf.of.parameter);
    const times = `${Number(value ?? 0)} of ${leaf.count} times within ${span(leaf.window_seconds * SECOND_MS)}`;
    return `${name} has come to be ${limitText(leaf.of, words)} ${times}${holds ? '' : ': not often enough'}`;
  }
  const { name } = words.shown(leaf.parameter);
  if (leaf.operator === 'no_data') {
    const limit = span(leaf.for_seconds * SECOND_MS);
    const silence = sampledAt === null ? 'has sent nothing yet' : `has sent nothing for ${span(now - sampledAt)}`;
    return `${name} ${silence}: ${holds ? `longer than ${limit}` : `it counts after ${limit}`}`;
  }
  const what = seen(explained, now, words);
  if (leaf.operator === 'changed') return `${what}: it has ${holds ? '' : 'not '}changed`;
  if (sampledAt === null || value === null) return what;
  if (leaf.operator === 'deviates') {
    if (usual === null) return `${what}: what is usual at this hour is not known yet`;
    const shown = words.shown(leaf.parameter);
    const [center, sigma] = [usual.center, usual.sigma].map((each) => valueText(each, shown, false));
    const usually = `usually ${center}, give or take ${sigma}`;
    return `${what}: ${since === null ? 'not ' : ''}${limitText(leaf, words)} (${usually})${delayText(explained, now)}`;
  }
  if (since === null) return `${what}: not ${limitText(leaf, words)}`;
  return `${what}: ${isHeldBack(leaf, value) ? 'still counts as ' : ''}${limitText(leaf, words)}${delayText(explained, now)}`;
}

const leavesOf = (explained: Explained): ExplainedLeaf[] =>
  explained.kind === 'leaf' ? [explained] : explained.members.flatMap(leavesOf);

/** Parameters of which nothing has come, of those that a condition reads. */
const silentOf = (explained: readonly Explained[], words: ExplainWords): string[] => [
  ...new Set(
    explained
      .flatMap(leavesOf)
      .filter(({ sampled_at: sampledAt }) => sampledAt === null)
      .map(({ leaf }) => words.shown((leaf.operator === 'occurrences' ? leaf.of : leaf).parameter).name),
  ),
];

/** Why a rule fires or does not, in a sentence or two. */
export function explanationText(explanation: Explanation, words: ExplainWords): string {
  const { severity, levels, now, schedule, cooldown_until: cooldown, kept_until: kept } = explanation;
  const at = (ms: number) => timeOf(ms, now, words.timezone);
  const held = levels.find(({ holds }) => holds);
  const because = (level: ExplainedLevel | undefined) =>
    level?.because === undefined ? '' : `: ${leafText(level.because, now, words)}`;
  if (severity !== null) {
    if (kept !== null)
      return `The alarm is open (${severity}), and clears at ${at(kept)} unless the condition holds again`;
    return `The alarm is open (${severity})${because(held)}`;
  }
  if (!schedule.applies) {
    const isFar = schedule.until === null || schedule.until - now >= LOOKED_AHEAD_MS;
    const next = isFar ? 'it does not begin within the next week' : `it begins again ${at(schedule.until ?? now)}`;
    return `No alarm: the schedule does not apply now; ${next}`;
  }
  const silent = silentOf(
    levels.map(({ condition }) => condition),
    words,
  );
  if (cooldown !== null) {
    const what = held === undefined ? 'after the last alarm' : 'the condition holds, but after the last alarm';
    return `No alarm: ${what} the next one is raised at ${at(cooldown)} at the earliest`;
  }
  if (held !== undefined) return `The condition holds${because(held)}`;
  if (silent.length > 0) return `No alarm: nothing has come of ${silent.join(', ')} since the rule watches`;
  // The mildest is the first that would hold.
  return `No alarm${because(levels.at(-1))}`;
}
