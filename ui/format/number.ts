/** Numbers as people read them. English digits and separators, like all texts so far. */

const compact = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 });
/** Digits before the point are never rounded away: a counter must be seen to count. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fixed = new Map<number, Intl.NumberFormat>();

function fixedFormat(decimals: number): Intl.NumberFormat {
  let format = fixed.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    fixed.set(decimals, format);
  }
  return format;
}

/** From here on a plain number would be longer than any place for it. */
const MAX_PLAIN = 1e12;

/** Beyond these a plain number says less than an exponent; a counter, which is whole, must be seen to count. */
const isExtreme = (value: number) =>
  value !== 0 && (Math.abs(value) >= (Number.isInteger(value) ? MAX_PLAIN : 1e9) || Math.abs(value) < 1e-4);

/** A measured number: with its parameter's decimals, or as short as five digits allow; exponents where a
 * plain number says less. */
export function formatNumber(value: number, decimals: number | null = null): string {
  if (decimals !== null && Math.abs(value) < MAX_PLAIN) return fixedFormat(decimals).format(value);
  if (isExtreme(value)) return value.toExponential(3);
  return Math.abs(value) >= 10_000 ? whole.format(value) : compact.format(value);
}

/** A count. */
export const formatCount = (value: number): string => grouped.format(value);

/** A rate, such as messages a second: decimals only where they say something. */
export const formatRate = (value: number): string => formatNumber(value, value < 10 && value !== 0 ? 1 : 0);

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size in decimal units, as disks are sold. */
export function formatBytes(bytes: number): [value: string, unit: string] {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return [formatNumber(value, power === 0 || value >= 100 ? 0 : 1), BYTE_UNITS[power] ?? 'B'];
}
