import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { makeChannel, notifyPlant, settled, webhookTo } from '../support/notifications.ts';
import { httpReceiver } from '../support/receivers.ts';

const ROUNDS = 6;
const CHILD = join(import.meta.dirname, '../support/notify-kill-child.ts');

test('killed again and again while alarms are raised and told of, each is told of, and none that is not there', async () => {
  using directory = temporaryDirectory();
  await using receiver = await httpReceiver((_received, count) => ({ status: count % 20 === 0 ? 503 : 204 }));
  let [device, channel] = ['', ''];
  {
    await using plant = await notifyPlant({ dataDir: directory.path });
    device = await plant.device('M01');
    // So many that they go one by one.
    channel = (await makeChannel(plant.person, webhookTo(receiver.url, { rate_per_minute: 600 }))).id;
  }
  const recorded: number[] = [];
  let from = Date.now() - 30 * 86_400_000;
  for (let round = 0; round < ROUNDS; round++) {
    const child = spawn(process.execPath, [CHILD, directory.path, device, channel, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const seen: number[] = [];
    const first = Promise.withResolvers<void>();
    createInterface(child.stdout).on('line', (line) => {
      seen.push(Number(line));
      first.resolve();
    });
    await Promise.race([first.promise, exited]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 600));
    child.kill('SIGKILL');
    await exited;
    recorded.push(...seen);
    from = (seen.at(-1) ?? from) + 100_000;
  }
  assert.ok(recorded.length > 50, `only ${recorded.length} were recorded`);

  await using plant = await notifyPlant({ dataDir: directory.path, seeded: false });
  const { person } = plant;
  await settled(person, 1, 60_000);
  const all: Json[] = [];
  for (let cursor = ''; ; ) {
    const page = await person.get(`/alerts?limit=500${cursor}`);
    all.push(...page.items);
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  const raised = new Set(all.map(({ raised_at }) => Date.parse(raised_at)));
  assert.deepEqual(
    recorded.filter((at) => !raised.has(at)),
    [],
  );
  const ids = new Set(all.map(({ id }) => id));
  const bodies = receiver.received.map(({ body }) => JSON.parse(body));
  const single = bodies.filter(({ kind }) => kind !== 'digest');
  assert.deepEqual(
    single.filter(({ alarm }) => !ids.has(alarm.id)),
    [],
  );
  for (const { headers, body } of receiver.received) assert.equal(headers['idempotency-key'], JSON.parse(body).id);
  // Each was told of by itself or in a digest: what is counted there is counted once.
  const told = new Set(single.map(({ alarm, kind }) => `${alarm.id} ${kind}`));
  const digests = new Map(bodies.filter(({ kind }) => kind === 'digest').map((body) => [body.id, body.counts]));
  const inDigests = [...digests.values()].flat().reduce((sum, { count }) => sum + count, 0);
  assert.ok(told.size + inDigests >= 2 * all.length, `${told.size} and ${inDigests} of ${2 * all.length}`);
  const { items } = await person.get('/notifications?state=pending,dead,suppressed');
  assert.deepEqual(items, []);
});
