import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page, Request } from 'playwright-core';
import { type RunningAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { openBrowser, openPage, PHONE, signInBy } from '../support/browser.ts';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

type Metrics = Readonly<Record<string, number | boolean | string>>;

async function publish({ connect }: RunningAppliance, key: string, message: object): Promise<void> {
  const client = await connect();
  await client.publishAsync(`factories/vpc/devices/${key}/telemetry`, JSON.stringify(message), { qos: 1 });
}

/** Samples every `stepMs`, the last one `agoMs` ago. */
const course = (count: number, stepMs: number, metricsAt: (place: number) => Metrics, agoMs = 0) => ({
  samples: Array.from({ length: count }, (_, place) => ({
    timestamp: Date.now() - agoMs - (count - 1 - place) * stepMs,
    metrics: metricsAt(place),
  })),
});

const plot = (page: Page) => page.locator('.u-over').first();

/** Drags over a part of the first chart (shares of its width). */
async function dragOver(page: Page, from: number, to: number): Promise<void> {
  const box = await plot(page).boundingBox();
  assert.ok(box !== null);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y, { steps: 4 });
  await page.mouse.move(box.x + box.width * to, y, { steps: 4 });
  await page.mouse.up();
}

/** What a history request asks for. */
function asked(request: Request): { interval: string | null; spanMs: number } {
  const query = new URL(request.url()).searchParams;
  const [from, to] = ['from', 'to'].map((name) => Date.parse(query.get(name) ?? ''));
  return { interval: query.get('interval'), spanMs: Number(to) - Number(from) };
}

const legend = (page: Page, name: RegExp) => page.getByRole('button', { name }).first();

test('a chart follows what is published, stands still once zoomed, and follows again by Live', async () => {
  await using appliance = await startAppliance();
  await publish(
    appliance,
    'M01',
    course(60, 1_000, () => ({ voltage: 231.4 }), 2_000),
  );
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage&range=5m');
  await legend(page, /^voltage 231.4/).waitFor();
  await publish(appliance, 'M01', { metrics: { voltage: 229.9 } });
  await legend(page, /^voltage 229.9/).waitFor();

  await dragOver(page, 0.85, 0.97);
  await page.waitForURL(/from=.*to=/);
  await page.mouse.move(5, 5);
  const live = page.getByRole('group', { name: 'Time range' }).getByRole('button', { name: 'Live' });
  assert.equal(await live.getAttribute('aria-pressed'), 'false');
  await publish(appliance, 'M01', { metrics: { voltage: 240.5 } });
  await page.getByRole('button', { name: 'Live' }).first().click();
  await page.waitForURL(/range=5m/);
  await legend(page, /^voltage 240.5/).waitFor();
  assert.equal(await live.getAttribute('aria-pressed'), 'true');
  await publish(appliance, 'M01', { metrics: { voltage: 241.5 } });
  await legend(page, /^voltage 241.5/).waitFor();
  assert.deepEqual(complaints, []);
});

test('dragging zooms and fetches finer data, a double click goes back', async () => {
  await using appliance = await startAppliance();
  await publish(
    appliance,
    'M01',
    course(2_000, 5_000, (place) => ({ voltage: 200 + (place % 50) })),
  );
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage&range=3h');
  const detail = page.getByRole('heading', { name: /averages of 1 min with minimum and maximum/ });
  await detail.waitFor();
  const finer = page.waitForRequest(
    (request) => /kpis\/history/.test(request.url()) && asked(request).interval === 'raw',
  );
  await dragOver(page, 0.5, 0.6);
  const { spanMs } = asked(await finer);
  assert.ok(spanMs < 30 * 60_000, `a tenth of three hours and its margins, not ${spanMs / 60_000} min`);
  await page.getByRole('heading', { name: /single samples/ }).waitFor();
  await page.waitForURL(/from=.*to=/);
  await plot(page).dblclick();
  await detail.waitFor();
  await page.waitForURL(/range=3h/);
});

test('wheel and keys zoom and move, Escape goes back', async () => {
  await using appliance = await startAppliance();
  await publish(
    appliance,
    'M01',
    course(600, 5_000, () => ({ voltage: 230 })),
  );
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage&range=1h');
  await legend(page, /^voltage 230/).waitFor();
  const span = () => {
    const query = new URL(page.url()).searchParams;
    return Date.parse(query.get('to') ?? '') - Date.parse(query.get('from') ?? '');
  };
  await plot(page).hover();
  await page.mouse.wheel(0, -300);
  await page.waitForURL(/from=/);
  const zoomed = span();
  assert.ok(zoomed > 0 && zoomed < 3_600_000);
  await page.getByRole('application', { name: /^voltage/ }).focus();
  const from = new URL(page.url()).searchParams.get('from') ?? '';
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL((url) => (url.searchParams.get('from') ?? from) < from);
  assert.equal(span(), zoomed, 'moving does not zoom');
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => !url.searchParams.has('from') || url.searchParams.get('from') === from);
});

test('what was missed while the line was down is there after its return, without a reload', async () => {
  using directory = temporaryDirectory();
  const first = await startAppliance({ dataDir: directory.path });
  const port = Number(new URL(first.ready.http).port);
  await publish(
    first,
    'M01',
    course(30, 1_000, () => ({ voltage: 230 }), 5_000),
  );
  await using opened = await openPage(browser, first.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage&range=15m');
  const samples = (count: number) => page.getByRole('row', { name: new RegExp(`voltage .* ${count} \\d+`) });
  await samples(30).waitFor();
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));

  await page.route('**/api/v1/stream*', (route) => route.abort());
  await first[Symbol.asyncDispose]();
  await page
    .getByText(/Reconnecting…/)
    .filter({ visible: true })
    .waitFor();
  await using second = await startAppliance({ dataDir: directory.path, flags: { 'http.port': port } });
  await publish(
    second,
    'M01',
    course(20, 100, (place) => ({ voltage: 240 + place })),
  );
  await publish(second, 'NEW-1', { metrics: { voltage: 1 } });
  await page.unroute('**/api/v1/stream*');
  await samples(50).waitFor();
  await page.getByText('NEW-1').waitFor();
  assert.equal(await page.evaluate(() => 'isTheSamePage' in window), true);
});

test('what is chosen stands in the address, whatever its name, and a link shows the same', async () => {
  await using appliance = await startAppliance();
  const odd = 'a:b, c&d=é %';
  await publish(
    appliance,
    'M01',
    course(20, 1_000, () => ({ [odd]: 12.5, state: 'idle', voltage: 230 })),
  );
  await publish(appliance, 'M02', { metrics: { voltage: 1 } });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/trends');
  await page.getByRole('searchbox', { name: 'Find a parameter' }).fill('m01 c&d');
  await page.getByRole('checkbox', { name: odd }).check();
  await page.getByRole('searchbox', { name: 'Find a parameter' }).fill('idle');
  await page.getByText('Nothing matches.').waitFor();
  await page.getByRole('searchbox', { name: 'Find a parameter' }).fill('m01 state');
  await page.getByRole('checkbox', { name: 'state', exact: true }).check();
  await page.getByRole('button', { name: /^Last 1 hour/ }).click();
  await page.getByRole('button', { name: '15 min', exact: true }).click();
  await legend(page, /12.5/).waitFor();

  await using other = await openPage(browser, appliance.ready.http, { viewport: PHONE });
  await signInBy(other.page);
  const { pathname, search } = new URL(page.url());
  await other.page.goto(pathname + search);
  await legend(other.page, /12.5/).waitFor();
  await legend(other.page, /^state idle/).waitFor();
  await other.page.getByRole('button', { name: /^Last 15 min/ }).waitFor();
  assert.equal(await other.page.getByRole('row', { name: /voltage/ }).count(), 0);
  assert.deepEqual(complaints, []);
});

test('views are kept and taken away by keys alone, which go where one looks from the first moment', async () => {
  await using appliance = await startAppliance();
  await publish(
    appliance,
    'M01',
    course(60, 1_000, () => ({ voltage: 231.4 })),
  );
  await using opened = await openPage(browser, appliance.ready.http);
  const { page, complaints } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage');
  const views = page.getByRole('button', { name: 'Views' });
  const item = (name: string) => page.getByRole('menuitem', { name, exact: true });
  for (const name of ['one', 'two', 'three']) {
    await views.focus();
    await page.keyboard.press('Enter');
    await item('Save this view…').waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText(`Saved ${name}`).waitFor();
  }
  await views.focus();
  await page.keyboard.press('Enter');
  const focused = () => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);
  await item('Delete one').waitFor();
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'Delete one');
  await page.keyboard.press('Enter');
  await item('Delete one').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'Delete three', 'what stands in its place');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'three');
  await page.getByRole('button', { name: 'Undo' }).click();
  await views.click();
  await item('Delete one').waitFor();
  // Whoever types faster than the screen is painted types into the dialog all the same.
  const hasIt = await item('Save this view…').evaluate(async (it) => {
    (it as HTMLElement).click();
    await Promise.resolve().then(() => {});
    return document.querySelector('dialog')?.contains(document.activeElement);
  });
  assert.equal(hasIt, true);
  assert.deepEqual(complaints, []);
});

test('a time is typed by the clock of the factory, and what is no time is refused', async () => {
  await using appliance = await startAppliance();
  await publish(appliance, 'M01', { metrics: { voltage: 230 } });
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage');
  await page.getByRole('button', { name: /^Last 1 hour/ }).click();
  const picker = page.getByRole('dialog', { name: 'Time range' });
  await picker.getByLabel('From', { exact: true }).fill('some day');
  await picker.getByRole('button', { name: 'Show' }).click();
  await picker.getByText('Not a time. Type for example 22 Nov 14:30.').waitFor();
  await picker.getByLabel('From', { exact: true }).fill('22 Nov 2020 14:30');
  await picker.getByLabel('To', { exact: true }).fill('22 Nov 2020 16:30');
  await page.keyboard.press('Enter');
  await page.waitForURL(/from=2020-11-22T14%3A30.*to=2020-11-22T16%3A30/);
  await page.getByText('No samples in this time').waitFor();
  await page.getByRole('button', { name: 'Earlier' }).click();
  await page.waitForURL(/from=2020-11-22T12%3A30/);
});

test('the CSV holds the points that are drawn; every sample is another file', async () => {
  await using appliance = await startAppliance();
  await publish(
    appliance,
    'M01',
    course(40, 1_000, (place) => ({ voltage: 200 + place })),
  );
  await using opened = await openPage(browser, appliance.ready.http);
  const { page } = opened;
  await signInBy(page);
  await page.goto('/trends?s=M01:voltage&range=1h');
  await legend(page, /^voltage 239/).waitFor();
  const linesOf = async (choice: string) => {
    await page.getByRole('button', { name: 'CSV' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: choice }).click();
    const file = await readFile(await (await saved).path(), 'utf8');
    return file.trimEnd().split('\r\n');
  };
  const drawn = await linesOf('What is drawn');
  assert.equal(drawn[0], 'device,parameter,unit,t,interval,value,min,max,samples');
  assert.equal(drawn.length, 41);
  assert.match(drawn[40] ?? '', /^M01,voltage,,\d{4}-.*Z,raw,239,,,1$/);
  const raw = await linesOf('Every sample');
  assert.equal(raw[0], 'device,parameter,unit,t,value');
  assert.equal(raw.length, 41);
});
