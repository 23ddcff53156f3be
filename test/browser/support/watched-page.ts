import type { Page } from 'playwright-core';

/** What a page does that none of its elements tell: what it plays, and what it paints. */

/** Counts the tones that the page plays; to be called before it is loaded. @returns how many it has played since */
export async function countTones(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const start = OscillatorNode.prototype.start;
    Object.assign(window, { tones: 0 });
    OscillatorNode.prototype.start = function (...given) {
      (window as unknown as { tones: number }).tones++;
      return start.apply(this, given);
    };
  });
  return () => page.evaluate(() => (window as unknown as { tones: number }).tones);
}

/** Keeps what number stands on the icon of the application; to be called before it is loaded. @returns the last one */
export async function keepBadge(page: Page): Promise<() => Promise<number | undefined>> {
  await page.addInitScript(() => {
    const { prototype } = Navigator;
    const { setAppBadge, clearAppBadge } = prototype;
    prototype.setAppBadge = function (count) {
      Object.assign(window, { badge: count });
      return setAppBadge.call(this, count);
    };
    prototype.clearAppBadge = function () {
      Object.assign(window, { badge: 0 });
      return clearAppBadge.call(this);
    };
  });
  return () => page.evaluate(() => (window as unknown as { badge?: number }).badge);
}

/** Keeps what is written in charts; to be called before the page is loaded. @returns whether it has been written */
export async function keepChartTexts(page: Page): Promise<(words: string) => Promise<boolean>> {
  await page.addInitScript(() => {
    const written = new Set<string>();
    Object.assign(window, { written });
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (words, ...given) {
      written.add(words);
      return write.call(this, words, ...given);
    };
  });
  return (words) =>
    page.evaluate((wanted) => (window as unknown as { written: Set<string> }).written.has(wanted), words);
}

/**
 * How many bands of a severity stand side by side in the first chart of the page: the runs of its solid colour along the
 * upper edge of the plot, where each band has its head.
 */
export const drawnBands = (page: Page, severity: 'low' | 'medium' | 'high' | 'critical'): Promise<number> =>
  page.evaluate((name) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.u-wrap canvas');
    const plot = document.querySelector<HTMLElement>('.u-wrap .u-over');
    const context = canvas?.getContext('2d');
    if (canvas == null || plot === null || context == null) return 0;
    const probe = document.createElement('span');
    probe.style.color = `var(--c-${name})`;
    document.body.append(probe);
    const wanted = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
    probe.remove();
    const scale = canvas.width / canvas.clientWidth;
    const row = Math.round(plot.offsetTop * scale) + 1;
    const { data } = context.getImageData(0, row, canvas.width, 1);
    const is = (x: number) => wanted.every((part, at) => Math.abs((data[x * 4 + at] ?? -1) - part) <= 2);
    let runs = 0;
    for (let x = 0; x < canvas.width; x++) if (is(x) && (x === 0 || !is(x - 1))) runs++;
    return runs;
  }, severity);
