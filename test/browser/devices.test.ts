import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, type RunningAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { addMember } from '../support/users.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** Publishes, and resolves when the appliance has stored or refused it. */
async function publish(appliance: RunningAppliance, key: string, payload: object | string): Promise<void> {
  const client = await appliance.connect();
  const text = typeof payload === 'string' ? payload : JSON.stringify({ metrics: payload });
  await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, text, { qos: 1 });
  await client.endAsync();
}

const addressOf = async (appliance: RunningAppliance, key: string): Promise<string> => {
  const person = await appliance.signIn();
  return `/devices/${(await person.get(`/devices?key=${key}`)).items[0].id}`;
};

const tile = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });

test('among many devices the list filters as one types, and the keyboard walks to the last one and opens it', async () => {
  await using appliance = await startAppliance();
  const client = await appliance.connect();
  const keys = Array.from({ length: 300 }, (_, index) => `unit-${String(index).padStart(3, '0')}`);
  await Promise.all(
    keys.map((key) => client.publishAsync(`factories/vpc/devices/${key}/telemetry`, '{"metrics":{"t":1}}', { qos: 1 })),
  );
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/devices?sort=name');
  const table = page.getByRole('table', { name: 'Devices' });
  await table.getByRole('link', { name: 'Compressor 1' }).waitFor();
  assert.ok((await table.locator('tbody tr').count()) < 200, 'only the rows near the screen exist');

  await page.getByRole('searchbox').pressSequentially('UNIT -29');
  await page.getByText('10 of 312').waitFor();
  await page.waitForURL(/q=UNIT\+-29/);
  await page.getByRole('searchbox').fill('unit');
  await page.getByText('300 of 312').waitFor();
  await eventually(async () => {
    await page.keyboard.press('Tab');
    return (await page.locator('tr:focus').count()) > 0 || undefined;
  });
  await page.keyboard.press('End');
  await page.locator('tr:focus', { hasText: 'unit-299' }).waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await heading(page, 'unit-298').waitFor();
  await page.goBack();
  await page.getByText('300 of 312').waitFor();
  assert.deepEqual(complaints, []);
});

test('a device that is left before its alarms have come leaves no fault behind', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { t: 1 });
  const address = await addressOf(appliance, 'M01');
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  let asked = 0;
  await page.route('**/api/v1/alerts?device_id=*', () => {
    asked++;
  });
  await page.getByRole('link', { name: 'Devices', exact: true }).click();
  await page.getByRole('link', { name: 'M01' }).click();
  await page.waitForURL(`**${address}`);
  await eventually(() => asked >= 2 || undefined);
  await page.goBack();
  await heading(page, 'Devices').waitFor();
  assert.deepEqual(complaints, []);
});

test('the devices of a tag are found in the list, and from the page of one of them', async () => {
  await using appliance = await startAppliance();
  for (const key of ['M01', 'M02', 'M03']) await publish(appliance, key, { voltage: 230 });
  const person = await appliance.signIn();
  for (const [key, tags] of [
    ['M01', ['line 1', 'stamping']],
    ['M02', ['line 1']],
  ] as const) {
    const { id } = (await person.get(`/devices?key=${key}`)).items[0];
    assert.equal((await person.call('PATCH', `/devices/${id}`, { name: key, tags })).status, 200);
  }
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/devices?sort=name');
  const rows = page.getByRole('table', { name: 'Devices' }).locator('tbody tr[data-row]');
  await rows.filter({ hasText: 'M03' }).waitFor();
  const tag = page.getByLabel('Tag');
  // Those of the seed's machines, and between them, by name, ours.
  const offered = [
    'Any tag',
    'compressor (3)',
    'line 1 (2)',
    'meter (2)',
    'motor (3)',
    'press (1)',
    'pump (3)',
    'stamping (1)',
  ];
  assert.deepEqual(await tag.locator('option').allInnerTexts(), offered);
  await tag.selectOption('line 1');
  await page.waitForURL(/tag=line\+1/);
  await rows.filter({ hasText: 'M03' }).waitFor({ state: 'detached' });
  assert.deepEqual(await rows.getByRole('link').allInnerTexts(), ['M01', 'M02']);
  await page.getByRole('button', { name: 'All 2', exact: true }).waitFor();
  await page.getByRole('button', { name: /^Offline/ }).click();
  await page.getByText('No device with the tag “line 1” is in this state.').waitFor();
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await rows.filter({ hasText: 'M01' }).getByRole('link').click();
  await page.getByRole('link', { name: 'stamping', exact: true }).click();
  await rows.first().waitFor();
  assert.deepEqual(await rows.getByRole('link').allInnerTexts(), ['M01']);
  assert.deepEqual(complaints, []);
});

test('devices join the list with their first message and leave it when they are deleted, without a reload', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/devices?status=online');
  await page.getByText('No device is in this state.').waitFor();
  await publish(appliance, 'M01', { voltage: 231.4 });
  const row = page.getByRole('row', { name: /M01/ });
  await row.getByText('231.4').waitFor();
  await publish(appliance, 'M01', { voltage: 229.9 });
  await row.getByText('229.9').waitFor();
  const person = await appliance.signIn();
  await person.call('DELETE', `/devices/${(await person.get('/devices?key=M01')).items[0].id}`);
  await row.waitFor({ state: 'detached' });
});

test('the device page follows what is published, and a new parameter joins by itself', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { voltage: 231.4 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(await addressOf(appliance, 'M01'));
  await tile(page, 'voltage').getByText('231.4').first().waitFor();
  await publish(appliance, 'M01', { voltage: 228.8, running: true });
  await tile(page, 'voltage').getByText('228.8').first().waitFor();
  await tile(page, 'running').getByText('on', { exact: true }).first().waitFor();
  assert.deepEqual(complaints, []);
});

test('a parameter is given a name, a unit and limits, is shown with them, and a slip is undone', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { p: 12.5 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto(`${await addressOf(appliance, 'M01')}?tab=parameters`);
  await page.getByRole('button', { name: 'Edit p…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Display name').fill('Oil pressure');
  await dialog.getByLabel('Unit').fill('bar');
  await dialog.getByLabel('Decimals').fill('2');
  await dialog.getByLabel('Low limit').fill('20');
  await dialog.getByLabel('High limit').fill('10');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('The low limit is above the high limit').waitFor();
  await dialog.getByLabel('Low limit').fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('row', { name: /Oil pressure/ });
  await row.getByText('12.50').waitFor();
  assert.match(await row.innerText(), /12\.50\s*bar[\s\S]*at most 10\.00/);
  await row.getByText('Above limit').waitFor();
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await tile(page, 'Oil pressure').getByText('Above limit').first().waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await tile(page, 'Oil pressure').first().waitFor({ state: 'detached' });
  await tile(page, '12.5').first().waitFor();
});

test('what was refused stands under Rejects with its reason and payload, until the list is cleared', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { speed: 1480 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto(`${await addressOf(appliance, 'M01')}?tab=rejects`);
  await page.getByText('Nothing was refused').waitFor();
  await publish(appliance, 'M01', 'speed=1480');
  await publish(appliance, 'M01', { speed: 'fast' });
  const item = (title: string) => page.getByRole('listitem').filter({ hasText: title });
  await item('Not JSON').getByText('speed=1480').first().waitFor();
  await item('Value of another kind').getByText('{"metrics":{"speed":"fast"}}').first().waitFor();
  await item('Value of another kind').getByRole('button', { name: 'Reset the kind of speed…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset kind' }).click();
  await page.getByText('Kind of speed reset').waitFor();
  await page.getByRole('button', { name: 'Clear list…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear list' }).click();
  await page.getByText('Nothing was refused').waitFor();
  await publish(appliance, 'M01', { speed: 'fast' });
  await page.getByRole('link', { name: /^Live/ }).click();
  await tile(page, 'speed').getByText('fast').first().waitFor();
});

test('a device is renamed and given tags, and deleted only after its key was typed; an address that is gone says so', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { a: 1, b: 2 });
  await using opened = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  const { page } = opened;
  await signInBy(page);
  const address = await addressOf(appliance, 'M01');
  await page.goto(address);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Name and tags…' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Big press');
  await page.getByRole('dialog').getByLabel('Tags').fill('a/b');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('say a tag in').waitFor();
  await page.getByRole('dialog').getByLabel('Tags').fill('line 1, press, line 1,');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await heading(page, 'Big press').waitFor();
  await page.getByText('line 1', { exact: true }).waitFor();
  assert.equal(await page.getByText('press', { exact: true }).count(), 1);

  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog');
  assert.match(await dialog.innerText(), /2 parameters/);
  const remove = dialog.getByRole('button', { name: 'Delete' });
  assert.equal(await remove.isDisabled(), true);
  await dialog.getByLabel('Type M01 to confirm').fill('M01');
  await remove.click();
  await page.getByText('Big press deleted').waitFor();
  await heading(page, 'Devices').waitFor();
  await page.goto(address);
  await page.getByRole('heading', { name: 'There is no such device' }).first().waitFor();
});

test('a viewer sees everything and is offered nothing that only an admin may do', async () => {
  using directory = temporaryDirectory();
  const viewer = await addMember(directory.path, 'viewer');
  await using appliance = await startAppliance({ dataDir: directory.path });
  await publish(appliance, 'M01', { voltage: 231.4 });
  await publish(appliance, 'M01', 'not json');
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page, viewer.email, viewer.password);
  await page.goto(`${await addressOf(appliance, 'M01')}?tab=parameters`);
  await page.getByText('You may look at this. To change it takes the permission for devices.').waitFor();
  await page
    .getByRole('row', { name: /voltage/ })
    .getByText('231.4')
    .waitFor();
  assert.equal(await page.getByRole('button', { name: /Edit|More/ }).count(), 0);
  assert.equal(await page.getByRole('checkbox').count(), 0);
  await page.getByRole('link', { name: /^Rejects/ }).click();
  await page.getByText('Not JSON', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Clear list…' }).count(), 0);
  assert.deepEqual(complaints, []);
});
