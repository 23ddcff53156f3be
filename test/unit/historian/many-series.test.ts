import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { HistoryAnswer, HistorySeries } from '../../../src/historian/historian.ts';
import { archivedHistory } from '../../support/archived-history.ts';
import { batchOf, NOW, seriesOf, type WrittenSample } from '../../support/hot-history.ts';
import { sealedState } from '../../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COUNT = 1_000;
const MINUTES = 30;

const series = Array.from({ length: COUNT }, (_, i): HistorySeries => {
  const seriesId = i + 1;
  return { seriesId, parameter: `p${seriesId}`, kind: 'number' };
});

const pointsOf = (answer: HistoryAnswer) =>
  answer.series.map(({ seriesId, points }) => [
    seriesId,
    points.map((point) => ('value' in point ? [point.t, point.value] : [point.t, point.avg])),
  ]);

test('a thousand series in one question are answered whole: recent, sealed, compacted, and page by page', async () => {
  await using world = await archivedHistory();
  const all: WrittenSample[] = Array.from({ length: COUNT * MINUTES }, (_, i) => ({
    seriesId: 1 + (i % COUNT),
    ts: NOW + Math.floor(i / COUNT) * 60_000,
    value: i,
  }));
  world.writer.commit(
    batchOf(
      all,
      series.map(({ seriesId }) => seriesOf(seriesId)),
    ),
  );
  const expected = series.map(({ seriesId }) => [
    seriesId,
    all.filter((sample) => sample.seriesId === seriesId).map(({ ts, value }) => [ts, value]),
  ]);
  const range = { series, from: NOW, to: NOW + MINUTES * 60_000 };
  const assertWhole = async () => {
    const minutes = pointsOf(await world.historian.query({ ...range, interval: '1m' }));
    // Not deepEqual: to show how thousands of points differ takes minutes.
    assert.ok(isDeepStrictEqual(minutes, expected), 'by the minute');
    const read = new Map(series.map(({ seriesId }) => [seriesId, [] as unknown[]]));
    let cursor: string | undefined;
    do {
      const page = await world.historian.query({ ...range, interval: 'raw', limit: 9_999, cursor });
      for (const { seriesId, points } of page.series) {
        read.get(seriesId)?.push(...points.map((point) => [point.t, 'value' in point && point.value]));
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    assert.ok(isDeepStrictEqual([...read], expected), 'single samples');
  };
  await assertWhole();
  world.clock.advance(HOUR_MS);
  await world.archive.round();
  assert.deepEqual(sealedState(world.root).buckets, []);
  await assertWhole();
  world.clock.advance(2 * DAY_MS);
  await world.archive.round();
  assert.ok(
    sealedState(world.root).named.some((file) => file.includes('/1m/')),
    'there are rollups',
  );
  await assertWhole();
});
