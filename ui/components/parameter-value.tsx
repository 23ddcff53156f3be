import { type Quantity, shownAs, shownValue } from '../format/shown.ts';
import { units } from '../state/session.ts';
import { formatValue, Value } from './value.tsx';

/** What `Value` and `formatValue` take. */
type AnyValue = Parameters<typeof formatValue>[0];

/** A value of a parameter, as it was sent, in the units that the person wants to see. Read it in a component. */
export function formatParameterValue(value: AnyValue, of: Quantity): string {
  const shown = shownAs(of, units.value);
  return formatValue(shownValue(value, shown), shown.decimals);
}

/** The unit in which a parameter is shown. Read it in a component. */
export const shownUnit = (of: Quantity): string | null => shownAs(of, units.value).unit;

/** The same with its unit. `of` is what the API says of the parameter. */
export const ParameterValue = ({ value, of }: { value: AnyValue; of: Quantity | undefined }) => {
  if (of === undefined) return <Value value={value} />;
  const shown = shownAs(of, units.value);
  return <Value value={shownValue(value, shown)} unit={shown.unit} decimals={shown.decimals} />;
};
