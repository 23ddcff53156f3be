import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connectAsync } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { startAppliance } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** What mosquitto_pub would be told by the command on the page: as a shell would read it. */
async function shownCommand(page: Page): Promise<Record<string, string>> {
  const code = await page.getByRole('region', { name: /^Paste into a terminal/ }).innerText();
  const words = code.replaceAll('\\\n', ' ').match(/'[^']*'|\S+/g) ?? [];
  assert.equal(words.shift(), 'mosquitto_pub');
  const options: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 2) {
    options[String(words[at])] = String(words[at + 1]).replace(/^'(.*)'$/, '$1');
  }
  return options;
}

/** Does what the command says, with some of it changed. */
async function run(command: Record<string, string>): Promise<void> {
  const client = await connectAsync(`mqtt://${command['-h']}:${command['-p']}`, {
    reconnectPeriod: 0,
    ...(command['-u'] !== undefined && { username: command['-u'], password: command['-P'] ?? '' }),
  });
  const ended = once(client, 'close').then(() => {
    throw new Error('the broker has ended the connection');
  });
  try {
    await Promise.race([client.publishAsync(command['-t'] ?? '', command['-m'] ?? '', { qos: 1 }), ended]);
  } finally {
    ended.catch(() => {});
    client.end(true);
  }
}

async function makeCredential(page: Page, way = 'With a credential of its own'): Promise<void> {
  await page.getByRole('radio', { name: way }).check();
  await page.getByRole('button', { name: 'Make credential' }).click();
  await page.getByText('Shown once').waitFor();
}

test('exactly what the page shows connects a device, and its first values appear by themselves', async () => {
  await using appliance = await startAppliance({ flags: { 'mqtt.anonymous': 'never' } });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/connect');
  await page.getByRole('heading', { name: 'Waiting for the first message from M01' }).waitFor();
  await page.getByLabel('Device key').fill('Press 7');
  await page.getByText('without spaces').waitFor();
  await page.getByLabel('Device key').fill('Press-7');
  assert.equal(await page.getByLabel('Credential', { exact: true }).inputValue(), 'press-7');
  await makeCredential(page);
  await run(await shownCommand(page));
  await page.getByRole('heading', { name: 'Press-7 is connected' }).waitFor();
  await page.getByText('231.4', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Open Press-7' }).click();
  await page.waitForURL(/\/devices\/[0-9a-f-]{36}$/);
  assert.deepEqual(complaints, []);
});

test('on the appliance itself the command works without a credential, and the next key is suggested', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/connect');
  await page.getByRole('heading', { name: 'Waiting for the first message from M01' }).waitFor();
  const command = await shownCommand(page);
  assert.equal(command['-u'], undefined);
  await run(command);
  await page.getByRole('heading', { name: 'M01 is connected' }).waitFor();
  await page.getByRole('button', { name: 'Connect another' }).click();
  await page.getByRole('heading', { name: 'Waiting for the first message from M02' }).waitFor();
});

test('what the broker refuses is said with what to do about it, and mended it is forgotten', async () => {
  await using appliance = await startAppliance();
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/connect?key=M07');
  await page.getByText('Nothing so far').waitFor();
  await makeCredential(page);
  const command = await shownCommand(page);
  const seen = page.getByRole('region', { name: 'What the broker has refused' });

  await assert.rejects(run({ ...command, '-P': 'mistyped' }));
  await seen.getByText('Sign-in refused').waitFor();
  await seen.getByText('vpc/m07').waitFor();
  await assert.rejects(run({ ...command, '-t': 'factories/vpc/devices/M08/telemetry' }));
  await seen.getByText('Disconnected: wrong topic').waitFor();
  await run({ ...command, '-m': 'voltage=231.4' });
  await seen.getByText('Refused: not JSON').waitFor();
  await seen.getByText('put single quotes around it').waitFor();
  await seen.getByText('voltage=231.4', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'Waiting for the first message from M07' }).waitFor();

  await run(command);
  await page.getByRole('heading', { name: 'M07 is connected' }).waitFor();
});

test('one credential of a gateway sends for every device; a taken name is answered with a free one', async () => {
  await using appliance = await startAppliance();
  const person = await appliance.signIn();
  await person.call('POST', '/device-credentials', { name: 'gateway', devices: ['X1'] });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/connect?key=M01&way=gateway');
  await page.getByRole('button', { name: 'Make credential' }).click();
  await page.getByText('There is one of this name already').waitFor();
  await page.getByRole('button', { name: 'Make credential' }).click();
  await page.getByText('Shown once').waitFor();
  for (const key of ['M01', 'M02']) {
    await page.getByLabel('Device key').fill(key);
    await page.getByRole('heading', { name: `Waiting for the first message from ${key}` }).waitFor();
    const command = await shownCommand(page);
    assert.equal(command['-u'], 'vpc/gateway-2');
    await run(command);
    await page.getByRole('heading', { name: `${key} is connected` }).waitFor();
  }
});
