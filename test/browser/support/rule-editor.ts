import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type ApplianceOptions, eventually, type RunningAppliance, startAppliance } from '../../support/appliance.ts';

/** What browser tests of rules do with the editor, by clicks and by keys. */

const MINUTE_MS = 60_000;

/** The last 200 minutes of a press that ran all the time, and was hot for ten minutes from each of these. */
export const pressHistory = (hotFrom: readonly number[]) => ({
  samples: Array.from({ length: 200 }, (_, minute) => ({
    timestamp: Date.now() - (200 - minute) * MINUTE_MS,
    metrics: {
      temperature: hotFrom.some((from) => minute >= from && minute < from + 10) ? 90 : 60,
      vibration: 2,
      running: true,
    },
  })),
});

/** A press that was hot twice within the last hours, each time for ten minutes, while it ran. */
export async function pressed(options: ApplianceOptions = {}) {
  const appliance = await startAppliance(options);
  const client = await appliance.connect();
  const publish = (message: object, device = 'M01') =>
    client.publishAsync(`factories/vpc/devices/${device}/telemetry`, JSON.stringify(message), { qos: 1 });
  await publish(pressHistory([60, 120]));
  const person = await appliance.signIn();
  const device = await eventually(async () => {
    const [found] = (await person.get('/devices?key=M01')).items;
    const { items } = await person.get(`/devices/${found.id}/parameters`);
    return items.some(({ name }: { name: string }) => name === 'temperature') ? found : undefined;
  });
  await person.call('PATCH', `/devices/${device.id}/parameters/temperature`, { unit: '°C', decimals: 1 });
  return { appliance, person, device, publish, [Symbol.asyncDispose]: () => appliance[Symbol.asyncDispose]() };
}

export const line = (page: Page, place: number) => page.locator('[data-node]').nth(place);
export const word = (page: Page, place: number, token: string) =>
  line(page, place).locator(`> .rl__row [data-token="${token}"]`);

/** Chooses one of a few at a word, by clicks. */
export async function choose(page: Page, place: number, token: string, choice: string): Promise<void> {
  await word(page, place, token).click();
  await page.getByRole('menuitemradio', { name: choice, exact: true }).click();
}

export async function act(page: Page, place: number, name: string): Promise<void> {
  await word(page, place, 'menu').click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}

export async function chooseParameter(page: Page, place: number, name: string): Promise<void> {
  await word(page, place, 'parameter').click();
  await page
    .getByRole('group', { name: 'Parameter' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
}

export const onlyM01 = async (page: Page) => {
  await page.locator('[data-token="devices"]').click();
  await page.getByRole('button', { name: 'By name' }).click();
  await page.getByLabel('Find a device').first().fill('M01');
  await page.getByRole('checkbox', { name: /M01/ }).check();
  await page.keyboard.press('Escape');
};

export const ruleNamed = async ({ signIn }: RunningAppliance, name: string) => {
  const { items } = await (await signIn()).get('/rules?limit=500');
  return items.find((rule: { name: string }) => rule.name === name);
};

/** Presses Tab until the focus is where it should be; as somebody does who looks at the ring. */
export async function tabTo(page: Page, selector: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`Tab does not come to ${selector}`);
}

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    const node = element?.closest<HTMLElement>('[data-node]');
    const lines = [...document.querySelectorAll<HTMLElement>('[data-node]')];
    return `${node == null ? '-' : lines.indexOf(node)} ${(element as HTMLElement | null)?.dataset.token ?? element?.tagName}`;
  });

/** Waits until the focus is there: what moves it draws first. */
export const focusIs = (page: Page, wanted: string) =>
  eventually(async () => (await focused(page)) === wanted || undefined, 5_000);

/** The keys, one after the other. */
export const keysOn = (page: Page) => {
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Opens what a word is changed with, which takes the focus. */
  const open = async (...then: string[]) => {
    await press('Enter');
    await page.waitForFunction(() => document.querySelector(':popover-open')?.contains(document.activeElement));
    await press(...then);
  };
  return { press, open };
};
