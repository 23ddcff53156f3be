import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { SeriesKind } from '../../../src/historian/historian.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { archivedHistory, MERGE_PLACES, PLACES } from '../../support/archived-history.ts';
import { INTERVALS } from '../../support/calendar-model.ts';
import { batchOf, NOW, seriesOf, type WrittenSample } from '../../support/hot-history.ts';
import { assertLikeModel, KINDS, NEW_SERIES, type Question, SERIES } from '../../support/like-model.ts';
import { sealedState, segmentFiles } from '../../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe'];

/** Decimals, whole numbers, and doubles of which every bit counts. */
const number = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 100),
  fc.integer(),
  // SQLite does not know minus zero.
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }).map((value) => value + 0),
  fc.constantFrom(0, 0.1, 1e-7, 2 ** 53, 2 ** 53 - 1, 123456.789012),
);
const valueFor: Readonly<Record<SeriesKind, fc.Arbitrary<number | string>>> = {
  number,
  boolean: fc.constantFrom(0, 1),
  state: fc.constantFrom('idle', "bu'sy", 'fault', ''),
};

/** So few different stamps, near the edges of buckets and days, that most are written again sooner or later. */
const stamp = fc
  .record({ day: fc.nat(1), part: fc.nat(2), near: fc.integer({ min: -1, max: 1 }) })
  .map(({ day, part, near }) => NOW + day * DAY_MS + part * 8 * HOUR_MS + near);
const sample = fc
  .nat(KINDS.length - 1)
  .chain((kind) => fc.record({ seriesId: fc.constant(kind + 1), ts: stamp, value: valueFor[KINDS[kind] ?? 'number'] }));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ write: fc.array(sample, { minLength: 1, maxLength: 30 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      pass: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }).map((hours) => hours * HOUR_MS) },
        // Months are compacted, too, when they have been over for a week.
        { weight: 1, arbitrary: fc.constant(30 * DAY_MS) },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      fault: fc.constantFrom(...PLACES, ...MERGE_PLACES),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ restart: true as const }) },
);
const question = fc
  .record({
    start: fc.integer({ min: -10, max: 30 }),
    hours: fc.integer({ min: 1, max: 60 }),
    interval: fc.constantFrom(...INTERVALS),
    zone: fc.constantFrom(...ZONES),
    limit: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ start, hours, interval, zone, limit }): Question => {
    const from = NOW + start * HOUR_MS;
    const length = interval === '1m' ? Math.min(hours, 4) : hours;
    return { from, to: from + length * HOUR_MS, interval, zone, limit };
  });

const EVERYTHING: Question = { from: NOW - DAY_MS, to: NOW + 3 * DAY_MS, interval: '1h', zone: 'UTC', limit: 40 };

test('however buckets are sealed, days compacted, steps fail and programs end, every answer is that of a plain model', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, question), { minLength: 6, maxLength: 16 }), async (steps) => {
      await using world = await archivedHistory({ bucketSeconds: 6 * 3_600 });
      const written: WrittenSample[] = [];
      for (const [next, asked] of steps) {
        if ('write' in next) {
          world.writer.commit(batchOf(next.write, written.length === 0 ? NEW_SERIES : []));
          written.push(...next.write);
        } else if ('pass' in next) {
          world.clock.advance(next.pass);
          await world.archive.round().catch(() => undefined);
        } else if ('fault' in next) {
          world.failOnce(next.fault);
          world.clock.advance(12 * HOUR_MS);
          await world.archive.round().catch(() => undefined);
        } else {
          await world.restart();
        }
        await assertLikeModel(world, written, asked);
        await assertLikeModel(world, written, EVERYTHING);
      }
    }),
    { numRuns: 25 },
  );
});

test('a day that is over is one file, with the last write of every sample, and late ones join it', async () => {
  await using world = await archivedHistory({ worthRows: 10 });
  const written: WrittenSample[] = [];
  const write = (samples: readonly WrittenSample[]) => {
    world.writer.commit(batchOf(samples, written.length === 0 ? NEW_SERIES : []));
    written.push(...samples);
  };
  const day = Array.from({ length: 24 * 6 }, (_, i) => ({ seriesId: 1, ts: NOW + i * 600_000, value: i / 10 }));
  write(day);
  const all = { from: NOW - DAY_MS, to: NOW + 3 * DAY_MS, interval: '1h', zone: 'UTC', limit: 50 } as const;
  world.clock.advance(12 * HOUR_MS);
  await world.archive.round();
  assert.equal(segmentFiles(world.root).length, 1, 'buckets that are over at the same time are sealed together');
  await assertLikeModel(world, written, all);
  world.clock.advance(2 * DAY_MS);
  await world.archive.round();
  await world.archive.round();
  assert.equal(segmentFiles(world.root).length, 2, 'a file for each of the two days');
  await assertLikeModel(world, written, all);
  write([
    { seriesId: 1, ts: NOW + 600_000, value: -5 },
    { seriesId: 3, ts: NOW + 600_000, value: 'late' },
  ]);
  await assertLikeModel(world, written, all);
  await world.archive.round();
  await world.archive.round();
  assert.equal(segmentFiles(world.root).length, 2);
  await assertLikeModel(world, written, all);
});

test('a month that is over is one file, and a late sample joins it a day later', async () => {
  await using world = await archivedHistory({ bucketSeconds: 6 * 3_600, worthRows: 10 });
  const written: WrittenSample[] = Array.from({ length: 10 * 24 }, (_, i) => ({
    seriesId: 1,
    ts: NOW + i * HOUR_MS,
    value: i,
  }));
  world.writer.commit(batchOf(written, NEW_SERIES));
  const all = { from: NOW - DAY_MS, to: NOW + 12 * DAY_MS, interval: '1d', zone: 'Europe/Berlin', limit: 100 } as const;
  const round = async (days: number) => {
    world.clock.advance(days * DAY_MS);
    await world.archive.round();
    await world.archive.round();
  };
  await round(12);
  assert.equal(segmentFiles(world.root).length, 11, 'days');
  await round(20);
  assert.equal(segmentFiles(world.root).length, 1, 'a month');
  await assertLikeModel(world, written, all);
  const late = [{ seriesId: 1, ts: NOW + 3 * HOUR_MS, value: -1 }];
  world.writer.commit(batchOf(late));
  written.push(...late);
  await round(0);
  assert.equal(segmentFiles(world.root).length, 2);
  await assertLikeModel(world, written, all);
  await round(2);
  assert.equal(segmentFiles(world.root).length, 1);
  await assertLikeModel(world, written, all);
});

test('a dense day is rolled up, and its rollups answer as its samples do, at every interval and from anywhere', async () => {
  await using world = await archivedHistory({ bucketSeconds: 6 * 3_600, worthRows: 10 });
  const written = Array.from({ length: 30_000 }, (_, i): WrittenSample => {
    const at = { seriesId: 1 + (i % 3), ts: NOW + Math.floor(i / 3) * 5_000 };
    if (at.seriesId === 3) return { ...at, value: `s${i % 7}` };
    if (at.seriesId === 2) return { ...at, value: i % 2 };
    // Every hundredth value is no short decimal: some steps are exact sums, some are not.
    return { ...at, value: i % 100 === 0 ? Math.sin(i) * 1e3 : Math.round(Math.sin(i / 500) * 1e4) / 100 + 0 };
  });
  for (let i = 0; i < written.length; i += 10_000) {
    world.writer.commit(batchOf(written.slice(i, i + 10_000), i === 0 ? NEW_SERIES : []));
  }
  world.clock.advance(3 * DAY_MS);
  await world.archive.round();
  await world.archive.round();
  for (const level of ['raw', '1m', '15m']) {
    assert.equal(
      segmentFiles(world.root).filter((file) => file.includes(`/${level}/`)).length,
      1,
      `one file of level ${level}`,
    );
  }
  const [from, to] = [NOW + 1_234_567, NOW + 9 * HOUR_MS + 7_654_321];
  for (const zone of ZONES) {
    for (const interval of ['15m', '1h', '1d', '1w'] as const) {
      await assertLikeModel(world, written, { from, to, interval, zone, limit: 10_000 });
    }
  }
  await assertLikeModel(world, written, { from, to: from + 2 * HOUR_MS, interval: '1m', zone: 'UTC', limit: 10_000 });
  // A late sample, sealed or not, is in the answer, which the rollup then is not.
  const late = [{ seriesId: 1, ts: NOW + 2 * HOUR_MS + 1, value: 1e6 }];
  world.writer.commit(batchOf(late));
  written.push(...late);
  const wide = { from, to, interval: '1h', zone: 'UTC', limit: 10_000 } as const;
  await assertLikeModel(world, written, wide);
  await world.archive.round();
  await assertLikeModel(world, written, wide);
});

test('rollups of days become one, which what comes late does not make wrong', async () => {
  await using world = await archivedHistory({ bucketSeconds: 6 * 3_600, worthRows: 3 });
  const written: WrittenSample[] = [];
  const write = (samples: readonly WrittenSample[]) => {
    for (let i = 0; i < samples.length; i += 10_000) {
      world.writer.commit(batchOf(samples.slice(i, i + 10_000), written.length + i === 0 ? NEW_SERIES : []));
    }
    written.push(...samples);
  };
  const dayOf = (day: number, stepMs: number): WrittenSample[] =>
    Array.from({ length: Math.floor((16 * HOUR_MS) / stepMs) }, (_, i) => ({
      seriesId: 1 + (i % 3),
      ts: NOW + day * DAY_MS + i * stepMs,
      value: i % 3 === 2 ? `s${i % 7}` : i % 3 === 1 ? i % 2 : Math.round(Math.sin(i / 99) * 1e4) / 100 + 0,
    }));
  const filesOf = (level: string) => segmentFiles(world.root).filter((file) => file.includes(`/${level}/`)).length;
  const all = { from: NOW - DAY_MS, to: NOW + 7 * DAY_MS, zone: 'UTC', limit: 10_000 } as const;
  const check = async () => {
    for (const interval of ['15m', '1d'] as const) await assertLikeModel(world, written, { ...all, interval });
  };
  // The third of them is not worth a rollup: a merged one holds its steps all the same.
  for (const [day, stepMs] of [6_000, 6_000, HOUR_MS, 6_000].entries()) write(dayOf(day, stepMs));
  world.clock.advance(6 * DAY_MS);
  await world.archive.round();
  await world.archive.round();
  assert.deepEqual([filesOf('raw'), filesOf('1m'), filesOf('15m')], [4, 1, 1]);
  await check();
  const late = (day: number, value: number) => [{ seriesId: 1, ts: NOW + day * DAY_MS + HOUR_MS + 1, value }];
  write(late(1, 1e6));
  await check();
  // One with a bucket of its own day that is in use.
  world.onceAt('before seal', () => write(late(2, -1e6)));
  await world.archive.round();
  await check();
  await world.archive.round();
  await world.archive.round();
  assert.deepEqual([filesOf('raw'), filesOf('1m'), filesOf('15m')], [4, 1, 1]);
  await check();
  // Without the samples, as when they are too old to be kept, the rollups still say it.
  world.store.system('seal history', (sql) => sql.run(`delete from main.segments where level = 'raw'`));
  const answer = await world.historian.query({ series: SERIES, from: NOW, to: NOW + 4 * DAY_MS, interval: '1d' });
  assert.ok(answer.interval !== 'raw');
  const counted = answer.series.flatMap(({ points }) => points).reduce((sum, { count }) => sum + count, 0);
  assert.equal(counted, new Set(written.map(({ seriesId, ts }) => `${seriesId} ${ts}`)).size);
});

test('days that are long over have one bucket each, and the last write holds, wherever the clock goes', async () => {
  await using world = await archivedHistory();
  const written: WrittenSample[] = [];
  const write = (value: number) => {
    const samples = [0, 1, 2].map((i) => ({ seriesId: 1, ts: NOW + (i + (value % 2)) * 700_000, value: value + i }));
    world.writer.commit(batchOf(samples, written.length === 0 ? NEW_SERIES : []));
    written.push(...samples);
  };
  const all = { from: NOW - DAY_MS, to: NOW + DAY_MS, interval: '1h', zone: 'UTC', limit: 2 } as const;
  write(100);
  assert.equal(sealedState(world.root).buckets.length, 3);
  for (const [i, days] of [3, -3, 4].entries()) {
    world.clock.advance(days * DAY_MS);
    write(200 + i);
    write(301 + i);
    await assertLikeModel(world, written, all);
    if (i === 1) await world.restart();
  }
  assert.equal(sealedState(world.root).buckets.length, 4, 'one more, for the day');
  await world.archive.round();
  assert.deepEqual(sealedState(world.root).buckets, []);
  await assertLikeModel(world, written, all);
  // Written again after that, with the clock set back.
  world.clock.advance(-7 * DAY_MS);
  write(400);
  await assertLikeModel(world, written, all);
  world.clock.advance(7 * DAY_MS);
  write(501);
  await assertLikeModel(world, written, all);
  await world.archive.round();
  await assertLikeModel(world, written, all);
});

test('buckets of a version without generations are sealed like any other', async () => {
  await using world = await archivedHistory();
  const written = [0, 1, 2, 3].map((i) => ({ seriesId: 1, ts: NOW + i * 600_000, value: i }));
  world.writer.commit(batchOf(written, NEW_SERIES));
  const db = openDatabase(join(world.root, 'hot.db'));
  for (const [i, { ts }] of written.entries()) {
    db.exec(`alter table "bucket_${ts / 1000}_${i + 1}" rename to "bucket_${ts / 1000}"`);
  }
  db.close();
  await world.restart();
  await assertLikeModel(world, written, { from: NOW, to: NOW + HOUR_MS, interval: '1h', zone: 'UTC', limit: 3 });
  const again = [{ seriesId: 1, ts: NOW, value: 100 }];
  world.writer.commit(batchOf(again));
  written.push(...again);
  world.clock.advance(2 * HOUR_MS);
  await world.archive.round();
  assert.equal(segmentFiles(world.root).length, 1);
  await assertLikeModel(world, written, { from: NOW, to: NOW + HOUR_MS, interval: '1h', zone: 'UTC', limit: 3 });
  await world.restart();
  const late = [
    { seriesId: 1, ts: NOW + 1, value: 5 },
    { seriesId: 1, ts: NOW, value: 200 },
  ];
  world.writer.commit(batchOf(late));
  written.push(...late);
  await world.archive.round();
  await assertLikeModel(world, written, { from: NOW, to: NOW + HOUR_MS, interval: '1h', zone: 'UTC', limit: 3 });
});

test('samples of a removed series leave the files, and a removed factory leaves none', async () => {
  await using world = await archivedHistory();
  const samples = [1, 2].flatMap((seriesId) => [0, 1].map((i) => ({ seriesId, ts: NOW + i * 600_000, value: i })));
  world.writer.commit(batchOf(samples, [seriesOf(1), seriesOf(2)]));
  world.clock.advance(2 * HOUR_MS);
  await world.archive.round();
  await world.archive.purge([{ factoryId: 1, seriesId: 1 }]);
  const ask = { series: SERIES.slice(0, 2), from: NOW, to: NOW + DAY_MS, interval: 'raw' as const };
  const answer = await world.historian.query(ask);
  assert.deepEqual(
    answer.series.map(({ points }) => points.length),
    [0, 2],
  );
  world.store.system('remove factory', (sql) => world.archive.forgetFactory(sql, 1));
  await world.archive.removeFactory(1);
  assert.deepEqual(segmentFiles(world.root), []);
  const gone = await world.historian.query(ask);
  assert.deepEqual(
    gone.series.map(({ points }) => points.length),
    [0, 0],
  );
});

test('any tool that reads Parquet finds the values by the names of device and parameter', async () => {
  await using world = await archivedHistory();
  const values = [21.53, 21.5, -0.01, Math.PI];
  world.writer.commit(
    batchOf(
      values.map((value, i) => ({ seriesId: 1, ts: NOW + i, value })),
      [seriesOf(1)],
    ),
  );
  world.clock.advance(2 * HOUR_MS);
  await world.archive.round();
  const home = join(world.root, 'factories/1/segments');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  // As the README says it.
  const read = await connection.runAndReadAll(`
    select factory, device, parameter, epoch_ms(ts) as at, coalesce(value, mantissa / 10.0::double ** exponent) as value
    from read_parquet('${home}/raw/*.parquet') join read_parquet('${home}/series.parquet') using (series_id) order by ts`);
  assert.deepEqual(
    read.getRowsJS().map(([factory, device, parameter, at, value]) => [factory, device, parameter, Number(at), value]),
    values.map((value, i) => ['factory-1', 'M01', 'p1', NOW + i, value]),
  );
  connection.closeSync();
  instance.closeSync();
});

test("another factory's segments do not exist, whatever series are asked for", async () => {
  await using world = await archivedHistory();
  const samples = [1, 2].map((seriesId) => ({ seriesId, ts: NOW + seriesId, value: seriesId }));
  world.writer.commit(batchOf(samples, [seriesOf(1), seriesOf(2, { factoryId: 2 })]));
  world.clock.advance(2 * HOUR_MS);
  await world.archive.round();
  for (const interval of ['raw', '1m'] as const) {
    for (const [factoryId, counts] of [
      [1, [1, 0]],
      [2, [0, 1]],
      [3, [0, 0]],
    ] as const) {
      const request = { series: SERIES.slice(0, 2), from: NOW, to: NOW + 60_000, interval };
      const answer = await world.historian.query(request, factoryId);
      assert.deepEqual(
        answer.series.map(({ points }) => points.length),
        counts,
      );
    }
  }
});
