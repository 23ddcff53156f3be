import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { addMember } from '../support/users.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const choose = async (page: Page, name: string, action: string) => {
  await page.getByRole('button', { name: `What to do with ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
};
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

test('a factory is renamed, limited, archived and taken back into use', async () => {
  await using appliance = await startAppliance();
  const owner = await appliance.signIn();
  const { body } = await owner.call('POST', '/factories', { name: 'Zebra', slug: 'zebra', timezone: 'UTC' });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/factories');
  await choose(page, 'Zebra', 'Name, time zone, units…');
  await page.getByLabel('Factory name').fill('Zebra south');
  await page.getByLabel('Time zone', { exact: true }).selectOption('Asia/Kolkata');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await rowOf(page, 'Zebra south').getByText('Asia/Kolkata').waitFor();
  await choose(page, 'Zebra south', 'Limits…');
  await page.getByLabel('Devices').fill('12');
  await page.getByLabel('Live connections').fill('none');
  await page.keyboard.press('Enter');
  await page.getByText('A whole number from 1').waitFor();
  await page.getByLabel('Live connections').fill('');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const { devices, streams } = await owner.get(`/factories/${body.id}/limits`);
  assert.deepEqual({ devices, streams }, { devices: 12, streams: null });
  await choose(page, 'Zebra south', 'Export everything…');
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download ZIP' }).click();
  assert.match((await saved).suggestedFilename(), /zebra.*\.zip$/);
  await page.keyboard.press('Escape');
  await choose(page, 'Zebra south', 'Archive…');
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await rowOf(page, 'Zebra south')
    .getByText(/Archived on/)
    .waitFor();
  await page.getByRole('button', { name: /^VPC Industries/ }).click();
  await page.getByRole('menuitemradio', { name: /VPC Industries/ }).waitFor();
  assert.equal(await page.getByRole('menuitemradio').count(), 1);
  await page.keyboard.press('Escape');
  await choose(page, 'Zebra south', 'Take back into use');
  await rowOf(page, 'Zebra south').getByText('In use').waitFor();
  await page.getByRole('button', { name: /^VPC Industries/ }).click();
  await page.getByRole('menuitemradio', { name: 'Zebra south' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('the selected factory is deleted by its typed short name, and the page goes on to the other', async () => {
  await using appliance = await startAppliance();
  const owner = await appliance.signIn();
  await owner.call('POST', '/factories', { name: 'Zebra', slug: 'zebra', timezone: 'UTC' });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/factories');
  await choose(page, 'VPC Industries', 'Delete…');
  const button = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
  assert.equal(await button.isDisabled(), true);
  await page.getByLabel('Type vpc to confirm').fill('vpc');
  await page.keyboard.press('Enter');
  await heading(page, 'Overview');
  await page.getByRole('button', { name: 'Zebra' }).waitFor();
  assert.deepEqual(
    (await owner.get('/factories')).items.map(({ slug }: { slug: string }) => slug),
    ['zebra'],
  );
});

test('when the only factory is archived, its members are told so, and an owner takes it back', async () => {
  using directory = temporaryDirectory();
  const operator = await addMember(directory.path, 'operator');
  await using appliance = await startAppliance({ dataDir: directory.path });
  await using theirs = await openPage(browser, appliance.ready.http);
  await signInBy(theirs.page, operator.email, operator.password);
  await using ours = await openPage(browser, appliance.ready.http);
  const { page } = ours;
  await signInBy(page);
  await page.goto('/settings/factories');
  await choose(page, 'VPC Industries', 'Archive…');
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await heading(page, 'No factory is selected');
  await theirs.page.getByText(`There is no factory that ${operator.email} may enter.`).waitFor({ timeout: 15_000 });
  await page.getByRole('button', { name: 'Take VPC Industries back into use' }).click();
  await heading(page, 'Overview');
  await theirs.page.getByRole('button', { name: 'Look again' }).click();
  await heading(theirs.page, 'Overview');
  assert.deepEqual([...ours.complaints, ...theirs.complaints], []);
});

test('an owner lets a login into a factory, makes it an owner, bars it and deletes it', async () => {
  using directory = temporaryDirectory();
  const operator = await addMember(directory.path, 'operator');
  await using appliance = await startAppliance({ dataDir: directory.path });
  const owner = await appliance.signIn();
  await owner.call('POST', '/factories', { name: 'Zebra', slug: 'zebra', timezone: 'UTC' });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/logins');
  const row = rowOf(page, operator.email);
  await row.waitFor();
  assert.equal(await page.getByRole('button', { name: /What to do with/ }).count(), 1, 'nothing with the own login');
  await choose(page, 'operator', 'Factories…');
  await page.getByRole('button', { name: 'Add a factory…' }).click();
  await page.getByLabel('Admin').check();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Zebra').waitFor();
  await page.getByRole('button', { name: 'Remove from VPC Industries' }).click();
  await page.getByRole('dialog').getByText('VPC Industries').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await row.getByText('Zebra Admin').waitFor();
  await choose(page, 'operator', 'Make owner…');
  await page.getByRole('dialog').getByRole('button', { name: 'Make owner' }).click();
  await row.getByText('Owner of the appliance').waitFor();
  await choose(page, 'operator', 'No longer owner…');
  await page.getByRole('dialog').getByRole('button', { name: 'No longer owner' }).click();
  await row.getByText('Active').waitFor();
  await choose(page, 'operator', 'Bar…');
  await page.getByRole('dialog').getByRole('button', { name: 'Bar' }).click();
  await row.getByText('Barred').waitFor();
  await choose(page, 'operator', 'Delete…');
  await page.getByLabel(`Type ${operator.email} to confirm`).fill(operator.email);
  await page.keyboard.press('Enter');
  await row.waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
});

test("a link to an alarm of another factory leads there by one click, and says nothing of one that is not the person's", async () => {
  await using appliance = await startAppliance();
  const owner = await appliance.signIn();
  const { body } = await owner.call('POST', '/factories', { name: 'Zebra', slug: 'zebra', timezone: 'UTC' });
  await owner.call('POST', '/auth/switch-factory', { factory_id: body.id });
  const condition = { parameter: 'temperature', operator: 'gt', value: 80 };
  await owner.call('POST', '/rules', { name: 'Kiln hot', severity: 'high', condition });
  const client = await appliance.connect();
  const message = JSON.stringify({ metrics: { temperature: 91 } });
  await client.publishAsync('factories/zebra/devices/M01/telemetry', message, { qos: 1 });
  const alarm = await eventually(async () => (await owner.get('/alerts')).items[0]);
  await client.endAsync();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);

  await page.goto(`/alarms/${alarm.id}?factory=zebra`);
  await heading(page, 'This is of Zebra');
  await page.getByRole('link', { name: 'Stay in VPC Industries' }).click();
  await heading(page, 'Overview');
  await page.goBack();
  await page.getByRole('button', { name: 'Go to Zebra' }).click();
  await heading(page, `Alarm ${alarm.number}`);
  await page.getByText('Kiln hot: temperature is 91').first().waitFor();
  await page.reload();
  await heading(page, `Alarm ${alarm.number}`);

  await page.goto('/alarms?factory=unknown');
  await heading(page, 'Alarms');
  assert.deepEqual(complaints, []);
});
