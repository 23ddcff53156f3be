import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/sqlite.ts';
import {
  eventually,
  type Person,
  personWith,
  type RunningAppliance,
  signIn,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import type { Json } from '../support/json.ts';
import { connectRaw, telemetry } from '../support/raw-mqtt.ts';
import { storedHistory } from '../support/stored-series.ts';

const OWNER = { email: 'owner@example.com', password: 'correct horse' } as const;
const LIMIT = { timeout: 60_000 };

const post = async (http: string, path: string, body: unknown): Promise<{ status: number; body: Json }> => {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${http}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
};

/** An appliance whose wizard was told to show a demo factory, and its owner. */
async function withDemo(options: { dataDir?: string } = {}): Promise<{ running: RunningAppliance; owner: Person }> {
  const running = await startAppliance({ ...options, seeded: false, flags: { 'mqtt.anonymous': 'never' } });
  const { setup_code, http } = running.ready;
  const { status, body } = await post(http, '/setup', { setup_code, ...OWNER, demo: true });
  assert.equal(status, 201);
  const { id, ...factory } = body.factory;
  assert.deepEqual(
    { ...factory, timezone: '' },
    {
      slug: 'demo',
      name: 'Demo factory',
      timezone: '',
      units: 'as_sent',
      role: 'admin',
      permissions: [],
      is_demo: true,
    },
  );
  return { running, owner: personWith(http, body.access_token) };
}

/** The recorded machine, once it is live. */
const livePress = (person: Person): Promise<Json> =>
  eventually(async () => {
    const [press] = (await person.get('/devices?key=press-01')).items;
    return press?.status === 'online' ? press : undefined;
  }, 30_000);

/** Waits for a value made after `since` (epoch ms): live, and not history. */
const isLive = (person: Person, id: string, since = Date.now()) =>
  eventually(async () => {
    const { values } = await person.get(`/devices/${id}/kpis/live`);
    return Date.parse(values[0]?.timestamp) > since ? true : undefined;
  }, 40_000);

test(
  'a demo factory comes to life by itself: named machines, three days of history, live values, no credential in the list',
  LIMIT,
  async () => {
    const { running, owner } = await withDemo();
    await using _ = running;
    const press = await livePress(owner);
    assert.notEqual(press.name, 'press-01');
    await isLive(owner, press.id);
    const from = new Date(Date.now() - 4 * 86_400_000).toISOString();
    const { series } = await owner.get(
      `/devices/${press.id}/kpis/history?interval=1h&parameters=temperature&from=${from}`,
    );
    assert.ok(series[0].points.length >= 72, `${series[0].points.length} hours of history`);
    assert.deepEqual((await owner.get('/device-credentials')).items, []);
    assert.deepEqual((await owner.get('/connection-log?kind=refused,dropped')).items, []);
    assert.equal((await owner.get('/factories')).items[0].is_demo, true);
  },
);

test('after a restart the simulator goes on where it was, and stops with the appliance', LIMIT, async () => {
  using directory = temporaryDirectory();
  {
    const { running, owner } = await withDemo({ dataDir: directory.path });
    await using _ = running;
    await isLive(owner, (await livePress(owner)).id);
  }
  const before = storedHistory(directory.path);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(storedHistory(directory.path).rows, before.rows);
  await using running = await startAppliance({ dataDir: directory.path, seeded: false });
  const owner = await signIn(running.ready.http, OWNER.email, OWNER.password);
  await isLive(owner, (await livePress(owner)).id);
  const metrics = await (await fetch(`${running.ready.http}/api/v1/metrics`)).text();
  const stored = Number(/^factoryops_samples_total (\d+)/m.exec(metrics)?.[1]);
  assert.ok(stored > 0 && stored < 10_000, `${stored} samples were stored: the history was sent again`);
});

test('the setup takes a factory or the demo, and says what is missing', async () => {
  await using running = await startAppliance({ seeded: false });
  const { setup_code, http } = running.ready;
  const pointers = async (body: object) => {
    const answer = await post(http, '/setup', { setup_code, ...OWNER, ...body });
    assert.equal(answer.status, 422);
    return answer.body.errors.map(({ pointer }: Json) => pointer).toSorted();
  };
  assert.deepEqual(await pointers({}), ['/factory_name', '/factory_slug']);
  assert.deepEqual(await pointers({ factory_name: 'Mine' }), ['/factory_slug']);
  assert.deepEqual(await pointers({ demo: true, factory_slug: 'mine' }), ['/factory_slug']);
  assert.deepEqual(await pointers({ demo: false, factory_name: 'Mine', factory_slug: 'mine' }), ['/demo']);
  const own = { setup_code, ...OWNER, factory_name: 'Mine', factory_slug: 'mine' };
  assert.equal((await post(http, '/setup', own)).body.factory.is_demo, false);
});

test('a seeded factory is no demo factory: nothing publishes to it', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  assert.equal((await person.get('/auth/me')).factory.is_demo, false);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal((await person.get('/dashboard/summary')).devices.online, 0);
});

test('removing the demo factory takes everything of it away, and its slug may be used again', LIMIT, async () => {
  const { running, owner } = await withDemo();
  await using _ = running;
  const press = await livePress(owner);
  const demo = (await owner.get('/auth/me')).factory;
  const gateway = (await owner.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] })).body;
  using device = await connectRaw(running.ready.mqtt, { ...gateway, clientId: 'gw' });
  device.send(telemetry(1, { metrics: { n: 1 } }, { slug: 'demo' }));
  device.send(telemetry(2, 'broken', { slug: 'demo' }));
  await device.next('puback');
  await device.next('puback');
  await assert.rejects(connectRaw(running.ready.mqtt, { username: 'demo/x', password: 'x' }));
  const mine = await owner.call('POST', '/factories', { name: 'Mine', slug: 'mine', timezone: 'UTC' });
  assert.equal((await owner.call('DELETE', `/factories/${mine.body.id}?confirm=demo`)).status, 422);
  const unknown = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001';
  assert.equal((await owner.call('DELETE', `/factories/${unknown}?confirm=demo`)).status, 404);

  assert.equal((await owner.call('DELETE', `/factories/${demo.id}?confirm=demo`)).status, 204);
  await device.closed;
  assert.equal((await owner.call('DELETE', `/factories/${demo.id}?confirm=demo`)).status, 404);
  const me = await owner.get('/auth/me');
  assert.deepEqual([me.factory, me.factories.map(({ slug }: Json) => slug)], [null, ['mine']]);
  assert.equal((await owner.call('GET', `/devices/${press.id}`)).status, 403);
  await assert.rejects(connectRaw(running.ready.mqtt, { ...gateway, clientId: 'gw' }));

  // The same slug, with the simulator perhaps still on its way out: nothing of the old one shows in the new one.
  const again = await owner.call('POST', '/factories', { name: 'New', slug: 'demo', timezone: 'UTC' });
  assert.deepEqual([again.status, again.body.is_demo], [201, false]);
  const switched = await owner.call('POST', '/auth/switch-factory', { factory_id: again.body.id });
  const there = personWith(running.ready.http, switched.body.access_token);
  const left = await eventually(() => {
    const history = storedHistory(running.config.data_dir);
    return history.forgotten.length === 0 ? history : undefined;
  }, 40_000);
  assert.deepEqual([left.series, left.rows.size, left.latest], [[], 0, []]);
  for (const path of [
    '/devices',
    '/rejects',
    '/device-credentials',
    '/connection-log?kind=refused,dropped',
    '/dashboard/devices',
  ]) {
    assert.deepEqual((await there.get(path)).items, [], path);
  }
  assert.equal((await fetch(`${running.ready.http}/readyz`)).status, 200);
  const credential = (await there.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] })).body;
  using newcomer = await connectRaw(running.ready.mqtt, { ...credential, clientId: 'gw' });
  newcomer.send(telemetry(1, { metrics: { n: 1 } }, { slug: 'demo' }));
  await newcomer.next('puback');
  assert.equal((await there.get('/devices')).items.length, 1);
});

test('only an owner of the appliance removes a demo factory', LIMIT, async () => {
  const { running, owner } = await withDemo();
  await using _ = running;
  const demo = (await owner.get('/auth/me')).factory;
  const control = openDatabase(`${running.config.data_dir}/control.db`);
  control.exec('update users set is_super_admin = 0');
  control.close();
  assert.equal((await owner.call('DELETE', `/factories/${demo.id}?confirm=demo`)).status, 403);
  assert.equal((await owner.get('/auth/me')).factory.slug, 'demo');
});
