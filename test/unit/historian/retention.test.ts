import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintFactoryScope } from '../../../src/core/scope.ts';
import { createStock } from '../../../src/historian/historian.ts';
import { archivedHistory } from '../../support/archived-history.ts';
import { batchOf, NOW, seriesOf, type WrittenSample } from '../../support/hot-history.ts';
import { segmentFiles } from '../../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SERIES = [{ seriesId: 1, parameter: 'p1', kind: 'number' as const }];

type World = Awaited<ReturnType<typeof archivedHistory>>;

/** A value each minute of a day, or each two hours of one on which the machine hardly ran. */
const dayOf = (day: number, stepMs = 60_000): WrittenSample[] =>
  Array.from({ length: DAY_MS / stepMs }, (_, i) => ({
    seriesId: 1,
    ts: Math.floor(NOW / DAY_MS) * DAY_MS + day * DAY_MS + i * stepMs,
    value: day * 1_000 + (i % 60) / 10,
  }));

async function fill({ writer, clock, archive }: World, days: readonly (readonly WrittenSample[])[]): Promise<void> {
  for (const [i, samples] of days.entries()) writer.commit(batchOf(samples, i === 0 ? [seriesOf(1)] : []));
  clock.advance((days.length + 1) * DAY_MS);
  await archive.round();
}

/** Samples by the day, as the historian answers, and how many single ones there are. */
async function counted({ historian }: World, days: number): Promise<{ byDay: number[]; single: number }> {
  const from = Math.floor(NOW / DAY_MS) * DAY_MS;
  const request = { series: SERIES, from, to: from + days * DAY_MS };
  const daily = await historian.query({ ...request, interval: '1d' });
  assert.ok(daily.interval === '1d');
  let single = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await historian.query({ ...request, interval: 'raw', cursor });
    single += page.series[0]?.points.length ?? 0;
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  return { byDay: daily.series[0]?.points.map(({ count }) => count) ?? [], single };
}

test('single samples go when they are too old, and what was rolled up of them stays, also of days that had not been worth it', async () => {
  await using world = await archivedHistory({ worthRows: 10, days: { raw: 5, '1m': 30, '15m': null } });
  const days = [dayOf(0), dayOf(1, 2 * HOUR_MS), dayOf(2), dayOf(3)];
  await fill(world, days);
  const lengths = days.map((day) => day.length);
  assert.deepEqual(await counted(world, 4), { byDay: lengths, single: 3 * 1_440 + 12 });
  world.clock.advance(2.5 * DAY_MS);
  await world.archive.round();
  // Two days and a half later the first two are older than five days.
  assert.deepEqual(await counted(world, 4), { byDay: lengths, single: 2 * 1_440 });
  assert.ok(world.retention.rawFrom(1) > (days[1]?.at(-1)?.ts ?? 0), 'and none is accepted for them any more');
  assert.deepEqual(
    world.retention.removed().map(({ level, reason, samples }) => ({ level, reason, samples })),
    [{ level: 'raw', reason: 'age', samples: 1_452 }],
  );
  world.clock.advance(40 * DAY_MS);
  await world.archive.round();
  assert.deepEqual(await counted(world, 4), { byDay: lengths, single: 0 });
  assert.deepEqual(
    segmentFiles(world.root).filter((file) => !file.includes('/15m/')),
    [],
    'nothing else is left',
  );
  await world.restart();
  assert.deepEqual(await counted(world, 4), { byDay: lengths, single: 0 });
});

test('a factory keeps its history for as long as is said of it, and what has gone is not accepted again when that is longer', async () => {
  await using world = await archivedHistory({ worthRows: 10, days: { raw: 30, '1m': 60, '15m': null } });
  const scope = mintFactoryScope({ factoryId: 1, factoryUuid: 'uuid-1', slug: 'factory-1', timezone: 'UTC' });
  const days = [0, 1, 2, 3].map((day) => dayOf(day));
  const ofOther = days.flat().map((sample) => ({ ...sample, seriesId: 2 }));
  world.writer.commit(batchOf(ofOther, [seriesOf(2, { factoryId: 2 })]));
  await fill(world, days);
  const raw = (factoryId: number) =>
    segmentFiles(world.root).filter((file) => file.startsWith(`factories/${factoryId}/segments/raw/`)).length;
  const removed = () => world.retention.removed().map(({ factoryId, level }) => ({ factoryId, level }));
  assert.deepEqual([raw(1), raw(2), world.retention.daysOf(1).isOwn], [4, 4, false]);

  world.retention.keep(scope, { raw: 3, '1m': null, '15m': null });
  const accepted = world.retention.rawFrom(1);
  await world.archive.round();
  assert.equal(raw(1), 4, 'what was accepted before is on its way');
  await world.archive.round();
  assert.deepEqual([raw(1), raw(2), removed()], [2, 4, [{ factoryId: 1, level: 'raw' }]]);
  assert.deepEqual((await counted(world, 4)).byDay, [1_440, 1_440, 1_440, 1_440], 'what is rolled up stays');
  await world.restart();
  assert.deepEqual(world.retention.daysOf(1), { raw: 3, '1m': null, '15m': null, isOwn: true });
  assert.deepEqual(world.retention.daysOf(2), { raw: 30, '1m': 60, '15m': null, isOwn: false });
  assert.equal(world.retention.rawFrom(1), accepted);

  world.retention.keep(scope, { raw: 365, '1m': 60, '15m': 90 });
  assert.equal(world.retention.rawFrom(1), dayOf(2)[0]?.ts, 'two days have gone, and stay so');
  assert.ok(world.retention.rawFrom(2) < (dayOf(0)[0]?.ts ?? 0));
  // An import brings days that were never there: they are kept, as is said now.
  const older = dayOf(-9).map((sample) => ({ ...sample, value: 1 }));
  world.writer.commit(batchOf(older));
  await world.archive.round();
  await world.archive.round();
  assert.equal(raw(1), 3);
  world.retention.keep(scope, null);
  await world.archive.round();
  assert.equal(world.retention.daysOf(1).isOwn, false);
  await world.restart();
  assert.equal(world.retention.rawFrom(1), dayOf(2)[0]?.ts, 'also after a restart');
  assert.deepEqual([raw(1), raw(2)], [3, 4]);
});

test('what somebody decides to keep while it is rolled up to go stays', async () => {
  await using world = await archivedHistory({ worthRows: 10, days: { raw: 5, '1m': null, '15m': null } });
  const scope = mintFactoryScope({ factoryId: 1, factoryUuid: 'uuid-1', slug: 'factory-1', timezone: 'UTC' });
  await fill(world, [dayOf(0, 2 * HOUR_MS), dayOf(1, 2 * HOUR_MS)]);
  const before = await counted(world, 2);
  world.clock.advance(10 * DAY_MS);
  world.onceAt('before merge', () => world.retention.keep(scope, { raw: 365, '1m': null, '15m': null }));
  await world.archive.round();
  assert.deepEqual([await counted(world, 2), world.retention.removed()], [before, []]);
  assert.ok(world.retention.rawFrom(1) < (dayOf(0)[0]?.ts ?? 0));
});

test('beyond the budget the oldest samples of all factories go, one round after they are accepted no more', async () => {
  let budget = Number.POSITIVE_INFINITY;
  await using world = await archivedHistory({
    worthRows: 10,
    excessBytes: ({ segments }) => segments - budget,
  });
  const days = [0, 1, 2, 3, 4, 5].map((day) => dayOf(day));
  await fill(world, days);
  await world.archive.round();
  const all = await counted(world, 6);
  assert.equal(all.single, 6 * 1_440);
  budget = world.archive.sizeBytes * 0.6;
  await world.archive.round();
  assert.equal((await counted(world, 6)).single, all.single, 'what is on its way is waited for');
  const horizon = world.retention.rawFrom(1);
  assert.ok(horizon > (days[0]?.[0]?.ts ?? 0));
  await world.restart();
  assert.equal(world.retention.rawFrom(1), horizon, 'and it stays so after a restart');
  // A restart forgets the budget of this test, not what was decided: the horizon.
  await world.archive.round();
  const left = await counted(world, 6);
  assert.deepEqual(left.byDay, all.byDay, 'what is rolled up stays');
  const kept = days.flat().filter(({ ts }) => ts >= horizon).length;
  assert.equal(left.single, kept, 'all from the horizon on is whole');
  assert.ok(kept > 0 && kept < all.single);
  assert.ok(world.archive.sizeBytes <= budget, `${world.archive.sizeBytes} bytes of ${budget}`);
  const [removed] = world.retention.removed();
  assert.deepEqual([removed?.reason, removed?.samples], ['budget', all.single - kept]);
});

test('samples that are not sealed yet are never removed, and neither are the sealed ones of their day', async () => {
  await using world = await archivedHistory({ worthRows: 10, days: { raw: 5, '1m': null, '15m': null } });
  await fill(world, [dayOf(0), dayOf(1)]);
  // What came late for the first day takes rows still.
  world.clock.advance(1.9 * DAY_MS);
  const late = { seriesId: 1, ts: (dayOf(0)[0]?.ts ?? 0) + 1, value: -1 };
  world.failOnce('after seal');
  world.writer.commit(batchOf([late]));
  world.clock.advance(2 * DAY_MS);
  await assert.rejects(world.archive.round());
  const { byDay, single } = await counted(world, 2);
  assert.deepEqual(byDay, [1_441, 1_440]);
  assert.ok(single >= 1_441);
  await world.archive.round();
  assert.deepEqual((await counted(world, 2)).byDay, [1_441, 1_440]);
});

test('while the clock is not trusted nothing is sealed and nothing removed; when it is, that is made up for', async () => {
  await using world = await archivedHistory({ worthRows: 10, days: { raw: 5, '1m': 30, '15m': null } });
  const trust = (isTrusted: boolean) => Object.assign(world.clock, { isTrusted });
  trust(false);
  await fill(world, [dayOf(0)]);
  assert.deepEqual(segmentFiles(world.root), []);
  trust(true);
  await world.archive.round();
  assert.deepEqual(await counted(world, 1), { byDay: [1_440], single: 1_440 });
  const files = segmentFiles(world.root);
  assert.notDeepEqual(files, []);
  trust(false);
  world.clock.advance(40 * DAY_MS);
  await world.archive.round();
  assert.deepEqual([segmentFiles(world.root), world.retention.removed()], [files, []]);
  trust(true);
  await world.archive.round();
  assert.deepEqual(await counted(world, 1), { byDay: [1_440], single: 0 });
});

test('once a day it is said that the oldest samples go soon, and only while they do', async () => {
  await using world = await archivedHistory({ worthRows: 10 });
  await fill(world, [dayOf(0), dayOf(1), dayOf(2)]);
  const said: number[] = [];
  const { sizeBytes } = world.archive;
  const days = async (roomBytes: number, kept: number | null = null): Promise<number | null> => {
    const stock = createStock({
      store: world.store,
      clock: world.clock,
      root: world.root,
      roomBytes: () => roomBytes,
      countRecent: async () => [],
      rawDays: () => kept,
      onSoonSpent: (daysLeft) => said.push(daysLeft),
    });
    try {
      await stock.report();
      return (await stock.report()).daysLeft;
    } finally {
      stock.stop();
    }
  };
  assert.ok(((await days(sizeBytes * 1_000)) ?? 0) > 30);
  assert.deepEqual(said, []);
  await days(sizeBytes, 5);
  await days(0);
  assert.deepEqual(said, [], 'what goes by age makes room, and what is spent is known');
  const left = await days(sizeBytes);
  assert.deepEqual(said, [left]);
  await days(sizeBytes, 30);
  assert.equal(said.length, 2);
});
