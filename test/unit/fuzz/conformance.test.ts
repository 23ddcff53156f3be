import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConformance } from '../../fuzz/conformance.ts';
import { readDocument } from '../../fuzz/document.ts';
import type { WireAnswer } from '../../fuzz/exchange.ts';

const document = readDocument({
  servers: [{ url: '/api/v1' }],
  paths: {
    '/machines/{id}': {
      get: {
        operationId: 'getMachine',
        security: [],
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Machine' } } } },
          204: { description: 'Nothing' },
          default: { $ref: '#/components/responses/problem' },
        },
      },
    },
  },
  components: {
    responses: {
      problem: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
    schemas: {
      Machine: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          next: { anyOf: [{ $ref: '#/components/schemas/Machine' }, { type: 'null' }] },
        },
        required: ['id'],
        additionalProperties: false,
      },
      Problem: {
        type: 'object',
        properties: { status: { type: 'integer' }, instance: { type: 'string' } },
        required: ['status', 'instance'],
      },
    },
  },
});
const [operation] = document.operations;
const conforms = createConformance(document);

const answer = (status: number, contentType: string | undefined, body: unknown, headers = {}): WireAnswer => ({
  status,
  headers: { 'x-request-id': 'r', ...(contentType && { 'content-type': contentType }), ...headers },
  body: Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body)),
});

const faultOf = (given: WireAnswer): string | undefined => {
  assert.ok(operation);
  return conforms(operation, given);
};

test('the operation is read with its place, and its answers', () => {
  assert.ok(operation);
  assert.equal(operation.template, '/api/v1/machines/{id}');
  assert.equal(operation.method, 'GET');
  assert.equal(operation.isPublic, true);
  assert.deepEqual(Object.keys(operation.answers), ['200', '204', 'default']);
});

test('answers as documented have no fault', () => {
  const json = 'application/json; charset=utf-8';
  assert.equal(faultOf(answer(200, json, { id: 'a', next: { id: 'b', next: null } })), undefined);
  assert.equal(faultOf(answer(204, undefined, undefined)), undefined);
  assert.equal(faultOf(answer(404, 'application/problem+json', { status: 404, instance: 'r' })), undefined);
});

test('a body that is not what is documented, or not JSON, is a fault', () => {
  const json = 'application/json';
  assert.match(faultOf(answer(200, json, { id: 'a', more: 1 })) ?? '', /Unrecognized key: "more"/);
  assert.match(faultOf(answer(200, json, { id: 'a', next: { id: 1 } })) ?? '', /at next/);
  assert.match(faultOf(answer(200, json, Buffer.from('{'))) ?? '', /not JSON/);
  assert.match(faultOf(answer(200, json, Buffer.from([0x22, 0xff, 0x22]))) ?? '', /not JSON/);
  assert.match(faultOf(answer(204, undefined, {})) ?? '', /none is documented/);
});

test('another media type, and another status, are faults', () => {
  assert.match(faultOf(answer(200, 'text/html', { id: 'a' })) ?? '', /content type is "text\/html"/);
  assert.match(faultOf(answer(201, 'application/json', { id: 'a' })) ?? '', /not documented/);
  assert.match(faultOf(answer(404, 'application/json', { status: 404, instance: 'r' })) ?? '', /content type/);
  for (const status of [500, 502, 503]) {
    const problem = answer(status, 'application/problem+json', { status, instance: 'r' }, { 'retry-after': '5' });
    assert.match(faultOf(problem) ?? '', /failed/);
  }
});

test('a problem says the status and the request id of its answer, and a refusal for now says when to come again', () => {
  const problem = 'application/problem+json';
  assert.match(faultOf(answer(404, problem, { status: 400, instance: 'r' })) ?? '', /says that the status is 400/);
  assert.match(faultOf(answer(404, problem, { status: 404, instance: 'x' })) ?? '', /another request id/);
  assert.match(faultOf(answer(404, problem, { status: 404 })) ?? '', /not what is documented/);
  assert.match(faultOf(answer(429, problem, { status: 429, instance: 'r' })) ?? '', /Retry-After/);
  const { headers, ...rest } = answer(204, undefined, undefined);
  assert.ok('x-request-id' in headers);
  assert.match(faultOf({ ...rest, headers: {} }) ?? '', /no X-Request-ID/);
});
