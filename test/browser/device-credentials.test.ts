import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { eventually, type Person, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import type { Json } from '../support/json.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const PASSWORD = 'correct horse';
const flags = { 'mqtt.anonymous': 'never' };

const send = (client: MqttClient, key: string, metrics: object = { voltage: 231.4 }) =>
  Promise.race([
    client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ metrics }), { qos: 1 }),
    new Promise((_, reject) => client.once('close', () => reject(new Error(`cut off with a message of ${key}`)))),
  ]);
const ended = (client: MqttClient) => eventually(() => !client.connected || undefined, 15_000);
const deviceOf = async (person: Person, key: string, standing = 'active'): Promise<Json> =>
  (await person.get(`/devices?key=${key}&standing=${standing}`)).items[0];

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const dialog = (page: Page) => page.getByRole('dialog');
/** Gone from the document, and not only from the screen. */
const closed = (page: Page) => page.locator('dialog').waitFor({ state: 'detached' });
const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const choose = async (page: Page, opener: string, action: string) => {
  await page.getByRole('button', { name: opener }).click();
  await page.getByRole('menuitem', { name: action }).click();
};
/** What stands in the dialog to be copied. */
const shown = async (page: Page, name: string) =>
  (await dialog(page).getByRole('region', { name, exact: true }).innerText()).trim();
const shownSecret = async (page: Page) => ({
  username: await shown(page, 'User name'),
  password: await shown(page, 'Password'),
});

/** Somebody of the factory, signed in on a page of their own. */
async function memberPage({ ready: { http }, signIn }: RunningAppliance, permissions: readonly string[]) {
  const owner = await signIn();
  const email = `${permissions.join('-') || 'viewer'}@example.com`;
  const { body } = await owner.call('POST', '/invites', { email, role: 'viewer', permissions });
  const answer = await fetch(`${http}/api/v1/invites/accept`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: body.link.path.split('#')[1], name: email, password: PASSWORD }),
  });
  assert.equal(answer.status, 200);
  const opened = await openPage(browser, http);
  await signInBy(opened.page, email, PASSWORD);
  return opened;
}

test('a credential is made, used, given a new password with and without overlap, and cut off when it is revoked', async () => {
  await using appliance = await startAppliance({ flags });
  await using opened = await memberPage(appliance, ['devices']);
  const { page, complaints } = opened;
  await page.goto('/settings/credentials');
  await heading(page, 'Device credentials');
  await page.getByText('No device signs in yet').waitFor();
  await page.getByRole('button', { name: 'New credential…' }).click();
  await page.getByRole('button', { name: 'A pattern' }).click();
  await page.getByLabel('Patterns').fill('press-*, motor-0?');
  await page.getByRole('button', { name: 'Make credential' }).click();
  await dialog(page).getByText('motor-0?: 1 to 64 of').waitFor();
  await page.getByLabel('Patterns').fill('press-*, motor-*');
  await dialog(page).getByText('4 of 12 known devices').waitFor();
  await dialog(page).getByText('motor-03').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('hall 3');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('without spaces').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('hall-3');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'hall-3 is made' }).waitFor();
  const first = await shownSecret(page);
  assert.equal(first.username, 'vpc/hall-3');
  const command = await dialog(page)
    .getByRole('region', { name: /^Paste into a terminal/ })
    .innerText();
  for (const part of [new URL(appliance.ready.mqtt).port, first.username, first.password, 'devices/motor-01/'])
    assert.ok(command.includes(part), part);
  await page.keyboard.press('Escape');
  await closed(page);
  assert.ok(!(await page.content()).includes(first.password), 'the password is shown once');

  const connected = await appliance.connect(first);
  await send(connected, 'press-77');
  await choose(page, 'What to do with hall-3', 'New password…');
  await page.getByRole('button', { name: '1 hour' }).click();
  await dialog(page).getByText('Both work until').waitFor();
  await page.getByRole('button', { name: 'Make new password' }).click();
  await page.getByRole('heading', { name: 'hall-3 has a new password' }).waitFor();
  const second = await shownSecret(page);
  await page.getByRole('button', { name: 'Done' }).click();
  await rowOf(page, 'hall-3').getByText('the old one too, for 59 min').waitFor();
  for (const secret of [first, second]) await send(await appliance.connect(secret), 'press-77');
  await send(connected, 'press-77');

  const end = ended(connected);
  await choose(page, 'What to do with hall-3', 'New password…');
  await page.getByRole('button', { name: 'Not at all' }).click();
  await dialog(page).getByText('refused from now on').waitFor();
  await page.getByRole('button', { name: 'Make new password' }).click();
  await page.getByRole('heading', { name: 'hall-3 has a new password' }).waitFor();
  const third = await shownSecret(page);
  await page.keyboard.press('Escape');
  await end;
  for (const secret of [first, second]) await assert.rejects(appliance.connect(secret));
  const last = await appliance.connect(third);
  await send(last, 'press-77');

  await closed(page);
  await choose(page, 'What to do with hall-3', 'Change devices…');
  await page.getByRole('button', { name: 'One device' }).click();
  await page.getByLabel('Device key').fill('press-77');
  const moved = ended(last);
  await page.keyboard.press('Enter');
  await page.getByText('hall-3 speaks for other devices now.').waitFor();
  await moved;
  const again = await appliance.connect(third);
  await send(again, 'press-77');

  const cut = ended(again);
  await choose(page, 'What to do with hall-3', 'Revoke…');
  await dialog(page).getByText('Its connections end at once').waitFor();
  await page.keyboard.press('Escape');
  await closed(page);
  await choose(page, 'What to do with hall-3', 'Revoke…');
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await cut;
  await page.getByText('No device signs in yet').waitFor();
  await assert.rejects(appliance.connect(third));
  assert.deepEqual(complaints, []);
});

test('a device waits until it is approved on its list, on its page, or where it is connected; or is rejected', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  const client = await appliance.connect();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/credentials');
  await page.getByRole('radio', { name: /^With approval/ }).check();
  await page.getByText('New devices wait to be approved.').waitFor();
  assert.equal((await person.get('/device-admission')).mode, 'approve');

  for (const key of ['n1', 'n2', 'n3', 'n4', 'n5']) await send(client, key, { voltage: 231.5, mode: 'idle' });
  await page
    .getByRole('link', { name: /Devices.*5 waiting/ })
    .first()
    .click();
  await page.getByText('5 devices wait to be approved.').waitFor();
  assert.equal(await page.getByText('n1', { exact: true }).count(), 0);
  await page.getByRole('link', { name: 'Look at them' }).click();
  await rowOf(page, 'n1').getByText('231.5').waitFor();
  await page.getByRole('button', { name: 'Approve n1' }).click();
  await rowOf(page, 'n1').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Reject n2' }).click();
  await dialog(page).getByText('What it has sent is erased').waitFor();
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  await rowOf(page, 'n2').waitFor({ state: 'detached' });

  await page.getByRole('link', { name: 'n3' }).click();
  await heading(page, 'n3');
  await page.getByText('This device waits to be approved.').waitFor();
  await page.locator('[data-parameter="voltage"]').getByText('231.5').waitFor();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('This device waits to be approved.').waitFor({ state: 'detached' });

  await page.goto('/devices?standing=pending');
  await page.getByRole('button', { name: 'Approve all…' }).click();
  await dialog(page).getByText('n5').waitFor();
  await page.getByRole('button', { name: 'Approve all', exact: true }).click();
  await page.getByText('2 devices are in.').waitFor();
  await page.getByText('No device waits').waitFor();
  const keys = (await person.get('/devices?q=n')).items.map(({ key }: Json) => key);
  assert.deepEqual(
    keys.filter((key: string) => /^n\d$/.test(key)),
    ['n1', 'n3', 'n4', 'n5'],
  );

  await page.goto('/devices?standing=rejected');
  await page.getByRole('button', { name: 'Delete n2' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('No device was rejected').waitFor();

  await page.goto('/connect?key=n2');
  await page.getByRole('heading', { name: 'Waiting for the first message from n2' }).waitFor();
  await send(client, 'n2');
  await page.getByRole('heading', { name: 'n2 waits to be approved' }).waitFor();
  await page.getByRole('button', { name: 'Approve n2' }).click();
  await page.getByRole('heading', { name: 'n2 is connected' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a closed factory says so where a device is connected, and takes it once it was added', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  const client = await appliance.connect();
  await person.call('PUT', '/device-admission', { mode: 'closed' });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/connect?key=n1');
  await page.getByRole('heading', { name: 'Waiting for the first message from n1' }).waitFor();
  await page.getByText('Nothing so far.').waitFor();
  await send(client, 'n1');
  await page.getByText('This factory is closed').waitFor();
  await page.getByRole('button', { name: 'Add n1' }).click();
  await page.getByText('n1 is known now. Send again.').waitFor();
  await send(client, 'n1');
  await page.getByRole('heading', { name: 'n1 is connected' }).waitFor();

  await page.goto('/devices?standing=pending');
  await page.getByText('New devices are refused here.').waitFor();
  await page.getByRole('button', { name: 'Add a device…' }).click();
  await page.getByLabel('Device key').fill('n1');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('There is a device with this key already.').waitFor();
  await page.getByLabel('Device key').fill('n2');
  await page.getByLabel('Name', { exact: true }).fill('The second');
  await page.keyboard.press('Enter');
  await page.getByText('The second is known now.').waitFor();
  await send(client, 'n2');
  assert.equal((await deviceOf(person, 'n2')).name, 'The second');
});

test('a device is retired, taken back, and made a part of another, with what that does said before', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  const client = await appliance.connect();
  await send(client, 'old-plc', { voltage: 1, only_old: 2, mode: 'idle' });
  await send(client, 'new-plc', { voltage: 3, mode: 4 });
  const [from, into] = [await deviceOf(person, 'old-plc'), await deviceOf(person, 'new-plc')];
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto(`/devices/${from.id}`);
  await heading(page, 'old-plc');
  await choose(page, 'More', 'Retire');
  await page.getByText('This device is retired').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('This device is retired').waitFor({ state: 'detached' });
  await choose(page, 'More', 'Retire');
  await page.getByText('This device is retired').waitFor();
  await page.goto('/devices?standing=retired');
  await page.getByRole('button', { name: 'Take back old-plc' }).click();
  await page.getByText('No device is retired').waitFor();
  assert.equal((await deviceOf(person, 'old-plc')).standing, 'active');

  await page.goto(`/devices/${from.id}`);
  await choose(page, 'More', 'Merge into another…');
  assert.equal(await page.getByLabel('Name or key of the other device').evaluate((it) => it.matches(':focus')), true);
  await page.getByLabel('Name or key of the other device').fill('plc');
  await page.getByRole('radio', { name: 'new-plc' }).check();
  await dialog(page).getByText('voltage: the history goes on in new-plc’s').waitFor();
  await dialog(page).getByText('only_old: moves to new-plc').waitFor();
  await dialog(page).getByText('mode: new-plc has it with values of another kind').waitFor();
  const merge = page.getByRole('button', { name: 'Merge', exact: true });
  await page.getByLabel('Type old-plc to confirm').fill('new-plc');
  assert.equal(await merge.isDisabled(), true);
  await page.getByLabel('Type old-plc to confirm').fill('old-plc');
  await page.keyboard.press('Enter');
  await heading(page, 'new-plc');
  await page.getByText('old-plc is a part of new-plc now.').waitFor();
  await page.getByText('also sends as old-plc').waitFor();
  assert.ok(page.url().endsWith(into.id));
  await send(client, 'old-plc', { voltage: 99 });
  await page.locator('[data-parameter="voltage"]').getByText('99').waitFor();
  assert.deepEqual((await person.get(`/devices/${into.id}`)).aliases, ['old-plc']);
  assert.deepEqual(complaints, []);
});

test('who may not change devices sees none of this', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  const client = await appliance.connect();
  await send(client, 'M01');
  await person.call('PUT', '/device-admission', { mode: 'approve' });
  await send(client, 'n1');
  await using opened = await memberPage(appliance, []);
  const { page } = opened;
  await page.goto('/devices');
  await page.getByRole('link', { name: 'M01' }).waitFor();
  assert.equal(await page.getByText(/wait/i).count(), 0);
  assert.equal(await page.getByRole('navigation', { name: 'Which devices' }).count(), 0);
  await page.goto('/devices?standing=pending');
  await page.getByRole('link', { name: 'M01' }).waitFor();
  assert.equal(await page.getByText('n1').count(), 0);
  await page.goto('/settings/credentials');
  await page.getByText('You may not see this').waitFor();
  assert.equal(await page.getByText('New devices').count(), 0);
  const { id } = await deviceOf(person, 'n1', 'pending');
  await page.goto(`/devices/${id}`);
  await page
    .getByText(/does not exist|no such|not found|gone/i)
    .first()
    .waitFor();
  assert.equal(await page.getByText('n1', { exact: true }).count(), 0);
});
