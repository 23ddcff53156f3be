import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { z } from 'zod';
import { JSON_MEDIA_TYPE, rawReply, route } from '../../../src/api/route.ts';
import { AppError } from '../../../src/core/errors.ts';
import { testApi } from '../../support/api.ts';

const about = { tag: 'Test', summary: 'A test', access: 'public' } as const;

const echo = route({
  ...about,
  method: 'post',
  path: '/echo/:number',
  params: z.object({ number: z.coerce.number().int() }),
  query: z.strictObject({ times: z.coerce.number().int().default(1) }),
  body: z.strictObject({ 'a/b': z.array(z.number()) }),
  reply: z.object({ number: z.number(), times: z.number(), values: z.array(z.number()) }),
  handle: ({ params, query, body }) => ({ number: params.number, times: query.times, values: body['a/b'] }),
});

const failing = (name: string, error: () => unknown) =>
  route({
    ...about,
    method: 'get',
    path: `/fail/${name}`,
    reply: z.object({}),
    handle: () => {
      throw error();
    },
  });

test('what is sent is parsed by the schemas before the handler sees it', async () => {
  await using api = await testApi({ routes: [echo] });
  const { status, json } = await api.call('POST', '/echo/7?times=2', { json: { 'a/b': [1] } });
  assert.equal(status, 200);
  assert.deepEqual(json, { number: 7, times: 2, values: [1] });
});

test('a body that breaks the schema is answered 422 with a pointer to every fault', async () => {
  await using api = await testApi({ routes: [echo] });
  const { status, headers, json } = await api.call('POST', '/echo/7', { json: { 'a/b': [1, 'x'], more: 1 } });
  assert.equal(status, 422);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.equal(json.type, 'urn:factoryops:problem:invalid_input');
  assert.equal(json.status, 422);
  assert.equal(json.instance, headers.get('x-request-id'));
  assert.deepEqual(
    json.errors.map((fault: { pointer: string }) => fault.pointer),
    ['/a~1b/1', '/more'],
  );
});

test('a query that breaks the schema is answered 422', async () => {
  await using api = await testApi({ routes: [echo] });
  for (const query of ['times=x', 'tiems=1', 'times=1&times=2']) {
    assert.equal((await api.call('POST', `/echo/7?${query}`, { json: { 'a/b': [] } })).status, 422, query);
  }
});

test('malformed JSON is answered 400, a body that is not JSON too, one that is too large 413', async () => {
  await using api = await testApi({ routes: [echo], flags: { 'http.max_body_bytes': 100 } });
  const send = (body: string, type = 'application/json') =>
    api.call('POST', '/echo/7', { body, headers: { 'Content-Type': type } });
  assert.equal((await send('{"a/b": [')).status, 400);
  assert.equal((await send('"text"')).status, 400);
  assert.equal((await send('{"a/b": []}', 'text/plain')).status, 400);
  assert.equal((await send('a=1', 'application/x-www-form-urlencoded')).status, 400);
  const large = await send(JSON.stringify({ 'a/b': Array.from({ length: 100 }, () => 1) }));
  assert.deepEqual([large.status, large.json.type], [413, 'urn:factoryops:problem:too_large']);
  assert.equal((await send('')).status, 422);
});

test('a path that cannot exist is a path that does not: 404, with the body of every other 404', async () => {
  await using api = await testApi({ routes: [echo, failing('missing', () => new AppError('not_found', 'not found'))] });
  const bodies = await Promise.all(
    [
      api.call('POST', '/echo/seven', { json: {} }),
      api.call('GET', '/fail/missing'),
      api.call('GET', '/nowhere'),
      api.call('GET', '//nowhere'),
    ].map(async (answer) => {
      const { status, json } = await answer;
      assert.equal(status, 404);
      return JSON.stringify({ ...json, instance: '' });
    }),
  );
  assert.equal(new Set(bodies).size, 1);
});

test('a method that a path does not know is answered 405 with those that it does', async () => {
  await using api = await testApi({ routes: [echo] });
  const { status, headers, json } = await api.call('DELETE', '/echo/7');
  assert.equal(status, 405);
  assert.equal(headers.get('allow'), 'POST');
  assert.equal(json.type, 'urn:factoryops:problem:method_not_allowed');
});

test('an unknown error is masked, and so is a fault of the appliance', async () => {
  const routes = [
    failing('unknown', () => new Error('password=hunter2')),
    failing('text', () => 'hunter2'),
    failing(
      'isolation',
      () => new AppError('isolation', 'hunter2', { faults: [{ pointer: '/x', message: 'hunter2' }] }),
    ),
    failing('disguised', () => Object.assign(new Error('hunter2'), { status: 503 })),
  ];
  await using api = await testApi({ routes });
  for (const name of ['unknown', 'text', 'isolation', 'disguised']) {
    const { status, text, json } = await api.call('GET', `/fail/${name}`);
    assert.equal(status, 500, name);
    assert.equal(json.type, 'urn:factoryops:problem:internal');
    assert.ok(!text.includes('hunter2'), name);
  }
});

test('in tests an answer that breaks its schema is a fault of the appliance, written already or not', async () => {
  const answering = (name: string, value: unknown) =>
    route({
      ...about,
      method: 'get',
      path: `/answer/${name}`,
      reply: z.object({ n: z.number() }),
      alsoProduces: ['text/csv'],
      handle: () => value as { n: number },
    });
  const routes = [
    answering('value', { n: 1 }),
    answering('wrong-value', { n: 'x' }),
    answering('text', rawReply(JSON_MEDIA_TYPE, '{"n":1}')),
    answering('bytes', rawReply(JSON_MEDIA_TYPE, Buffer.from('{"n":1}'))),
    answering('wrong-text', rawReply(JSON_MEDIA_TYPE, Buffer.from('{"n":"x"}'))),
    answering('broken-text', rawReply(JSON_MEDIA_TYPE, '{"n":')),
    answering('csv', rawReply('text/csv; charset=utf-8', 'n\r\n1\r\n')),
  ];
  await using api = await testApi({ routes });
  for (const name of ['value', 'text', 'bytes']) {
    const { status, headers, text } = await api.call('GET', `/answer/${name}`);
    assert.deepEqual([status, headers.get('content-type'), text], [200, JSON_MEDIA_TYPE, '{"n":1}'], name);
  }
  assert.equal((await api.call('GET', '/answer/csv')).text, 'n\r\n1\r\n');
  for (const name of ['wrong-value', 'wrong-text', 'broken-text']) {
    assert.equal((await api.call('GET', `/answer/${name}`)).status, 500, name);
  }
});

test('being busy is answered 503 and being too many 429, both with a time to wait', async () => {
  const routes = [
    failing('busy', () => new AppError('busy', 'later')),
    failing('many', () => new AppError('too_many', 'later')),
  ];
  await using api = await testApi({ routes });
  for (const [name, status] of [
    ['busy', 503],
    ['many', 429],
  ] as const) {
    const answer = await api.call('GET', `/fail/${name}`);
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('retry-after'), '5');
  }
});

test('a sane request id is taken over, any other replaced', async () => {
  await using api = await testApi();
  const idFor = async (given: string) =>
    (await api.call('GET', '//healthz', { headers: { 'X-Request-ID': given } })).headers.get('x-request-id');
  assert.equal(await idFor('trace-1.a_B'), 'trace-1.a_B');
  for (const insane of ['a b', '<script>', 'x'.repeat(129), '']) {
    assert.match((await idFor(insane)) ?? '', /^[0-9a-f-]{36}$/, insane);
  }
});

test('every answer carries the security headers, errors too', async () => {
  await using api = await testApi();
  for (const path of ['//healthz', '//nowhere']) {
    const { headers } = await api.call('GET', path);
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'self';/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-powered-by'), null);
  }
});

test('a broken escape in the path does not break the server', async () => {
  await using api = await testApi({ routes: [echo] });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      { port: api.port, host: '127.0.0.1', path: '/api/v1/echo/%E0%A4%A', method: 'POST' },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
  assert.ok(status !== undefined && status >= 400 && status < 500, String(status));
});

test('requests are measured by route, not by path', async () => {
  await using api = await testApi({ routes: [echo] });
  await api.call('POST', '/echo/123456', { json: { 'a/b': [] } });
  await api.call('GET', '/surely/not/123456');
  const { text } = await api.call('GET', '/metrics');
  assert.match(text, /factoryops_http_seconds_count\{method="POST",route="\/echo\/:number",status="200"\} 1/);
  assert.match(text, /factoryops_http_seconds_count\{method="GET",route="none",status="404"\} 1/);
  assert.ok(!text.includes('123456'));
});
