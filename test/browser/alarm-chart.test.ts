import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually, startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { keepChartTexts } from './support/watched-page.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const hotAbove = (value: number) => ({ condition: { parameter: 'temperature', operator: 'gt', value } });

test('the chart of an alarm has the limit at which it was raised, after its rule was changed, and is gone', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  const client = await appliance.connect();
  const publish = (temperature: number) =>
    client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { temperature } }), {
      qos: 1,
    });
  await publish(20);
  const made = await person.call('POST', '/rules', { name: 'Bearing hot', severity: 'high', ...hotAbove(80) });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id } = made.body;
  await publish(91);
  const alarm = await eventually(async () => (await person.get(`/alerts?rule_id=${id}`)).items[0]);
  assert.equal((await person.call('PATCH', `/rules/${id}`, hotAbove(95))).status, 200);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  const isWritten = await keepChartTexts(page);
  await signInBy(page);
  for (const isGone of [false, true]) {
    if (isGone) assert.equal((await person.call('DELETE', `/rules/${id}`)).status, 204);
    await page.goto(`/alarms/${alarm.id}`);
    await page.locator('.u-over').first().waitFor();
    await eventually(async () => (await isWritten('above 80 · Bearing hot')) || undefined, 10_000);
    assert.equal(await isWritten('above 95 · Bearing hot'), false);
  }
  assert.deepEqual(complaints, []);
});
