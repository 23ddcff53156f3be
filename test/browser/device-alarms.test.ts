import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { alarmPlant, change } from '../support/alarms.ts';
import { eventually } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { pressed } from './support/rule-editor.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

test('the page of a device shows its open alarms as they come and go, to be acknowledged there, and leads to past ones', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(await plant.device('M02'), t, t + 2_000, [change(t + 1_000, 'critical')]);
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(`/devices/${device}`);
  const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Open alarms' }) });
  await page.getByRole('heading', { name: 'Trend' }).waitFor();
  assert.equal(await panel.count(), 0);

  await plant.report(device, t, t + 2_000, [change(t + 1_000, 'high')]);
  await panel.getByText('temperature is 82.44').waitFor();
  assert.equal(await panel.getByRole('listitem').count(), 1);
  await panel.getByRole('button', { name: 'Acknowledge' }).click();
  await panel.getByText('Acknowledged', { exact: true }).waitFor();
  await plant.report(device, t, t + 9_000, [change(t + 1_000, 'high'), change(t + 5_000, null)]);
  await panel.waitFor({ state: 'detached' });

  await plant.report(device, t + 9_000, t + 20_000, [change(t + 12_000, 'low')]);
  await panel.getByRole('link', { name: 'All its alarms, past ones too' }).click();
  await page.locator('.al__table tbody tr[data-row]').nth(1).waitFor();
  assert.equal(await page.locator('.al__table tbody tr[data-row]', { hasText: 'M02' }).count(), 0);
  assert.deepEqual(complaints, []);
});

test('the overview calls nothing normal while an alarm is open', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.getByRole('heading', { name: 'Normal', exact: true }).waitFor();
  await plant.report(device, t, t + 2_000, [change(t + 1_000, 'high')]);
  await page.getByRole('heading', { name: 'Online and within limits', exact: true }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Normal', exact: true }).count(), 0);
  await page.goto('/?kiosk=1');
  await page.getByText('Online, within limits', { exact: true }).waitFor();
  assert.equal(await page.getByText('Normal', { exact: true }).count(), 0);
});

test('an alarm that stands leads to why its rule fires on its device, and the address keeps the device', async () => {
  await using it = await pressed();
  await it.publish({ metrics: { temperature: 20 } }, 'A01');
  const condition = { parameter: 'temperature', operator: 'gt', value: 80 };
  await it.person.call('POST', '/rules', { name: 'Very hot', severity: 'high', condition });
  await it.publish({ metrics: { temperature: 91.5 } });
  const alarm = await eventually(async () => (await it.person.get('/alerts')).items[0], 10_000);
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(`/alarms/${alarm.id}`);
  await page.getByRole('link', { name: 'Part by part, as it is now' }).click();
  await page.getByRole('heading', { level: 1, name: 'Very hot' }).waitFor();
  await page.locator('.rl__explained .is-so').first().waitFor();
  const device = page.getByLabel('Device');
  assert.equal(await device.inputValue(), alarm.device_id);
  await device.selectOption('A01');
  await page.getByText(/^No alarm:/).waitFor();
  await page.reload();
  await page.getByText(/^No alarm:/).waitFor();
  assert.notEqual(await device.inputValue(), alarm.device_id);
  assert.deepEqual(complaints, []);
});
