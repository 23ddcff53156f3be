import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually, type Person, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { join, publishTo } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';
import { connectRaw } from '../support/raw-mqtt.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** A device M01 with a credential of its own. */
async function deviceIn(running: RunningAppliance, person: Person): Promise<{ id: string; credential: Json }> {
  await publishTo(running, 'vpc', 'M01', 'n');
  const { id } = (await person.get('/devices?key=M01')).items[0];
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['M01'] });
  return { id, credential: { username: body.username, password: body.password } };
}

test('who is connected is seen with live figures, and ended; the log says who ended it', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { credential } = await deviceIn(running, person);
  const client = await running.connect({ clientId: 'press-line', ...credential });
  const send = () =>
    client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { n: 1 } }), { qos: 1 });
  await send();
  await using opened = await openPage(browser, running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/connections');
  const row = page.getByRole('row').filter({ hasText: 'press-line' });
  await row.getByText('vpc/gw').waitFor();
  await row.getByText('plain TCP').waitFor();
  await row.getByText('1 in all').waitFor();
  await send();
  await row.getByText('2 in all').waitFor();
  await row.getByRole('link', { name: 'M01' }).waitFor();

  await page.getByLabel('Client, user name, address or device').fill('nobody-like-this');
  await page.getByText('No client matches').waitFor();
  assert.match(page.url(), /q=nobody-like-this/);
  await page.getByLabel('Client, user name, address or device').fill('');

  await row.getByRole('button', { name: 'Details of press-line' }).click();
  await page.getByRole('dialog').getByText('clean: forgotten when it leaves').waitFor();
  await page.getByRole('button', { name: 'End connection…' }).click();
  const gone = new Promise((resolve) => client.once('close', resolve));
  await page.getByRole('dialog').getByRole('button', { name: 'End connection' }).click();
  await gone;
  await page.getByText('Nobody is connected').waitFor();
  await page.getByText(/mosquitto_pub -h 127\.0\.0\.1 -p \d+ -u vpc\/NAME/).waitFor();

  await page.getByRole('button', { name: 'Log', exact: true }).click();
  await page.getByText('Ended by VPC Admin.').waitFor();
  assert.match(page.url(), /view=log/);
  assert.equal(await page.getByText('Over plain TCP, clean session').count(), 0);
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.getByText('Over plain TCP, clean session, keepalive 60 s.').waitFor();
  assert.deepEqual(opened.complaints, []);
});

test('a refused sign-in stands in the log with what helps; on the device page, too, once the client has sent for it', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { id, credential } = await deviceIn(running, person);
  const client = await running.connect({ clientId: 'plc', ...credential });
  await client.publishAsync('factories/vpc/devices/M01/telemetry', '{"metrics":{"n":1}}', { qos: 1 });
  await client.endAsync();
  await assert.rejects(connectRaw(running.ready.mqtt, { ...credential, clientId: 'plc', password: 'wrong' }));
  await using opened = await openPage(browser, running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/connections?view=log');
  await page.getByText('Wrong password.').waitFor();
  await page.getByText(/make a new credential: it is shown only once/).waitFor();
  await page.goto(`/devices/${id}?tab=connection`);
  const trouble = page.getByRole('region', { name: 'Last time that it was dropped or refused' });
  await trouble.getByText('Wrong password.').waitFor();
  await page.getByText('No client that is connected now sends for this device').waitFor();
  const back = await running.connect({ clientId: 'plc', ...credential });
  await back.publishAsync('factories/vpc/devices/M01/telemetry', '{"metrics":{"n":2}}', { qos: 1 });
  await page.getByRole('region', { name: 'Clients that send for it' }).getByText('vpc/gw').waitFor();
});

test('a command is sent from the device page, and what becomes of it is seen as it happens', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { id, credential } = await deviceIn(running, person);
  await using opened = await openPage(browser, running.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto(`/devices/${id}?tab=commands`);
  await page.getByText('No command so far').waitFor();
  await page.getByRole('button', { name: 'Send command' }).click();
  await page.getByText('Which command?').waitFor();
  await page.getByLabel('Command', { exact: true }).fill('start');
  await page.getByLabel('Parameters').fill('[1]');
  await page.getByText(/^Not a JSON object/).waitFor();
  await page.getByLabel('Parameters').fill('{"speed_rpm": 1450}');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Send command' }).click();
  const entry = page.getByRole('listitem').filter({ hasText: '{"speed_rpm":1450}' });
  await entry.getByText('Waiting').waitFor();

  const client = await running.connect({ clientId: 'plc', ...credential });
  const received: Json[] = [];
  client.on('message', (_topic, payload) => received.push(JSON.parse(payload.toString())));
  await client.subscribeAsync('factories/vpc/devices/M01/commands', { qos: 1 });
  await entry.getByText('Delivered').waitFor();
  const command = await eventually(() => received[0]);
  const answer = { id: command.id, status: 'failed', message: 'guard door is open' };
  await client.publishAsync('factories/vpc/devices/M01/commands/ack', JSON.stringify(answer), { qos: 1 });
  await entry.getByText('Failed').waitFor();
  await entry.getByText('guard door is open').waitFor();
  assert.deepEqual(opened.complaints, []);
});

test('a command that waits is taken back; who may not send any sees them, and no connection', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { id } = await deviceIn(running, person);
  await person.call('POST', `/devices/${id}/commands`, { command: 'stop', expires_in_s: 600 });
  const { http } = running.ready;
  await join(http, person, 'otto@x.example', { role: 'operator' });
  await using theirs = await openPage(browser, http);
  await signInBy(theirs.page, 'otto@x.example', 'correct horse battery');
  await theirs.page.goto(`/devices/${id}?tab=commands`);
  await theirs.page.getByText('Waiting').waitFor();
  assert.equal(await theirs.page.getByRole('button', { name: /Send command|Take back/ }).count(), 0);
  assert.equal(await theirs.page.getByRole('link', { name: 'Connection' }).count(), 0);
  await theirs.page.goto('/settings/connections');
  await theirs.page.getByText('You may not see this').waitFor();

  await using ours = await openPage(browser, http);
  await signInBy(ours.page);
  await ours.page.goto(`/devices/${id}?tab=commands`);
  await ours.page.getByRole('button', { name: 'Take back stop' }).click();
  await ours.page.getByRole('listitem').getByText('Taken back').waitFor();
  await theirs.page.goto(`/devices/${id}?tab=commands`);
  await theirs.page.getByText('Taken back').waitFor();
});
