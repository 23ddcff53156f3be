import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAppliance } from '../src/appliance.ts';
import { loadConfig } from '../src/config/config.ts';
import { createLog } from '../src/core/log.ts';

/**
 * Writes `ui/api/schema.ts`: the types of every request and answer, out of the running appliance's OpenAPI document.
 * With `--check` it only says whether the file is up to date. Ours, because openapi-typescript needs the compiler
 * interface of TypeScript 5, which TypeScript 7 does not have.
 */

const TARGET = join(import.meta.dirname, '..', 'ui', 'api', 'schema.ts');
const HEADER =
  '/* Made by build/api-types.ts out of /api/openapi.json: do not edit, run "npm run build:api-types". */\n';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** As much of JSON Schema as the API's zod schemas turn into. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
}

interface Operation {
  readonly summary: string;
  readonly parameters: readonly { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: Schema }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<(typeof METHODS)[number], Operation>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const property = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

/** A schema as a TypeScript type. */
function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(' & ');
  if (schema.prefixItems !== undefined) return `readonly [${schema.prefixItems.map(typeOf).join(', ')}]`;
  if (schema.type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (schema.type === 'object') return objectOf(schema);
  if (schema.type === 'integer') return 'number';
  return String(schema.type ?? 'unknown');
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const comment = schema.description === undefined ? '' : `/** ${schema.description.replaceAll('*/', '* /')} */\n`;
    return `${comment}readonly ${property(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`;
  });
  if (fields.length > 0) return `{\n${fields.join('\n')}\n}`;
  const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
  return `Readonly<Record<string, ${value}>>`;
}

function parametersOf(operation: Operation, place: 'path' | 'query'): string | undefined {
  const parameters = operation.parameters.filter((parameter) => parameter.in === place);
  if (parameters.length === 0) return undefined;
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  return objectOf({ properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])), required });
}

function replyOf({ responses }: Operation): string {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
  if (success?.content === undefined) return 'undefined';
  const schema = success.content['application/json']?.schema;
  return schema === undefined ? 'string' : typeOf(schema);
}

/** Undefined without a body; a Blob where it is no JSON. */
function bodyOf({ requestBody }: Operation): string | undefined {
  if (requestBody === undefined) return undefined;
  const schema = requestBody.content['application/json']?.schema;
  return schema === undefined ? 'Blob' : typeOf(schema);
}

/** The module's source. */
function moduleOf({ paths, components }: Document): string {
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};`,
  );
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const parts = {
        path: parametersOf(operation, 'path'),
        query: parametersOf(operation, 'query'),
        body: bodyOf(operation),
        reply: replyOf(operation),
      };
      const fields = Object.entries(parts).flatMap(([name, type]) => (type ? [`readonly ${name}: ${type};`] : []));
      return [`/** ${operation.summary} */\n'${method.toUpperCase()} ${path}': {\n${fields.join('\n')}\n};`];
    }),
  );
  return `${HEADER}\n${schemas.join('\n\n')}\n\nexport interface Operations {\n${operations.join('\n')}\n}\n`;
}

async function readDocument(): Promise<Document> {
  const dataDir = mkdtempSync(join(tmpdir(), 'factoryops-'));
  const config = loadConfig({ flags: { data_dir: dataDir, 'http.port': 0, 'mqtt.port': 0 } });
  const appliance = createAppliance(config, { log: createLog('fatal') });
  try {
    const { http } = await appliance.start();
    return (await (await fetch(`${http}/api/openapi.json`)).json()) as Document;
  } finally {
    await appliance.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** In the form that the checks ask for. */
function formatted(source: string): string {
  const biome = join(import.meta.dirname, '..', 'node_modules', '.bin', 'biome');
  const { stdout } = spawnSync(biome, ['format', `--stdin-file-path=${TARGET}`], { input: source, encoding: 'utf8' });
  return stdout;
}

const source = formatted(moduleOf(await readDocument()));
if (!process.argv.includes('--check')) writeFileSync(TARGET, source);
else if (readFileSync(TARGET, 'utf8') !== source) {
  process.stderr.write('ui/api/schema.ts is not what the API says: run "npm run build:api-types" and commit it\n');
  process.exitCode = 1;
}
