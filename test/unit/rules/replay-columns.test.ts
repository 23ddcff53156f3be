import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Condition, Watch } from '../../../src/rules/condition.ts';
import { compile } from '../../../src/rules/fold.ts';
import { createReplay, type ParameterColumns } from '../../../src/rules/replay.ts';
import { anyMessages, anyWatch, denser, PARAMETERS, type Point, watchOf, windowedWatch } from '../../support/rules.ts';

const MONDAY = Date.UTC(2027, 0, 11);
const MINUTE_MS = 60_000;
const ENVIRONMENT = { timezone: 'Europe/Berlin', outages: [[MONDAY + MINUTE_MS, MONDAY + 2 * MINUTE_MS]] } as const;

/** Now and then a number is a text, as when the kind of a parameter is reset. */
const mixed = ({ series, value }: Point) => (series === 0 && value === -3 ? 'idle' : value);

interface Row {
  readonly ts: number;
  readonly place: number;
  readonly value: number | string;
}

/** @param isShared - the first parameter has two series, as where a device took the place of another: here they take turns */
function columnsOf(rows: readonly Row[], places: number, isShared: boolean): ParameterColumns[] {
  const series = rows.map(({ ts, place }) => (isShared && place === 0 && ts % 3 === 0 ? places : place));
  return Array.from({ length: places + 1 }, (_, one) => {
    const own = rows.filter((_row, index) => series[index] === one);
    const isText = own.some(({ value }) => typeof value === 'string');
    const text = (row: number) => {
      const value = own[row - 1]?.value;
      return typeof value === 'string' ? value : null;
    };
    return {
      place: one % places,
      // What is not between start and end does not count.
      stamps: Float64Array.from([0, ...own.map(({ ts }) => ts), Number.MAX_SAFE_INTEGER]),
      values: Float64Array.from([
        1e9,
        ...own.map(({ value }) => (typeof value === 'string' ? Number.NaN : value)),
        1e9,
      ]),
      textAt: isText ? text : undefined,
      start: 1,
      end: own.length + 1,
    };
  });
}

function replayOf(watch: Watch, rows: readonly Row[]) {
  const fold = compile(watch, ENVIRONMENT);
  const bounds = { firings: 1_000, changes: 10_000 };
  const to = (rows.at(-1)?.ts ?? MONDAY) + 5 * MINUTE_MS;
  const isBoolean = (parameter: string) => parameter === 'running';
  return createReplay({ fold, bornAt: MONDAY, from: MONDAY, to, bounds, isBoolean });
}

test('samples by columns, however they are cut, say what they say one by one', () => {
  let count = 0;
  const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
  const shapes = fc.record({ density: fc.constantFrom(1, 10, 100), isShared: fc.boolean() });
  const alone = fc.integer({ min: 0, max: 10 });
  fc.assert(
    fc.property(
      fc.oneof(anyWatch, windowedWatch),
      anyMessages(MONDAY),
      shapes,
      cuts,
      alone,
      (watch, sparse, { density, isShared }, sizes, first) => {
        const messages = denser(sparse, density);
        const { parameters } = compile(watch, ENVIRONMENT);
        const rowsOf = (points: readonly Point[]): Row[] =>
          points
            .map((point) => {
              const value = mixed(point);
              const place = parameters.indexOf(PARAMETERS[point.series] as string);
              return { ts: point.ts, place, value: typeof value === 'string' ? value : Number(value) };
            })
            .filter(({ place }) => place >= 0);
        const rows = rowsOf(messages.flat());
        const single = replayOf(watch, rows);
        for (const { ts, place, value } of rows) single.take(ts, place, value);

        const replay = replayOf(watch, rows);
        for (const { ts, place, value } of rowsOf(messages.slice(0, first).flat())) replay.take(ts, place, value);
        for (let start = first, cut = 0; start < messages.length; cut++) {
          const end = start + (sizes[cut % sizes.length] as number);
          replay.takeColumns(columnsOf(rowsOf(messages.slice(start, end).flat()), parameters.length, isShared));
          start = end;
        }
        const { firings, isTruncated } = replay.finish();
        assert.deepEqual({ firings, isTruncated }, single.finish());
        count += firings.length;
      },
    ),
    { numRuns: 2_000 },
  );
  assert.ok(count > 500, `only ${count} firings: the rules never fire`);
});

test('what is reported of an instant knows nothing of the samples behind it, however many are at hand', () => {
  const average = (parameter: string, value: number) =>
    ({ parameter, aggregate: 'avg', window_seconds: 120, operator: 'gt', value }) as const;
  const plain = (parameter: string, value: number) => ({ parameter, operator: 'gt', value, hysteresis: 0.5 }) as const;
  const slow = { ...plain('temperature', 0), for_seconds: 1 };
  const conditions: Condition[] = [
    { all: [average('temperature', 0), average('vibration', 0)] },
    { all: [average('temperature', -1), plain('vibration', 1)] },
    { all: [plain('temperature', -1), average('vibration', 0)] },
    { all: [plain('temperature', -1), plain('vibration', 1)] },
    { any: [slow, plain('vibration', 1.5)] },
  ];
  // Ten in a second, on their way up and down.
  const rows = Array.from({ length: 12_000 }, (_, index): Row => {
    const [place, at] = [index % 2, Math.floor(index / 2)];
    return {
      ts: MONDAY + at * 100 + place * 30,
      place,
      value: 2 * Math.sin(at / (90 + 50 * place)) + Math.sin(at) / 4,
    };
  });
  for (const condition of conditions) {
    const [single, replay] = [replayOf(watchOf(condition), rows), replayOf(watchOf(condition), rows)];
    for (const { ts, place, value } of rows) single.take(ts, place, value);
    for (let start = 0; start < rows.length; start += 500) {
      replay.takeColumns(columnsOf(rows.slice(start, start + 500), 2, false));
    }
    const said = single.finish();
    assert.deepEqual(replay.finish(), said);
    assert.ok(said.firings.length > 2, JSON.stringify(condition));
  }
});
