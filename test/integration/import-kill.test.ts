import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Person,
  runCommand,
  signIn,
  spawnAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { sendContent, stateOf } from '../support/imports.ts';

const DAY_MS = 86_400_000;
const [FIRST, STEP_MS] = [Math.floor(Date.now() / DAY_MS) * DAY_MS - 13 * DAY_MS, 10_000];
/** Ten million take a quarter of an hour: `IMPORT_ROWS=10000000 IMPORT_KILLS=30 node --test test/integration/import-kill.test.ts`. */
const [ROWS, KILLS] = [Number(process.env.IMPORT_ROWS ?? 400_000), Number(process.env.IMPORT_KILLS ?? 6)];
/** So that it takes eleven days at most. */
const SERIES = 10 * Math.ceil(ROWS / 1_000_000);
const MEAN_LIFE_MS = 1_000 * Math.max(1, ROWS / KILLS / 100_000);
const PART_BYTES = 8_388_608;
const TIMEOUT_MS = 3_600_000;

async function writeCsv(file: string): Promise<void> {
  function* parts() {
    yield 'device,parameter,unit,t,value\r\n';
    for (let step = 0; step < ROWS / SERIES; step++) {
      const t = new Date(FIRST + step * STEP_MS).toISOString();
      const line = (series: number) => `m-${series % 3},p${series},,${t},${(step * 7 + series) % 1_000}.5\r\n`;
      yield Array.from({ length: SERIES }, (_, series) => line(series)).join('');
    }
  }
  await pipeline(Readable.from(parts()), createWriteStream(file));
}

async function upload(http: string, person: Person, file: string): Promise<string> {
  const { body } = await person.call('POST', '/imports', { file_name: 'history.csv' });
  const [descriptor, { size }, part] = [openSync(file, 'r'), statSync(file), Buffer.alloc(PART_BYTES)];
  for (let at = 0; at < size; at += PART_BYTES) {
    const length = readSync(descriptor, part, 0, PART_BYTES, at);
    const sent = await sendContent(
      http,
      person,
      body.id,
      part.subarray(0, length),
      `offset=${at}&last=${at + length >= size}`,
    );
    assert.equal(sent.status, 200, JSON.stringify(sent.body));
  }
  return body.id;
}

/** Whether it was found at more places than its beginning and its end. */
const wentOn = (doneAt: readonly number[]) => new Set(doneAt).size > 2;

/** Waits as long as it takes. */
async function ended(person: Person, id: string): Promise<void> {
  for (;;) {
    const { state, error } = await person.get(`/imports/${id}`);
    assert.notEqual(state, 'failed', error);
    if (state === 'done') return;
    await sleep(200);
  }
}

/** Waits until a time is over, or before, when it has come beyond a place: a fast machine must not end it in one life. */
async function untilPart(person: Person, id: string, ms: number, place: number): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(Math.min(20, Math.max(0, end - Date.now())))) {
    if ((await person.get(`/imports/${id}`)).done_bytes > place) return;
  }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    content,
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        done();
      },
    }),
  );
  return hash.digest('hex');
}

test('killed or stopped at random moments, an import goes on by itself, and leaves as the file that came', {
  timeout: TIMEOUT_MS,
}, async (t) => {
  using directory = temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  assert.equal((await runCommand(['seed', '--data-dir', dataDir])).code, 0);
  const file = join(directory.path, 'history.csv');
  await writeCsv(file);
  let id = '';
  let kills = 0;
  const doneAt: number[] = [];
  for (let isOver = false; !isOver; ) {
    const { child, ready, exited } = await spawnAppliance(['--data-dir', dataDir]);
    const person = await signIn(ready.http);
    if (id === '') {
      id = await upload(ready.http, person, file);
    }
    // The first time it is killed while it is examined, or a moment later.
    const before =
      kills === 0 ? await person.get(`/imports/${id}`) : await stateOf(person, id, ['ready', 'running', 'done']);
    if (before.state === 'ready') await person.call('POST', `/imports/${id}/start`, {});
    doneAt.push(before.done_bytes);
    // A machine that has other things to do is given more lives, and longer ones, until it has been seen going on.
    isOver = before.state === 'done' || (kills >= KILLS && wentOn(doneAt)) || kills === 5 * KILLS;
    if (isOver) await ended(person, id);
    else {
      const lifeMs = 2 * MEAN_LIFE_MS * Math.random() * Math.max(1, kills / KILLS);
      await untilPart(person, id, lifeMs, before.done_bytes + statSync(file).size / KILLS);
      kills++;
    }
    // Every third time it is stopped in order.
    child.kill(isOver || kills % 3 === 0 ? 'SIGTERM' : 'SIGKILL');
    await exited;
  }
  t.diagnostic(`killed ${kills} times, at ${doneAt.join(', ')} of ${statSync(file).size} bytes`);
  assert.ok(wentOn(doneAt), 'it was not killed while it went on');
  await using running = await startAppliance({ dataDir, seeded: false });
  const person = await running.signIn();
  assert.equal((await person.get(`/imports/${id}`)).state, 'done');
  const range = `from=${new Date(FIRST).toISOString()}&to=${new Date(FIRST + 13 * DAY_MS).toISOString()}`;
  const answer = await fetch(`${running.ready.http}/api/v1/history/export?${range}`, {
    headers: { Authorization: `Bearer ${person.token}` },
  });
  assert.equal(answer.status, 200);
  assert.ok(answer.body !== null);
  assert.equal(await digestOf(answer.body), await digestOf(createReadStream(file)));
});
