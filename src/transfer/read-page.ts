import { closeSync, openSync } from 'node:fs';
import type { SeriesKind } from '../historian/historian.ts';
import { type CsvPlace, readRecords } from './csv-records.ts';
import { asKind, sampleReader } from './csv-samples.ts';
import type { CsvPlan } from './plan.ts';

/** A part of an examined file. */
export interface ReadPageTask {
  readonly file: string;
  readonly plan: CsvPlan;
  readonly at: CsvPlace;
  /** Kinds by `device\nparameter`. */
  readonly kinds: ReadonlyMap<string, SeriesKind>;
  /** Stamps above this are left out (epoch ms), like all that is faulty. */
  readonly latest: number;
}

/** Samples in columns: row i is of `series[seriesIndex[i]]`; `texts` holds the rows that are states. */
export interface ImportRows {
  readonly series: readonly { readonly device: string; readonly parameter: string; readonly kind: SeriesKind }[];
  readonly length: number;
  readonly seriesIndex: Int32Array<ArrayBuffer>;
  readonly timestamps: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  readonly texts: ReadonlyMap<number, string>;
}

export interface ReadPage {
  readonly rows: ImportRows;
  /** Null at the end of the file. */
  readonly next: CsvPlace | null;
  readonly endOffset: number;
}

/** Reads the samples of about a block; what is faulty is left out. For a thread. */
export function readPage({ file, plan, at, kinds, latest }: ReadPageTask): ReadPage {
  const descriptor = openSync(file, 'r');
  try {
    const { records, next, endOffset } = readRecords(descriptor, at, plan.form);
    const read = sampleReader(plan);
    const series: { device: string; parameter: string; kind: SeriesKind }[] = [];
    const places = new Map<string, number>();
    const index: number[] = [];
    const timestamps: number[] = [];
    const values: number[] = [];
    const texts = new Map<number, string>();
    for (const record of records) {
      read(
        record,
        (sample) => {
          const key = `${sample.device}\n${sample.parameter}`;
          const kind = kinds.get(key);
          if (kind === undefined || sample.ts > latest || sample.ts < 0) return;
          const found = asKind(kind, sample);
          if (typeof found === 'string') return;
          let place = places.get(key);
          if (place === undefined) {
            place = series.length;
            places.set(key, place);
            series.push({ device: sample.device, parameter: sample.parameter, kind });
          }
          if (typeof found.value === 'string') texts.set(timestamps.length, found.value);
          index.push(place);
          timestamps.push(sample.ts);
          values.push(typeof found.value === 'string' ? Number.NaN : found.value);
        },
        () => undefined,
      );
    }
    const rows = {
      series,
      length: timestamps.length,
      seriesIndex: Int32Array.from(index),
      timestamps: Float64Array.from(timestamps),
      values: Float64Array.from(values),
      texts,
    };
    return { rows, next, endOffset };
  } finally {
    closeSync(descriptor);
  }
}
