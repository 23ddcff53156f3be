import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  eventually,
  type Person,
  runCommand,
  signIn,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { sealedState } from '../support/segment-files.ts';
import { addMember } from '../support/users.ts';

const FLAGS = { 'historian.bucket_s': 60, 'historian.lateness_s': 1 };
const HOUR_MS = 3_600_000;

/** Three hours of a sample every ten seconds, which end an hour ago: they are sealed at once. */
function samples(start: number): Json[] {
  return Array.from({ length: 1_080 }, (_, i) => ({
    timestamp: start + i * 10_000,
    metrics: { n: i / 10, s: `s${i % 3}` },
  }));
}

const verified = (person: Person) =>
  eventually(async () => {
    const { verification } = await person.get('/storage');
    return verification !== null && verification.state !== 'running' ? verification : undefined;
  }, 30_000);

test('an owner says how long the history of a factory is kept; anyone else reads it', { timeout: 60_000 }, async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  const admin = await addMember(dataDir, 'admin');
  await using running = await startAppliance({ dataDir, flags: FLAGS });
  const owner = await running.signIn();
  const kept = async (person: Person) => (await person.get('/storage')).factories[0].kept;
  const days = { raw_days: 90, minute_days: 730, quarter_days: null };
  const configured = { ...days, is_own: false, configured: days };
  assert.deepEqual(await kept(owner), configured);
  const { id } = (await owner.get('/storage')).factories[0];
  const path = `/factories/${id}/retention`;
  const own = { raw_days: 400, minute_days: null, quarter_days: 3_650 };
  const set = await owner.call('PUT', path, own);
  assert.deepEqual([set.status, set.body], [200, { ...own, is_own: true, configured: days }]);
  const person = await signIn(running.ready.http, admin.email, admin.password);
  assert.deepEqual(await kept(person), set.body);

  const old = new Date(Date.now() - 200 * 24 * HOUR_MS).toISOString();
  const client = await running.connect();
  const message = JSON.stringify({ timestamp: old, metrics: { n: 1 } });
  await client.publishAsync('factories/vpc/devices/M01/telemetry', message, { qos: 1 });
  const [device] = (await owner.get('/devices?key=M01')).items;
  const since = new Date(Date.now() - 300 * 24 * HOUR_MS).toISOString();
  const history = await owner.get(`/devices/${device.id}/kpis/history?parameters=n&interval=raw&from=${since}`);
  assert.equal(history.series[0].points.length, 1, 'a sample of 200 days ago is taken now');

  assert.equal((await person.call('PUT', path, own)).status, 403);
  assert.equal((await person.call('DELETE', path)).status, 403);
  const missing = await owner.call('PUT', '/factories/0192f0c1-1111-7111-8111-111111111111/retention', own);
  assert.equal(missing.status, 404);
  for (const bad of [
    { raw_days: 0 },
    { raw_days: null },
    { raw_days: 1.5 },
    { minute_days: -1 },
    { quarter_days: '9' },
    { more: 1 },
  ]) {
    assert.equal((await owner.call('PUT', path, { ...own, ...bad })).status, 422, JSON.stringify(bad));
  }
  const reset = await owner.call('DELETE', path);
  assert.deepEqual([reset.status, reset.body], [200, configured]);
});

test('what is stored is measured; a damaged file is found, named everywhere, left out, and taken back when it is whole', {
  timeout: 180_000,
}, async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  const admin = await addMember(dataDir, 'admin');
  const viewer = await addMember(dataDir, 'viewer');
  await using running = await startAppliance({ dataDir, flags: FLAGS });
  const owner = await running.signIn();

  const fresh = await owner.get('/storage');
  assert.equal(fresh.factories.length, 1);
  assert.deepEqual(
    fresh.factories[0].levels.map(({ level, bytes, oldest }: Json) => [level, bytes, oldest]),
    [
      ['raw', 0, null],
      ['1m', 0, null],
      ['15m', 0, null],
    ],
  );
  const { samples: none, bytes_per_sample, compression, oldest } = fresh.factories[0];
  assert.deepEqual([none, bytes_per_sample, compression, oldest], [0, null, null, null]);
  assert.deepEqual([fresh.days_left, fresh.verification, fresh.quarantined, fresh.errors], [null, null, [], []]);
  assert.ok(fresh.disk.free_bytes > 0 && fresh.disk.total_bytes > fresh.disk.free_bytes);

  await owner.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 4 * HOUR_MS;
  const client = await running.connect();
  const topic = 'factories/vpc/devices/M01/telemetry';
  await client.publishAsync(topic, JSON.stringify({ samples: samples(start) }), { qos: 1 });
  await client.publishAsync(topic, JSON.stringify({ metrics: { n: 1 } }), { qos: 1 });
  await eventually(() => sealedState(dataDir).raw.length > 0 || undefined, 60_000);
  // Figures are good for some seconds.
  const measured = await eventually(async () => {
    const answer = await owner.get('/storage');
    const { levels } = answer.factories.find(({ slug }: Json) => slug === 'vpc');
    return levels[0].rows >= 2_160 ? answer : undefined;
  }, 45_000);
  const [vpc, other] = measured.factories.toSorted((a: Json, b: Json) => b.samples - a.samples);
  assert.deepEqual([vpc.slug, other.slug, other.samples, other.quarantined], ['vpc', 'other', 0, 0]);
  assert.ok(vpc.bytes_per_sample > 0 && Math.abs(vpc.compression - 16 / vpc.bytes_per_sample) < 1e-9);
  assert.ok(Date.parse(vpc.oldest) <= start && Date.parse(vpc.newest) > start + 2 * HOUR_MS);
  assert.ok(vpc.samples_per_second > 0 && vpc.bytes_per_day > 0);
  const { disk, appliance } = measured;
  const room = Math.min(
    0.8 * disk.total_bytes - appliance.bytes,
    disk.free_bytes - Math.min(0.05 * disk.total_bytes, 2 ** 31),
  );
  const days = room / appliance.bytes_per_day;
  assert.ok(
    Math.abs(measured.days_left - days) <= 1 + days / 1_000,
    `${measured.days_left} days left, and not ${days}`,
  );
  const { storage } = await owner.get('/dashboard/summary');
  assert.ok(Math.abs(storage.days_left - measured.days_left) <= 1 + measured.days_left / 100);

  const person = await signIn(running.ready.http, admin.email, admin.password);
  assert.deepEqual(
    (await person.get('/storage')).factories.map(({ slug }: Json) => slug),
    ['vpc'],
  );
  assert.equal((await person.call('POST', '/storage/verify')).status, 403);
  const onlooker = await signIn(running.ready.http, viewer.email, viewer.password);
  assert.equal((await onlooker.call('GET', '/storage')).status, 403);

  const { body } = await owner.call('POST', '/storage/verify');
  assert.equal(body.state, 'running');
  const whole = await verified(owner);
  assert.deepEqual([whole.state, whole.damaged, whole.files], ['done', 0, whole.total_files]);

  const [file = ''] = sealedState(dataDir).raw;
  const path = join(dataDir, file);
  const content = readFileSync(path);
  writeFileSync(path, Buffer.alloc(content.length, 7));
  const [device] = (await owner.get('/devices?key=M01')).items;
  const history = (interval: string) =>
    owner.call(
      'GET',
      `/devices/${device.id}/kpis/history?parameters=n&interval=${interval}&from=${new Date(start).toISOString()}`,
    );
  const refused = await history('raw');
  assert.equal(refused.status, 503);
  assert.match(refused.body.detail, /cannot be read: it is being verified/);
  assert.ok(!JSON.stringify(refused.body).includes('parquet'), 'where files lie is nothing for a client');
  const answer = await eventually(async () => {
    const { status, body: found } = await history('raw');
    return status === 200 ? found : undefined;
  }, 20_000);
  assert.equal(answer.incomplete.length, 1);
  const [entry] = (await owner.get('/storage')).quarantined;
  assert.deepEqual(
    [entry.file, entry.level, entry.samples > 0, entry.reason],
    [file, 'raw', true, 'its content has changed since it was written'],
  );
  const metrics = await (await fetch(`${running.ready.http}/api/v1/metrics`)).text();
  assert.match(metrics, /factoryops_segments_quarantined 1\n/);
  const doctor = JSON.parse((await runCommand(['doctor', '--json', '--data-dir', dataDir])).stdout);
  const finding = (doctor.findings ?? doctor).find(({ check }: Json) => check === 'history');
  assert.equal(finding.level, 'error');
  assert.ok(finding.message.includes(file));

  writeFileSync(path, content);
  await owner.call('POST', '/storage/verify');
  const restored = await verified(owner);
  assert.deepEqual([restored.damaged, restored.returned], [0, 1]);
  const { body: again } = await history('raw');
  assert.deepEqual([again.incomplete, again.series[0].points[0].value], [[], 0]);
  assert.ok(statSync(path).size === content.length);
  rmSync(path);
  await owner.call('POST', '/storage/verify');
  await verified(owner);
  assert.equal((await owner.get('/storage')).quarantined[0].reason, 'it is missing');
});
