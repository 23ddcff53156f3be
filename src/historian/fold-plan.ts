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

const overlaps = ({ fromTs, toTs }: Segment, { from, to }: Span) => fromTs < to && toTs > from;

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

/**
 * Takes whole steps of a day from its rollup where that says everything: the day has one raw segment, which the rollup
 * was made from, and nothing late. The rest, and the ends of a range that cuts a step, are read from samples.
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
  const whole = segments
    .filter((segment) => segment.level === level)
    .flatMap((rollup) => {
      const day = { from: rollup.fromTs, to: rollup.toTs };
      const sources = raw.filter((segment) => overlaps(segment, day));
      const isExact = sources.length === 1 && sources[0]?.generation === rollup.generation;
      const from = Math.ceil(Math.max(range.from, day.from) / stepMs) * stepMs;
      const to = Math.floor(Math.min(range.to, day.to) / stepMs) * stepMs;
      if (!isExact || from >= to || late.some((span) => overlaps(rollup, span))) return [];
      return [{ rollup, span: { from, to } }];
    });
  const spans = joined(whole.map(({ span }) => span));
  const isCovered = ({ fromTs, toTs }: Segment) =>
    spans.some(({ from, to }) => from <= Math.max(fromTs, range.from) && to >= Math.min(toTs, range.to));
  return {
    raw: raw.filter((segment) => !isCovered(segment)),
    holes: [...late, ...spans],
    rollups: whole.map(({ rollup }) => rollup),
    spans,
  };
}
