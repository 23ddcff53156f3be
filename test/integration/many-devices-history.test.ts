import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import type { Json } from '../support/json.ts';

const MINUTE = 60_000;
const MISSING = '3f0f7f5e-7f0e-4b6f-9f62-0f6e1de0a001';
const isoOf = (ms: number) => new Date(ms).toISOString();
const idOf = async (person: Person, key: string): Promise<string> =>
  (await person.get(`/devices?key=${key}`)).items[0].id;

type Sample = readonly [minute: number, metrics: Readonly<Record<string, unknown>>];

/** An hour that is over, and a way to fill it. */
async function factoryWith(running: RunningAppliance, devices: Readonly<Record<string, readonly Sample[]>>) {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
  const client = await running.connect();
  for (const [key, list] of Object.entries(devices)) {
    const samples = list.map(([minute, metrics]) => ({ timestamp: start + minute * MINUTE, metrics }));
    await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ samples }), { qos: 1 });
  }
  const person = await running.signIn();
  const ids: Record<string, string> = {};
  for (const key of Object.keys(devices)) ids[key] = await idOf(person, key);
  const range = `from=${isoOf(start)}&to=${isoOf(start + 60 * MINUTE)}`;
  const pathOf = (query: string) => `/devices/kpis/history?${range}&${query}`;
  return {
    person,
    ids,
    at: (minute: number) => isoOf(start + minute * MINUTE),
    get: (query: string): Promise<Json> => person.get(pathOf(query)),
    call: (query: string) => person.call('GET', pathOf(query)),
    single: (key: string, query: string): Promise<Json> =>
      person.get(`/devices/${ids[key]}/kpis/history?${range}&${query}`),
    csv: async (query: string) => {
      const answer = await fetch(`${running.ready.http}/api/v1${pathOf(query)}&format=csv`, {
        headers: { Authorization: `Bearer ${person.token}` },
      });
      assert.match(answer.headers.get('content-type') ?? '', /^text\/csv/);
      return (await answer.text()).split('\r\n');
    },
  };
}

const DEVICES: Record<string, Sample[]> = {
  press: [
    [0, { n: 1, mode: 'a, "b"' }],
    [1, { n: 2, mode: 'ü' }],
  ],
  oven: [
    [0, { n: 10, hot: true }],
    [2, { n: 30, hot: false }],
  ],
};

test('one question about many devices is answered as one about each of them, in the order of the question', async () => {
  await using running = await startAppliance();
  const { ids, get, single } = await factoryWith(running, DEVICES);
  for (const interval of ['raw', '1m', 'auto']) {
    const answer = await get(`devices=${ids.oven},${ids.press}&interval=${interval}`);
    const expected = [];
    for (const key of ['oven', 'press']) {
      const one = await single(key, `interval=${interval}`);
      assert.deepEqual({ ...answer, series: [] }, { ...one, series: [] });
      assert.ok(one.series.every((series: Json) => !('device_id' in series)));
      expected.push(...one.series.map((series: Json) => ({ ...series, device_id: ids[key] })));
    }
    assert.deepEqual(answer.series, expected);
    assert.equal(answer.series.flatMap(({ points }: Json) => points).length, 8, 'there is something in it');
  }
  const twice = await get(`devices=${ids.press},${ids.press}`);
  assert.equal(twice.series.length, 2, 'a device named twice comes once');
});

test('each device answers with those of the parameters that it has; one that none of them has is refused', async () => {
  await using running = await startAppliance();
  const { ids, get, call, person } = await factoryWith(running, DEVICES);
  const { series } = await get(`devices=${ids.press},${ids.oven}&parameters=n,hot&interval=raw`);
  assert.deepEqual(
    series.map(({ device_id, parameter }: Json) => [device_id, parameter]),
    [
      [ids.press, 'n'],
      [ids.oven, 'n'],
      [ids.oven, 'hot'],
    ],
  );
  for (const [parameters, missing] of [
    ['n,pressure', 'pressure'],
    ['mode', 'mode'],
  ]) {
    const { status, body } = await call(`devices=${ids.oven}&parameters=${parameters}`);
    assert.equal(status, 422);
    assert.deepEqual(
      body.errors.map(({ pointer }: Json) => pointer),
      ['/parameters'],
    );
    assert.match(body.errors[0].message, new RegExp(`"${missing}"`));
  }
  await person.call('POST', `/devices/${ids.oven}/parameters/hot/reset-kind`);
  const namesOf = async (query: string) => (await get(query)).series.map(({ parameter }: Json) => parameter);
  assert.deepEqual(await namesOf(`devices=${ids.oven}`), ['n'], 'one that waits for its kind has no history');
  assert.deepEqual(await namesOf(`devices=${ids.oven}&parameters=hot`), ['hot']);
  const named = await call(`devices=${ids.press}&parameters=n,n`);
  assert.deepEqual([named.status, named.body.errors[0].pointer], [422, '/parameters']);
});

test('an id that is no device of the factory is refused, a foreign one like one that is missing', async () => {
  await using running = await startAppliance();
  const { ids, call, person } = await factoryWith(running, DEVICES);
  const made = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const second = await running.signIn();
  const switched = await second.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
  const foreigner = personWith(running.ready.http, switched.body.access_token);
  const client = await running.connect();
  await client.publishAsync('factories/other/devices/press/telemetry', '{"metrics":{"n":1}}', { qos: 1 });
  const foreign = await idOf(foreigner, 'press');
  assert.equal((await foreigner.get(`/devices/kpis/history?devices=${foreign}`)).series.length, 1);
  const answers = [];
  for (const id of [foreign, MISSING, 'nonsense']) {
    const { status, body } = await call(`devices=${ids.press},${id}`);
    assert.equal(status, 422);
    answers.push(JSON.stringify({ ...body, instance: '' }).replaceAll(id, 'ID'));
  }
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  assert.deepEqual(
    JSON.parse(answers[0] ?? '').errors.map(({ pointer }: Json) => pointer),
    ['/devices'],
  );
});

test('no device, more than a hundred, more than a thousand series and unknown keys of the query are refused', async () => {
  await using running = await startAppliance();
  const wide = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`p${i}`, i]));
  const { ids, call } = await factoryWith(running, { a: [[0, wide]], b: [[0, wide]] });
  const pointerOf = async (query: string) => {
    const { status, body } = await call(query);
    return status === 422 ? body.errors[0].pointer : status;
  };
  const many = Array.from({ length: 101 }, (_, i) => `d${i}`).join(',');
  assert.equal(await pointerOf('interval=raw'), '/devices');
  assert.equal(await pointerOf('devices='), '/devices');
  assert.equal(await pointerOf(`devices=${many}`), '/devices');
  assert.match((await call(`devices=${many}`)).body.errors[0].message, /^at most 100 devices/);
  assert.equal(await pointerOf(`devices=${ids.a},${ids.b}`), '/parameters');
  assert.equal(await pointerOf(`devices=${ids.a},${ids.b}&parameters=p0&hours=1`), '/hours');
  assert.equal(await pointerOf(`devices=${ids.a},${ids.b}&parameters=p0`), 200);
  assert.equal(await pointerOf(`devices=${ids.a}`), 200);
});

test('pages of raw samples go through all devices in order of time, none twice and none left out', async () => {
  await using running = await startAppliance();
  const samplesOf = (offset: number): Sample[] => Array.from({ length: 20 }, (_, i) => [i * 2, { n: offset + i }]);
  const { ids, get } = await factoryWith(running, { a: samplesOf(0), b: samplesOf(100), c: samplesOf(200) });
  const read = new Map(Object.values(ids).map((id) => [id, [] as number[]]));
  let [cursor, pages] = ['', 0];
  do {
    const page: Json = await get(`devices=${ids.a},${ids.b},${ids.c}&interval=raw&limit=7${cursor}`);
    const points = page.series.flatMap(({ points: own }: Json) => own);
    assert.ok(points.length <= 7);
    for (const { device_id, points: own } of page.series) {
      read.get(device_id)?.push(...own.map(({ value }: Json) => value));
    }
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    pages++;
  } while (cursor !== '' && pages < 20);
  assert.equal(pages, 9);
  assert.deepEqual(
    [...read.values()],
    [0, 100, 200].map((offset) => samplesOf(offset).map((_, i) => offset + i)),
  );
});

test('the CSV of many devices has the key of each in its first column, and holds all pages', async () => {
  await using running = await startAppliance();
  const wide: Sample[] = Array.from({ length: 60 }, (_, minute) => [
    minute,
    Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`w${i}`, minute])),
  ]);
  const { ids, at, csv } = await factoryWith(running, { ...DEVICES, wide, wider: wide });
  assert.deepEqual(await csv(`devices=${ids.press},${ids.oven}&interval=raw&parameters=mode,n`), [
    'device,parameter,t,value',
    `press,mode,${at(0)},"a, ""b"""`,
    `press,mode,${at(1)},ü`,
    `press,n,${at(0)},1`,
    `press,n,${at(1)},2`,
    `oven,n,${at(0)},10`,
    `oven,n,${at(2)},30`,
    '',
  ]);
  assert.deepEqual(await csv(`devices=${ids.oven}&interval=1m&parameters=hot`), [
    'device,parameter,t,avg,min,max,count,first,last',
    `oven,hot,${at(0)},1,true,true,1,true,true`,
    `oven,hot,${at(2)},0,false,false,1,false,false`,
    '',
  ]);
  const [head, ...rows] = await csv(`devices=${ids.wide},${ids.wider}&interval=raw`);
  assert.equal(head, 'device,parameter,t,value');
  assert.equal(rows.pop(), '');
  assert.equal(rows.length, 2 * 60 * 120, 'more than a page');
  assert.equal(new Set(rows).size, rows.length);
  assert.ok(rows.every((row) => /^wider?,w\d+,[^,]+,\d+$/.test(row)));
  const page = await csv(`devices=${ids.wide},${ids.wider}&interval=raw&limit=10`);
  assert.equal(page.length, 12);
});

test('a history says where a series has nothing, with one device and with many', async () => {
  await using running = await startAppliance();
  const minutes = [0, 1, 2, 3, 4, 5, 30, 31, 32, 33, 34, 35];
  const { ids, at, get, single } = await factoryWith(running, { a: minutes.map((minute) => [minute, { n: minute }]) });
  const raw = [{ from: at(5), to: at(30) }];
  assert.deepEqual((await single('a', 'interval=raw')).series[0].gaps, raw);
  assert.deepEqual((await get(`devices=${ids.a}&interval=raw`)).series[0].gaps, raw);
  assert.deepEqual((await single('a', 'interval=1m')).series[0].gaps, [{ from: at(6), to: at(30) }]);
  assert.deepEqual((await single('a', 'interval=raw&limit=6')).series[0].gaps, [], 'those of the page');
});
