import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { eventually, runCommand, startAppliance, temporaryDirectory } from '../support/appliance.ts';

const START = Date.now() - 6 * 3_600_000;
const at = (i: number) => new Date(START + i * 1_000).toISOString();

async function appliance(dataDir?: string) {
  const running = await startAppliance(dataDir === undefined ? {} : { dataDir });
  const client = await running.connect();
  const publish = (key: string, samples: readonly unknown[]) =>
    client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ samples }), { qos: 1 });
  const person = await running.signIn();
  const ask = (query: string, signal?: AbortSignal) =>
    fetch(`${running.ready.http}/api/v1/history/export?${query}`, {
      headers: { Authorization: `Bearer ${person.token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  return { running, publish, person, ask, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const SAMPLES = [
  { timestamp: START, metrics: { 'a,b': 0.1 + 0.2, on: true, state: '12', 'say "hi"': 1e300 } },
  { timestamp: START + 1_000, metrics: { 'a,b': -0.5, on: false, state: 'two\nlines, "quoted"' } },
  { timestamp: START + 2_000, metrics: { 'a,b': 5e-324, state: '' } },
];

test('an export holds values to the last bit, booleans and states as what they are, long and wide', async () => {
  await using world = await appliance().then((it) => ({
    ...it,
    [Symbol.asyncDispose]: it.running[Symbol.asyncDispose],
  }));
  await world.publish('X1', SAMPLES);
  await world.publish('X2', [{ timestamp: START + 1_000, metrics: { on: true } }]);
  const [{ id }] = (await world.person.get('/devices?key=X1')).items;
  const [other] = (await world.person.get('/devices?key=X2')).items;
  await world.person.call('PATCH', `/devices/${id}/parameters/${encodeURIComponent('a,b')}`, { unit: '°C' });
  const long = await world.ask(`devices=${id}`);
  assert.match(
    long.headers.get('Content-Disposition') ?? '',
    /^attachment; filename="vpc-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.csv"$/,
  );
  assert.deepEqual(
    (await long.text()).split('\r\n').toSorted(),
    [
      '',
      'device,parameter,unit,t,value',
      ...[
        `X1,"a,b",°C,${at(0)},0.30000000000000004`,
        `X1,on,,${at(0)},true`,
        `X1,state,,${at(0)},"12"`,
        `X1,"say ""hi""",,${at(0)},1e+300`,
        `X1,"a,b",°C,${at(1)},-0.5`,
        `X1,on,,${at(1)},false`,
        `X1,state,,${at(1)},"two\nlines, ""quoted"""`,
        `X1,"a,b",°C,${at(2)},5e-324`,
        `X1,state,,${at(2)},""`,
      ],
    ].toSorted(),
  );
  const wide = await world.ask(`devices=${id},${other.id}&parameters=on,state&layout=wide`);
  assert.equal(
    await wide.text(),
    [
      't,X1/on,X1/state,X2/on',
      `${at(0)},true,"12",`,
      `${at(1)},false,"two\nlines, ""quoted""",true`,
      `${at(2)},,"",`,
      '',
    ].join('\r\n'),
  );
  const half = await world.ask(`devices=${id}&parameters=on&from=${at(1)}&to=${at(2)}`);
  assert.equal(await half.text(), `device,parameter,unit,t,value\r\nX1,on,,${at(1)},false\r\n`);
});

test('a Parquet export is read by other tools, and leaves no temporary file', async () => {
  using directory = temporaryDirectory();
  await using world = await appliance(directory.path).then((it) => ({
    ...it,
    [Symbol.asyncDispose]: it.running[Symbol.asyncDispose],
  }));
  await world.publish('X1', SAMPLES);
  const answer = await world.ask('format=parquet');
  assert.equal(answer.status, 200);
  using target = temporaryDirectory();
  const file = join(target.path, 'x.parquet');
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = await duck.runAndReadAll(
    `select device, parameter, epoch_ms(t)::double, value, text from '${file}' where parameter <> 'on' order by t, parameter`,
  );
  assert.deepEqual(rows.getRowsJS(), [
    ['X1', 'a,b', START, 0.1 + 0.2, null],
    ['X1', 'say "hi"', START, 1e300, null],
    ['X1', 'state', START, null, '12'],
    ['X1', 'a,b', START + 1_000, -0.5, null],
    ['X1', 'state', START + 1_000, null, 'two\nlines, "quoted"'],
    ['X1', 'a,b', START + 2_000, 5e-324, null],
    ['X1', 'state', START + 2_000, null, ''],
  ]);
  duck.closeSync();
  const temporary = join(directory.path, 'tmp');
  await eventually(() => (!existsSync(temporary) || readdirSync(temporary).length === 0 ? true : undefined));
});

test('what cannot be exported is refused with the reason', async () => {
  await using world = await appliance();
  await world.publish('X1', SAMPLES);
  const missing = '00000000-0000-4000-8000-000000000000';
  const answer = await world.ask(`devices=${missing}`);
  assert.equal(answer.status, 422);
  assert.match(await answer.text(), /there is no device/);
  assert.equal((await world.ask('parameters=none')).status, 422);
  assert.equal((await world.ask(`from=${at(1)}&to=${at(0)}`)).status, 422);
});

test('an export is written while the appliance is stopped, and not beside one that runs', async () => {
  using directory = temporaryDirectory();
  const world = await appliance(directory.path);
  await world.publish('X1', SAMPLES);
  const file = join(directory.path, 'out.csv');
  const args = ['export', '--data-dir', directory.path, '--factory', 'vpc', '--device', 'X1', '--out', '-'];
  const refused = await runCommand(args);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /in use by/);
  await world.running[Symbol.asyncDispose]();
  const written = await runCommand([...args, '--parameter', 'on']);
  assert.equal(written.stdout, `device,parameter,unit,t,value\r\nX1,on,,${at(0)},true\r\nX1,on,,${at(1)},false\r\n`);
  assert.equal((await runCommand([...args.slice(0, -1), file, '--format', 'parquet'])).code, 0);
  assert.equal(existsSync(file), true);
});
