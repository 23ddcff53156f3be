import fc from 'fast-check';
import { ownObject, RawJson } from './symbols.ts';

const nested = (depth: number): RawJson => new RawJson('['.repeat(depth) + ']'.repeat(depth));

/** Texts that programs stumble over. */
const TEXTS = [
  ...['', ' ', '\0', 'a\0b', '\ud800', '\udfff\ud800', '💥', 'e\u0301', '\u202eabc', '\ufeff', 'İ', 'ﬃ', '\u2028'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', '[object Object]', 'true'],
  ...["' or 1=1 --", '"; drop table users; --', '%', '_', '\\', '*', '#', '+/#', '?1', '$__proto__', '{{7*7}}'],
  ...['../../etc/passwd', '..\\..\\x', '/', '//', '.', 'CON', '<script>alert(1)</script>', '\r\nSet-Cookie: a=b', '\t'],
  ...['NaN', 'Infinity', '-0', '0x10', '1e400', '1_000', '-1', '0', '9'.repeat(400), '1.5', '９', ' 7 '],
  ...['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2027-02-29T00:00:00Z', '2016-12-31T23:59:60Z'],
  ...['1969-12-31T23:59:59+23:59', '2027-01-01T00:00:00.123456789012345Z', '2027-01-01', '+275760-09-13T00:00:00Z'],
  ...[
    'bnVsbA',
    'e30',
    'WyJhIl0',
    'IiI',
    'MWU0MDA',
    'IlxcdWQ4MDAi',
    '00000000-0000-0000-0000-000000000000',
    ',',
    ',,',
    'a,',
  ],
  ...['a'.repeat(65), 'a'.repeat(300), 'é'.repeat(1_100), 'x'.repeat(5_000), '🏭'.repeat(2_000)],
] as const;

export const hostileTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** Those of a length that a schema allows. */
export function hostileTextsWithin(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const fitting = TEXTS.filter(({ length }) => length >= minLength && length <= maxLength);
  return fitting.length === 0 ? fc.string({ unit: 'binary', minLength, maxLength }) : fc.constantFrom(...fitting);
}

/** Values of every kind, and those at the edges of each. */
const hostileValues: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileTexts },
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1, 0.1, 1e21, -1e308, 5e-324, 2 ** 53, 2 ** 31, -(2 ** 63)),
  fc.constantFrom(...['1e400', '-1e400', '-0', '1'.repeat(400), '0.1e-400'].map((text) => new RawJson(text))),
  fc.constantFrom<unknown>(
    [],
    {},
    [null],
    [[]],
    [{}],
    nested(50),
    nested(3_000),
    Array.from({ length: 2_000 }, () => 0),
  ),
  fc.constantFrom<unknown>(
    ownObject([['__proto__', { is_super_admin: true }]]),
    { constructor: { prototype: { polluted: true } } },
    { toString: 1, valueOf: null, toJSON: 'x', length: -1 },
  ),
);

type Key = string | number;

/** False for what stands for something else, too. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** Every place in a value, the root (`[]`) first. */
function placesIn(value: unknown, path: readonly Key[] = []): (readonly Key[])[] {
  if (!isContainer(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

/** A copy with the value at `path` put there, or taken out when `put` is undefined. */
function changed(
  value: unknown,
  [key, ...rest]: readonly Key[],
  put: { readonly value: unknown } | undefined,
): unknown {
  if (key === undefined || !isContainer(value)) return put?.value;
  const entries = Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
    if (name !== key) return [[name, item]];
    if (rest.length === 0 && put === undefined) return [];
    return [[name, changed(item, rest, put)]];
  });
  if (rest.length === 0 && put !== undefined && !Object.hasOwn(value, key)) entries.push([String(key), put.value]);
  return Array.isArray(value) ? entries.map(([, item]) => item) : ownObject(entries);
}

/** A valid value with one thing in it replaced, missing, or too much. */
export const spoilt = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .record({
      value: valid,
      nth: fc.nat(1_000),
      how: fc.constantFrom('replace', 'replace', 'remove', 'add'),
      name: fc.constantFrom(
        '__proto__',
        'constructor',
        'id',
        'factory_id',
        'is_super_admin',
        'role',
        '',
        '0',
        'x'.repeat(300),
      ),
      put: hostileValues,
    })
    .map(({ value, nth, how, name, put }) => {
      const places = placesIn(value);
      const place = places[nth % places.length] ?? [];
      if (how === 'remove' && place.length > 0) return changed(value, place, undefined);
      const isAdded = how === 'add' && isContainer(value) && !Array.isArray(value);
      return changed(value, isAdded ? [name] : place, { value: put });
    });
