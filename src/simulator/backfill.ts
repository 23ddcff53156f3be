import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { SimulatedDevice } from './device.ts';
import { createPlant, type PlantOptions } from './plant.ts';
import { type BrokerTarget, openPublisher } from './publisher.ts';

/** Samples of one message: a payload of some 50 KiB, which a broker decodes without holding up others. */
const SAMPLES_PER_BATCH = 250;
/** Hard bound of a payload (bytes), below the appliance's 256 KiB. */
const MAX_PAYLOAD_BYTES = 200 * 1_024;
const MAX_IN_FLIGHT = 8;
const PROGRESS_MS = 1_000;
const CLOSE_GRACE_MS = 5_000;

/** Counts of what has been acknowledged. */
export interface BackfillProgress {
  readonly messages: number;
  /** Samples (instants of one device), each with all its metrics. */
  readonly samples: number;
  /** Single values: samples times their metrics. */
  readonly points: number;
  /** Share of all samples, 0 to 1. 1 means that everything was acknowledged. */
  readonly fraction: number;
  readonly connected: boolean;
}

/** Every option of the plant and of the connection, and which history to send. */
export interface BackfillOptions extends BrokerTarget, PlantOptions {
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly to: number;
  /** Time between two samples of a device (ms). Instants are multiples of it, so that a second backfill repeats the first. */
  readonly stepMs: number;
  /** Stops early; the result's `fraction` then says how far it came. */
  readonly signal?: AbortSignal;
  /** Called about once a second. */
  readonly onProgress?: (progress: BackfillProgress) => void;
}

/** Sample batches as payloads, each within the byte bound; a batch that is too large is halved. */
function payloadsOf(device: SimulatedDevice, instants: readonly number[]): { payload: string; samples: number }[] {
  const samples = instants.map((timestamp) => ({ timestamp, metrics: device.metricsAt(timestamp) }));
  const payload = JSON.stringify({ samples });
  if (instants.length <= 1 || Buffer.byteLength(payload) < MAX_PAYLOAD_BYTES) {
    return [{ payload, samples: samples.length }];
  }
  const half = instants.length >> 1;
  return [...payloadsOf(device, instants.slice(0, half)), ...payloadsOf(device, instants.slice(half))];
}

/**
 * Sends history in batches, oldest first, all devices side by side, as quickly as the broker acknowledges: at most 8
 * messages are in flight. Survives the broker's restarts; resolves when every PUBACK has come (or `signal` aborted).
 *
 * @throws {AppError} `usage` for a range or step that makes no sense, else as `runSimulation`
 */
export async function backfill(options: BackfillOptions): Promise<BackfillProgress> {
  const { from, to, stepMs, signal, onProgress } = options;
  if (!(stepMs >= 1 && Number.isInteger(stepMs) && Number.isFinite(from) && Number.isFinite(to))) {
    throw new AppError('usage', `cannot backfill every ${stepMs} ms from ${from} to ${to}: give whole milliseconds`);
  }
  const devices = createPlant(options);
  const first = Math.ceil(from / stepMs);
  const last = Math.ceil(to / stepMs) - 1;
  const total = Math.max(0, last - first + 1) * devices.length;
  const counts = { messages: 0, samples: 0, points: 0 };
  const fraction = () => (total === 0 ? 1 : counts.samples / total);
  const publisher = total === 0 ? undefined : await openPublisher(options, signal);
  if (publisher === undefined) return { ...counts, fraction: fraction(), connected: false };
  const progress = (): BackfillProgress => ({ ...counts, fraction: fraction(), connected: publisher.connected });
  const timer = setInterval(() => onProgress?.(progress()), PROGRESS_MS);
  const stopped = Promise.withResolvers<void>();
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    stopped.resolve();
  };
  signal?.addEventListener('abort', stop);
  const inFlight = new Set<Promise<void>>();
  const send = (device: SimulatedDevice, payload: string, samples: number) => {
    const sent = publisher.publish(device.key, payload).then(() => {
      counts.messages++;
      counts.samples += samples;
      counts.points += samples * device.parameters.length;
    });
    const settled = sent.catch(() => undefined).finally(() => inFlight.delete(settled)); // `failed` tells why
    inFlight.add(settled);
  };
  const run = async () => {
    for (let index = first; index <= last && !isStopped; index += SAMPLES_PER_BATCH) {
      const size = Math.min(SAMPLES_PER_BATCH, last - index + 1);
      const instants = Array.from({ length: size }, (_, offset) => (index + offset) * stepMs);
      for (const device of devices) {
        for (const { payload, samples } of payloadsOf(device, instants)) {
          while (inFlight.size >= MAX_IN_FLIGHT && !isStopped) await Promise.race(inFlight);
          if (isStopped) return;
          send(device, payload, samples);
        }
        await nextTurn(); // making a batch takes some milliseconds; the broker may live in this very process
      }
    }
    await Promise.all(inFlight);
  };
  try {
    await Promise.race([run(), stopped.promise, publisher.failed]);
  } finally {
    stop();
    signal?.removeEventListener('abort', stop);
    clearInterval(timer);
    await publisher.close(CLOSE_GRACE_MS);
  }
  return progress();
}
