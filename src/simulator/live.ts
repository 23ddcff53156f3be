import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { SimulatedDevice } from './device.ts';
import { createPlant, type PlantOptions } from './plant.ts';
import { type BrokerTarget, openPublisher, type Publisher } from './publisher.ts';

const PROGRESS_MS = 1_000;
const CLOSE_GRACE_MS = 2_000;
const LEAST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;
/** A loop that was held up for longer (a suspended laptop) goes on from now; nothing is made up for. */
const CATCH_UP_MS = 1_000;
/** Messages without a PUBACK, waiting out a broker's restart; beyond it new ones are dropped and counted. */
const MAX_PENDING = 5_000;

/** Counts since the start. */
export interface SimulationProgress {
  /** Messages handed to the connection. */
  readonly published: number;
  /** Messages whose PUBACK came. */
  readonly acknowledged: number;
  /** Messages not sent because 5,000 were waiting already. */
  readonly dropped: number;
  readonly connected: boolean;
}

/** Every option of the plant, of the connection, and the pace. */
export interface SimulationOptions extends BrokerTarget, PlantOptions {
  /** Messages a second of each device, above 0, at most 1,000. Default 1. */
  readonly ratePerSecond?: number;
  /** Ends the simulation. */
  readonly signal: AbortSignal;
  /** Called about once a second. */
  readonly onProgress?: (progress: SimulationProgress) => void;
}

/**
 * Publishes the plant as it is now until `signal` aborts, then resolves with the final counts. Messages are stamped on
 * an even grid, no more than some milliseconds ago, and the devices take turns within the interval. A broker that goes
 * away is waited for.
 *
 * @throws {AppError} as `openPublisher` and `createPlant`; later `unauthenticated` or `forbidden` when a reconnection is
 *   refused for good
 */
export async function runSimulation(options: SimulationOptions): Promise<SimulationProgress> {
  const { ratePerSecond = 1, signal, onProgress } = options;
  if (!(ratePerSecond > 0 && ratePerSecond <= 1_000)) {
    throw new AppError(
      'usage',
      `cannot publish ${ratePerSecond} messages a second: give a number above 0, at most 1000`,
    );
  }
  const devices = createPlant(options);
  const counts = { published: 0, acknowledged: 0, dropped: 0 };
  const publisher = await openPublisher(options, signal);
  if (publisher === undefined) return { ...counts, connected: false };
  const progress = (): SimulationProgress => ({ ...counts, connected: publisher.connected });
  const timer = setInterval(() => onProgress?.(progress()), PROGRESS_MS);
  const ended = new AbortController();
  try {
    const until = AbortSignal.any([signal, ended.signal]);
    const loop = publishOnTime(devices, 1_000 / ratePerSecond, publisher, counts, until);
    await Promise.race([loop, publisher.failed]);
  } finally {
    ended.abort();
    clearInterval(timer);
    await publisher.close(CLOSE_GRACE_MS);
  }
  return progress();
}

/** The loop itself: resolves when `signal` aborts. */
async function publishOnTime(
  devices: readonly SimulatedDevice[],
  intervalMs: number,
  publisher: Publisher,
  counts: { published: number; acknowledged: number; dropped: number },
  signal: AbortSignal,
): Promise<void> {
  const start = Date.now();
  const turns = devices.map((device, index) => ({ device, dueAt: start + (index * intervalMs) / devices.length }));
  const send = (device: SimulatedDevice, timestamp: number) => {
    if (publisher.pending >= MAX_PENDING) {
      counts.dropped++;
      return;
    }
    counts.published++;
    const payload = JSON.stringify({ metrics: device.metricsAt(timestamp), timestamp });
    publisher.publish(device.key, payload).then(
      () => counts.acknowledged++,
      () => undefined, // closed with the message still waiting: it stays unacknowledged in the counts
    );
  };
  while (!signal.aborted) {
    const now = Date.now();
    let nextDueAt = Number.POSITIVE_INFINITY;
    for (const turn of turns) {
      if (turn.dueAt < now - Math.max(CATCH_UP_MS, intervalMs)) turn.dueAt = now;
      for (; turn.dueAt <= now; turn.dueAt += intervalMs) send(turn.device, Math.floor(turn.dueAt));
      nextDueAt = Math.min(nextDueAt, turn.dueAt);
    }
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, nextDueAt - now));
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}
