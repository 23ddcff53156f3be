import { setTimeout as delay } from 'node:timers/promises';
import type { SampleWriter } from './samples.ts';

/** A series that left the registry, by its factory. */
export interface ForgottenSeries {
  readonly factoryId: number;
  readonly seriesId: number;
}

/** Erases the samples of forgotten series behind the back of the traffic: nobody waits for it. */
export interface Eraser {
  /** Queues them. They must have left the registry. */
  add(series: readonly ForgottenSeries[]): void;
  /** Ends between two steps; the list of forgotten series tells the next start what is left. */
  stop(): Promise<void>;
}

export interface EraserParts {
  readonly writer: Pick<SampleWriter, 'erase'>;
  /** Takes their samples out of what is sealed. */
  readonly purge: (series: readonly ForgottenSeries[]) => Promise<void>;
  /** Takes them off the list: no sample of theirs is left. */
  readonly erased: (series: readonly ForgottenSeries[]) => void;
  readonly onFault: (error: unknown) => void;
  /** Time given to batches between two steps (ms). */
  readonly pauseMs?: number;
  readonly retryMs?: number;
}

/** Two parts of three of the writer's time stay the batches'. */
const PAUSE_MS = 40;
const RETRY_MS = 10_000;

export function createEraser(parts: EraserParts): Eraser {
  const { writer, purge, erased, onFault, pauseMs = PAUSE_MS, retryMs = RETRY_MS } = parts;
  const waiting: (readonly ForgottenSeries[])[] = [];
  const stopping = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  let running: Promise<void> | undefined;

  const eraseAll = async (series: readonly ForgottenSeries[]): Promise<void> => {
    for (const [factoryId, ofFactory] of Map.groupBy(series, (item) => item.factoryId)) {
      const seriesIds = ofFactory.map(({ seriesId }) => seriesId);
      let from: number | null = null;
      do {
        from = await writer.erase({ factoryId, seriesIds, from });
        if (from !== null) await pause(pauseMs);
      } while (from !== null && !stopping.signal.aborted);
    }
    if (stopping.signal.aborted) return;
    await purge(series);
    erased(series);
  };

  const run = async (): Promise<void> => {
    for (let series = waiting[0]; series !== undefined && !stopping.signal.aborted; series = waiting[0]) {
      try {
        await eraseAll(series);
        waiting.shift();
      } catch (error) {
        if (stopping.signal.aborted) break;
        onFault(error);
        await pause(retryMs);
      }
    }
    running = undefined;
  };

  return {
    add: (series) => {
      if (series.length === 0) return;
      waiting.push(series);
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
