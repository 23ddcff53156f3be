import { formatNumber } from '../format/number.ts';

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

/** Decimals that a step such as 2.5 or 0.05 needs to be told from its neighbours. */
function decimalsOf(step: number): number {
  for (let decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)); decimals < 5; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 5;
}

/**
 * The numbers of the value axis: as many decimals as their step needs, and short. With an exponent they are so many
 * powers of ten: "1.5" is "1.5e300".
 */
export function axisLabels(values: readonly number[], exponent = 0): string[] {
  const step = Math.abs((values[1] ?? 0) - (values[0] ?? 0)) || Math.abs(values[0] ?? 1);
  const largest = Math.max(...values.map(Math.abs));
  const decimals = decimalsOf(step);
  return values.map((value) => {
    if (exponent !== 0) return value === 0 ? '0' : `${formatNumber(value)}e${exponent}`;
    if (largest >= 100_000 && step >= largest / 1_000) return compact.format(value);
    return decimals > 4 ? formatNumber(value) : formatNumber(Object.is(value, -0) ? 0 : value, decimals);
  });
}

/** Room for the numbers of the value axis: the same in all charts, so that their left edges line up (px). */
const GUTTER_PX = 52;
/** Characters that fit there, and what each one more takes (px): a number that is cut off would be another one. */
const GUTTER_CHARS = 6;
const CHAR_PX = 7;

/** The width of the value axis (px). */
export const gutterOf = (labels: readonly string[] | null): number =>
  GUTTER_PX + CHAR_PX * Math.max(0, ...(labels ?? []).map(({ length }) => length - GUTTER_CHARS));
