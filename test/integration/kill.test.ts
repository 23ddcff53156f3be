import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { type Acknowledged, publishUntilKilled } from '../support/kill-load.ts';

const ROUNDS = 20;

/** Every stored stamp of a device, in order, as the API's raw history pages give them. */
async function storedStamps(get: (path: string) => Promise<Json>, id: string, from: number): Promise<number[]> {
  const stamps: number[] = [];
  const range = `from=${new Date(from).toISOString()}&to=${new Date(from + 86_400_000).toISOString()}`;
  let cursor = '';
  do {
    const page = await get(`/devices/${id}/kpis/history?interval=raw&parameters=n,state&limit=10000&${range}${cursor}`);
    const [numbers, states] = page.series;
    for (const { t, value } of numbers.points) {
      assert.equal(Date.parse(t), value);
      stamps.push(value);
    }
    for (const { t, value } of states.points) assert.equal(value, `s${Date.parse(t)}`);
    cursor = page.next_cursor === null ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  } while (cursor !== '');
  return stamps;
}

test('killed 20 times while devices publish, every acknowledged sample is there exactly once', async () => {
  using directory = temporaryDirectory();
  assert.equal((await runCommand(['seed', '--data-dir', directory.path])).code, 0);
  const firstStamp = Date.now() - 3_600_000;
  const acknowledged: Acknowledged[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await publishUntilKilled(directory.path, firstStamp + round * 100_000)));
  }
  assert.ok(acknowledged.length > 1_000, `only ${acknowledged.length} were acknowledged`);

  await using running = await startAppliance({ dataDir: directory.path, seeded: false });
  const person = await running.signIn();
  const stored = new Map<string, Set<number>>();
  for (const { id, key } of (await person.get('/devices?q=kill-')).items) {
    const stamps = await storedStamps(person.get, id, firstStamp);
    assert.equal(new Set(stamps).size, stamps.length, 'a sample is there twice');
    stored.set(key, new Set(stamps));
  }
  const lost = acknowledged.filter(({ device, stamp }) => stored.get(device)?.has(stamp) !== true);
  assert.deepEqual(lost, []);
});
