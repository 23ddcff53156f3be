import assert from 'node:assert/strict';
import { Agent, get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStream } from '../../../src/api/event-stream.ts';
import { route } from '../../../src/api/route.ts';
import { HERE, OWNER, setUpOwner } from '../../support/accounts.ts';
import { testApi } from '../../support/api.ts';

/** An API with one stream route, that keeps the streams it opened and counts their ends. */
async function streamingApi(flags: Record<string, unknown> = {}) {
  const opened: EventStream[] = [];
  const counts = { closed: 0, writable: 0 };
  const routes = [
    route({
      method: 'get',
      path: '/stream',
      access: { factory: 'viewer' },
      tag: 'Test',
      summary: 'A stream',
      reply: 'stream',
      handle: ({ openEventStream }) => {
        const onClose = () => {
          counts.closed += 1;
        };
        const onWritable = () => {
          counts.writable += 1;
        };
        opened.push(openEventStream({ onClose, onWritable }));
      },
    }),
  ];
  const api = await testApi({ routes, flags });
  const { accessToken, identity } = await setUpOwner(api.accounts);
  // Connections are kept alive, as browsers do.
  const agent = new Agent({ keepAlive: true });
  const connect = (headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const url = `${api.origin}/api/v1/stream`;
      get(url, { headers: { Authorization: `Bearer ${accessToken}`, ...headers }, agent }, resolve).on('error', reject);
    });
  const openStreams = async () => (await api.metrics.streams.get()).values[0]?.value;
  return { ...api, accessToken, identity, opened, counts, connect, openStreams };
}

/** Reads until the stream ends. */
async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) text += chunk;
  return text;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await sleep(10);
  }
  assert.fail('it did not come true in 2 s');
}

test('events arrive as they are sent, with their ids, and the count goes up and down', async () => {
  await using api = await streamingApi();
  const answer = await api.connect({ 'Last-Event-ID': '41' });
  assert.match(answer.headers['content-type'] ?? '', /^text\/event-stream/);
  assert.ok(answer.headers['x-request-id']);
  const [stream] = api.opened;
  assert.equal(stream?.lastEventId, '41');
  assert.equal(await api.openStreams(), 1);
  assert.equal(stream.send('values', { text: 'two\nlines' }, '42'), true);
  stream.close();
  assert.equal(await textOf(answer), 'retry: 2000\n\nid: 42\nevent: values\ndata: {"text":"two\\nlines"}\n\n');
  assert.equal(stream.send('values', {}), false);
  assert.deepEqual([api.counts.closed, await api.openStreams()], [1, 0]);
});

test('a client that leaves ends its stream once', async () => {
  await using api = await streamingApi();
  (await api.connect()).destroy();
  await until(() => api.counts.closed === 1);
  assert.equal(api.opened[0]?.closed, true);
  assert.equal(await api.openStreams(), 0);
});

test('the stream ends when the session does', async () => {
  await using api = await streamingApi();
  const answer = await api.connect();
  await sleep(60);
  assert.equal(api.counts.closed, 0);
  api.accounts.sessions.signOut(api.identity.sessionId);
  await textOf(answer);
  assert.equal(api.counts.closed, 1);
});

test('a database that cannot be read for a while ends neither the stream nor the process', async ({ mock }) => {
  await using api = await streamingApi();
  const answer = await api.connect();
  const asked = mock.method(api.accounts.sessions, 'current', () => {
    throw new Error('database is locked');
  });
  await until(() => asked.mock.callCount() >= 2);
  assert.equal(api.counts.closed, 0);
  asked.mock.restore();
  api.accounts.sessions.signOut(api.identity.sessionId);
  await textOf(answer);
});

test('the stream outlives its access token, but not a change of factory', async () => {
  await using api = await streamingApi();
  const answer = await api.connect();
  api.clock.advance(3_600_000);
  await sleep(60);
  assert.equal(api.counts.closed, 0);
  const south = api.accounts.factories.create({ name: 'South', slug: 'south', timezone: 'UTC' }).scope;
  await api.accounts.sessions.switchFactory(api.identity, south.factoryUuid);
  await textOf(answer);
  assert.equal(api.counts.closed, 1);
});

test('one stream more than the bound is answered 429', async () => {
  await using api = await streamingApi({ 'http.max_streams': 1 });
  const first = await api.connect();
  const second = await api.connect();
  assert.equal(second.statusCode, 429);
  assert.match(await textOf(second), /too_many/);
  first.destroy();
  await until(() => api.counts.closed === 1);
  const third = await api.connect();
  assert.equal(third.statusCode, 200);
  third.destroy();
});

test('one session cannot hold every stream: beyond its own bound it is answered 429, and others are not', async () => {
  await using api = await streamingApi({ 'http.max_streams_per_session': 2 });
  const mine = [await api.connect(), await api.connect()];
  const refused = await api.connect();
  assert.equal(refused.statusCode, 429);
  assert.match(await textOf(refused), /this session has 2 open streams/);
  const { accessToken } = await api.accounts.sessions.signIn(OWNER.email, { password: OWNER.password }, HERE);
  const other = await api.connect({ Authorization: `Bearer ${accessToken}` });
  assert.equal(other.statusCode, 200);
  for (const answer of [...mine, other]) answer.destroy();
});

test('a client that does not read is behind, then cut off: what waits for it is bounded', async () => {
  await using api = await streamingApi();
  const answer = await api.connect();
  answer.pause();
  const [stream] = api.opened;
  assert.equal(stream?.writable, true);
  const event = { text: 'x'.repeat(100_000) };
  let sent = 0;
  let wasBehind = false;
  while (sent < 1_000 && stream.send('values', event)) {
    sent += 1;
    wasBehind ||= !stream.writable;
    if (sent % 10 === 0) await sleep(1);
  }
  assert.ok(wasBehind);
  assert.equal(stream.closed, true);
  assert.ok(sent < 1_000, `${sent} events of 100 kB were taken`);
  assert.equal(api.counts.closed, 1);
});

test('stopping ends open streams and idle connections within a few seconds', async () => {
  const api = await streamingApi();
  const answer = await api.connect();
  const ended = textOf(answer);
  await api.call('GET', '//healthz');
  const startedAt = performance.now();
  await api[Symbol.asyncDispose]();
  await ended;
  assert.equal(api.counts.closed, 1);
  assert.ok(performance.now() - startedAt < 1_900, 'it waited for the deadline');
});
