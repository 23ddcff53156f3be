import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Person, personWith, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

const MINUTE = 60_000;
const json = JSON.stringify;
const topicOf = (key: string, slug = 'vpc') => `factories/${slug}/devices/${key}/telemetry`;
const idOf = async (person: Person, key: string): Promise<string> =>
  (await person.get(`/devices?key=${key}`)).items[0].id;

test('a sparkline is the last hour by the minute, of the first number selected as KPI, with its gaps', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  const thisMinute = Math.floor(Date.now() / MINUTE) * MINUTE;
  const at = (minutesAgo: number, n: number, ms = 0) => ({
    timestamp: thisMinute - minutesAgo * MINUTE + ms,
    metrics: { a: 'state', b: n * 10, c: n, d: true },
  });
  const samples = [at(80, 99), at(5, 1), at(5, 2, 59_999), at(3, 4), at(0, 7)];
  await client.publishAsync(topicOf('M01'), json({ samples }), { qos: 1 });
  await client.publishAsync(topicOf('M02'), json({ metrics: { mode: 'idle' } }), { qos: 1 });
  const [first, second] = [await idOf(person, 'M01'), await idOf(person, 'M02')];
  const ask = async (ids: string): Promise<Json[]> => (await person.get(`/devices/sparklines?devices=${ids}`)).items;

  const [line, none, ...others] = await ask(
    `${first},${second},${first},nonsense,3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001`,
  );
  assert.deepEqual(others, []);
  assert.deepEqual([line.device_id, line.parameter, line.points.length], [first, 'b', 60]);
  assert.equal(Date.parse(line.to) - Date.parse(line.from), 60 * MINUTE);
  // Should the minute have ended meanwhile, all has moved by one.
  const moved = (Date.parse(line.to) - thisMinute) / MINUTE - 1;
  const pointAgo = (minutes: number) => line.points[59 - minutes - moved];
  assert.deepEqual([5, 4, 3, 2, 1, 0].map(pointAgo), [15, null, 40, null, null, 70]);
  assert.equal(line.points.filter((point: number | null) => point !== null).length, 3);
  assert.deepEqual([none.device_id, none.parameter, new Set(none.points)], [second, null, new Set([null])]);

  await person.call('PATCH', `/devices/${first}/parameters/b`, { is_kpi: false });
  assert.equal((await ask(first))[0].parameter, 'c');
  await person.call('PATCH', `/devices/${first}/parameters/c`, { is_kpi: false });
  assert.equal((await ask(first))[0].parameter, 'b');
  await person.call('PATCH', `/devices/${first}/parameters/c`, { high_limit: 1 });
  assert.equal((await ask(first))[0].parameter, 'c', 'the one outside its limits, as on the overview');
});

test('more than fifty devices, none, and unknown keys of the query are refused', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const ids = (count: number) => Array.from({ length: count }, (_, i) => `d${i}`).join(',');
  const status = async (query: string) => (await person.call('GET', `/devices/sparklines${query}`)).status;
  assert.equal(await status(`?devices=${ids(50)}`), 200);
  for (const query of [`?devices=${ids(51)}`, '', '?devices=', `?devices=${ids(1)}&hours=2`]) {
    assert.equal(await status(query), 422, query);
  }
});

test('the devices of another factory are left out of sparklines like those that do not exist', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const other = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: other.body.id });
  const foreigner = personWith(running.ready.http, switched.body.access_token);
  const client = await running.connect();
  await client.publishAsync(topicOf('M01', 'other'), json({ metrics: { n: 1 } }), { qos: 1 });
  const id = await idOf(foreigner, 'M01');
  assert.equal((await foreigner.get(`/devices/sparklines?devices=${id}`)).items.length, 1);
  assert.deepEqual((await person.get(`/devices/sparklines?devices=${id}`)).items, []);
});
