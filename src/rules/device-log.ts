import type { Sample } from './fold.ts';

/** Rows of one device that are kept at most: 50 a second for as long as late ones are waited for, twice. */
const MAX_ROWS = 12_000;
const NEAR_ROWS = 16;

/**
 * The newest samples of one device in the order of their stamps, so that what comes late can be folded again. Columns of
 * plain arrays: of a thousand devices it holds a million samples.
 */
export interface DeviceLog {
  readonly length: number;
  /** Samples up to here (epoch ms) may be missing. */
  readonly floor: number;
  /** Puts a sample at its place; one of the same parameter and stamp is replaced. */
  add(ts: number, sample: Sample): void;
  /** Row by row, oldest first. */
  readonly stamps: readonly number[];
  readonly parameters: readonly string[];
  readonly values: readonly Sample['value'][];
  /** The first row behind `ts`. */
  behind(ts: number): number;
  /** Says that samples up to `ts` may be missing. */
  lacks(ts: number): void;
  /** Forgets what is not behind `ts`. */
  trim(ts: number): void;
}

export function createDeviceLog(): DeviceLog {
  const stamps: number[] = [];
  const parameters: string[] = [];
  const values: (number | boolean | string)[] = [];
  let floor = Number.NEGATIVE_INFINITY;

  /** The first row whose stamp is behind `ts`. */
  const behind = (ts: number): number => {
    // Of samples in order it is one of the last.
    for (let row = stamps.length, tries = 0; tries < NEAR_ROWS; row--, tries++) {
      if (row === 0 || (stamps[row - 1] as number) <= ts) return row;
    }
    let [low, high] = [0, stamps.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((stamps[middle] as number) > ts) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  const forget = (count: number) => {
    if (count === 0) return;
    floor = Math.max(floor, stamps[count - 1] as number);
    for (const column of [stamps, parameters, values]) column.splice(0, count);
  };

  return {
    stamps,
    parameters,
    values,
    behind,
    get length() {
      return stamps.length;
    },
    get floor() {
      return floor;
    },
    add: (ts, { parameter, value }) => {
      const newest = stamps.at(-1);
      const row = newest === undefined || newest < ts ? stamps.length : behind(ts);
      for (let same = row - 1; same >= 0 && stamps[same] === ts; same--) {
        if (parameters[same] !== parameter) continue;
        values[same] = value;
        return;
      }
      if (row === stamps.length) {
        stamps.push(ts);
        parameters.push(parameter);
        values.push(value);
      } else {
        stamps.splice(row, 0, ts);
        parameters.splice(row, 0, parameter);
        values.splice(row, 0, value);
      }
      if (stamps.length > MAX_ROWS) forget(MAX_ROWS / 4);
    },
    lacks: (ts) => {
      floor = Math.max(floor, ts);
    },
    trim: (ts) => forget(behind(ts)),
  };
}
