/** How severe an alarm is, least first (ISA-18.2, 3.1: priority). */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

export const AGGREGATES = ['avg', 'min', 'max', 'sum', 'count', 'last'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export const RATE_UNITS = ['second', 'minute', 'hour'] as const;
export type RateUnit = (typeof RATE_UNITS)[number];

/** A time of a rule (s) in milliseconds: whole, as event time is. */
export const msOf = (seconds = 0): number => Math.round(seconds * 1_000);

/** What of a parameter is compared: its newest value, or an aggregate over the time before. */
interface Source {
  readonly parameter: string;
  readonly aggregate?: Aggregate | undefined;
  /**
   * Of the aggregate (s), which counts once so much time has passed; `last` at once. A window slides in steps of a sixtieth of
   * it, so that a sample leaves it by so much too early at most; `last` leaves it to the millisecond.
   */
  readonly window_seconds?: number | undefined;
}

/** What makes a leaf slow to come and to go. */
interface Debounced {
  /** Once it holds, it holds until the value is so far on the other side of the limit. In the parameter's unit. */
  readonly hysteresis?: number | undefined;
  /** It has to have held for so long (s) before it counts. */
  readonly for_seconds?: number | undefined;
}

/**
 * Does not hold, also by `neq`, while one of the two is not known. A text and a number are neither equal nor different; true is
 * 1 and false 0.
 */
export interface ComparisonLeaf extends Source, Debounced {
  readonly operator: Comparison;
  /** Of the two exactly one. */
  readonly value?: number | boolean | string | undefined;
  readonly other_parameter?: string | undefined;
}

export interface RangeLeaf extends Source, Debounced {
  readonly operator: 'between' | 'outside';
  readonly low: number;
  readonly high: number;
}

/** Holds at the instant of a change, or for `window_seconds` from it on. */
export interface ChangedLeaf {
  readonly parameter: string;
  readonly operator: 'changed';
  readonly window_seconds?: number | undefined;
}

/**
 * A positive value: it rises at least as fast; a negative one: it falls at least as fast. From the oldest sample of the window to
 * the newest, once half of the window lies between them: so two have to be in it.
 */
export interface RateLeaf extends Debounced {
  readonly parameter: string;
  readonly operator: 'rate_of_change';
  readonly per: RateUnit;
  readonly value: number;
  readonly window_seconds: number;
}

/** No sample of the parameter for so long (s), counted from the rule's start where there never was one. */
export interface NoDataLeaf {
  readonly parameter: string;
  readonly operator: 'no_data';
  readonly for_seconds: number;
}

/** Further from the median of that hour of the week than so many robust standard deviations. */
export interface DeviatesLeaf extends Source {
  readonly operator: 'deviates';
  readonly sigmas: number;
  readonly for_seconds?: number | undefined;
}

/** The leaf inside has come true so often within the window. */
export interface OccurrencesLeaf {
  readonly operator: 'occurrences';
  readonly of: Exclude<Leaf, OccurrencesLeaf>;
  readonly count: number;
  readonly window_seconds: number;
}

export type Leaf = ComparisonLeaf | RangeLeaf | ChangedLeaf | RateLeaf | NoDataLeaf | DeviatesLeaf | OccurrencesLeaf;
export type Group = { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] };
export type Condition = Group | Leaf;

/** A span of the week: from `from` on `days` (1 Monday … 7 Sunday) until the next `to`, which may be on the day after. */
export interface ScheduleWindow {
  readonly days: readonly number[];
  /** `HH:MM`, local time. The same as `to`: the whole day. */
  readonly from: string;
  readonly to: string;
}

/** When a rule applies. */
export interface Schedule {
  /** An IANA zone, or `factory`. */
  readonly timezone: string;
  /** None: at any time of day. */
  readonly windows: readonly ScheduleWindow[];
  /** First and last day, `YYYY-MM-DD`. */
  readonly from_date: string | null;
  readonly to_date: string | null;
}

/** A further severity of the same alarm: the most severe whose condition holds is the alarm's. */
export interface Level {
  readonly severity: Severity;
  readonly condition: Condition;
}

/** What of a rule decides when an alarm is raised and cleared: the whole input of the fold beside samples. */
export interface Watch {
  readonly severity: Severity;
  readonly condition: Condition;
  readonly levels: readonly Level[];
  /** After an alarm has cleared, the next is raised so much later at the earliest (s). */
  readonly cooldown_seconds: number;
  /** An alarm clears when the condition has not held for so long (s). */
  readonly keep_firing_seconds: number;
  /** None: always. */
  readonly schedule: Schedule | null;
}

/** Of a rule what it watches for, and no more. */
export const watchOf = ({
  severity,
  condition,
  levels,
  cooldown_seconds,
  keep_firing_seconds,
  schedule,
}: Watch): Watch => ({ severity, condition, levels, cooldown_seconds, keep_firing_seconds, schedule });

export const isGroup = (condition: Condition): condition is Group => 'all' in condition || 'any' in condition;

/** What a group holds. */
export const membersOf = (group: Group): readonly Condition[] => ('all' in group ? group.all : group.any);

function* parametersIn(condition: Condition): Generator<string> {
  if (isGroup(condition)) for (const member of membersOf(condition)) yield* parametersIn(member);
  else if (condition.operator === 'occurrences') yield* parametersIn(condition.of);
  else {
    yield condition.parameter;
    if ('other_parameter' in condition && condition.other_parameter !== undefined) yield condition.other_parameter;
  }
}

/** Every parameter that a rule reads, each once, in the order of its conditions. */
export const parametersOf = ({ condition, levels }: Pick<Watch, 'condition' | 'levels'>): string[] => [
  ...new Set([condition, ...levels.map((level) => level.condition)].flatMap((each) => [...parametersIn(each)])),
];
