import { backfill } from './backfill.ts';
import { runSimulation } from './live.ts';
import type { PlantOptions } from './plant.ts';
import type { BrokerTarget } from './publisher.ts';
import { readRecording } from './recording.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const HISTORY_MS = 3 * DAY_MS;
const HISTORY_STEP_MS = 30_000;
/** The recording has a sample every five minutes; at this speed the demo shows one every five seconds. */
const RECORDING_SPEED = 60;
/** The recorded machine fails this long after the start. */
const FAILURE_MINUTES = 10;

/** The recording's catastrophic failure so many minutes from `now`, and a bearing on which six days of wear show. */
export function failureComing(minutes: number, now: number): Pick<PlantOptions, 'recordingAt' | 'faultBeganAt'> {
  const failure = readRecording().anomalies.at(-1);
  if (failure === undefined) return {};
  return { recordingAt: { row: failure.firstRow, at: now + minutes * MINUTE_MS }, faultBeganAt: now - 6 * DAY_MS };
}

export interface DemoOptions extends BrokerTarget {
  /** The newest sample there is (epoch ms): history before it is not sent again. */
  readonly newestAt: number;
  readonly signal: AbortSignal;
}

/**
 * The demo's plant: what is missing of the last three days at once, then live until `signal` aborts.
 *
 * @throws {AppError} as `backfill` and `runSimulation`
 */
export async function runDemo({ newestAt, signal, ...target }: DemoOptions): Promise<void> {
  const now = Date.now();
  const plant = { ...target, ...failureComing(FAILURE_MINUTES, now), speed: RECORDING_SPEED };
  const from = Math.max(newestAt + 1, now - HISTORY_MS);
  await backfill({ ...plant, from, to: now, stepMs: HISTORY_STEP_MS, signal });
  if (!signal.aborted) await runSimulation({ ...plant, signal });
}
