import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Device, Parameter } from '../../../../ui/api/schema.ts';
import { createShownTracks } from '../../../../ui/charts/shown-tracks.ts';
import { addPoints, emptyTrack } from '../../../../ui/charts/track.ts';
import { groupSeries, nameOf, seriesOf, shortNameOf, strokeOf } from '../../../../ui/charts/trend-series.ts';
import { csvField, csvOfDrawn } from '../../../../ui/pages/trends/csv.ts';
import { createParameterLists } from '../../../../ui/pages/trends/parameter-lists.ts';
import { candidates, matching, wordsOf } from '../../../../ui/pages/trends/search.ts';
import { MAX_SERIES, readSelection, resolve, withSelection } from '../../../../ui/pages/trends/selection.ts';

const device = (key: string, name = key) => ({ id: `id-${key}`, key, name }) as Device;
const parameter = (name: string, rest: Partial<Parameter> = {}): Parameter => ({
  name,
  kind: 'number',
  display_name: null,
  unit: null,
  decimals: null,
  low_limit: null,
  high_limit: null,
  is_kpi: true,
  ...rest,
});

test('a selection comes back from its address, whatever the names are', () => {
  const chosen = [
    { deviceKey: 'M01', parameter: 'voltage' },
    { deviceKey: 'M01', parameter: 'a:b, c&d=é %#+' },
    { deviceKey: 'line-2.pump_3', parameter: '日本語 ' },
  ];
  const search = withSelection('?range=1h&s=old:one', chosen);
  assert.deepEqual(readSelection(search), chosen);
  assert.match(search, /^\?range=1h&s=M01:voltage&/);
  assert.equal(withSelection('?s=a:b', []), '');
});

test('an address with nonsense chooses what makes sense in it, each once, and not too much', () => {
  assert.deepEqual(readSelection('?s=&s=x&s=:y&s=M01:&s=M01:v&s=M01:v'), [{ deviceKey: 'M01', parameter: 'v' }]);
  const many = Array.from({ length: 99 }, (_, place) => `s=M01:p${place}`).join('&');
  assert.equal(readSelection(`?${many}`).length, MAX_SERIES);
});

test('what a factory does not have is named, and what is not fetched yet is waited for', () => {
  const chosen = readSelection('?s=M01:voltage&s=M01:gone&s=M99:x&s=M02:y');
  const known = (one: Device) => (one.key === 'M01' ? [parameter('voltage')] : undefined);
  const { series, missing, isWaiting } = resolve(chosen, [device('M01'), device('M02')], known, () => true, 'as_sent');
  assert.deepEqual(
    series.map(({ deviceId, label }) => [deviceId, label]),
    [['id-M01', 'voltage']],
  );
  assert.deepEqual(
    missing.map((one) => one.parameter),
    ['gone', 'x'],
  );
  assert.equal(isWaiting, true);
});

test('what a list does not have is looked for again before it is called missing', () => {
  const chosen = readSelection('?s=M01:new&s=M01:gone');
  const isSure = (_: string, name: string) => name === 'gone';
  const { missing, doubted, isWaiting } = resolve(chosen, [device('M01')], () => [], isSure, 'as_sent');
  assert.deepEqual(missing, [{ deviceKey: 'M01', parameter: 'gone' }]);
  assert.deepEqual(doubted, [{ deviceId: 'id-M01', parameter: 'new' }]);
  assert.equal(isWaiting, true);
});

/** Lists over an appliance that has these parameters of one device. */
function testLists(context: TestContext, names: string[]) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: string[] = [];
  const lists = createParameterLists(
    async (id) => {
      asked.push(id);
      return names.map((name) => parameter(name));
    },
    () => 0,
  );
  const settle = () => new Promise(setImmediate);
  return { lists, asked, settle, listed: () => lists.known.value.get('d')?.map(({ name }) => name) };
}

test('a parameter that a device sends for the first time, or with another kind, is fetched', async (context) => {
  const names = ['a'];
  const { lists, asked, settle, listed } = testLists(context, names);
  lists.takeLive('d', [{ parameter: 'b', value: 1 }]);
  assert.deepEqual(asked, [], 'nobody wanted to see that device');
  lists.want(['d']);
  await settle();
  names.push('b');
  lists.takeLive('d', [{ parameter: 'a', value: true }]);
  context.mock.timers.tick(3_000);
  assert.equal(asked.length, 1, 'nothing new');
  for (let time = 0; time < 9; time++) lists.takeLive('d', [{ parameter: 'b', value: 1 }]);
  context.mock.timers.tick(3_000);
  await settle();
  assert.deepEqual(listed(), ['a', 'b']);
  assert.equal(asked.length, 2, 'once for many values');
  lists.takeLive('d', [{ parameter: 'a', value: 'running' }]);
  context.mock.timers.tick(3_000);
  assert.equal(asked.length, 3);
});

test('a parameter in doubt is looked for once, and all lists when the line is back', async (context) => {
  const names = ['a'];
  const { lists, asked, settle, listed } = testLists(context, names);
  lists.want(['d', 'e']);
  await settle();
  lists.doubt('d', 'b');
  lists.doubt('d', 'b');
  assert.equal(lists.isSure('d', 'b'), false);
  await settle();
  assert.equal(lists.isSure('d', 'b'), true);
  assert.deepEqual(asked, ['d', 'e', 'd']);
  names.push('c');
  lists.want(['d', 'e']);
  lists.renew();
  await settle();
  assert.deepEqual(listed(), ['a', 'c']);
  assert.equal(asked.length, 5);
});

test('every word of a search has to be found, in the device or in the parameter', () => {
  const pump = device('P1', 'Pump 1');
  const parameters = [parameter('bearing_temp', { display_name: 'Bearing temperature' }), parameter('flow')];
  const names = (search: string) => matching(pump, parameters, wordsOf(search)).map(({ name }) => name);
  assert.deepEqual(names('pump'), ['bearing_temp', 'flow']);
  assert.deepEqual(names('pump temp'), ['bearing_temp']);
  assert.deepEqual(names('FLOW'), ['flow']);
  assert.deepEqual(names('motor flow'), []);
});

test('of many devices those are searched whose names hold the most of the words', () => {
  const devices = Array.from({ length: 1_000 }, (_, place) =>
    device(`m-${place}`, place === 700 ? 'Pump north' : 'Motor'),
  );
  assert.equal(candidates(devices, ['pump', 'flow'])[0]?.key, 'm-700');
  assert.equal(candidates(devices, ['pump', 'flow']).length, 1);
  assert.equal(candidates(devices, ['flow']).length, 1_000);
});

test('numbers of one unit share a chart, numbers without one do by name, states stand last', () => {
  const [one, two] = [device('A'), device('B')];
  const series = [
    seriesOf(one, parameter('state', { kind: 'state' }), 'as_sent'),
    seriesOf(one, parameter('current', { unit: 'A' }), 'as_sent'),
    seriesOf(one, parameter('count'), 'as_sent'),
    seriesOf(two, parameter('current', { unit: 'A' }), 'as_sent'),
    seriesOf(two, parameter('running', { kind: 'boolean' }), 'as_sent'),
    seriesOf(two, parameter('count'), 'as_sent'),
  ];
  const groups = groupSeries(series);
  assert.deepEqual(
    groups.map((group) => [group.kind, group.series.map(({ deviceName, parameter: name }) => `${deviceName} ${name}`)]),
    [
      ['numbers', ['A current', 'B current']],
      ['numbers', ['A count', 'B count']],
      ['states', ['A state', 'B running']],
    ],
  );
  assert.deepEqual(
    groups[0]?.series.map(({ place }) => place),
    [0, 2],
    'states take no colour from numbers',
  );
  assert.equal(nameOf(series[1] as never, series), 'A current');
  assert.equal(nameOf(series[1] as never, series.slice(1, 3)), 'current');
});

test('in a legend a long device name is cut in its middle, and the parameter is still read', () => {
  const [one, other] = ['01', '02'].map((number) => ({
    deviceId: number,
    deviceName: `Compressor station hall seven ${number}`,
    label: 'current',
  }));
  assert.ok(one !== undefined && other !== undefined);
  assert.equal(shortNameOf(one as never, [one, other] as never), 'Compressor…ven 01 current');
  assert.equal(shortNameOf(one as never, [one] as never), 'current');
  const short = { ...one, deviceName: 'Compressor 1' };
  assert.equal(shortNameOf(short as never, [short, other] as never), 'Compressor 1 current');
});

test('colours begin again after the eighth, with other dashes', () => {
  const strokes = Array.from({ length: 20 }, (_, place) => JSON.stringify(strokeOf(place)));
  assert.equal(new Set(strokes.slice(0, 16)).size, 16);
});

test('the file holds the points of the window as they are drawn', () => {
  const track = emptyTrack('1m', 'number');
  addPoints(
    track,
    [0, 60_000, 120_000].map((t) => ({
      t: new Date(t).toISOString(),
      avg: 1.5,
      min: 1,
      max: 2,
      count: 3,
      first: 1,
      last: 2,
    })),
  );
  const series = seriesOf(device('A', 'Pump, north'), parameter('flow', { unit: 'l/min' }), 'as_sent');
  const csv = csvOfDrawn([{ series, track }], { from: 60_000, to: 120_000 });
  assert.equal(
    csv,
    [
      'device,parameter,unit,t,interval,value,min,max,samples',
      '"Pump, north",flow,l/min,1970-01-01T00:01:00.000Z,1m,1.5,1,2,3',
      '"Pump, north",flow,l/min,1970-01-01T00:02:00.000Z,1m,1.5,1,2,3',
      '',
    ].join('\r\n'),
  );
});

test('what is shown in other units is written down in them, without the noise of converting', () => {
  const track = emptyTrack('raw', 'number');
  addPoints(track, [{ t: new Date(0).toISOString(), value: 20.3 }]);
  const series = seriesOf(device('A'), parameter('oven', { unit: 'degC' }), 'imperial');
  assert.ok(series.conversion !== undefined);
  const shown = createShownTracks()(track, series.conversion, 0);
  const [, row] = csvOfDrawn([{ series, track: shown }], { from: 0, to: 1 }).split('\r\n');
  assert.equal(row, 'A,oven,°F,1970-01-01T00:00:00.000Z,raw,68.54,,,1');
});

test('series of several units share the chart of the one in which they are shown', () => {
  const series = [
    seriesOf(device('A'), parameter('p', { unit: 'bar', high_limit: 5 }), 'imperial'),
    seriesOf(device('B'), parameter('q', { unit: 'kPa', high_limit: 500 }), 'imperial'),
    seriesOf(device('B'), parameter('r', { unit: 'bar', kind: 'state', high_limit: 5 }), 'imperial'),
  ];
  assert.deepEqual(
    groupSeries(series).map(({ unit, series: { length } }) => [unit, length]),
    [
      ['psi', 2],
      [null, 1],
    ],
  );
  assert.equal(series[0]?.highLimit, series[1]?.highLimit, 'one line for both');
  assert.deepEqual([series[2]?.unit, series[2]?.highLimit], ['bar', 5], 'states are not converted');
  assert.deepEqual([series[0]?.sentUnit, series[1]?.sentUnit], ['bar', 'kPa']);
});

test('a state that looks like a formula is not run by a spreadsheet, a negative number stays one', () => {
  assert.equal(csvField('=cmd()'), "'=cmd()");
  assert.equal(csvField('say "no"'), '"say ""no"""');
  assert.equal(csvField(-1.5), '-1.5');
});
