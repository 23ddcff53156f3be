/**
 * Where the code of every thread is. The one place that knows: a packaged build points it at the bundled entry.
 */
export const threadEntry = (): URL => new URL('./entry.ts', import.meta.url);
