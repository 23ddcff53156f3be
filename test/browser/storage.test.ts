import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { sealedState } from '../support/segment-files.ts';
import { addMember } from '../support/users.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const HOUR_MS = 3_600_000;

test('Storage says what is stored and what is damaged, and how to mend it; the keyboard verifies', {
  timeout: 120_000,
}, async () => {
  using directory = temporaryDirectory();
  const flags = { 'historian.bucket_s': 60, 'historian.lateness_s': 1 };
  await using appliance = await startAppliance({ dataDir: directory.path, flags });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { level: 1, name: 'Storage' }).waitFor();
  await page.getByText('Nothing is stored yet').waitFor();
  await page.getByText('Not known yet').waitFor();
  await page.getByText('Nothing has failed since the start.').waitFor();

  const client = await appliance.connect();
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 3 * HOUR_MS;
  const samples = Array.from({ length: 720 }, (_, i) => ({ timestamp: start + i * 10_000, metrics: { n: i / 10 } }));
  await client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ samples }), { qos: 1 });
  await eventually(() => sealedState(directory.path).raw.length > 0 || undefined, 60_000);
  await page
    .getByRole('row', { name: /Samples every value as it came.*720/ })
    .first()
    .waitFor({ timeout: 45_000 });
  await page.getByText(/left at the rate of the last days, .* a day/).waitFor();

  const [file = ''] = sealedState(directory.path).raw;
  const path = join(directory.path, file);
  const content = readFileSync(path);
  writeFileSync(path, content.subarray(0, content.length - 1));
  const verify = page.getByRole('button', { name: 'Verify now' });
  await verify.focus();
  await page.keyboard.press('Enter');
  await page.getByText('1 damaged file', { exact: true }).waitFor();
  await page.getByText(file).waitFor();
  await page.getByText(/It has \d+ bytes and not \d+\./).waitFor();
  await page.getByRole('list', { name: 'What to do' }).getByText('Put each file back from a backup').waitFor();
  await page.getByText(/verified just now: 1 damaged or missing/).waitFor();
  writeFileSync(path, content);
  await verify.click();
  await page.getByText('1 file is whole again and back in the charts.').waitFor();
  assert.equal(await page.getByText('1 damaged file', { exact: true }).count(), 0);
  assert.deepEqual(complaints, []);
});

test('an owner says how long the history is kept, by keyboard, and is told what goes', {
  timeout: 60_000,
}, async () => {
  using directory = temporaryDirectory();
  await using appliance = await startAppliance({ dataDir: directory.path, flags: { 'historian.lateness_s': 1 } });
  const client = await appliance.connect();
  const start = Date.now() - 9 * 24 * HOUR_MS;
  const samples = Array.from({ length: 720 }, (_, i) => ({ timestamp: start + i * 10_000, metrics: { n: i / 10 } }));
  await client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ samples }), { qos: 1 });
  await eventually(() => sealedState(directory.path).raw.length > 0 || undefined, 30_000);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/storage');
  await page.getByRole('row', { name: /VPC Industries as configured for all 90 days 2 years for ever/ }).waitFor();
  await page.getByRole('button', { name: 'Change how long the history of VPC Industries is kept' }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Samples (days)').fill('');
  await dialog.getByLabel('1-minute averages (days)').fill('a year');
  await page.keyboard.press('Enter');
  await dialog.getByText('Type a number of days, 1 or more.', { exact: true }).waitFor();
  await dialog.getByText('Type a number of days, 1 or more, or nothing.').waitFor();
  await dialog.getByLabel('1-minute averages (days)').fill('');
  await dialog.getByLabel('Samples (days)').fill('3');
  await dialog.getByText(/^Samples from before .* will be removed, for good\.$/).waitFor();
  await dialog.getByLabel('15-minute averages (days)').fill('3650');
  assert.equal(await dialog.getByRole('button', { name: 'Save', exact: true }).count(), 0);
  await dialog.getByRole('button', { name: 'Save and remove' }).press('Enter');
  await page.getByRole('row', { name: /VPC Industries set for this factory 3 days for ever 10 years/ }).waitFor();
  await eventually(() => (sealedState(directory.path).raw.length === 0 ? true : undefined), 40_000);

  await page.getByRole('button', { name: 'Change how long the history of VPC Industries is kept' }).click();
  await dialog.getByRole('button', { name: 'As configured for all' }).click();
  assert.equal(await dialog.getByLabel('Samples (days)').inputValue(), '90');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('row', { name: /as configured for all 90 days/ }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a factory admin sees the own factory and cannot verify; others are not shown the way', async () => {
  using directory = temporaryDirectory();
  const admin = await addMember(directory.path, 'admin');
  const viewer = await addMember(directory.path, 'viewer');
  await using appliance = await startAppliance({ dataDir: directory.path });
  const owner = await appliance.signIn();
  await owner.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  {
    await using opened = await openPage(browser, appliance.ready.http, { viewport: PHONE });
    const { page } = opened;
    await signInBy(page, admin.email, admin.password);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('settings of VPC Industries').waitFor();
    await page.getByText('No file is known to be damaged.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Verify now' }).count(), 0);
    await page.getByRole('heading', { name: 'How long it is kept' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /Change how long/ }).count(), 0);
    assert.equal(await page.getByRole('heading', { name: 'By factory' }).count(), 0);
  }
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page, viewer.email, viewer.password);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Import and export' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Storage' }).count(), 0);
  await page.goto('/settings/storage');
  await page.getByText('Only an admin of this factory can see this').waitFor();
});
