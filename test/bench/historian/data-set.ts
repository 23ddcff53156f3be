/** Instants of one device, one after the other: a message of the backfill, or as many lines of the line protocol. */
export interface Block {
  readonly device: string;
  /** Of the first instant (epoch ms). */
  readonly fromMs: number;
  readonly rows: number;
  /** Row by row, a value for each parameter. */
  readonly values: Float64Array;
}

/** Telemetry that is the same at every reading, its stamps apart: these lie a few days before the day of the run. */
export interface DataSet {
  readonly name: string;
  readonly devices: readonly string[];
  readonly parameters: readonly string[];
  /** Of the first instant (epoch ms). */
  readonly fromMs: number;
  readonly stepMs: number;
  /** Instants of each device. */
  readonly steps: number;
  /** In the order in which a plant would send it: all devices side by side. */
  blocks(): Iterable<Block>;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const ROWS_PER_BLOCK = 250;
/** Short sets begin at this hour of their day, and lie within it. */
const BEGINS_AT_HOUR = 6;

/** Start of a day (UTC) that has been over for at least a day: all of it may be sealed and compacted at once. */
const pastDayMs = (nowMs: number) => Math.floor(nowMs / DAY_MS) * DAY_MS - 2 * DAY_MS;

/** First stamp of a set of hours, within one day. */
export const shortSetFromMs = (nowMs: number) => pastDayMs(nowMs) + BEGINS_AT_HOUR * HOUR_MS;

/** First stamp of a set of whole days. */
export const longSetFromMs = (nowMs: number, days: number) => pastDayMs(nowMs) - (days - 1) * DAY_MS;

export const pointsOf = ({ devices, parameters, steps }: DataSet) => devices.length * parameters.length * steps;

/** `prefix-000`, `prefix-001`, … */
export const deviceNames = (count: number) =>
  Array.from({ length: count }, (_, index) => `bench-${String(index).padStart(3, '0')}`);

/** What a set is made of; `createSource` gives the values of a series, in the order of its instants. */
export interface DataSetShape extends Omit<DataSet, 'blocks'> {
  readonly createSource: (device: number, parameter: number) => () => number;
}

export function createDataSet({ createSource, ...shape }: DataSetShape): DataSet {
  const { devices, parameters, fromMs, stepMs, steps } = shape;
  function* blocks(): Generator<Block> {
    const sources = devices.map((_, device) => parameters.map((_, parameter) => createSource(device, parameter)));
    for (let first = 0; first < steps; first += ROWS_PER_BLOCK) {
      const rows = Math.min(ROWS_PER_BLOCK, steps - first);
      for (const [index, device] of devices.entries()) {
        const ofDevice = sources[index] ?? [];
        const values = new Float64Array(rows * parameters.length);
        for (let at = 0; at < values.length; at += parameters.length) {
          for (const [parameter, next] of ofDevice.entries()) values[at + parameter] = next();
        }
        yield { device, fromMs: fromMs + first * stepMs, rows, values };
      }
    }
  }
  return { ...shape, blocks };
}
