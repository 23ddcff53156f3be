import { measured, quantise, type SimulatedDevice, STATE_PARAMETERS } from '../device.ts';
import { createDuty, lagged, type PlantContext } from '../duty.ts';
import { jitterAt, noiseKey, uniformAt } from '../noise.ts';
import { hallTemperatureAt } from '../shifts.ts';

const WINDING_LAG_MS = 25 * 60_000;
const NO_LOAD_CURRENT = 0.35;

/**
 * A four-pole induction motor at 400 V, 50 Hz: the load sets current (with the magnetising part under it), power and
 * slip at once, and the winding temperature with the lag of its copper and iron.
 */
export function createMotor(plant: PlantContext, key: string, number: number): SimulatedDevice {
  const duty = createDuty(plant, key);
  const noise = noiseKey(plant.seed, key);
  const ratedKw = 11 + Math.round(uniformAt(noise, 1) * 8);
  const ratedAmperes = ratedKw * 1.93;
  const heat = lagged((t) => {
    const load = duty.loadAt(t);
    const losses = duty.stateAt(t) === 'stopped' ? 0 : 0.18;
    return losses + load * load;
  }, WINDING_LAG_MS);
  return {
    key,
    name: `Motor ${number}`,
    tags: ['motor'],
    parameters: [
      measured('current', 'A', 1, 'Current'),
      measured('power', 'kW', 2, 'Power'),
      measured('speed', 'rpm', 0, 'Speed'),
      measured('winding_temperature', '°C', 1, 'Winding temperature', { highLimit: 130 }),
      measured('vibration', 'mm/s', 2, 'Vibration', { highLimit: 4.5 }),
      ...STATE_PARAMETERS,
    ],
    metricsAt: (t) => {
      const state = duty.stateAt(t);
      const turning = state !== 'stopped';
      const load = duty.loadAt(t);
      const jitter = (source: number) => jitterAt(noise ^ source, t);
      const current = turning ? ratedAmperes * Math.hypot(NO_LOAD_CURRENT, 0.94 * load) + 0.08 * jitter(3) : 0;
      const power = turning ? ratedKw * (0.04 + load / 0.91) + 0.02 * jitter(5) : 0;
      return {
        current: quantise(Math.max(0, current), 1),
        power: quantise(Math.max(0, power), 2),
        speed: quantise(turning ? 1_499 - 42 * load + jitter(7) : 0, 0),
        winding_temperature: quantise(hallTemperatureAt(t, plant.utcOffsetMinutes) + 72 * heat(t) + 0.1 * jitter(9), 1),
        vibration: quantise(Math.max(0.02, turning ? 0.9 + 1.1 * load + 0.07 * jitter(11) : 0.04), 2),
        running: state === 'running',
        state,
      };
    },
  };
}
