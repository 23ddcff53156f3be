import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataSet, type DataSet, deviceNames, shortSetFromMs } from './data-set.ts';

/**
 * The Skoltech Anomaly Benchmark: eight sensors of a pump, once a second. Its licence (GPL-3.0) keeps the rows out of
 * this repository: they are read from beside it.
 */
const DIRECTORY = join(import.meta.dirname, '../../../../shared/data/skab');
const SENSORS = 8;
const DEVICES = 10;
/** Rows by which each device begins later than the one before. A prime, so that no two are alike block by block. */
const SHIFT = 2_741;

/** Where the set is looked for. */
export const skabDirectory = (given: string | undefined) => given ?? DIRECTORY;

function rowsOf(file: string): number[][] {
  const [, ...lines] = readFileSync(file, 'utf8').split(/\r?\n/);
  const rows = lines
    .filter((line) => line !== '')
    .map((line) =>
      line
        .split(';')
        .slice(1, SENSORS + 1)
        .map(Number),
    );
  if (rows.flat().some((value) => !Number.isFinite(value))) throw new Error(`${file} is not what it was`);
  return rows;
}

/**
 * All 17 files one after the other, for ten devices that begin at different rows: 2.2 million points. Undefined when
 * the set is not there.
 */
export function skab(directory: string, nowMs: number, scale: number): DataSet | undefined {
  if (!existsSync(directory)) return undefined;
  const files = ['anomaly-free', 'valve1'].flatMap((folder) =>
    readdirSync(join(directory, folder))
      .toSorted()
      .map((name) => join(directory, folder, name)),
  );
  const rows = files.filter((file) => file.endsWith('.csv')).flatMap(rowsOf);
  return createDataSet({
    name: 'skab',
    devices: deviceNames(DEVICES),
    parameters: Array.from({ length: SENSORS }, (_, index) => `p${index}`),
    fromMs: shortSetFromMs(nowMs),
    stepMs: 1_000,
    steps: Math.max(60, Math.round(rows.length * scale)),
    createSource: (device, parameter) => {
      let at = device * SHIFT;
      return () => rows[at++ % rows.length]?.[parameter] ?? Number.NaN;
    },
  });
}
