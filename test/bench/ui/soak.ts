/**
 * Leaves the interface open for long, under load, with all pages visited in turn: does the heap grow, is a live value
 * lost? The load is 100 times that of the demo (40 points/s), over real MQTT.
 *
 *   npm run --silent soak:ui -- [--minutes 10]
 *
 * JSON goes to stdout, a line for each round to stderr. Exit code 1 when the heap has grown or a value was lost.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser, openPage, signInBy } from '../../support/browser.ts';
import { createTemplate, startFactoryOps } from '../factoryops.ts';
import { describeMachine, describeVersions } from '../results.ts';
import { measurePage, settledFigures } from './page.ts';
import { machineKey, type Plant, startPlant } from './plant.ts';

const PLANT = { devices: 100, values: 5, messagesPerSecond: 800 };
/** Time on each page (ms). */
const VISIT_MS = 4_000;
/** How long the screen may take to show what was acknowledged before the publishing stopped changing it (ms). */
const SHOWN_WITHIN_MS = 3_000;
/** Growth that a heap of this size has by chance, from the first third of the rounds to the last. */
const MAX_GROWTH = { ratio: 1.1, bytes: 2_000_000 };

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Whether the page comes to show a counter no older than what is acknowledged now. */
async function showsNewest(page: Page, plant: Plant, key: string): Promise<boolean> {
  const wanted = plant.acknowledged.get(key) ?? 0;
  const deadline = performance.now() + SHOWN_WITHIN_MS;
  while (performance.now() < deadline) {
    const shown = await page.evaluate(() =>
      [...document.querySelectorAll('[data-parameter="counter"] b')].map((element) =>
        Number(element.textContent?.replaceAll(',', '')),
      ),
    );
    if (shown.some((value) => value >= wanted)) return true;
    await delay(50);
  }
  return false;
}

using template = createTemplate();
await using subject = await startFactoryOps(template.copy());
await using plant = await startPlant({ mqttPort: subject.mqttPort, ...PLANT });
await using browser = await openBrowser();
await using opened = await openPage(browser, subject.http);
const { page, complaints } = opened;
await signInBy(page);
const devtools = await measurePage(page);
await delay(2_000);

/** Goes on inside the application, as a person does: a page load would hide what is never let go. */
const visit = (path: string) =>
  page.evaluate((to) => {
    const link = document.createElement('a');
    link.href = to;
    document.body.append(link);
    link.click();
    link.remove();
  }, path);

const deviceIds = new Map<string, string>();
const idOf = async (key: string): Promise<string> => {
  const known = deviceIds.get(key);
  if (known !== undefined) return known;
  const id = await page.evaluate(async (wanted) => {
    const answer = await fetch(`/api/v1/devices?key=${wanted}`);
    return ((await answer.json()) as { items: { id: string }[] }).items[0]?.id ?? '';
  }, key);
  deviceIds.set(key, id);
  return id;
};

const rounds: { heapBytes: number; nodes: number; listeners: number }[] = [];
let checked = 0;
let lost = 0;
const endsAt = performance.now() + Number(options.minutes) * 60_000;
for (let round = 0; performance.now() < endsAt; round++) {
  const key = machineKey(round % PLANT.devices);
  const device = `/devices/${await idOf(key)}`;
  const series = Array.from({ length: 4 }, (_, at) => `s=${key}:value_${at + 1}`).join('&');
  for (const path of ['/devices', `/trends?${series}&range=15m`, `${device}?tab=parameters`, '/connect', '/', device]) {
    await visit(path);
    await delay(VISIT_MS);
  }
  checked++;
  if (!(await showsNewest(page, plant, key))) lost++;
  await visit('/');
  await delay(500);
  const { heapBytes, nodes, listeners } = await settledFigures(devtools);
  rounds.push({ heapBytes, nodes, listeners });
  process.stderr.write(
    `round ${round + 1}: heap ${(heapBytes / 1e6).toFixed(1)} MB, ${nodes} nodes, ${listeners} listeners, ${lost} of ${checked} live values late\n`,
  );
}

const third = Math.max(1, Math.floor(rounds.length / 3));
const [early, late] = [rounds.slice(0, third), rounds.slice(-third)].map((part) =>
  median(part.map((it) => it.heapBytes)),
);
const [from = Number.NaN, to = Number.NaN] = [early, late];
const hasGrown = to > from * MAX_GROWTH.ratio && to > from + MAX_GROWTH.bytes;
const stored = await subject.stored();
const report = {
  machine: describeMachine(),
  versions: describeVersions(null),
  minutes: Number(options.minutes),
  points_stored: stored?.points ?? null,
  rounds: rounds.length,
  heap_bytes: { first_third: from, last_third: to, has_grown: hasGrown },
  nodes: { first: rounds[0]?.nodes, last: rounds.at(-1)?.nodes },
  live_values: { checked, lost },
  complaints,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
if (hasGrown || lost > 0 || complaints.length > 0) process.exitCode = 1;
