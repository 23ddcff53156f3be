import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OverviewDevice } from '../../../../ui/api/schema.ts';
import {
  countsOf,
  filterOf,
  type Heard,
  listed,
  matching,
  sortOf,
  sortWord,
} from '../../../../ui/pages/devices/device-list.ts';

const NOTHING: Heard = { status: undefined, lastSeenAt: undefined };

const device = (key: string, overrides: Partial<OverviewDevice> = {}): OverviewDevice => ({
  id: key,
  key,
  name: key,
  tags: [],
  status: 'online',
  state: 'normal',
  last_seen_at: '2027-01-01T00:00:00.000Z',
  parameters_count: 1,
  values: [],
  ...overrides,
});

const LIST = [
  listed(device('press-01', { name: 'Big press' }), NOTHING),
  listed(device('press-02', { status: 'stale', state: 'stale' }), NOTHING),
  listed(device('oven-01', { state: 'out_of_limits' }), NOTHING),
  listed(device('pump-01', { status: 'offline', state: 'offline', last_seen_at: null }), NOTHING),
];
const keys = (devices: readonly OverviewDevice[]) => devices.map(({ key }) => key);

test('the filter finds every word typed, in name or key, in any case and order', () => {
  assert.deepEqual(keys(matching(LIST, 'PRESS', 'all')), ['press-01', 'press-02']);
  assert.deepEqual(keys(matching(LIST, ' 01 big ', 'all')), ['press-01']);
  assert.deepEqual(keys(matching(LIST, 'nothing', 'all')), []);
  assert.deepEqual(keys(matching(LIST, '01', 'offline')), ['pump-01']);
});

test('what needs attention is silent or outside its limits, and the counts agree with what is shown', () => {
  assert.deepEqual(keys(matching(LIST, '', 'attention')), ['press-02', 'oven-01', 'pump-01']);
  const counts = countsOf(LIST);
  for (const filter of ['all', 'attention', 'online', 'stale', 'offline'] as const) {
    assert.equal(matching(LIST, '', filter).length, counts[filter], filter);
  }
});

test('what the stream has said holds over what was fetched, but does not mend a value outside its limits', () => {
  const hot = device('hot', { state: 'out_of_limits' });
  const silent = listed(hot, { status: 'offline', lastSeenAt: 5 });
  assert.deepEqual([silent.status, silent.state, silent.seenAt], ['offline', 'out_of_limits', 5]);
  const back = listed(device('back', { status: 'offline', state: 'offline' }), { status: 'online', lastSeenAt: 7 });
  assert.deepEqual([back.status, back.state, back.seenAt], ['online', 'normal', 7]);
});

test('filter and sort survive their way through the address, and nonsense becomes the default', () => {
  assert.equal(filterOf('stale'), 'stale');
  assert.equal(filterOf('sideways'), 'all');
  assert.equal(filterOf(undefined), 'all');
  for (const sort of [
    { column: 'name', isDescending: false },
    { column: 'seen', isDescending: true },
  ]) {
    assert.deepEqual(sortOf(sortWord(sort)), sort);
  }
});
