import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HotRow, type HotSnapshot, openHotReader } from '../../../src/historian/hot-reader.ts';
import { isolate } from '../../../src/store/isolation.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { batchOf, hotHistory, NOW, seriesOf } from '../../support/hot-history.ts';

const everything = { seriesIds: [1, 2, 3], from: 0, to: Number.MAX_SAFE_INTEGER, pageRows: 1_000 };

const spansOf = (snapshot: HotSnapshot) => snapshot.spans(everything.from, everything.to, () => new Set());
const pagesOf = (snapshot: HotSnapshot) => spansOf(snapshot).flatMap((span) => [...snapshot.pages(span, everything)]);
const rowsOf = (snapshot: HotSnapshot): HotRow[] => pagesOf(snapshot).flat();

test('a snapshot does not move while the writer goes on', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  const reader = openHotReader(hot.file);
  reader.readHot(1, (snapshot) => {
    assert.equal(rowsOf(snapshot).length, 1);
    hot.writer.commit(batchOf([NOW + 1, NOW + 600_000].map((ts) => ({ seriesId: 1, ts, value: 2 }))));
    assert.equal(rowsOf(snapshot).length, 1);
  });
  assert.equal(reader.readHot(1, rowsOf).length, 3);
  reader.close();
});

test('buckets may come and go between reads', () => {
  using hot = hotHistory();
  const samples = [0, 600_000, 1_200_000].map((ms) => ({ seriesId: 1, ts: NOW + ms, value: 1 }));
  hot.writer.commit(batchOf(samples, [seriesOf(1)]));
  const reader = openHotReader(hot.file);
  assert.equal(reader.readHot(1, rowsOf).length, 3);
  const db = openDatabase(hot.file);
  db.exec(`drop table "bucket_${NOW / 1000}_1"`);
  db.close();
  assert.equal(reader.readHot(1, rowsOf).length, 2);
  reader.close();
});

test('a reader that was left in the middle of a bucket, or whose work threw, reads on', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  const reader = openHotReader(hot.file);
  const first = reader.readHot(1, (snapshot) => {
    for (const span of spansOf(snapshot)) for (const page of snapshot.pages(span, everything)) return page.length;
    return 0;
  });
  assert.equal(first, 1);
  const failing = (snapshot: HotSnapshot) => {
    for (const span of spansOf(snapshot)) {
      for (const _page of snapshot.pages(span, everything)) throw new Error('enough');
    }
  };
  assert.throws(() => reader.readHot(1, failing), /enough/);
  assert.equal(reader.readHot(1, rowsOf).length, 1);
  assert.equal(reader.readHot(2, rowsOf).length, 0);
  reader.close();
});

test('rows are found by the key, through the isolation view', () => {
  using hot = hotHistory();
  hot.writer.commit(batchOf([{ seriesId: 1, ts: NOW, value: 1 }], [seriesOf(1)]));
  const db = openDatabase(hot.file, { readonly: true });
  isolate(db, { writable: false, tables: [`bucket_${NOW / 1000}_1`] });
  db.exec(`create temp view hot_slot as select * from temp."bucket_${NOW / 1000}_1"`);
  const plan = db
    .prepare<[], { detail: string }>(
      `explain query plan select ts, series_id, value, text from temp.hot_slot
       where ts >= 1 and ts < 2 and (ts > 1 or series_id > 1) and series_id in (1, 2) order by ts, series_id limit 5`,
    )
    .all();
  db.close();
  assert.deepEqual(
    plan.map(({ detail }) => detail),
    [`SEARCH main.bucket_${NOW / 1000}_1 USING PRIMARY KEY (factory_id=? AND ts>? AND ts<?)`],
  );
});
