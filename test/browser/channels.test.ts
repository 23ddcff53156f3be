import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { change } from '../support/alarms.ts';
import { eventually } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { join } from '../support/isolation-world.ts';
import {
  mailTo,
  makeChannel,
  NOTIFY_FLAGS,
  notifyPlant,
  serverAt,
  settled,
  tellBy,
  webhookTo,
} from '../support/notifications.ts';
import { httpReceiver } from '../support/receivers.ts';
import { makeAuthority } from '../support/tls.ts';
import { chooseParameter, pressed, ruleNamed, word } from './support/rule-editor.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const dialog = (page: Page) => page.getByRole('dialog');
/** Gone from the document, and not only from the screen. */
const closed = (page: Page) => page.locator('dialog').waitFor({ state: 'detached' });
const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const choose = async (page: Page, opener: string, action: string) => {
  await page.getByRole('button', { name: opener }).click();
  await page.getByRole('menuitem', { name: action }).click();
};

test('a channel is added, its faults are named, it is tested, and what was given up is sent again', async () => {
  let isDown = true;
  await using receiver = await httpReceiver(() => (isDown ? { status: 410, body: 'gone fishing' } : { status: 200 }));
  await using plant = await notifyPlant();
  const { person, running } = plant;
  const { page } = await openPage(browser, running.ready.http);
  await signInBy(page);
  await page.goto(`${running.ready.http}/settings/channels`);
  await page.getByText('Nobody is told of alarms yet').waitFor();
  await page.getByRole('button', { name: 'Add a channel…' }).first().click();
  await dialog(page).getByText('Webhook', { exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Add channel' }).click();
  await dialog(page).getByText('Give the channel a name').waitFor();
  await dialog(page).getByText('It is needed, and was not given').waitFor({ state: 'detached' });
  await dialog(page).getByLabel('Name', { exact: true }).fill('Maintenance system');
  await dialog(page).getByLabel('Address').fill(receiver.url);
  await dialog(page).getByRole('button', { name: 'Add channel' }).click();
  await dialog(page).getByText('It is needed, and was not given').waitFor();
  await dialog(page).getByRole('button', { name: 'Make one up' }).click();
  const secret = await dialog(page).getByLabel('Secret that signs').inputValue();
  assert.match(secret, /^[0-9a-f]{64}$/);
  await dialog(page).getByText('Quiet hours', { exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Add channel' }).click();
  await closed(page);
  await rowOf(page, 'Maintenance system').getByText('Webhook').waitFor();

  await choose(page, 'What to do with Maintenance system', 'Send a test…');
  await dialog(page).getByText('HTTP 410 gone fishing').waitFor();
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await choose(page, 'What to do with Maintenance system', 'Change…');
  assert.equal(await dialog(page).getByLabel('Secret that signs').inputValue(), '');
  assert.equal(await dialog(page).getByLabel('Address').inputValue(), receiver.url);
  await dialog(page).getByText('Quiet hours', { exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await closed(page);

  const [channel] = (await person.get('/notification-channels')).items;
  assert.deepEqual([channel.secrets, channel.quiet_hours], [['signing_secret'], null]);
  tellBy(plant, [channel.id]);
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'high')]);
  await settled(person);
  await page.getByRole('link', { name: '1 given up' }).click();
  await rowOf(page, 'Raised').getByText('HTTP 410 gone fishing').waitFor();
  isDown = false;
  await page.route('**/api/v1/notifications/*/retry', async (route) => {
    await sleep(300);
    await route.continue();
  });
  await page.getByRole('button', { name: /^Send again: Raised/ }).dblclick();
  await page.getByText('Nothing was given up').waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await rowOf(page, 'Raised').getByText('Sent', { exact: true }).waitFor();
  assert.equal(receiver.received.length, 3);
  assert.equal(await page.getByText('only what was given up').count(), 0);
});

test('of an address and of a CA the dialog shows what may be seen, and saving it again changes neither', async () => {
  await using receiver = await httpReceiver();
  await using plant = await notifyPlant();
  const { person, running } = plant;
  const { certificate } = await makeAuthority('Company CA');
  const server = { host: 'mail.example', security: 'starttls', sign_in: 'password', user: 'mailer' };
  const secrets = { password: 'pa55word' };
  const hook = await makeChannel(person, webhookTo(`${receiver.url}/services/T0/xyz`, { name: 'Chat' }));
  const mail = await makeChannel(person, mailTo(serverAt(587, server), { name: 'Mail', secrets }));
  const { page } = await openPage(browser, running.ready.http);
  await signInBy(page);
  await page.goto(`${running.ready.http}/settings/channels`);
  await choose(page, 'What to do with Chat', 'Change…');
  assert.equal(await dialog(page).getByLabel('Address').inputValue(), `${receiver.url}/…`);
  await dialog(page).getByText('is kept, and never shown').waitFor();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await closed(page);
  assert.equal((await person.call('POST', `/notification-channels/${hook.id}/test`)).body.delivered, true);
  assert.equal(receiver.received[0]?.path, '/services/T0/xyz');

  await choose(page, 'What to do with Mail', 'Change…');
  const ca = dialog(page).getByLabel('CA certificate');
  const save = () => dialog(page).getByRole('button', { name: 'Save' }).click();
  await ca.fill('nonsense');
  await save();
  await dialog(page).getByText('No certificate is in it').waitFor();
  await ca.fill(certificate);
  await save();
  await dialog(page).getByText('Say it anew').waitFor();
  await dialog(page).getByLabel('Password').fill('pa55word');
  await save();
  await closed(page);
  await choose(page, 'What to do with Mail', 'Change…');
  await dialog(page)
    .getByText(/Now: CN=Company CA, O=FactoryOps, valid until/)
    .waitFor();
  await save();
  await closed(page);
  const { config, server_ca } = await person.get(`/notification-channels/${mail.id}`);
  assert.equal(config.server.ca.trim(), certificate.trim());
  assert.equal(server_ca[0].subject, 'CN=Company CA, O=FactoryOps');
});

test('a number that is told only while somebody is a member stays so when its channel is saved after they have left', async () => {
  await using plant = await notifyPlant();
  const { person, running } = plant;
  const [otto, rita] = [
    await join(running.ready.http, person, 'otto@x.example', { role: 'operator' }),
    await join(running.ready.http, person, 'rita@x.example', { role: 'operator' }),
  ];
  const recipients = [
    { number: '+4915100000001', user_id: otto.id },
    { number: '+4915100000002', user_id: rita.id },
  ];
  const config = { account_sid: `AC${'0'.repeat(32)}`, from: '+4930123456', recipients };
  const made = { kind: 'sms', name: 'Shift', config, secrets: { auth_token: 'tok-4711' } };
  const { id } = await makeChannel(person, made);
  await person.call('DELETE', `/users/${otto.id}`);
  const { page } = await openPage(browser, running.ready.http);
  await signInBy(page);
  await page.goto(`${running.ready.http}/settings/channels`);
  await choose(page, 'What to do with Shift', 'Change…');
  await dialog(page).getByLabel('Name', { exact: true }).fill('Shift on duty');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await closed(page);
  assert.deepEqual((await person.get(`/notification-channels/${id}`)).config.recipients, recipients);

  await choose(page, 'What to do with Shift on duty', 'Change…');
  await dialog(page).getByLabel('Numbers').fill('+4915100000002 rita@x.exmaple');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('No member of this factory: "rita@x.exmaple"').waitFor();
  await dialog(page).getByLabel('Numbers').fill('+4915100000002 Rita@x.example');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await closed(page);
  assert.deepEqual((await person.get(`/notification-channels/${id}`)).config.recipients, [recipients[1]]);
});

test('a list that is fetched again and again comes over a line on which an answer takes longer than that', async () => {
  await using plant = await notifyPlant();
  await makeChannel(plant.person, { kind: 'browser', name: 'Screens', config: {} });
  const { page } = await openPage(browser, plant.running.ready.http);
  await signInBy(page);
  await page.route('**/api/v1/notification-channels', async (route) => {
    await sleep(6_000);
    await route.continue().catch(() => {});
  });
  await page.goto(`${plant.running.ready.http}/settings/channels`);
  await rowOf(page, 'Screens').waitFor({ timeout: 15_000 });
});

test('what a channel says in open pages is shown there', async () => {
  await using plant = await notifyPlant();
  const { person, running } = plant;
  const { page } = await openPage(browser, running.ready.http);
  await signInBy(page);
  const channel = await makeChannel(person, { kind: 'browser', name: 'Screens', config: {} });
  tellBy(plant, [channel.id]);
  await page.goto(`${running.ready.http}/settings/channels`);
  await rowOf(page, 'Screens').waitFor();
  const device = await plant.device('M01');
  const t = Date.now() - 60_000;
  await plant.report(device, t, t + 5_000, [change(t + 1_000, 'critical')]);
  await page
    .getByRole('status')
    .getByText(/■ CRITICAL: #1 Bearing hot/)
    .waitFor();
});

test('a rule says whom it tells of what, and who is told when nobody acknowledges; and so they are', async () => {
  await using receiver = await httpReceiver();
  await using it = await pressed({ flags: NOTIFY_FLAGS });
  const { person, appliance } = it;
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.getByRole('link', { name: 'Rules' }).first().click();
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByText('There are no channels yet').waitFor();
  await page.getByRole('link', { name: 'Add one in the settings.' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Press hot');
  await chooseParameter(page, 0, 'temperature');
  await word(page, 0, 'value').fill('80');

  const system = await makeChannel(person, webhookTo(receiver.url, { name: 'Maintenance system' }));
  const screens = await makeChannel(person, { kind: 'browser', name: 'Screens', config: {}, is_active: false });
  await page.getByRole('link', { name: 'Rules' }).first().click();
  await dialog(page).getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Press hot');
  await chooseParameter(page, 0, 'temperature');
  await word(page, 0, 'value').fill('80');
  const notify = page.locator('.panel', { has: page.getByRole('heading', { name: 'Notify' }) });
  await notify.getByText('nobody is told of them elsewhere').waitFor();
  const sentence = (place: number) => notify.getByRole('listitem').nth(place);
  await notify.getByRole('button', { name: 'Tell a channel' }).click();
  await sentence(0)
    .getByText(/Maintenance system/)
    .waitFor();
  await sentence(0).locator('[data-token="notices"]').click();
  await page.getByRole('checkbox', { name: 'is raised' }).uncheck();
  await page.keyboard.press('Escape');
  await notify.getByRole('button', { name: 'Tell a channel' }).click();
  // The next one is another.
  await sentence(1)
    .getByText(/Screens \(switched off\)/)
    .waitFor();
  await sentence(1).getByRole('button', { name: 'Do not tell this channel' }).click();
  for (const after of ['10 min', '2 s']) {
    await notify.getByRole('button', { name: 'When nobody acknowledges' }).click();
    await notify.locator('[data-token="after"]').last().fill(after);
  }
  await page.getByRole('button', { name: 'Save' }).click();
  await sentence(0).getByText('say what to tell of').waitFor();
  await sentence(2).getByText('steps come in the order of their time').waitFor();
  await sentence(0).locator('[data-token="notices"]').click();
  for (const name of ['is raised', 'clears', 'is escalated']) await page.getByRole('checkbox', { name }).check();
  await page.keyboard.press('Escape');
  await sentence(1).getByRole('button', { name: 'Remove this step' }).click();
  await sentence(1).locator('[data-token="channel"]').click();
  await page.getByRole('menuitemradio', { name: 'Screens (switched off)' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Version 1 is running.').waitFor();
  const { notifications, escalation } = await ruleNamed(appliance, 'Press hot');
  assert.deepEqual(notifications, [{ channel_id: system.id, on: ['raised', 'cleared', 'escalated'] }]);
  assert.deepEqual(escalation, [{ after_seconds: 2, channel_id: screens.id }]);

  await person.call('PATCH', `/notification-channels/${screens.id}`, { is_active: true });
  await it.publish({ metrics: { temperature: 91 } });
  await page
    .getByRole('status')
    .getByText(/High: #1 escalated, step 1: nobody has acknowledged it: Press hot/)
    .waitFor();
  await it.publish({ metrics: { temperature: 60 } });
  const kinds = () => receiver.received.map(({ body }) => JSON.parse(body).kind);
  await eventually(() => kinds().includes('cleared') || undefined, 15_000);
  assert.deepEqual(kinds(), ['raised', 'escalated', 'cleared']);
  assert.deepEqual(complaints, []);
});
