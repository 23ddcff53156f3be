import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OverviewDevice } from '../../../../ui/api/schema.ts';
import {
  countStates,
  MAX_DEVICES,
  readWallOptions,
  shownDevices,
  wallPages,
} from '../../../../ui/pages/kiosk/rotation.ts';

const device = (key: string, state: OverviewDevice['state'] = 'normal') => ({ id: key, key, state }) as OverviewDevice;

test('a wall turns every 20 s unless its address says something sensible', () => {
  const every = (text?: string) => readWallOptions({ every: text }).everySeconds;
  assert.deepEqual([every(), every('30'), every('1'), every('x'), every('999999')], [20, 30, 20, 20, 20]);
});

test('chosen devices come in the order of the address; those that are not there are left out', () => {
  const all = [device('a'), device('b'), device('c')];
  const { devices } = readWallOptions({ devices: 'c,x,,a' });
  assert.deepEqual(
    shownDevices(all, devices).map(({ key }) => key),
    ['c', 'a'],
  );
  assert.equal(shownDevices(all, []), all);
});

test("the wall of a device's page is about that device", () => {
  const { devices } = readWallOptions({}, '/devices/b');
  assert.deepEqual(
    shownDevices([device('a'), device('b')], devices).map(({ key }) => key),
    ['b'],
  );
  assert.deepEqual(readWallOptions({}, '/devices').devices, []);
});

test('a round is the overview and then each device, but not hundreds of them', () => {
  assert.deepEqual(
    wallPages([device('a'), device('b')]).map(({ kind }) => kind),
    ['overview', 'device', 'device'],
  );
  assert.deepEqual(
    wallPages([device('a')]).map(({ kind }) => kind),
    ['device'],
  );
  assert.deepEqual(
    wallPages([]).map(({ kind }) => kind),
    ['overview'],
  );
  assert.equal(wallPages(Array.from({ length: 500 }, (_, place) => device(String(place)))).length, MAX_DEVICES + 1);
});

test('states are counted', () => {
  assert.deepEqual(countStates([device('a', 'stale'), device('b'), device('c')]), {
    out_of_limits: 0,
    offline: 0,
    stale: 1,
    normal: 2,
  });
});
