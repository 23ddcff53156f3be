import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceStateOf, limitStateOf, shownValues } from '../../../src/api/device-overview.ts';
import type { CataloguedParameter } from '../../../src/devices/devices.ts';
import { createLiveState } from '../../../src/telemetry/telemetry.ts';

const parameter = (name: string, members: Partial<CataloguedParameter> = {}): CataloguedParameter => ({
  name,
  kind: 'number',
  seriesId: 1,
  displayName: null,
  unit: null,
  decimals: null,
  lowLimit: null,
  highLimit: null,
  isKpi: true,
  also: [],
  ...members,
});
const device = (parameters: CataloguedParameter[]) => ({
  id: 'd',
  key: 'M01',
  name: 'M01',
  createdAt: 0,
  standing: 'active' as const,
  tags: [],
  parameters,
});
const value = (name: string, newest: number | boolean | string) => ({
  parameter: name,
  kind: 'number' as const,
  value: newest,
  timestamp: 0,
});
const liveWith = (values: Record<string, number>) => {
  const live = createLiveState();
  const known = live.addDevice(1, 'M01');
  for (const [name, newest] of Object.entries(values)) {
    Object.assign(live.addSeries(known, 1, name, 'number'), { ts: 1, value: newest });
  }
  return known;
};

test('a value on its limit is within it; booleans and states have no limits', () => {
  const limited = parameter('t', { lowLimit: 0, highLimit: 10 });
  const seen = [-0.001, 0, 5, 10, 10.001, true, 'low'].map((newest) => limitStateOf(limited, newest));
  assert.deepEqual(seen, ['low', 'normal', 'normal', 'normal', 'high', 'normal', 'normal']);
  assert.equal(limitStateOf(parameter('t'), 1e9), 'normal');
});

test('a value outside its limits is worse than silence, and a device that never spoke is offline', () => {
  const limited = device([parameter('t', { highLimit: 10 })]);
  assert.equal(deviceStateOf(limited, liveWith({ t: 11 }), 'offline'), 'out_of_limits');
  assert.equal(deviceStateOf(limited, liveWith({ t: 10 }), 'stale'), 'stale');
  assert.equal(deviceStateOf(limited, liveWith({ t: 10 }), 'online'), 'normal');
  assert.equal(deviceStateOf(limited, undefined, 'offline'), 'offline');
});

test('limits of a parameter that has no value yet, or now holds another kind, put nothing outside', () => {
  const limited = device([parameter('t', { lowLimit: 5 })]);
  const silent = liveWith({ t: 1 });
  const series = silent.series.get('t');
  if (series !== undefined) series.ts = Number.NEGATIVE_INFINITY;
  assert.equal(deviceStateOf(limited, silent, 'online'), 'normal');
  const other = liveWith({});
  Object.assign(createLiveState().addSeries(other, 2, 't', 'boolean'), { ts: 1, value: 0 });
  assert.equal(deviceStateOf(limited, other, 'online'), 'normal');
});

test('four values at most: those outside their limits first, selected or not, then selected ones with limits, then others', () => {
  const parameters = [
    parameter('a'),
    parameter('b', { isKpi: false }),
    parameter('c'),
    parameter('d'),
    parameter('e', { highLimit: 1, isKpi: false }),
    parameter('f', { lowLimit: 1 }),
    parameter('g', { highLimit: 9 }),
  ];
  const values = ['a', 'b', 'd', 'e', 'g'].map((name) => value(name, 2)).concat(value('f', 0));
  const shown = shownValues(device(parameters), values);
  assert.deepEqual(
    shown.map((item) => [item.parameter.name, item.limitState]),
    [
      ['e', 'high'],
      ['f', 'low'],
      ['g', 'normal'],
      ['a', 'normal'],
    ],
  );
});
