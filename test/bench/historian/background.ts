import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from '../flood.ts';
import { startLoad } from '../load.ts';
import { POINTS_PER_MESSAGE } from '../load-protocol.ts';
import type { DataSet } from './data-set.ts';
import type { HistorianSubject } from './historian-subject.ts';

/** Before anything is measured: buffers are then as full as they are while telemetry comes in. */
const WARM_UP_MS = 5_000;

/**
 * Runs `work` while the set's devices go on sending, each message one sample of five parameters, stamped as it is sent:
 * days after the last stamp of the set, so that what is asked about the set has the same answer. The load is a process
 * of its own.
 *
 * @param messagesPerSecond of all devices; the figures say how many came of it
 * @throws {Error} when the subject's own count says that some were not stored
 */
export async function underLoad(
  subject: HistorianSubject,
  { devices, parameters }: DataSet,
  messagesPerSecond: number,
  work: () => Promise<Figures>,
): Promise<Figures> {
  const storedBefore = await subject.storedPoints();
  using load = await startLoad({
    target: subject.live,
    devices,
    metrics: parameters.slice(0, POINTS_PER_MESSAGE),
    stamps: 'sending',
    messagesPerSecond,
    originMs: Date.now(),
  });
  load.start();
  await delay(WARM_UP_MS);
  load.mark();
  const figures = await work();
  const { acknowledged, seconds, ackP50Ms, ackP99Ms, totalSent } = await load.stop('drain');
  const storedAfter = await subject.storedPoints();
  if (storedBefore !== null && storedAfter !== null && storedAfter - storedBefore !== totalSent * POINTS_PER_MESSAGE) {
    const stored = storedAfter - storedBefore;
    throw new Error(`${totalSent * POINTS_PER_MESSAGE} points were sent, ${stored} are stored`);
  }
  return {
    ...figures,
    under_load_s: Number(seconds.toFixed(1)),
    under_load_messages_per_second: Math.round(acknowledged / seconds),
    under_load_points_per_second: Math.round((acknowledged * POINTS_PER_MESSAGE) / seconds),
    under_load_ack_p50_ms: ackP50Ms,
    under_load_ack_p99_ms: ackP99Ms,
  };
}
