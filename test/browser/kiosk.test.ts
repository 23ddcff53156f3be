import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type RunningAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

async function publish({ connect }: RunningAppliance, key: string, metrics: object): Promise<void> {
  const client = await connect();
  await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ metrics }), { qos: 1 });
}

const heading = (name: string) => ['heading', { level: 1, name }] as const;

test('a wall turns from all devices to each of them, and its values move', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { voltage: 231.4 });
  await publish(appliance, 'M02', { voltage: 100 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/?kiosk=1&every=5&range=15m&devices=M01,M02');
  await page.getByRole(...heading('Devices')).waitFor();
  const tile = page.getByRole('listitem').filter({ hasText: 'M01' });
  await tile.getByText('231.4').waitFor();
  await publish(appliance, 'M01', { voltage: 229.9 });
  await tile.getByText('229.9').waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
  await page.getByRole(...heading('M01')).waitFor();
  await page.getByText('last 15 min').waitFor();
  await page.getByRole(...heading('M02')).waitFor();
  await page.getByRole(...heading('Devices')).waitFor();
  assert.deepEqual(complaints, []);
});

test('a wall survives the restart of the appliance, and shows what came since', async () => {
  using directory = temporaryDirectory();
  const first = await startAppliance({ dataDir: directory.path });
  const port = Number(new URL(first.ready.http).port);
  await publish(first, 'M01', { voltage: 1.5 });
  await using opened = await openPage(browser, first.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/?kiosk=1&devices=M01');
  await page.getByRole(...heading('M01')).waitFor();
  await page.getByRole('listitem').getByText('1.5').waitFor();
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  await first[Symbol.asyncDispose]();
  await page.getByText(/Reconnecting… values are \d+ s old/).waitFor();
  await using second = await startAppliance({ dataDir: directory.path, flags: { 'http.port': port } });
  await page.getByText('Live', { exact: true }).waitFor();
  await publish(second, 'M01', { voltage: 2.5 });
  await page.getByRole('listitem').getByText('2.5').waitFor();
  assert.equal(await page.evaluate(() => 'isTheSamePage' in window), true);
});

test('a wall of one device tries again by itself when its parameters could not be fetched', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { voltage: 1.5 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.route('**/parameters', (route) => route.fulfill({ status: 503 }), { times: 1 });
  await page.goto('/?kiosk=1&devices=M01');
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await page.getByRole('listitem').getByText('1.5').waitFor();
});

test('Escape offers to leave a wall, staying stays, and leaving goes to the page below', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { voltage: 1 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/devices?kiosk=1&every=600');
  await page.getByRole('main').waitFor();
  await page.keyboard.press('Escape');
  const dialog = page.getByRole('dialog', { name: 'Leave the wall view?' });
  // Gone from the document, and not only from the screen: until then it is the one that is asked.
  const gone = () => page.locator('dialog').waitFor({ state: 'detached' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await gone();
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await gone();
  await page.getByRole('main').click({ position: { x: 5, y: 5 } });
  await dialog.getByRole('button', { name: 'Stay' }).click();
  await gone();
  await page.getByRole('main').click({ position: { x: 5, y: 5 } });
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await page.waitForURL((url) => url.pathname === '/devices' && !url.searchParams.has('kiosk'));
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
});
