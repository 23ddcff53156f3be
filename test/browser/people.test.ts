import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { personWith, type RunningAppliance, signIn, startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const PASSWORD = 'correct horse';
const STEP_MS = 30_000;

/** Somebody who has come in by a link, without the pages. */
async function member(
  { ready: { http }, signIn: signInOwner }: RunningAppliance,
  email: string,
  role: 'viewer' | 'operator' | 'admin',
  permissions: readonly string[] = [],
) {
  const owner = await signInOwner();
  const { body } = await owner.call('POST', '/invites', { email, role, permissions });
  const token = body.link.path.split('#')[1];
  const answer = await fetch(`${http}/api/v1/invites/accept`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, name: email.split('@')[0], password: PASSWORD }),
  });
  assert.equal(answer.status, 200);
}

const publish = async ({ connect }: RunningAppliance) => {
  const client = await connect();
  const topic = 'factories/vpc/devices/M01/telemetry';
  await client.publishAsync(topic, JSON.stringify({ metrics: { voltage: 231.4 } }), { qos: 1 });
  await client.publishAsync(topic, 'not JSON', { qos: 1 });
};

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const choose = async (page: Page, name: string, action: string) => {
  await page.getByRole('button', { name: `What to do with ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
};
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

/** What stands on the page as a link that works once. */
const shownLink = async (page: Page): Promise<string> =>
  (await page.getByRole('dialog').getByRole('region', { name: 'Link' }).innerText()).trim();

test('who is invited comes in by the link, sees what a viewer may, and nothing that only others may do', async () => {
  await using appliance = await startAppliance();
  await publish(appliance);
  await using ours = await openPage(browser, appliance.ready.http);
  await signInBy(ours.page);
  await ours.page.goto('/settings/users');
  await ours.page.getByRole('button', { name: 'Invite…' }).click();
  await ours.page.getByLabel('Email').fill('vera@example.com');
  await ours.page.keyboard.press('Enter');
  await ours.page.getByRole('heading', { name: 'vera@example.com is invited' }).waitFor();
  await ours.page.getByText('no mail server is configured').waitFor();
  await ours.page.getByRole('img', { name: 'QR code of the link' }).waitFor();
  const link = await shownLink(ours.page);
  await ours.page.keyboard.press('Escape');
  await ours.page.getByRole('dialog').waitFor({ state: 'detached' });
  await rowOf(ours.page, 'vera@example.com').getByText('1 d 23 h').waitFor();

  await using theirs = await openPage(browser, appliance.ready.http);
  const { page, complaints } = theirs;
  await page.goto(link);
  await heading(page, 'Join VPC Industries');
  await page.getByText('VPC Admin invites you').waitFor();
  await page.getByLabel('Your name').fill('Vera');
  await page.getByLabel('Password').fill('short');
  await page.keyboard.press('Enter');
  await page.getByText('A password has at least 8 characters.').waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await heading(page, 'Overview');
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(
    await page.evaluate(() => history.length),
    2,
    'a blank page and this one: the link has left the history',
  );

  const device = page.getByRole('link', { name: /^M01/ });
  await device.click();
  await heading(page, 'M01');
  const controls = /Connect a device|Choose KPIs|More|Clear|Edit|Name and tags|Delete|Invite|Import|Make|New factory/;
  const places = [page.url(), `${page.url()}?tab=parameters`, `${page.url()}?tab=rejects`, '/', '/devices', '/trends'];
  for (const address of places) {
    await page.goto(address);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForFunction(() => document.querySelector('.skel') === null);
    for (const role of ['button', 'link'] as const) {
      assert.deepEqual(await page.getByRole(role, { name: controls }).allInnerTexts(), [], address);
    }
  }
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await heading(page, 'Import and export');
  assert.equal(await page.getByRole('navigation', { name: 'Parts of the settings' }).count(), 0);
  assert.equal(await page.getByText('Choose a CSV file…').count(), 0);
  for (const part of ['credentials', 'users', 'keys', 'factories', 'logins']) {
    await page.goto(`/settings/${part}`);
    await page.getByText('You may not see this').waitFor();
  }
  await page.goto('/connect');
  await page.getByText('You may not connect devices here').waitFor();
  assert.deepEqual(complaints, []);
});

test('a link that was used says so, and a further one pasted into the same tab works', async () => {
  await using appliance = await startAppliance();
  await member(appliance, 'olga@example.com', 'operator');
  const owner = await appliance.signIn();
  await owner.call('POST', '/factories', { name: 'Zebra', slug: 'zebra', timezone: 'UTC' });
  const [, zebra] = (await owner.get('/factories')).items;
  await owner.call('POST', '/auth/switch-factory', { factory_id: zebra.id });
  const { body } = await owner.call('POST', '/invites', { email: 'olga@example.com', role: 'viewer', permissions: [] });

  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await page.goto('/invite#of-long-ago');
  await heading(page, 'This link does not work');
  assert.equal(new URL(page.url()).hash, '');
  await page.goto(body.link.path);
  await heading(page, 'Join Zebra');
  await page.getByText('There is a login of this address already').waitFor();
  await page.getByLabel('Password').fill('something else');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('The password is wrong.').waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Join' }).click();
  await heading(page, 'Overview');
  await page.getByRole('button', { name: 'Zebra' }).click();
  await page.getByRole('menuitemradio', { name: /VPC Industries/ }).click();
  await page.getByRole('button', { name: 'VPC Industries' }).waitFor();
});

test('who holds the permission for devices may change devices, and nothing else', async () => {
  await using appliance = await startAppliance();
  await publish(appliance);
  await member(appliance, 'dora@example.com', 'viewer', ['devices']);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page, 'dora@example.com', PASSWORD);
  await page.getByRole('link', { name: 'Devices', exact: true }).click();
  await page.getByRole('link', { name: 'Connect a device' }).click();
  await page.getByText('With a credential of its own').click();
  await page.getByRole('button', { name: 'Make credential' }).click();
  await page.getByText('mosquitto_pub').first().waitFor();
  await page.goto('/settings/transfer');
  await heading(page, 'Import and export');
  assert.equal(await page.getByText('Choose a CSV file…').count(), 0);
});

test('rights are changed, somebody is barred and let in again, and nobody is offered more than they have', async () => {
  await using appliance = await startAppliance();
  await member(appliance, 'olga@example.com', 'operator', ['users', 'devices']);
  await member(appliance, 'vera@example.com', 'viewer');
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page, 'olga@example.com', PASSWORD);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Users' }).click();
  await rowOf(page, 'vera@example.com').waitFor();
  for (const name of ['olga', 'VPC Admin']) {
    assert.equal(await page.getByRole('button', { name: `What to do with ${name}` }).count(), 0, name);
  }
  await choose(page, 'vera', 'Change rights…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio').first().waitFor();
  assert.deepEqual(await dialog.getByRole('radio').count(), 2);
  assert.deepEqual(await dialog.getByRole('checkbox').count(), 2);
  await dialog.getByText('Connect, name and remove devices').click();
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await rowOf(page, 'vera@example.com').getByText('Devices').waitFor();
  await choose(page, 'vera', 'Bar…');
  await page.getByRole('dialog').getByRole('button', { name: 'Bar' }).click();
  await rowOf(page, 'vera@example.com').getByText('Barred').waitFor();
  await assert.rejects(signIn(appliance.ready.http, 'vera@example.com', PASSWORD));
  await choose(page, 'vera', 'Let in again');
  await rowOf(page, 'vera@example.com').getByText('Active').waitFor();
  await signIn(appliance.ready.http, 'vera@example.com', PASSWORD);
  await choose(page, 'vera', 'Remove…');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await rowOf(page, 'vera@example.com').waitFor({ state: 'detached' });
});

test('a forgotten password is set anew by a link, which works once and leaves the address', async () => {
  await using appliance = await startAppliance();
  await member(appliance, 'olga@example.com', 'operator');
  await using ours = await openPage(browser, appliance.ready.http);
  await signInBy(ours.page);
  await ours.page.goto('/settings/users');
  await choose(ours.page, 'olga', 'Reset password…');
  await ours.page.getByRole('button', { name: 'Make link' }).click();
  const link = await shownLink(ours.page);

  await using theirs = await openPage(browser, appliance.ready.http);
  const { page } = theirs;
  await page.goto(link);
  await page.getByLabel('New password').fill('three new words');
  await page.keyboard.press('Enter');
  await heading(page, 'The password is set');
  assert.equal(new URL(page.url()).hash, '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Email').fill('olga@example.com');
  await page.getByLabel('Password').fill('three new words');
  await page.keyboard.press('Enter');
  await heading(page, 'Overview');
  await page.goto(link);
  await page.getByLabel('New password').fill('three other words');
  await page.keyboard.press('Enter');
  await heading(page, 'This link does not work');
});

test('an API key is shown once, works, says where it was used, and is refused once it is removed', async () => {
  await using appliance = await startAppliance();
  await publish(appliance);
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/keys');
  await page.getByRole('button', { name: 'Make a key…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Grafana');
  await page.getByRole('button', { name: '1 year' }).click();
  await page.getByRole('button', { name: 'Make key' }).click();
  const secret = (await page.getByRole('region', { name: 'Key', exact: true }).innerText()).trim();
  const command = await page.getByRole('region', { name: 'Try it in a terminal' }).innerText();
  assert.ok(command.includes(`Bearer ${secret}`) && command.includes('/api/v1/devices'));
  await page.getByRole('button', { name: 'Done' }).click();

  const program = personWith(appliance.ready.http, secret);
  const { items } = await program.get('/devices?key=M01');
  assert.equal(items[0].key, 'M01');
  assert.equal((await program.call('GET', '/users')).status, 403);
  await page.reload();
  await rowOf(page, 'Grafana').getByText('from 127.0.0.1').waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
  await page.getByRole('button', { name: 'Remove Grafana' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('There is no API key yet').waitFor();
  assert.equal((await program.call('GET', '/devices')).status, 401);
});

test('a second factor is turned on with its codes, and asked for at the next sign-in', async () => {
  await using appliance = await startAppliance();
  await member(appliance, 'olga@example.com', 'operator');
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page, 'olga@example.com', PASSWORD);
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Profile' }).click();
  await page.getByRole('button', { name: 'Turn on…' }).click();
  await page.getByLabel('Current password').fill('not the one');
  await page.keyboard.press('Enter');
  await page.getByText('The current password is wrong').waitFor();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  const typed = await page.locator('.prof__secret').innerText();
  const totp = new TOTP({ secret: Secret.fromBase32(typed.replaceAll(' ', '')) });
  await page.getByLabel('Code of the app').fill(totp.generate());
  await page.keyboard.press('Enter');
  const codes = page.getByRole('list', { name: 'The second factor is on' }).getByRole('listitem');
  await codes.first().waitFor();
  const [recovery = ''] = await codes.allInnerTexts();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  assert.equal((await saved).suggestedFilename(), 'factoryops-recovery-codes.txt');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: 'Turn off…' }).waitFor();

  const signInAgain = async () => {
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('Email').fill('olga@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('olga@example.com signs in with a second factor.').waitFor();
    const code = page.getByLabel('Code');
    assert.equal(await code.getAttribute('autocomplete'), 'one-time-code');
    assert.equal(await code.evaluate((input) => input === document.activeElement), true);
    return code;
  };
  const code = await signInAgain();
  await code.fill('000000');
  await page.keyboard.press('Enter');
  await page.getByText('The code is wrong').waitFor();
  // No code works twice, so the next one, which counts already.
  await code.fill(totp.generate({ timestamp: Date.now() + STEP_MS }));
  await page.keyboard.press('Enter');
  await heading(page, 'Profile');
  await (await signInAgain()).fill(recovery.toLowerCase());
  await page.keyboard.press('Enter');
  await heading(page, 'Profile');
  await page.getByRole('button', { name: 'Turn off…' }).click();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Turn on…' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a session that is ended elsewhere falls back to the sign-in', async () => {
  await using appliance = await startAppliance();
  await member(appliance, 'olga@example.com', 'operator');
  await using lost = await openPage(browser, appliance.ready.http);
  await signInBy(lost.page, 'olga@example.com', PASSWORD);
  await using own = await openPage(browser, appliance.ready.http);
  const { page } = own;
  await signInBy(page, 'olga@example.com', PASSWORD);
  await page.goto('/profile');
  const current = rowOf(page, 'this one');
  await current.getByText(/Chrome on \w+/).waitFor();
  assert.equal(await current.getByRole('button').count(), 0);
  await page.getByRole('button', { name: 'End all others' }).click();
  await page.getByText('You are signed in here alone.').waitFor();
  await lost.page.getByLabel('Password').waitFor({ timeout: 15_000 });
});

test('name and theme are those of the person on every device', async () => {
  await using appliance = await startAppliance();
  await member(appliance, 'olga@example.com', 'operator');
  await using one = await openPage(browser, appliance.ready.http, { colorScheme: 'light' });
  await signInBy(one.page, 'olga@example.com', PASSWORD);
  await one.page.goto('/profile');
  await one.page.getByLabel('Name').fill('Olga Petrova');
  await one.page.keyboard.press('Enter');
  await one.page
    .getByRole('button', { name: /^Account/ })
    .filter({ hasText: 'Olga Petrova' })
    .waitFor();
  const isSaved = one.page.waitForResponse((response) => response.request().method() === 'PATCH');
  await one.page.getByRole('button', { name: 'Dark' }).click();
  await isSaved;
  await using other = await openPage(browser, appliance.ready.http, { colorScheme: 'light' });
  await signInBy(other.page, 'olga@example.com', PASSWORD);
  assert.equal(await other.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
});
