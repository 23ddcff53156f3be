import assert from 'node:assert/strict';
import { readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, type Person, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { sealedState, segmentFiles } from '../support/segment-files.ts';
import { NO_SMALL_DISK, smallDisk } from '../support/small-disk.ts';

const disk = smallDisk(64);
const START = Date.UTC(2027, 0, 12, 12);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FREE_BYTES = 300_000;
const METRICS = 20;

/** Samples with values of which every bit counts: each bucket becomes a larger file than the space that is left. */
const samplesOf = (start: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    timestamp: start + i * 200,
    metrics: Object.fromEntries(Array.from({ length: METRICS }, (_, m) => [`m${m}`, Math.random()])),
  }));

type Samples = ReturnType<typeof samplesOf>;

async function assertStored(person: Person, samples: Samples): Promise<void> {
  const [device] = (await person.get('/devices?key=M01')).items;
  const range = `from=${new Date(START - DAY_MS).toISOString()}&to=${new Date(START + DAY_MS).toISOString()}`;
  const raw = await person.get(`/devices/${device.id}/kpis/history?interval=raw&parameters=m7&limit=10000&${range}`);
  assert.deepEqual(
    raw.series[0].points.map(({ t, value }: Json) => [Date.parse(t), value]),
    samples.map(({ timestamp, metrics }) => [timestamp, metrics.m7]),
  );
  const hours = await person.get(`/devices/${device.id}/kpis/history?interval=1h&${range}`);
  assert.equal(hours.series.length, METRICS);
  for (const { points } of hours.series) {
    assert.equal(
      points.reduce((sum: number, { count }: Json) => sum + count, 0),
      samples.length,
    );
  }
}

test('on a full disk sealing and compaction fail visibly, lose and leave nothing, and go on by themselves', {
  skip: disk === undefined && NO_SMALL_DISK,
  timeout: 240_000,
}, async () => {
  assert.ok(disk !== undefined);
  using held = disk;
  const dataDir = join(held.path, 'data');
  const ballast = join(held.path, 'ballast');
  let passed = 0;
  const clock = { now: () => START + passed };
  const flags = { 'historian.lateness_s': 1 };
  await using running = await startAppliance({ dataDir, clock, flags });
  const free = () => {
    const { bavail, bsize } = statfsSync(held.path);
    return bavail * bsize;
  };
  /** What the databases and their journals take. */
  const databases = () =>
    readdirSync(dataDir)
      .filter((name) => /\.db(-\w+)?$/.test(name))
      .reduce((sum, name) => sum + 512 * statSync(join(dataDir, name)).blocks, 0);
  const failures = async () => {
    const text = await (await fetch(`${running.ready.http}/api/v1/metrics`)).text();
    return Number(/^factoryops_seal_failures_total (\d+)$/m.exec(text)?.[1]);
  };
  // They would store how far they are, and alarms, while the disk is full.
  const owner = await running.signIn();
  for (const { id } of (await owner.get('/rules')).items) {
    assert.equal((await owner.call('DELETE', `/rules/${id}`)).status, 204);
  }
  const client = await running.connect();
  const published: Samples = [];
  const publish = async (samples: Samples) => {
    for (let at = 0; at < samples.length; at += 100) {
      const payload = JSON.stringify({ samples: samples.slice(at, at + 100) });
      await client.publishAsync('factories/vpc/devices/M01/telemetry', payload, { qos: 1 });
    }
    published.push(...samples);
    published.sort((a, b) => a.timestamp - b.timestamp);
  };
  /** Fails twice with the disk full, then has space again. */
  const endure = async (whileFull: () => Promise<void>) => {
    writeFileSync(ballast, Buffer.alloc(free() - FREE_BYTES));
    const before = { failures: await failures(), files: segmentFiles(dataDir), databases: databases(), free: free() };
    await whileFull();
    await eventually(async () => (await failures()) >= before.failures + 2 || undefined, 60_000);
    assert.deepEqual(segmentFiles(dataDir), before.files);
    const taken = before.free - free();
    const grown = databases() - before.databases;
    assert.ok(taken <= grown, `${taken - grown} bytes are taken that are in no database`);
    assert.ok(free() > FREE_BYTES / 2, `only ${free()} bytes are left`);
    await assertStored(await running.signIn(), published);
    rmSync(ballast);
  };

  await publish(samplesOf(START - 2 * HOUR_MS, 3_000));
  await publish(samplesOf(START - HOUR_MS, 3_000));
  await endure(() => publish(samplesOf(START - 2 * HOUR_MS - 1, 10)));
  await eventually(() => sealedState(dataDir).buckets.length === 0 || undefined, 60_000);
  const sealed = sealedState(dataDir).raw;
  await assertStored(await running.signIn(), published);

  await endure(async () => {
    passed += 2 * DAY_MS;
  });
  await eventually(() => {
    const { raw } = sealedState(dataDir);
    return (raw.length === 1 && !sealed.includes(raw[0] ?? '')) || undefined;
  }, 60_000);
  await assertStored(await running.signIn(), published);
});
