import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, systemCode } from '../../../src/core/errors.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { startWriterThread, type WriterThreadOptions } from '../../../src/workers/workers.ts';
import { temporaryDirectory } from '../../support/control-store.ts';
import { withCode } from '../../support/errors.ts';
import { batchOf, hotOptions, NOW, seriesOf } from '../../support/hot-history.ts';

/** A writer in a real thread, with what it reports; `await using` closes it. */
function testWriter(options: Partial<WriterThreadOptions> = {}) {
  const directory = temporaryDirectory();
  const hot = hotOptions(directory.path);
  const exits: AppError[] = [];
  const failures: AppError[] = [];
  const writer = startWriterThread({
    hot,
    onExit: (error) => exits.push(error),
    onCheckpointFailure: (error) => failures.push(error),
    ...options,
  });
  return {
    writer,
    hot,
    exits,
    failures,
    [Symbol.asyncDispose]: async () => {
      await writer.close();
      directory[Symbol.dispose]();
    },
  };
}

const sample = (ms: number, value: number) => ({ seriesId: 1, ts: NOW + ms, value });

test('a batch that was answered is on disk, and its columns went to the thread without a copy', async () => {
  await using thread = testWriter();
  const opened = await thread.writer.open();
  assert.deepEqual([opened.series, opened.nextSeriesId, opened.bucketMs], [[], 1, 600_000]);
  const batch = batchOf([sample(0, 1), sample(1, 2)], [seriesOf(1)]);
  assert.equal(await thread.writer.commit(batch), 1);
  assert.equal(batch.values.length, 0);
  const db = openDatabase(thread.hot.file, { readonly: true });
  const values = db
    .prepare(`select value from "bucket_${NOW / 1000}_1" order by ts`)
    .pluck()
    .all();
  db.close();
  assert.deepEqual(values, [1, 2]);
});

test('columns that share one buffer are taken too', async () => {
  await using thread = testWriter();
  await thread.writer.open();
  const buffer = new ArrayBuffer(24);
  const timestamps = new Float64Array(buffer, 0, 1).fill(NOW);
  const values = new Float64Array(buffer, 8, 1).fill(4);
  const seriesIds = new Int32Array(buffer, 16, 1).fill(1);
  const batch = {
    length: 1,
    timestamps,
    values,
    seriesIds,
    texts: new Map(),
    newSeries: [seriesOf(1)],
    forgottenSeries: [],
  };
  assert.equal(await thread.writer.commit(batch), 1);
});

test('a failed commit is rejected with the code of SQLite, and the thread goes on', async () => {
  await using thread = testWriter();
  await thread.writer.open();
  await thread.writer.commit(batchOf([sample(0, 1)], [seriesOf(1)]));
  const twice = batchOf([sample(1, 2)], [seriesOf(1)]);
  await assert.rejects(thread.writer.commit(twice), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'unavailable');
    assert.equal(systemCode(error.cause), 'SQLITE_CONSTRAINT_PRIMARYKEY');
    return true;
  });
  await thread.writer.probe();
  assert.equal(await thread.writer.commit(batchOf([sample(2, 3)])), 2);
});

test('one batch at a time: a second is refused and the first is not harmed', async () => {
  await using thread = testWriter();
  await thread.writer.open();
  const first = thread.writer.commit(batchOf([sample(0, 1)], [seriesOf(1)]));
  await assert.rejects(thread.writer.commit(batchOf([sample(1, 2)])), withCode('busy'));
  assert.equal(await first, 1);
});

test('closing brings the newest samples up, ends the thread, and is not an unexpected death', async () => {
  await using thread = testWriter();
  await thread.writer.open();
  await thread.writer.commit(batchOf([sample(0, 1)], [seriesOf(1)]));
  await thread.writer.close();
  await thread.writer.close();
  const db = openDatabase(thread.hot.file, { readonly: true });
  assert.deepEqual(db.prepare('select ts, value from latest').raw().all(), [[NOW, 1]]);
  db.close();
  assert.deepEqual([thread.exits, thread.failures], [[], []]);
  await assert.rejects(thread.writer.commit(batchOf([sample(1, 1)])), withCode('unavailable'));
});

test('what opening refuses crosses the thread as it is', async () => {
  await using thread = testWriter();
  await thread.writer.open();
  await thread.writer.close();
  const db = openDatabase(thread.hot.file);
  db.prepare(`update schema_migrations set sha256 = 'edited'`).run();
  db.close();
  await using again = testWriter({ hot: thread.hot });
  await assert.rejects(again.writer.open(), withCode('migration_edited'));
});

test('the death of the thread rejects the batch on its way and every later call, and is reported once', async () => {
  const entry = new URL('../../support/dying-writer.ts', import.meta.url);
  await using thread = testWriter({ entry });
  await thread.writer.open();
  await assert.rejects(thread.writer.commit(batchOf([sample(0, 1)])), withCode('unavailable'));
  await assert.rejects(thread.writer.probe(), withCode('unavailable'));
  assert.equal(thread.exits.length, 1);
  assert.equal(thread.exits[0]?.code, 'unavailable');
});
