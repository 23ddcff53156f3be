import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { route } from '../../../src/api/route.ts';
import { testApi } from '../../support/api.ts';

/** Sends text as it is, and reads until the server closes. */
async function talk(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  const closed = once(socket, 'close');
  for (const part of parts) socket.write(part);
  await closed;
  return received;
}

/** Head and body of an answer. */
const cut = (answer: string) => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { head, problem: JSON.parse(body) };
};

test('headers that are too large are answered with a problem that has a request id', async () => {
  await using api = await testApi();
  for (const path of [`/healthz?x=${'y'.repeat(20_000)}`, '/healthz']) {
    const more = path === '/healthz' ? `X: ${'y'.repeat(20_000)}\r\n` : '';
    const { head, problem } = cut(await talk(api.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`));
    assert.match(head, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    assert.match(head, /\r\nContent-Type: application\/problem\+json\r\n/);
    assert.match(head, /\r\nConnection: close/);
    assert.equal(problem.status, 431);
    assert.equal(problem.type, 'urn:factoryops:problem:headers_too_large');
    assert.equal(problem.instance, /\r\nX-Request-ID: (\S+)/.exec(head)?.[1]);
    assert.deepEqual(problem.errors, []);
  }
});

test('what is not HTTP is answered 400, with a problem', async () => {
  await using api = await testApi();
  const { head, problem } = cut(await talk(api.port, 'hello\r\n\r\n'));
  assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.equal(problem.type, 'urn:factoryops:problem:malformed');
});

test('nothing is written into an answer that is on its way', async () => {
  const slow = route({
    method: 'get',
    path: '/slow',
    access: 'public',
    summary: 'A test',
    tag: 'Test',
    reply: z.object({}),
    handle: () => delay(100, {}),
  });
  await using api = await testApi({ routes: [slow] });
  const received = await talk(api.port, 'GET /api/v1/slow HTTP/1.1\r\nHost: x\r\n\r\n', 'hello\r\n\r\n');
  assert.ok(!received.includes('400'), received);
});
