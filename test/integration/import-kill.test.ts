import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/store/sqlite.ts';
import {
  eventually,
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
const MEAN_LIFE_MS = ROWS / KILLS / 100;
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

/** Waits as long as it takes. */
async function ended(person: Person, id: string): Promise<void> {
  for (;;) {
    const { state, error } = await person.get(`/imports/${id}`);
    assert.notEqual(state, 'failed', error);
    if (state === 'done') return;
    await sleep(200);
  }
}

/** Up to where the database says that it is stored. The API is too slow: some machines store all before its answer. */
function savedPlace(dataDir: string): number {
  const db = openDatabase(join(dataDir, 'control.db'), { readonly: true });
  try {
    return db.prepare('select done_bytes from imports').pluck().get() as number;
  } finally {
    db.close();
  }
}

/** Whether it was killed within, and went on from there. */
const wentOn = (places: readonly number[]) => new Set(places).size > 2;

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
  const { size } = statSync(file);
  let id = '';
  const places = [0];
  while (places.length <= KILLS && places.at(-1) !== size) {
    const { child, ready, exited } = await spawnAppliance(['--data-dir', dataDir]);
    t.after(() => child.kill('SIGKILL'));
    const life = places.length;
    if (life <= 2) {
      const person = await signIn(ready.http);
      if (life === 1) id = await upload(ready.http, person, file);
      else {
        await stateOf(person, id, ['ready']);
        assert.equal((await person.call('POST', `/imports/${id}/start`, {})).status, 202);
      }
    }
    // While it is examined, then as soon as a place is saved until it has gone on from one, then at any moment.
    if (life === 1 || wentOn(places)) await sleep(2 * MEAN_LIFE_MS * Math.random());
    else await eventually(() => savedPlace(dataDir) !== places.at(-1) || undefined, 60_000);
    // Every third time it is stopped in order.
    child.kill(life % 3 === 0 ? 'SIGTERM' : 'SIGKILL');
    await exited;
    places.push(savedPlace(dataDir));
  }
  t.diagnostic(`at each kill ${places.slice(1).join(', ')} of ${size} bytes were saved as stored`);
  assert.ok(wentOn(places), 'it was not killed while it went on');
  await using running = await startAppliance({ dataDir, seeded: false });
  const person = await running.signIn();
  await ended(person, id);
  const range = `from=${new Date(FIRST).toISOString()}&to=${new Date(FIRST + 13 * DAY_MS).toISOString()}`;
  const answer = await fetch(`${running.ready.http}/api/v1/history/export?${range}`, {
    headers: { Authorization: `Bearer ${person.token}` },
  });
  assert.equal(answer.status, 200);
  assert.ok(answer.body !== null);
  assert.equal(await digestOf(answer.body), await digestOf(createReadStream(file)));
});
