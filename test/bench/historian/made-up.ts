import { createDataSet, DAY_MS, type DataSet, deviceNames, longSetFromMs, shortSetFromMs } from './data-set.ts';
import { createRandom } from './random.ts';

const PARAMETERS = ['p0', 'p1', 'p2', 'p3', 'p4'];
/** Digits behind the point, by parameter: what sensors of machines show. */
const DECIMALS = [1, 2, 2, 1, 3];
const LARGEST_STEP = 2;
const WALK_SPAN = 20_000;
const NOISE_SPAN = 100;
const SERIES_PER_DEVICE = 1_000;

const seedOf = (device: number, parameter: number) => device * SERIES_PER_DEVICE + parameter + 1;

/** A walk on the multiples of a decimal, by up to two of them at a time, between 0 and `WALK_SPAN` of them. */
function createWalk(device: number, parameter: number): () => number {
  const random = createRandom(seedOf(device, parameter));
  const scale = 10 ** (DECIMALS[parameter] ?? 0);
  let mantissa = Math.floor(random() * WALK_SPAN);
  return () => {
    const step = Math.floor(random() * (2 * LARGEST_STEP + 1)) - LARGEST_STEP;
    mantissa = Math.min(WALK_SPAN, Math.max(0, mantissa + step));
    return mantissa / scale;
  };
}

/** Doubles of which every bit is random: nothing can compress them by much. */
function createNoise(device: number, parameter: number): () => number {
  const random = createRandom(seedOf(device, parameter));
  return () => NOISE_SPAN * (random() + random() / 2 ** 32);
}

const stepsOf = (full: number, scale: number) => Math.max(60, Math.round(full * scale));

/** 200 devices x 5 at 1 Hz for 2 h: 7.2 million points. */
export const walks = (nowMs: number, scale: number): DataSet =>
  createDataSet({
    name: 'walks',
    devices: deviceNames(200),
    parameters: PARAMETERS,
    fromMs: shortSetFromMs(nowMs),
    stepMs: 1_000,
    steps: stepsOf(7_200, scale),
    createSource: createWalk,
  });

/** 50 devices x 5 every 10 s for 30 days: 64.8 million points. Whole days, however small the scale. */
export function month(nowMs: number, scale: number): DataSet {
  const days = Math.max(1, Math.round(30 * scale));
  return createDataSet({
    name: 'month',
    devices: deviceNames(50),
    parameters: PARAMETERS,
    fromMs: longSetFromMs(nowMs, days),
    stepMs: 10_000,
    steps: days * (DAY_MS / 10_000),
    createSource: createWalk,
  });
}

/** 20 devices x 5 at 1 Hz for an hour, full precision: 360,000 points. */
export const noise = (nowMs: number, scale: number): DataSet =>
  createDataSet({
    name: 'noise',
    devices: deviceNames(20),
    parameters: PARAMETERS,
    fromMs: shortSetFromMs(nowMs),
    stepMs: 1_000,
    steps: stepsOf(3_600, scale),
    createSource: createNoise,
  });
