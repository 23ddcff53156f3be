import type { Severity } from '../components/severity.tsx';
import { formatNumber } from '../format/number.ts';
import { converted } from '../format/units.ts';
import { text } from '../text/charts.ts';
import type { Limit } from './layers.ts';
import type { PlacedSeries } from './trend-series.ts';

/** The values at which rules begin to fire, as lines of a chart. */

/** A value that a rule compares a parameter with, in the unit that devices send. */
export interface RuleLimit {
  readonly parameter: string;
  /** Whose; undefined: of any device. */
  readonly deviceIds?: ReadonlySet<string> | undefined;
  readonly value: number;
  readonly side: 'low' | 'high';
  readonly severity: Severity;
  /** The rule's name, where charts show those of several. */
  readonly rule?: string | undefined;
  /** Not the limit itself, but where the comparison is over. */
  readonly isRelease?: boolean;
}

const isOf = ({ parameter, deviceIds }: RuleLimit, series: PlacedSeries) =>
  parameter === series.parameter && (deviceIds === undefined || deviceIds.has(series.deviceId));

/** More lines than that in one chart would hide what they are about. */
const MAX_LINES = 12;

/** The limits of some series as lines of a chart, in the units that are shown; equal ones once. */
export function ruleLines(limits: readonly RuleLimit[], series: readonly PlacedSeries[]): Limit[] {
  const lines = new Map<string, Limit>();
  for (const one of series) {
    for (const limit of limits) {
      if (!isOf(limit, one)) continue;
      const { conversion, decimals } = one;
      const value = conversion === undefined ? limit.value : converted(limit.value, conversion);
      // As it was typed, where it is shown as it was: no digit of a limit is rounded away.
      const shown = conversion === undefined ? String(limit.value) : formatNumber(value, decimals);
      const words = limit.isRelease === true ? text.ruleRelease(shown) : text.ruleLimit[limit.side](shown);
      // Its value first: a chart that is narrow cuts the end.
      const label = limit.rule === undefined ? words : `${words} · ${limit.rule}`;
      const { severity, isRelease = false } = limit;
      // Where it is over stands on the other side of its line, so that both are read.
      const side = isRelease ? (limit.side === 'high' ? 'low' : 'high') : limit.side;
      lines.set(`${label} ${severity}`, { value, side, severity, label, isFaint: isRelease });
    }
  }
  return [...lines.values()].slice(0, MAX_LINES);
}
