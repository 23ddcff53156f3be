import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findGaps } from '../../../src/core/gaps.ts';
import type { PackedSeries } from '../../../src/historian/aggregate.ts';
import { unpackHistory } from '../../../src/historian/answer.ts';
import { type AnswerForm, type TextTask, writeAnswer } from '../../../src/historian/answer-text.ts';
import { NOMINAL_MS } from '../../../src/historian/calendar-interval.ts';
import type { HistoryAnswer, HistorySeries, PackedHistory, SeriesKind } from '../../../src/historian/historian.ts';
import { isoTimes } from '../../../src/historian/iso-times.ts';
import { NOW } from '../../support/hot-history.ts';

const isoOf = (ms: number) => new Date(ms).toISOString();

/** Days, years and the ends of what a date can be; neighbours and far leaps. */
const moment = fc.oneof(
  fc.integer({ min: NOW, max: NOW + 2 * 86_400_000 }),
  fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2100, 0) }),
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.constantFrom(-8.64e15, -1, 0, 1, 86_399_999, 86_400_000, 8.64e15),
);

/** Names and states: what JSON and CSV must quote, other scripts, halves of characters. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'läuft', '停止', '🛠', '\ud83d', '"', 'a,b', 'a\r\nb', '\\', '\u2028', '\u0000', '</script>'),
);

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, -1e-7, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, 123_456_789.123),
);
const average = fc.oneof(value, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));

/** What the thread finds of one series; the shape that `PackedSeries` describes. */
const packedSeries = (kind: SeriesKind, isRaw: boolean): fc.Arbitrary<PackedSeries> => {
  const none = fc.constant(Number.NaN);
  const number = kind === 'state' ? none : kind === 'boolean' ? fc.constantFrom(0, 1) : value;
  const members = isRaw
    ? fc.tuple(number)
    : fc.tuple(kind === 'state' ? none : average, number, number, fc.integer({ min: 1, max: 1e9 }), number, number);
  const point = fc.record({ t: moment, members, texts: fc.tuple(text, text) });
  return fc.uniqueArray(point, { selector: ({ t }) => t, maxLength: 12 }).map((list) => {
    const points = list.toSorted((a, b) => a.t - b.t);
    return {
      numbers: Float64Array.from(points.flatMap(({ t, members: own }) => [t, ...own])),
      texts: kind === 'state' ? points.flatMap(({ texts }) => (isRaw ? texts.slice(0, 1) : texts)) : [],
    };
  });
};

interface Case {
  readonly task: TextTask;
  readonly packed: PackedHistory;
}

const oneSeries = (isRaw: boolean) =>
  fc.constantFrom<SeriesKind>('number', 'boolean', 'state').chain((kind) =>
    fc.record({
      series: fc.record({ seriesId: fc.nat(), parameter: text, kind: fc.constant(kind) }),
      // A series that the thread says nothing of comes without points.
      found: fc.option(packedSeries(kind, isRaw), { nil: undefined, freq: 10 }),
      device: fc.record({ id: fc.uuid(), key: text }),
    }),
  );

const cases = (format: AnswerForm['format']): fc.Arbitrary<Case> =>
  fc.constantFrom('raw', '1m', '15m', '1h', '1d', '1w').chain((interval) =>
    fc
      .record({
        all: fc.array(oneSeries(interval === 'raw'), { maxLength: 4 }),
        namesDevices: fc.boolean(),
        next: fc.option(fc.record({ ts: fc.integer(), seriesId: fc.nat() }), { nil: undefined }),
      })
      .map(({ all, namesDevices, next }) => {
        const devices = namesDevices ? all.map(({ device }) => device) : undefined;
        const series = all.map((one): HistorySeries => one.series);
        const range = { factoryId: 1, timezone: 'Asia/Kolkata', from: 0, to: 1, limit: 1, after: undefined };
        return {
          task: {
            ...range,
            interval,
            series,
            form: { format, devices, clockInDoubt: [{ from: NOW, to: NOW + 60_000 }] },
          },
          packed: {
            // What is left out at the end is missing, in between it is empty.
            series: all.map(({ found }) => found ?? { numbers: new Float64Array(), texts: [] }).slice(0, lastOf(all)),
            next: interval === 'raw' ? next : undefined,
            missing: [],
          },
        };
      }),
  );

const lastOf = (all: readonly { found: unknown }[]) => all.findLastIndex(({ found }) => found !== undefined) + 1;

const textOf = ({ task, packed }: Case): string => Buffer.from(writeAnswer(task, packed).bytes).toString();

/** The answer as objects, for a client: the slow and plain way. */
function wireOf({ form }: TextTask, { interval, timezone, series, nextCursor }: HistoryAnswer) {
  return {
    interval,
    timezone,
    series: series.map(({ parameter, points }, place) => ({
      ...(form.devices === undefined ? {} : { device_id: form.devices[place]?.id }),
      parameter,
      points: points.map((point) => ({ ...point, t: isoOf(point.t) })),
      gaps: findGaps(
        points.map(({ t }) => t),
        interval === 'raw' ? 0 : NOMINAL_MS[interval],
      ).map(({ from, to }) => ({ from: isoOf(from), to: isoOf(to) })),
    })),
    incomplete: [],
    clock_in_doubt: form.clockInDoubt.map(({ from, to }) => ({ from: isoOf(from), to: isoOf(to) })),
    next_cursor: nextCursor,
  };
}

test('the JSON of an answer says what its objects say, whatever is in them', () => {
  fc.assert(
    fc.property(cases('json'), (one) => {
      const objects = unpackHistory(one.task, one.packed);
      const written = writeAnswer(one.task, one.packed);
      // As JSON has it: no minus zero, and nothing that is infinite.
      assert.deepEqual(JSON.parse(textOf(one)), JSON.parse(JSON.stringify(wireOf(one.task, objects))));
      assert.equal(written.nextCursor, objects.nextCursor);
    }),
    { numRuns: 1_000 },
  );
});

/** RFC 4180, member by member; an average that there is not is nothing. */
function plainCsv({ form }: TextTask, answer: HistoryAnswer): string {
  const columns = answer.interval === 'raw' ? ['value'] : ['avg', 'min', 'max', 'count', 'first', 'last'];
  const field = (member: unknown) => {
    const shown = member === null || member === undefined ? '' : String(member);
    return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  const rows = answer.series.flatMap(({ parameter, points }, place) =>
    points.map((point) => {
      const members: Record<string, unknown> = { ...point };
      const device = form.devices === undefined ? [] : [form.devices[place]?.key];
      const shown = (column: string) => (column === 'avg' && !Number.isFinite(members.avg) ? null : members[column]);
      return [...device, parameter, isoOf(point.t), ...columns.map(shown)];
    }),
  );
  const head = [...(form.devices === undefined ? [] : ['device']), 'parameter', 't', ...columns];
  return [...(form.format === 'csv' ? [head] : []), ...rows]
    .map((row) => `${row.map(field).join(',')}\r\n`)
    .join('')
    .toWellFormed();
}

test('the CSV of an answer has a row for each point, and its names once', () => {
  for (const format of ['csv', 'csv_rows'] as const) {
    fc.assert(
      fc.property(cases(format), (one) => {
        assert.equal(textOf(one), plainCsv(one.task, unpackHistory(one.task, one.packed)));
      }),
      { numRuns: 500 },
    );
  }
});

test('times in any order are written as a Date writes them', () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 50 }), (moments) => {
      assert.deepEqual(moments.map(isoTimes()), moments.map(isoOf));
    }),
  );
  assert.throws(() => isoTimes()(Number.NaN), RangeError);
});

/** An answer with one series of numbers at these moments. */
const answerAt = (interval: 'raw' | '1m', moments: readonly number[]) => {
  const series = [{ seriesId: 1, parameter: 'p', kind: 'number' as const }];
  const task = { factoryId: 1, timezone: 'UTC', series, from: 0, to: 1, interval, limit: 1, after: undefined };
  const members = interval === 'raw' ? [1] : [1, 1, 1, 1, 1, 1];
  const numbers = Float64Array.from(moments.flatMap((t) => [t, ...members]));
  const form = { format: 'json' as const, devices: undefined, clockInDoubt: [] };
  const packed = { series: [{ numbers, texts: [] }], next: undefined, missing: [] };
  return JSON.parse(textOf({ task: { ...task, form }, packed })).series[0];
};

const every = (step: number, count: number, from = NOW) => Array.from({ length: count }, (_, i) => from + i * step);

test('a gap reaches from the sample before it to the one after it, and from the end of the interval before it', () => {
  const samples = [...every(1_000, 20), ...every(1_000, 20, NOW + 60_000)];
  assert.deepEqual(answerAt('raw', samples).gaps, [{ from: isoOf(NOW + 19_000), to: isoOf(NOW + 60_000) }]);
  const minutes = [...every(60_000, 4), ...every(60_000, 4, NOW + 360_000)];
  assert.deepEqual(answerAt('1m', minutes).gaps, [{ from: isoOf(NOW + 240_000), to: isoOf(NOW + 360_000) }]);
  assert.deepEqual(answerAt('raw', every(1_000, 20)).gaps, []);
  assert.deepEqual(answerAt('1m', every(300_000, 20)).gaps, [], 'it sends every five minutes');
  assert.deepEqual(answerAt('raw', [NOW, NOW + 1_000, NOW + 900_000]).gaps, [], 'three samples say nothing');
});
