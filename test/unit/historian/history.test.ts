import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HistorySeries, SeriesKind } from '../../../src/historian/historian.ts';
import { modelEdges, spanNearChange } from '../../support/calendar-model.ts';
import { historianOn, modelPoint, storedSamples } from '../../support/history-model.ts';
import { batchOf, hotHistory, NOW, seriesOf, type WrittenSample } from '../../support/hot-history.ts';
import { assertPoints } from '../../support/like-model.ts';

const KINDS: readonly SeriesKind[] = ['number', 'boolean', 'state'];

const asked = (seriesId: number, kind: SeriesKind = 'number'): HistorySeries => ({
  seriesId,
  parameter: `p${seriesId}`,
  kind,
});

const valueFor: Readonly<Record<SeriesKind, fc.Arbitrary<number | string>>> = {
  // SQLite does not know minus zero.
  number: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
  boolean: fc.constantFrom(0, 1),
  state: fc.constantFrom('idle', 'busy', 'fault'),
};

/** A span with samples inside and a little outside it, late and repeated ones among them, in batches. */
const history = spanNearChange.chain((span) => {
  const reach = Math.max(span.to - span.from, 1_000);
  const sample = fc.nat(KINDS.length - 1).chain((kind) =>
    fc.record({
      seriesId: fc.constant(kind + 1),
      // Few different stamps, so that some are written twice.
      ts: fc.integer({ min: -4, max: 68 }).map((part) => span.from + Math.round((part / 64) * reach)),
      value: valueFor[KINDS[kind] ?? 'number'],
    }),
  );
  return fc.record({
    span: fc.constant(span),
    batches: fc.array(fc.array(sample, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
  });
});

test('aggregated history is that of a plain model, in every zone, at every interval', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ span: { zone, interval, from, to }, batches }) => {
      using hot = hotHistory({ bucketSeconds: 86_400 });
      const series = KINDS.map((kind, i) => asked(i + 1, kind));
      const newSeries = series.map(({ seriesId, kind }) => seriesOf(seriesId, { kind }));
      for (const [i, batch] of batches.entries()) hot.writer.commit(batchOf(batch, i === 0 ? newSeries : []));
      using historian = await historianOn(hot.file);
      const answer = await historian.query({ series, from, to, interval }, 1, zone);
      assert.ok(answer.interval !== 'raw');
      const edges = modelEdges(from, to, interval, zone);
      const inside = storedSamples(batches.flat()).filter(({ ts }) => ts >= from && ts < to);
      for (const [i, each] of series.entries()) {
        const mine = inside.filter(({ seriesId }) => seriesId === each.seriesId);
        const expected = edges.flatMap((edge, step) => {
          const samples = mine.filter(({ ts }) => ts >= edge && ts < (edges[step + 1] ?? edge));
          return samples.length === 0 ? [] : [modelPoint(edge, samples, each)];
        });
        assertPoints(answer.series[i]?.points ?? [], expected);
      }
    }),
    { numRuns: 60 },
  );
});

test('raw history is every stored sample once, in order of time, whatever the size of the pages', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 1, max: 30 }), async ({ span: { from, to }, batches }, limit) => {
      using hot = hotHistory({ bucketSeconds: 86_400 });
      const series = KINDS.map((kind, i) => asked(i + 1, kind));
      const newSeries = series.map(({ seriesId, kind }) => seriesOf(seriesId, { kind }));
      for (const [i, batch] of batches.entries()) hot.writer.commit(batchOf(batch, i === 0 ? newSeries : []));
      using historian = await historianOn(hot.file);
      const read = series.map((): { t: number; value: unknown }[] => []);
      let cursor: string | undefined;
      do {
        const answer = await historian.query({ series, from, to, interval: 'raw', limit, cursor });
        assert.ok(answer.interval === 'raw');
        const counts = answer.series.map(({ points }) => points.length);
        assert.ok(counts.reduce((a, b) => a + b, 0) <= limit);
        for (const [i, { points }] of answer.series.entries()) read[i]?.push(...points);
        cursor = answer.nextCursor ?? undefined;
      } while (cursor !== undefined);
      const inside = storedSamples(batches.flat()).filter(({ ts }) => ts >= from && ts < to);
      for (const [i, { seriesId, kind }] of series.entries()) {
        const expected = inside
          .filter((sample) => sample.seriesId === seriesId)
          .map(({ ts, value }) => ({ t: ts, value: kind === 'boolean' ? value !== 0 : value }));
        assert.deepEqual(read[i], expected);
      }
    }),
    { numRuns: 40 },
  );
});

test('paging neither repeats nor skips while samples keep coming, before and after the page', async () => {
  using hot = hotHistory();
  const initial: WrittenSample[] = Array.from({ length: 500 }, (_, i) => ({
    seriesId: 1 + (i % 2),
    ts: NOW + Math.floor(i / 2) * 10_000,
    value: i,
  }));
  hot.writer.commit(batchOf(initial, [seriesOf(1), seriesOf(2)]));
  using historian = await historianOn(hot.file);
  const series = [asked(1), asked(2)];
  const seen: string[] = [];
  let cursor: string | undefined;
  let round = 0;
  do {
    const request = { series, from: NOW, to: NOW + 1e9, interval: 'raw' as const, limit: 7, cursor };
    const answer = await historian.query(request);
    for (const { seriesId, points } of answer.series) seen.push(...points.map(({ t }) => `${seriesId} ${t}`));
    cursor = answer.nextCursor ?? undefined;
    if (round++ < 40) {
      const late = { seriesId: 1, ts: NOW + round * 3, value: -1 };
      const next = { seriesId: 2, ts: NOW + 5_000_000 + round, value: -1 };
      hot.writer.commit(batchOf([late, next]));
    }
  } while (cursor !== undefined);
  assert.equal(new Set(seen).size, seen.length, 'no sample came twice');
  for (const { seriesId, ts } of initial) assert.ok(seen.includes(`${seriesId} ${ts}`), `${seriesId} ${ts} came`);
  assert.equal(seen.filter((key) => key >= `2 ${NOW + 5_000_000}`).length, 40, 'what came behind the cursor is read');
});

test("another factory's samples do not exist, whatever series are asked for", async () => {
  using hot = hotHistory();
  const samples = [1, 2].map((seriesId) => ({ seriesId, ts: NOW + seriesId, value: seriesId }));
  hot.writer.commit(batchOf(samples, [seriesOf(1), seriesOf(2, { factoryId: 2 })]));
  using historian = await historianOn(hot.file);
  const series = [asked(1), asked(2)];
  for (const interval of ['raw', '1m'] as const) {
    for (const [factoryId, counts] of [
      [1, [1, 0]],
      [2, [0, 1]],
      [3, [0, 0]],
    ] as const) {
      const answer = await historian.query({ series, from: NOW, to: NOW + 60_000, interval }, factoryId);
      assert.deepEqual(
        answer.series.map(({ points }) => points.length),
        counts,
      );
    }
  }
});

test('first and last go by event time even where late samples came last', async () => {
  using hot = hotHistory();
  const at = (ms: number, value: number) => ({ seriesId: 1, ts: NOW + ms, value });
  hot.writer.commit(batchOf([at(30_000, 3), at(10_000, 1)], [seriesOf(1)]));
  hot.writer.commit(batchOf([at(50_000, 5)]));
  hot.writer.commit(batchOf([at(40_000, 4), at(5_000, 0.5)]));
  using historian = await historianOn(hot.file);
  const answer = await historian.query({ series: [asked(1)], from: NOW, to: NOW + 60_000, interval: '1m' });
  assert.deepEqual(answer.series[0]?.points, [{ t: NOW, avg: 2.7, min: 0.5, max: 5, count: 5, first: 0.5, last: 5 }]);
});

test('a range of more rows than are fetched at once is read whole', async () => {
  using hot = hotHistory();
  const count = 20_000;
  const samples = Array.from({ length: count }, (_, i) => ({
    seriesId: 1 + (i % 3),
    ts: NOW + Math.floor(i / 3),
    value: 1,
  }));
  hot.writer.commit(batchOf(samples, [seriesOf(1), seriesOf(2), seriesOf(3)]));
  using historian = await historianOn(hot.file);
  const series = [asked(1), asked(2), asked(3)];
  const answer = await historian.query({ series, from: NOW, to: NOW + 60_000, interval: '1h' });
  assert.deepEqual(
    answer.series.map(({ points }) => points[0]),
    [6_667, 6_667, 6_666].map((n) => ({ t: NOW, avg: 1, min: 1, max: 1, count: n, first: 1, last: 1 })),
  );
});

test('from is inclusive, to is exclusive, and a sample on an edge opens the new step', async () => {
  using hot = hotHistory();
  const at = (ms: number) => ({ seriesId: 1, ts: NOW + ms, value: ms });
  hot.writer.commit(batchOf([at(-1), at(0), at(59_999), at(60_000), at(119_999), at(120_000)], [seriesOf(1)]));
  using historian = await historianOn(hot.file);
  const answer = await historian.query({ series: [asked(1)], from: NOW, to: NOW + 120_000, interval: '1m' });
  assert.deepEqual(answer.series[0]?.points, [
    { t: NOW, avg: 29_999.5, min: 0, max: 59_999, count: 2, first: 0, last: 59_999 },
    { t: NOW + 60_000, avg: 89_999.5, min: 60_000, max: 119_999, count: 2, first: 60_000, last: 119_999 },
  ]);
});

test('a page that holds the last sample names no next one', async () => {
  using hot = hotHistory();
  const samples = [0, 1, 2].map((ms) => ({ seriesId: 1, ts: NOW + ms, value: ms }));
  hot.writer.commit(batchOf(samples, [seriesOf(1)]));
  using historian = await historianOn(hot.file);
  const request = { series: [asked(1)], from: NOW, to: NOW + 1_000, interval: 'raw' as const };
  assert.equal((await historian.query({ ...request, limit: 3 })).nextCursor, null);
  assert.notEqual((await historian.query({ ...request, limit: 2 })).nextCursor, null);
});
