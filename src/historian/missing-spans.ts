import { type FoldPlan, isRolledUpIn, type Span, without } from './fold-plan.ts';
import type { Segment } from './segment-catalogue.ts';

/** Spans that touch or overlap become one. */
export function united(spans: readonly Span[]): Span[] {
  const list: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = list.at(-1);
    if (last !== undefined && last.to >= span.from) {
      list[list.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    } else list.push(span);
  }
  return list;
}

const spanOf = ({ fromTs, toTs }: Segment): Span => ({ from: fromTs, to: toTs });

/**
 * Where an answer may lack samples, because their file is in quarantine: but not where a rollup that was read says what
 * they say, nor, of a rollup, where its samples were read.
 *
 * @param plan - how the answer was folded; undefined when it is of single samples
 */
export function missingSpans(
  quarantined: readonly Segment[],
  read: readonly Segment[],
  range: Span,
  plan: FoldPlan | undefined,
): Span[] {
  const rollups = plan?.rollups ?? [];
  const missing = quarantined.flatMap((segment) => {
    if (segment.level !== 'raw' && plan === undefined) return [];
    const covering =
      segment.level === 'raw'
        ? rollups.filter(({ rollup }) => isRolledUpIn(rollup)(segment)).flatMap(({ spans }) => spans)
        : [
            ...read.filter((one) => one.level === 'raw' && isRolledUpIn(segment)(one)).map(spanOf),
            ...rollups.flatMap(({ spans }) => spans),
          ];
    const own = { from: Math.max(segment.fromTs, range.from), to: Math.min(segment.toTs, range.to) };
    return without(own, covering);
  });
  return united(missing);
}
