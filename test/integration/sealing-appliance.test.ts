import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb } from '../../src/historian/duckdb.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { eventually, type Person, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { sealedState, segmentFiles } from '../support/segment-files.ts';
import { storedHistory } from '../support/stored-series.ts';

const DAY_MS = 86_400_000;
const FLAGS = { 'historian.bucket_s': 60, 'historian.lateness_s': 1 };
const SLOW = { timeout: 240_000 };
const json = JSON.stringify;

interface Sample {
  readonly t: number;
  readonly n: number;
  readonly s: string;
}

const topicOf = (key: string, slug = 'vpc') => `factories/${slug}/devices/${key}/telemetry`;
const payloadOf = (samples: readonly Sample[]) =>
  json({ samples: samples.map(({ t, n, s }) => ({ timestamp: t, metrics: { n, s } })) });

/** A sample every twenty seconds for eleven minutes, from an instant on. */
const samplesFrom = (start: number): Sample[] =>
  Array.from({ length: 33 }, (_, i) => ({ t: start + i * 20_000, n: i * 1.1, s: `s${i % 5}` }));

/** Waits until nothing is left in `hot.db`, and the catalogue has settled. */
const allSealed = (dataDir: string, files?: number) =>
  eventually(() => {
    const { raw, buckets } = sealedState(dataDir);
    return (buckets.length === 0 && raw.length === (files ?? raw.length)) || undefined;
  }, 60_000);

async function deviceOf(person: Person, key: string): Promise<Json> {
  const [device] = (await person.get(`/devices?key=${key}`)).items;
  return device;
}

/** The API's answers, raw and by the minute, are those samples. */
async function assertHistory(person: Person, key: string, samples: readonly Sample[]): Promise<void> {
  const { id } = await deviceOf(person, key);
  const [from, to] = [new Date(Date.now() - 4 * DAY_MS), new Date()];
  const range = `parameters=n,s&from=${from.toISOString()}&to=${to.toISOString()}`;
  const raw = await person.get(`/devices/${id}/kpis/history?interval=raw&limit=10000&${range}`);
  const [n, s] = raw.series.map(({ points }: Json) => points.map(({ t, value }: Json) => [Date.parse(t), value]));
  assert.deepEqual(
    n,
    samples.map((sample) => [sample.t, sample.n]),
  );
  assert.deepEqual(
    s,
    samples.map((sample) => [sample.t, sample.s]),
  );
  const hours = await person.get(`/devices/${id}/kpis/history?interval=1h&${range}`);
  for (const { points } of hours.series) {
    const counted = points.reduce((sum: number, { count }: Json) => sum + count, 0);
    assert.equal(counted, samples.length);
  }
}

/** Numbers of the series that the files hold. */
async function seriesInFiles(root: string): Promise<number[]> {
  using duck = await openDuckDb({ temporaryDirectory: root, memoryLimitMb: 64, threads: 1 });
  const files = segmentFiles(root).map((file) => `'${join(root, file)}'`);
  const found = await duck.connection.runAndReadAll(
    `select distinct series_id from read_parquet([${files.join(', ')}], union_by_name = true) order by series_id`,
  );
  return found.getRowsJS().map(([id]) => Number(id));
}

test('what is published is sealed, compacted, written again, read by the API, kept over a restart, and removed', {
  ...SLOW,
}, async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const day = Math.floor(Date.now() / DAY_MS - 3) * DAY_MS;
  // Eleven buckets that become one file, for the day is over.
  const old = samplesFrom(day);
  const recent = samplesFrom(minute - 3_600_000).slice(0, 3);
  const rewritten = old.slice(0, 6).map(({ t }) => ({ t, n: -1.25, s: 'again' }));
  const late = { t: day + 5_000, n: 0.1, s: 'late' };
  const expected = [...rewritten, ...old.slice(6), late, ...recent].toSorted((a, b) => a.t - b.t);
  {
    await using running = await startAppliance({ dataDir, flags: FLAGS });
    const person = await running.signIn();
    const client = await running.connect();
    for (const key of ['M01', 'M02']) {
      await client.publishAsync(topicOf(key), payloadOf([...old, ...recent]), { qos: 1 });
    }
    await assertHistory(person, 'M01', [...old, ...recent]);
    await allSealed(dataDir, 2);
    await assertHistory(person, 'M01', [...old, ...recent]);
    await client.publishAsync(topicOf('M01'), payloadOf([late, ...rewritten]), { qos: 1 });
    await assertHistory(person, 'M01', expected);
    await allSealed(dataDir, 2);
    await assertHistory(person, 'M01', expected);
    await assertHistory(person, 'M02', [...old, ...recent]);
  }
  await using running = await startAppliance({ dataDir, flags: FLAGS, seeded: false });
  assert.deepEqual(segmentFiles(dataDir).toSorted(), sealedState(dataDir).named);
  const person = await running.signIn();
  await assertHistory(person, 'M01', expected);
  const device = await deviceOf(person, 'M01');
  assert.equal((await person.call('DELETE', `/devices/${device.id}`)).status, 204);
  await eventually(() => storedHistory(dataDir).forgotten.length === 0 || undefined, 30_000);
  const onDisk = segmentFiles(dataDir);
  assert.ok(sealedState(dataDir).named.every((file) => onDisk.includes(file)));
  await assertHistory(person, 'M02', [...old, ...recent]);
  const kept = storedHistory(dataDir).series.map(({ seriesId }) => seriesId);
  await running.appliance.stop();
  {
    // What was replaced is gone with the next start.
    await using again = await startAppliance({ dataDir, flags: FLAGS, seeded: false });
    assert.deepEqual(await seriesInFiles(dataDir), kept);
    await assertHistory(await again.signIn(), 'M02', [...old, ...recent]);
  }
});

test('a factory that is removed while its telemetry is sealed leaves no directory behind', SLOW, async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  {
    await using running = await startAppliance({ dataDir, flags: FLAGS });
    const person = await running.signIn();
    await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
    const client = await running.connect();
    const start = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
    for (const slug of ['vpc', 'other']) {
      await client.publishAsync(topicOf('M01', slug), payloadOf(samplesFrom(start)), { qos: 1 });
    }
    await allSealed(dataDir);
  }
  // Of a demo factory machines are simulated at once: days of history, which are sealed when it goes.
  const control = openDatabase(join(dataDir, 'control.db'));
  control.exec(`update factories set is_demo = 1 where slug = 'other'`);
  control.close();
  await using running = await startAppliance({ dataDir, flags: FLAGS, seeded: false });
  const person = await running.signIn();
  const { items } = await person.get('/factories');
  const other = items.find(({ slug }: Json) => slug === 'other');
  await eventually(() => sealedState(dataDir).buckets.length > 60 || undefined, 90_000);
  assert.equal((await person.call('DELETE', `/factories/${other.id}?confirm=${other.slug}`)).status, 204);
  await eventually(() => readdirSync(join(dataDir, 'factories')).length === 1 || undefined, 30_000);
  // Buckets that hold its samples are sealed by the next rounds.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  assert.deepEqual(readdirSync(join(dataDir, 'factories')), ['1']);
  assert.ok(existsSync(join(dataDir, 'factories/1')));
});
