import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { addMember } from '../support/users.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000];
const QUARTERS = 96;
const pad = (value: number) => String(value).padStart(2, '0');
const firstDay = () => Math.floor(Date.now() / DAY_MS) * DAY_MS - 30 * DAY_MS;
const loadAt = (place: number) => (place % QUARTERS > 32 && place % QUARTERS < 72 ? 80 : 4) + ((place * 37) % 17) / 4;

/**
 * A meter by the quarter of an hour, as loggers write it that stamp the end: the last line of a day reads 00:00 of the
 * same day. With the samples as they are meant.
 */
function meterFile(days: number): { csv: string; samples: [ts: number, value: number][] } {
  const start = firstDay();
  const samples = Array.from({ length: days * QUARTERS }, (_, place): [number, number] => [
    start + (place + 1) * 15 * MINUTE_MS,
    loadAt(place),
  ]);
  const lines = samples.map(([ts, value], place) => {
    const day = new Date(start + Math.floor(place / QUARTERS) * DAY_MS);
    const clock = new Date(ts);
    const date = `${pad(day.getUTCDate())}-${pad(day.getUTCMonth() + 1)}-${day.getUTCFullYear()}`;
    return `${date} ${pad(clock.getUTCHours())}:${pad(clock.getUTCMinutes())},${value},${100 - (place % 30)}`;
  });
  return { csv: ['date,Usage_kWh,Power_Factor', ...lines, ''].join('\n'), samples };
}

const choose = (page: Page, name: string, content: string) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

/** Lets a file fall on the page, as a mouse does. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([name, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content], name, { type: 'text/csv' }));
      return data;
    },
    [name, content] as const,
  );
  await page.getByText('or drop it here').dispatchEvent('drop', { dataTransfer });
}

const startButton = (page: Page) => page.getByRole('button', { name: /^Import [\d,]+ samples?$/ });

test('a file whose midnights are of the wrong day is seen, mended by one click, imported, and exported again', {
  timeout: 120_000,
}, async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  await using opened = await openPage(browser, appliance.ready.http, { acceptDownloads: true });
  const { page, complaints } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Import and export' }).click();
  await page.getByText('Nothing has been imported yet.').waitFor();

  const { csv, samples } = meterFile(5);
  await choose(page, 'steel.csv', csv);
  await page.getByRole('heading', { level: 1, name: 'steel.csv' }).waitFor();
  const warning = page.getByRole('list', { name: 'Look at this first' });
  await warning.getByText('The time goes back 5 times.').waitFor();
  await warning.getByText(/first in line 97/).waitFor();
  await page.getByRole('img', { name: /steel · Usage_kWh: 300 samples .* goes back 3 times/ }).waitFor();
  await page.getByText('The time goes back 3 times here: each marked by a triangle.').waitFor();
  assert.equal(await page.getByLabel('Form of the time').inputValue(), 'dmy');
  assert.deepEqual(await barriers(page), []);

  await page.getByRole('button', { name: '00:00 ends the day before it' }).click();
  await page.getByText('The time goes on from line to line.').waitFor();
  assert.equal(await warning.count(), 0);
  assert.equal(await page.getByLabel('Midnight').inputValue(), 'next_day');
  await page.getByRole('img', { name: /goes back 0 times/ }).waitFor();

  await page.getByLabel('Device', { exact: true }).fill('meter-9');
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /meter-9 · Usage_kWh/ }).waitFor();
  await startButton(page).focus();
  await page.keyboard.press('Enter');
  await page.getByText('960 samples are imported').waitFor();
  await page.getByRole('link', { name: 'See it in Trends' }).waitFor();
  assert.deepEqual(await barriers(page), []);

  const [device] = (await person.get('/devices?key=meter-9')).items;
  const [from, to] = [firstDay(), firstDay() + 6 * DAY_MS].map((ms) => new Date(ms).toISOString());
  const history = await person.get(
    `/devices/${device.id}/kpis/history?parameters=Usage_kWh&interval=raw&from=${from}&to=${to}&limit=10000`,
  );
  const stored = history.series[0].points.map((point: { t: string; value: number }) => [
    Date.parse(point.t),
    point.value,
  ]);
  assert.deepEqual(stored, samples);

  await page.goto(`/settings/transfer?from=${from}&to=${to}`);
  await page.getByRole('row', { name: /steel\.csv Done .* 960/ }).waitFor();
  await page.getByRole('group', { name: 'Devices' }).getByRole('button', { name: 'Choose…' }).click();
  await page.getByLabel('Find a device').fill('meter-9');
  await page.getByRole('checkbox', { name: 'meter-9' }).check();
  await page.getByRole('group', { name: 'Parameters' }).getByRole('button', { name: 'Choose…' }).click();
  await page.getByRole('link', { name: 'Download CSV' }).click();
  await page.getByText('Choose at least one parameter.').waitFor();
  await page.getByRole('checkbox', { name: 'Usage_kWh' }).check();
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const download = await downloading;
  await page.getByText('The browser downloads the file').waitFor();
  const lines = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  assert.match(download.suggestedFilename(), /^vpc-.*\.csv$/);
  assert.deepEqual(lines, [
    'device,parameter,unit,t,value',
    ...samples.map(([ts, value]) => `meter-9,Usage_kWh,,${new Date(ts).toISOString()},${value}`),
  ]);

  await page.getByRole('radio', { name: /A line for each instant/ }).check();
  const wide = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  assert.match(readFileSync(await (await wide).path(), 'utf8'), /^t,meter-9\/Usage_kWh\r?\n/);
  await page.getByRole('button', { name: 'Parquet' }).click();
  const parquet = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download Parquet' }).click();
  assert.equal(
    readFileSync(await (await parquet).path())
      .subarray(0, 4)
      .toString(),
    'PAR1',
  );

  await page.goto('/settings/transfer?devices=01890000-0000-7000-8000-000000000000');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  await page
    .getByRole('alert')
    .getByText(/there is no device/i)
    .waitFor();
  await page.getByRole('heading', { level: 1, name: 'Import and export' }).waitFor();
  assert.deepEqual(
    complaints.filter((one) => !one.includes('frame')),
    [],
  );
});

test('a faulty line is named with its reason; the rest is imported when it is to be left out; options are corrected', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/transfer');
  const day = new Date(firstDay()).toISOString().slice(0, 10);
  const rows = [`${day} 00:00;1,5`, `${day} 00:01;2,5`, 'yesterday;3,5', `${day} 00:03;4,5`];
  await drop(page, 'pump 7.csv', `time;pressure\n${rows.join('\n')}\n`);
  const faults = page.getByRole('list', { name: 'Faults by line' });
  await faults.getByText('Line 4').waitFor();
  await faults.getByText('"yesterday" is no time of this format.').waitFor();
  assert.equal(await page.getByLabel('Decimals').inputValue(), 'comma');
  assert.equal(await page.getByLabel('Device', { exact: true }).inputValue(), 'pump-7');

  await page.getByLabel('Between cells').selectOption('pipe');
  await page.getByRole('heading', { name: 'The file cannot be read like this' }).waitFor();
  await page.getByRole('button', { name: 'Find out again' }).click();
  await startButton(page).click();
  await page.getByRole('alert').getByText('Tick the box to import the rest.').waitFor();
  await page.getByRole('checkbox', { name: /Leave faulty lines out/ }).check();
  await startButton(page).click();
  await page.getByText('3 samples are imported').waitFor();
  await page.getByText('1 faulty line was left out.').waitFor();

  await page.getByRole('link', { name: 'Import another file' }).click();
  await page.getByRole('button', { name: 'Remove pump 7.csv from the list…' }).click();
  await page.getByRole('dialog').getByText('3 samples that are stored stay.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Nothing has been imported yet.').waitFor();
  const person = await appliance.signIn();
  assert.equal((await person.get('/devices?key=pump-7')).items.length, 1);
  assert.deepEqual(complaints, []);
});

test('an upload outlives a lost line and a reload, and is cancelled with all that has come', {
  timeout: 120_000,
}, async () => {
  using directory = temporaryDirectory();
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  const file = join(directory.path, 'long.csv');
  const start = firstDay();
  const lines = Array.from({ length: 120_000 }, (_, i) => `${new Date(start + i * 1_000).toISOString()},${i % 1_000}`);
  const content = `t,n\n${lines.join('\n')}\n`;
  writeFileSync(file, content);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/transfer');

  // The first part comes, the line is lost for a while, then nothing moves any more.
  let parts = 0;
  await page.route('**/content?*', (route) => {
    parts++;
    if (parts === 2) return route.abort('connectionreset');
    return parts > 3 ? new Promise<void>(() => {}) : route.continue();
  });
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('progressbar', { name: 'Uploading' }).waitFor();
  const job = await eventually(async () => {
    const [one] = (await person.get('/imports')).items;
    return parts > 3 ? one : undefined;
  }, 30_000);
  assert.equal(job.state, 'uploading');
  assert.ok(job.size_bytes > 1_048_576 && job.size_bytes < content.length, `${job.size_bytes} bytes have come`);

  await page.reload();
  await page.getByRole('heading', { name: 'Upload cut off' }).waitFor();
  await choose(page, 'other.csv', 't,n\n');
  await page.getByText(/That file is called other.csv/).waitFor();
  await page.unroute('**/content?*');
  await page.goto('/settings/transfer');
  await page.getByRole('row', { name: /long\.csv Upload cut off/ }).waitFor();
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText('The upload of long.csv goes on.').waitFor();
  await startButton(page).waitFor();
  assert.equal((await person.get(`/imports/${job.id}`)).size_bytes, content.length);
  assert.equal((await person.get(`/imports/${job.id}`)).preview.samples, lines.length);
  assert.equal((await person.get('/imports')).items.length, 1);

  await page.route('**/content?*', () => new Promise<void>(() => {}));
  await page.getByRole('link', { name: 'Import and export' }).click();
  await choose(page, 'unwanted.csv', content);
  await page.getByRole('progressbar', { name: 'Uploading' }).waitFor();
  await page.getByRole('button', { name: 'Cancel…' }).click();
  await page.getByRole('dialog').getByText('Nothing was imported.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('heading', { level: 1, name: 'Import and export' }).waitFor();
  assert.deepEqual(
    (await person.get('/imports')).items.map((one: { file_name: string }) => one.file_name),
    ['long.csv'],
  );
  assert.deepEqual(complaints, []);
});

test('a viewer exports, and is shown no import', async () => {
  using directory = temporaryDirectory();
  const viewer = await addMember(directory.path, 'viewer');
  await using appliance = await startAppliance({ dataDir: directory.path });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page, viewer.email, viewer.password);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('heading', { name: 'Export', exact: true }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Import', exact: true }).count(), 0);
  assert.equal(await page.locator('input[type=file]').count(), 0);
  await page.goto('/settings/transfer/01890000-0000-7000-8000-000000000000');
  await page.getByText('Only an admin of this factory can import').waitFor();
  assert.deepEqual(complaints, []);
});
