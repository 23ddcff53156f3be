import { type AssetFolder, assetFolder } from '../core/assets.ts';

/** Time between two rows of the recording (ms). */
export const RECORDING_STEP_MS = 300_000;

/** Rows of an anomaly, both ends included, counted from 0. */
export interface RowWindow {
  readonly firstRow: number;
  readonly lastRow: number;
}

/** The recorded machine: see `recording/README.md` for origin and licence. */
export interface Recording {
  /** One value a row, in file order, as recorded (the source names no unit). */
  readonly temperatures: Float64Array;
  /** The source's labelled anomalies in order; the last one is the catastrophic failure. */
  readonly anomalies: readonly RowWindow[];
}

const RECORDING = assetFolder('src/simulator/recording');

/**
 * Reads the recording. Rows count by their order, 5 minutes each, not by their stamps: 12 stamps occur twice because the
 * recorder's clock went back by an hour, and going by stamps would lose those rows. All 22,695 rows are kept.
 *
 * @throws {Error} when a file is missing, or a row or window cannot be read
 */
export function readRecording(folder: AssetFolder = RECORDING): Recording {
  const lines = folder.read('machine_temperature.csv').toString().trimEnd().split('\n').slice(1);
  const temperatures = new Float64Array(lines.length);
  const firstRowOf = new Map<string, number>();
  const lastRowOf = new Map<string, number>();
  for (const [row, line] of lines.entries()) {
    const [stamp = '', text = ''] = line.split(',');
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) throw new Error(`the recording's row ${row} is damaged: ${line}`);
    temperatures[row] = value;
    if (!firstRowOf.has(stamp)) firstRowOf.set(stamp, row);
    lastRowOf.set(stamp, row);
  }
  const windows: unknown = JSON.parse(folder.read('machine_temperature_windows.json').toString());
  if (!Array.isArray(windows)) throw new Error('the recording has no windows');
  const anomalies = windows.map((window: unknown): RowWindow => {
    const [first, last]: unknown[] = Array.isArray(window) ? window : [];
    const firstRow = firstRowOf.get(String(first));
    const lastRow = lastRowOf.get(String(last));
    if (firstRow === undefined || lastRow === undefined) {
      throw new Error(`the recording's window ${JSON.stringify(window)} is not in it`);
    }
    return { firstRow, lastRow };
  });
  return { temperatures, anomalies };
}
