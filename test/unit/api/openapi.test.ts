import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApi } from '../../support/api.ts';

type Operation = {
  operationId: string;
  security: unknown[];
  tags: string[];
  parameters: { name: string; in: string; required: boolean }[];
  responses: Record<string, unknown>;
};

test('every route is described, with its access, and every reference leads somewhere', async () => {
  await using api = await testApi();
  const { status, json, text } = await api.call('GET', '//api/openapi.json');
  assert.equal(status, 200);
  assert.equal(json.openapi, '3.1.0');
  const operations: Operation[] = [];
  for (const declared of api.api.routes.filter((route) => !route.isHidden)) {
    const operation: Operation = json.paths[declared.path.replace(/:(\w+)/g, '{$1}')]?.[declared.method];
    assert.ok(operation, `${declared.method} ${declared.path}`);
    assert.equal(operation.security.length > 0, declared.access !== 'public' && declared.access !== 'local');
    assert.ok('default' in operation.responses);
    operations.push(operation);
  }
  assert.equal(new Set(operations.map((operation) => operation.operationId)).size, operations.length);
  for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = pointer
      .split('/')
      .reduce<Record<string, unknown> | undefined>(
        (node, key) => node?.[key] as Record<string, unknown> | undefined,
        json,
      );
    assert.ok(target, pointer);
  }
  assert.deepEqual(Object.keys(json.components.securitySchemes), ['bearer', 'cookie', 'api_key']);
});

test('every body and every JSON answer has an example that its own schema accepts, and every error one too', async () => {
  await using api = await testApi();
  const { json } = await api.call('GET', '//api/openapi.json');
  for (const { method, path, body, reply, ...declared } of api.api.routes.filter((route) => !route.isHidden)) {
    const operation = json.paths[path.replace(/:(\w+)/g, '{$1}')][method];
    const place = `${method} ${path}`;
    if (body !== undefined) {
      const { success, error } = body.safeParse(operation.requestBody.content['application/json'].example);
      assert.ok(success, `${place} body: ${error?.message}`);
    }
    if (typeof reply !== 'string') {
      const answer = operation.responses[declared.status ?? 200].content['application/json'];
      const { success, error } = reply.safeParse(answer.example);
      assert.ok(success, `${place} reply: ${error?.message}`);
    }
  }
  for (const { content } of Object.values(json.components.responses) as { content: object }[]) {
    const [{ example }] = Object.values(content);
    assert.match(example.type, /^urn:factoryops:problem:/);
  }
});

test('parameters of the path are required, and those of the query have their schema', async () => {
  await using api = await testApi();
  const { json } = await api.call('GET', '//api/openapi.json');
  const remove: Operation = json.paths['/device-credentials/{id}'].delete;
  assert.equal(remove.operationId, 'deleteDeviceCredentialsById');
  assert.deepEqual(
    remove.parameters.map(({ name, in: place, required }) => ({ name, place, required })),
    [{ name: 'id', place: 'path', required: true }],
  );
  const list = json.paths['/device-credentials'].get;
  const limit = list.parameters.find((parameter: { name: string }) => parameter.name === 'limit');
  assert.deepEqual([limit.required, limit.schema.default, limit.schema.maximum], [false, 100, 500]);
});

test('both documentation pages come from inside: no script of their own, no other host', async () => {
  await using api = await testApi();
  for (const path of ['//api/docs', '//api/redoc']) {
    const { status, text, headers } = await api.call('GET', path);
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'self'/);
    assert.ok(!/script-src|https?:/.test(policy), policy);
    assert.ok(!/https?:\/\//.test(text), text);
    assert.ok(!/<script(?![^>]* src=)|<style| on\w+=/.test(text), text);
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    assert.ok(files.length >= 3);
    for (const file of files) {
      const asset = await api.call('GET', `/${file}`);
      assert.equal(asset.status, 200, file);
      assert.ok(!asset.text.includes('https://cdn.'), file);
    }
  }
});

test('no other file of the machine can be had by way of the documentation', async () => {
  await using api = await testApi();
  for (const name of [
    'package.json',
    '..%2fpackage.json',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    'constructor',
    '__proto__',
  ]) {
    assert.equal((await api.call('GET', `//api/docs/${name}`)).status, 404, name);
  }
});
