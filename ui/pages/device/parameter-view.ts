import type { Parameter } from '../../api/schema.ts';
import { formatNumber } from '../../format/number.ts';
import { shownAs, shownLimit } from '../../format/shown.ts';
import type { UnitSystem } from '../../format/units.ts';
import { text } from '../../text/device.ts';

/** What people call a parameter. */
export const labelOf = ({ display_name, name }: Parameter): string => display_name ?? name;

/** "15.0 to 32.0", "at most 80.0", in the units shown; empty without limits. */
export function limitsOf(parameter: Parameter, system: UnitSystem): string {
  const shown = shownAs(parameter, system);
  const [low, high] = [parameter.low_limit, parameter.high_limit].map((limit) => shownLimit(limit, shown));
  const words = (limit: number) => formatNumber(limit, shown.decimals);
  if (low != null && high != null) return text.limitBetween(words(low), words(high));
  if (high != null) return text.limitBelow(words(high));
  return low == null ? '' : text.limitAbove(words(low));
}

/** The parameters that hold every word typed in name, display name or unit, as sent or as shown. */
export function matchingParameters(
  parameters: readonly Parameter[],
  typed: string,
  system: UnitSystem,
): readonly Parameter[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return parameters;
  return parameters.filter((parameter) => {
    const { name, display_name, unit } = parameter;
    const searched =
      `${name}\n${display_name ?? ''}\n${unit ?? ''}\n${shownAs(parameter, system).unit ?? ''}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
