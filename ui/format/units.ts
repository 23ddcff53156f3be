/**
 * Units of measurement as people want to see them. Devices send what they send, and the API answers it; only what a page
 * shows is converted.
 *
 * Factors are exact where the definition is: NIST SP 811 (2008), appendix B, and NIST Handbook 44, appendix C; gallons and
 * tons are those of the United States. kW and kWh are left alone, because industry uses them wherever it is, and so is hp,
 * which is three units of one name (SP 811, B.8). What is not in the table is shown as it is sent, and that is the way out
 * where a text means something else: "g" here is the gram, so an acceleration is better called "gₙ".
 */

/** What people choose: as the devices send it, or converted where both units are known. */
export const UNIT_SYSTEMS = ['as_sent', 'metric', 'imperial'] as const;
export type UnitSystem = (typeof UNIT_SYSTEMS)[number];

/** How a number of one unit becomes one of another: `shown = sent * scale + offset`. The scale is positive. */
export interface Conversion {
  /** The unit it comes to. */
  readonly unit: string;
  readonly scale: number;
  readonly offset: number;
}

/** Inch (m), pound (kg), gallon (m³), pound-force (N). */
const [INCH, POUND, GALLON, POUND_FORCE] = [0.0254, 0.45359237, 3.785411784e-3, 4.4482216152605];
const FOOT = 12 * INCH;
/** Degrees of Fahrenheit to one of Celsius, and Fahrenheit's at 0 °C and at 0 K (SP 811, B.8). */
const [FAHRENHEIT, ICE, COLDEST] = [1.8, 32, -459.67];

/** One metric unit in imperial ones. Where several come to the same one, the first is what that one comes back to. */
type Pair = readonly [metric: string, imperial: string, scale: number, offset?: number];

const PSI = POUND_FORCE / INCH ** 2;
const PAIRS: readonly Pair[] = [
  ['°C', '°F', FAHRENHEIT, ICE],
  ['K', '°F', FAHRENHEIT, COLDEST],
  // Differences have no zero to move.
  ['°C/min', '°F/min', FAHRENHEIT],
  ['°C/h', '°F/h', FAHRENHEIT],
  ['bar', 'psi', 1e5 / PSI],
  ['mbar', 'psi', 1e2 / PSI],
  ['Pa', 'psi', 1 / PSI],
  ['kPa', 'psi', 1e3 / PSI],
  ['MPa', 'psi', 1e6 / PSI],
  // Gauge stays gauge, absolute stays absolute.
  ['bar(g)', 'psi(g)', 1e5 / PSI],
  ['bar(a)', 'psi(a)', 1e5 / PSI],
  ['mm', 'in', 1e-3 / INCH],
  ['cm', 'in', 1e-2 / INCH],
  ['m', 'ft', 1 / FOOT],
  ['µm', 'mil', 1e-3 / INCH],
  ['m/s', 'ft/s', 1 / FOOT],
  ['m/min', 'ft/min', 1 / FOOT],
  ['mm/s', 'in/s', 1e-3 / INCH],
  ['mm/min', 'in/min', 1e-3 / INCH],
  ['km/h', 'mph', 1e3 / (5_280 * FOOT)],
  ['kg', 'lb', 1 / POUND],
  ['g', 'oz', 16e-3 / POUND],
  ['t', 'short ton', 1e3 / (2_000 * POUND)],
  ['kg/h', 'lb/h', 1 / POUND],
  ['N', 'lbf', 1 / POUND_FORCE],
  ['kN', 'lbf', 1e3 / POUND_FORCE],
  ['N·m', 'lbf·ft', 1 / (POUND_FORCE * FOOT)],
  ['l', 'US gal', 1e-3 / GALLON],
  ['m³', 'ft³', 1 / FOOT ** 3],
  ['l/min', 'US gpm', 1e-3 / GALLON],
  ['l/h', 'US gpm', 1e-3 / (60 * GALLON)],
  // Hours are how liquids are counted, minutes how air is.
  ['m³/h', 'US gpm', 1 / (60 * GALLON)],
  ['m³/min', 'cfm', 1 / FOOT ** 3],
  ['m²', 'ft²', 1 / FOOT ** 2],
];

/** Other ways to write the same, after `plain`. Case counts, as in SI: "mN" is no "MN". */
const SPELLINGS: Readonly<Record<string, string>> = {
  '°C': 'C oC degC DegC degreesC Celsius celsius',
  '°F': 'F oF degF DegF degreesF Fahrenheit fahrenheit',
  K: 'Kelvin kelvin',
  '°C/min': 'C/min degC/min K/min',
  '°F/min': 'F/min degF/min',
  '°C/h': 'C/h degC/h K/h',
  '°F/h': 'F/h degF/h',
  bar: 'Bar BAR',
  kPa: 'kpa KPa',
  'bar(g)': 'barg barG bar_g',
  'bar(a)': 'bara barA bar_a',
  psi: 'PSI Psi lbf/in2',
  'psi(g)': 'psig PSIG',
  'psi(a)': 'psia PSIA',
  µm: 'um micron microns',
  in: 'inch inches "',
  ft: 'foot feet',
  mil: 'mils thou',
  'in/s': 'ips inch/s in/sec',
  'ft/s': 'fps ft/sec',
  'ft/min': 'fpm',
  'in/min': 'ipm',
  'm/s': 'm/sec',
  'mm/s': 'mm/sec',
  'km/h': 'kmh kph km/hr',
  mph: 'MPH mi/h',
  kg: 'Kg KG',
  lb: 'lbs LB lbm',
  'kg/h': 'kg/hr',
  'lb/h': 'lb/hr lbs/h lbs/hr pph',
  t: 'tonne tonnes',
  'short ton': 'shorttons USton',
  N·m: 'Nm N*m N.m',
  lbf·ft: 'lbf*ft lbf.ft lbfft ft·lbf ft-lbf ftlbf ft·lb ft-lb lb·ft lb-ft',
  l: 'L litre liter litres liters',
  'US gal': 'gal gallon gallons gal(US)',
  'l/min': 'L/min lpm LPM',
  'US gpm': 'gpm GPM gal/min gpm(US)',
  'l/h': 'L/h lph l/hr L/hr',
  'm³/h': 'm3/hr cbm/h',
  cfm: 'CFM ft3/min',
  'ft³': 'cuft',
  'ft²': 'sqft',
};

/** A unit without the differences of typing: composed characters, spaces, dots that multiply, `^` before a power. */
const plain = (unit: string): string =>
  unit.replace(/[º˚]/g, '°').normalize('NFKC').replace(/[\s^]/g, '').replace(/[⋅∙•]/g, '·');

const unitOf = new Map<string, string>();
const toImperial = new Map<string, Conversion>();
const toMetric = new Map<string, Conversion>();
for (const [metric, imperial, scale, offset = 0] of PAIRS) {
  toImperial.set(metric, { unit: imperial, scale, offset });
  if (!toMetric.has(imperial)) toMetric.set(imperial, { unit: metric, scale: 1 / scale, offset: -offset / scale });
  for (const unit of [metric, imperial]) unitOf.set(plain(unit), unit);
}
for (const [unit, spellings] of Object.entries(SPELLINGS)) {
  for (const spelling of spellings.split(' ')) unitOf.set(spelling, unit);
}

/** What turns values of a unit into those of a system; undefined where they fit already, or nothing is known of the unit. */
export function conversionOf(unit: string | null, system: UnitSystem): Conversion | undefined {
  if (unit === null || system === 'as_sent') return undefined;
  const known = unitOf.get(plain(unit));
  if (known === undefined) return undefined;
  return (system === 'imperial' ? toImperial : toMetric).get(known);
}

/** Beyond the largest double there is nothing to be drawn. */
const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/** A sent value in the unit in which it is shown. */
export const converted = (sent: number, { scale, offset }: Conversion): number => finite(sent * scale + offset);

/** A value as it is shown, in the unit in which it is sent. */
export const native = (shown: number, { scale, offset }: Conversion): number => finite((shown - offset) / scale);

/** More than any sensor has, and fewer than what converting leaves behind a number: 86, not 86.00000000000001. */
const SIGNIFICANT = 12;

/** A number without what converting has left behind it, where all of it is seen. */
export const tidy = (value: number): number => Number(value.toPrecision(SIGNIFICANT));
