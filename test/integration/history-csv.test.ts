import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAppliance } from '../support/appliance.ts';

const ROWS = 25_000;

test('a CSV of raw samples holds all of them, however many pages that takes, and ends when its reader leaves', async () => {
  await using running = await startAppliance();
  const client = await running.connect();
  const start = Date.now() - 12 * 3_600_000;
  const samples = Array.from({ length: ROWS }, (_, i) => ({ timestamp: start + i * 1_000, metrics: { n: i / 10 } }));
  for (let i = 0; i < ROWS; i += 2_500) {
    const batch = JSON.stringify({ samples: samples.slice(i, i + 2_500) });
    await client.publishAsync('factories/vpc/devices/M01/telemetry', batch, { qos: 1 });
  }
  const person = await running.signIn();
  const [{ id }] = (await person.get('/devices?key=M01')).items;
  const ask = (query: string, signal?: AbortSignal) =>
    fetch(`${running.ready.http}/api/v1/devices/${id}/kpis/history?parameters=n&format=csv&${query}`, {
      headers: { Authorization: `Bearer ${person.token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  const whole = await ask('interval=raw');
  assert.match(whole.headers.get('Content-Type') ?? '', /text\/csv/);
  const [head, ...lines] = (await whole.text()).trimEnd().split('\r\n');
  assert.equal(head, 'parameter,t,value');
  assert.deepEqual(
    lines.map((line) => Number(line.split(',')[2])),
    samples.map(({ metrics }) => metrics.n),
  );
  const page = (await (await ask('interval=raw&limit=10')).text()).trimEnd().split('\r\n');
  assert.equal(page.length, 11);
  const refused = await ask('interval=raw&from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z');
  assert.equal(refused.status, 422);

  const leaving = new AbortController();
  const broken = await ask('interval=raw', leaving.signal);
  const reader = broken.body?.getReader();
  assert.ok((await reader?.read())?.value !== undefined);
  leaving.abort();
  assert.equal((await person.get('/devices?key=M01')).items.length, 1, 'nothing else suffers from it');
});
