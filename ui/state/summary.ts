import { signal } from '@preact/signals';
import { ApiError, call, type Reply } from '../api/client.ts';
import { onStream } from './stream.ts';

const EVERY_MS = 5_000;
/** After a device event the counts are asked for this soon, and once for many events. */
const SETTLE_MS = 300;

/** The overview in numbers, kept fresh for every page. */
export const summary = signal<Reply<'GET /dashboard/summary'> | undefined>(undefined);

let load: () => Promise<void> = async () => {};

/** Asks for it anew, where the screen itself has changed what it says. */
export const refreshSummary = (): void => void load();

/** Follows the factory's summary until the returned function is called. */
export function followSummary(): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  load = async () => {
    soon = undefined;
    if (document.hidden) return;
    try {
      summary.value = await call('GET /dashboard/summary');
    } catch (error) {
      // The connection's state says it already; the next round asks again.
      if (!(error instanceof ApiError)) throw error;
    }
  };
  const timer = setInterval(() => void load(), EVERY_MS);
  const stop = onStream('device', () => {
    soon ??= setTimeout(() => void load(), SETTLE_MS);
  });
  void load();
  return () => {
    clearInterval(timer);
    clearTimeout(soon);
    load = async () => {};
    stop();
    summary.value = undefined;
  };
}
