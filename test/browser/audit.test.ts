import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openDatabase } from '../../src/store/sqlite.ts';
import { personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { join } from '../support/isolation-world.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** Some acts of the owner, and one that was refused. */
async function busyDay(appliance: RunningAppliance) {
  const owner = await appliance.signIn();
  const [first, second] = (await owner.get('/devices')).items;
  await owner.call('PATCH', `/devices/${first.id}`, { name: 'Compressor at the door' });
  await owner.call('PATCH', `/devices/${second.id}`, { name: 'Compressor by the wall' });
  await owner.call('POST', '/device-credentials', { name: 'gateway-7', devices: ['*'] });
  await personWith(appliance.ready.http, '').call('POST', '/auth/login', { email: 'admin@vpc.com', password: 'wrong' });
  return { owner, first, second };
}

const rows = (page: Page) => page.getByRole('table', { name: 'Who did what' }).locator('tr[data-row]');
const download = async (page: Page, name: string) => {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
};

test('the audit is filtered, looked into by keyboard, kept in the address and exported as it is filtered', async () => {
  await using appliance = await startAppliance();
  const { first } = await busyDay(appliance);
  await using opened = await openPage(browser, appliance.ready.http, { acceptDownloads: true });
  const { page, complaints } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();

  await page.getByLabel('What', { exact: true }).selectOption('Device');
  await page.getByLabel('Who', { exact: true }).fill('admin@');
  await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length === 2);
  assert.match(page.url(), /what=device\.&who=admin%40/);
  await page.reload();
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 2, 'the address holds the filters');
  assert.equal(await page.getByLabel('Who', { exact: true }).inputValue(), 'admin@');

  await page.getByLabel('Find in the audit').fill('at the door');
  await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length === 1);
  await rows(page).first().focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: `Device changed: ${first.key}` }).waitFor();
  const cells = await dialog.getByRole('row').last().innerText();
  assert.match(cells, /Name\s+Compressor 1\s+Compressor at the door/);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Export…' }).click();
  const csv = await download(page, 'Download CSV');
  assert.match(csv.name, /^audit-\d{4}-\d\d-\d\d\.csv$/);
  assert.equal(csv.text.trimEnd().split('\r\n').length, 2);
  assert.match(csv.text, /device\.update/);
  const json = await download(page, 'Download JSON');
  assert.equal(JSON.parse(json.text).length, 1);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('Device credential made').waitFor();
  assert.equal(await page.getByText('Sign-in refused').count(), 0, 'it was refused by the appliance');
  await page.getByRole('button', { name: 'Whole appliance' }).click();
  await page.getByText('Sign-in refused').waitFor();
  assert.match(page.url(), /scope=all/);

  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await page.getByText('Nothing like this was done').waitFor();
  assert.deepEqual(complaints, []);
});

test('an owner verifies the audit and reads where it was tampered with', async () => {
  await using appliance = await startAppliance();
  await busyDay(appliance);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/audit');
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText(/^All \d+ entries are as they were written/).waitFor();
  const db = openDatabase(`${appliance.config.data_dir}/control.db`);
  db.exec("drop trigger audit_stays; update audit_entries set actor_name = 'nobody in particular' where seq = 5");
  db.close();
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('It was tampered with').waitFor();
  await page.getByText('Entry 5 is not as it was written').waitFor();
});

test('an admin sees the factory alone, and everybody else that it is not theirs', async () => {
  await using appliance = await startAppliance();
  const { owner } = await busyDay(appliance);
  const password = 'correct horse battery';
  await join(appliance.ready.http, owner, 'ada@example.com', { role: 'admin' });
  await join(appliance.ready.http, owner, 'olga@example.com', { role: 'operator' });
  await using admin = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  await signInBy(admin.page, 'ada@example.com', password);
  await admin.page.goto('/settings/audit?scope=all');
  await rows(admin.page).first().waitFor();
  assert.equal(await admin.page.getByRole('button', { name: 'Whole appliance' }).count(), 0);
  assert.equal(await admin.page.getByRole('button', { name: 'Verify' }).count(), 0);
  const width = await admin.page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, PHONE.width, 'nothing sticks out on a phone');
  await using operator = await openPage(browser, appliance.ready.http);
  await signInBy(operator.page, 'olga@example.com', password);
  await operator.page.goto('/settings/audit');
  await operator.page.getByText('You may not see this').waitFor();
});

test('of a long audit, older entries come when they are asked for', async () => {
  await using appliance = await startAppliance();
  const owner = await appliance.signIn();
  const [device] = (await owner.get('/devices')).items;
  for (let index = 0; index < 130; index += 1) {
    await owner.call('PATCH', `/devices/${device.id}`, { name: `Name ${index}` });
  }
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/audit?what=device.');
  await page.getByText('50 entries shown').waitFor();
  await page.getByRole('button', { name: 'Show older' }).click();
  await page.getByText('100 entries shown').waitFor();
  await page.getByRole('button', { name: 'Show older' }).click();
  await page.getByText(/^14\d entries, that is all$/).waitFor();
});
