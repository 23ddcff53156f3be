/** As much of JSON Schema as the API's zod schemas turn into. */
export interface ExampleSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly ExampleSchema[];
  readonly oneOf?: readonly ExampleSchema[];
  readonly items?: ExampleSchema;
  readonly prefixItems?: readonly ExampleSchema[];
  readonly properties?: Readonly<Record<string, ExampleSchema>>;
  readonly additionalProperties?: boolean | ExampleSchema;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
}

const BY_FORMAT: Readonly<Record<string, string>> = {
  uuid: '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001',
  'date-time': '2027-01-31T08:15:00.000Z',
  uri: 'https://factoryops.example/',
};

/** By the name of a property, where its schema says nothing more than that it is a text. */
const BY_NAME: Readonly<Record<string, string>> = {
  email: 'operator@example.com',
  name: 'Press-7',
  key: 'M01',
  slug: 'plant-north',
  timezone: 'Europe/Berlin',
  unit: 'V',
  parameter: 'voltage',
  detail: 'what is wrong, and what to do about it',
};

function textOf(schema: ExampleSchema, name: string): string {
  const text = BY_FORMAT[schema.format ?? ''] ?? BY_NAME[name] ?? 'text';
  return text.padEnd(schema.minLength ?? 0, 'x');
}

function numberOf({ minimum, maximum }: ExampleSchema): number {
  // Whole numbers without bounds are given those of doubles.
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : 0;
  return maximum === undefined ? least : Math.min(maximum, least);
}

/**
 * An example of a schema, so that the documentation shows what every request and answer looks like: its own where it has
 * one (`.meta({ examples })`), or else one made of its parts. `components` holds what `$ref`s lead to.
 */
export function exampleOf(
  schema: ExampleSchema,
  components: Readonly<Record<string, ExampleSchema>>,
  name = '',
  depth = 0,
): unknown {
  const inner = (part: ExampleSchema, partName = name) => exampleOf(part, components, partName, depth + 1);
  if (schema.examples !== undefined && schema.examples.length > 0) return schema.examples[0];
  if (schema.$ref !== undefined) {
    const target = components[schema.$ref.split('/').at(-1) ?? ''];
    return target === undefined || depth > 12 ? {} : inner(target);
  }
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const [alternative] = schema.anyOf ?? schema.oneOf ?? [];
  if (alternative !== undefined) return inner(alternative);
  if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => inner(item));
  const type = typeof schema.type === 'object' ? schema.type[0] : schema.type;
  if (type === 'array') {
    const { items, minItems = 1 } = schema;
    return items === undefined ? [] : Array.from({ length: Math.max(1, minItems) }, () => inner(items));
  }
  if (type === 'object') {
    const entries = Object.entries(schema.properties ?? {}).map(([key, part]) => [key, inner(part, key)]);
    return Object.fromEntries(entries);
  }
  if (type === 'string') return textOf(schema, name);
  if (type === 'boolean') return true;
  if (type === 'number' || type === 'integer') return numberOf(schema);
  return null;
}
