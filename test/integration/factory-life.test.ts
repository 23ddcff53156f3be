import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { test } from 'node:test';
import { tenantTables } from '../../src/store/isolation.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import {
  eventually,
  type Person,
  personWith,
  type RunningAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { examined } from '../support/imports.ts';
import { CANARY, join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { connectRaw, openRaw } from '../support/raw-mqtt.ts';
import { unzip } from '../support/zip.ts';

const DAY = 86_400_000;

/** An appliance with a second factory, and its owner who has selected that. */
async function withSouth(): Promise<{ running: RunningAppliance; owner: Person; id: string }> {
  const running = await startAppliance();
  const first = await running.signIn();
  const { body } = await first.call('POST', '/factories', { name: 'South', slug: 'south', timezone: 'UTC' });
  const switched = await first.call('POST', '/auth/switch-factory', { factory_id: body.id });
  return { running, owner: personWith(running.ready.http, switched.body.access_token), id: body.id };
}

const download = async (running: RunningAppliance, { token }: Person, path: string): Promise<Buffer> => {
  const answer = await fetch(`${running.ready.http}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
};

/** Every file below a directory. */
const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => joinPath(entry.parentPath, entry.name));

test('a factory is renamed, and its days begin with its zone', async () => {
  const { running, owner, id } = await withSouth();
  await using _ = running;
  await publishTo(running, 'south', 'M01', 'voltage');
  const [device] = (await owner.get('/devices')).items;
  const { body } = await owner.call('PATCH', `/factories/${id}`, { name: ' South West ', timezone: 'Asia/Kolkata' });
  assert.deepEqual([body.name, body.timezone, body.slug], ['South West', 'Asia/Kolkata', 'south']);
  const me = await owner.get('/auth/me');
  assert.deepEqual([me.factory.name, me.factory.timezone], ['South West', 'Asia/Kolkata']);
  const { timezone, series } = await owner.get(`/devices/${device.id}/kpis/history?interval=1d&parameters=voltage`);
  assert.equal(timezone, 'Asia/Kolkata');
  assert.match(series[0].points[0].t, /T00:00:00(\.000)?\+05:30$|T18:30:00(\.000)?Z$/);
  const refused = await owner.call('PATCH', `/factories/${id}`, { timezone: 'Mars/Olympus' });
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/timezone']);
});

test('an archived factory takes nothing and lets nobody in; back in use, all that it had is there', async () => {
  const { running, owner, id } = await withSouth();
  await using _ = running;
  await publishTo(running, 'south', 'M01', 'voltage');
  const anna = await join(running.ready.http, owner, 'anna@x.example', { role: 'admin' });
  const annas = personWith(running.ready.http, anna.token);
  const gateway = (await owner.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] })).body;
  const login = { username: gateway.username, password: gateway.password };
  using connected = await connectRaw(running.ready.mqtt, { ...login, clientId: 'gw' });
  const archived = await owner.call('POST', `/factories/${id}/archive`);
  assert.notEqual(archived.body.archived_at, null);
  await connected.closed;
  assert.equal((await owner.call('GET', '/devices')).status, 403);
  assert.equal((await annas.call('GET', '/devices')).status, 403);
  assert.deepEqual((await annas.get('/auth/me')).factories, []);
  assert.equal((await owner.call('POST', '/auth/switch-factory', { factory_id: id })).status, 404);
  using refused = await openRaw(running.ready.mqtt);
  refused.send({
    cmd: 'connect',
    ...login,
    password: Buffer.from(login.password),
    clientId: 'gw',
    keepalive: 0,
    clean: true,
  });
  assert.equal((await refused.next('connack')).returnCode, 3, 'it keeps what it has');
  await publishTo(running, 'south', 'M02', 'voltage');
  const again = await owner.call('POST', `/factories/${id}/archive`);
  assert.equal(again.body.archived_at, archived.body.archived_at, 'archiving twice changes nothing');

  const restored = await owner.call('POST', `/factories/${id}/restore`);
  assert.equal(restored.body.archived_at, null);
  const { items } = await annas.get('/devices');
  assert.deepEqual(
    items.map(({ key }: Json) => key),
    ['M01'],
  );
  using back = await connectRaw(running.ready.mqtt, { ...login, clientId: 'gw' });
  assert.equal(back.socket.closed, false);
});

test('all of a factory leaves as a ZIP file without secrets, whose history can be imported again', async () => {
  const { running, owner, id } = await withSouth();
  await using _ = running;
  const now = Date.now();
  const samples = Array.from({ length: 400 }, (_, i) => ({
    timestamp: now - i * 600_000,
    metrics: { voltage: 230 + i / 8, state: i % 3 === 0 ? 'run, "fast"' : 'idle' },
  }));
  const client = await running.connect();
  for (const key of ['M01', 'M02']) {
    const topic = `factories/south/devices/${key}/telemetry`;
    await client.publishAsync(topic, JSON.stringify({ samples }), { qos: 1 });
  }
  const gateway = (await owner.call('POST', '/device-credentials', { name: 'gw', devices: ['M01'] })).body;
  const files = await unzip(await download(running, owner, `/factories/${id}/export`));
  assert.deepEqual([...files.keys()].toSorted(), [
    'api-keys.json',
    'device-credentials.json',
    'devices.json',
    'factory.json',
    'history/M01.csv',
    'history/M02.csv',
    'notification-channels.json',
    'rules.json',
    'users.json',
  ]);
  const factory = JSON.parse(String(files.get('factory.json')));
  assert.deepEqual([factory.name, factory.slug, factory.timezone], ['South', 'south', 'UTC']);
  const whole = Buffer.concat([...files.values()]).toString();
  assert.ok(!whole.includes(gateway.password) && !whole.includes('argon2'));
  const csv = files.get('history/M01.csv') ?? Buffer.alloc(0);
  assert.equal(csv.toString().trimEnd().split('\n').length, 1 + 800);

  const [device] = (await owner.get('/devices?key=M01')).items;
  const range = `from=${new Date(now - 10 * DAY).toISOString()}&to=${new Date(now + DAY).toISOString()}`;
  const before = await download(running, owner, `/history/export?devices=${device.id}&${range}`);
  assert.equal((await owner.call('DELETE', `/devices/${device.id}`)).status, 204);
  const job = await examined(running.ready.http, owner, csv);
  assert.equal((await owner.call('POST', `/imports/${job.id}/start`, {})).status, 202);
  await eventually(async () => ((await owner.get(`/imports/${job.id}`)).state === 'done' ? true : undefined));
  const [back] = (await owner.get('/devices?key=M01')).items;
  const after = await download(running, owner, `/history/export?devices=${back.id}&${range}`);
  assert.ok(before.equals(after));
});

/** The data directory as it would be without the audit, which keeps what it has said. */
function copiesWithoutAudit(root: string): { readonly path: string } & Disposable {
  const directory = temporaryDirectory();
  cpSync(root, directory.path, { recursive: true });
  const db = openDatabase(joinPath(directory.path, 'control.db'), { overwriteDeleted: true });
  db.exec('drop view audit_newest; drop table audit_entries');
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return directory;
}

test('a factory is removed only by its own name, and then nothing of it but its audit is on the disk', async () => {
  const { running, owner, id } = await withSouth();
  await using _ = running;
  const root = running.config.data_dir;
  await publishTo(running, 'south', CANARY, CANARY);
  await publishTo(running, 'vpc', 'M01', 'kept-0815');
  const [device] = (await owner.get('/devices')).items;
  await owner.call('PATCH', `/devices/${device.id}`, { name: CANARY });
  await owner.call('PATCH', `/factories/${id}`, { name: CANARY });
  await owner.call('POST', '/device-credentials', { name: CANARY, devices: [CANARY] });
  await owner.call('POST', '/api-keys', { name: CANARY, role: 'viewer', permissions: [], expires_at: null });
  await owner.call('POST', '/invites', { email: `${CANARY}@x.example`, role: 'viewer', permissions: [] });
  const limits = { devices: 5, requests_per_s: null, streams: null, heavy_queries: null };
  await owner.call('PUT', `/factories/${id}/limits`, limits);
  await owner.call('PUT', `/factories/${id}/retention`, { raw_days: 9, minute_days: null, quarter_days: null });
  const anna = await join(running.ready.http, owner, `anna@${CANARY}.example`, { role: 'viewer' });
  const time = new Date(Date.now() - 2 * DAY).toISOString();
  await examined(running.ready.http, owner, `device,parameter,t,value\n${CANARY},${CANARY},${time},1\n`);
  assert.equal((await owner.get('/rejects')).items.length, 1);
  const db = openDatabase(joinPath(root, 'control.db'), { readonly: true });
  // What was done in it stays, for the owners.
  const tables = tenantTables(db).filter((table) => table !== 'audit_entries');
  const rowsOf = () => {
    const { id: number } = (db.prepare("select id from factories where slug = 'south'").get() ?? { id: 2 }) as {
      id: number;
    };
    return new Map(
      tables.map((table) => [
        table,
        db.prepare(`select count(*) from "${table}" where factory_id = ?`).pluck().get(number) as number,
      ]),
    );
  };
  const had = rowsOf();
  for (const table of [
    'memberships',
    'devices',
    'parameters',
    'device_credentials',
    'refusals',
    'api_keys',
    'invites',
  ]) {
    assert.ok((had.get(table) ?? 0) > 0, table);
  }
  const isOnDisk = () => {
    using copies = copiesWithoutAudit(root);
    return filesIn(copies.path).filter((file) => statSync(file).size > 0 && readFileSync(file).includes(CANARY));
  };
  assert.notDeepEqual(isOnDisk(), []);

  const wrong = await owner.call('DELETE', `/factories/${id}?confirm=vpc`);
  assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [422, '/confirm']);
  assert.equal((await owner.call('DELETE', `/factories/${id}`)).status, 422);
  assert.deepEqual(rowsOf(), had);
  assert.equal((await owner.call('DELETE', `/factories/${id}?confirm=south`)).status, 204);

  await eventually(() => ([...rowsOf().values()].every((count) => count === 0) ? true : undefined), 10_000);
  assert.equal(existsSync(joinPath(root, 'factories', '2')), false);
  assert.equal((await personWith(running.ready.http, anna.token).call('GET', '/auth/me')).status, 401);
  db.close();
  await eventually(() => (isOnDisk().length === 0 ? true : undefined), 10_000).catch(() =>
    assert.deepEqual(isOnDisk(), []),
  );
  const home = (await owner.get('/auth/me')).factories;
  assert.deepEqual(
    home.map(({ slug }: Json) => slug),
    ['vpc'],
  );
  const kept = await owner.call('POST', '/auth/switch-factory', { factory_id: home[0].id });
  const { items } = await personWith(running.ready.http, kept.body.access_token).get('/devices?key=M01');
  assert.equal(items.length, 1);
});

test('while a factory is imported into, it can be removed, and nothing of it comes back', async () => {
  const { running, owner, id } = await withSouth();
  await using _ = running;
  const from = Date.now() - 3 * DAY;
  const lines = Array.from(
    { length: 60_000 },
    (_, i) => `M${i % 50},p,${new Date(from + i * 1_000).toISOString()},${i}`,
  );
  const job = await examined(running.ready.http, owner, `device,parameter,t,value\n${lines.join('\n')}\n`);
  assert.equal((await owner.call('POST', `/imports/${job.id}/start`, {})).status, 202);
  await eventually(async () => ((await owner.get('/devices')).items.length > 0 ? true : undefined));
  assert.equal((await owner.call('DELETE', `/factories/${id}?confirm=south`)).status, 204);
  const { hotDb, controlDb } = {
    hotDb: joinPath(running.config.data_dir, 'hot.db'),
    controlDb: joinPath(running.config.data_dir, 'control.db'),
  };
  const count = (file: string, sql: string) => {
    const db = openDatabase(file, { readonly: true });
    try {
      return db.prepare(sql).pluck().get();
    } finally {
      db.close();
    }
  };
  await eventually(() => (count(controlDb, 'select count(*) from forgotten_series') === 0 ? true : undefined), 20_000);
  assert.equal(count(hotDb, 'select count(*) from series where factory_id = 2'), 0);
  assert.equal(count(controlDb, 'select count(*) from devices where factory_id = 2'), 0);
});
