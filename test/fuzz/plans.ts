import fc from 'fast-check';
import { type CallerPlan, callerPlans } from './callers.ts';
import type { Content, Operation, Parameter, Schema, Schemas } from './document.ts';
import { hostileTexts, spoilt } from './hostile.ts';
import { valuesOf } from './values.ts';

/** One parameter of a path. */
export interface SegmentPlan {
  readonly name: string;
  /** `known`: of something that exists, where there is anything; `raw`: text that is in the path as it is. */
  readonly from: 'known' | 'value' | 'raw';
  readonly value: unknown;
}

/** What is sent as a body: a value as JSON, or bytes. */
export interface BodyPlan {
  readonly value?: unknown;
  readonly bytes?: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request before it is known what exists. */
export interface RequestPlan {
  readonly caller: CallerPlan;
  /** Which of the things that exist. */
  readonly nth: number;
  readonly segments: readonly SegmentPlan[];
  readonly query: readonly (readonly [name: string, value: unknown])[];
  /** After the query, as it is. */
  readonly rawQuery: string;
  readonly body: BodyPlan | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const JSON_TYPE = 'application/json';

const RAW_SEGMENTS = [
  ...['%00', 'a%00b', '%2F', '..%2f..%2fetc%2fpasswd', '%2e%2e', '%ZZ', '%', '%F0%9F', '%ED%A0%80', '%C0%AF', '%FF'],
  ...['%F0%9F%92%A5', "'%20or%201=1--", '*', '%25', '%255c', ';a=b', '__proto__', 'constructor', '-1', '0', 'null'],
  ...['undefined', '%20', '%0d%0aSet-Cookie:%20a=b', '{id}', ':id', '(.*)', 'a'.repeat(2_000), '%41'.repeat(3_000)],
  ...['A'.repeat(20_000), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
];

const RAW_QUERIES = [
  ...[
    '&',
    '&&&===',
    '=',
    '%ZZ=1',
    'a=%ZZ',
    '__proto__=1',
    '__proto__[x]=1',
    'constructor=1',
    'a[]=1',
    'limit=1&limit=2',
  ],
  ...['?', '#', '%00=%00', `x=${'y'.repeat(3_000)}`, Array.from({ length: 1_500 }, (_, i) => `a${i}=1`).join('&')],
];

const BROKEN_JSON = [
  ...['', ' ', '{', '{"a":', 'nul', '"\\ud8"', '[1,]', "{'a':1}", '{"a":1}}', '\ufeff{}', '{"a":1,"a":2}', '\0', 'NaN'],
  ...['{"__proto__":null,"constructor":null}', '['.repeat(50_000), '{"a":'.repeat(20_000), '1', 'null', '[]', '""'],
].map((text) => Buffer.from(text));

const OTHER_TYPES: readonly Readonly<Record<string, string>>[] = [
  ...[
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    '/',
    'x',
  ],
  ...[
    'application/vnd.api+json',
    'application/json; charset=utf-16',
    'application/json; charset=none',
    'application/json;;',
  ],
  ...['APPLICATION/JSON', 'application/problem+json', 'application/octet-stream', 'text/csv'],
].map((type) => ({ 'Content-Type': type }));

const OTHER_ENCODINGS = ['gzip', 'br', 'deflate', 'identity', 'compress', 'gzip, gzip', 'x'].map((encoding) => ({
  'Content-Type': JSON_TYPE,
  'Content-Encoding': encoding,
}));

const FILES = [
  'device,parameter,unit,t,value\r\npress,speed,rpm,2026-01-01T00:00:00Z,1.5\r\npress,speed,rpm,2026-01-01T00:00:10Z,2\r\n',
  'Zeit;Druck;Temperatur\n01.02.2026 10:00;1,5;20\n01.02.2026 10:01;x;21\n',
  't,a\n1767225600000,1\n1767225600000,2\n"',
  '\ufefft\tstate\n2026-01-01 00:00\t"on\n2026"\n',
].map((text) => Buffer.from(text));

const inPlace = (parameters: readonly Parameter[], place: Parameter['in']): Parameter[] =>
  parameters.filter((parameter) => parameter.in === place);

function segmentPlans({ name, schema }: Parameter, schemas: Schemas): fc.Arbitrary<SegmentPlan> {
  const value = valuesOf(schema, schemas, name);
  return fc.oneof(
    { weight: 12, arbitrary: value.map((each) => ({ name, from: 'known' as const, value: each })) },
    { weight: 2, arbitrary: value.map((each) => ({ name, from: 'value' as const, value: each })) },
    { weight: 1, arbitrary: hostileTexts.map((each) => ({ name, from: 'value' as const, value: each })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...RAW_SEGMENTS).map((each) => ({ name, from: 'raw' as const, value: each })),
    },
  );
}

/** One parameter of a query: mostly as it should be, or left out where it may be. */
function queryPlans({ name, required, schema }: Parameter, schemas: Schemas): fc.Arbitrary<RequestPlan['query']> {
  const own = valuesOf(schema, schemas, name);
  return fc.oneof(
    { weight: 8, arbitrary: own.map((value) => [[name, value] as const]) },
    { weight: required ? 1 : 8, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: hostileTexts.map((value) => [[name, value] as const]) },
  );
}

function jsonBodies(schema: Schema, schemas: Schemas): fc.Arbitrary<BodyPlan | undefined> {
  const valid = valuesOf(schema, schemas);
  const asJson = { 'Content-Type': JSON_TYPE };
  return fc.oneof(
    { weight: 8, arbitrary: valid.map((value) => ({ value, headers: asJson })) },
    { weight: 6, arbitrary: spoilt(valid).map((value) => ({ value, headers: asJson })) },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN_JSON).map((bytes) => ({ bytes, headers: asJson })) },
    { weight: 1, arbitrary: fc.record({ value: valid, headers: fc.constantFrom(...OTHER_TYPES, ...OTHER_ENCODINGS) }) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 50 }).map((part) => ({ bytes: Buffer.from(part), headers: asJson })),
    },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** Of what is not JSON: files, or anything. */
const fileBodies = (mediaType: string): fc.Arbitrary<BodyPlan | undefined> => {
  const bytes = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...FILES) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((part) => Buffer.from(part)) },
  );
  return fc.oneof(
    { weight: 6, arbitrary: bytes.map((each) => ({ bytes: each, headers: { 'Content-Type': mediaType } })) },
    { weight: 1, arbitrary: fc.record({ bytes, headers: fc.constantFrom(...OTHER_TYPES) }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
};

function bodyPlans(body: Content | undefined, schemas: Schemas): fc.Arbitrary<BodyPlan | undefined> {
  if (body === undefined) {
    const unasked = fc.constantFrom(...BROKEN_JSON).map((bytes) => ({ bytes, headers: { 'Content-Type': JSON_TYPE } }));
    return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: unasked });
  }
  return fc.oneof(
    ...Object.entries(body).map(([mediaType, schema]) =>
      schema === undefined ? fileBodies(mediaType) : jsonBodies(schema, schemas),
    ),
  );
}

/** Headers that any request may have. */
const headerPlans: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>[]>(
      { 'X-Request-ID': 'fuzz-1' },
      { 'X-Request-ID': 'a b' },
      { 'X-Request-ID': 'x'.repeat(129) },
      { 'X-Request-ID': '{"a":1}' },
      { Accept: 'text/html' },
      { Accept: '*/*;q=x' },
      { 'Accept-Encoding': 'gzip, br' },
      { 'Last-Event-ID': '0' },
      { 'Last-Event-ID': ':::' },
      { Range: 'bytes=0-1' },
      { 'If-None-Match': '*' },
      { 'If-Modified-Since': 'Thu, 01 Jan 2099 00:00:00 GMT' },
      { 'X-Forwarded-For': '127.0.0.1, ::1' },
      { 'X-HTTP-Method-Override': 'DELETE' },
      { Cookie: '=; a; a=b; __proto__=1; \xff=\xff' },
    ),
  },
);

type Inputs = Pick<RequestPlan, 'segments' | 'query' | 'body'>;

/** Right by the document, with what exists where it says no more. */
function rightInputs({ parameters, body }: Operation, schemas: Schemas): fc.Arbitrary<Inputs> {
  const segments = inPlace(parameters, 'path').map(({ name, schema }) =>
    valuesOf(schema, schemas, name).map((value): SegmentPlan => ({ name, from: 'known', value })),
  );
  const query = inPlace(parameters, 'query').map(({ name, required, schema }) => {
    const own = valuesOf(schema, schemas, name, 'known').map((value) => [[name, value] as const]);
    return required ? own : fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: own });
  });
  const bodies = Object.entries(body ?? {}).map(([mediaType, schema]): fc.Arbitrary<BodyPlan> => {
    const headers = { 'Content-Type': mediaType };
    if (schema === undefined) return fc.constantFrom(...FILES).map((bytes) => ({ bytes, headers }));
    return valuesOf(schema, schemas, '', 'known').map((value) => ({ value, headers }));
  });
  return fc.record({
    segments: fc.tuple(...segments),
    query: fc.tuple(...query).map((list) => list.flat()),
    body: bodies.length === 0 ? fc.constant(undefined) : fc.oneof(...bodies),
  });
}

/** Right, nearly right, and hostile, each part by itself. */
const anyInputs = ({ parameters, body }: Operation, schemas: Schemas): fc.Arbitrary<Inputs> =>
  fc.record({
    segments: fc.tuple(...inPlace(parameters, 'path').map((parameter) => segmentPlans(parameter, schemas))),
    query: fc
      .tuple(...inPlace(parameters, 'query').map((parameter) => queryPlans(parameter, schemas)))
      .map((list) => list.flat()),
    body: bodyPlans(body, schemas),
  });

/** Requests of an operation, as the document describes it: one half as they should be, the other half not quite. */
export const requestPlans = (operation: Operation, schemas: Schemas): fc.Arbitrary<RequestPlan> =>
  fc.oneof(
    fc
      .record({ caller: callerPlans, nth: fc.nat(1_000), inputs: rightInputs(operation, schemas) })
      .map(({ inputs, ...rest }) => ({ ...rest, ...inputs, rawQuery: '', headers: {} })),
    fc
      .record({
        caller: callerPlans,
        nth: fc.nat(1_000),
        inputs: anyInputs(operation, schemas),
        rawQuery: fc.oneof(
          { weight: 14, arbitrary: fc.constant('') },
          { weight: 1, arbitrary: fc.constantFrom(...RAW_QUERIES) },
        ),
        headers: headerPlans,
      })
      .map(({ inputs, ...rest }) => ({ ...rest, ...inputs })),
  );
