import { measured, quantise, type SimulatedDevice, STATE_PARAMETERS } from '../device.ts';
import { createDuty, lagged, type PlantContext } from '../duty.ts';
import { jitterAt, noiseKey, uniformAt } from '../noise.ts';
import { hallTemperatureAt } from '../shifts.ts';

const OIL_LAG_MS = 12 * 60_000;
const LOW_BAR = 6.6;
const HIGH_BAR = 7.4;

/**
 * A screw compressor between two pressures: while it loads, the network's pressure climbs, while it runs unloaded it
 * falls. The more air the line takes, the larger the loaded part of each cycle.
 */
export function createCompressor(plant: PlantContext, key: string, number: number): SimulatedDevice {
  const duty = createDuty(plant, key);
  const noise = noiseKey(plant.seed, key);
  const cycleMs = 70_000 + Math.round(50_000 * uniformAt(noise, 1));
  const ratedKw = 30 + Math.round(15 * uniformAt(noise, 2));
  /** Demand is fixed for one cycle, so that the pressure has no step inside it. */
  const loadedShareAt = (cycle: number) => 0.12 + 0.76 * Math.min(1, duty.loadAt(cycle * cycleMs));
  const heat = lagged((t) => {
    if (duty.stateAt(t) === 'stopped') return 0;
    return 0.4 + 0.6 * loadedShareAt(Math.floor(t / cycleMs));
  }, OIL_LAG_MS);
  return {
    key,
    name: `Compressor ${number}`,
    tags: ['compressor'],
    parameters: [
      measured('pressure', 'bar', 2, 'Network pressure', { highLimit: 8 }),
      measured('current', 'A', 1, 'Current'),
      measured('power', 'kW', 1, 'Power'),
      measured('oil_temperature', '°C', 1, 'Oil temperature', { highLimit: 105 }),
      { name: 'loaded', kind: 'boolean', displayName: 'Loaded' },
      ...STATE_PARAMETERS,
    ],
    metricsAt: (t) => {
      const cycle = Math.floor(t / cycleMs);
      const phase = t / cycleMs - cycle;
      const share = loadedShareAt(cycle);
      const stopped = duty.stateAt(t) === 'stopped';
      const loaded = !stopped && phase < share;
      const rise = loaded ? phase / share : (1 - phase) / (1 - share);
      const jitter = (source: number) => jitterAt(noise ^ source, t);
      const power = stopped ? 0 : ratedKw * (loaded ? 0.93 + 0.07 * rise : 0.27) + 0.1 * jitter(3);
      return {
        pressure: quantise(stopped ? 0.1 : LOW_BAR + (HIGH_BAR - LOW_BAR) * rise + 0.01 * jitter(5), 2),
        current: quantise(power * 1.72, 1),
        power: quantise(power, 1),
        oil_temperature: quantise(hallTemperatureAt(t, plant.utcOffsetMinutes) + 58 * heat(t) + 0.1 * jitter(7), 1),
        loaded,
        running: !stopped,
        state: stopped ? 'stopped' : loaded ? 'running' : 'idle',
      };
    },
  };
}
