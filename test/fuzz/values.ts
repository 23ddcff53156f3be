import fc from 'fast-check';
import type { Schema, Schemas } from './document.ts';
import { hostileTextsWithin } from './hostile.ts';
import { Known, MinutesAgo } from './symbols.ts';

/** Below this only what must be there: a schema may name itself. */
const DEEPEST = 5;
/** Below this anything: it may name itself even in what must be there. */
const BOTTOM = 14;
const LONGEST_AT_BOUND = 4_096;

/** `known`: of texts, nearly only those that the appliance has answered under that name. */
type Preference = 'known' | 'any';

/** Where a schema stands: the name of the member, for values that are known by it, and how deep. */
interface Spot {
  readonly schemas: Schemas;
  readonly name: string;
  readonly prefer: Preference;
  readonly depth: number;
}

const numberOf = (schema: Schema, key: string): number | undefined =>
  typeof schema[key] === 'number' ? schema[key] : undefined;

const moments: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 200 }).map((minutes) => new MinutesAgo(minutes)) },
  fc.integer({ min: 0, max: 5_000_000 }).map((minutes) => new MinutesAgo(minutes)),
  fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999+00:00', '2027-03-28T02:30:00.5-23:59'),
);

/** By format and pattern; a pattern that cannot be generated from is left to other texts. */
function ownTexts(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern } = schema;
  if (format === 'uuid') return fc.uuid();
  if (format === 'email') return fc.emailAddress();
  if (format === 'uri') return fc.webUrl();
  if (typeof pattern === 'string') {
    try {
      return fc.stringMatching(new RegExp(pattern));
    } catch {
      // Written with what only a matcher understands, such as a lookahead.
    }
  }
  const minLength = numberOf(schema, 'minLength') ?? 0;
  const maxLength = Math.max(minLength, numberOf(schema, 'maxLength') ?? 64);
  const bound = 'x'.repeat(Math.min(maxLength, LONGEST_AT_BOUND));
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength, maxLength }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength, maxLength }) },
    { weight: 3, arbitrary: hostileTextsWithin(minLength, maxLength) },
    { weight: 1, arbitrary: fc.constant(bound) },
  );
}

function texts(schema: Schema, { name, prefer }: Spot): fc.Arbitrary<unknown> {
  if (schema.format === 'date-time') return moments;
  const own = ownTexts(schema);
  const known = fc.tuple(fc.nat(1_000), own).map(([nth, fallback]) => new Known(name, nth, fallback));
  return fc.oneof({ weight: prefer === 'known' ? 8 : 1, arbitrary: known }, { weight: 1, arbitrary: own });
}

function numbers(schema: Schema, isInteger: boolean): fc.Arbitrary<number> {
  const min = numberOf(schema, 'minimum');
  const max = numberOf(schema, 'maximum');
  if (!isInteger) {
    return fc.double({ min: min ?? -1e308, max: max ?? 1e308, noNaN: true });
  }
  const least = min ?? Number.MIN_SAFE_INTEGER;
  const most = max ?? Number.MAX_SAFE_INTEGER;
  return fc.oneof(
    fc.integer({ min: Math.max(least, -1_000), max: Math.min(most, Math.max(least, 0) + 1_000) }),
    fc.constantFrom(least, most),
  );
}

function objects(schema: Schema, { schemas, prefer, depth }: Spot): fc.Arbitrary<object> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema.required ?? []) as readonly string[];
  const members = Object.entries(properties).filter(([name]) => depth < DEEPEST || required.includes(name));
  const arbitraries = Object.fromEntries(
    members.map(([name, member]) => [name, valuesOf(member, schemas, name, prefer, depth + 1)]),
  );
  const known = fc.record(arbitraries, { requiredKeys: required.filter((name) => name in arbitraries) });
  const least = fc.record(Object.fromEntries(Object.entries(arbitraries).filter(([name]) => required.includes(name))));
  const { additionalProperties: others } = schema;
  if (typeof others !== 'object' || others === null) return fc.oneof(known, least);
  const more = fc.dictionary(fc.string({ maxLength: 20 }), valuesOf(others as Schema, schemas, '', prefer, depth + 1), {
    maxKeys: 5,
  });
  return fc.tuple(known, more).map(([own, rest]) => ({ ...rest, ...own }));
}

function arrays(schema: Schema, { schemas, name, prefer, depth }: Spot): fc.Arbitrary<unknown[]> {
  const first = ((schema.prefixItems ?? []) as readonly Schema[]).map((item) =>
    valuesOf(item, schemas, name, prefer, depth + 1),
  );
  if (first.length > 0) return fc.tuple(...first);
  const item =
    typeof schema.items === 'object' ? valuesOf(schema.items as Schema, schemas, name, prefer, depth + 1) : anything;
  const minLength = numberOf(schema, 'minItems') ?? 0;
  return fc.array(item, { minLength, maxLength: Math.max(minLength, Math.min(numberOf(schema, 'maxItems') ?? 8, 8)) });
}

const anything: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 2 });

/** Values of one type of JSON Schema. */
function valuesOfType(type: unknown, schema: Schema, spot: Spot): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return texts(schema, spot);
    case 'integer':
    case 'number':
      return numbers(schema, type === 'integer');
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return arrays(schema, spot);
    case 'object':
      return objects(schema, spot);
    default:
      return anything;
  }
}

/**
 * Values that a schema allows, as far as it says what it allows.
 *
 * @param name - of the member that the value is for
 */
export function valuesOf(
  schema: Schema,
  schemas: Schemas,
  name = '',
  prefer: Preference = 'any',
  depth = 0,
): fc.Arbitrary<unknown> {
  const of = (part: Schema) => valuesOf(part, schemas, name, prefer, depth + 1);
  if (depth > BOTTOM) return anything;
  if (typeof schema.$ref === 'string') return of(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return fc.oneof(...choices.map(of));
  if (Array.isArray(schema.allOf)) return of(Object.assign({}, ...schema.allOf));
  const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  return fc.oneof(...types.map((type) => valuesOfType(type, schema, { schemas, name, prefer, depth })));
}
