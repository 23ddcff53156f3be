import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { edges, floorTo } from '../../../src/historian/calendar.ts';
import { modelEdges, spanNearChange, wallClock } from '../../support/calendar-model.ts';

const HOUR = 3_600_000;

/** Lengths of the steps, in units of `unitMs`. */
const lengths = (list: Float64Array, unitMs: number) =>
  [...list].slice(1).map((edge, i) => (edge - (list[i] ?? 0)) / unitMs);

test('edges are those of a plain walk with a wall clock, in every zone and across every change', () => {
  fc.assert(
    fc.property(spanNearChange, ({ zone, interval, from, to }) => {
      assert.deepEqual([...edges(from, to, interval, zone)], modelEdges(from, to, interval, zone));
    }),
    { numRuns: 300 },
  );
});

test('edges increase, cover the span, and each is its own floor', () => {
  fc.assert(
    fc.property(spanNearChange, ({ zone, interval, from, to }) => {
      const list = edges(from, to, interval, zone);
      assert.ok((list[0] ?? Number.NaN) <= from && (list[1] ?? Number.NaN) > from);
      assert.ok((list.at(-2) ?? Number.NaN) < to && (list.at(-1) ?? Number.NaN) >= to);
      for (const [i, edge] of list.entries()) {
        if (i > 0) assert.ok(edge > (list[i - 1] ?? Number.NaN));
        assert.equal(floorTo(edge, interval, zone), edge);
      }
    }),
    { numRuns: 300 },
  );
});

test('every local day appears once, and a day that a zone left out does not appear', () => {
  const days = (from: number, to: number, zone: string) =>
    [...edges(from, to, '1d', zone)].slice(0, -1).map((edge) => wallClock(edge, zone).date);
  const apia = days(Date.UTC(2011, 11, 28, 12), Date.UTC(2012, 0, 1), 'Pacific/Apia');
  assert.deepEqual(apia, ['2011-12-28', '2011-12-29', '2011-12-31', '2012-01-01']);
  for (const zone of ['Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'America/St_Johns']) {
    const year = days(Date.UTC(2018, 0, 1, 12), Date.UTC(2018, 11, 31, 12), zone);
    assert.equal(year.length, 365);
    assert.equal(new Set(year).size, 365);
  }
});

test('days last 23, 24 or 25 hours, and may begin at one', () => {
  const spring = edges(Date.UTC(2026, 2, 28, 12), Date.UTC(2026, 2, 30, 12), '1d', 'Europe/Berlin');
  assert.deepEqual(lengths(spring, HOUR), [24, 23, 24]);
  const autumn = edges(Date.UTC(2026, 9, 24, 12), Date.UTC(2026, 9, 26, 12), '1d', 'Europe/Berlin');
  assert.deepEqual(lengths(autumn, HOUR), [24, 25, 24]);
  const noMidnight = edges(Date.UTC(2018, 10, 4, 12), Date.UTC(2018, 10, 4, 13), '1d', 'America/Sao_Paulo');
  assert.equal(wallClock(noMidnight[0] ?? 0, 'America/Sao_Paulo').hour, 1);
});

test('an hour of Lord Howe lasts 90 minutes when the clock goes back by half an hour, and 30 when it goes on', () => {
  const back = edges(Date.UTC(2026, 3, 4, 13), Date.UTC(2026, 3, 4, 17), '1h', 'Australia/Lord_Howe');
  assert.deepEqual(lengths(back, HOUR), [1, 1.5, 1, 1]);
  const on = edges(Date.UTC(2026, 9, 3, 14, 30), Date.UTC(2026, 9, 3, 17), '1h', 'Australia/Lord_Howe');
  assert.deepEqual(lengths(on, HOUR), [1, 0.5, 1]);
});

test('weeks begin on Monday', () => {
  const list = edges(Date.UTC(2027, 0, 1), Date.UTC(2027, 0, 15), '1w', 'Asia/Kolkata');
  assert.deepEqual(
    [...list].map((edge) => new Date(edge).toISOString()),
    ['2026-12-27T18:30:00.000Z', '2027-01-03T18:30:00.000Z', '2027-01-10T18:30:00.000Z', '2027-01-17T18:30:00.000Z'],
  );
});

test('ninety days of minutes are cut without gaps', () => {
  const from = Date.UTC(2026, 8, 1);
  const list = edges(from, from + 90 * 24 * HOUR, '1m', 'Europe/Berlin');
  assert.equal(list.length, 90 * 24 * 60 + 1);
  assert.equal(list.at(-1), from + 90 * 24 * HOUR);
});
