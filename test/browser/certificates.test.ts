import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connectAsync } from 'mqtt';
import type { Browser } from 'playwright-core';
import { SEED } from '../../src/accounts/accounts.ts';
import { type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';
import { caOf, connectMqtts, ownAddress } from '../support/tls.ts';

const address = ownAddress();
const skip = address === undefined ? 'this machine has no address but loopback' : false;
/** The browser does not know the CA: what is tested is what is sent to it. */
const OVER_TLS = { ignoreHTTPSErrors: true };

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const at = (url: string) => url.replace('127.0.0.1', address ?? '');

const withCredential = async (running: RunningAppliance) => {
  const person = await running.signIn();
  const { body } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  return body as { id: string; username: string; password: string };
};

test('over the network HTTP leads to HTTPS, and one signs in there, stays so, and signs out', { skip }, async () => {
  await using running = await startAppliance({ flags: { 'network.listen': 'lan' } });
  await using opened = await openPage(browser, at(running.ready.http), OVER_TLS);
  const { page, complaints } = opened;
  await page.goto('/devices');
  assert.equal(new URL(page.url()).origin, at(running.ready.https));
  await page.getByLabel('Email').fill(SEED.email);
  await page.getByLabel('Password').fill(SEED.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
  const cookies = await page.context().cookies();
  assert.deepEqual(
    cookies.map(({ name, secure, httpOnly, sameSite }) => [name, secure, httpOnly, sameSite]).toSorted(),
    [
      ['__Secure-factoryops_access', true, true, 'Strict'],
      ['__Secure-factoryops_refresh', true, true, 'Strict'],
    ],
  );
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();

  // Beside it, by plain HTTP on the machine itself, sessions are others: neither is in the other's way.
  await page.context().clearCookies();
  await page.goto(`${running.ready.http}/`);
  await page.getByLabel('Email').fill(SEED.email);
  await page.getByLabel('Password').fill(SEED.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.goto(`${running.ready.https}/`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Email').fill(SEED.email);
  await page.getByLabel('Password').fill(SEED.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.goto(`${running.ready.http}/`);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('the CA is downloaded, its fingerprint shown, and how it is installed on each platform', { skip }, async () => {
  await using running = await startAppliance({ flags: { 'network.listen': 'lan' } });
  const ca = await caOf(running);
  await using opened = await openPage(browser, at(running.ready.https), OVER_TLS);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/certificates');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CA' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'factoryops-ca.crt');
  assert.equal(readFileSync(await download.path(), 'utf8'), ca);
  const state = await (await running.signIn()).get('/tls');
  for (const one of [state.ca, state.certificate]) await page.getByText(one.fingerprint_sha256).waitFor();
  await page.getByText(address ?? '', { exact: true }).waitFor();
  await page.getByRole('img', { name: 'Address of the CA, for telephones' }).waitFor();
  const platform = page.getByRole('combobox', { name: 'Platform' });
  for (const [label, says] of [
    ['Debian, Ubuntu', /update-ca-certificates/],
    ['RHEL, Fedora', /update-ca-trust/],
    ['Windows', /certutil -addstore/],
    ['macOS', /add-trusted-cert/],
    ['Devices, programs', /mosquitto_pub -h .* --cafile factoryops-ca\.crt/],
  ] as const) {
    await platform.selectOption({ label });
    await page
      .getByRole('region', { name: `Command for ${label}` })
      .filter({ hasText: says })
      .waitFor();
  }
  for (const label of ['Android', 'iPhone, iPad', 'Firefox']) {
    await platform.selectOption({ label });
    await page
      .getByText(label === 'Firefox' ? /Authorities, Import/ : /Settings, (Security|General)/)
      .first()
      .waitFor();
  }
  assert.deepEqual(complaints, []);
});

test('a certificate is made on the page, used by a real client, and revoked while it is connected', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.client_certificates': 'optional' } });
  const ca = await caOf(running);
  await withCredential(running);
  await using opened = await openPage(browser, running.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/settings/certificates');
  await page.getByRole('button', { name: 'Make a certificate…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make certificate' }).click();
  await dialog.getByText('The certificate needs a name.').waitFor();
  await dialog.getByLabel('Name').fill('PLC line 2');
  await dialog.getByRole('button', { name: 'Make certificate' }).click();
  await dialog.getByRole('heading', { name: 'PLC line 2 is made' }).waitFor();
  const cert = await dialog.getByRole('region', { name: 'Certificate' }).innerText();
  const key = await dialog.getByRole('region', { name: 'Private key' }).innerText();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save key' }).click(),
  ]);
  assert.equal(saved.suggestedFilename(), 'PLC-line-2.key');
  await dialog.getByRole('button', { name: 'Done' }).click();

  const client = await connectMqtts(running.ready.mqtts, { ca, cert, key });
  await client.publishAsync('factories/vpc/devices/M01/telemetry', '{"metrics":{"a":1}}', { qos: 1 });
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await page.getByRole('button', { name: 'Revoke PLC line 2' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('PLC line 2 revoked.').waitFor();
  await ended;
  await page.getByRole('row').filter({ hasText: 'PLC line 2' }).getByText('Revoked').waitFor();
  await assert.rejects(connectMqtts(running.ready.mqtts, { ca, cert, key }), /Not authorized/);
  assert.deepEqual(complaints, []);
});

test('"Connect a device" over the network says how by TLS, and the command works', { skip }, async () => {
  await using running = await startAppliance({ flags: { 'network.listen': 'lan' } });
  await using opened = await openPage(browser, at(running.ready.https), OVER_TLS);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/connect?key=M07');
  await page.getByRole('button', { name: 'Make credential' }).click();
  const command = await page.getByRole('region', { name: /Paste into a terminal/ }).innerText();
  const word = (pattern: RegExp) => pattern.exec(command)?.[1] ?? '';
  assert.match(command, /--cafile factoryops-ca\.crt/);
  const url = `mqtts://${word(/-h (\S+)/)}:${word(/-p (\d+)/)}`;
  const sign = { username: word(/-u (\S+)/), password: word(/-P (\S+)/) };
  const client = await connectAsync(url, { ca: await caOf(running), reconnectPeriod: 0, ...sign });
  await client.publishAsync(word(/-t (\S+)/), '{"metrics":{"a":1}}', { qos: 1 });
  await client.endAsync();
  await page.getByText('M07 is connected').waitFor();
});

test('the page works on a phone and in the dark, and axe finds nothing serious', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.client_certificates': 'required' } });
  const { id } = await withCredential(running);
  const person = await running.signIn();
  await person.call('POST', `/device-credentials/${id}/certificates`, { name: 'PLC line 2', days: 10 });
  await using opened = await openPage(browser, running.ready.http, { colorScheme: 'dark', viewport: PHONE });
  const { page } = opened;
  await signInBy(page);
  await page.goto('/settings/certificates?on=ios');
  await page.getByText('Expires soon').waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.getByRole('button', { name: 'Make a certificate…' }).click();
  await page.getByRole('dialog').getByText('Stays on the device').click();
  assert.deepEqual(await barriers(page), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 0);
});
