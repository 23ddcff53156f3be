import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { HotWriter, type HotWriterOptions, type SampleBatch, type Series } from '../../src/historian/historian.ts';
import { temporaryDirectory } from './control-store.ts';

/** Where the migrations of `hot.db` are. */
export const HOT_MIGRATIONS = join(import.meta.dirname, '../../migrations/hot');

/** An instant of the appliance's time, at a bucket's start: 12 January 2027, 08:00 UTC. */
export const NOW = Date.UTC(2027, 0, 12, 8);

/** A sample as a test writes it down; text makes it a state. */
export interface WrittenSample {
  readonly seriesId: number;
  readonly ts: number;
  readonly value: number | string;
}

/** Columns in the order of the samples. */
export function batchOf(
  samples: readonly WrittenSample[],
  newSeries: readonly Series[] = [],
  forgottenSeries: readonly number[] = [],
): SampleBatch {
  const texts = new Map<number, string>();
  const values = new Float64Array(samples.length);
  for (const [row, { value }] of samples.entries()) {
    values[row] = typeof value === 'number' ? value : Number.NaN;
    if (typeof value === 'string') texts.set(row, value);
  }
  return {
    length: samples.length,
    seriesIds: Int32Array.from(samples, ({ seriesId }) => seriesId),
    timestamps: Float64Array.from(samples, ({ ts }) => ts),
    values,
    texts,
    newSeries,
    forgottenSeries,
  };
}

/** A series of factory 1 whose parameter is named after its number. */
export const seriesOf = (seriesId: number, members: Partial<Series> = {}): Series => ({
  seriesId,
  factoryId: 1,
  deviceKey: 'M01',
  parameter: `p${seriesId}`,
  kind: 'number',
  ...members,
});

export const hotOptions = (directory: string, members: Partial<HotWriterOptions> = {}): HotWriterOptions => ({
  file: join(directory, 'hot.db'),
  backups: join(directory, 'backups'),
  bucketSeconds: 600,
  now: NOW,
  ...members,
});

/** An opened writer on a database of its own; `using` closes and removes it. */
export function hotHistory(members: Partial<HotWriterOptions> = {}) {
  const directory = temporaryDirectory();
  const options = hotOptions(directory.path, members);
  const writer = new HotWriter(options);
  const opened = writer.load();
  return {
    writer,
    opened,
    options,
    file: options.file,
    directory: directory.path,
    /** The files as a crash would leave them at this moment, in a directory of their own. */
    crashed: (): HotWriterOptions & Disposable => {
      const copy = temporaryDirectory();
      for (const suffix of ['', '-wal']) {
        if (existsSync(options.file + suffix)) cpSync(options.file + suffix, join(copy.path, `hot.db${suffix}`));
      }
      return { ...hotOptions(copy.path, members), [Symbol.dispose]: () => copy[Symbol.dispose]() };
    },
    [Symbol.dispose]: () => {
      writer.close();
      directory[Symbol.dispose]();
    },
  };
}
