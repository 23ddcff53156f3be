declare global {
  /** A successful answer, read: its Date header and its JSON. */
  interface EarlyAnswer {
    readonly date: string | null;
    readonly body: unknown;
  }

  /** By address: what `before-paint.ts` has asked for; undefined when there was no success. */
  var early: Map<string, Promise<EarlyAnswer | undefined>> | undefined;
}

/** An answer is taken over until then; after it one is asked for anew (ms since the page began to load). */
const FRESH_MS = 5_000;

/**
 * The answer to a GET that `before-paint.ts` has asked for ahead, once. Undefined when it was not asked for, was refused,
 * or has come too long ago: whoever wants it then asks itself.
 */
export async function takeEarly(url: string): Promise<EarlyAnswer | undefined> {
  const answer = globalThis.early?.get(url);
  if (answer === undefined) return undefined;
  globalThis.early?.delete(url);
  return performance.now() < FRESH_MS ? answer : undefined;
}

/** When all of them are there: a page that begins then is drawn once, with what it shows. */
export async function earlyAnswers(): Promise<void> {
  await Promise.all(globalThis.early?.values() ?? []);
}
