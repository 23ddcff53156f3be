import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import { ACCESS_COOKIE } from './cookies.ts';
import { PROBLEM_MEDIA_TYPE, statusOf } from './problem.ts';
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

const needsOf = (access: Access) =>
  typeof access === 'object' ? `Needs the role ${access.factory} in the selected factory.` : NEEDS[access];

function refusalsOf(route: Route): ErrorCode[] {
  const isOpen = route.access === 'public';
  return [
    ...(route.body || route.consumes ? (['malformed', 'too_large'] as const) : []),
    ...(isOpen || route.access === 'local' ? [] : (['unauthenticated'] as const)),
    ...(isOpen || route.access === 'signed_in' ? [] : (['forbidden'] as const)),
    ...(route.params || route.exists ? (['not_found'] as const) : []),
    ...(route.body || route.query ? (['invalid_input'] as const) : []),
  ];
}

function successOf(route: Route, components: Json): Json {
  const others = Object.fromEntries((route.alsoProduces ?? []).map((type) => [type, {}]));
  if (route.reply === 'empty') return { description: 'Done' };
  if (route.reply === 'text') return { description: 'OK', content: { 'text/plain': {}, ...others } };
  if (route.reply === 'stream') return { description: 'Server-sent events', content: { 'text/event-stream': {} } };
  const schema = jsonSchema(route.reply, 'output', components);
  return { description: 'OK', content: { 'application/json': { schema }, ...others } };
}

function operationOf(route: Route, components: Json): Json {
  const isOpen = route.access === 'public' || route.access === 'local';
  const refusals = refusalsOf(route).map((code) => [statusOf(code), { $ref: `#/components/responses/${code}` }]);
  const status = route.status ?? (route.reply === 'empty' ? 204 : 200);
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    description: needsOf(route.access),
    tags: [route.tag],
    security: isOpen ? [] : [{ bearer: [] }, { cookie: [] }],
    parameters: [...parametersOf(route.params, 'path', components), ...parametersOf(route.query, 'query', components)],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(route.body, 'input', components) } },
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

const problemResponse = (description: string): Json => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** The OpenAPI 3.1 description of a route table. */
export function openApiDocument(routes: readonly Route[], about: { base: string; version: string }): Json {
  const schemas: Json = {};
  schemas.Problem = jsonSchema(problemSchema, 'output', schemas);
  const paths: Record<string, Json> = {};
  const responses: Json = { problem: problemResponse('Any other error') };
  for (const route of routes.filter((candidate) => !candidate.isHidden)) {
    const path = templateOf(route.path);
    paths[path] = { ...paths[path], [route.method]: operationOf(route, schemas) };
    for (const code of refusalsOf(route)) responses[code] = problemResponse(STATUS_CODES[statusOf(code)] ?? code);
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
        cookie: { type: 'apiKey', in: 'cookie', name: ACCESS_COOKIE },
      },
    },
  };
}
