import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SEED } from '../../src/accounts/accounts.ts';
import { eventually } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import {
  act,
  chooseParameter,
  focusIs,
  keysOn,
  pressed,
  pressHistory,
  ruleNamed,
  tabTo,
  word,
} from './support/rule-editor.ts';
import { countTones, drawnBands } from './support/watched-page.ts';

/** From a rule that somebody makes to the file with its alarm, in one piece: by clicks alone, and by keys alone. */

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const CONDITION = {
  all: [
    { parameter: 'temperature', operator: 'gt', value: 80, hysteresis: 3, for_seconds: 2 },
    {
      any: [
        { parameter: 'running', operator: 'eq', value: true },
        { parameter: 'vibration', operator: 'gte', value: 4.5 },
      ],
    },
  ],
};

/** Two presses: M01 was hot twice, M02 three times. */
async function twoPresses() {
  const it = await pressed();
  await it.publish(pressHistory([30, 90, 150]), 'M02');
  await eventually(async () => ((await it.person.get('/devices?key=M02')).items.length > 0 ? true : undefined));
  return it;
}

type Pressed = Awaited<ReturnType<typeof pressed>>;

const fired = (page: Page) => page.locator('.rl__fired:not(.is-old)');
/** Waits until the replay has counted so many, and they stand in the chart. */
async function replayIs(page: Page, count: number, device: string): Promise<void> {
  await fired(page)
    .filter({ hasText: count === 0 ? `not once on ${device}` : `times on ${device}` })
    .locator('b', { hasText: new RegExp(`^${count}$`) })
    .waitFor();
  await eventually(async () => (await drawnBands(page, 'high')) === count || undefined, 10_000);
}

const strip = (page: Page) => page.getByRole('banner');
const rows = (page: Page) => page.locator('.al__table tbody tr[data-row]');
const HOT = { metrics: { temperature: 91, running: true, vibration: 2 } };
/** Below the limit, and within the deadband. */
const COOLER = { metrics: { temperature: 78.5 } };
const COOL = { metrics: { temperature: 70 } };

/** The rule is there as it was built; it trips, and that is seen and heard. */
async function trip(page: Page, it: Pressed, tones: () => Promise<number>): Promise<void> {
  assert.deepEqual((await ruleNamed(it.appliance, 'Press hot')).condition, CONDITION);
  const before = await tones();
  await it.publish(HOT);
  await strip(page)
    .getByRole('link', { name: /High.*M01.*Press hot: temperature is 91/ })
    .waitFor();
  await eventually(async () => ((await tones()) > before ? true : undefined));
}

/** What is shelved is counted down. */
async function seeCountdown(page: Page): Promise<void> {
  const left = page.getByText(/^7:5\d:\d\d left$/);
  await left.waitFor();
  const first = await left.innerText();
  await eventually(async () => ((await left.innerText()) < first ? true : undefined));
}

/** The file, told by its head: each line by the names of its columns. */
async function linesOf(path: string): Promise<Record<string, string>[]> {
  const [head = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\r\n');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(head.split(',').map((name, at) => [name, cells[at] ?? '']));
  });
}

async function checkFile(page: Page, download: () => Promise<void>): Promise<void> {
  const downloading = page.waitForEvent('download');
  await download();
  const file = await downloading;
  assert.match(file.suggestedFilename(), /^alarms-\d{4}-\d\d-\d\d\.csv$/);
  const lines = await linesOf(await file.path());
  assert.equal(lines.length, 1);
  const { number, severity, status, device_key, rule_name, parameter, value, acknowledged_by, ...rest } =
    lines[0] ?? {};
  assert.deepEqual(
    { number, severity, status, device_key, rule_name, parameter, value, acknowledged_by },
    {
      number: '1',
      severity: 'high',
      status: 'acknowledged',
      device_key: 'M01',
      rule_name: 'Press hot',
      parameter: 'temperature',
      value: '91',
      acknowledged_by: SEED.userName,
    },
  );
  assert.equal(rest.cleared_at, '');
  assert.ok(Date.parse(rest.shelved_until ?? '') > Date.parse(rest.raised_at ?? ''));
}

test('by clicks alone: a nested rule is built, its replay seen, it trips, and its alarm is followed to the export', async () => {
  await using it = await twoPresses();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  const tones = await countTones(page);
  await signInBy(page);
  await strip(page).getByText('No alarms').click();
  await page.getByRole('button', { name: 'Sound off' }).click();
  await page.getByRole('button', { name: 'Sound on' }).waitFor();

  await page.getByRole('link', { name: 'Rules' }).first().click();
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Press hot');
  await chooseParameter(page, 0, 'temperature');
  await word(page, 0, 'value').fill('80');
  await page.locator('.rl__on select').selectOption({ label: 'M02' });
  await page.getByRole('button', { name: '1 day' }).click();
  await replayIs(page, 3, 'M02');
  await word(page, 0, 'value').fill('95');
  await replayIs(page, 0, 'M02');
  await word(page, 0, 'value').fill('80');
  await act(page, 0, 'Only when it lasts');
  await word(page, 0, 'forSeconds').fill('2 s');
  await act(page, 0, 'Deadband: until it is clearly over');
  await word(page, 0, 'hysteresis').fill('3');
  await page.getByRole('button', { name: 'Add a group' }).click();
  await chooseParameter(page, 2, 'running');
  await page.getByRole('button', { name: 'Add a condition' }).first().click();
  await chooseParameter(page, 3, 'vibration');
  await word(page, 3, 'operator').click();
  await page.getByRole('menuitemradio', { name: 'is at least', exact: true }).click();
  await word(page, 3, 'value').fill('4.5');
  await replayIs(page, 3, 'M02');
  await page.locator('.rl__on select').selectOption({ label: 'M01' });
  await replayIs(page, 2, 'M01');
  await page.getByLabel('Acknowledging needs a comment').click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Version 1 is running.').waitFor();
  await trip(page, it, tones);
  await strip(page).getByRole('button', { name: 'Acknowledge' }).click();
  const note = page.getByRole('dialog', { name: 'Acknowledge with a note' });
  await note.getByText('The rule of this alarm asks for a note.').waitFor();
  await note.getByLabel('Note').fill('On my way');
  await note.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByRole('status').getByText('1 alarm acknowledged').waitFor();

  await strip(page).getByRole('link', { name: '1 high', exact: true }).click();
  await page.getByLabel('Select alarm 1').click();
  await page.getByRole('button', { name: 'Shelve…' }).click();
  const shelve = page.getByRole('dialog', { name: 'Shelve this alarm' });
  await shelve.getByText('8 hours').click();
  await shelve.getByLabel('Reason').fill('Grease is ordered');
  await shelve.getByRole('button', { name: 'Shelve', exact: true }).click();
  await strip(page).getByText('No alarms').waitFor();
  await page.getByRole('link', { name: /^Shelved/ }).click();
  await page.getByText(/Grease is ordered/).waitFor();
  await seeCountdown(page);

  await page.getByRole('link', { name: 'History', exact: true }).click();
  await page.getByLabel('Search alarms').fill('press');
  await rows(page).getByText('#1').waitFor();
  await checkFile(page, () => page.getByRole('link', { name: 'Download CSV' }).click());
  await rows(page).getByRole('link', { name: 'M01' }).click();
  await page.getByRole('heading', { level: 1, name: 'Alarm 1' }).waitFor();
  const timeline = page.locator('.al__timeline');
  for (const words of ['Raised as high', 'On my way', 'Grease is ordered']) await timeline.getByText(words).waitFor();
  await it.publish(COOLER);
  await it.publish(COOL);
  await timeline.getByText('70.0 °C').waitFor();
  assert.equal(await timeline.getByText('78.5 °C').count(), 0);
  assert.deepEqual(complaints, []);
});

test('by keys alone: the same, from signing in to the export', async () => {
  await using it = await twoPresses();
  await using opened = await openPage(browser, it.appliance.ready.http);
  const { page, complaints } = opened;
  const tones = await countTones(page);
  const { keyboard } = page;
  const { press, open } = keysOn(page);
  /** Goes to a place of the main navigation. */
  const goTo = async (href: string, title: string) => {
    await tabTo(page, `.nav a[href="${href}"]`);
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  };
  await page.goto('/');
  await page.getByLabel('Email').waitFor();
  await tabTo(page, 'input[type=email]');
  await keyboard.type(SEED.email);
  await press('Tab');
  await keyboard.type(SEED.password);
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await goTo('/alarms', 'Alarms');
  await tabTo(page, '.head__actions button');
  await press('Enter');
  await page.getByRole('button', { name: 'Sound on' }).waitFor();

  await goTo('/rules', 'Rules');
  await tabTo(page, 'a[href="/rules/new"]');
  await press('Enter');
  await page.getByLabel('Name', { exact: true }).waitFor();
  await tabTo(page, 'input[maxlength="100"]');
  await keyboard.type('Press hot');
  await tabTo(page, '[data-token="parameter"]');
  await open();
  await keyboard.type('temper');
  await page.getByRole('button', { name: /^temperature/ }).waitFor();
  await press('Enter');
  await focusIs(page, '0 parameter');
  await press('ArrowRight', 'ArrowRight');
  await keyboard.type('80');
  await tabTo(page, '.rl__on select');
  await keyboard.type('M02');
  await fired(page).getByText('times on M02').waitFor();
  await tabTo(page, '.rl__replay .seg button', 'Shift+Tab');
  // The last of the three is the first that one comes to from behind.
  await press('Shift+Tab', 'Shift+Tab', 'Enter');
  await replayIs(page, 3, 'M02');
  await tabTo(page, '[data-token="value"]', 'Shift+Tab');
  await press('Control+a');
  await keyboard.type('95');
  await replayIs(page, 0, 'M02');
  await press('Control+a');
  await keyboard.type('80');
  await tabTo(page, '[data-token="menu"]');
  await open('ArrowDown', 'Enter');
  await page.locator('[data-token="forSeconds"]:focus').waitFor();
  await press('Control+a');
  await keyboard.type('2 s');
  await tabTo(page, '[data-token="menu"]');
  await open('ArrowDown', 'ArrowDown', 'Enter');
  await page.locator('[data-token="hysteresis"]:focus').waitFor();
  await keyboard.type('3');
  await tabTo(page, 'button[aria-label="Add a group"]');
  await press('Enter');
  await focusIs(page, '2 parameter');
  await open();
  await keyboard.type('running');
  await press('Enter');
  await tabTo(page, 'button[aria-label="Add a condition"]');
  await press('Enter');
  await focusIs(page, '3 parameter');
  await open();
  await keyboard.type('vibration');
  await press('ArrowDown', 'Enter');
  await focusIs(page, '3 parameter');
  await press('ArrowRight');
  await open('ArrowDown', 'Enter');
  await focusIs(page, '3 operator');
  await press('ArrowRight');
  await keyboard.type('4.5');
  await replayIs(page, 3, 'M02');
  await tabTo(page, '.rl__check input');
  await press('Space');
  await tabTo(page, '.head__actions .btn--primary', 'Shift+Tab');
  await press('Enter');
  await page.getByText('Version 1 is running.').waitFor();
  await trip(page, it, tones);
  await tabTo(page, '.strip__top', 'Shift+Tab');
  await press('Tab');
  await page.locator('.strip__ack button:focus').waitFor();
  await press('Enter');
  await page.getByRole('dialog', { name: 'Acknowledge with a note' }).waitFor();
  await page.locator('dialog textarea:focus').waitFor();
  await keyboard.type('On my way');
  await press('Control+Enter');
  await page.getByRole('status').getByText('1 alarm acknowledged').waitFor();

  await goTo('/alarms', 'Alarms');
  await rows(page).first().waitFor();
  await press('j', 's');
  await page.getByRole('dialog', { name: 'Shelve this alarm' }).waitFor();
  await page.locator('dialog input[type=radio]:checked:focus').waitFor();
  await press('ArrowDown', 'Tab');
  await keyboard.type('Grease is ordered');
  await press('Enter');
  await strip(page).getByText('No alarms').waitFor();
  await tabTo(page, '.tabs a[href$="tab=shelved"]');
  await press('Enter');
  await page.getByText(/Grease is ordered/).waitFor();
  await seeCountdown(page);

  await tabTo(page, '.tabs a[href$="tab=history"]');
  await press('Enter');
  await rows(page).getByText('#1').waitFor();
  await tabTo(page, 'input[type=search]');
  await keyboard.type('press');
  await page.waitForURL(/q=press/);
  await rows(page).getByText('#1').waitFor();
  await tabTo(page, '.download a');
  await checkFile(page, () => press('Enter'));
  await tabTo(page, '.al__table tr', 'Shift+Tab');
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Alarm 1' }).waitFor();
  for (const words of ['Raised as high', 'On my way', 'Grease is ordered']) {
    await page.locator('.al__timeline').getByText(words).waitFor();
  }
  assert.deepEqual(complaints, []);
});
