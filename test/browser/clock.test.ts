import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, signInBy } from '../support/browser.ts';
import { addMember } from '../support/users.ts';

const DAY_MS = 86_400_000;

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** The appliance, on a wall clock that the test moves. */
async function clockedAppliance(dataDir: string) {
  let offset = 0;
  const appliance = await startAppliance({
    dataDir,
    clock: { now: () => Date.now() + offset },
    monotonic: () => performance.now(),
  });
  return Object.assign(appliance, {
    move: (ms: number) => {
      offset += ms;
    },
  });
}

test('a clock that jumps is said on every page, an admin confirms it by one click, and it is gone', async () => {
  using directory = temporaryDirectory();
  const viewer = await addMember(directory.path, 'viewer');
  await using appliance = await clockedAppliance(directory.path);
  await using owned = await openPage(browser, appliance.ready.http);
  await using viewed = await openPage(browser, appliance.ready.http);
  await signInBy(owned.page);
  await signInBy(viewed.page, viewer.email, viewer.password);
  const banner = owned.page.getByRole('note').filter({ hasText: 'clock' });
  const button = owned.page.getByRole('button', { name: 'The time is right' });
  assert.equal(await banner.count(), 0);

  // Two days: a sign-in outlives what is confirmed.
  appliance.move(2 * DAY_MS);
  await banner.getByText('it has jumped 2 d ahead').waitFor();
  await banner.getByText('Telemetry is stored. Archiving, and removing what is old, wait.').waitFor();
  for (const page of ['Devices', 'Trends']) {
    await owned.page.getByRole('link', { name: page, exact: true }).first().click();
    await owned.page.getByRole('heading', { level: 1, name: page }).waitFor();
    await button.waitFor();
  }
  await owned.page.goto('/?kiosk=1');
  await banner.getByText('An administrator can set the clock').waitFor();
  assert.equal(await button.count(), 0, 'nobody presses anything on a wall');
  await owned.page.goto('/');

  await viewed.page.getByText('An administrator can set the clock').waitFor();
  assert.equal(await viewed.page.getByRole('button', { name: 'The time is right' }).count(), 0);

  const refused = await viewed.page.evaluate(
    async () => (await fetch('/api/v1/clock/confirm', { method: 'POST' })).status,
  );
  assert.equal(refused, 403);

  await button.click();
  await owned.page.getByText('The time is taken as right').waitFor();
  await banner.waitFor({ state: 'detached' });
  await owned.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.deepEqual(owned.complaints, []);

  appliance.move(-3_000 * DAY_MS);
  await banner.getByText('before this program was built').waitFor();
  await banner.getByText('Set the clock of the machine: this goes away by itself.').waitFor();
  assert.equal(await button.count(), 0);
  appliance.move(3_020 * DAY_MS);
  await banner.getByText('it has jumped 20 d ahead').waitFor();
  await button.waitFor();
  appliance.move(-20 * DAY_MS);
  await banner.waitFor({ state: 'detached' });
});
