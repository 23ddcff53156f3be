import { measured, quantise, type SimulatedDevice, STATE_PARAMETERS } from '../device.ts';
import { createDuty, lagged, type PlantContext } from '../duty.ts';
import { jitterAt, noiseKey, uniformAt } from '../noise.ts';
import { hallTemperatureAt } from '../shifts.ts';

const BEARING_LAG_MS = 15 * 60_000;

/**
 * A centrifugal pump driven at variable speed, by the affinity laws: flow goes with speed, pressure with its square,
 * power with both. Wear of its bearing adds vibration (to about 9 mm/s, well above what ISO 10816 calls acceptable for
 * a machine of this size), heat and friction, and costs flow.
 *
 * @param wearAt bearing wear at an instant (epoch ms), 0 (new) to 1 (failed)
 */
export function createPump(
  plant: PlantContext,
  key: string,
  number: number,
  wearAt: (t: number) => number,
): SimulatedDevice {
  const duty = createDuty(plant, key);
  const noise = noiseKey(plant.seed, key);
  const ratedFlow = 38 + 16 * uniformAt(noise, 1);
  const speedAt = (t: number) => {
    const load = duty.loadAt(t);
    return load === 0 ? 0 : 0.55 + 0.45 * load;
  };
  const friction = lagged((t) => (duty.loadAt(t) === 0 ? 0 : 18 + 9 * duty.loadAt(t) + 30 * wearAt(t)), BEARING_LAG_MS);
  return {
    key,
    name: `Pump ${number}`,
    tags: ['pump'],
    parameters: [
      measured('flow', 'm³/h', 1, 'Flow'),
      measured('discharge_pressure', 'bar', 2, 'Discharge pressure'),
      measured('power', 'kW', 2, 'Power'),
      measured('speed', 'rpm', 0, 'Speed'),
      measured('vibration', 'mm/s', 2, 'Vibration', { highLimit: 7.1 }),
      measured('bearing_temperature', '°C', 1, 'Bearing temperature', { highLimit: 85 }),
      ...STATE_PARAMETERS,
    ],
    metricsAt: (t) => {
      const state = duty.stateAt(t);
      const speed = speedAt(t);
      const wear = wearAt(t);
      const jitter = (source: number) => jitterAt(noise ^ source, t);
      const turning = speed > 0;
      const flow = turning ? ratedFlow * speed * (1 - 0.18 * wear) + 0.15 * jitter(3) : 0;
      const pressure = turning ? 0.4 + 5.2 * speed * speed * (1 - 0.1 * wear) + 0.02 * jitter(5) : 0.4;
      const power = turning ? 0.3 + 9.5 * speed * speed * speed * (1 + 0.09 * wear) + 0.02 * jitter(7) : 0;
      const vibration = turning ? 1 + 1.2 * speed + 6.8 * wear + (0.06 + 0.5 * wear) * jitter(9) : 0.05;
      return {
        flow: quantise(Math.max(0, flow), 1),
        discharge_pressure: quantise(pressure, 2),
        power: quantise(Math.max(0, power), 2),
        speed: quantise(turning ? 2_930 * speed + jitter(11) : 0, 0),
        vibration: quantise(Math.max(0.02, vibration), 2),
        bearing_temperature: quantise(hallTemperatureAt(t, plant.utcOffsetMinutes) + friction(t) + 0.1 * jitter(13), 1),
        running: state === 'running',
        state,
      };
    },
  };
}
