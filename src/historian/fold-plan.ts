import { ROLLUP_MS } from './rollup-sql.ts';
import type { RollupLevel, Segment } from './segment-catalogue.ts';

/** [from, to) in epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How a range is folded: each part of it from one source, so that no sample counts twice. */
export interface FoldPlan {
  /** Raw segments to be read outside of `holes`. */
  readonly raw: readonly Segment[];
  readonly holes: readonly Span[];
  readonly rollups: readonly FoldedRollup[];
}

/** A rollup, to be read inside of `spans`. */
export interface FoldedRollup {
  readonly rollup: Segment;
  readonly spans: readonly Span[];
}

/** The coarsest level whose steps lie within those between the edges; undefined where only samples do. */
function coarsestLevel(edges: Float64Array): RollupLevel | undefined {
  return (['15m', '1m'] as const).find((level) => edges.every((edge) => edge % ROLLUP_MS[level] === 0));
}

/** Spans that begin where another ends become one: a month of days is one condition, not thirty. */
export function joined(spans: readonly Span[]): Span[] {
  const list: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = list.at(-1);
    if (last !== undefined && last.to === span.from) list[list.length - 1] = { from: last.from, to: span.to };
    else list.push(span);
  }
  return list;
}

/** What is left of a span without others. */
export function without(span: Span, holes: readonly Span[]): Span[] {
  const left: Span[] = [];
  let { from } = span;
  for (const hole of holes.toSorted((a, b) => a.from - b.from)) {
    if (hole.to <= from) continue;
    if (hole.from >= span.to) break;
    if (hole.from > from) left.push({ from, to: hole.from });
    from = hole.to;
  }
  if (from < span.to) left.push({ from, to: span.to });
  return left;
}

/**
 * What a rollup says of its span: everything, but where a raw segment is later than what it was made of. That one was
 * compacted, lies within it, and is of its generation or of one before; see `rollupsToMerge`.
 */
export const isRolledUpIn = (rollup: Segment) => (raw: Segment) =>
  raw.isCompacted && raw.fromTs >= rollup.fromTs && raw.toTs <= rollup.toTs && raw.generation <= rollup.generation;

const spanOf = ({ fromTs, toTs }: Segment): Span => ({ from: fromTs, to: toTs });

/**
 * Takes whole steps from rollups where they say everything and nothing is late; of two that hold a span, the later one's.
 * The rest, and the ends of a range that cuts a step, are read from samples.
 *
 * @param late - spans in which samples are not sealed yet; they are left to the caller
 */
export function planFold(
  segments: readonly Segment[],
  range: Span,
  edges: Float64Array,
  late: readonly Span[],
): FoldPlan {
  const raw = segments.filter(({ level }) => level === 'raw');
  const level = coarsestLevel(edges);
  if (level === undefined) return { raw, holes: late, rollups: [] };
  const stepMs = ROLLUP_MS[level];
  const floor = (ts: number) => Math.floor(ts / stepMs) * stepMs;
  const ceil = (ts: number) => Math.ceil(ts / stepMs) * stepMs;
  const rollups: FoldedRollup[] = [];
  for (const rollup of segments
    .filter((segment) => segment.level === level)
    .toSorted((a, b) => b.generation - a.generation)) {
    const isOwn = isRolledUpIn(rollup);
    const later = raw.filter((segment) => !isOwn(segment)).map(spanOf);
    const holes = [...later, ...late].map(({ from, to }) => ({ from: floor(from), to: ceil(to) }));
    const whole = { from: ceil(Math.max(range.from, rollup.fromTs)), to: floor(Math.min(range.to, rollup.toTs)) };
    const spans = without(whole, [...holes, ...rollups.flatMap((taken) => taken.spans)]);
    if (spans.length > 0) rollups.push({ rollup, spans });
  }
  const covered = joined(rollups.flatMap(({ spans }) => spans));
  const isCovered = ({ fromTs, toTs }: Segment) =>
    covered.some(({ from, to }) => from <= Math.max(fromTs, range.from) && to >= Math.min(toTs, range.to));
  return { raw: raw.filter((segment) => !isCovered(segment)), holes: [...late, ...covered], rollups };
}
