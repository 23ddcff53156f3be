import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personWith, startAppliance } from '../support/appliance.ts';
import { examined, exported, sendContent, stateOf } from '../support/imports.ts';

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
/** Whole days that are over, young enough to be kept. */
const FIRST = Math.floor(Date.now() / DAY_MS) * DAY_MS - 10 * DAY_MS;
const pad = (n: number) => String(n).padStart(2, '0');

/** As plants write it: a day runs from 00:15 to 24:00, and its end is written 00:00 of the same day. */
function trappedDays(days: number): string {
  const lines = ['date,Usage_kWh,Load_Type'];
  for (let day = 0; day < days; day++) {
    const date = new Date(FIRST + day * DAY_MS);
    const written = `${pad(date.getUTCDate())}/${pad(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;
    for (let quarter = 1; quarter <= 96; quarter++) {
      const minutes = (quarter % 96) * 15;
      const clock = `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
      lines.push(`${written} ${clock},${(day * 96 + quarter) / 100},${quarter < 30 ? 'Light_Load' : 'Maximum_Load'}`);
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

async function world() {
  const running = await startAppliance();
  const person = await running.signIn();
  const { http } = running.ready;
  return { running, person, http, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

test('each day ends at 00:00 of the same day: the preview shows it, and its remedy mends it', async () => {
  await using it = await world();
  const { http, person } = it;
  const job = await examined(http, person, trappedDays(6), { timezone: 'UTC', device: 'steel' });
  assert.equal(job.state, 'ready');
  assert.equal(job.preview.samples, 6 * 96 * 2);
  const [warning] = job.preview.suspicions.filter(({ kind }: { kind: string }) => kind === 'goes_back');
  assert.equal(warning.count, 6);
  assert.match(warning.message, /1 of 96 stamps a day goes back: 6 in all, all of them at 00:00:00/);
  assert.deepEqual(warning.remedy, { midnight: 'next_day' });
  const [{ points }] = job.preview.chart;
  const back = points.filter(([t]: [string], i: number) => i > 0 && t < points[i - 1][0]);
  assert.equal(back.length, 3, 'the chart shows it too: three days of it');

  const mended = await person.call('PATCH', `/imports/${job.id}`, { options: { ...job.options, ...warning.remedy } });
  assert.equal(mended.status, 200);
  const ready = await stateOf(person, job.id, ['ready', 'failed']);
  assert.deepEqual(ready.preview.suspicions, []);
  assert.equal(ready.preview.to, new Date(FIRST + 6 * DAY_MS).toISOString());
  assert.equal((await person.call('POST', `/imports/${job.id}/start`, {})).status, 202);
  const done = await stateOf(person, job.id, ['done', 'failed']);
  assert.deepEqual([done.state, done.samples, done.done_bytes], ['done', 1_152, done.size_bytes]);

  const [device] = (await person.get('/devices?key=steel')).items;
  const range = `from=${new Date(FIRST).toISOString()}&to=${new Date(FIRST + 7 * DAY_MS).toISOString()}`;
  const history = await person.get(`/devices/${device.id}/kpis/history?interval=raw&parameters=Usage_kWh&${range}`);
  assert.deepEqual(
    history.series[0].points.map(({ t, value }: { t: string; value: number }) => [Date.parse(t), value]),
    Array.from({ length: 576 }, (_, i) => [FIRST + (i + 1) * QUARTER_MS, (i + 1) / 100]),
  );
  assert.equal(device.is_online ?? false, false, 'imported samples are not heard from it');
});

test('a file comes in parts, goes on where it was cut off, and is refused at another place', async () => {
  await using it = await world();
  const { http, person } = it;
  const content = Buffer.from(trappedDays(3));
  const { body: job } = await person.call('POST', '/imports', { file_name: 'a.csv' });
  const first = await sendContent(http, person, job.id, content.subarray(0, 1_000), 'last=false');
  assert.deepEqual([first.status, first.body.size_bytes, first.body.state], [200, 1_000, 'uploading']);
  const wrong = await sendContent(http, person, job.id, content.subarray(0, 10), 'offset=10');
  assert.equal(wrong.status, 409);
  assert.match(wrong.body.detail, /1000 bytes of the file are here/);
  assert.equal((await sendContent(http, person, job.id, content.subarray(1_000), 'offset=1000')).status, 200);
  const ready = await stateOf(person, job.id, ['ready', 'failed']);
  assert.equal(ready.preview.rows, 288);
  assert.equal((await sendContent(http, person, job.id, 'x', `offset=${content.length}`)).status, 409);
  assert.equal((await person.get('/imports')).items.length, 1);
  assert.equal((await person.call('DELETE', `/imports/${job.id}`)).status, 204);
  assert.equal((await person.get('/imports')).items.length, 0);
  assert.equal((await person.call('GET', `/imports/${job.id}`)).status, 404);
});

test('faults are told by line; nothing is stored unless they are left out', async () => {
  await using it = await world();
  const { http, person } = it;
  const day = new Date(FIRST).toISOString().slice(0, 10);
  const lines = [
    't,a',
    `${day} 01:00,1`,
    `2026-02-31 02:00,2`,
    `${day} 03:00,drei`,
    `${day} 04:00,4`,
    `${day} 05:00,5`,
  ];
  const job = await examined(http, person, lines.join('\n'), { device: 'm' });
  assert.deepEqual(
    job.preview.faults.map(({ line }: { line: number }) => line),
    [3, 4],
  );
  const refused = await person.call('POST', `/imports/${job.id}/start`, {});
  assert.equal(refused.status, 409);
  assert.match(refused.body.detail, /2 faults/);
  assert.equal((await person.get('/devices?key=m')).items.length, 0);
  assert.equal((await person.call('POST', `/imports/${job.id}/start`, { skip_faulty: true })).status, 202);
  assert.equal((await stateOf(person, job.id, ['done', 'failed'])).samples, 3);
  // Stored again, it changes nothing.
  const before = await exported(http, person, FIRST, FIRST + DAY_MS);
  const again = await examined(http, person, lines.join('\n'), { device: 'm' });
  await person.call('POST', `/imports/${again.id}/start`, { skip_faulty: true });
  await stateOf(person, again.id, ['done', 'failed']);
  assert.deepEqual(await exported(http, person, FIRST, FIRST + DAY_MS), before);
  assert.equal(before.length, 5);
});

test('what leaves as CSV comes back the same, to the last bit and in every answer', async () => {
  await using from = await world();
  const client = await from.running.connect();
  const samples = Array.from({ length: 3_000 }, (_, i) => ({
    timestamp: FIRST + i * 10_007,
    metrics: {
      n: Math.sin(i) * 10 ** ((i % 40) - 20),
      d: Math.round(i * 1.7) / 100,
      on: i % 7 === 0,
      ...(i % 50 === 0 ? { state: `say "${i}",\nplease` } : i % 51 === 0 ? { state: String(i) } : {}),
    },
  }));
  for (let at = 0; at < samples.length; at += 100) {
    const payload = JSON.stringify({ samples: samples.slice(at, at + 100) });
    await client.publishAsync('factories/vpc/devices/m-1/telemetry', payload, { qos: 1 });
  }
  const range = `from=${new Date(FIRST).toISOString()}&to=${new Date(FIRST + 2 * DAY_MS).toISOString()}`;
  const answersOf = async ({ person }: Awaited<ReturnType<typeof world>>) => {
    const [{ id }] = (await person.get('/devices?key=m-1')).items;
    const all = ['1m', '15m', '1h', '1d', 'raw&limit=10000'].map(async (interval) => {
      const parts = await person.get(`/devices/${id}/kpis/history?interval=${interval}&${range}`);
      return JSON.stringify(parts.series);
    });
    return Promise.all(all);
  };
  const csv = (await exported(from.http, from.person, FIRST, FIRST + 2 * DAY_MS)).length;
  assert.ok(csv > 9_000);
  const answer = await fetch(`${from.http}/api/v1/history/export?${range}`, {
    headers: { Authorization: `Bearer ${from.person.token}` },
  });
  const file = Buffer.from(await answer.arrayBuffer());
  const answers = await answersOf(from);
  await using to = await world();
  const job = await examined(to.http, to.person, file);
  assert.equal(job.preview.faults_count, 0, JSON.stringify(job.preview.faults));
  await to.person.call('POST', `/imports/${job.id}/start`, {});
  assert.equal((await stateOf(to.person, job.id, ['done', 'failed'])).state, 'done');
  assert.deepEqual(await answersOf(to), answers);
});

test('an import is of its factory alone: a foreign one looks like one that is missing', async () => {
  await using it = await world();
  const { http, person, running } = it;
  const made = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const other = personWith(http, switched.body.access_token);
  const job = await examined(http, other, trappedDays(1), { device: 'canary-4711' });
  assert.equal(job.state, 'ready');
  const missing = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001';
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['PATCH', '', { options: {} }],
    ['POST', '/start', {}],
    ['DELETE', '', undefined],
  ] as const) {
    const foreign = await person.call(method, `/imports/${job.id}${path}`, body);
    const absent = await person.call(method, `/imports/${missing}${path}`, body);
    assert.equal(foreign.status, 404, `${method} ${path}`);
    assert.deepEqual({ ...foreign.body, instance: '' }, { ...absent.body, instance: '' });
  }
  assert.equal((await sendContent(http, person, job.id, 'x')).status, 404);
  assert.deepEqual((await person.get('/imports')).items, []);
  assert.equal((await other.get(`/imports/${job.id}`)).state, 'ready');
});
