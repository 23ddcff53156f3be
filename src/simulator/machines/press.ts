import { measured, quantise, type SimulatedDevice, STATE_PARAMETERS } from '../device.ts';
import type { PlantContext } from '../duty.ts';
import { driftAt, jitterAt, noiseKey } from '../noise.ts';
import { RECORDING_STEP_MS, type Recording } from '../recording.ts';

/** Below this the recorded machine is taken to be switched off, and below the second not to be producing. */
const OFF_BELOW = 35;
const IDLE_BELOW = 68;

/** How the recording is laid over time: `row` is played at `at` (epoch ms), `speed` times as fast as it was recorded. */
export interface Playback {
  readonly row: number;
  readonly at: number;
  readonly speed: number;
}

/**
 * The recorded machine. `temperature` is the recording: exactly a row's value (rounded to 2 decimals) at the row's
 * instant, on a straight line to the next row between, and from the start again after the last. Everything else is
 * simulated to go with it.
 */
export function createPress(plant: PlantContext, key: string, recording: Recording, play: Playback): SimulatedDevice {
  const noise = noiseKey(plant.seed, key);
  const rows = recording.temperatures.length;
  const recordedAt = (row: number) => recording.temperatures[((row % rows) + rows) % rows] ?? 0;
  return {
    key,
    name: 'Press 1 (recorded)',
    tags: ['press'],
    parameters: [
      measured('temperature', '°C', 2, 'Temperature', { highLimit: 105 }),
      measured('hydraulic_pressure', 'bar', 1, 'Hydraulic pressure'),
      measured('stroke_rate', '1/min', 1, 'Strokes per minute'),
      ...STATE_PARAMETERS,
    ],
    metricsAt: (t) => {
      const position = play.row + ((t - play.at) * play.speed) / RECORDING_STEP_MS;
      const row = Math.floor(position);
      const before = recordedAt(row);
      const temperature = before + (recordedAt(row + 1) - before) * (position - row);
      const state = temperature < OFF_BELOW ? 'stopped' : temperature < IDLE_BELOW ? 'idle' : 'running';
      const running = state === 'running';
      const effort = running ? Math.min(1, (temperature - 50) / 50) : 0;
      const pressure = state === 'stopped' ? 0 : 60 + 150 * effort + 1.5 * jitterAt(noise, t);
      const strokes = running ? 22 + 3 * effort + driftAt(noise ^ 3, t, 40_000) + 0.1 * jitterAt(noise ^ 5, t) : 0;
      return {
        temperature: quantise(temperature, 2),
        hydraulic_pressure: quantise(Math.max(0, pressure), 1),
        stroke_rate: quantise(strokes, 1),
        running,
        state,
      };
    },
  };
}
