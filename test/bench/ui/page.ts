import type { CDPSession, Page } from 'playwright-core';

/** What Chromium says of a page's main thread and memory. */
export interface PageFigures {
  /** Time that the main thread has worked so far (s). */
  readonly taskSeconds: number;
  readonly heapBytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Asks Chromium by its own protocol (Performance domain). */
export async function pageFigures(devtools: CDPSession): Promise<PageFigures> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find((candidate) => candidate.name === name)?.value ?? Number.NaN;
  return {
    taskSeconds: metric('TaskDuration'),
    heapBytes: metric('JSHeapUsedSize'),
    nodes: metric('Nodes'),
    listeners: metric('JSEventListeners'),
  };
}

/** The same after everything that nobody holds is gone. */
export async function settledFigures(devtools: CDPSession): Promise<PageFigures> {
  await devtools.send('HeapProfiler.collectGarbage');
  return pageFigures(devtools);
}

/** A session of Chromium's protocol with a page, measuring. */
export async function measurePage(page: Page): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'timeTicks' });
  await devtools.send('HeapProfiler.enable');
  return devtools;
}
