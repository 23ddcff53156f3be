import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { archivedHistory, PLACES } from '../support/archived-history.ts';
import { batchOf, NOW, seriesOf, type WrittenSample } from '../support/hot-history.ts';
import { assertLikeModel, NEW_SERIES, type Question } from '../support/like-model.ts';
import { sealedState, segmentFiles } from '../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ALL: Question = { from: NOW - DAY_MS, to: NOW + 3 * DAY_MS, interval: '1h', zone: 'Asia/Kolkata', limit: 50 };
const STATES = ['idle', 'busy'] as const;

type World = Awaited<ReturnType<typeof archivedHistory>>;

/** Samples of every kind in six buckets of a day, and one that only this version has. */
const versionOf = (version: number): WrittenSample[] =>
  Array.from({ length: 36 }, (_, i) => {
    const ts = NOW + i * 100_000;
    return [
      { seriesId: 1, ts, value: version * 1_000 + i / 10 },
      { seriesId: 2, ts, value: (version + i) % 2 },
      { seriesId: 3, ts: ts + version, value: STATES[(version + i) % 2] ?? '' },
    ];
  }).flat();

const DYING = join(import.meta.dirname, '../support/dying-archive.ts');

/** Seals and compacts in a process that kills itself at a place. */
async function dieAt(root: string, place: string, now: number): Promise<void> {
  const child = spawn(process.execPath, [DYING, root, place, String(now)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = await once(child, 'exit');
  assert.deepEqual([code, signal], [null, 'SIGKILL'], `${place} was not passed ${stderr}`);
}

/** Everything on the disk is in the catalogue, and the other way round. */
function assertNoStrays({ root }: World): void {
  assert.deepEqual(segmentFiles(root).toSorted(), sealedState(root).named);
  if (existsSync(join(root, 'tmp'))) assert.deepEqual(readdirSync(join(root, 'tmp')), []);
}

for (const place of [...PLACES, 'before rename', 'during drop']) {
  test(`killed ${place}, and again at each next start, every answer stays that of a plain model`, async () => {
    await using world = await archivedHistory();
    const written: WrittenSample[] = [];
    const write = (samples: readonly WrittenSample[]) => {
      world.writer.commit(batchOf(samples, written.length === 0 ? NEW_SERIES : []));
      written.push(...samples);
    };
    write(versionOf(1));
    world.clock.advance(2 * HOUR_MS);
    await world.archive.round();
    write(versionOf(2));
    world.clock.advance(DAY_MS);
    // The second time it begins on what the first has left.
    for (let time = 0; time < 2; time++) {
      await world.restart(async () => {
        await dieAt(world.root, place, world.clock.now());
        mkdirSync(join(world.root, 'tmp'), { recursive: true });
        writeFileSync(join(world.root, 'tmp', 'duckdb_temp_storage_DEFAULT-0.tmp'), 'spilled');
      });
      assertNoStrays(world);
      await assertLikeModel(world, written, ALL);
      write(versionOf(3 + time));
      await assertLikeModel(world, written, ALL);
    }
    await world.archive.round();
    await world.archive.round();
    assertNoStrays(world);
    const { raw, buckets } = sealedState(world.root);
    assert.deepEqual([raw.length, buckets.length], [1, 0]);
    await assertLikeModel(world, written, ALL);
  });
}

for (const place of PLACES) {
  test(`samples committed ${place} are not lost, and the last write holds`, async () => {
    await using world = await archivedHistory();
    const written: WrittenSample[] = [];
    const write = (samples: readonly WrittenSample[]) => {
      world.writer.commit(batchOf(samples, written.length === 0 ? NEW_SERIES : []));
      written.push(...samples);
    };
    world.clock.advance(2 * HOUR_MS);
    for (let version = 2; version < 8; version += 2) {
      const isCompacted = version > 2;
      let wasPassed = false;
      write(versionOf(version - 1));
      world.onceAt(place, () => {
        wasPassed = true;
        write(versionOf(version));
      });
      await world.archive.round();
      assert.equal(wasPassed, isCompacted || !/compaction|exchange/.test(place));
      if (!wasPassed) write(versionOf(version));
      await assertLikeModel(world, written, ALL);
      world.clock.advance(DAY_MS);
    }
    await world.archive.round();
    await assertLikeModel(world, written, ALL);
    await world.archive.round();
    assert.deepEqual(sealedState(world.root).buckets, []);
    await assertLikeModel(world, written, ALL);
  });
}

test('files that the catalogue could not take are removed before the next try', async () => {
  await using world = await archivedHistory();
  const samples = versionOf(1);
  world.writer.commit(batchOf(samples, NEW_SERIES));
  world.clock.advance(2 * HOUR_MS);
  for (let time = 0; time < 3; time++) {
    world.failOnce('while naming');
    await assert.rejects(world.archive.round(), /fault while naming/);
    assert.equal(segmentFiles(world.root).length, 1);
    await assertLikeModel(world, samples, ALL);
  }
  await world.archive.round();
  assertNoStrays(world);
  assert.equal(segmentFiles(world.root).length, 1);
  await assertLikeModel(world, samples, ALL);
});

for (const place of ['before seal', 'after seal', 'before compaction', 'after compaction'] as const) {
  test(`a factory removed ${place} leaves no directory, nor do its samples that are still in hot.db`, async () => {
    await using world = await archivedHistory();
    world.writer.commit(batchOf(versionOf(1), NEW_SERIES));
    world.clock.advance(2 * HOUR_MS);
    await world.archive.round();
    world.writer.commit(batchOf(versionOf(2)));
    world.clock.advance(DAY_MS);
    const removed = Promise.withResolvers<void>();
    world.onceAt(place, () => {
      world.store.system('remove factory', (sql) => {
        world.archive.forgetFactory(sql, 1);
        sql.run('delete from main.factories where id = 1');
      });
      removed.resolve(world.archive.removeFactory(1));
    });
    await world.archive.round();
    await removed.promise;
    assert.deepEqual(readdirSync(join(world.root, 'factories')), []);
    world.writer.commit(batchOf(versionOf(3)));
    await world.archive.round();
    assert.deepEqual(sealedState(world.root), { named: [], raw: [], buckets: [] });
    assert.deepEqual(readdirSync(join(world.root, 'factories')), []);
  });
}

test('a bucket of which one factory could not be sealed leaves no file of the others, and is sealed later', async () => {
  await using world = await archivedHistory();
  const samples = [1, 2].map((seriesId) => ({ seriesId, ts: NOW, value: seriesId }));
  world.writer.commit(batchOf(samples, [seriesOf(1), seriesOf(2, { factoryId: 2 })]));
  world.clock.advance(2 * HOUR_MS);
  mkdirSync(join(world.root, 'factories'));
  const obstacle = join(world.root, 'factories/2');
  writeFileSync(obstacle, 'no directory');
  await assert.rejects(world.archive.round());
  assert.deepEqual(segmentFiles(world.root), []);
  assert.equal(sealedState(world.root).buckets.length, 1);
  rmSync(obstacle);
  await world.archive.round();
  assertNoStrays(world);
  assert.equal(segmentFiles(world.root).length, 2);
});
