import type { Parameter } from '../../api/schema.ts';
import { formatNumber } from '../../format/number.ts';
import { text } from '../../text/device.ts';

/** What people call a parameter. */
export const labelOf = ({ display_name, name }: Parameter): string => display_name ?? name;

/** "15.0 to 32.0", "at most 80.0"; empty without limits. */
export function limitsOf({ low_limit: low, high_limit: high, decimals }: Parameter): string {
  if (low !== null && high !== null) {
    return text.limitBetween(formatNumber(low, decimals), formatNumber(high, decimals));
  }
  if (high !== null) return text.limitBelow(formatNumber(high, decimals));
  return low === null ? '' : text.limitAbove(formatNumber(low, decimals));
}

/** The parameters that hold every word typed in name, display name or unit. */
export function matchingParameters(parameters: readonly Parameter[], typed: string): readonly Parameter[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return parameters;
  return parameters.filter(({ name, display_name, unit }) => {
    const searched = `${name}\n${display_name ?? ''}\n${unit ?? ''}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
