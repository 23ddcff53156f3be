import { measured, quantise, type SimulatedDevice } from '../device.ts';
import { lineLoadAt, type PlantContext } from '../duty.ts';
import { driftAt, jitterAt, noiseKey, uniformAt } from '../noise.ts';

const HOUR_MS = 3_600_000;
const GRID_MS = 15 * 60_000;
/** When all meters were installed at 0 kWh. Earlier instants read 0. */
const INSTALLED_AT = Date.UTC(2025, 0, 1);

/**
 * The counter (kWh) of a power (kW) as a pure function of time: the integral since installation on a grid of 15 minutes,
 * with straight lines between. Each grid point is summed once; asking walks on from the last one asked for.
 */
function createCounter(powerAt: (t: number) => number): (t: number) => number {
  const sums: number[] = [0];
  const sumAt = (index: number): number => {
    let sum = sums.at(-1) ?? 0;
    for (let next = sums.length; next <= index; next++) {
      sum += (powerAt(INSTALLED_AT + (next - 0.5) * GRID_MS) * GRID_MS) / HOUR_MS;
      sums.push(sum);
    }
    return sums[index] ?? 0;
  };
  return (t) => {
    const position = Math.max(0, (t - INSTALLED_AT) / GRID_MS);
    const index = Math.floor(position);
    const from = sumAt(index);
    return from + (sumAt(index + 1) - from) * (position - index);
  };
}

/** A three-phase energy meter of a part of the plant: the line's load over a base that never rests. */
export function createMeter(plant: PlantContext, key: string, number: number): SimulatedDevice {
  const noise = noiseKey(plant.seed, key);
  const baseKw = 9 + 6 * uniformAt(noise, 1);
  const lineKw = 90 + 60 * uniformAt(noise, 2);
  const planAt = (t: number) => baseKw + lineKw * lineLoadAt(plant, t);
  const counterAt = createCounter(planAt);
  return {
    key,
    name: `Energy meter ${number}`,
    tags: ['meter'],
    parameters: [
      measured('voltage', 'V', 1, 'Voltage L-N', { lowLimit: 207, highLimit: 253 }),
      measured('current', 'A', 1, 'Current'),
      measured('power', 'kW', 2, 'Active power'),
      { name: 'power_factor', kind: 'number', decimals: 3, displayName: 'Power factor' },
      measured('frequency', 'Hz', 2, 'Frequency', { lowLimit: 49.5, highLimit: 50.5 }),
      measured('energy', 'kWh', 1, 'Energy'),
    ],
    metricsAt: (t) => {
      const jitter = (source: number) => jitterAt(noise ^ source, t);
      const load = lineLoadAt(plant, t);
      const power = planAt(t) * (1 + 0.015 * driftAt(noise, t, 20_000)) + 0.05 * jitter(3);
      const voltage = 232.5 - 4.5 * load + 0.8 * driftAt(noise ^ 5, t, 240_000) + 0.1 * jitter(7);
      const powerFactor = 0.88 + 0.08 * load + 0.002 * jitter(9);
      return {
        voltage: quantise(voltage, 1),
        current: quantise((power * 1_000) / (3 * voltage * powerFactor), 1),
        power: quantise(power, 2),
        power_factor: quantise(powerFactor, 3),
        frequency: quantise(50 + 0.04 * driftAt(noise ^ 11, t, 45_000) + 0.004 * jitter(13), 2),
        energy: quantise(counterAt(t), 1),
      };
    },
  };
}
