import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startAppliance } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { DESKTOP, openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** How far the page itself can be scrolled sideways (px). */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const LOOKS = [
  { viewport: DESKTOP, colorScheme: 'light' },
  { viewport: DESKTOP, colorScheme: 'dark' },
  { viewport: PHONE, colorScheme: 'light' },
  { viewport: PHONE, colorScheme: 'dark' },
] as const;

/** A heading or text that shows that the page is there, by its address. */
const PAGES = (deviceId: string): readonly (readonly [path: string, shows: RegExp])[] => [
  ['/', /Overview/],
  ['/devices', /Devices/],
  [`/devices/${deviceId}`, /M01/],
  [`/devices/${deviceId}?tab=parameters`, /M01/],
  [`/devices/${deviceId}?tab=rejects`, /M01/],
  ['/connect', /Connect a device/],
  ['/trends', /Trends/],
  ['/trends?s=M01:voltage&range=1h', /Trends/],
  ['/settings/storage', /Storage/],
  ['/settings/transfer?devices=,&parameters=,', /Import and export/],
  ['/nowhere', /There is no such page/],
];

for (const look of LOOKS) {
  const name = `${look.viewport.width} px, ${look.colorScheme}`;

  test(`no page keeps anybody out or scrolls sideways (${name})`, async () => {
    await using appliance = await startAppliance();
    const client = await appliance.connect();
    const topic = 'factories/vpc/devices/M01/telemetry';
    const long = 'a metric with a very long name '.repeat(4).trim();
    for (const voltage of [228, 231.4, 260]) {
      const metrics = { voltage, running: true, state: 'idle', [long]: 1 };
      await client.publishAsync(topic, JSON.stringify({ metrics }), { qos: 1 });
    }
    await client.publishAsync(topic, 'not JSON', { qos: 1 });
    const person = await appliance.signIn();
    const [device] = (await person.get('/devices?key=M01')).items;
    await person.call('PATCH', `/devices/${device.id}/parameters/voltage`, { high_limit: 250, unit: 'V' });

    await using opened = await openPage(browser, appliance.ready.http, { ...look, reducedMotion: 'reduce' });
    const { page, complaints } = opened;
    await page.goto('/');
    await page.getByLabel('Email').waitFor();
    assert.deepEqual(await barriers(page), [], 'sign-in');
    await signInBy(page);
    for (const [path, shows] of PAGES(device.id)) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1, name: shows }).waitFor();
      await page.waitForFunction(() => document.querySelector('.skel') === null);
      assert.deepEqual(await barriers(page), [], path);
      assert.equal(await overflow(page), 0, `${path} scrolls sideways`);
    }
    assert.deepEqual(complaints, []);
  });
}

test('the setup wizard keeps nobody out', async () => {
  await using appliance = await startAppliance({ seeded: false });
  for (const look of LOOKS) {
    await using opened = await openPage(browser, appliance.ready.http, look);
    await opened.page.goto('/');
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(await barriers(opened.page), []);
    assert.equal(await overflow(opened.page), 0);
  }
});
