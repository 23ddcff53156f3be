import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SEED } from '../../src/accounts/accounts.ts';
import { type Person, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { barriers } from '../support/axe.ts';
import { DESKTOP, openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** How far the page itself can be scrolled sideways (px). */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const LOOKS = [
  { viewport: DESKTOP, colorScheme: 'light' },
  { viewport: DESKTOP, colorScheme: 'dark' },
  { viewport: PHONE, colorScheme: 'light' },
  { viewport: PHONE, colorScheme: 'dark' },
] as const;

/** A heading or text that shows that the page is there, by its address. */
const PAGES = (deviceId: string): readonly (readonly [path: string, shows: RegExp])[] => [
  ['/', /Overview/],
  ['/devices', /Devices/],
  [`/devices/${deviceId}`, /M01/],
  [`/devices/${deviceId}?tab=parameters`, /M01/],
  [`/devices/${deviceId}?tab=commands`, /M01/],
  [`/devices/${deviceId}?tab=connection`, /M01/],
  [`/devices/${deviceId}?tab=rejects`, /M01/],
  ['/devices?standing=pending', /Devices/],
  ['/devices?standing=retired', /Devices/],
  ['/connect', /Connect a device/],
  ['/trends', /Trends/],
  ['/trends?s=M01:voltage&range=1h', /Trends/],
  ['/rules', /Rules/],
  ['/rules/new', /New rule/],
  ['/settings/storage', /Storage/],
  ['/settings/transfer?devices=,&parameters=,', /Import and export/],
  ['/settings/connections', /MQTT connections/],
  ['/settings/connections?view=log&kind=all', /MQTT connections/],
  ['/settings/credentials', /Device credentials/],
  ['/settings/users', /Users/],
  ['/settings/keys', /API keys/],
  ['/settings/channels', /Channels/],
  ['/settings/channels?view=messages', /Channels/],
  ['/settings/certificates', /Certificates/],
  ['/settings/factories', /Factories/],
  ['/settings/logins', /Logins/],
  ['/settings/audit', /Audit/],
  ['/profile', /Profile/],
  ['/reset-password#token', /Set a new password/],
  ['/invite#token', /This link does not work/],
  ['/nowhere', /There is no such page/],
];

const LONG_KEY = 'a-key-that-is-as-long-as-the-key-of-a-device-may-be.0123456789ab';

/** Dialogs that are long, or have more than fields in them: where they stand, and what opens them. */
const DIALOGS = (deviceId: string): readonly (readonly [path: string, open: (page: Page) => Promise<void>])[] => [
  [
    '/settings/credentials',
    async (page) => {
      await page.getByRole('button', { name: 'New credential…' }).click();
      await page.getByRole('button', { name: 'A set' }).click();
      await page.getByLabel('Device keys').fill(`M01 ${LONG_KEY} unknown`);
      await page.getByText('Not known yet').waitFor();
    },
  ],
  [
    '/settings/credentials',
    async (page) => {
      await page.getByRole('button', { name: 'What to do with gateway' }).click();
      await page.getByRole('menuitem', { name: 'New password…' }).click();
      await page.getByRole('button', { name: 'Make new password' }).click();
      await page.getByRole('region', { name: /^Paste into a terminal/ }).waitFor();
    },
  ],
  [
    `/devices/${deviceId}`,
    async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Merge into another…' }).click();
      await page.getByRole('radio').first().check();
      await page.getByLabel('Type M01 to confirm').waitFor();
    },
  ],
  [
    '/settings/users',
    async (page) => {
      await page.getByRole('button', { name: 'Invite…' }).click();
      await page.getByLabel('Email').fill('a.person.with.a.long.address@subdomain.example.com');
      await page.keyboard.press('Enter');
      await page.getByRole('img', { name: 'QR code of the link' }).waitFor();
    },
  ],
  [
    '/settings/keys',
    async (page) => {
      await page.getByRole('button', { name: 'Make a key…' }).click();
      await page.getByLabel('Name', { exact: true }).waitFor();
    },
  ],
  [
    '/settings/logins',
    async (page) => {
      await page.getByRole('button', { name: 'What to do with Olga' }).click();
      await page.getByRole('menuitem', { name: 'Factories…' }).click();
      await page.getByRole('dialog').getByText('VPC Industries').waitFor();
    },
  ],
  [
    '/settings/audit?what=invite.',
    async (page) => {
      await page
        .getByRole('button', { name: /^Details of/ })
        .first()
        .click();
      await page.getByRole('dialog').getByText('Request').waitFor();
    },
  ],
  [
    '/profile',
    async (page) => {
      await page.getByRole('button', { name: 'Turn on…' }).click();
      await page.getByLabel('Current password').fill(SEED.password);
      await page.keyboard.press('Enter');
      await page.getByRole('img', { name: /QR code/ }).waitFor();
    },
  ],
];

/** Somebody with a long address and every permission, somebody invited, and a key. */
async function people({ ready: { http } }: RunningAppliance, owner: Person): Promise<string> {
  const permissions = ['devices', 'rules', 'analytics', 'reports', 'users'];
  const invite = async (email: string) =>
    (await owner.call('POST', '/invites', { email, role: 'operator', permissions })).body.link.path as string;
  const [, token] = (await invite('a.very.long.name.before.the.at@subdomain.of.a.company.example.com')).split('#');
  await fetch(`${http}/api/v1/invites/accept`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, name: 'Olga', password: 'correct horse' }),
  });
  await owner.call('POST', '/api-keys', { name: 'Grafana', role: 'viewer', permissions: [], expires_at: null });
  return invite('another.long.address.of.somebody@subdomain.example.com');
}

for (const look of LOOKS) {
  const name = `${look.viewport.width} px, ${look.colorScheme}`;

  test(`no page keeps anybody out or scrolls sideways (${name})`, async () => {
    await using appliance = await startAppliance();
    const client = await appliance.connect();
    const topicOf = (key: string) => `factories/vpc/devices/${key}/telemetry`;
    const publish = (key: string, metrics: object) =>
      client.publishAsync(topicOf(key), JSON.stringify({ metrics }), { qos: 1 });
    const long = 'a metric with a very long name '.repeat(4).trim();
    for (const voltage of [228, 231.4, 260]) {
      await publish('M01', { voltage, running: true, state: 'idle', [long]: 1 });
    }
    await client.publishAsync(topicOf('M01'), 'not JSON', { qos: 1 });
    const person = await appliance.signIn();
    const [device] = (await person.get('/devices?key=M01')).items;
    await person.call('PATCH', `/devices/${device.id}/parameters/voltage`, { high_limit: 250, unit: 'V' });

    await person.call('POST', '/device-credentials', { name: 'gateway', devices: ['press-*', LONG_KEY, 'M01'] });
    await publish('gone', { voltage: 1 });
    const [gone] = (await person.get('/devices?key=gone')).items;
    await person.call('POST', `/devices/${gone.id}/retire`);
    await person.call('PUT', '/device-admission', { mode: 'approve' });
    await publish(LONG_KEY, { voltage: 231.4, running: true, state: 'idle', [long]: 1 });

    const invitation = await people(appliance, person);

    await using opened = await openPage(browser, appliance.ready.http, { ...look, reducedMotion: 'reduce' });
    const { page, complaints } = opened;
    await page.goto(invitation);
    await page.getByLabel('Your name').waitFor();
    assert.deepEqual(await barriers(page), [], 'invitation');
    assert.equal(await overflow(page), 0, 'the invitation scrolls sideways');
    await page.goto('/');
    await page.getByLabel('Email').waitFor();
    assert.deepEqual(await barriers(page), [], 'sign-in');
    await signInBy(page);
    for (const [path, shows] of PAGES(device.id)) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1, name: shows }).waitFor();
      await page.waitForFunction(() => document.querySelector('.skel') === null);
      assert.deepEqual(await barriers(page), [], path);
      assert.equal(await overflow(page), 0, `${path} scrolls sideways`);
    }
    for (const [path, open] of DIALOGS(device.id)) {
      await page.goto(path);
      await open(page);
      assert.deepEqual(await barriers(page), [], `dialog of ${path}`);
      const isWide = await page.getByRole('dialog').evaluate((dialog) => dialog.scrollWidth > dialog.clientWidth);
      assert.equal(isWide, false, `the dialog of ${path} scrolls sideways`);
    }
    assert.deepEqual(complaints, []);
  });
}

test('the setup wizard keeps nobody out', async () => {
  await using appliance = await startAppliance({ seeded: false });
  for (const look of LOOKS) {
    await using opened = await openPage(browser, appliance.ready.http, look);
    await opened.page.goto('/');
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(await barriers(opened.page), []);
    assert.equal(await overflow(opened.page), 0);
  }
});
