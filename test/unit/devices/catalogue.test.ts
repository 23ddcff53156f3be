import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalogue, createDevices, createRemovals } from '../../../src/devices/devices.ts';
import type { Series } from '../../../src/historian/historian.ts';
import { setUpOwner, testAccounts } from '../../support/accounts.ts';

/** Two factories, and a registry over them. */
async function testRegistry() {
  const world = testAccounts();
  await setUpOwner(world.accounts);
  world.accounts.factories.create({ name: 'South', slug: 'south', timezone: 'UTC' });
  const [north, south] = world.accounts.factories.list().map(({ scope }) => scope);
  if (north === undefined || south === undefined) throw new Error('two factories were made');
  const catalogue = createCatalogue(world.store);
  const devices = createDevices({ store: world.store, clock: world.clock, catalogue });
  const removals = createRemovals(world.store, catalogue);
  return { ...world, north, south, catalogue, devices, removals };
}

let nextSeries = 1;
const born = (factoryId: number, deviceKey: string, ...parameters: string[]): Series[] =>
  parameters.map((parameter) => ({ seriesId: nextSeries++, factoryId, deviceKey, parameter, kind: 'number' }));

test('the catalogue is of one factory, its devices by key and their parameters by name', async () => {
  using world = await testRegistry();
  const { north, south, catalogue, devices } = world;
  devices.register([...born(north.factoryId, 'B', 'y', 'x'), ...born(north.factoryId, 'A', 'z')]);
  devices.register(born(south.factoryId, 'S', 'secret'));
  const shown = catalogue.devices(north).map(({ key, parameters }) => [key, ...parameters.map(({ name }) => name)]);
  assert.deepEqual(shown, [
    ['A', 'z'],
    ['B', 'x', 'y'],
  ]);
  const [foreign] = catalogue.devices(south);
  assert.equal(catalogue.device(north, foreign?.id ?? ''), undefined);
  assert.equal(catalogue.device(south, foreign?.id ?? '')?.key, 'S');
});

test('tags are found at once, and whoever listens is told of the device whose tags have changed', async () => {
  using world = await testRegistry();
  const { north, catalogue, devices } = world;
  devices.register([...born(north.factoryId, 'A', 'x'), ...born(north.factoryId, 'B', 'x')]);
  const told: string[] = [];
  devices.onTagsChanged((scope, { key, tags }) => told.push(`${scope.slug} ${key} ${tags.join('+')}`));
  const [a] = catalogue.devices(north);
  const id = a?.id ?? '';
  devices.update(north, id, { tags: ['line 1', 'press'] });
  devices.update(north, id, { tags: ['line 1', 'press'], name: 'Press' });
  devices.update(north, id, { name: 'Press 2' });
  assert.deepEqual(catalogue.device(north, id)?.tags, ['line 1', 'press']);
  assert.deepEqual(
    devices.list(north, { tag: 'press' }).map(({ key }) => key),
    ['A'],
  );
  devices.update(north, id, { tags: [] });
  assert.deepEqual(told, ['north A line 1+press', 'north A ']);
});

test('every change of the registry is seen at once: new, renamed, edited, reset, described, removed', async () => {
  using world = await testRegistry();
  const { north, catalogue, devices, removals } = world;
  const keys = () => catalogue.devices(north).map(({ key }) => key);
  assert.deepEqual(keys(), []);
  devices.register(born(north.factoryId, 'M', 'x'));
  const id = catalogue.devices(north)[0]?.id ?? '';
  const seen = () => catalogue.device(north, id);
  devices.register(born(north.factoryId, 'M', 'y'));
  assert.deepEqual(
    seen()?.parameters.map(({ name }) => name),
    ['x', 'y'],
  );
  devices.update(north, id, { name: 'Press' });
  assert.equal(seen()?.name, 'Press');
  devices.updateParameter(north, id, 'x', { highLimit: 7, isKpi: false });
  assert.deepEqual([seen()?.parameters[0]?.highLimit, seen()?.parameters[0]?.isKpi], [7, false]);
  devices.resetKind(north, id, 'x');
  assert.equal(seen()?.parameters[0]?.seriesId, 0);
  devices.describe(north, { key: 'A', name: 'First', parameters: [] });
  assert.deepEqual(keys(), ['A', 'M']);
  for (let i = 0; i < 60; i++) devices.register(born(north.factoryId, `K${i}`, 'x'));
  assert.equal(keys().length, 62);
  removals.removeDevice(north, id, []);
  assert.equal(seen(), undefined);
  assert.equal(keys().length, 61);
});

test('a removed device takes with it what its parameters write to, whether its caller knew of it or not', async () => {
  using world = await testRegistry();
  const { north, devices, removals } = world;
  const series = born(north.factoryId, 'A', 'x', 'y');
  const [device] = devices.register(series);
  const retired = { factoryId: north.factoryId, seriesId: 900 };
  const forgotten = removals.removeDevice(north, device?.id ?? '', [retired, ...series.slice(0, 1)]);
  assert.deepEqual(forgotten.map(({ seriesId }) => seriesId).toSorted(), [...series.map((it) => it.seriesId), 900]);
  assert.deepEqual(removals.pending().length, 3);
});

test('a list of devices goes on behind a key, ends at its limit, and finds text in key and name', async () => {
  using world = await testRegistry();
  const { north, devices } = world;
  devices.register(['D', 'B', 'A', 'C', 'b'].flatMap((key) => born(north.factoryId, key, 'x')));
  const keys = (filter: Parameters<typeof devices.list>[1]) => devices.list(north, filter).map(({ key }) => key);
  assert.deepEqual(keys({}), ['A', 'B', 'C', 'D', 'b']);
  assert.deepEqual(keys({ after: 'A', limit: 2 }), ['B', 'C']);
  assert.deepEqual(keys({ after: 'b' }), []);
  assert.deepEqual(keys({ text: 'b', limit: 1 }), ['B']);
  assert.deepEqual(keys({ text: 'b', after: 'B' }), ['b']);
  assert.deepEqual(keys({ key: 'B', after: 'B' }), []);
});
