import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HistoryTask } from '../../../src/historian/history-request.ts';
import { createRecentMinutes, MINUTE_WIDTH } from '../../../src/historian/recent-minutes.ts';

const MINUTE = 60_000;
const START = Date.UTC(2027, 0, 1);

const task = (more: Partial<HistoryTask> = {}): HistoryTask => ({
  factoryId: 1,
  timezone: 'UTC',
  series: [{ seriesId: 7, parameter: 'p', kind: 'number' }],
  from: START - 3_600_000,
  to: START + 3_600_000,
  interval: '1m',
  limit: 1,
  after: undefined,
  ...more,
});

/** A store of minutes and a series that remembers its newest sample, as the live state does. */
function recorded(maxSeries?: number) {
  const recent = createRecentMinutes(maxSeries);
  const series = { seriesId: 7, factoryId: 1, ts: Number.NEGATIVE_INFINITY };
  const samples = new Map<number, number>();
  return {
    recent,
    series,
    samples,
    add: (ts: number, value: number) => {
      recent.add(series, ts, value, null);
      series.ts = Math.max(series.ts, ts);
      samples.set(ts, value);
    },
  };
}

test('what is kept of any order of samples says what the samples say, or is not used', () => {
  const offsets = fc.array(
    fc.record({ s: fc.integer({ min: 0, max: 100 * 60 }), value: fc.integer({ min: -99, max: 99 }) }),
    {
      minLength: 1,
      maxLength: 200,
    },
  );
  const orders = fc
    .tuple(offsets, fc.boolean())
    .map(([list, isOrdered]) => (isOrdered ? list.toSorted((a, b) => a.s - b.s) : list));
  let used = 0;
  fc.assert(
    fc.property(orders, fc.integer({ min: 1, max: 110 * 60 }), (list, toS) => {
      const { recent, samples, add } = recorded();
      for (const { s, value } of list) add(START + s * 1_000, value);
      const asked = task({ from: START, to: START + toS * 1_000 });
      const part = recent.partOf(asked);
      if (part === undefined) return;
      used++;
      const kept = new Map<number, number[]>();
      const { numbers } = part.series[0] ?? assert.fail('no series');
      for (let at = 0; at < numbers.length; at += MINUTE_WIDTH) {
        const [minute = 0, ...members] = numbers.subarray(at, at + MINUTE_WIDTH);
        kept.set(minute, members);
      }
      const expected = new Map<number, number[]>();
      for (const [ts, value] of [...samples].toSorted(([a], [b]) => a - b)) {
        if (ts < part.from || ts >= asked.to) continue;
        const minute = Math.floor(ts / MINUTE) * MINUTE;
        const [count = 0, sum = 0, min = value, max = value, firstAt = ts, first = value] = expected.get(minute) ?? [];
        expected.set(minute, [
          count + 1,
          sum + value,
          Math.min(min, value),
          Math.max(max, value),
          firstAt,
          first,
          ts,
          value,
        ]);
      }
      assert.deepEqual(
        [...kept].toSorted(([a], [b]) => a - b),
        [...expected].toSorted(([a], [b]) => a - b),
      );
    }),
    { seed: 4711, numRuns: 400 },
  );
  assert.ok(used > 100, String(used));
});

test('after a start what was stored before is read; from the next minute on all is known', () => {
  const { recent, series, add } = recorded();
  series.ts = START + 10_000;
  add(START + 20_000, 1);
  assert.equal(recent.partOf(task({ to: START + MINUTE })), undefined);
  add(START + MINUTE, 2);
  assert.equal(recent.partOf(task())?.from, START + MINUTE);
});

test('of a series that has been silent since the start nothing is read behind its last minute', () => {
  const { recent } = recorded();
  recent.know({ seriesId: 7, factoryId: 1, ts: START + 10_000 });
  assert.deepEqual(recent.partOf(task({ from: START })), {
    from: START + MINUTE,
    series: [{ numbers: new Float64Array(0), texts: [] }],
  });
});

test('samples from before 1970, as files may bring them, are kept like any other', () => {
  const { recent, add } = recorded();
  const start = -3 * MINUTE;
  for (let minute = 0; minute < 6; minute++) add(start + minute * MINUTE + 1, minute);
  const part = recent.partOf(task({ from: start, to: start + 6 * MINUTE }));
  const { numbers = new Float64Array(0) } = part?.series[0] ?? {};
  assert.equal(part?.from, start);
  const minutes = Array.from({ length: numbers.length / MINUTE_WIDTH }, (_, i) => numbers[i * MINUTE_WIDTH]);
  assert.deepEqual(
    minutes.toSorted((a = 0, b = 0) => a - b),
    Array.from({ length: 6 }, (_, i) => start + i * MINUTE),
  );
});

test('a late sample makes its minute and those before it unusable, and no later one', () => {
  const { recent, add } = recorded();
  for (let minute = 0; minute < 5; minute++) add(START + minute * MINUTE, minute);
  assert.equal(recent.partOf(task({ from: START }))?.from, START);
  add(START + 2 * MINUTE + 1, 9);
  assert.equal(recent.partOf(task({ from: START }))?.from, START + 3 * MINUTE);
});

test('a range that ends within a minute that goes on is read', () => {
  const { recent, add } = recorded();
  add(START, 1);
  add(START + 30_000, 2);
  assert.equal(recent.partOf(task({ to: START + 15_000 })), undefined);
  assert.notEqual(recent.partOf(task({ to: START + 30_001 })), undefined);
});

test('raw samples, series of another factory, forgotten and unknown ones, and too many are read', () => {
  const { recent, add } = recorded(1);
  add(START, 1);
  assert.notEqual(recent.partOf(task()), undefined);
  assert.equal(recent.partOf(task({ interval: 'raw' })), undefined);
  assert.equal(recent.partOf(task({ factoryId: 2 })), undefined);
  recent.add({ seriesId: 8, factoryId: 1, ts: Number.NEGATIVE_INFINITY }, START, 1, null);
  const both = [7, 8].map((seriesId) => ({ seriesId, parameter: 'p', kind: 'number' as const }));
  assert.equal(recent.partOf(task({ series: both })), undefined);
  recent.forget([7]);
  assert.equal(recent.partOf(task()), undefined);
});
