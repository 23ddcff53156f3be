import assert from 'node:assert/strict';
import type { CalendarInterval, HistoryPoint, HistorySeries, SeriesKind } from '../../src/historian/historian.ts';
import { modelEdges } from './calendar-model.ts';
import { type historianOn, modelPoint, storedSamples } from './history-model.ts';
import { seriesOf, type WrittenSample } from './hot-history.ts';

/** A series of each kind, of factory 1. */
export const KINDS: readonly SeriesKind[] = ['number', 'boolean', 'state'];
export const SERIES: readonly HistorySeries[] = KINDS.map((kind, i) => ({
  seriesId: i + 1,
  parameter: `p${i + 1}`,
  kind,
}));
export const NEW_SERIES = SERIES.map(({ seriesId, kind }) => seriesOf(seriesId, { kind }));

type World = { readonly historian: Awaited<ReturnType<typeof historianOn>> };

const isClose = (actual: number, expected: number) =>
  Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));

/** Counts, ends, minimum and maximum exactly, averages to 1e-9. */
export function assertPoints(
  actual: readonly HistoryPoint[],
  expected: readonly ReturnType<typeof modelPoint>[],
): void {
  const withoutAvg = ({ avg, ...rest }: { avg: number | null }) => rest;
  assert.deepEqual(actual.map(withoutAvg), expected.map(withoutAvg));
  for (const [i, { avg }] of expected.entries()) {
    const mine = actual[i]?.avg ?? null;
    assert.ok(mine === avg || (mine !== null && avg !== null && isClose(mine, avg)), `avg ${mine}, expected ${avg}`);
  }
}

/** What is asked of both. */
export interface Question {
  readonly from: number;
  readonly to: number;
  readonly interval: CalendarInterval;
  readonly zone: string;
  readonly limit: number;
}

/** Every answer is that of a plain list of all that was ever written. */
export async function assertLikeModel(
  world: World,
  written: readonly WrittenSample[],
  question: Question,
): Promise<void> {
  const { from, to, interval, zone, limit } = question;
  const inside = storedSamples(written).filter(({ ts }) => ts >= from && ts < to);
  const answer = await world.historian.query({ series: SERIES, from, to, interval }, 1, zone);
  assert.ok(answer.interval !== 'raw');
  const edges = modelEdges(from, to, interval, zone);
  for (const [i, each] of SERIES.entries()) {
    const mine = inside.filter(({ seriesId }) => seriesId === each.seriesId);
    const expected = edges.flatMap((edge, step) => {
      const samples = mine.filter(({ ts }) => ts >= edge && ts < (edges[step + 1] ?? edge));
      return samples.length === 0 ? [] : [modelPoint(edge, samples, each)];
    });
    assertPoints(answer.series[i]?.points ?? [], expected);
  }
  const read = SERIES.map((): { t: number; value: unknown }[] => []);
  let cursor: string | undefined;
  do {
    const page = await world.historian.query({ series: SERIES, from, to, interval: 'raw', limit, cursor }, 1, zone);
    assert.ok(page.interval === 'raw');
    for (const [i, { points }] of page.series.entries()) read[i]?.push(...points);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  for (const [i, { seriesId, kind }] of SERIES.entries()) {
    const expected = inside
      .filter((sample) => sample.seriesId === seriesId)
      .map(({ ts, value }) => ({ t: ts, value: kind === 'boolean' ? value !== 0 : value }));
    assert.deepEqual(read[i], expected);
  }
}
