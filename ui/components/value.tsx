import { formatNumber } from '../format/number.ts';
import { text } from '../text/common.ts';

/** A value in words: numbers with their decimals, booleans as on and off, states as they are. */
export function formatValue(
  value: number | boolean | string | null | undefined,
  decimals: number | null = null,
): string {
  if (value === null || value === undefined) return text.noValue;
  if (typeof value === 'boolean') return value ? text.on : text.off;
  return typeof value === 'number' ? formatNumber(value, decimals) : value;
}

interface ValueProps {
  readonly value: number | boolean | string | null | undefined;
  readonly unit?: string | null | undefined;
  readonly decimals?: number | null | undefined;
}

/** A value and its unit, smaller and greyer. */
export const Value = ({ value, unit, decimals = null }: ValueProps) => (
  <>
    <b class="strong">{formatValue(value, decimals)}</b>
    {unit && value !== null && value !== undefined && <span class="unit">{unit}</span>}
  </>
);
