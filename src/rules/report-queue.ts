import { setTimeout as delay } from 'node:timers/promises';
import type { PackedRule } from './engine-thread.ts';
import type { Report } from './transition.ts';

export interface ReportQueueParts {
  /** Writes reports down: in their order, again when it is asked to. */
  readonly apply: (factoryId: number, reports: readonly Report[]) => Promise<void>;
  /** Writes down a snapshot. */
  readonly save: (factoryId: number, packed: PackedRule) => void;
  readonly onFault: (error: unknown, snapshot?: PackedRule) => void;
  readonly retryMs?: number;
}

/**
 * Reports on their way to where they are written down, and snapshots behind them: what a snapshot has reported must not be
 * asked of it again. Each factory has its turn; what fails is tried again, with what has come meanwhile behind it.
 */
export interface ReportQueue {
  add(reports: readonly Report[]): void;
  snapshot(factoryId: number, packed: PackedRule): void;
  /** Reports that are not written down yet. */
  readonly waiting: number;
  /** Resolves when all of now are written down. */
  settled(): Promise<void>;
  /** Gives up what cannot be written down. */
  stop(): void;
}

const RETRY_MS = 1_000;

type Item = { readonly report: Report } | { readonly packed: PackedRule };

export function createReportQueue({ apply, save, onFault, retryMs = RETRY_MS }: ReportQueueParts): ReportQueue {
  const waitingOf = new Map<number, Item[]>();
  const working = new Map<number, Promise<void>>();
  const stopping = new AbortController();
  let waiting = 0;

  /** What comes first: a snapshot, or the reports before the next one. */
  const next = async (factoryId: number, items: Item[]): Promise<void> => {
    const [first] = items;
    if (first !== undefined && 'packed' in first) {
      items.shift();
      try {
        save(factoryId, first.packed);
      } catch (error) {
        // The one before it stands, and there will be another.
        onFault(error, first.packed);
      }
      return;
    }
    const reports: Report[] = [];
    for (const item of items) {
      if ('packed' in item) break;
      reports.push(item.report);
    }
    try {
      await apply(factoryId, reports);
      items.splice(0, reports.length);
      waiting -= reports.length;
    } catch (error) {
      onFault(error);
      await delay(retryMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  };

  const work = async (factoryId: number, items: Item[]): Promise<void> => {
    while (items.length > 0 && !stopping.signal.aborted) await next(factoryId, items);
    waitingOf.delete(factoryId);
    working.delete(factoryId);
  };

  const put = (factoryId: number, item: Item) => {
    const known = waitingOf.get(factoryId);
    if (known !== undefined) return void known.push(item);
    const items = [item];
    waitingOf.set(factoryId, items);
    // Behind this turn, so that what comes in it goes together.
    working.set(
      factoryId,
      Promise.resolve().then(() => work(factoryId, items)),
    );
  };

  return {
    add: (reports) => {
      if (stopping.signal.aborted) return;
      waiting += reports.length;
      for (const report of reports) put(report.factoryId, { report });
    },
    snapshot: (factoryId, packed) => {
      if (!stopping.signal.aborted) put(factoryId, { packed });
    },
    get waiting() {
      return waiting;
    },
    settled: async () => {
      await Promise.all(working.values());
    },
    stop: () => stopping.abort(),
  };
}
