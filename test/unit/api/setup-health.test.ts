import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { route } from '../../../src/api/route.ts';
import { createApi } from '../../../src/api/server.ts';
import { AppError } from '../../../src/core/errors.ts';
import { createMetrics } from '../../../src/core/metrics.ts';
import { defaultConfig, silentLog } from '../../support/accounts.ts';
import { cookiesOf, NO_AUDIT, testApi } from '../../support/api.ts';
import { withCode } from '../../support/errors.ts';

const OWNER = {
  email: 'owner@example.com',
  password: 'correct horse',
  factory_name: 'North',
  factory_slug: 'north',
  timezone: 'Europe/Berlin',
};

test('whoever holds the code sets the appliance up, is signed in, and closes the door', async () => {
  await using api = await testApi();
  const waiting = await api.call('GET', '/setup');
  assert.equal(waiting.status, 200);
  assert.ok(Date.parse(waiting.json.code_expires_at) > api.clock.now());
  const code = api.accounts.setup.code() ?? '';
  assert.ok(!waiting.text.includes(code));

  assert.equal((await api.call('POST', '/setup/check-code', { json: { setup_code: 'AAAA-AAAA' } })).status, 403);
  assert.equal((await api.call('POST', '/setup/check-code', { json: { setup_code: code } })).status, 204);
  const wrong = await api.call('POST', '/setup', { json: { ...OWNER, setup_code: 'AAAA-AAAA' } });
  assert.equal(wrong.status, 403);
  const weak = await api.call('POST', '/setup', { json: { ...OWNER, setup_code: code, password: 'short' } });
  assert.equal(weak.status, 422);
  const done = await api.call('POST', '/setup', { json: { ...OWNER, setup_code: code } });
  assert.deepEqual([done.status, done.json.factory.slug, done.json.user.is_super_admin], [201, 'north', true]);
  assert.equal((await api.call('GET', '/auth/me', { headers: { Cookie: cookiesOf(done) } })).status, 200);

  assert.equal((await api.call('GET', '/setup')).status, 404);
  assert.equal((await api.call('POST', '/setup', { json: { ...OWNER, setup_code: code } })).status, 404);
  assert.equal((await api.call('POST', '/setup', { json: { nonsense: 1 } })).status, 404);
  assert.equal((await api.call('POST', '/setup/check-code', { json: { setup_code: code } })).status, 404);
});

test('readiness names the parts that do not work, and shows no inner message', async () => {
  const checks = [
    { name: 'store', check: () => {} },
    {
      name: 'historian',
      check: () => {
        throw new Error('password=hunter2');
      },
    },
    { name: 'disk', check: () => Promise.reject(new AppError('unavailable', 'the disk is full')) },
  ];
  await using api = await testApi({ checks });
  const { status, json, text } = await api.call('GET', '//readyz');
  assert.equal(status, 503);
  assert.equal(json.detail, 'not ready: historian, disk');
  assert.deepEqual(
    json.errors.map((fault: { pointer: string }) => fault.pointer),
    ['/historian', '/disk'],
  );
  assert.ok(text.includes('the disk is full') && !text.includes('hunter2'));
  assert.equal((await api.call('GET', '//healthz')).status, 200);
});

test('an appliance whose parts all work is ready', async () => {
  await using api = await testApi({ checks: [{ name: 'store', check: async () => {} }] });
  const { status, json } = await api.call('GET', '//readyz');
  assert.deepEqual([status, json], [200, { status: 'ready', checks: ['store'] }]);
});

test('metrics are Prometheus text, without a sign-in on this machine', async () => {
  await using api = await testApi();
  const { status, headers, text } = await api.call('GET', '/metrics');
  assert.equal(status, 200);
  assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(text, /^factoryops_streams 0$/m);
});

test('a port that is taken is said in one line, with the remedy', async () => {
  await using api = await testApi();
  const second = createApi({
    config: defaultConfig(),
    log: silentLog(),
    metrics: createMetrics(),
    accounts: api.accounts,
    audit: NO_AUDIT,
    checks: [],
    routes: [],
    version: '0',
  });
  await assert.rejects(second.start({ http: { port: api.port, host: '127.0.0.1' } }), (error: Error) => {
    withCode('port_unavailable')(error);
    assert.match(error.message, new RegExp(`port ${api.port}: .*--http-port`));
    return true;
  });
  await second.stop();
});

test('stopping lets an answer that is on its way finish, and does not wait for the kept connection', async () => {
  const slow = route({
    method: 'get',
    path: '/slow',
    access: 'public',
    tag: 'Test',
    summary: 'Takes its time',
    reply: z.object({ done: z.boolean() }),
    handle: async () => {
      await sleep(200);
      return { done: true };
    },
  });
  const api = await testApi({ routes: [slow] });
  const answer = api.call('GET', '/slow');
  await sleep(50);
  const startedAt = performance.now();
  await api[Symbol.asyncDispose]();
  assert.deepEqual((await answer).json, { done: true });
  assert.ok(performance.now() - startedAt < 1_900, 'it waited for the deadline');
});
