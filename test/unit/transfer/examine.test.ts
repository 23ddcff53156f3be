import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { examineFile, type ImportOptions, readPage } from '../../../src/transfer/transfer.ts';
import { temporaryDirectory } from '../../support/appliance.ts';

const LATEST = Date.UTC(2026, 10, 1);

/** Examines a file, and reads it as an import would. */
function examine(content: string | Buffer | ((descriptor: number) => void), options: ImportOptions = {}) {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'x.csv');
  if (typeof content === 'function') {
    const descriptor = openSync(file, 'w');
    content(descriptor);
    closeSync(descriptor);
  } else {
    writeFileSync(file, content);
  }
  const task = { file, fileName: 'x.csv', timezone: 'Europe/Berlin', options, known: [], latest: LATEST, rawFrom: 0 };
  const examined = examineFile(task, () => false);
  const kinds = new Map(examined.series.map(({ device, parameter, kind }) => [`${device}\n${parameter}`, kind]));
  const samples: unknown[] = [];
  for (let at: typeof examined.plan.start | null = examined.plan.start; at !== null; ) {
    const { rows, next } = readPage({ file, plan: examined.plan, at, kinds, latest: LATEST });
    for (let row = 0; row < rows.length; row++) {
      const series = rows.series[rows.seriesIndex[row] ?? 0];
      const stamp = new Date(rows.timestamps[row] ?? 0).toISOString();
      samples.push([series?.device, series?.parameter, stamp, rows.texts.get(row) ?? rows.values[row]]);
    }
    at = next;
  }
  assert.equal(samples.length, examined.preview.samples, 'the preview counts what is stored');
  return { ...examined.preview, stored: samples };
}

const found = (detected: readonly { option: string; value: string }[], option: string) =>
  detected.find((one) => one.option === option)?.value;

test('a table with a mark at its start, semicolons, decimal commas and German dates', () => {
  const table = '\ufeffZeit;Druck;Läuft\r\n01.02.2026 13:05;1,25;true\r\n31.03.2026 00:00;-2,5;false\r\n';
  const { detected, stored, faults, suspicions } = examine(table, { device: 'press' });
  assert.deepEqual(faults, []);
  assert.deepEqual(suspicions, []);
  assert.deepEqual(
    ['delimiter', 'decimal', 'time_format', 'layout'].map((option) => found(detected, option)),
    ['semicolon', 'comma', 'dmy', 'wide'],
  );
  assert.deepEqual(stored, [
    ['press', 'Druck', '2026-02-01T12:05:00.000Z', 1.25],
    ['press', 'Läuft', '2026-02-01T12:05:00.000Z', 1],
    ['press', 'Druck', '2026-03-30T22:00:00.000Z', -2.5],
    ['press', 'Läuft', '2026-03-30T22:00:00.000Z', 0],
  ]);
});

test('a table of another encoding is read as that', () => {
  const { stored } = examine(Buffer.from('t,Öl\n2026-01-01 00:00,1\n', 'latin1'), { device: 'm' });
  assert.deepEqual(stored, [['m', 'Öl', '2025-12-31T23:00:00.000Z', 1]]);
});

test('a list with quotes over lines', () => {
  const list =
    'device,parameter,t,value\nm,"say ""a"", b",2026-01-01T00:00:00Z,"one\r\ntwo"\nm,c,2026-01-01T00:00:00Z,2\n';
  assert.deepEqual(examine(list).stored, [
    ['m', 'say "a", b', '2026-01-01T00:00:00.000Z', 'one\r\ntwo'],
    ['m', 'c', '2026-01-01T00:00:00.000Z', 2],
  ]);
});

for (const [what, line, reason, options] of [
  ['a day that there is not', '31.02.2026 10:00;2', /there is no such time: "31\.02\.2026 10:00"/, {}],
  ['an hour that the clock jumps over', '29.03.2026 02:30;2', /clocks of Europe\/Berlin skip/, {}],
  ['text among numbers', '01.02.2026 10:00;two', /"two"/, {}],
  ['a decimal point among decimal commas', '01.02.2026 10:00;1.234.5', /1\.234\.5/, { decimal: 'comma' }],
  ['a missing column', '01.02.2026 10:00', /column|cell/, {}],
  ['a column too many', '01.02.2026 10:00;2;3', /column|cell/, {}],
  ['a NUL', '01.02.2026 10:00;2\0', /NUL/, {}],
  ['a quote that is never closed', '01.02.2026 10:00;"2', /quote/, {}],
  ['text behind a quote', '01.02.2026 10:00;"2"3', /quote/, {}],
  ['no time', 'yesterday;2', /"yesterday"/, {}],
  ['a time ahead of the clock', '01.02.2030 10:00;2', /ahead of the clock/, {}],
  ['a time before 1970', '01.02.1969 10:00;2', /before 1970/, {}],
] as const) {
  test(`${what} is a fault of its line, and takes no other with it`, () => {
    const before = Array.from({ length: 20 }, (_, i) => `02.02.2026 10:${String(i + 10)};${i},5`);
    const content = ['Zeit;a', ...before, line, '03.02.2026 10:00;7', '04.02.2026 10:00;8'].join('\n');
    const { faults, faults_count, stored } = examine(content, { device: 'm', ...options });
    assert.equal(faults_count, 1, JSON.stringify(faults));
    assert.equal(faults[0]?.line, 22);
    assert.match(faults[0]?.message ?? '', reason);
    assert.equal(stored.length, 22);
  });
}

test('a line of a gigabyte is a fault, and takes no memory', () => {
  const before = process.memoryUsage().rss;
  const { faults, stored } = examine(
    (descriptor) => {
      const head = 't,a\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:01Z,';
      writeSync(descriptor, head);
      ftruncateSync(descriptor, 2 ** 30);
      writeSync(descriptor, '\n2026-01-01T00:00:02Z,3\n', 2 ** 30);
    },
    { device: 'm' },
  );
  assert.deepEqual(faults, [{ line: 3, message: 'the line is longer than 256 KiB' }]);
  assert.equal(stored.length, 2);
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 200 * 2 ** 20, `it took ${grown} bytes`);
});

for (const [what, content, reason] of [
  ['an empty file', '', /empty|no line/],
  [
    'a picture',
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]),
    /./,
  ],
  ['no column of times', 'a,b\n1,2\n3,4\n', /time/],
] as const) {
  test(`${what} is refused with what would help`, () => {
    assert.throws(() => examine(content, { device: 'm' }), reason);
  });
}
