import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommittedRows, openCommits } from '../../../src/historian/historian.ts';
import { batchOf, hotHistory, NOW, seriesOf } from '../../support/hot-history.ts';

const rowsOf = ({ length, seriesIds, timestamps, values, texts }: CommittedRows) =>
  Array.from({ length }, (_, row) => [
    seriesIds[row],
    (timestamps[row] as number) - NOW,
    texts.get(row) ?? values[row],
  ]);

/** A history of two factories, over two buckets. */
function history() {
  const hot = hotHistory();
  const other = seriesOf(3, { factoryId: 2 });
  const at = (seriesId: number, ts: number, value: number | string) => ({ seriesId, ts: NOW + ts, value });
  hot.writer.commit(
    batchOf([at(1, 0, 1), at(1, 600_000, 2), at(3, 0, 9)], [seriesOf(1), seriesOf(2, { kind: 'state' }), other]),
  );
  hot.writer.commit(batchOf([at(1, -5_000, 3), at(2, 10, 'idle')]));
  hot.writer.commit({ ...batchOf([at(1, 20, 4), at(1, 30, 5), at(2, 30, 'busy')]), imported: new Set([1, 2]) });
  hot.writer.commit(batchOf([at(3, 40, 8)]));
  hot.writer.commit(batchOf([at(1, 0, 6)]));
  return hot;
}

test('commits come one after the other with their rows of a factory, and no imported ones', () => {
  using hot = history();
  const reader = openCommits(hot.file);
  reader.read((snapshot) => {
    const all = [...snapshot.commits(1, 0, 5)].map((commit) => [commit.seq, rowsOf(commit)]);
    assert.deepEqual(all, [
      [1, [[1, 600_000, 2]]],
      [
        2,
        [
          [1, -5_000, 3],
          [2, 10, 'idle'],
        ],
      ],
      [3, [[1, 20, 4]]],
      // It was sent again: the last write has it.
      [5, [[1, 0, 6]]],
    ]);
    assert.deepEqual(
      [...snapshot.commits(1, 2, 5)].map(({ seq }) => seq),
      [3, 5],
    );
    assert.deepEqual([...snapshot.commits(2, 1, 5)].flatMap(rowsOf), [[3, 40, 8]]);
    assert.deepEqual([...snapshot.commits(1, 3, 4)], []);
  });
  reader.close();
});

test('what was committed until then is found by its stamps', () => {
  using hot = history();
  const reader = openCommits(hot.file);
  const found = reader.read((snapshot) => [...snapshot.until(3, 1, NOW + 5)].flatMap(rowsOf));
  assert.deepEqual(
    found.toSorted(([, a], [, b]) => Number(a) - Number(b)),
    [
      [2, 10, 'idle'],
      [1, 20, 4],
      [1, 600_000, 2],
    ],
  );
  reader.close();
});

test('more commits than fit into memory at once come in their order too', () => {
  using hot = hotHistory();
  const rows = (from: number) =>
    Array.from({ length: 30_000 }, (_, i) => ({ seriesId: 1, ts: NOW + from * 7 + i * 100, value: from }));
  hot.writer.commit(batchOf(rows(1), [seriesOf(1)]));
  for (let commit = 2; commit <= 9; commit++) hot.writer.commit(batchOf(rows(commit)));
  const reader = openCommits(hot.file);
  const commits = reader.read((snapshot) => [...snapshot.commits(1, 1, 9)]);
  assert.deepEqual(
    commits.map(({ seq, length }) => [seq, length]),
    Array.from({ length: 8 }, (_, i) => [i + 2, 30_000]),
  );
  assert.ok(commits.every(({ seq, values }) => values.every((value) => value === seq)));
  reader.close();
});
