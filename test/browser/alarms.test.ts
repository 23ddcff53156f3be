import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { alarmPlant, change, PARENT, RULE, rule } from '../support/alarms.ts';
import { eventually, type Person, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { join, PASSWORD } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { countTones, keepBadge, keepChartTexts } from './support/watched-page.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

async function publish({ connect }: RunningAppliance, key: string, temperature: number): Promise<void> {
  const client = await connect();
  const message = JSON.stringify({ metrics: { temperature } });
  await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, message, { qos: 1 });
  await client.endAsync();
}

const hotRule = (more: object = {}) => ({
  name: 'Bearing hot',
  severity: 'high',
  condition: { parameter: 'temperature', operator: 'gt', value: 80 },
  guidance: 'Stop the pump, and look at the bearing.',
  ...more,
});

async function makeRule(person: Person, more: object = {}): Promise<void> {
  const { status, body } = await person.call('POST', '/rules', hotRule(more));
  assert.equal(status, 201, JSON.stringify(body));
}

const strip = (page: Page) => page.getByRole('banner');
const rows = (page: Page) => page.locator('.al__table tbody tr[data-row]');
const box = (page: Page, number: number) => page.getByLabel(`Select alarm ${number}`, { exact: true });

test('an alarm over MQTT is heard and seen at once, acknowledged with a note, shelved, found in the history, exported', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  await publish(appliance, 'M01', 20);
  await makeRule(person, { note_required: true });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  const tones = await countTones(page);
  const badge = await keepBadge(page);
  const isWritten = await keepChartTexts(page);
  const icon = page.locator('link[rel=icon]');
  await signInBy(page);
  await strip(page).getByText('No alarms').click();
  await page.getByText('No alarm is open').waitFor();
  await page.getByRole('button', { name: 'Sound off' }).click();
  await page.getByRole('button', { name: 'Sound on' }).waitFor();
  const before = await tones();
  assert.ok(before > 0, 'it is heard once when it is turned on');
  // What sounds in the first seconds after that would be taken for the same.
  await page.waitForTimeout(3_100);

  await publish(appliance, 'M01', 91);
  await strip(page)
    .getByRole('link', { name: /High.*M01.*Bearing hot: temperature is 91/ })
    .waitFor();
  await strip(page).getByRole('link', { name: '1 high', exact: true }).waitFor();
  await rows(page).getByText('Unacknowledged').waitFor();
  assert.match(await page.title(), /^\(1\) Alarms/);
  assert.equal(await badge(), 1);
  const marked = (await icon.getAttribute('href')) ?? '';
  assert.equal((await page.request.get(marked)).headers()['content-type'], 'image/svg+xml');
  await page.waitForFunction((count) => (window as unknown as { tones: number }).tones > count, before);

  // By keyboard alone: to the row, acknowledge, the note that the rule asks for.
  await page.locator('h1').focus();
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  const note = page.getByRole('dialog', { name: 'Acknowledge with a note' });
  await note.getByText('The rule of this alarm asks for a note.').waitFor();
  await note.getByRole('button', { name: 'Acknowledge' }).click();
  await note.waitFor();
  await note.getByLabel('Note').fill('On my way');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('status').getByText('1 alarm acknowledged').waitFor();
  await rows(page).getByText('Acknowledged', { exact: true }).waitFor();
  assert.match(await page.title(), /^Alarms/);
  assert.equal(await badge(), 0);
  assert.notEqual(await icon.getAttribute('href'), marked);

  await rows(page).first().focus();
  await page.keyboard.press('s');
  const shelve = page.getByRole('dialog', { name: 'Shelve this alarm' });
  await shelve.getByText('8 hours').click();
  await shelve.getByLabel('Reason').fill('Grease is ordered');
  await page.keyboard.press('Enter');
  await page.getByText('No alarm is open').waitFor();
  await page.getByRole('link', { name: /^Shelved/ }).click();
  await page.getByText('Grease is ordered').waitFor();
  await page.getByText(/^7:5\d:\d\d left$/).waitFor();
  await page.getByRole('button', { name: 'Unshelve' }).click();
  await page.getByText('Nothing is shelved').waitFor();

  await page.getByRole('link', { name: 'History', exact: true }).click();
  await page.getByLabel('Search alarms').fill('no such thing');
  await page.getByText('No alarm is like this').waitFor();
  await page.getByLabel('Search alarms').fill('bearing');
  await rows(page).getByText('#1').waitFor();
  assert.match(page.url(), /tab=history&q=bearing/);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const csv = (await readFile(await (await downloading).path(), 'utf8')).trim().split('\r\n');
  assert.equal(csv.length, 2);
  assert.match(csv[1] ?? '', /^1,high,acknowledged,M01,Bearing hot,/);

  await rows(page).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Alarm 1' }).waitFor();
  for (const words of ['On my way', 'Grease is ordered', 'Raised as high', 'Taken from the shelf']) {
    await page.locator('.al__timeline').getByText(words).waitFor();
  }
  await page.getByText('Stop the pump, and look at the bearing.').waitFor();
  await page.locator('.u-over').first().waitFor();
  await eventually(async () => (await isWritten('above 80 · Bearing hot')) || undefined, 10_000);
  await page.getByLabel('What did you see or do?').fill('Bearing greased');
  await page.keyboard.press('Enter');
  await page.getByRole('list').getByText('Bearing greased').waitFor();
  await publish(appliance, 'M01', 30);
  await page.getByText('Closed by being acknowledged').waitFor();
  await page.getByRole('link', { name: 'Open in trends' }).click();
  await page.getByRole('heading', { level: 1, name: 'Trends' }).waitFor();
  assert.match(page.url(), /s=M01(:|%3A)temperature.*from=.*to=/);
  assert.deepEqual(complaints, []);
});

test('several alarms are chosen by a range of checkboxes or keys, and acknowledged or shelved together, with a way back', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  for (const [place, severity] of (['low', 'critical', 'medium', 'high', 'high'] as const).entries()) {
    const device = await plant.device(`M0${place + 1}`);
    await plant.report(device, t, t + 20_000, [change(t + 1_000 * (place + 1), severity)]);
  }
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/alarms');
  await rows(page).nth(4).waitFor();
  const order = await rows(page).locator('.al__words a').allInnerTexts();
  assert.deepEqual(order, ['M02', 'M05', 'M04', 'M03', 'M01'], 'by severity, then the newest');

  await box(page, 5).click();
  await box(page, 3).click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  assert.equal(await box(page, 4).isChecked(), true);
  await page.keyboard.press('Escape');
  await page.getByText('5 alarms', { exact: true }).waitFor();

  await rows(page).first().focus();
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('3 selected').waitFor();
  await page.getByRole('toolbar').getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByRole('status').getByText('3 alarms acknowledged').waitFor();
  await page.getByText('5 open, 2 unacknowledged').waitFor();

  await page.getByLabel('Select all').click();
  await page.getByText('5 selected').waitFor();
  await page.getByRole('button', { name: 'Shelve…' }).click();
  const shelve = page.getByRole('dialog', { name: 'Shelve 5 alarms' });
  await shelve.getByRole('button', { name: 'Shelve', exact: true }).click();
  await shelve.getByText('Say why').waitFor();
  await shelve.getByText('Until it is back to normal').click();
  await shelve.getByLabel('Reason').fill('Known');
  await shelve.getByRole('button', { name: 'Shelve', exact: true }).click();
  await page.getByText('No alarm is open').waitFor();
  await strip(page).getByText('No alarms').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await rows(page).nth(4).waitFor();
  assert.deepEqual(complaints, []);
});

test('filters stand in the address, and what they leave out is not acted on', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  for (const [place, severity] of (['low', 'critical', 'high'] as const).entries()) {
    const device = await plant.device(`M0${place + 1}`);
    await plant.report(device, t, t + 20_000, [change(t + 1_000, severity)]);
  }
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/alarms?severity=critical,high');
  await rows(page).nth(1).waitFor();
  assert.equal(await rows(page).count(), 2);
  await page.getByLabel('Select all').click();
  await page.getByLabel('Device').selectOption('M03');
  await page.getByText('1 selected').waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('toolbar').getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByRole('status').getByText('1 alarm acknowledged').waitFor();
  await page.reload();
  await rows(page).getByText('M03').waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await rows(page).nth(2).waitFor();
  await strip(page).getByRole('link', { name: '1 critical', exact: true }).click();
  await rows(page).getByText('M02').waitFor();
  assert.equal(await rows(page).count(), 1);
});

test('a viewer sees alarms, and is offered nothing to do with them', async () => {
  await using plant = await alarmPlant();
  const { running, person } = plant;
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'critical')]);
  await join(running.ready.http, person, 'viewer@a.example', { role: 'viewer' });
  await using opened = await openPage(browser, running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page, 'viewer@a.example', PASSWORD);
  await page.goto('/alarms');
  await rows(page).first().waitFor();
  assert.equal(await page.getByRole('checkbox').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Acknowledge' }).count(), 0);
  await rows(page).first().focus();
  await page.keyboard.press('a');
  await page.keyboard.press('s');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Alarm 1' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /Acknowledge|Shelve|look after/ }).count(), 0);
  assert.equal(await page.getByLabel('What did you see or do?').count(), 0);
  await page.goto('/alarms?tab=maintenance');
  await page.getByText('No device is in maintenance').waitFor();
  assert.equal(await page.getByRole('button', { name: 'New window…' }).count(), 0);
  assert.deepEqual(complaints, []);
});

test('a thousand open alarms are a list of which only what is in sight exists, and are acknowledged at once', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const severities = ['low', 'medium', 'high', 'critical'] as const;
  const keys = Array.from({ length: 1_000 }, (_, place) => `M${String(place).padStart(4, '0')}`);
  const client = await plant.running.connect();
  await Promise.all(
    keys.map((key) =>
      client.publishAsync(`factories/vpc/devices/${key}/telemetry`, '{"metrics":{"temperature":20}}', { qos: 1 }),
    ),
  );
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await plant.person.get(`/devices?limit=500${cursor}`);
    // Those of the seed are others.
    ids.push(...page.items.flatMap(({ id, key }: Json) => (keys.includes(key) ? [id] : [])));
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/alarms');
  await page.getByText('No alarm is open').waitFor();
  await plant.alarms.apply(
    1,
    ids.map((deviceId, place) => ({
      factoryId: 1,
      ruleId: RULE,
      ruleVersion: 1,
      deviceId,
      since: t,
      until: t + 5_000,
      transitions: [change(t + 1 + place, severities[place % 4] ?? 'low')],
    })),
  );
  await page.getByText('1,000 open, 1,000 unacknowledged').waitFor();
  await page.getByText('1,000 alarms', { exact: true }).waitFor();
  assert.ok((await rows(page).count()) < 120, 'only what is near the screen is drawn');
  await rows(page).first().focus();
  await page.keyboard.press('End');
  await page.locator('tr[data-row="999"]:focus').waitFor();
  await page.getByLabel('Select all').click();
  await page.getByText('1,000 selected').waitFor();
  await page.getByRole('toolbar').getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByRole('status').getByText('1,000 alarms acknowledged').waitFor();
  await page.getByText('1,000 open, 0 unacknowledged').waitFor();
  assert.deepEqual(complaints, []);
});

test('what an alarm says is read to its end in a list, in a row as high as any other', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  plant.rules.set(PARENT, rule(PARENT, { name: 'Press loses its working temperature' }));
  // The last row of a list has no line below it: the one that is long is not that one.
  for (const [place, key] of ['M01', 'press-01', 'M02'].entries()) {
    const at = t + place * 1_000;
    await plant.report(await plant.device(key), at - 1, at, [change(at, 'high')], key === 'press-01' ? PARENT : RULE);
  }
  // It has no button any more.
  await plant.person.call('POST', '/alerts/acknowledge', { ids: [(await plant.person.get('/alerts')).items[1].id] });
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page } = opened;
  await signInBy(page);
  for (const path of ['/alarms', '/alarms?tab=history']) {
    await page.goto(path);
    await rows(page).nth(2).waitFor();
    const cut = await page
      .locator('.al__words')
      .evaluateAll((all) => all.filter((each) => each.scrollHeight > each.clientHeight + 1).length);
    const wide = await page
      .locator('.al__what')
      .evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).length);
    assert.deepEqual([cut, wide], [0, 0]);
    const heights = await rows(page).evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    assert.equal(new Set(heights).size, 1, String(heights));
  }
  await page.setViewportSize(PHONE);
  await page.goto('/alarms');
  await rows(page).nth(2).waitFor();
  const heights = await rows(page).evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
  // The last has no line below it.
  assert.equal(heights[0], heights[1]);
});

test('what was missed while the line was lost is there when it comes back', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const [one, other] = [await plant.device('M01'), await plant.device('M02')];
  await plant.report(one, t, t + 20_000, [change(t + 1_000, 'medium')]);
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/alarms');
  await rows(page).getByText('M01').waitFor();
  await page.context().setOffline(true);
  await page.evaluate(() => window.stop());
  await strip(page)
    .getByText(/Reconnecting/)
    .waitFor({ timeout: 60_000 });
  await plant.report(other, t, t + 20_000, [change(t + 2_000, 'critical')]);
  await page.context().setOffline(false);
  await strip(page)
    .getByRole('link', { name: /Critical.*M02/ })
    .waitFor();
  await rows(page).getByText('M02').waitFor();
});

test('an alarm that is raised after the list was read, and before the stream was open, is in the list', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  await publish(appliance, 'M01', 20);
  await makeRule(person);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  const raised = Promise.withResolvers<void>();
  await page.route('**/api/v1/stream', async (route) => {
    await raised.promise;
    await route.continue();
  });
  await page.goto('/alarms');
  await page.getByText('No alarm is open').waitFor();
  await publish(appliance, 'M01', 91);
  await eventually(async () => (await person.get('/alerts?status=active')).items.length > 0 || undefined);
  raised.resolve();
  await rows(page)
    .getByText(/temperature is 91/)
    .waitFor();
  assert.deepEqual(complaints, []);
});

test('the overview begins with the worst open alarms, as long as there are any, and follows what becomes of them', async () => {
  await using plant = await alarmPlant();
  const { person, running } = plant;
  const t = Date.now() - 60_000;
  await using opened = await openPage(browser, running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  const listed = page.locator('.panel', { has: page.getByRole('heading', { name: 'Open alarms' }) });
  assert.equal(await listed.count(), 0);
  const raise = async (key: string, severity: 'low' | 'high' | 'critical', at: number) =>
    plant.report(await plant.device(key), t, t + 20_000, [change(t + at, severity)]);
  for (let number = 1; number <= 7; number++) await raise(`M0${number}`, number === 3 ? 'high' : 'low', number * 1_000);
  const alarm = listed.getByRole('listitem');
  await listed.getByText('And 1 more alarm.').waitFor();
  await page.getByText(/^7 alarms open, /).waitFor();
  const worst = 'M03 M07 M06 M05 M04 M02';
  await eventually(async () => (await alarm.getByRole('link').allInnerTexts()).join(' ') === worst || undefined);
  await raise('M08', 'critical', 9_000);
  await alarm.first().getByText('M08').waitFor();
  await alarm.first().getByRole('button', { name: 'Acknowledge' }).click();
  await alarm.first().getByText('Acknowledged', { exact: true }).waitFor();
  for (const { id } of (await person.get('/alerts?limit=500')).items) {
    await person.call('POST', `/alerts/${id}/shelve`, { minutes: 60, one_shot: false, reason: 'known' });
  }
  await listed.waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
});

test('devices are put into maintenance, their alarms are kept from people, and the window is ended', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 60_000;
  const device = await plant.device('M01');
  await plant.report(device, t, t + 20_000, [change(t + 1_000, 'high')]);
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/alarms?tab=maintenance');
  await page.getByRole('button', { name: 'New window…' }).click();
  const dialog = page.getByRole('dialog', { name: 'New maintenance window' });
  await dialog.getByRole('button', { name: 'Make window' }).click();
  await dialog.getByText('Choose a device or a tag.').waitFor();
  await dialog.getByLabel('Devices').fill('M01');
  await dialog.getByRole('button', { name: 'Without M01' }).waitFor();
  await dialog.getByLabel('Reason').fill('Bearings are changed');
  await dialog.getByLabel('Ends').selectOption('When it is ended: out of service');
  await dialog.getByRole('button', { name: 'Make window' }).click();
  await page.getByRole('cell', { name: 'when it is ended' }).waitFor();
  await strip(page).getByText('No alarms').waitFor();
  await page.getByRole('link', { name: /^Shelved/ }).click();
  await page.getByText('Out of service, or in maintenance').waitFor();
  await page.getByRole('link', { name: 'Maintenance' }).click();
  await page.getByRole('button', { name: 'What to do with Bearings are changed' }).click();
  await page.getByRole('menuitem', { name: 'End now' }).click();
  await page.getByRole('cell', { name: 'Over' }).waitFor();
  await strip(page)
    .getByRole('link', { name: /High.*M01/ })
    .waitFor();
  assert.deepEqual(complaints, []);
});

test('the quality of alarms is judged by the standards, with what to mend first', async () => {
  await using plant = await alarmPlant();
  const t = Date.now() - 3_600_000;
  const device = await plant.device('M01');
  const flaps = Array.from({ length: 60 }, (_, n) => [
    change(t + n * 10_000, 'high'),
    change(t + n * 10_000 + 5_000, null),
  ]).flat();
  await plant.report(device, t - 1, t + 900_000, flaps);
  await using opened = await openPage(browser, plant.running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/alarms?tab=quality');
  const figure = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
  await figure('Most alarms in ten minutes').getByText('Poor').waitFor();
  await figure('Alarms a day').getByText('Good', { exact: true }).waitFor();
  await page.getByRole('img', { name: /Alarms in each ten minutes of the last 24 hours/ }).waitFor();
  await page.getByRole('row', { name: /M01 Bearing hot 60 100/ }).waitFor();
  await page.getByRole('button', { name: '7 days' }).click();
  await page.waitForURL(/days=7/);
});

for (const look of [
  { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { viewport: PHONE, colorScheme: 'light' },
  { viewport: PHONE, colorScheme: 'dark' },
] as const) {
  test(`no page of alarms keeps anybody out or scrolls sideways (${look.viewport.width} px, ${look.colorScheme})`, async () => {
    await using plant = await alarmPlant();
    const { person } = plant;
    const t = Date.now() - 600_000;
    const [one, other] = [
      await plant.device('M01'),
      await plant.device('a-key-that-is-as-long-as-the-key-of-a-device-may-be'),
    ];
    await plant.report(one, t, t + 20_000, [change(t + 1_000, 'critical')]);
    await plant.report(other, t, t + 20_000, [change(t + 1_000, 'medium'), change(t + 9_000, null)]);
    const third = await plant.device('M03');
    await plant.report(third, t, t + 20_000, [change(t + 2_000, 'low')]);
    const [low, , critical] = (await person.get('/alerts')).items;
    await person.call('POST', `/alerts/${low.id}/shelve`, { minutes: 60, one_shot: true, reason: 'known '.repeat(40) });
    await person.call('POST', `/alerts/${critical.id}/comment`, { comment: 'a-long-word-'.repeat(30) });
    await person.call('POST', '/maintenance-windows', { device_ids: [third], reason: 'Oil '.repeat(60) });
    await using opened = await openPage(browser, plant.running.ready.http, { ...look, reducedMotion: 'reduce' });
    const { page, complaints } = opened;
    await signInBy(page);
    const check = async (what: string) => {
      assert.deepEqual(await barriers(page), [], what);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(over, 0, what);
    };
    await page.locator('.al__row').nth(1).waitFor();
    await check('overview');
    const tabs = ['', '?tab=shelved', '?tab=history', '?tab=quality', '?tab=maintenance'];
    for (const path of [...tabs, `/${critical.id}`, `/${low.id}`, '/nowhere']) {
      await page.goto(`/alarms${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForFunction(() => document.querySelector('.skel') === null);
      await check(path);
    }
    await page.goto('/alarms');
    await page.getByRole('checkbox').nth(1).click();
    await page.getByRole('button', { name: 'Shelve…' }).click();
    await check('shelve dialog');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'With note…' }).click();
    await check('note dialog');
    await page.goto('/alarms?tab=maintenance');
    await page.getByRole('button', { name: 'New window…' }).click();
    await check('window dialog');
    assert.deepEqual(complaints, []);
  });
}
