import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { EARLIEST_PLAUSIBLE_MS } from '../../src/core/clock.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import {
  eventually,
  type Person,
  runCommand,
  signIn,
  spawnAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';

const LIBRARY = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
].find((file) => existsSync(file));
const [HOUR_S, DAY_S] = [3_600, 86_400];
/** How far an hour after the epoch is from now (s). */
const to1970 = () => HOUR_S - Math.floor(Date.now() / 1_000);
/** From a number to before another. */
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** The archive's rounds come every ten seconds. */
const ROUND_MS = 13_000;
/** Samples that a device publishes between two steps of the clock. */
const COUNT = 25;

/** The real program on a wall clock that the test sets; its monotonic clock goes on as it does. */
async function clockedAppliance(directory: string, library: string) {
  const offsetFile = join(directory, 'offset');
  /** Sets the program's clock: so many seconds from the right time. */
  const set = (seconds: number) => writeFileSync(offsetFile, `${seconds >= 0 ? '+' : ''}${seconds}\n`);
  set(0);
  const dataDir = join(directory, 'data');
  assert.equal((await runCommand(['seed', '--data-dir', dataDir])).code, 0);
  const stack = new AsyncDisposableStack();
  const run = async () => {
    const running = await spawnAppliance(['--data-dir', dataDir], {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offsetFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
      FACTORYOPS_HISTORIAN__BUCKET_S: '60',
      FACTORYOPS_HISTORIAN__LATENESS_S: '1',
      FACTORYOPS_HISTORIAN__RAW_DAYS: '7',
    });
    stack.defer(async () => {
      running.child.kill('SIGKILL');
      await running.exited;
    });
    return running;
  };
  return { dataDir, set, run, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type Running = Awaited<ReturnType<typeof spawnAppliance>>;

/** What devices publish is acknowledged; `published` counts on through everything that happens to the clock. */
function plant() {
  const published: number[] = [];
  let stamp = 0;
  const publish = async ({ ready }: Running) => {
    const client = await connectAsync(ready.mqtt, { reconnectPeriod: 0 });
    for (let i = 0; i < COUNT; i++) {
      const n = published.length;
      const metrics = { n };
      const send = (device: string, sample: object) =>
        client.publishAsync(`factories/vpc/devices/${device}/telemetry`, JSON.stringify(sample), { qos: 1 });
      // Samples of one stamp are one sample.
      stamp = Math.max(Date.now(), stamp + 1);
      // One leaves the time to the appliance, the other has a clock of its own, which is right.
      await Promise.all([send('plain', { metrics }), send('stamped', { metrics, timestamp: stamp })]);
      published.push(n);
    }
    await client.endAsync();
  };
  /** Asserts that the API answers with every sample of both devices, once, and that none was refused. */
  const assertAllStored = async (person: Person) => {
    for (const key of ['plain', 'stamped']) {
      const values = await storedOf(person, key);
      assert.deepEqual(
        values.toSorted((a, b) => a - b),
        published,
        key,
      );
      const [device] = (await person.get(`/devices?key=${key}`)).items;
      assert.deepEqual((await person.get(`/devices/${device.id}/rejects`)).items, [], `${key}: something was refused`);
    }
  };
  return { publish, assertAllStored };
}

async function historyOf(person: Person, key: string) {
  const [device] = (await person.get(`/devices?key=${key}`)).items;
  const range = 'from=1970-01-01T00:00:00Z&to=2090-01-01T00:00:00Z';
  return person.get(`/devices/${device.id}/kpis/history?interval=raw&parameters=n&limit=10000&${range}`);
}

async function storedOf(person: Person, key: string): Promise<number[]> {
  return (await historyOf(person, key)).series[0].points.map(({ value }: { value: number }) => value);
}

/** Samples whose arrival stamp lies where the answer says that the clock was in doubt. */
async function doubtfulOf(person: Person, key: string): Promise<number[]> {
  const { series, clock_in_doubt: spans } = await historyOf(person, key);
  const isDoubtful = ({ t }: { t: string }) =>
    spans.some(({ from, to }: { from: string; to: string }) => t >= from && t < to);
  return series[0].points.filter(isDoubtful).map(({ value }: { value: number }) => value);
}

/** Ten samples of three days ago. */
async function backfill({ ready }: Running): Promise<void> {
  const client = await connectAsync(ready.mqtt, { reconnectPeriod: 0 });
  const from = Date.now() - 3 * DAY_S * 1_000;
  const samples = Array.from({ length: 10 }, (_, n) => ({ timestamp: from + n * 1_000, metrics: { n } }));
  await client.publishAsync('factories/vpc/devices/old/telemetry', JSON.stringify({ samples }), { qos: 1 });
  await client.endAsync();
}

/** Levels of stored files, and what retention has removed. */
function archiveOf(dataDir: string) {
  const db = openDatabase(join(dataDir, 'control.db'), { readonly: true });
  try {
    const compacted = db.prepare("select count(*) from segments where level = 'raw' and compacted").pluck().get();
    return { compacted, removed: db.prepare('select count(*) from removed_history').pluck().get() };
  } finally {
    db.close();
  }
}

const clockOf = async (person: Person, isTrusted: boolean) =>
  eventually(async () => {
    const clock = await person.get('/clock');
    return clock.trusted === isTrusted ? clock : undefined;
  });

const trustMetric = async ({ ready }: Running) =>
  /^factoryops_clock_trusted (\d)$/m.exec(await (await fetch(`${ready.http}/api/v1/metrics`)).text())?.[1];

const options = {
  skip: LIBRARY === undefined && 'libfaketime is not installed (Debian: apt-get install faketime)',
  timeout: 240_000,
};

test(
  'set back 2 h, ahead 30 days, to 1970 and back: no sample is lost, nothing is removed, and it recovers',
  options,
  async () => {
    using directory = temporaryDirectory();
    await using clocked = await clockedAppliance(directory.path, LIBRARY ?? '');
    const { dataDir, set, run } = clocked;
    const { publish, assertAllStored } = plant();
    let running = await run();
    let person = await signIn(running.ready.http);
    await publish(running);
    await backfill(running);
    await eventually(() => (Number(archiveOf(dataDir).compacted) > 0 ? true : undefined), 60_000);
    assert.equal((await person.get('/clock')).trusted, true);

    // Two hours back.
    set(-2 * HOUR_S);
    await publish(running);
    assert.equal((await person.get('/clock')).trusted, true);
    await assertAllStored(person);
    set(0);
    await publish(running);

    // Thirty days ahead. Doubt begins to the millisecond, rounded down: some have to lie between it and the last sample.
    await delay(20);
    set(30 * DAY_S);
    await publish(running);
    const ahead = await clockOf(person, false);
    assert.equal(ahead.reason, 'jumped_ahead');
    assert.equal(Math.round(ahead.jump_ms / 1_000 / DAY_S), 30);
    assert.ok(Math.abs(Date.parse(ahead.used) - Date.now()) < 3 * HOUR_S * 1_000, 'time goes on as before');
    assert.equal((await person.get('/dashboard/summary')).clock_ok, false);
    await eventually(async () => ((await trustMetric(running)) === '0' ? true : undefined));
    await delay(ROUND_MS);
    assert.equal(archiveOf(dataDir).removed, 0);
    assert.equal((await storedOf(person, 'old')).length, 10);
    assert.deepEqual(await doubtfulOf(person, 'plain'), range(3 * COUNT, 4 * COUNT));

    // … killed, and started again there: it is not forgotten.
    running.child.kill('SIGKILL');
    await running.exited;
    running = await run();
    person = await signIn(running.ready.http);
    assert.equal((await person.get('/clock')).trusted, false);
    await publish(running);
    set(0);
    assert.equal((await clockOf(person, true)).periods[0].ended_by, 'clock');
    await publish(running);
    await assertAllStored(person);

    // 1970.
    set(to1970());
    await publish(running);
    const early = await clockOf(person, false);
    assert.equal(early.reason, 'before_build');
    assert.match(early.now, /^1970-/);
    assert.equal((await person.call('POST', '/clock/confirm')).status, 409);
    const doctor = await runCommand(['doctor', '--data-dir', dataDir, '--json']);
    assert.match(doctor.stdout, /"clock",\s+"level": "warning",\s+"message": "[^"]*not trusted/);
    await delay(ROUND_MS);
    assert.equal(archiveOf(dataDir).removed, 0);
    set(0);
    await clockOf(person, true);
    await publish(running);
    await assertAllStored(person);
    assert.equal((await storedOf(person, 'old')).length, 10);
    assert.deepEqual(
      (await person.get('/clock')).periods.map(({ reason, ended_by }: Record<string, string>) => [reason, ended_by]),
      [
        ['before_build', 'clock'],
        ['jumped_ahead', 'clock'],
      ],
    );

    // Thirty days ahead, and that is right: what is too old by now goes.
    set(30 * DAY_S);
    await clockOf(person, false);
    assert.equal((await person.call('POST', '/clock/confirm')).body.trusted, true);
    person = await signIn(running.ready.http);
    assert.equal((await person.call('POST', '/clock/confirm')).status, 409);
    assert.equal((await person.get('/clock')).periods[0].ended_by, 'person');
    await eventually(() => (Number(archiveOf(dataDir).removed) > 0 ? true : undefined), 60_000);
  },
);

test(
  'a first start at 1970: people can sign in, samples are stored and known by their period, and it recovers',
  options,
  async () => {
    using directory = temporaryDirectory();
    await using clocked = await clockedAppliance(directory.path, LIBRARY ?? '');
    const { set, run } = clocked;
    const { publish, assertAllStored } = plant();
    set(to1970());
    const running = await run();
    let person = await signIn(running.ready.http);
    const early = await person.get('/clock');
    assert.deepEqual([early.trusted, early.reason, early.can_confirm], [false, 'before_build', false]);
    assert.ok(Date.parse(early.used) >= EARLIEST_PLAUSIBLE_MS, 'it goes on from the build date');
    await publish(running);
    await assertAllStored(person);
    set(0);
    // The sign-in was of another time.
    person = await eventually(async () => {
      const again = await signIn(running.ready.http);
      return (await again.get('/clock')).trusted === true ? again : undefined;
    });
    await publish(running);
    await assertAllStored(person);
    assert.deepEqual(await doubtfulOf(person, 'plain'), range(0, COUNT));
  },
);
