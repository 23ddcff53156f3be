import { AppError } from '../core/errors.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { CsvPlace } from './csv-records.ts';
import type { Examined } from './examine.ts';
import type { ImportRows, ReadPage, ReadPageTask } from './read-page.ts';

export interface RunImportParts {
  readonly file: string;
  readonly examined: Pick<Examined, 'plan' | 'series'>;
  /** Stamps above this are ahead of the clock (epoch ms). */
  readonly latest: number;
  /** Where to begin: what is before is stored. */
  readonly at: CsvPlace;
  /** Run in a thread. */
  readonly readPage: (task: ReadPageTask, signal: AbortSignal) => Promise<ReadPage>;
  /** Resolves when the rows are on disk. */
  readonly store: (rows: ImportRows) => Promise<void>;
  /** Called when everything before `next` is on disk; null at the end. */
  readonly stored: (progress: {
    readonly next: CsvPlace | null;
    readonly endOffset: number;
    readonly samples: number;
  }) => void;
  readonly signal: AbortSignal;
}

/** The kinds of an examined file's series, as reading takes them. */
const kindsOf = (series: Examined['series']): ReadonlyMap<string, SeriesKind> =>
  new Map(series.map(({ device, parameter, kind }) => [`${device}\n${parameter}`, kind]));

/**
 * Stores the samples of an examined file, page by page in its order, one being read while the one before is stored. Stored
 * again, they change nothing.
 *
 * @throws {AppError} `unavailable` when the signal ends it, and what reading and storing throw
 */
export async function runImport(parts: RunImportParts): Promise<void> {
  const { file, examined, latest, readPage, store, stored, signal } = parts;
  const kinds = kindsOf(examined.series);
  const read = (at: CsvPlace) => {
    const page = readPage({ file, plan: examined.plan, at, kinds, latest }, signal);
    page.catch(() => undefined);
    return page;
  };
  for (let page: Promise<ReadPage> | null = read(parts.at); page !== null; ) {
    const { rows, next, endOffset }: ReadPage = await page;
    page = next === null ? null : read(next);
    if (signal.aborted) throw new AppError('unavailable', 'the import was cancelled', { cause: signal.reason });
    await store(rows);
    stored({ next, endOffset, samples: rows.length });
  }
}
