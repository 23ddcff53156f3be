import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createHistorian, type HistoryAnswer, type PackedHistory } from '../../src/historian/historian.ts';
import { createQueryPool } from '../../src/workers/workers.ts';
import { archivedHistory, PLACES, placeIn } from '../support/archived-history.ts';
import { scopeOf } from '../support/history-model.ts';
import { batchOf, NOW, seriesOf, type WrittenSample } from '../support/hot-history.ts';
import type { Pause, PausedQuery } from '../support/paused-query.ts';
import { sealedState } from '../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COUNT = 36;
const REQUEST = { series: [{ seriesId: 1, parameter: 'p1', kind: 'number' }], from: NOW, to: NOW + HOUR_MS } as const;

/** The same stamps, in six buckets of ten minutes, with values that tell the version and the stamp. */
const versionOf = (version: number): WrittenSample[] =>
  Array.from({ length: COUNT }, (_, i) => ({ seriesId: 1, ts: NOW + i * 100_000, value: version * 1_000 + i }));

type World = Awaited<ReturnType<typeof archivedHistory>>;

const writeVersion = (world: World, version: number) =>
  world.writer.commit(batchOf(versionOf(version), version === 1 ? [seriesOf(1)] : []));

/** Every stamp is there once, by a value that was the last one at some time during the query. */
function assertWhole(answer: HistoryAnswer, oldest: number, newest: number): void {
  const [series] = answer.series;
  const read = (series?.points ?? []).map((point) =>
    'value' in point ? { t: point.t, value: Number(point.value), count: 1 } : { ...point, value: Number(point.last) },
  );
  assert.equal(
    read.reduce((sum, { count }) => sum + count, 0),
    COUNT,
  );
  const versions = read.map(({ value }) => Math.floor(value / 1_000));
  const range = [Math.min(...versions), Math.max(...versions)];
  assert.ok(oldest <= (range[0] ?? 0) && (range[1] ?? 0) <= newest, `versions ${range}, not of ${oldest} to ${newest}`);
  if (answer.interval !== 'raw') return;
  assert.deepEqual(
    read.map(({ t, value }) => [t, value % 1_000]),
    versionOf(0).map(({ ts, value }) => [ts, value]),
  );
}

/** Asks in a thread that stands still at a place until `meanwhile` is over. */
async function pausedQuery(world: World, interval: 'raw' | '1m', pause: Pause, meanwhile: () => Promise<void>) {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const historian = createHistorian({
    run: async (task) => {
      const workerData: PausedQuery = { place: placeIn(world.root), task, pause, gate };
      const worker = new Worker(join(import.meta.dirname, '../support/paused-query.ts'), { workerData });
      const answered = once(worker, 'message');
      await Promise.race([Atomics.waitAsync(gate, 0, 0).value, answered]);
      await meanwhile();
      Atomics.store(gate, 0, 2);
      Atomics.notify(gate, 0);
      const [packed] = (await answered) as [PackedHistory];
      return packed;
    },
    write: () => assert.fail('nothing is written down here'),
  });
  return historian.query(scopeOf(1), { ...REQUEST, interval });
}

for (const pause of ['before marks', 'before files', 'after files'] as const) {
  test(`a query that stands still ${pause} while all is sealed, written again and compacted is whole`, async () => {
    for (const interval of ['raw', '1m'] as const) {
      await using world = await archivedHistory({ graceMs: 600_000 });
      writeVersion(world, 1);
      const sealAll = async () => {
        world.clock.advance(DAY_MS);
        await world.archive.round();
        assert.deepEqual(sealedState(world.root).buckets, []);
      };
      assertWhole(await pausedQuery(world, interval, pause, sealAll), 1, 1);
      const writeAndSeal = async () => {
        writeVersion(world, 3);
        await sealAll();
      };
      writeVersion(world, 2);
      assertWhole(await pausedQuery(world, interval, pause, writeAndSeal), 2, 3);
      assertWhole(await pausedQuery(world, interval, pause, writeAndSeal), 3, 3);
    }
  });
}

test('readers at full speed see every sample once, whatever is sealed, written again and compacted meanwhile', {
  timeout: 120_000,
}, async () => {
  await using world = await archivedHistory({ graceMs: 600_000 });
  const limits = { query_threads: 2, query_queue: 16, query_timeout_s: 30 };
  const pool = createQueryPool({ place: placeIn(world.root), limits });
  const historian = createHistorian({
    run: (task, signal) => pool.run('history', task, signal),
    write: (task, signal) => pool.run('history_text', task, signal),
  });
  let version = 0;
  const write = () => writeVersion(world, ++version);
  write();
  let [running, answers] = [true, 0];
  const read = async (interval: 'raw' | '1m' | '1h') => {
    while (running) {
      const oldest = version;
      const answer = await historian.query(scopeOf(1), { ...REQUEST, interval });
      assertWhole(answer, oldest, version);
      answers++;
    }
  };
  const readers = (['raw', '1m', '1h', 'raw'] as const).map(read);
  const everyPlace = async () => {
    world.clock.advance(2 * HOUR_MS);
    for (let time = 0; time < 4; time++) {
      for (const place of PLACES) {
        write();
        world.onceAt(place, write);
        await world.archive.round();
        world.clock.advance(6 * HOUR_MS);
      }
    }
  };
  try {
    await Promise.race([everyPlace(), Promise.all(readers)]);
  } finally {
    running = false;
    await Promise.allSettled(readers);
    await pool.close();
  }
  await Promise.all(readers);
  assert.ok(version > 10 && answers > 100, `${version} versions, ${answers} answers`);
});
