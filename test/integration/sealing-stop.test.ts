import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { HotWriter } from '../../src/historian/historian.ts';
import { eventually, runCommand, spawnAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { hotOptions, seriesOf } from '../support/hot-history.ts';
import { sealedState, segmentFiles } from '../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SERIES = 1_000;
const STAMPS = 1_500;

/** A bucket of a day that is over, so large that sealing and compacting it take seconds. */
function writeLargeDay(dataDir: string): number {
  const day = Math.floor(Date.now() / DAY_MS - 3) * DAY_MS;
  const writer = new HotWriter(hotOptions(dataDir, { bucketSeconds: 3_600 }));
  writer.load();
  const newSeries = Array.from({ length: SERIES }, (_, i) => seriesOf(i + 1));
  const length = SERIES * 100;
  for (let hour = 0; hour < 2; hour++) {
    for (let from = 0; from < STAMPS; from += 100) {
      writer.commit({
        length,
        seriesIds: Int32Array.from({ length }, (_, row) => (row % SERIES) + 1),
        timestamps: Float64Array.from(
          { length },
          (_, row) => day + hour * HOUR_MS + (from + Math.floor(row / SERIES)) * 1_000,
        ),
        values: Float64Array.from({ length }, () => Math.random()),
        texts: new Map(),
        newSeries: hour + from === 0 ? newSeries : [],
        forgottenSeries: [],
      });
    }
  }
  writer.close();
  return day;
}

test('SIGTERM while a bucket is sealed, or a day compacted, ends the appliance in seconds and in order', {
  timeout: 240_000,
}, async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  assert.equal((await runCommand(['seed', '--data-dir', dataDir])).code, 0);
  const day = writeLargeDay(dataDir);
  const named = () => sealedState(dataDir).raw.length;
  for (const sealed of [0, 1]) {
    const { child } = await spawnAppliance(['--data-dir', dataDir]);
    const exited = once(child, 'exit');
    await eventually(
      () => (named() === sealed && segmentFiles(dataDir).some((file) => file.endsWith('.tmp'))) || undefined,
      60_000,
    );
    const since = performance.now();
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    const afterMs = performance.now() - since;
    assert.ok(afterMs < 5_000, `stopping took ${afterMs} ms`);
    assert.deepEqual(segmentFiles(dataDir).toSorted(), sealedState(dataDir).named);
  }
  await using running = await startAppliance({ dataDir, seeded: false });
  await eventually(() => (named() === 1 && sealedState(dataDir).buckets.length === 0) || undefined, 60_000);
  const person = await running.signIn();
  const [device] = (await person.get('/devices?key=M01')).items;
  const range = `from=${new Date(day).toISOString()}&to=${new Date(day + DAY_MS).toISOString()}`;
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=1h&parameters=p1,p999&${range}`);
  for (const { points } of series) {
    assert.deepEqual(
      points.map(({ count }: { count: number }) => count),
      [STAMPS, STAMPS],
    );
  }
});
