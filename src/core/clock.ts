import { buildInfo } from './version.ts';

/** Where every time in the appliance comes from; tests hand in their own. Epoch milliseconds, UTC. */
export interface Clock {
  now(): number;
  /** Whether it can be right, where somebody watches it (`clock-guard.ts`). */
  readonly isTrusted?: boolean;
  /** How far it was set back within the last day (ms): what devices stamp may be ahead of it by as much. */
  readonly setBackMs?: number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** No FactoryOps existed before this: an earlier clock is a machine with an empty battery, not the past. */
const FIRST_EVER_MS = Date.UTC(2026, 10, 1);

/** When this program was built, as far as it knows (epoch ms). */
export const EARLIEST_PLAUSIBLE_MS = buildInfo().builtAt ?? FIRST_EVER_MS;

/** False while the clock cannot be right; stamps ahead of it are then not refused. */
export function clockIsTrusted(clock: Clock): boolean {
  return clock.isTrusted ?? clock.now() >= EARLIEST_PLAUSIBLE_MS;
}
