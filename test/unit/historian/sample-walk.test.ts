import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openHistoryEngine } from '../../../src/historian/historian.ts';
import { removedSpans, type WalkOptions } from '../../../src/historian/sample-walk.ts';
import type { Segment } from '../../../src/historian/segment-catalogue.ts';
import { archivedHistory, placeIn } from '../../support/archived-history.ts';
import { withCode } from '../../support/errors.ts';
import { storedSamples } from '../../support/history-model.ts';
import { batchOf, NOW, seriesOf, type WrittenSample } from '../../support/hot-history.ts';

const DAY_MS = 86_400_000;
const STEP_MS = 21_000_000;
const SERIES = [
  { seriesId: 1, kind: 'number' },
  { seriesId: 2, kind: 'state' },
  { seriesId: 3, kind: 'number' },
] as const;
const NEW = SERIES.map(({ seriesId, kind }) => seriesOf(seriesId, { kind }));

const never: WalkOptions = { isCancelled: () => false };

/** All samples of a range as they are visited. */
async function walked(root: string, range: { from: number; to: number; ids: readonly number[] }, options = never) {
  const engine = await openHistoryEngine(placeIn(root));
  try {
    const samples: WrittenSample[] = [];
    const series = SERIES.filter(({ seriesId }) => range.ids.includes(seriesId));
    const { missing } = await engine.walk(
      { factoryId: 1, series, from: range.from, to: range.to },
      (ts, seriesId, value, text) => samples.push({ seriesId, ts, value: text ?? value }),
      options,
    );
    return { samples, missing };
  } finally {
    engine.close();
  }
}

const sample = fc.record({
  seriesId: fc.constantFrom(1, 2, 3),
  // A few days ago to now; some stamps twice, so that the last write decides.
  ts: fc.integer({ min: 0, max: 12 }).map((step) => NOW - 3 * DAY_MS + step * STEP_MS),
  number: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
});
const written = ({ seriesId, ts, number }: { seriesId: number; ts: number; number: number }): WrittenSample => ({
  seriesId,
  ts,
  value: seriesId === 2 ? `state ${number}` : number,
});
const batches = fc.array(fc.array(sample.map(written), { minLength: 10, maxLength: 40 }), {
  minLength: 1,
  maxLength: 3,
});

test('a walk visits each sample once, by its last write, in the order of time, sealed or not', async () => {
  let calls = 0;
  const plans = fc.record({
    sealed: batches,
    late: fc.oneof(fc.constant([]), batches),
    from: fc.integer({ min: -2, max: 6 }),
    steps: fc.integer({ min: 2, max: 14 }),
    ids: fc.constantFrom<number[]>([1], [2], [1, 3], [1, 2, 3]),
  });
  await fc.assert(
    fc.asyncProperty(plans, async ({ sealed, late, from: first, steps, ids }) => {
      await using history = await archivedHistory({ bucketSeconds: 43_200 });
      for (const [place, batch] of sealed.entries()) history.writer.commit(batchOf(batch, place === 0 ? NEW : []));
      await history.archive.round();
      for (const batch of late) history.writer.commit(batchOf(batch));
      const from = NOW - 3 * DAY_MS + first * STEP_MS;
      const to = from + steps * STEP_MS;
      const answer = await walked(history.root, { from, to, ids });
      const expected = storedSamples([...sealed, ...late].flat());
      assert.deepEqual(
        answer.samples,
        expected.filter(({ seriesId, ts }) => (ids as readonly number[]).includes(seriesId) && ts >= from && ts < to),
      );
      assert.deepEqual(answer.missing, []);
      // By columns, where there are any, it is the same: from call to call in the order of time.
      const byColumns: WrittenSample[][] = [];
      const visitColumns: WalkOptions['visitColumns'] = (columns) => {
        const rows = columns.flatMap(({ seriesId, stamps, values, textAt, start, end }) =>
          Array.from({ length: end - start }, (_, index) => {
            const row = start + index;
            return { seriesId, ts: stamps[row] as number, value: textAt?.(row) ?? (values[row] as number) };
          }),
        );
        byColumns.push(rows.toSorted((a, b) => a.ts - b.ts || a.seriesId - b.seriesId));
      };
      const { samples: others } = await walked(history.root, { from, to, ids }, { ...never, visitColumns });
      calls += byColumns.length;
      assert.deepEqual(
        [...byColumns.flat(), ...others].toSorted((a, b) => a.ts - b.ts || a.seriesId - b.seriesId),
        answer.samples,
      );
      assert.deepEqual(
        byColumns.flat(),
        byColumns.flat().toSorted((a, b) => a.ts - b.ts || a.seriesId - b.seriesId),
      );
    }),
    { numRuns: 6 },
  );
  assert.ok(calls > 0, 'nothing came by columns');
});

test('many samples come in several windows, and in order over all of them', async () => {
  await using history = await archivedHistory({ bucketSeconds: 86_400 });
  const many = Array.from({ length: 40_000 }, (_, index) => ({
    seriesId: 1 + 2 * (index % 2),
    ts: NOW - 10 * DAY_MS + Math.floor(index / 2) * 30_000,
    value: index,
  }));
  history.writer.commit(batchOf(many, NEW));
  await history.archive.round();
  const { samples } = await walked(history.root, { from: NOW - 20 * DAY_MS, to: NOW, ids: [1, 3] });
  assert.equal(samples.length, many.length);
  assert.deepEqual(
    samples.map(({ value }) => value),
    many.map(({ value }) => value),
  );
});

test('a walk can be cancelled, ends when it is enough, and tells how far it is', async () => {
  await using history = await archivedHistory({ bucketSeconds: 86_400 });
  const from = NOW - 4 * DAY_MS;
  const many = Array.from({ length: 20_000 }, (_, index) => ({ seriesId: 1, ts: from + index * 10_000, value: index }));
  history.writer.commit(batchOf(many, NEW));
  await history.archive.round();
  const range = { from, to: NOW, ids: [1] };
  let asked = 0;
  await assert.rejects(walked(history.root, range, { isCancelled: () => ++asked > 3 }), withCode('unavailable'));
  const told: number[] = [];
  const whole = await walked(history.root, range, {
    ...never,
    onProgress: (ts: number) => told.push(ts),
  });
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
  assert.ok(told.length > 5 && told.at(-1) === NOW, `told ${told.length} times`);
  let pages = 0;
  const part = await walked(history.root, range, { ...never, isEnough: () => ++pages > 4 });
  assert.ok(part.samples.length > 0 && part.samples.length < whole.samples.length);
});

test('what was removed is said, by days: where only rollups are left, and where nothing is', () => {
  const day = (first: number, count: number, level: Segment['level']) =>
    ({ level, fromTs: first * DAY_MS, toTs: (first + count) * DAY_MS }) as Segment;
  const segments = [day(10, 10, '15m'), day(14, 1, 'raw'), day(16, 4, 'raw')];
  const removed = (from: number, to: number, raw: number, all = 0) =>
    removedSpans(
      (span) => segments.filter(({ fromTs, toTs }) => fromTs < span.to && toTs > span.from),
      { from: from * DAY_MS, to: to * DAY_MS },
      { raw: raw * DAY_MS, all: all * DAY_MS },
    ).map((span) => [span.from / DAY_MS, span.to / DAY_MS]);
  assert.deepEqual(removed(8, 20, 0), []);
  assert.deepEqual(removed(8, 20, 16), [
    [10, 14],
    [15, 16],
  ]);
  assert.deepEqual(removed(8, 20, 16, 9), [
    [8, 9],
    [10, 14],
    [15, 16],
  ]);
  assert.deepEqual(removed(12.5, 13.25, 16), [[12.5, 13.25]]);
  assert.deepEqual(removed(17, 20, 16), []);
});
