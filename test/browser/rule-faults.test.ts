import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import type { Browser } from 'playwright-core';
import { signIn, spawnAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { breakRule } from '../support/broken-rules.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** Nothing is decided of devices that have not sent: no rule is evaluated before the test's own sample. */
const AWAITING = { FACTORYOPS_RULES__RETURN_S: '3600' };

test('a rule that stops by a fault is seen to in the list, on its page and in its explanation, and what is to be done', async () => {
  using directory = temporaryDirectory();
  let id = '';
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const condition = { parameter: 'temperature', operator: 'gt', value: 80 };
    const rule = { name: 'Oven hot', severity: 'high', condition };
    id = (await (await running.signIn()).call('POST', '/rules', rule)).body.id;
  }
  breakRule(directory.path, id);
  const { child, ready, exited } = await spawnAppliance(['--data-dir', directory.path], AWAITING);
  try {
    const client = await connectAsync(ready.mqtt, { reconnectPeriod: 0 });
    const publish = (temperature: number) =>
      client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { temperature } }), {
        qos: 1,
      });
    const person = await signIn(ready.http);
    await using opened = await openPage(browser, ready.http);
    const { page, complaints } = opened;
    await signInBy(page);
    await page.goto(`/rules/${id}`);
    await page.getByText('Version 1 is running.').waitFor();
    // It stops while it is looked at.
    await publish(20);
    await page.getByText('Version 1 has stopped: a fault.').waitFor();
    await page.goto('/rules');
    const row = page.locator('.rl__table tr').filter({ hasText: 'Oven hot' });
    await row.getByText('Stopped: a fault').waitFor();
    assert.equal(await row.locator('.rl__stopped svg').count(), 1);
    assert.deepEqual(await barriers(page), []);
    await page.getByRole('button', { name: 'Stopped 1' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.rl__table tr[data-row]').length === 1);
    await row.getByRole('link', { name: 'Oven hot' }).click();
    await page.getByText('Version 1 has stopped: a fault.').waitFor();
    const banner = page.getByRole('note').filter({ hasText: 'Stopped at' });
    assert.match(await banner.innerText(), /could not be evaluated .*turn it off and on.*report it/s);
    assert.deepEqual(await barriers(page), []);
    await page.getByRole('link', { name: 'Explain' }).click();
    await page.getByText(/^The rule is left out: it could not be evaluated/).waitFor();
    await banner.waitFor();
    const off = await person.call('PATCH', `/rules/${id}`, { is_active: false, schedule: null });
    assert.equal(off.status, 200);
    // It was somebody else who mended it.
    await banner.waitFor({ state: 'detached' });
    await page.goto('/rules');
    await page.getByRole('switch', { name: 'Watch: Oven hot' }).click();
    await page.getByText('Oven hot watches').waitFor();
    await row.getByText('Stopped: a fault').waitFor({ state: 'detached' });
    await page.goto(`/rules/${id}`);
    await page.getByText('Version 3 is running.').waitFor();
    assert.equal(await banner.count(), 0);
    assert.deepEqual(complaints, []);
    await client.endAsync();
  } finally {
    child.kill();
    await exited;
  }
});

test('what is typed while a rule is saved stays, and is the next change', async () => {
  await using running = await startAppliance();
  const condition = { parameter: 'temperature', operator: 'gt', value: 80 };
  const person = await running.signIn();
  const { id } = (await person.call('POST', '/rules', { name: 'Oven hot', severity: 'high', condition })).body;
  await using opened = await openPage(browser, running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  for (const path of ['**/api/v1/rules/*', '**/api/v1/rules']) {
    await page.route(path, async (route) => {
      if (route.request().method() !== 'GET') await sleep(700);
      await route.continue();
    });
  }
  const name = page.getByLabel('Name', { exact: true });
  await page.goto(`/rules/${id}`);
  await name.fill('Oven');
  await page.getByRole('button', { name: /^Save/ }).click();
  await name.fill('Oven at night');
  await page.getByRole('button', { name: 'Save version 3' }).waitFor();
  assert.equal(await name.inputValue(), 'Oven at night');
  assert.equal((await person.get(`/rules/${id}`)).name, 'Oven');
  await page.getByRole('button', { name: 'Save version 3' }).click();
  await page.getByText('Version 3 is running.').waitFor();
  await page.getByRole('button', { name: 'More for Oven at night' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await name.fill('Press');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await name.fill('Press at night');
  await page.getByRole('button', { name: 'Save version 2' }).waitFor();
  assert.equal(await name.inputValue(), 'Press at night');
  await page.getByRole('button', { name: 'Discard' }).first().click();
  assert.equal(await name.inputValue(), 'Press');
  // The next new one begins with nothing of it.
  await page.goto('/rules');
  await page.getByRole('link', { name: 'New rule' }).click();
  assert.equal(await name.inputValue(), '');
  assert.deepEqual(complaints, []);
});
