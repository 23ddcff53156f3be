import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../src/core/errors.ts';
import { createMetrics } from '../../../src/core/metrics.ts';
import { mintFactoryScope } from '../../../src/core/scope.ts';
import { HotWriter, type SampleWriter } from '../../../src/historian/historian.ts';
import type { CommitPace } from '../../../src/telemetry/pace.ts';
import {
  createIngest,
  createLiveState,
  createRateMeter,
  type LiveDevice,
  type Refusal,
} from '../../../src/telemetry/telemetry.ts';
import { fakeClock, silentLog } from '../../support/accounts.ts';
import { eventually } from '../../support/appliance.ts';
import { hotHistory, NOW } from '../../support/hot-history.ts';

const SCOPE = mintFactoryScope({ factoryId: 1, factoryUuid: 'u', slug: 'vpc', timezone: 'UTC' });

const refusedBySqlite = (code: string) =>
  new AppError('unavailable', `(${code})`, { cause: Object.assign(new Error(code), { code }) });

/** Ingest over a real hot database, whose commits wait until the test lets them go, or fail. */
function testIngest({ pace, ...members }: { maxSeries?: number; pace?: CommitPace } = {}) {
  const hot = hotHistory();
  const live = createLiveState();
  const clock = fakeClock(NOW);
  const failures: AppError[] = [];
  const refusals: Refusal[] = [];
  const waiting: ((fault?: AppError) => void)[] = [];
  const writer: SampleWriter = {
    open: async () => hot.opened,
    commit: async (batch) => {
      const fault = await new Promise<AppError | undefined>((resolve) => waiting.push(resolve));
      if (fault !== undefined) throw fault;
      return hot.writer.commit(batch);
    },
    erase: async (step) => hot.writer.erase(step),
    closeBuckets: async (closings) => hot.writer.closeBuckets(closings),
    dropBuckets: async (tables) => hot.writer.dropBuckets(tables),
    probe: async () => {},
    close: async () => {},
  };
  const ingest = createIngest({
    writer,
    state: live,
    nextSeriesId: 1,
    bucketMs: hot.opened.bucketMs,
    limits: {
      maxPayloadBytes: 262_144,
      maxPendingBytes: 1e6,
      maxAheadMs: 300_000,
      maxDevices: () => 10,
      admission: () => 'open',
      maxPending: 10,
      maxParameters: 10,
      maxSeries: 10,
      ...members,
    },
    clock,
    oldestFor: () => clock.now() - 90 * 86_400_000,
    log: silentLog(),
    metrics: createMetrics(),
    rate: createRateMeter(clock),
    ...(pace === undefined ? {} : { pace }),
    register: (series) => {
      for (const { factoryId, deviceKey } of series) {
        const device = live.device(factoryId, deviceKey);
        if (device !== undefined) device.id = deviceKey;
      }
    },
    forgotten: () => {},
    refused: (_scope, _key, items) => refusals.push(...items),
    committed: () => {},
    throttle: () => {},
    failed: (error) => failures.push(error),
  });
  const send = (value: number | string, ts = clock.now(), key = 'M01') =>
    sendBody({ metrics: { mode: value }, timestamp: ts }, key);
  const sendBody = (body: object, key = 'M01', isHurried = false) => {
    const { promise, resolve } = Promise.withResolvers<'stored' | 'abandoned'>();
    const payload = Buffer.from(JSON.stringify(body));
    ingest.accept(SCOPE, key, payload, {
      isHurried,
      acknowledge: () => resolve('stored'),
      abandon: () => resolve('abandoned'),
    });
    return promise;
  };
  /** Ends the commit under way. */
  const settle = async (fault?: AppError) => (await eventually(() => waiting.shift()))(fault);
  return {
    hot,
    ingest,
    live,
    failures,
    refusals,
    send,
    sendBody,
    settle,
    waiting,
    device: () => live.device(1, 'M01'),
    [Symbol.asyncDispose]: async () => {
      await ingest.close();
      hot[Symbol.dispose]();
    },
  };
}

/** As the API does it. */
function resetKind(device: LiveDevice | undefined) {
  const series = device?.series.get('mode');
  if (device === undefined || series === undefined) throw new Error('there is no such parameter');
  device.series.delete('mode');
  device.retired.push(series);
}

/** The registry and the newest values that a start would find. */
function restarted(hot: ReturnType<typeof hotHistory>) {
  using crash = hot.crashed();
  const writer = new HotWriter(crash);
  const { series, latest } = writer.load();
  writer.close();
  return latest.map(({ seriesId, value, text }) => [
    series.find((item) => item.seriesId === seriesId)?.kind,
    text ?? value,
  ]);
}

/** Sends a value whose commit succeeds. */
async function store(world: ReturnType<typeof testIngest>, value: number | string) {
  const stored = world.send(value);
  await world.settle();
  assert.equal(await stored, 'stored');
}

/** A commit fails for want of disk, and ingest is open again. */
async function fail({ settle, ingest }: ReturnType<typeof testIngest>) {
  await settle(refusedBySqlite('SQLITE_FULL'));
  await eventually(() => (ingest.state === 'failing' ? true : undefined));
  await eventually(() => (ingest.state === 'open' ? true : undefined));
}

test('a device without any value is known no longer when its message is refused, a registered one stays', async () => {
  await using world = testIngest();
  void world.send(1, NOW + 3_600_000);
  assert.equal(world.device(), undefined);
  await store(world, 1);
  const device = world.device();
  resetKind(device);
  void world.send(2, NOW + 3_600_000);
  assert.equal(world.device(), device);
  await store(world, 2);
  assert.deepEqual(
    [...(world.device()?.series.values() ?? [])].map(({ seriesId }) => seriesId),
    [1],
  );
  assert.deepEqual(restarted(world.hot), [['number', 2]]);
});

test('a kind reset while its first value is being stored, in vain, leaves no series that is not on disk', async () => {
  await using world = testIngest();
  const first = world.send(1);
  await eventually(() => (world.waiting.length > 0 ? true : undefined));
  resetKind(world.device());
  const second = world.send(2);
  await fail(world);
  assert.deepEqual([await first, await second], ['abandoned', 'abandoned']);
  assert.equal(world.device(), undefined);
  await store(world, 3);
  assert.deepEqual(restarted(world.hot), [['number', 3]]);
});

test('a kind reset again while its new value is being stored, in vain, keeps the series of the old kind', async () => {
  await using world = testIngest();
  await store(world, 1);
  resetKind(world.device());
  const text = world.send('auto');
  await eventually(() => (world.waiting.length > 0 ? true : undefined));
  resetKind(world.device());
  void world.send(2);
  await fail(world);
  assert.equal(await text, 'abandoned');
  assert.deepEqual(
    world.device()?.retired.map(({ kind }) => kind),
    ['number'],
  );
  await store(world, 'manual');
  assert.deepEqual(restarted(world.hot), [
    ['number', 1],
    ['state', 'manual'],
  ]);
});

test('what SQLite refuses for its content ends the appliance once, and is not tried again', async () => {
  await using world = testIngest();
  const sent = world.send(1);
  await world.settle(refusedBySqlite('SQLITE_CONSTRAINT_UNIQUE'));
  assert.equal(await sent, 'abandoned');
  await eventually(() => (world.ingest.state === 'failing' ? true : undefined));
  assert.match(world.failures[0]?.message ?? '', /SQLITE_CONSTRAINT_UNIQUE.*restart/);
  assert.equal(world.failures.length, 1);
});

test('at the bound of all series a new one is refused by name, an old one goes on, and a retired one comes back', async () => {
  await using world = testIngest({ maxSeries: 2 });
  const { live, refusals } = world;
  await store(world, 1);
  resetKind(world.device());
  await store(world, 'auto');
  assert.equal(live.seriesCount, 2);
  const refused = world.send(1, NOW, 'M02');
  assert.equal(await refused, 'stored');
  assert.deepEqual(
    refusals.map(({ reason, parameter }) => [reason, parameter]),
    [['too_many_series', 'mode']],
  );
  assert.match(refusals[0]?.detail ?? '', /ingest\.max_series/);
  assert.equal(live.device(1, 'M02'), undefined);
  resetKind(world.device());
  await store(world, 2);
  live.removeDevice(1, 'M01');
  assert.equal(live.seriesCount, 0);
});

test('a series that a failed commit takes back counts no longer', async () => {
  await using world = testIngest({ maxSeries: 1 });
  void world.send(1);
  await fail(world);
  assert.equal(world.live.seriesCount, 0);
  await store(world, 1);
  assert.equal(world.live.seriesCount, 1);
});

test('a backfill over many tables has a commit of its own, and who came before it does not wait for it', async () => {
  await using world = testIngest();
  const { send, sendBody, settle, waiting } = world;
  const samples = Array.from({ length: 600 }, (_, i) => ({ timestamp: NOW - i * 600_000, metrics: { mode: i } }));
  const answers = [sendBody({ samples }), sendBody({ samples }), send(1)];
  await settle();
  assert.equal(await answers[0], 'stored');
  assert.equal(await Promise.race([answers[1], 'waits']), 'waits');
  await settle();
  await settle();
  assert.deepEqual(await Promise.all(answers), ['stored', 'stored', 'stored']);
  assert.equal(waiting.length, 0);
});

/** As `createCommitPace` after a commit, with an interval that does not end. */
const never: CommitPace = { begin: () => {}, waitMs: ({ hurried }) => (hurried > 0 ? 0 : 3_600_000) };

test('messages that need not hurry wait for a commit that they share, one that does takes them along', async () => {
  await using t = testIngest({ pace: never });
  const first = t.send(1, NOW - 2);
  const second = t.send(2, NOW - 1);
  await delay(20);
  assert.equal(t.waiting.length, 0);
  const third = t.sendBody({ metrics: { mode: 3 }, timestamp: NOW }, 'M01', true);
  await t.settle();
  assert.deepEqual(await Promise.all([first, second, third]), ['stored', 'stored', 'stored']);
  assert.equal(t.waiting.length, 0);
});

test('what waits for company is committed at the end', async () => {
  await using t = testIngest({ pace: never });
  const sent = t.send(1);
  const closed = t.ingest.close();
  await t.settle();
  assert.equal(await sent, 'stored');
  await closed;
});

test('what comes in while a commit is under way keeps the pace afterwards', async () => {
  let now = 0;
  const pace: CommitPace = { begin: () => {}, waitMs: () => now };
  await using t = testIngest({ pace });
  const first = t.send(1, NOW - 1);
  await eventually(() => t.waiting.length === 1 || undefined);
  const second = t.send(2);
  now = 30;
  await t.settle();
  assert.equal(await first, 'stored');
  now = 0;
  await t.settle();
  assert.equal(await second, 'stored');
});
