import type { Report, Transition } from '../rules/rules.ts';

/** What is recorded of one alarm. Withdrawn ones are not asked about: they have not happened. */
export interface Occurrence {
  readonly id: string;
  /** From its raise on, in the order of time; the last one has no severity if it has cleared. */
  readonly course: readonly Transition[];
  /** Of its course, transitions up to then have been left out but for the first (epoch ms); null: it is whole. */
  readonly courseSince: number | null;
  /** What came to an end otherwise: nothing changes it, and what was raised at that moment is this. */
  readonly isSettled: boolean;
}

/** What is to be told of an alarm that is known. */
export type Step =
  | { readonly kind: 'severity_changed' | 'cleared'; readonly transition: Transition }
  /** It was raised at another moment than had been said. */
  | { readonly kind: 'raise_moved'; readonly was: number; readonly now: number }
  /** What came after its raise was otherwise: it cleared at another moment, or not at all, or its severity was another. */
  | { readonly kind: 'course_changed'; readonly was: readonly Transition[]; readonly now: readonly Transition[] };

/** How what is recorded has to change, so that it says what the report says. */
export type Change =
  /** @property into - the alarm that its time turned out to be a part of */
  | { readonly kind: 'withdrawn'; readonly id: string; readonly into: string | null }
  | {
      readonly kind: 'altered';
      readonly id: string;
      readonly course: readonly Transition[];
      readonly steps: readonly Step[];
    }
  /** A new alarm. It was missed, when something later was known already. */
  | { readonly kind: 'raised'; readonly course: readonly Transition[]; readonly wasMissed: boolean };

/** One alarm's time: from its raise to its clear, or open. */
interface Segment {
  readonly course: readonly Transition[];
  readonly from: number;
  readonly to: number;
}

const startOf = (course: readonly Transition[]): number => course[0]?.at ?? Number.NaN;

/** When a course has cleared (epoch ms); infinite: not yet. */
const endOf = (course: readonly Transition[]): number => {
  const last = course.at(-1);
  return last?.severity === null ? last.at : Number.POSITIVE_INFINITY;
};

const segmentOf = (course: readonly Transition[]): Segment => ({ course, from: startOf(course), to: endOf(course) });

/** Cuts a history into alarms. What says nothing new (cleared twice, the severity that it has) is left out. */
function segmentsOf(history: readonly Transition[]): Segment[] {
  const segments: Segment[] = [];
  let course: Transition[] = [];
  for (const transition of history) {
    const severity = course.at(-1)?.severity ?? null;
    if (transition.severity === severity) continue;
    course.push(transition);
    if (transition.severity !== null) continue;
    segments.push(segmentOf(course));
    course = [];
  }
  if (course.length > 0) segments.push(segmentOf(course));
  return segments;
}

const isSame = (one: Transition | undefined, other: Transition | undefined): boolean =>
  one !== undefined && other !== undefined && one.at === other.at && one.severity === other.severity;

const isSameCourse = (one: readonly Transition[], other: readonly Transition[]): boolean =>
  one.length === other.length && one.every((transition, index) => isSame(transition, other[index]));

const overlap = (one: Segment, other: Segment): boolean => one.from < other.to && other.from < one.to;

const stepOf = (transition: Transition): Step => ({
  kind: transition.severity === null ? 'cleared' : 'severity_changed',
  transition,
});

/** What is to be told of a course that has become another. */
function stepsBetween(was: readonly Transition[], now: readonly Transition[]): Step[] {
  const steps: Step[] = [];
  const [wasRaised, isRaised] = [startOf(was), startOf(now)];
  if (wasRaised !== isRaised) steps.push({ kind: 'raise_moved', was: wasRaised, now: isRaised });
  // The severity that it began with may be another, too.
  let common = was[0]?.severity === now[0]?.severity ? 1 : 0;
  while (common > 0 && isSame(was[common], now[common])) common += 1;
  const [left, right] = [was.slice(common), now.slice(common)];
  if (left.length === 0) return [...steps, ...right.map(stepOf)];
  steps.push({ kind: 'course_changed', was: left, now: right });
  const last = now.at(-1);
  // That it has cleared is news, whatever else was wrong.
  if (last?.severity === null && endOf(was) === Number.POSITIVE_INFINITY) steps.push(stepOf(last));
  return steps;
}

/** What has ended comes before what begins, so that never two are open. */
const RANKS = { withdrawn: 0, altered: 1, raised: 3 } as const;
const rankOf = (change: Change): number =>
  change.kind !== 'withdrawn' && endOf(change.course) === Number.POSITIVE_INFINITY
    ? RANKS[change.kind] + 1
    : RANKS[change.kind];

/** Which alarm each segment is: that with the same raise, or else the first whose time it shares. */
function matched(segments: readonly Segment[], known: readonly Occurrence[]): ReadonlyMap<Segment, Occurrence> {
  const matches = new Map<Segment, Occurrence>();
  const left = new Set(known);
  const match = (segment: Segment, occurrence: Occurrence | undefined) => {
    if (occurrence === undefined) return;
    matches.set(segment, occurrence);
    left.delete(occurrence);
  };
  for (const segment of segments)
    match(
      segment,
      [...left].find(({ course }) => startOf(course) === segment.from),
    );
  for (const segment of segments) {
    if (matches.has(segment)) continue;
    match(
      segment,
      [...left].find(({ course, isSettled }) => !isSettled && overlap(segmentOf(course), segment)),
    );
  }
  return matches;
}

/**
 * What is left of a segment that began with an alarm which came to an end otherwise, when another was raised since: a rule
 * that goes on from before that end takes the two for one.
 */
function sinceEnded(segment: Segment, settled: readonly Occurrence[], open: readonly Occurrence[]): Segment {
  if (!settled.some(({ course }) => startOf(course) === segment.from)) return segment;
  const next = open.find(({ course }) => startOf(course) > segment.from && overlap(segmentOf(course), segment));
  const [first] = next?.course ?? [];
  if (first === undefined) return segment;
  const [left = segment] = segmentsOf([first, ...segment.course.filter(({ at }) => at > first.at)]);
  return left;
}

/**
 * How what is recorded of one rule on one device differs from what a report says of (since, until]; what lies outside of
 * that span is left as it is. The same report once more changes nothing.
 *
 * @param known - every alarm that had not cleared by `since`, each with its course: no two at the same time
 * @returns what ends before what begins
 */
export function reconcile(
  known: readonly Occurrence[],
  { since, until, transitions }: Pick<Report, 'since' | 'until' | 'transitions'>,
): Change[] {
  const open = known.filter(({ isSettled }) => !isSettled);
  const settled = known.filter(({ isSettled }) => isSettled);
  // What is not in a course any more cannot be compared.
  const from = Math.max(since, ...open.map(({ courseSince }) => courseSince ?? since));
  const recorded = open.flatMap(({ course }) => course).toSorted((one, other) => one.at - other.at);
  const isRaisedLater = (at: number) => recorded.some((transition) => transition.at > at);
  const history = [
    ...recorded.filter(({ at }) => at <= from),
    ...transitions.filter(({ at }) => at > from && at <= until),
    ...recorded.filter(({ at }) => at > until && at > from),
  ];
  const segments = segmentsOf(history).map((segment) => sinceEnded(segment, settled, open));
  const matches = matched(segments, [...open, ...settled]);
  const changes: Change[] = [];
  for (const segment of segments) {
    const { course } = segment;
    const occurrence = matches.get(segment);
    if (occurrence === undefined) changes.push({ kind: 'raised', course, wasMissed: isRaisedLater(segment.from) });
    else if (!occurrence.isSettled && !isSameCourse(occurrence.course, course)) {
      changes.push({ kind: 'altered', id: occurrence.id, course, steps: stepsBetween(occurrence.course, course) });
    }
  }
  const kept = new Set(matches.values());
  for (const occurrence of open) {
    if (kept.has(occurrence)) continue;
    const [into] = [...matches].find(([segment]) => overlap(segment, segmentOf(occurrence.course))) ?? [];
    changes.push({ kind: 'withdrawn', id: occurrence.id, into: (into && matches.get(into)?.id) ?? null });
  }
  return changes.toSorted((one, other) => rankOf(one) - rankOf(other));
}
