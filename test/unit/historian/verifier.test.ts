import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '../../../src/core/errors.ts';
import {
  checkSegments,
  createVerifier,
  openHistoryEngine,
  type Verifier,
  writeAnswer,
} from '../../../src/historian/historian.ts';
import { planHistory } from '../../../src/historian/history-request.ts';
import { eventually } from '../../support/appliance.ts';
import { archivedHistory, placeIn } from '../../support/archived-history.ts';
import { batchOf, NOW, type WrittenSample } from '../../support/hot-history.ts';
import { assertLikeModel, NEW_SERIES, type Question, SERIES } from '../../support/like-model.ts';
import { sealedState } from '../../support/segment-files.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

type World = Awaited<ReturnType<typeof archivedHistory>>;

/** A verifier over that world, with its work in this thread. */
function verifierOf(world: World, { intervalMs = 1e9, batchBytes = 64e6 } = {}) {
  const heard: string[] = [];
  let inQuarantine = 0;
  let checked = 0;
  const verifier = createVerifier({
    store: world.store,
    clock: world.clock,
    root: world.root,
    check: async (order) => checkSegments(order),
    checkSoon: async (order) => checkSegments(order),
    onQuarantined: ({ file }, reason) => heard.push(`${file} ${reason}`),
    onReturned: ({ file }) => heard.push(`${file} is back`),
    onChecked: (files, count) => {
      checked += files;
      inQuarantine = count;
    },
    onFault: (error) => heard.push(String(error)),
    intervalMs,
    batchBytes,
  });
  verifier.start();
  return {
    verifier,
    heard,
    get inQuarantine() {
      return inQuarantine;
    },
    get checked() {
      return checked;
    },
    [Symbol.asyncDispose]: () => verifier.stop(),
  };
}

const verified = async (verifier: Verifier) => {
  verifier.verifyAll();
  return await eventually(() => {
    const { progress } = verifier;
    return progress === null || progress.finishedAt === null ? undefined : progress;
  }, 60_000);
};

function flipBit(path: string, at: number): void {
  const content = readFileSync(path);
  content[at >> 3] = (content[at >> 3] ?? 0) ^ (1 << (at & 7));
  writeFileSync(path, content);
}

/** A sample each minute, each hour in a bucket and a file of its own. */
async function hourly(hours: number, days = 0): Promise<{ world: World; written: WrittenSample[] }> {
  const world = await archivedHistory({ bucketSeconds: 3_600 });
  const written: WrittenSample[] = [];
  for (let hour = 0; hour < hours; hour++) {
    const samples = Array.from({ length: 60 }, (_, i) => {
      const ts = NOW + hour * HOUR_MS + i * 60_000;
      return [
        { seriesId: 1, ts, value: Math.round(Math.sin(hour * 60 + i) * 1e4) / 100 + 0 },
        { seriesId: 3, ts, value: `s${i % 4}` },
      ];
    }).flat();
    world.writer.commit(batchOf(samples, hour === 0 ? NEW_SERIES : []));
    written.push(...samples);
    world.clock.advance(NOW + (hour + 1) * HOUR_MS + 1 - world.clock.now());
    if (days === 0) await world.archive.round();
  }
  if (days > 0) {
    world.clock.advance(days * DAY_MS);
    for (let i = 0; i < 3; i++) await world.archive.round();
  }
  return { world, written };
}

const all = (hours: number): Question => ({
  from: NOW,
  to: NOW + hours * HOUR_MS,
  interval: '1h',
  zone: 'UTC',
  limit: 1_000,
});

/** The answer for a client. */
async function textOf(world: World, { from, to }: Question, interval: 'raw' | '1h' | '15m') {
  const engine = await openHistoryEngine(placeIn(world.root));
  try {
    const task = {
      ...planHistory(1, 'UTC', { series: SERIES.slice(0, 1), from, to, interval }),
      form: { format: 'json' as const, devices: undefined, clockInDoubt: [] },
    };
    const { bytes } = writeAnswer(task, await engine.query(task, () => false));
    return JSON.parse(Buffer.from(bytes).toString());
  } finally {
    engine.close();
  }
}

test('one flipped bit in each of fifty files: a query fails at worst, all are found, and the rest answers', {
  timeout: 240_000,
}, async () => {
  // Fifteen files of a day that is not over, or they would become one; put back from a backup they are broken again.
  const { world, written } = await hourly(15);
  await using _world = world;
  const { raw } = sealedState(world.root);
  assert.equal(raw.length, 15);
  const originals = new Map(raw.map((file) => [file, readFileSync(join(world.root, file))]));
  let broken = 0;
  let silent = 0;
  for (let round = 0; round < 4; round++) {
    await using checking = verifierOf(world, { batchBytes: 20_000 });
    const hit = raw.slice(0, round === 3 ? 5 : 15);
    for (const [place, file] of hit.entries()) {
      const bits = statSync(join(world.root, file)).size * 8;
      flipBit(join(world.root, file), (place * 7_919 * (round + 1) * 31 + place) % bits);
    }
    broken += hit.length;
    // As damaged as they are, each question is answered or refused with a clear word.
    for (let hour = 0; hour < 15; hour++) {
      const question = { series: SERIES, from: NOW + hour * HOUR_MS, to: NOW + (hour + 1) * HOUR_MS };
      await world.historian.query({ ...question, interval: 'raw' }).then(
        () => silent++,
        (error: unknown) => assert.ok(error instanceof AppError && error.code === 'unreadable', String(error)),
      );
    }
    const progress = await verified(checking.verifier);
    assert.equal(progress.failure, null);
    assert.equal(progress.damaged, hit.length);
    assert.equal(checking.inQuarantine, hit.length);
    const left = written.filter(({ ts }) => ts >= NOW + hit.length * HOUR_MS);
    await assertLikeModel(world, left, all(15));
    for (const file of hit) {
      assert.ok(!existsSync(join(world.root, file)));
      assert.ok(existsSync(join(world.root, file.replace('/segments/', '/quarantine/'))));
      // From a backup, to where it belongs or to where it is kept.
      const target = round % 2 === 0 ? file : file.replace('/segments/', '/quarantine/');
      writeFileSync(join(world.root, target), originals.get(file) ?? '');
    }
    const again = await verified(checking.verifier);
    assert.equal(again.damaged, 0);
    assert.equal(again.returned, hit.length);
    await assertLikeModel(world, written, all(15));
  }
  assert.equal(broken, 50);
  assert.ok(silent < 60, 'some damage shows');
  assert.deepEqual(readdirSync(join(world.root, 'factories/1/quarantine/raw')), []);
});

test('an answer says where a file is missing from it: as a gap of the series, and as a span of the answer', async () => {
  const { world } = await hourly(6);
  await using _world = world;
  await using checking = verifierOf(world);
  const { raw } = sealedState(world.root);
  rmSync(join(world.root, raw[2] ?? ''));
  await assert.rejects(textOf(world, all(6), 'raw'), { code: 'unreadable' });
  await verified(checking.verifier);
  const [from, to] = [NOW + 2 * HOUR_MS, NOW + 3 * HOUR_MS].map((ms) => new Date(ms).toISOString());
  for (const interval of ['raw', '15m', '1h'] as const) {
    const answer = await textOf(world, all(6), interval);
    assert.deepEqual(answer.incomplete, [{ from, to }], interval);
    const [gap] = answer.series[0].gaps;
    assert.equal(answer.series[0].gaps.length, 1, interval);
    assert.ok(gap.from <= String(from) && gap.to >= String(to), interval);
  }
  // A question that does not touch it is whole.
  const before = await textOf(world, { ...all(6), to: NOW + 2 * HOUR_MS }, '15m');
  assert.deepEqual([before.incomplete, before.series[0].gaps], [[], []]);
  assert.match(checking.heard[0] ?? '', /it is missing$/);
});

test('a query that cannot read a file has it verified, and is answered after that', async () => {
  const { world, written } = await hourly(4);
  await using _world = world;
  await using checking = verifierOf(world);
  const [first = ''] = sealedState(world.root).raw;
  writeFileSync(join(world.root, first), 'PAR1 and nothing more');
  const message = await world.historian.query({ series: SERIES, from: NOW, to: NOW + HOUR_MS, interval: 'raw' }).then(
    () => assert.fail('it was read'),
    (thrown: Error) => thrown.message,
  );
  assert.match(String(message), /cannot be read: it is being verified/);
  checking.verifier.suspect([first]);
  await eventually(() => checking.inQuarantine === 1 || undefined);
  await assertLikeModel(
    world,
    written.filter(({ ts }) => ts >= NOW + HOUR_MS),
    all(4),
  );
});

test('nothing is compacted around what is in quarantine, and a start leaves it; a damaged rollup is made again', async () => {
  const { world, written } = await hourly(12, 2);
  await using _world = world;
  const { named, raw } = sealedState(world.root);
  const rollups = named.filter((file) => !raw.includes(file));
  assert.ok(rollups.length > 0);
  {
    await using checking = verifierOf(world);
    for (const file of rollups) flipBit(join(world.root, file), 4_000);
    assert.equal((await verified(checking.verifier)).damaged, rollups.length);
    // Samples say what they said.
    await assertLikeModel(world, written, all(12));
    assert.deepEqual((await textOf(world, all(12), '1h')).incomplete, []);
    for (let i = 0; i < 3; i++) await world.archive.round();
    assert.equal(checking.verifier.quarantined().length, 0);
    await assertLikeModel(world, written, all(12));
  }
  await using checking = verifierOf(world);
  const [damaged = ''] = sealedState(world.root).raw;
  flipBit(join(world.root, damaged), 4_000);
  await verified(checking.verifier);
  const kept = sealedState(world.root).named;
  world.writer.commit(batchOf([{ seriesId: 1, ts: NOW + 1, value: 5 }]));
  world.clock.advance(DAY_MS);
  for (let i = 0; i < 3; i++) await world.archive.round();
  assert.ok(sealedState(world.root).named.includes(damaged));
  assert.ok(kept.length <= sealedState(world.root).named.length);
  await checking.verifier.stop();
  await world.restart();
  assert.ok(existsSync(join(world.root, damaged.replace('/segments/', '/quarantine/'))));
});

test('what is in quarantine goes when it is too old, as all else does, and holds up nothing', async () => {
  const world = await archivedHistory({ bucketSeconds: 3_600, days: { raw: 5, '1m': null, '15m': null } });
  await using _world = world;
  const written = Array.from({ length: 48 }, (_, i) => ({ seriesId: 1, ts: NOW + i * HOUR_MS, value: i }));
  world.writer.commit(batchOf(written, NEW_SERIES));
  world.clock.advance(3 * DAY_MS);
  for (let i = 0; i < 2; i++) await world.archive.round();
  const [damaged = ''] = sealedState(world.root).raw;
  flipBit(join(world.root, damaged), 900);
  await using checking = verifierOf(world);
  await verified(checking.verifier);
  const kept = join(world.root, damaged.replace('/segments/', '/quarantine/'));
  assert.ok(existsSync(kept));
  world.clock.advance(10 * DAY_MS);
  for (let i = 0; i < 2; i++) await world.archive.round();
  assert.deepEqual(sealedState(world.root).raw, []);
  assert.ok(!existsSync(kept));
});

test('what is compacted or written anew is compared with the catalogue first: damage does not become the truth', async () => {
  const { world } = await hourly(12);
  await using _world = world;
  const [first = ''] = sealedState(world.root).raw;
  flipBit(join(world.root, first), 2_000);
  world.clock.advance(3 * DAY_MS);
  await assert.rejects(world.archive.round(), /its content has changed since it was written/);
  assert.ok(sealedState(world.root).named.includes(first));
  await assert.rejects(world.archive.purge([{ factoryId: 1, seriesId: 1 }]), { code: 'unreadable' });
});

test('the whole stock is verified within a day, a bounded amount at a time, and none of it twice', async () => {
  const { world } = await hourly(10);
  await using _world = world;
  await using checking = verifierOf(world, { intervalMs: 20, batchBytes: 5_000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(checking.checked, 0, 'what was written today is not due');
  world.clock.advance(DAY_MS + HOUR_MS * 12);
  await eventually(() => checking.checked === 10 || undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(checking.checked, 10);
});
