/**
 * How heavy the interface is: bytes, first paint on a slow machine, redrawing of a large chart, live values. Each figure
 * stands beside the least that the browser itself needs, measured in the same run.
 *
 *   npm run --silent bench:ui -- [--runs 5]
 *
 * JSON goes to stdout, a table to stderr.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openBrowser, openPage, signInBy } from '../../support/browser.ts';
import { createTemplate, startFactoryOps } from '../factoryops.ts';
import { describeMachine, describeVersions, summarise } from '../results.ts';
import { measurePage, pageFigures } from './page.ts';
import { machineKey, startPlant } from './plant.ts';
import { measureRedraw } from './redraw.ts';

const CPU_THROTTLE = 4;
const LIVE = { devices: 200, values: 5, messagesPerSecond: 200 };
const LIVE_MS = 6_000;
const TRENDS = `/trends?range=15m&${[0, 1].flatMap((n) => [1, 2, 3, 4].map((v) => `s=${machineKey(n)}:value_${v}`)).join('&')}`;
const DIST = join(import.meta.dirname, '../../../dist/ui');

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const say = (text: string) => process.stderr.write(`${text}\n`);

/** Bytes on the wire with gzip: what index.html asks for at once, and all that can be asked for. */
function bundleBytes() {
  const manifest = JSON.parse(readFileSync(join(DIST, 'manifest.json'), 'utf8')) as { path: string; file: string }[];
  const index = readFileSync(join(DIST, 'index.html'), 'utf8');
  const sizeOf = (files: typeof manifest) =>
    files.reduce((sum, { file }) => sum + readFileSync(join(DIST, `${file}.gz`)).length, 0);
  const scripts = manifest.filter(({ path }) => path.endsWith('.js'));
  return {
    initial_js: sizeOf(scripts.filter(({ path }) => index.includes(path))),
    all_js: sizeOf(scripts),
    css: sizeOf(manifest.filter(({ path }) => path.endsWith('.css'))),
  };
}

type StorageState = NonNullable<BrowserContextOptions['storageState']>;

/** From navigation to the paint that shows the first device of the overview (ms), with an empty cache. */
async function firstPaint(browser: Browser, http: string, storageState: StorageState, path: string): Promise<number> {
  await using opened = await openPage(browser, http, { storageState });
  const { page } = opened;
  const devtools = await measurePage(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_THROTTLE });
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (document.querySelector('.att__row, .calm__l li, body > pre') === null) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(() => Object.assign(window, { paintedAt: performance.now() })));
    });
    seen.observe(document, { childList: true, subtree: true });
  });
  await page.goto(path);
  await page.waitForFunction(() => 'paintedAt' in window);
  return await page.evaluate(() => (window as unknown as { paintedAt: number }).paintedAt);
}

/** Share of the main thread (%) that a page takes while live values come in. */
async function liveShare(browser: Browser, http: string, storageState: StorageState, path: string): Promise<number> {
  await using opened = await openPage(browser, http, { storageState });
  const { page } = opened;
  const devtools = await measurePage(page);
  await page.goto(path);
  await delay(2_000);
  const [before, startedAt] = [await pageFigures(devtools), performance.now()];
  await delay(LIVE_MS);
  const after = await pageFigures(devtools);
  return ((after.taskSeconds - before.taskSeconds) * 100_000) / (performance.now() - startedAt);
}

using template = createTemplate();
await using subject = await startFactoryOps(template.copy());
await using browser = await openBrowser();
await using signedIn = await openPage(browser, subject.http);
await signInBy(signedIn.page);
const storageState = await signedIn.page.context().storageState();

const paint: Record<string, number>[] = [];
const redraw: Record<string, number>[] = [];
for (let run = 1; run <= Number(options.runs); run++) {
  say(`first paint and redraw, run ${run} of ${options.runs}`);
  paint.push({
    overview_ms: await firstPaint(browser, subject.http, storageState, '/'),
    bare_page_ms: await firstPaint(browser, subject.http, storageState, '/healthz'),
  });
  redraw.push(await measureRedraw(browser, subject.http));
}
const live: Record<string, number>[] = [];
{
  await using _plant = await startPlant({ mqttPort: subject.mqttPort, ...LIVE });
  await delay(2_000);
  for (let run = 1; run <= Math.min(3, Number(options.runs)); run++) {
    say(`1,000 live values a second, run ${run}`);
    live.push({
      overview_percent: await liveShare(browser, subject.http, storageState, '/'),
      devices_percent: await liveShare(browser, subject.http, storageState, '/devices'),
      trends_percent: await liveShare(browser, subject.http, storageState, TRENDS),
      kiosk_percent: await liveShare(browser, subject.http, storageState, '/?kiosk=1'),
      bare_page_percent: await liveShare(browser, subject.http, storageState, '/healthz'),
    });
  }
}

const medians = {
  gzip_bytes: bundleBytes(),
  first_paint_4x: summarise('first paint', 'ui', paint).median,
  redraw_10k_x_5: summarise('redraw', 'ui', redraw).median,
  live_1000_values: summarise('live', 'ui', live).median,
};
const report = { machine: describeMachine(), versions: describeVersions(null), medians, runs: { paint, redraw, live } };
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
for (const [name, figures] of Object.entries(medians)) {
  say(name);
  for (const [key, value] of Object.entries(figures)) say(`  ${key.padEnd(24)} ${Math.round(Number(value) * 10) / 10}`);
}
