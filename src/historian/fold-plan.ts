import { ROLLUP_MS } from './rollup-sql.ts';
import type { Level, Segment } from './segment-catalogue.ts';

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
  /** Rollups to be read inside of `spans`. */
  readonly rollups: readonly Segment[];
  readonly spans: readonly Span[];
}

/** The coarsest level whose steps lie within those between the edges; undefined where only samples do. */
function coarsestLevel(edges: Float64Array): Exclude<Level, 'raw'> | undefined {
  return (['15m', '1m'] as const).find((level) => edges.every((edge) => edge % ROLLUP_MS[level] === 0));
}

/** Spans that begin where another ends become one: a month of days is one condition, not thirty. */
function joined(spans: readonly Span[]): Span[] {
  const list: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = list.at(-1);
    if (last !== undefined && last.to === span.from) list[list.length - 1] = { from: last.from, to: span.to };
    else list.push(span);
  }
  return list;
}

/** What is left of a span without others. */
function without(span: Span, holes: readonly Span[]): Span[] {
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
 * Takes whole steps from a rollup where that says everything: where its own raw segment is the only one, and nothing is
 * late. The rest, and the ends of a range that cuts a step, are read from samples.
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
  if (level === undefined) return { raw, holes: late, rollups: [], spans: [] };
  const stepMs = ROLLUP_MS[level];
  const floor = (ts: number) => Math.floor(ts / stepMs) * stepMs;
  const ceil = (ts: number) => Math.ceil(ts / stepMs) * stepMs;
  const usable = segments
    .filter((segment) => segment.level === level)
    .flatMap((rollup) => {
      const isItsOwn = ({ fromTs, toTs, generation }: Segment) =>
        fromTs === rollup.fromTs && toTs === rollup.toTs && generation === rollup.generation;
      if (!raw.some(isItsOwn)) return [];
      const others = raw.filter((segment) => !isItsOwn(segment)).map(({ fromTs: from, toTs: to }) => ({ from, to }));
      const whole = { from: ceil(Math.max(range.from, rollup.fromTs)), to: floor(Math.min(range.to, rollup.toTs)) };
      const holes = [...others, ...late].map(({ from, to }) => ({ from: floor(from), to: ceil(to) }));
      const spans = without(whole, holes);
      return spans.length === 0 ? [] : [{ rollup, spans }];
    });
  const spans = joined(usable.flatMap((one) => one.spans));
  const isCovered = ({ fromTs, toTs }: Segment) =>
    spans.some(({ from, to }) => from <= Math.max(fromTs, range.from) && to >= Math.min(toTs, range.to));
  return {
    raw: raw.filter((segment) => !isCovered(segment)),
    holes: [...late, ...spans],
    rollups: usable.map(({ rollup }) => rollup),
    spans,
  };
}
