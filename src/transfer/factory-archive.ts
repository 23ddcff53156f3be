import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { ExportSeries } from '../historian/historian.ts';
import type { Exporter } from './export.ts';

/** What a factory consists of, without secrets. */
export interface FactoryContents {
  /** Written as JSON, by the name of the file. */
  readonly documents: Readonly<Record<string, unknown>>;
  /** Their samples are written to a CSV file each. */
  readonly devices: readonly { readonly key: string; readonly series: readonly ExportSeries[] }[];
}

export interface ArchiveParts {
  readonly exporter: Exporter;
  readonly clock: Clock;
}

const WAIT_MS = 500;

/** A file that has begun waits for its next part, however long others export. */
async function whenFree<T>(open: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'busy') throw error;
      await delay(WAIT_MS, undefined, { signal });
    }
  }
}

/**
 * All of a factory as a ZIP file that any tool opens: documents as JSON, and `history/{device}.csv` in the form that can
 * be imported again. It is made as fast as it is read, one device after the other, and never held.
 *
 * @returns the file's name and content; an error in the content means that it is not whole
 */
export function archiveFactory(
  { exporter, clock }: ArchiveParts,
  scope: FactoryScope,
  { documents, devices }: FactoryContents,
  signal: AbortSignal,
): { fileName: string; content: Readable } {
  const zip = new ZipFile();
  // Typed as what can only be read; it is a PassThrough, and ends when it is told to.
  const content = zip.outputStream as Readable;
  zip.on('error', (error: Error) => content.destroy(error));
  signal.addEventListener('abort', () => content.destroy(), { once: true });
  const to = clock.now() + 1;
  for (const [name, document] of Object.entries(documents)) {
    zip.addBuffer(Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`), name);
  }
  for (const { key, series } of devices) {
    if (series.length === 0) continue;
    zip.addReadStreamLazy(`history/${key}.csv`, (give) => {
      const request = { series, from: 0, to, format: 'csv', layout: 'long' } as const;
      whenFree(() => exporter.open(scope, request, signal), signal).then(
        (file) => give(null, file.content),
        (error: Error) => give(error, undefined as unknown as Readable),
      );
    });
  }
  zip.end();
  const day = new Date(to).toISOString().slice(0, 10);
  return { fileName: `${scope.slug}-${day}.zip`, content };
}
