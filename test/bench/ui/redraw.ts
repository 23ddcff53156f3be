import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { openPage } from '../../support/browser.ts';
import type { redraw } from './redraw-page.ts';

const [POINTS, SERIES, ROUNDS] = [10_000, 5, 120];

const at = (list: readonly number[], share: number) =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;

/**
 * How long the product's own chart takes to be drawn anew in a real browser: 5 lines of 10,000 samples. `live`: with a
 * new sample in each; `pan`: the same ones in another window; `bare_canvas`: the same points as 5 paths on a canvas,
 * with no axis, and nothing else. Main thread, ms.
 */
export async function measureRedraw(browser: Browser, http: string): Promise<Record<string, number>> {
  const entry = join(import.meta.dirname, 'redraw-page.ts');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    write: false,
    minify: true,
  });
  await using opened = await openPage(browser, http);
  const { page } = opened;
  // Any page of the appliance: the charts take its colours.
  await page.goto('/');
  // By the browser's own protocol, which the appliance's Content-Security-Policy does not concern.
  await page.evaluate(outputFiles[0]?.text ?? '');
  const { live, pan, bare } = await page.evaluate(
    ([points, series, rounds]) =>
      (globalThis as unknown as { redrawCharts: typeof redraw }).redrawCharts(points, series, rounds),
    [POINTS, SERIES, ROUNDS] as const,
  );
  return {
    live_p50_ms: at(live, 0.5),
    live_p95_ms: at(live, 0.95),
    pan_p50_ms: at(pan, 0.5),
    pan_p95_ms: at(pan, 0.95),
    bare_canvas_p50_ms: at(bare, 0.5),
  };
}
