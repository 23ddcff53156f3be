import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { signIn, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage } from '../support/browser.ts';

const OWNER = { email: 'anita@example.com', password: 'correct horse' } as const;
const NORTH = { factory_name: 'North', factory_slug: 'north', timezone: 'Europe/Berlin' } as const;
const HOUR_MS = 3_600_000;

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

/** Types into what has the focus, which has to be the field of this name; nothing is clicked. */
async function type(page: Page, field: string, value: string): Promise<void> {
  await page.locator(`[name="${field}"]:focus`).waitFor();
  await page.keyboard.type(value);
}

async function enterCode(page: Page, code: string | null): Promise<void> {
  await type(page, 'setup_code', code ?? '');
  await page.keyboard.press('Enter');
}

test('by keyboard alone, whoever holds the code owns the appliance and comes to the first device', async () => {
  await using appliance = await startAppliance({ seeded: false });
  await using opened = await openPage(browser, appliance.ready.http, { timezoneId: 'Asia/Calcutta' });
  const { page, complaints } = opened;
  await page.goto('/');
  await enterCode(page, String(appliance.ready.setup_code).toLowerCase().replace('-', ' '));
  await page.locator('input[name="start"]:checked:focus').waitFor();
  await page.keyboard.press('Enter');
  await type(page, 'email', OWNER.email);
  await page.keyboard.press('Tab');
  await type(page, 'password', 'correct');
  await page.keyboard.press('Tab');
  await type(page, 'factory_name', 'Werk Süd 2');
  assert.equal(await page.getByLabel('Short name').inputValue(), 'werk-sud-2');
  await page.keyboard.press('Enter');

  await page.getByText('7 characters. It needs at least 8.').waitFor();
  await page.keyboard.press('End');
  await type(page, 'password', ' horse');
  await page.keyboard.press('Enter');
  await heading(page, 'Connect a device');
  await page.getByText('Werk Süd 2 is ready').waitFor();
  assert.deepEqual(complaints, []);

  const { user, factory } = await (await signIn(appliance.ready.http, OWNER.email, OWNER.password)).get('/auth/me');
  assert.deepEqual([user.is_super_admin, factory.slug, factory.name], [true, 'werk-sud-2', 'Werk Süd 2']);
});

test('a short name is judged while it is typed, and shown where it will stand', async () => {
  await using appliance = await startAppliance({ seeded: false });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await page.goto('/');
  await enterCode(page, appliance.ready.setup_code);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Short name').fill('süd');
  await page.getByText('Only lower-case letters a to z').waitFor();
  await page.getByLabel('Short name').fill('sued');
  await page.getByText('factories/sued/…').waitFor();
  assert.equal(await page.getByText('Only lower-case letters a to z').count(), 0);
  await page.getByLabel('Time zone').selectOption('Asia/Kolkata');
  await page.getByText('UTC+05:30. It is').waitFor();
});

test('a wrong code is told at once, with the place where the right one stands', async () => {
  await using appliance = await startAppliance({ seeded: false });
  await using opened = await openPage(browser, appliance.ready.http);
  await opened.page.goto('/');
  await enterCode(opened.page, 'AAAA-AAAA');
  await opened.page.getByText('This is not the code. Look at the last line with "setup_code"').waitFor();
});

test('an expired code asks for a restart, and does not ask for anything else', async () => {
  let nowMs = Date.now();
  await using appliance = await startAppliance({ seeded: false, clock: { now: () => nowMs } });
  nowMs += 48 * HOUR_MS;
  await using opened = await openPage(browser, appliance.ready.http);
  await opened.page.goto('/?step=owner');
  await opened.page.getByText('The code has expired. Stop the appliance and start it again').waitFor();
  assert.equal(await opened.page.getByLabel('Email').count(), 0);
});

test('a restart in the middle keeps what was typed and asks for the new code', async () => {
  using directory = temporaryDirectory();
  const first = await startAppliance({ seeded: false, dataDir: directory.path });
  await using opened = await openPage(browser, first.ready.http);
  const { page } = opened;
  await page.goto('/');
  await enterCode(page, first.ready.setup_code);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByLabel('Factory name').fill('North');
  await first[Symbol.asyncDispose]();
  await page.getByText('The appliance does not answer').waitFor();

  const flags = { 'http.port': Number(new URL(first.ready.http).port) };
  await using second = await startAppliance({ seeded: false, dataDir: directory.path, flags });
  await page.getByText('The appliance has started again since').waitFor();
  await page.getByLabel('Setup code').fill(second.ready.setup_code ?? '');
  await page.keyboard.press('Enter');
  await heading(page, 'Who owns this appliance?');
  assert.equal(await page.getByLabel('Email').inputValue(), OWNER.email);
  await page.getByRole('button', { name: 'Create and go on' }).click();
  await heading(page, 'Connect a device');
});

test('who comes second is sent to the sign-in, where a wrong password loses nothing typed', async () => {
  await using appliance = await startAppliance({ seeded: false });
  const { http, setup_code } = appliance.ready;
  await using opened = await openPage(browser, http);
  const { page } = opened;
  await page.goto('/');
  await page.getByLabel('Setup code').waitFor();
  const body = JSON.stringify({ setup_code, ...OWNER, ...NORTH });
  await fetch(`${http}/api/v1/setup`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  await heading(page, 'This appliance is set up already');
  await page.getByRole('button', { name: 'Sign in' }).click();

  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill('wrong horse');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The email or the password is wrong.').waitFor();
  assert.equal(await page.getByLabel('Email').inputValue(), OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await heading(page, 'Overview');
});

test('a demo factory is there with its owner alone, and goes with one typed word', { timeout: 90_000 }, async () => {
  await using appliance = await startAppliance({ seeded: false });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await page.goto('/');
  await enterCode(page, appliance.ready.setup_code);
  await page.locator('input[name="start"]:checked:focus').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await type(page, 'email', OWNER.email);
  await page.keyboard.press('Tab');
  await type(page, 'password', OWNER.password);
  assert.equal(await page.getByLabel('Factory name').count(), 0);
  await page.keyboard.press('Enter');
  await heading(page, 'Overview');

  await page.getByText('This is a demo factory').waitFor();
  await page.getByRole('button', { name: 'Remove it…' }).click();
  const remove = page.getByRole('dialog').getByRole('button', { name: 'Remove' });
  assert.equal(await remove.isDisabled(), true);
  await page.getByLabel('Type demo to confirm').fill('demo');
  await remove.click();
  await heading(page, 'No factory is selected');
  const owner = await signIn(appliance.ready.http, OWNER.email, OWNER.password);
  assert.deepEqual((await owner.get('/factories')).items, []);

  await page.getByLabel('Factory name').fill('North');
  await page.getByRole('button', { name: 'Make factory' }).click();
  await heading(page, 'Overview');
  await page.getByRole('button', { name: /North/ }).waitFor();
  assert.deepEqual(complaints, []);
});

test('an owner makes a further factory from the menu; a taken short name is said beside its field', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await page.goto('/');
  await page.getByLabel('Email').fill('admin@vpc.com');
  await page.getByLabel('Password').fill('Admin@123');
  await page.keyboard.press('Enter');
  await heading(page, 'Overview');
  await page.getByRole('button', { name: /VPC Industries/ }).click();
  await page.getByRole('menuitem', { name: 'New factory…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Factory name').fill('VPC');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('Another factory has this short name').waitFor();
  await dialog.getByLabel('Short name').fill('vpc-2');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByText('No device has sent anything yet').waitFor();
  const person = await appliance.signIn();
  assert.deepEqual(
    (await person.get('/factories')).items.map(({ slug }: { slug: string }) => slug),
    ['vpc', 'vpc-2'],
  );
});
