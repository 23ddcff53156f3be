import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { alarmPlant, change, RULE, rule } from '../support/alarms.ts';
import { DESKTOP, openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

for (const viewport of [DESKTOP, PHONE]) {
  test(`in lists ${viewport.width} px wide what was seen is not cut, however long the name of the rule is`, async () => {
    await using plant = await alarmPlant();
    const t = Date.now() - 60_000;
    const long = 'Bearing of the compressor in hall three, north side, is much hotter than it may be in summer'.padEnd(
      100,
      '!',
    );
    plant.rules.set(RULE, rule(RULE, { name: long }));
    await plant.report(await plant.device('M01'), t, t + 2_000, [change(t + 1_000, 'critical')]);
    await using opened = await openPage(browser, plant.running.ready.http, { viewport });
    const { page, complaints } = opened;
    await signInBy(page);
    for (const address of ['/alarms', '/alarms?tab=history']) {
      await page.goto(address);
      const words = page.locator('.al__table .al__words');
      await words.waitFor();
      const isWhole = await words.evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element.lastElementChild ?? element);
        const [seen, shown] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
        return range.toString().endsWith('temperature is 82.44') && seen.bottom <= shown.bottom + 1;
      });
      assert.equal(isWhole, true, address);
    }
    assert.deepEqual(complaints, []);
  });
}

test('the strip cuts nothing of a message that it has room for, and of a longer one the name of the rule', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const raise = async (key: string, name: string, at: number) => {
    plant.rules.set(RULE, rule(RULE, { name }));
    await plant.report(await plant.device(key), t, at + 1_000, [change(at, 'critical')]);
  };
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  /** The parts of the message that are not shown whole. */
  const cut = async () => {
    await page.locator('.strip__seen', { hasText: 'temperature is 82.44' }).waitFor();
    return page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.strip__msg > *')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ textContent }) => textContent.trim()),
    );
  };
  await raise('M01', 'Hot', t + 1_000);
  assert.deepEqual(await cut(), []);
  await page.setViewportSize(PHONE);
  assert.deepEqual(await cut(), []);
  await page.setViewportSize(DESKTOP);
  const long = 'Bearing of the compressor in hall three, north side, hotter than it may be in summer';
  await raise('M02', long, t + 2_000);
  await page.locator('.strip__msg', { hasText: 'M02' }).waitFor();
  assert.deepEqual(await cut(), [`${long}:`]);
  assert.deepEqual(complaints, []);
});
