import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const publish = async (
  connect: Awaited<ReturnType<typeof startAppliance>>['connect'],
  key: string,
  metrics: object,
) => {
  const client = await connect();
  await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ metrics }), { qos: 1 });
};

test('a device that publishes for the first time appears on the overview by itself, and its value moves', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await publish(appliance.connect, 'M01', { voltage: 231.4 });
  const machine = page.getByRole('link', { name: /^M01/ });
  await machine.getByText('231.4').waitFor();
  await publish(appliance.connect, 'M01', { voltage: 229.9 });
  await machine.getByText('229.9').waitFor();
  assert.deepEqual(complaints, []);
});

test('what the first page shows is asked for once, before the scripts are there', async () => {
  await using appliance = await startAppliance();
  await publish(appliance.connect, 'M01', { voltage: 231.4 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.route('**/assets/main-*.js', async (route) => {
    await page.waitForTimeout(300);
    await route.continue();
  });
  const early = ['/api/v1/auth/me', '/api/v1/dashboard/devices', '/api/v1/dashboard/summary'];
  const scripts = page.waitForResponse('**/assets/main-*.js');
  await page.reload();
  await scripts;
  assert.deepEqual(asked.filter((path) => early.includes(path)).toSorted(), early);
  await page.getByRole('link', { name: /^M01/ }).getByText('231.4').waitFor();
  assert.deepEqual(asked.filter((path) => early.includes(path)).toSorted(), early);
});

test('a value outside its limits stands first, with shape and word', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  await publish(appliance.connect, 'M01', { temperature: 95 });
  const [device] = (await person.get('/devices?key=M01')).items;
  await person.call('PATCH', `/devices/${device.id}/parameters/temperature`, { high_limit: 80, unit: '°C' });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  const row = page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem').first();
  await row.getByText('Above limit').waitFor();
  assert.match(await row.innerText(), /M01[\s\S]*temperature[\s\S]*95[\s\S]*°C[\s\S]*above 80/);
});

test('a lost appliance is said with the age of the values, and its return needs no reload', async () => {
  using directory = temporaryDirectory();
  const first = await startAppliance({ dataDir: directory.path });
  const port = Number(new URL(first.ready.http).port);
  await publish(first.connect, 'M01', { voltage: 1 });
  await using opened = await openPage(browser, first.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: /^M01/ }).waitFor();
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  await first[Symbol.asyncDispose]();
  const state = page.getByRole('banner').getByRole('status');
  await state.getByText(/Reconnecting… values are \d+ s old/).waitFor();
  await using second = await startAppliance({ dataDir: directory.path, flags: { 'http.port': port } });
  await state.getByText('Live', { exact: true }).waitFor();
  await publish(second.connect, 'M01', { voltage: 2 });
  await page.getByRole('link', { name: /^M01/ }).getByText('2', { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => 'isTheSamePage' in window), true);
});

test('switching the factory shows the other one, and nothing of the one before', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  await person.call('POST', '/factories', { name: 'Second', slug: 'zzz', timezone: 'Asia/Kolkata' });
  await publish(appliance.connect, 'M01', { voltage: 1 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: /^M01/ }).waitFor();
  await page.getByRole('button', { name: 'VPC Industries' }).click();
  await page.getByRole('menuitemradio', { name: /Second/ }).click();
  await page.getByText('No device has sent anything yet').waitFor();
  // The key stands in the command that is proposed; the device does not.
  assert.equal(await page.getByRole('link', { name: /^M01/ }).count(), 0);
  assert.match(await page.getByRole('banner').innerText(), /GMT\+5:30|IST/);
});

test('a chosen theme is there before the first paint of the next visit', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http, { colorScheme: 'light' });
  const { page } = opened;
  await signInBy(page);
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await background(), 'rgb(16, 19, 22)');
  await page.route('**/main-*.js', (route) => route.abort());
  await page.reload();
  assert.equal(await background(), 'rgb(16, 19, 22)', 'the application itself has not run');
});

test('the page can be installed, as an application with a name, and an icon that bears the number of alarms', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await page.goto('/');
  await page.getByLabel('Email').waitFor();
  const developer = await page.context().newCDPSession(page);
  const { data, errors } = await developer.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { name, display, icons } = JSON.parse(data ?? '');
  assert.deepEqual([name, display], ['FactoryOps', 'standalone']);
  for (const { src, type } of icons) {
    const answer = await fetch(appliance.ready.http + src);
    assert.equal(answer.headers.get('Content-Type'), type);
  }
  assert.deepEqual(complaints, []);
});

test('the keyboard reaches everything: skip link, menus by arrows, Esc gives the focus back', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await page.goto('/');
  await page.getByLabel('Email').waitFor();
  await page.keyboard.type('admin@vpc.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Admin@123');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to content');
  await page.getByRole('button', { name: /^Account/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menu', { name: 'Account' }).waitFor();
  await page.keyboard.press('End');
  assert.equal(await focused(), 'Sign out');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'As the system');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  assert.match((await focused()) ?? '', /^Account/);
});

test('a session that has ended elsewhere asks to sign in, and then shows the page that was asked for', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  const { page } = opened;
  await signInBy(page);
  await page.context().clearCookies();
  await page.goto('/devices');
  await page.getByLabel('Email').fill('admin@vpc.com');
  await page.getByLabel('Password').fill('Admin@123');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
});

test('the bar of a phone says where one is, with the rules as a part of the alarms', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  const { page } = opened;
  await signInBy(page);
  const marked = page.locator('.bottombar [aria-current="page"]');
  for (const [path, name] of [
    ['/', 'Overview'],
    ['/devices', 'Devices'],
    ['/alarms', 'Alarms'],
    ['/rules', 'Alarms'],
    ['/rules/new', 'Alarms'],
  ] as const) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(await marked.allInnerTexts(), [name], path);
  }
});

test('tabs that nobody looks at keep no connection, and catch up when they are looked at again', async () => {
  await using appliance = await startAppliance();
  await publish(appliance.connect, 'M01', { voltage: 231.4 });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: /^M01/ }).click();
  await page.getByRole('banner').getByRole('status').getByText('Live', { exact: true }).waitFor();
  await publish(appliance.connect, 'M01', { voltage: 230.7 });
  await page.getByRole('listitem').getByText('230.7').waitFor();
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  const setHidden = (isHidden: boolean) => {
    Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  const givenBack = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/stream'));
  await page.evaluate(setHidden, true);
  // More than the six connections that a browser has for all of its tabs.
  for (let tab = 0; tab < 6; tab++) {
    const other = await page.context().newPage();
    await other.addInitScript(() => Object.defineProperty(document, 'hidden', { value: true, configurable: true }));
    await other.goto('/');
    await other.getByRole('link', { name: /^M01/ }).waitFor();
  }
  await givenBack;
  await publish(appliance.connect, 'M01', { voltage: 229.9 });
  await page.evaluate(setHidden, false);
  await page.getByRole('listitem').getByText('229.9').waitFor();
  await page.getByText(/^Online ?(just now|[1-3] s ago)$/).waitFor();
  await page.getByRole('banner').getByRole('status').getByText('Live', { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => 'isTheSamePage' in window), true);
});

test('a part of the program that could not be fetched is fetched when the appliance is there again', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await publish(appliance.connect, 'M01', { voltage: 1 });
  await signInBy(page);
  await page.getByRole('link', { name: 'Devices', exact: true }).click();
  await page.route('**/assets/first-run-*', (route) => route.abort(), { times: 1 });
  await page.getByRole('link', { name: 'Connect a device' }).click();
  await page.getByText('The appliance does not answer').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Connect a device' }).waitFor();
});

test('on paper there is the page alone, dark on light, without what can only be clicked', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http, { colorScheme: 'dark' });
  const { page } = opened;
  await signInBy(page);
  await page.goto('/alarms?tab=quality');
  await page.getByText('Alarms a day').waitFor();
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['.strip', '.nav', '.skip', '.banners', '.main .btn']) {
    assert.equal(await page.locator(selector).first().isVisible(), false, selector);
  }
  assert.equal(await page.getByRole('heading', { level: 1, name: 'Alarms' }).isVisible(), true);
  assert.equal(await page.getByText('Alarms a day').isVisible(), true);
  const { scheme, left } = await page.evaluate(() => ({
    scheme: getComputedStyle(document.documentElement).colorScheme,
    left: document.querySelector('h1')?.getBoundingClientRect().left,
  }));
  assert.deepEqual({ scheme, left }, { scheme: 'light', left: 0 });
});
