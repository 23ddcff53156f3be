import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { diskFolder } from '../../../src/core/assets.ts';
import { HotWriter } from '../../../src/historian/historian.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { temporaryDirectory } from '../../support/control-store.ts';
import { withCode } from '../../support/errors.ts';
import { batchOf, HOT_MIGRATIONS, hotHistory, hotOptions, NOW, seriesOf } from '../../support/hot-history.ts';

type StoredRow = [seriesId: number, ts: number, value: number | null, text: string | null, seq: number];

/** Every stored row of every bucket, past the writer, and the names of the buckets. */
function stored(file: string): { rows: StoredRow[]; buckets: string[] } {
  const db = openDatabase(file, { readonly: true });
  try {
    const buckets = db
      .prepare<[], string>(`select name from sqlite_schema where name glob 'bucket_*' order by name`)
      .pluck()
      .all();
    const rows = buckets.flatMap((name) =>
      db
        .prepare<[], StoredRow>(`select series_id, ts, value, text, seq from "${name}" order by ts, series_id`)
        .raw()
        .all(),
    );
    return { rows, buckets };
  } finally {
    db.close();
  }
}

test('the last write of a stamp wins, inside a batch and between batches', () => {
  using hot = hotHistory();
  const first = batchOf(
    [
      { seriesId: 1, ts: NOW, value: 1 },
      { seriesId: 1, ts: NOW, value: 2 },
      { seriesId: 2, ts: NOW, value: 'idle' },
      { seriesId: 2, ts: NOW, value: 'busy' },
    ],
    [seriesOf(1), seriesOf(2, { kind: 'state' })],
  );
  assert.equal(hot.writer.commit(first), 1);
  assert.deepEqual(stored(hot.file).rows, [
    [1, NOW, 2, null, 1],
    [2, NOW, null, 'busy', 1],
  ]);
  assert.equal(hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 3 }])), 2);
  assert.deepEqual(stored(hot.file).rows[0], [1, NOW, 3, null, 2]);
});

test('the last write wins at every size of statement', () => {
  using hot = hotHistory();
  const rounds = Array.from({ length: 300 }, (_, i) => ({ seriesId: 1, ts: NOW + (i % 150), value: i }));
  hot.writer.commit(batchOf(rounds, [seriesOf(1)]));
  assert.deepEqual(
    stored(hot.file).rows.map(([, ts, value]) => [ts, value]),
    Array.from({ length: 150 }, (_, i) => [NOW + i, 150 + i]),
  );
});

test('a batch that is sent again is stored once', () => {
  using hot = hotHistory();
  const samples = Array.from({ length: 250 }, (_, i) => ({ seriesId: 1, ts: NOW + i, value: i }));
  hot.writer.commit(batchOf(samples, [seriesOf(1)]));
  hot.writer.commit(batchOf(samples));
  assert.equal(stored(hot.file).rows.length, 250);
});

test('samples go to the bucket of their own time, late ones too', () => {
  using hot = hotHistory();
  const at = (ts: number) => ({ seriesId: 1, ts, value: ts });
  hot.writer.commit(batchOf([at(NOW + 600_000), at(NOW), at(NOW + 599_999), at(NOW - 1)], [seriesOf(1)]));
  const seconds = NOW / 1000;
  const { rows, buckets } = stored(hot.file);
  assert.deepEqual(buckets, [`bucket_${seconds - 600}_3`, `bucket_${seconds}_2`, `bucket_${seconds + 600}_1`]);
  assert.deepEqual(
    rows.map(([, ts]) => ts),
    [NOW - 1, NOW, NOW + 599_999, NOW + 600_000],
  );
});

test('a backfill over more buckets than statements are kept for is stored whole', () => {
  using hot = hotHistory();
  const samples = Array.from({ length: 200 }, (_, i) => ({ seriesId: 1, ts: NOW - (i % 100) * 600_000 + i, value: i }));
  hot.writer.commit(batchOf(samples, [seriesOf(1)]));
  assert.equal(stored(hot.file).rows.length, 200);
});

// A statement prepared anew for every row takes some 5 s.
test('samples mixed over many buckets are stored bucket by bucket, the last write of each stamp', {
  timeout: 2_000,
}, async () => {
  using hot = hotHistory();
  const count = 30_000;
  const samples = Array.from({ length: count }, (_, i) => ({
    seriesId: 1,
    ts: NOW - (i % 100) * 600_000 + (i % 5),
    value: i,
  }));
  hot.writer.commit(batchOf(samples, [seriesOf(1)]));
  const { rows } = stored(hot.file);
  assert.equal(rows.length, 100);
  assert.ok(rows.every(([, , value]) => (value ?? 0) >= count - 100));
  // The timeout is seen when the event loop gets its turn.
  await pause(1);
});

test('a failed commit stores nothing of its batch, and the writer goes on', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  const before = stored(hot.file);
  // The bucket is new, the first rows are good, the last names a series that is being born twice.
  const bad = batchOf([{ seriesId: 2, ts: NOW + 600_000, value: 2 }], [seriesOf(2), seriesOf(2)]);
  assert.throws(() => hot.writer.commit(bad), { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
  // A value that is no integer in the column of integers: it fails after rows and a table were made.
  const late = batchOf([
    { seriesId: 1, ts: NOW + 600_000, value: 2 },
    { seriesId: 1, ts: NOW + 600_000.5, value: 2 },
  ]);
  assert.throws(() => hot.writer.commit(late), { code: 'SQLITE_CONSTRAINT_DATATYPE' });
  assert.deepEqual(stored(hot.file), before);
  assert.equal(hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW + 600_000, value: 3 }])), 2);
  assert.deepEqual(stored(hot.file).rows.at(-1), [1, NOW + 600_000, 3, null, 2]);
  using crash = hot.crashed();
  const again = new HotWriter(crash);
  assert.deepEqual(
    again.load().series.map(({ seriesId }) => seriesId),
    [1],
  );
  again.close();
});

test('the newest samples are exact after a crash, whatever was checkpointed', () => {
  using hot = hotHistory();
  const at = (seriesId: number, ts: number, value: number | string) => ({ seriesId, ts, value });
  hot.writer.commit(
    batchOf(
      [at(1, NOW, 1), at(2, NOW, 'idle'), at(3, NOW + 5, 30), at(4, NOW - 90_000_000, 40)],
      [seriesOf(1), seriesOf(2, { kind: 'state' }), seriesOf(3), seriesOf(4, { factoryId: 2 })],
    ),
  );
  hot.writer.checkpoint();
  hot.writer.commit(batchOf([at(1, NOW + 700_000, 2), at(3, NOW + 4, 31), at(2, NOW, 'busy')]));
  hot.writer.commit(batchOf([at(1, NOW + 600_000, 3), at(4, NOW - 80_000_000, 41)]));
  using crash = hot.crashed();
  const again = new HotWriter(crash);
  const { latest, series, nextSeriesId } = again.load();
  again.close();
  assert.deepEqual(
    latest.toSorted((a, b) => a.seriesId - b.seriesId),
    [
      { seriesId: 1, ts: NOW + 700_000, value: 2, text: null },
      { seriesId: 2, ts: NOW, value: Number.NaN, text: 'busy' },
      { seriesId: 3, ts: NOW + 5, value: 30, text: null },
      { seriesId: 4, ts: NOW - 80_000_000, value: 41, text: null },
    ],
  );
  assert.equal(series.length, 4);
  assert.equal(nextSeriesId, 5);
});

test('after a checkpoint the next start reads nothing back', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  hot.writer.checkpoint();
  using crash = hot.crashed();
  const db = openDatabase(crash.file);
  const tail = db.prepare(`select value from settings where name = 'tail_ts'`).pluck();
  assert.equal(tail.get(), Number.MAX_SAFE_INTEGER);
  // A bucket without rows shows that `latest` alone is enough.
  db.exec(`delete from "bucket_${NOW / 1000}_1"`);
  db.close();
  const again = new HotWriter(crash);
  assert.deepEqual(again.load().latest, [{ seriesId: 1, ts: NOW, value: 1, text: null }]);
  again.close();
});

test('numbers of series are not used again, even when the last series is gone', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 7, ts: NOW, value: 1 }], [seriesOf(7)]));
  using crash = hot.crashed();
  const db = openDatabase(crash.file);
  db.prepare('delete from series').run();
  db.close();
  const again = new HotWriter(crash);
  assert.equal(again.load().nextSeriesId, 8);
  again.close();
});

test('commits go on counting after a restart, and a database keeps its span of buckets', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  using crash = hot.crashed();
  const again = new HotWriter({ ...crash, bucketSeconds: 3_600 });
  assert.equal(again.load().bucketMs, 600_000);
  assert.equal(again.commit(batchOf([{ seriesId: 1, ts: NOW + 1, value: 2 }])), 2);
  again.close();
});

test('an edited migration and a newer database are refused', () => {
  using directory = temporaryDirectory();
  const migrations = join(directory.path, 'migrations');
  cpSync(HOT_MIGRATIONS, migrations, { recursive: true });
  const options = hotOptions(directory.path);
  new HotWriter(options).close();
  const edited = diskFolder(migrations);
  const foundation = join(migrations, '0001-foundation.sql');
  const original = readFileSync(foundation, 'utf8');
  writeFileSync(foundation, `${original}\n-- edited`);
  assert.throws(() => new HotWriter(options, edited), withCode('migration_edited'));
  const none = join(directory.path, 'none');
  mkdirSync(none);
  assert.throws(() => new HotWriter(options, diskFolder(none)), withCode('database_newer'));
  writeFileSync(foundation, original);
  new HotWriter(options, edited).close();
});

test('a forgotten series leaves the registry with the batch in which its successor is born', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  hot.writer.checkpoint();
  const successor = seriesOf(2, { parameter: 'p1' });
  hot.writer.commit(batchOf([{ seriesId: 2, ts: NOW, value: 2 }], [successor], [1]));
  hot.writer.checkpoint();
  using crash = hot.crashed();
  const again = new HotWriter(crash);
  const { series, latest } = again.load();
  again.close();
  assert.deepEqual(series, [successor]);
  assert.deepEqual(latest, [{ seriesId: 2, ts: NOW, value: 2, text: null }]);
});

test('a failed commit forgets nothing', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  assert.throws(() => hot.writer.commit(batchOf([], [seriesOf(2), seriesOf(2)], [1])));
  hot.writer.checkpoint();
  using crash = hot.crashed();
  const again = new HotWriter(crash);
  assert.equal(again.load().latest.length, 1);
  again.close();
});

test('erasing takes the samples of the named series of that factory alone, in steps that end', () => {
  using hot = hotHistory();
  const samples = Array.from({ length: 30_000 }, (_, i) => ({
    seriesId: (i % 3) + 1,
    ts: NOW - Math.floor(i / 3) * 7_000,
    value: i,
  }));
  hot.writer.commit(batchOf(samples, [seriesOf(1), seriesOf(2), seriesOf(3, { factoryId: 2 })]));
  let from: number | null = null;
  let steps = 0;
  do {
    const next = hot.writer.erase({ factoryId: 1, seriesIds: [1, 3], from });
    assert.ok(next === null || next > (from ?? 0));
    from = next;
    steps++;
  } while (from !== null && steps < 10_000);
  const left = Map.groupBy(stored(hot.file).rows, ([seriesId]) => seriesId);
  assert.deepEqual(
    [1, 2, 3].map((seriesId) => left.get(seriesId)?.length),
    [undefined, 10_000, 10_000],
  );
});

test('pages that dropped buckets have left are given back, all but a reserve', () => {
  using hot = hotHistory({ reserveBytes: 1_048_576 });
  const text = 'x'.repeat(250);
  const rows = Array.from({ length: 60_000 }, (_, i) => ({ seriesId: 1, ts: NOW + i, value: `${text}${i}` }));
  hot.writer.commit(batchOf(rows, [seriesOf(1, { kind: 'state' })]));
  const closing = [{ endedBefore: NOW + 86_400_000, idleMs: 0 }];
  const { closed } = hot.writer.closeBuckets(closing);
  hot.writer.dropBuckets(closed.map(({ table }) => table));
  let before = Number.POSITIVE_INFINITY;
  for (let calls = 1; ; calls++) {
    const { freeBytes } = hot.writer.closeBuckets(closing);
    if (calls > 1) assert.ok(freeBytes === before || before - freeBytes <= 8_388_608, 'too much in one call');
    if (freeBytes === before) break;
    before = freeBytes;
  }
  assert.equal(before, 0);
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 'later' }]));
  hot.writer.close();
  assert.ok(statSync(hot.file).size < 1_500_000, `the file has ${statSync(hot.file).size} bytes`);
  assert.equal(stored(hot.file).rows.length, 1);
});

test('when a day gets a bucket for all of it, those of its parts take no more rows, so that the later write wins', () => {
  let now = NOW;
  using hot = hotHistory({ clock: () => now });
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  now += 3 * 86_400_000;
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 2 }]));
  const { closed, open } = hot.writer.closeBuckets([]);
  const spans = (buckets: readonly { startMs: number; endMs: number }[]) =>
    buckets.map(({ startMs, endMs }) => (endMs - startMs) / 1_000);
  assert.deepEqual([spans(closed).length, spans(open)], [1, [86_400]]);
  assert.ok((closed[0]?.generation ?? 0) < (open[0]?.generation ?? 0));
  // The clock is set back: the day keeps its bucket.
  now = NOW;
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 3 }]));
  assert.deepEqual(
    stored(hot.file)
      .rows.map(([, , value]) => value)
      .toSorted(),
    [1, 3],
  );
});
