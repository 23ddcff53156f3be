import { AppError } from '../core/errors.ts';
import type { DeviceDescription, SimulatedDevice } from './device.ts';
import type { PlantContext } from './duty.ts';
import { createCompressor } from './machines/compressor.ts';
import { createMeter } from './machines/meter.ts';
import { createMotor } from './machines/motor.ts';
import { createPress, type Playback } from './machines/press.ts';
import { createPump } from './machines/pump.ts';
import { type Recording, readRecording } from './recording.ts';

const DAY_MS = 86_400_000;

/** Devices of a plant when nobody says how many. */
export const DEFAULT_DEVICES = 12;

/** The machine that plays the recording, and the one whose bearing wears out (in a plant of at least 7 devices). */
export const RECORDED_DEVICE = 'press-01';
export const FAULTY_DEVICE = 'pump-02';

/** Without `faultBeganAt` the bearing is renewed every 14 days, always on the same days. */
const BEARING_LIFE_MS = 14 * DAY_MS;
const WEAR_MS = 10 * DAY_MS;

export interface PlantOptions {
  /** How many devices: the recorded press, then motors, pumps, compressors and meters in turn. Default 12. */
  readonly devices?: number;
  /** Default 1. The same seed gives the same plant. */
  readonly seed?: number;
  /** How fast the recording is played, 1 as recorded; the neighbours keep real time. Default 1. */
  readonly speed?: number;
  /** The row of the recording that is played at an instant (epoch ms). Default: row 0 at the epoch, over and over. */
  readonly recordingAt?: { readonly row: number; readonly at: number };
  /** When the faulty bearing begins to wear (epoch ms); 10 days later it has failed and stays so. */
  readonly faultBeganAt?: number;
  /** The plant's clock minus UTC (minutes), for shifts. Default 0. */
  readonly utcOffsetMinutes?: number;
}

/** Wear, 0 to 1, slow at first. */
function wear(options: PlantOptions): (t: number) => number {
  const { faultBeganAt } = options;
  const renewedFor = (t: number) => t - Math.floor(t / BEARING_LIFE_MS) * BEARING_LIFE_MS;
  const idleMs = BEARING_LIFE_MS - WEAR_MS;
  return (t) => {
    const age = faultBeganAt === undefined ? renewedFor(t) - idleMs : t - faultBeganAt;
    const part = Math.min(1, Math.max(0, age / WEAR_MS));
    return part * part;
  };
}

const twoDigits = (number: number) => String(number).padStart(2, '0');

/**
 * The simulated plant, in the order of its keys' first appearance: press-01, motor-01, pump-01, compressor-01, meter-01,
 * motor-02, … Every value is a pure function of the options, the device and the instant, so that history made later
 * joins live values made earlier without a seam.
 *
 * @throws {AppError} `usage` when `devices` is not a whole number from 1 to 2,000, or `speed` is not positive
 */
export function createPlant(options: PlantOptions = {}, recording: Recording = readRecording()): SimulatedDevice[] {
  const { devices = DEFAULT_DEVICES, seed = 1, speed = 1, utcOffsetMinutes = 0 } = options;
  if (!Number.isInteger(devices) || devices < 1 || devices > 2_000) {
    throw new AppError('usage', `cannot simulate ${devices} devices: give a whole number from 1 to 2000`);
  }
  if (!Number.isFinite(speed) || speed <= 0) {
    throw new AppError('usage', `cannot play at speed ${speed}: give a number above 0, 1 being as recorded`);
  }
  const context: PlantContext = { seed, utcOffsetMinutes };
  const playback: Playback = { row: 0, at: 0, ...options.recordingAt, speed };
  const wearAt = wear(options);
  const neighbour = (index: number): SimulatedDevice => {
    const number = Math.floor(index / 4) + 1;
    const suffix = twoDigits(number);
    switch (index % 4) {
      case 0:
        return createMotor(context, `motor-${suffix}`, number);
      case 1: {
        const key = `pump-${suffix}`;
        return createPump(context, key, number, key === FAULTY_DEVICE ? wearAt : () => 0);
      }
      case 2:
        return createCompressor(context, `compressor-${suffix}`, number);
      default:
        return createMeter(context, `meter-${suffix}`, number);
    }
  };
  return [
    createPress(context, RECORDED_DEVICE, recording, playback),
    ...Array.from({ length: devices - 1 }, (_, index) => neighbour(index)),
  ];
}

/** Keys, names, tags, units and decimals of the simulated devices, so that an appliance can be told them beforehand. */
export function demoDevices(devices = DEFAULT_DEVICES): DeviceDescription[] {
  return createPlant({ devices }).map(({ key, name, tags, parameters }) => ({ key, name, tags, parameters }));
}
