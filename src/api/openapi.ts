import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import { ROLES } from '../accounts/accounts.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import { ACCESS_COOKIE } from './cookies.ts';
import { type ExampleSchema, exampleOf } from './examples.ts';
import { PROBLEM_MEDIA_TYPE, problemOf, statusOf } from './problem.ts';
import type { Access, Route } from './route.ts';

type Json = Record<string, unknown>;

const problemSchema = z
  .object({
    type: z.string().describe('`urn:factoryops:problem:` and a stable code'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The request id, as in the log'),
    errors: z.array(z.object({ pointer: z.string().describe('JSON pointer (RFC 6901)'), message: z.string() })),
  })
  .describe('Problem details, RFC 9457');

/** A schema as JSON Schema, with the schemas it names (`.meta({id})`) moved to the document's components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const relink = (value: unknown): Json =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] = relink(definition);
  return relink(own);
}

const example = (schema: Json, components: Json): unknown =>
  exampleOf(schema as ExampleSchema, components as Record<string, ExampleSchema>);

const withExample = (schema: Json, components: Json): Json => ({ schema, example: example(schema, components) });

/** `/devices/:id` as `/devices/{id}`. */
const templateOf = (path: string) => path.replace(/:(\w+)/g, '{$1}');

/** `GET /devices/:id/kpis/live` as `getDevicesByIdKpisLive`: unique, because method and path are. */
const operationIdOf = (route: Route) =>
  route.method +
  route.path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `by-${part.slice(1)}` : part))
    .join('-')
    .split(/[-_.]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query', components: Json): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...own }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: own,
  }));
}

const NEEDS: Readonly<Record<Exclude<Access, object>, string>> = {
  public: 'Needs no sign-in.',
  local: 'Answers this machine, and the addresses of `http.metrics_allow`.',
  signed_in: 'Needs a session.',
  super_admin: 'Needs a super admin.',
};

const needsOf = (access: Access) => {
  if (typeof access === 'string') return NEEDS[access];
  const { factory: needed } = access;
  return (ROLES as readonly string[]).includes(needed)
    ? `Needs the role ${needed} in the selected factory; API keys may have it.`
    : `Needs the role admin, or the permission ${needed}, in the selected factory; API keys may have it.`;
};

/** An access as one word, for programs: `public`, `local`, `signed_in`, `super_admin`, `factory:viewer`, … */
const accessWord = (access: Access): string => (typeof access === 'string' ? access : `factory:${access.factory}`);

/** A person's session may be behind any of these, a key only behind what is of a factory. */
function securityOf(access: Access): Json[] {
  if (access === 'public' || access === 'local') return [];
  return [{ bearer: [] }, { cookie: [] }, ...(typeof access === 'object' ? [{ api_key: [] }] : [])];
}

function refusalsOf(route: Route): ErrorCode[] {
  const isOpen = route.access === 'public' || route.access === 'local';
  const isUnsafe = route.method !== 'get';
  return [
    ...(route.body || route.consumes ? (['malformed', 'too_large'] as const) : []),
    ...(isOpen ? [] : (['unauthenticated'] as const)),
    // Unsafe requests with a cookie are refused when another site's page sends them.
    ...((isOpen || route.access === 'signed_in') && route.access !== 'local' && !isUnsafe
      ? []
      : (['forbidden'] as const)),
    ...(route.params || route.exists ? (['not_found'] as const) : []),
    ...(route.body || route.query ? (['invalid_input'] as const) : []),
    ...(route.access === 'local' ? [] : (['too_many'] as const)),
    'unavailable',
    ...(route.refuses ?? []),
  ];
}

const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  malformed: 'the body is not valid JSON',
  unauthenticated: 'sign in first',
  forbidden: 'your role in this factory does not allow this',
  not_found: 'not found',
  conflict: 'there is one of that name already: choose another',
  too_large: 'a request body has at most 1048576 bytes',
  too_many: 'you may ask 100 times a second: wait a moment',
  unavailable: 'the database cannot be written now: try again',
  invalid_input: 'the body is not valid',
};

function successOf(route: Route, components: Json): Json {
  const others = Object.fromEntries((route.alsoProduces ?? []).map((type) => [type, {}]));
  if (route.reply === 'empty') return { description: 'Done' };
  if (route.reply === 'text') return { description: 'OK', content: { 'text/plain': {}, ...others } };
  if (route.reply === 'stream') return { description: 'Server-sent events', content: { 'text/event-stream': {} } };
  const schema = jsonSchema(route.reply, 'output', components);
  return { description: 'OK', content: { 'application/json': withExample(schema, components), ...others } };
}

function operationOf(route: Route, components: Json): Json {
  const refusals = refusalsOf(route).map((code) => [statusOf(code), { $ref: `#/components/responses/${code}` }]);
  const status = route.status ?? (route.reply === 'empty' ? 204 : 200);
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    description: needsOf(route.access),
    tags: [route.tag],
    security: securityOf(route.access),
    'x-access': accessWord(route.access),
    parameters: [...parametersOf(route.params, 'path', components), ...parametersOf(route.query, 'query', components)],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': withExample(jsonSchema(route.body, 'input', components), components) },
      },
    }),
    ...(route.consumes && { requestBody: { required: true, content: { [route.consumes]: {} } } }),
    responses: {
      [status]: successOf(route, components),
      ...Object.fromEntries(refusals),
      default: { $ref: '#/components/responses/problem' },
    },
    ...(route.outsideBase && { servers: [{ url: '/' }] }),
  };
}

/** Headers that tell when to come again. */
const LATER = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } };

function problemResponse(code: ErrorCode): Json {
  const faults = code === 'invalid_input' ? [{ pointer: '/name', message: 'too small' }] : [];
  const error = new AppError(code, MESSAGES[code] ?? code, { faults });
  const example = problemOf(error, '0b0f4a4e-3a1c-4b8e-9f0d-6d1d2f9a7c55');
  const status = statusOf(code);
  return {
    description: STATUS_CODES[status] ?? code,
    ...(status === 429 || status === 503 ? { headers: LATER } : {}),
    content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' }, example } },
  };
}

/** The OpenAPI 3.1 description of a route table. */
export function openApiDocument(routes: readonly Route[], about: { base: string; version: string }): Json {
  const schemas: Json = {};
  schemas.Problem = jsonSchema(problemSchema, 'output', schemas);
  const paths: Record<string, Json> = {};
  const responses: Json = { problem: { ...problemResponse('internal'), description: 'Any other error' } };
  for (const route of routes.filter((candidate) => !candidate.isHidden)) {
    const path = templateOf(route.path);
    paths[path] = { ...paths[path], [route.method]: operationOf(route, schemas) };
    for (const code of refusalsOf(route)) responses[code] = problemResponse(code);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'FactoryOps',
      version: about.version,
      description: 'Industrial IoT appliance: devices, live values, history. Errors are problem details (RFC 9457).',
    },
    servers: [{ url: about.base }],
    tags: [...new Set(routes.filter((route) => !route.isHidden).map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      responses,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: ACCESS_COOKIE,
          description: `Of browsers; over TLS __Secure-${ACCESS_COOKIE}. Unsafe requests have to come from our own pages`,
        },
        api_key: { type: 'http', scheme: 'bearer', bearerFormat: 'fok_…', description: 'An API key of one factory' },
      },
    },
  };
}
