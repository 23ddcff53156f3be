import { driftAt, noiseKey, uniformAt } from './noise.ts';
import { shiftAt } from './shifts.ts';

const MINUTE_MS = 60_000;
const STOP_SLOT_MS = 30 * MINUTE_MS;
const STOP_SHARE = 0.12;

/** What all devices of a plant share. */
export interface PlantContext {
  readonly seed: number;
  /** The plant's clock minus UTC (minutes). */
  readonly utcOffsetMinutes: number;
}

export type MachineState = 'running' | 'idle' | 'stopped';

/** What a machine has to do: the cause behind all its measurements. */
export interface Duty {
  /** `stopped` while the plant is closed, `idle` in breaks and in short stops of the machine's own, else `running`. */
  stateAt(t: number): MachineState;
  /** Mechanical load as a share of the rated one, 0 to 1.05; 0 unless running. */
  loadAt(t: number): number;
}

/** Production of the whole line, 0 to 1: what the machines' loads have in common. 0 in breaks and while closed. */
export function lineLoadAt(plant: PlantContext, t: number): number {
  const { intensity } = shiftAt(t, plant.utcOffsetMinutes);
  if (intensity === 0) return 0;
  const key = noiseKey(plant.seed, 'line');
  return intensity * (0.8 + 0.13 * driftAt(key, t, 25 * MINUTE_MS) + 0.05 * driftAt(key ^ 7, t, 3 * MINUTE_MS));
}

/** The duty of the machine `key`: the line's load, its own small deviations, and now and then a stop of 1 to 5 minutes. */
export function createDuty(plant: PlantContext, key: string): Duty {
  const noise = noiseKey(plant.seed, `${key}/duty`);
  const inShortStop = (t: number): boolean => {
    const slot = Math.floor(t / STOP_SLOT_MS);
    if (uniformAt(noise, slot) >= STOP_SHARE) return false;
    const lengthMs = (1 + 4 * uniformAt(noise ^ 11, slot)) * MINUTE_MS;
    const startMs = uniformAt(noise ^ 13, slot) * (STOP_SLOT_MS - lengthMs);
    const offset = t - slot * STOP_SLOT_MS;
    return offset >= startMs && offset < startMs + lengthMs;
  };
  const stateAt = (t: number): MachineState => {
    const { activity } = shiftAt(t, plant.utcOffsetMinutes);
    if (activity === 'closed') return 'stopped';
    return activity === 'break' || inShortStop(t) ? 'idle' : 'running';
  };
  return {
    stateAt,
    loadAt: (t) => {
      if (stateAt(t) !== 'running') return 0;
      const own = 0.04 * driftAt(noise ^ 17, t, 90_000) + 0.02 * driftAt(noise ^ 19, t, 11_000);
      return Math.min(1.05, Math.max(0.05, lineLoadAt(plant, t) + own));
    },
  };
}

const STEPS_PER_LAG = 16;
const LAGS_REMEMBERED = 6;

/**
 * First-order lag (thermal inertia) of `cause`, with the time constant `lagMs`. A pure function of `t` all the same: the
 * past six time constants are weighed again for each point of a fixed grid, and values between are interpolated. The
 * last few grid points are remembered, which makes walking through time cheap and changes no value.
 */
export function lagged(cause: (t: number) => number, lagMs: number): (t: number) => number {
  const stepMs = lagMs / STEPS_PER_LAG;
  const keep = 1 - 1 / STEPS_PER_LAG;
  const points = new Map<number, number>();
  const pointAt = (index: number): number => {
    const known = points.get(index);
    if (known !== undefined) return known;
    let sum = 0;
    let weights = 0;
    let weight = 1;
    for (let back = 0; back < STEPS_PER_LAG * LAGS_REMEMBERED; back++) {
      sum += weight * cause((index - back) * stepMs);
      weights += weight;
      weight *= keep;
    }
    if (points.size >= 8) points.clear();
    points.set(index, sum / weights);
    return sum / weights;
  };
  return (t) => {
    const index = Math.floor(t / stepMs);
    const part = t / stepMs - index;
    return pointAt(index) * (1 - part) + pointAt(index + 1) * part;
  };
}
