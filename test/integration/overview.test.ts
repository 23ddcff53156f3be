import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { type Person, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

const json = JSON.stringify;
const topicOf = (key: string, slug = 'vpc') => `factories/${slug}/devices/${key}/telemetry`;

const deviceOf = async (person: Person, key: string): Promise<Json> =>
  (await person.get(`/devices?key=${key}`)).items[0];

test('the overview lists devices worst first, with the values that matter and what they are compared with', async () => {
  let aheadMs = 0;
  const clock = { now: () => systemClock.now() + aheadMs };
  await using running = await startAppliance({ clock });
  const person = await running.signIn();
  const client = await running.connect();
  const publish = (key: string, metrics: object) => client.publishAsync(topicOf(key), json({ metrics }), { qos: 1 });
  await publish('z-silent', { t: 1 });
  aheadMs += 400_000;
  await publish('y-stale', { t: 1 });
  aheadMs += 100_000;
  await publish('a-good', { e: 1, d: 2, c: 3, b: true, a: 'idle' });
  await publish('x-hot', { t: 90, speed: 5 });
  const hot = await deviceOf(person, 'x-hot');
  const patch = { display_name: 'Temperature', unit: '°C', decimals: 1, low_limit: 10, high_limit: 80 };
  await person.call('PATCH', `/devices/${hot.id}/parameters/t`, patch);

  const overview = await person.get('/dashboard/devices');
  const shown = overview.items.filter(({ key }: Json) => /^[axyz]-/.test(key));
  assert.deepEqual(
    shown.map(({ key, state, status }: Json) => [key, state, status]),
    [
      ['x-hot', 'out_of_limits', 'online'],
      ['z-silent', 'offline', 'offline'],
      ['y-stale', 'stale', 'stale'],
      ['a-good', 'normal', 'online'],
    ],
  );
  const { timestamp, ...value } = shown[0].values[0];
  assert.ok(Math.abs(Date.parse(timestamp) - clock.now()) < 60_000);
  assert.deepEqual(value, { parameter: 't', ...patch, kind: 'number', value: 90, limit_state: 'high' });
  assert.deepEqual(
    shown[3].values.map(({ parameter, value: newest }: Json) => [parameter, newest]),
    [
      ['a', 'idle'],
      ['b', true],
      ['c', 3],
      ['d', 2],
    ],
  );
  assert.deepEqual(
    shown.map(({ parameters_count }: Json) => parameters_count),
    [2, 1, 1, 5],
  );
  // The seed describes twelve machines that never spoke.
  assert.deepEqual(overview.counts, { out_of_limits: 1, offline: 13, stale: 1, normal: 1 });

  const stale = await person.get('/dashboard/devices?state=stale');
  assert.deepEqual([stale.items.length, stale.counts], [1, overview.counts]);
  assert.equal((await person.call('GET', '/dashboard/devices?state=sad')).status, 422);
  await publish('x-hot', { t: 80 });
  assert.equal((await person.get('/dashboard/devices?state=out_of_limits')).items.length, 0);
});

test('the pages of the overview hold every device once, in one order', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const client = await running.connect();
  for (const key of ['M02', 'M01', 'M03'])
    await client.publishAsync(topicOf(key), json({ metrics: { t: 1 } }), { qos: 1 });
  const keys: string[] = [];
  let cursor = '';
  do {
    const page = await person.get(`/dashboard/devices?limit=4${cursor}`);
    assert.ok(page.items.length <= 4);
    keys.push(...page.items.map(({ key }: Json) => key));
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  assert.equal(keys.length, 15);
  assert.deepEqual(keys.slice(0, 12), keys.slice(0, 12).toSorted());
  assert.deepEqual(keys.slice(12), ['M01', 'M02', 'M03']);
});

test('asking for the head of the stream is answered, and leaves no listener behind', async () => {
  await using running = await startAppliance();
  const { token } = await running.signIn();
  const answer = await fetch(`${running.ready.http}/api/v1/stream`, {
    method: 'HEAD',
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('Content-Type') ?? '', /event-stream/);
});
