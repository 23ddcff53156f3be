import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { examined } from '../support/imports.ts';
import { join } from '../support/isolation-world.ts';

const DAY = 86_400_000;
const SAMPLES = 150_000;

/** An appliance with more history than sockets hold, and somebody who may export it. */
async function withHistory(): Promise<{ running: RunningAppliance; owner: Person; anna: Person & { id: string } }> {
  const running = await startAppliance();
  const owner = await running.signIn();
  const from = Math.floor(Date.now() / DAY) * DAY - 3 * DAY;
  const lines = Array.from({ length: SAMPLES }, (_, i) => `M01,p,${new Date(from + i * 1_000).toISOString()},${i / 8}`);
  const job = await examined(running.ready.http, owner, `device,parameter,t,value\n${lines.join('\n')}\n`);
  await owner.call('POST', `/imports/${job.id}/start`, {});
  await eventually(async () => ((await owner.get(`/imports/${job.id}`)).state === 'done' ? true : undefined), 60_000);
  const { id, token } = await join(running.ready.http, owner, 'anna@x.example', { role: 'viewer' });
  return { running, owner, anna: { id, ...personWith(running.ready.http, token) } };
}

const download = (running: RunningAppliance, { token }: Person) =>
  fetch(`${running.ready.http}/api/v1/history/export?from=2000-01-01T00:00:00Z`, {
    headers: { Authorization: `Bearer ${token}` },
  });

test('a download ends with the right to it', async () => {
  const { running, owner, anna } = await withHistory();
  await using _ = running;
  const answer = await download(running, anna);
  assert.equal(answer.status, 200);
  const reader = (answer.body ?? assert.fail('no body')).getReader();
  await reader.read();
  await owner.call('PATCH', `/users/${anna.id}`, { is_active: false });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const rest = async () => {
    let bytes = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
    return bytes;
  };
  await assert.rejects(rest());
});

test('downloads that nobody takes leave room for others, of their factory and of others', async () => {
  const { running, owner, anna } = await withHistory();
  await using _ = running;
  const stuck = [await download(running, anna), await download(running, anna)];
  assert.deepEqual(
    stuck.map(({ status }) => status),
    [200, 200],
  );
  const third = await download(running, anna);
  assert.equal(third.status, 503);
  await third.text();
  const made = await owner.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  const switched = await owner.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const south = await download(running, personWith(running.ready.http, switched.body.access_token));
  assert.equal(south.status, 200);
  await south.text();
  for (const { body } of stuck) await body?.cancel();
  await eventually(async () => {
    const { status, body } = await download(running, anna);
    await body?.cancel();
    return status === 200 ? true : undefined;
  });
});
