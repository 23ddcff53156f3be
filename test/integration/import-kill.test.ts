import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, signIn, spawnAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { examined, exported, stateOf } from '../support/imports.ts';

const DAY_MS = 86_400_000;
const FIRST = Math.floor(Date.now() / DAY_MS) * DAY_MS - 12 * DAY_MS;
/** Five days of a value a second would be more than a test may take: a tenth of it. */
const [SERIES, STEPS, STEP_MS] = [10, 40_000, 10_000];
const KILLS = 6;

function csv(): string {
  const lines = ['device,parameter,unit,t,value'];
  for (let step = 0; step < STEPS; step++) {
    const t = new Date(FIRST + step * STEP_MS).toISOString();
    for (let series = 0; series < SERIES; series++) {
      lines.push(`m-${series % 3},p${series},,${t},${(step * 7 + series) % 1_000}.5`);
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

test('killed at random moments, an import goes on by itself and equals one that was not', async (t) => {
  using directory = temporaryDirectory();
  assert.equal((await runCommand(['seed', '--data-dir', directory.path])).code, 0);
  const file = csv();
  let id = '';
  let kills = 0;
  const doneAt: number[] = [];
  for (let round = 0; round <= KILLS; round++) {
    const { child, ready, exited } = await spawnAppliance(['--data-dir', directory.path]);
    const person = await signIn(ready.http);
    if (id === '') {
      ({ id } = await examined(ready.http, person, file));
      assert.equal((await person.call('POST', `/imports/${id}/start`, {})).status, 202);
    }
    const before = await person.get(`/imports/${id}`);
    doneAt.push(before.done_bytes);
    if (before.state === 'done' || round === KILLS) {
      await stateOf(person, id, ['done', 'failed']);
      child.kill('SIGTERM');
      await exited;
      break;
    }
    await sleep(200 + Math.random() * 1_800);
    child.kill('SIGKILL');
    await exited;
    kills++;
  }
  t.diagnostic(`killed ${kills} times, at ${doneAt.join(', ')} of ${file.length} bytes`);
  assert.ok(kills >= 2, 'it was over too soon to be killed');
  await using running = await startAppliance({ dataDir: directory.path, seeded: false });
  const person = await running.signIn();
  assert.equal((await person.get(`/imports/${id}`)).state, 'done');
  const lines = await exported(running.ready.http, person, FIRST, FIRST + 12 * DAY_MS);
  assert.deepEqual(lines, file.split('\r\n').toSorted());
});
