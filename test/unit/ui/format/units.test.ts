import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shownAs, shownLimit, shownValue } from '../../../../ui/format/shown.ts';
import { conversionOf, converted, native, tidy, UNIT_SYSTEMS } from '../../../../ui/format/units.ts';

/** What the pages convert one to the other: a metric unit, and the imperial one that it comes to. */
const BOTH_WAYS = [
  ['°C', '°F'],
  ['°C/min', '°F/min'],
  ['°C/h', '°F/h'],
  ['bar', 'psi'],
  ['bar(g)', 'psi(g)'],
  ['bar(a)', 'psi(a)'],
  ['mm', 'in'],
  ['m', 'ft'],
  ['µm', 'mil'],
  ['m/s', 'ft/s'],
  ['m/min', 'ft/min'],
  ['mm/s', 'in/s'],
  ['mm/min', 'in/min'],
  ['km/h', 'mph'],
  ['kg', 'lb'],
  ['g', 'oz'],
  ['t', 'short ton'],
  ['kg/h', 'lb/h'],
  ['N', 'lbf'],
  ['N·m', 'lbf·ft'],
  ['l', 'US gal'],
  ['m³', 'ft³'],
  ['l/min', 'US gpm'],
  ['m³/min', 'cfm'],
  ['m²', 'ft²'],
] as const;
const ONE_WAY = [
  ['K', '°F'],
  ['mbar', 'psi'],
  ['Pa', 'psi'],
  ['kPa', 'psi'],
  ['MPa', 'psi'],
  ['cm', 'in'],
  ['kN', 'lbf'],
  ['l/h', 'US gpm'],
  ['m³/h', 'US gpm'],
] as const;

const imperial = (unit: string) => conversionOf(unit, 'imperial') ?? assert.fail(`${unit} has no counterpart`);
const metric = (unit: string) => conversionOf(unit, 'metric') ?? assert.fail(`${unit} has no counterpart`);
const anyConversion = fc.constantFrom(
  ...[...BOTH_WAYS, ...ONE_WAY].map(([unit]) => imperial(unit)),
  ...BOTH_WAYS.map(([, unit]) => metric(unit)),
);
/** Those that no sensor sends and that have fewer digits than others (subnormal ones) are nothing. */
const value = fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((one) => (Math.abs(one) < 1e-290 ? 0 : one));

test('values are those of the books', () => {
  const known = [
    [100, '°C', 212, '°F'],
    [-40, 'degC', -40, '°F'],
    [0, 'K', -459.67, '°F'],
    [1, 'bar', 14.5037737730209, 'psi'],
    [101_325, 'Pa', 14.6959487755142, 'psi'],
    [1013.25, 'mbar', 14.6959487755142, 'psi'],
    [1, 'MPa', 145.037737730209, 'psi'],
    [25.4, 'mm', 1, 'in'],
    [2.54, 'cm', 1, 'in'],
    [0.3048, 'm', 1, 'ft'],
    [25.4, 'um', 1, 'mil'],
    [25.4, 'mm/s', 1, 'in/s'],
    [1.609344, 'km/h', 1, 'mph'],
    [0.3048, 'm/s', 1, 'ft/s'],
    [0.45359237, 'kg', 1, 'lb'],
    [28.349523125, 'g', 1, 'oz'],
    [0.90718474, 't', 1, 'short ton'],
    [4.4482216152605, 'N', 1, 'lbf'],
    [1, 'kN', 224.808943099711, 'lbf'],
    [1.3558179483314, 'Nm', 1, 'lbf·ft'],
    [3.785411784, 'L', 1, 'US gal'],
    [3.785411784, 'l/min', 1, 'US gpm'],
    [0.22712470704, 'm3/h', 1, 'US gpm'],
    [0.028316846592, 'm³', 1, 'ft³'],
    [0.028316846592, 'm³/min', 1, 'cfm'],
    [0.09290304, 'm²', 1, 'ft²'],
  ] as const;
  for (const [sent, unit, shown, shownUnit] of known) {
    const conversion = imperial(unit);
    assert.equal(conversion.unit, shownUnit);
    const found = converted(sent, conversion);
    assert.ok(Math.abs(found - shown) <= 1e-12 * Math.max(1, Math.abs(shown)), `${sent} ${unit} is ${found}`);
  }
});

test('what is converted there and back is what it was', () => {
  fc.assert(
    fc.property(value, anyConversion, (sent, conversion) => {
      const back = native(converted(sent, conversion), conversion);
      // Near the zero of one scale, what counts is the distance to that of the other.
      const size = Math.max(Math.abs(sent), Math.abs(conversion.offset / conversion.scale));
      assert.ok(Math.abs(back - sent) <= 1e-12 * size, `${sent} became ${back}`);
    }),
  );
});

test('more stays more', () => {
  fc.assert(
    fc.property(value, value, anyConversion, (one, other, conversion) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      assert.ok(converted(low, conversion) <= converted(high, conversion));
      assert.ok(native(low, conversion) <= native(high, conversion));
    }),
  );
});

test('the largest numbers stay numbers', () => {
  for (const sent of [Number.MAX_VALUE, -Number.MAX_VALUE]) assert.equal(converted(sent, imperial('MPa')), sent);
});

test('pairs go both ways, and undo each other', () => {
  for (const [unit, other] of BOTH_WAYS) {
    const [there, back] = [imperial(unit), metric(other)];
    assert.deepEqual([there.unit, back.unit], [other, unit]);
    fc.assert(
      fc.property(value, (sent) => {
        const returned = converted(converted(sent, there), back);
        const size = Math.max(Math.abs(sent), Math.abs(back.offset));
        assert.ok(Math.abs(returned - sent) <= 1e-12 * size, `${sent} ${unit} became ${returned}`);
      }),
    );
  }
  for (const [unit, other] of ONE_WAY) assert.equal(imperial(unit).unit, other);
});

test('what fits already stays, and nothing is converted twice', () => {
  for (const [unit, other] of [...BOTH_WAYS, ...ONE_WAY]) {
    assert.equal(conversionOf(unit, 'metric'), undefined);
    assert.equal(conversionOf(other, 'imperial'), undefined);
    for (const either of [unit, other]) assert.equal(conversionOf(either, 'as_sent'), undefined);
  }
});

test('units that are unknown, ambiguous or used everywhere are left alone', () => {
  const units = [
    'V',
    'A',
    'kW',
    'kWh',
    'hp',
    'Hz',
    'rpm',
    '%',
    'pcs',
    'Nm³/h',
    'mN',
    'Mbar',
    'ton',
    'gₙ',
    'ohm',
    '',
    ' ',
  ];
  for (const unit of [...units, null, 'constructor', '__proto__']) {
    for (const system of UNIT_SYSTEMS) assert.equal(conversionOf(unit, system), undefined, `${unit}`);
  }
  const known = new Set([...BOTH_WAYS, ...ONE_WAY].flat().map((unit) => unit.normalize('NFKC')));
  fc.assert(
    fc.property(fc.string({ minLength: 5, unit: 'binary' }), fc.constantFrom(...UNIT_SYSTEMS), (unit, system) => {
      const conversion = conversionOf(unit, system);
      assert.ok(conversion === undefined || known.has(conversion.unit.normalize('NFKC')));
    }),
  );
});

test('a unit is known however it is typed', () => {
  const spellings = {
    '°F': ['℃', 'º C', ' °C ', 'deg C', 'C', 'Celsius', '˚C'],
    psi: ['bar', 'Bar', 'kpa', 'MPa'],
    'US gpm': ['l/min', 'L / min', 'LPM', 'm^3/h', 'm³/h', 'm3/hr'],
    lbf·ft: ['Nm', 'N m', 'N·m', 'N⋅m', 'N*m', 'N.m'],
    mil: ['µm', 'μm', 'um'],
    'ft³': ['m³', 'm3', 'm^3'],
    'psi(g)': ['barg', 'bar(g)', 'bar (g)'],
  };
  for (const [shown, sent] of Object.entries(spellings)) {
    for (const unit of sent) assert.equal(conversionOf(unit, 'imperial')?.unit, shown, unit);
  }
  assert.equal(conversionOf('gpm', 'metric')?.unit, 'l/min');
  assert.equal(conversionOf('lb-ft', 'metric')?.unit, 'N·m');
  assert.equal(conversionOf('"', 'metric')?.unit, 'mm');
});

const quantity = (unit: string, decimals: number | null = null, kind: 'number' | 'boolean' | 'state' = 'number') => ({
  kind,
  unit,
  decimals,
});

test('decimals say as much of a number as they did before it was converted', () => {
  const decimals = (unit: string, sent: number | null) => shownAs(quantity(unit, sent), 'imperial').decimals;
  assert.equal(decimals('°C', 1), 1);
  assert.equal(decimals('bar', 2), 1);
  assert.equal(decimals('bar', 0), 0);
  assert.equal(decimals('kPa', 0), 1);
  assert.equal(decimals('mbar', 0), 2);
  assert.equal(decimals('MPa', 3), 1);
  assert.equal(decimals('mm/s', 2), 3);
  assert.equal(decimals('m', 1), 1);
  assert.equal(decimals('Pa', 10), 10);
  assert.equal(decimals('kg', null), null);
  assert.equal(shownAs(quantity('V', 2), 'imperial').decimals, 2);
  assert.equal(shownAs(quantity('psi', 1), 'metric').decimals, 2);
});

test('numbers are converted, states and booleans never', () => {
  const shown = shownAs(quantity('°C'), 'imperial');
  assert.equal(shownValue(100, shown), 212);
  assert.equal(shownValue('100', shown), '100');
  assert.equal(shownValue(true, shown), true);
  assert.equal(shownValue(undefined, shown), undefined);
  assert.deepEqual(shownAs(quantity('°C', 1, 'state'), 'imperial'), { unit: '°C', decimals: 1, conversion: undefined });
  assert.equal(shownLimit(null, shown), null);
  assert.equal(shownLimit(22.1, shown), 71.78);
  assert.equal(tidy(converted(29.5, imperial('°C'))), 85.1);
});
