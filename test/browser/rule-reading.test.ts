import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { join, PASSWORD } from '../support/isolation-world.ts';
import { pressed } from './support/rule-editor.ts';

test('who may not change a rule reads when it applies, when its alarm clears, and of what it is a consequence', async () => {
  await using browser = await openBrowser();
  await using it = await pressed();
  const { http } = it.appliance.ready;
  await join(http, it.person, 'anna@x.example', { role: 'viewer' });
  const condition = { parameter: 'temperature', operator: 'gt', value: 80 };
  const make = async (more: object): Promise<string> => {
    const body = { severity: 'high', condition, ...more };
    return (await it.person.call('POST', '/rules', body)).body.id;
  };
  const parent = await make({ name: 'Press off' });
  const rule = await make({
    name: 'Very hot',
    suppressed_by: [parent],
    note_required: true,
    cooldown_seconds: 300,
    schedule: {
      timezone: 'Europe/Berlin',
      windows: [
        { days: [1, 2], from: '06:00', to: '22:00' },
        { days: [6], from: '00:00', to: '00:00' },
      ],
      from_date: '2026-01-05',
    },
  });
  await using opened = await openPage(browser, http);
  const { page, complaints } = opened;
  await signInBy(page, 'anna@x.example', PASSWORD);
  await page.goto(`/rules/${parent}`);
  await page.getByText('Applies always.').waitFor();
  await page.getByText('The alarm clears as soon as the condition does not hold.', { exact: true }).waitFor();
  await page.goto(`/rules/${rule}`);
  await page
    .getByText('Applies Mo, Tu from 06:00 to 22:00; Sa the whole day, from the day 2026-01-05 (Europe/Berlin).')
    .waitFor();
  await page.getByText('does not hold. After that, no new one for 5 min.').waitFor();
  await page.getByText('while “Press off” fires on the same device.').waitFor();
  await page.getByText('Acknowledging needs a comment.').waitFor();
  assert.deepEqual(complaints, []);
});
