import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { alarmPlant, change, RULE, rule } from '../support/alarms.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

test('a device whose name begins like that of another is put into maintenance, and the other is not', async () => {
  await using plant = await alarmPlant();
  for (const key of ['M1', 'M10', 'M100']) await plant.device(key);
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/alarms?tab=maintenance');
  await page.getByRole('button', { name: 'New window…' }).click();
  const dialog = page.getByRole('dialog', { name: 'New maintenance window' });
  const devices = dialog.getByLabel('Devices');
  const chosen = () => dialog.locator('.al__drop').allInnerTexts();
  await devices.pressSequentially('M10');
  assert.deepEqual(await chosen(), []);
  // What was typed is taken when one goes on.
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Without M10', exact: true }).waitFor();
  await devices.pressSequentially('M100');
  await dialog.getByRole('button', { name: 'Without M100', exact: true }).waitFor();
  assert.deepEqual(
    (await chosen()).map((name) => name.trim()),
    ['M10', 'M100'],
  );
  await dialog.getByLabel('Reason').fill('Bearings are changed');
  await devices.pressSequentially('M2');
  await dialog.getByRole('button', { name: 'Make window' }).click();
  // Nobody is left out unseen.
  await dialog.getByText('There is no M2').waitFor();
  await devices.fill('M1');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'M10, M100, M1' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a second click does nothing a second time', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'high')]);
  const { person } = plant;
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(`/alarms/${id}`);
  // As on a slow line: the second click comes before the answer.
  await page.route('**/api/v1/alerts/*/*', async (route) => {
    await sleep(300);
    await route.continue();
  });
  const kinds = async () => (await person.get(`/alerts/${id}`)).events.map(({ kind }: { kind: string }) => kind);
  await page.getByRole('button', { name: 'I look after it' }).dblclick();
  await page.getByRole('button', { name: 'I look after it' }).waitFor({ state: 'detached' });
  assert.deepEqual(await kinds(), ['raised', 'assigned']);
  await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, reason: 'known' });
  await page.getByRole('button', { name: 'Unshelve' }).dblclick();
  await page.getByRole('button', { name: 'Shelve…' }).waitFor();
  assert.equal(await page.getByText('is not shelved').count(), 0);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Assign…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').waitFor();
  await dialog.getByRole('button', { name: 'Save' }).dblclick();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(await kinds(), ['raised', 'assigned', 'shelved', 'unshelved', 'assigned']);
  assert.deepEqual(complaints, []);
});

test('a key that is held acts once, and a row that goes leaves the keys to the next one', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  for (const place of [1, 2, 3, 4]) {
    const device = await plant.device(`M0${place}`);
    // It has cleared: whoever acknowledges it closes it.
    await plant.report(device, t, t + 20_000, [change(t + 1_000 * place, 'high'), change(t + 15_000, null)]);
  }
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/alarms');
  const rows = page.locator('.al__table tbody tr[data-row]');
  const focused = () => page.evaluate(() => document.activeElement?.querySelector('.al__words a')?.textContent);
  await rows.nth(3).waitFor();
  await rows.nth(1).focus();
  for (let times = 0; times < 20; times++) {
    await page.keyboard.down('a');
    await sleep(30);
  }
  await page.keyboard.up('a');
  await rows.nth(3).waitFor({ state: 'detached' });
  assert.equal(await rows.count(), 3);
  assert.equal(await page.getByText('had been acknowledged').count(), 0);
  assert.equal(await focused(), 'M02');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('a');
  await rows.nth(2).waitFor({ state: 'detached' });
  assert.equal(await focused(), 'M02', 'the last one leaves them to the one before');
  assert.deepEqual(complaints, []);
});

test('what is shelved is seen while news come faster than an answer', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(device, t, t + 1_000, [change(t + 500, 'high')]);
  const { person } = plant;
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, reason: 'Known' });
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.route('**/api/v1/alarm-shelves', async (route) => {
    await sleep(1_500);
    await route.continue().catch(() => {});
  });
  await page.goto('/alarms?tab=shelved');
  const until = Date.now() + 6_000;
  while ((await page.getByText('Known').count()) === 0 && Date.now() < until) {
    await person.call('POST', `/alerts/${id}/comment`, { comment: 'Still so' });
    await sleep(100);
  }
  assert.ok(Date.now() < until);
  assert.deepEqual(complaints, []);
});

test('a note that one writes does not vanish when somebody else is faster', async () => {
  await using plant = await alarmPlant();
  plant.rules.set(RULE, rule(RULE, { note_required: true }));
  const { person } = plant;
  const device = await plant.device('M01');
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  const t = Date.now() - 60_000;
  for (const [round, begin] of [
    async () => page.locator('main').getByRole('button', { name: 'Acknowledge' }).click(),
    async () => page.getByRole('banner').getByRole('button', { name: 'Acknowledge' }).click(),
    async () => {
      await page.goto('/alarms');
      await page.locator('.al__table').getByRole('button', { name: 'Acknowledge' }).click();
    },
  ].entries()) {
    const from = t + round * 20_000;
    await plant.report(device, from, from + 20_000, [change(from + 1_000, 'high'), change(from + 15_000, null)]);
    const { id } = (await person.get('/alerts?limit=1')).items[0];
    await begin();
    const note = page.getByRole('dialog', { name: 'Acknowledge with a note' });
    await note.getByLabel('Note').fill('The bearing is dry');
    await person.call('POST', `/alerts/${id}/acknowledge`, { comment: 'mine' });
    await page.getByRole('banner').getByText('No alarms').waitFor();
    assert.equal(await note.getByLabel('Note').inputValue(), 'The bearing is dry');
    await note.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('It had been acknowledged already').first().waitFor();
    await note.waitFor({ state: 'detached' });
  }
  assert.deepEqual(complaints, []);
});

test('a button keeps the focus while it is busy, and the first thing that is wrong in a form gets it', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'high')]);
  const { person } = plant;
  const { id } = (await person.get('/alerts?limit=1')).items[0];
  await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, reason: 'Sensor is changed' });
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  const focused = (name: string) =>
    page.locator(':focus').and(page.getByRole('button', { name })).waitFor({ timeout: 5_000 });
  await page.goto(`/alarms/${id}`);
  await page.getByRole('button', { name: 'Unshelve' }).press('Enter');
  await page.getByText('Taken from the shelf').first().waitFor();
  await focused('Shelve…');
  // What one has done goes with its button; the next key goes on from there.
  await page.getByRole('button', { name: 'I look after it' }).press('Enter');
  await page.getByRole('button', { name: 'I look after it' }).waitFor({ state: 'detached' });
  await page.keyboard.press('Tab');
  await focused('Acknowledge');
  await page.getByLabel('What did you see or do?').fill('The hose is worn');
  await page.getByRole('button', { name: 'Add' }).press('Enter');
  await page.locator('q', { hasText: 'The hose is worn' }).waitFor();
  await page.keyboard.type('A new one is ordered');
  await page.keyboard.press('Enter');
  await page.locator('q', { hasText: 'A new one is ordered' }).waitFor({ timeout: 5_000 });
  await page.goto('/settings/channels');
  await page.getByRole('button', { name: 'Add a channel…' }).first().click();
  await page.getByRole('dialog').getByText('Webhook', { exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Add channel' }).press('Enter');
  await page.getByText('Give the channel a name').waitFor();
  await page.locator(':focus').and(page.getByLabel('Name')).waitFor({ timeout: 5_000 });
  assert.deepEqual(complaints, []);
});

test('a dialog that is sent gives the keys back to what has opened it, or to the page where that is gone', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'high')]);
  const { id } = (await plant.person.get('/alerts?limit=1')).items[0];
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  const focused = (role: 'button' | 'heading', name: string) =>
    page.locator(':focus').and(page.getByRole(role, { name })).waitFor({ timeout: 5_000 });
  await page.goto(`/alarms/${id}`);
  await page.getByRole('button', { name: 'Shelve…' }).press('Enter');
  await page.getByLabel('Reason').fill('Sensor is changed');
  await page.keyboard.press('Enter');
  await focused('button', 'Unshelve');
  await page.getByRole('button', { name: 'With note…' }).press('Enter');
  await page.getByRole('textbox', { name: 'Note' }).fill('Seen');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'With note…' }).waitFor({ state: 'detached' });
  await focused('heading', 'Alarm');
  assert.deepEqual(complaints, []);
});
