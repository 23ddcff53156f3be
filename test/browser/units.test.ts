import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const OVEN = { unit: '°C', decimals: 1, low_limit: 15, high_limit: 30 };

/** An oven of 20 to 25 °C, its newest value last; returns what the API has of it. */
async function heatOven(appliance: RunningAppliance) {
  const client = await appliance.connect();
  const samples = Array.from({ length: 60 }, (_, place) => ({
    timestamp: Date.now() - (59 - place) * 1_000,
    metrics: { oven: 20 + (place % 6), running: true },
  }));
  await client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ samples }), { qos: 1 });
  const person = await appliance.signIn();
  const { id } = (await person.get('/devices?key=M01')).items[0];
  await person.call('PATCH', `/devices/${id}/parameters/oven`, OVEN);
  const parameter = async () =>
    (await person.get(`/devices/${id}/parameters`)).items.find(({ name }: { name: string }) => name === 'oven');
  const live = async () =>
    (await person.get(`/devices/${id}/kpis/live`)).values.find(
      (one: { parameter: string }) => one.parameter === 'oven',
    );
  return { id, person, parameter, live };
}

/** Keeps what charts write on their canvases, so that numbers of an axis can be read. */
async function keepDrawnTexts(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const { prototype } = CanvasRenderingContext2D;
    const { fillText } = prototype;
    Object.assign(window, { drawn: [] });
    prototype.fillText = function (text, x, y, maxWidth) {
      (window as unknown as { drawn: string[] }).drawn.push(text);
      fillText.call(this, text, x, y, maxWidth);
    };
  });
  return () => page.evaluate(() => (window as unknown as { drawn: string[] }).drawn.splice(0));
}

const unitsOf = (page: Page) => page.getByRole('group', { name: 'Units' });

async function choose(page: Page, units: string): Promise<void> {
  await page
    .getByRole('link', { name: 'Profile' })
    .or(page.getByRole('heading', { name: 'Profile' }))
    .first()
    .waitFor();
  await unitsOf(page).getByRole('button', { name: units, exact: true }).click();
  await unitsOf(page).locator('[aria-pressed=true]', { hasText: units }).waitFor();
}

const tile = (page: Page) => page.locator('[data-parameter=oven]');

test('whoever chooses imperial units sees and types them everywhere, and what is stored stays as it was sent', async () => {
  await using appliance = await startAppliance();
  const { id, parameter, live } = await heatOven(appliance);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  const drawnTexts = await keepDrawnTexts(page);
  await signInBy(page);
  await page.goto('/profile');
  await page.getByText('The factory says: as sent.').waitFor();
  assert.match((await unitsOf(page).locator('[aria-pressed=true]').textContent()) ?? '', /As the factory/);
  await choose(page, 'Imperial');

  // Without a reload: the same page goes on by links.
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  await page.getByRole('link', { name: 'Overview' }).first().click();
  await page
    .getByRole('listitem')
    .filter({ hasText: 'M01' })
    .getByText(/77.0\s*°F/)
    .waitFor();
  await page.getByRole('link', { name: 'Devices' }).first().click();
  await page.getByRole('row', { name: /M01/ }).getByText(/77.0/).waitFor();
  await page.getByRole('row', { name: /M01/ }).getByRole('link', { name: 'M01' }).click();
  await tile(page).getByText('77.0', { exact: true }).waitFor();
  assert.match(await tile(page).innerText(), /77\.0\s*°F[\s\S]*59\.0 to 86\.0/);
  await page.getByRole('heading', { name: /^oven.*°F/ }).waitFor();
  await page.getByRole('button', { name: /^oven 77.0\s*°F/ }).waitFor();
  const onCanvas = await eventually(async () => {
    const texts = await drawnTexts();
    return texts.some((text) => /high limit/.test(text)) ? texts : undefined;
  });
  assert.ok(onCanvas.includes('high limit 86.0') && onCanvas.includes('low limit 59.0'), onCanvas.join(' '));
  const axis = onCanvas.filter((text) => /^\d+(\.\d+)?$/.test(text)).map(Number);
  assert.ok(axis.length > 0 && axis.every((tick) => tick >= 50 && tick <= 95), `an axis around 68 to 77 °F: ${axis}`);
  assert.equal(await page.evaluate(() => 'isTheSamePage' in window), true);

  await page.getByRole('link', { name: /^Parameters/ }).click();
  await page.getByRole('row', { name: /oven.*77\.0.*°F.*59\.0 to 86\.0/ }).waitFor();
  await page.getByRole('button', { name: 'Edit oven…' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('Unit as sent').inputValue(), '°C');
  assert.equal(await dialog.getByLabel('Low limit (°F)').inputValue(), '59');
  await dialog.getByLabel('High limit (°F)').fill('81.7');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('row', { name: /59\.0 to 81\.7/ }).waitFor();
  const stored = await parameter();
  assert.deepEqual([stored.unit, stored.decimals, stored.low_limit], ['°C', 1, 15], 'untouched is unchanged');
  assert.ok(Math.abs(stored.high_limit - 27.611_111_111) < 1e-6, `${stored.high_limit} °C`);
  const newest = await live();
  assert.deepEqual([newest.value, newest.unit], [25, '°C']);

  await page.goto('/trends?s=M01:oven&range=1h');
  await page.getByRole('row', { name: /oven 77\.0\s*°F 68\.0 72\.5 77\.0 60/ }).waitFor();
  const csv = async (choice: string) => {
    await page.getByRole('button', { name: 'CSV' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: choice }).click();
    return (await readFile(await (await saved).path(), 'utf8')).trimEnd().split('\r\n').at(-1) ?? '';
  };
  assert.match(await csv('What is drawn'), /^M01,oven,°F,\d{4}-.*Z,raw,77,,,1$/);
  assert.match(await csv('Every sample'), /^M01,oven,°C,\d{4}-.*Z,25$/);

  await page.goto('/profile');
  await choose(page, 'As sent');
  await page.goto(`/devices/${id}`);
  await tile(page).getByText('25.0', { exact: true }).waitFor();
  assert.match(await tile(page).innerText(), /25\.0\s*°C[\s\S]*15\.0 to 27\.6/);
  assert.deepEqual(complaints, []);
});

test('a factory says in which units its people see values, unless they say it themselves', async () => {
  await using appliance = await startAppliance();
  const { id, person } = await heatOven(appliance);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/factories');
  await page.getByRole('button', { name: 'What to do with VPC Industries' }).click();
  await page.getByRole('menuitem', { name: 'Name, time zone, units…' }).click();
  await page.getByLabel('Units', { exact: true }).selectOption('Imperial');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await person.get('/auth/me')).factory.units, 'imperial');
  await page.getByRole('link', { name: 'Overview' }).first().click();
  await page
    .getByText(/77.0\s*°F/)
    .first()
    .waitFor();

  // Another tab of the same person follows what one chooses here, also while its charts are open.
  const other = await page.context().newPage();
  await other.goto(`/devices/${id}`);
  await other.getByRole('button', { name: /^oven 77.0\s*°F/ }).waitFor();
  await page.goto('/profile');
  await page.getByText('The factory says: imperial.').waitFor();
  await choose(page, 'Metric');
  await other.getByRole('button', { name: /^oven 25.0\s*°C/ }).waitFor();
  await other.getByRole('heading', { name: /°C/ }).first().waitFor();
  await choose(page, 'As the factory');
  await other.getByRole('button', { name: /^oven 77.0\s*°F/ }).waitFor();
  assert.equal((await person.get('/auth/me')).user.units, null);
  assert.deepEqual(complaints, []);
});
