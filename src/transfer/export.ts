import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type {
  CsvLayout,
  ExportCsvPage,
  ExportCsvTask,
  ExportParquetResult,
  ExportParquetTask,
  ExportPlace,
  ExportSeries,
} from '../historian/historian.ts';

export type ExportFormat = 'csv' | 'parquet';

/** What is to leave as a file. Times are epoch ms, `from` inclusive and `to` exclusive. */
export interface ExportRequest {
  readonly series: readonly ExportSeries[];
  readonly from: number;
  readonly to: number;
  readonly format: ExportFormat;
  /** Of CSV. */
  readonly layout: CsvLayout;
}

/** A file on its way out. */
export interface ExportedFile {
  readonly mediaType: string;
  readonly fileName: string;
  /** Has to be read to its end or destroyed; an error in it means that the file is not whole. */
  readonly content: Readable;
}

export interface Exporter {
  /**
   * Begins to export; the content is made as fast as it is read. What ends the signal ends it.
   *
   * @throws {AppError} `invalid_input` (too many series, with the remedy), `busy` (too many exports), `unavailable`
   */
  open(scope: FactoryScope, request: ExportRequest, signal: AbortSignal): Promise<ExportedFile>;
}

export interface ExporterParts {
  /** The data directory. */
  readonly root: string;
  /** Run in a thread. */
  readonly csv: (task: ExportCsvTask, signal: AbortSignal) => Promise<ExportCsvPage>;
  readonly parquet: (task: ExportParquetTask, signal: AbortSignal) => Promise<ExportParquetResult>;
}

/** At the same time, of all factories: they share a thread. */
const MAX_EXPORTS = 4;
/** Of one factory, so that none takes all places. */
const MAX_OF_FACTORY = 2;
/** A question names its series one by one. */
const MAX_SERIES = 10_000;
/** A page has to hold some instants whole, and a spreadsheet has an end too. */
const MAX_COLUMNS = 1_000;

const MEDIA_TYPES = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' } as const;

function checkSeries({ series, format, layout, from, to }: ExportRequest): void {
  const refuse = (pointer: string, message: string) =>
    new AppError('invalid_input', message, { faults: [{ pointer, message }] });
  if (from >= to) throw refuse('/from', 'from is not before to: exchange them, or widen the range');
  const isWide = format === 'csv' && layout === 'wide';
  if (isWide && series.length > MAX_COLUMNS) {
    const message = `${series.length} columns (at most ${MAX_COLUMNS}): name fewer devices or parameters, or take layout=long`;
    throw refuse('/layout', message);
  }
  if (series.length > MAX_SERIES) {
    const message = `${series.length} series in one export (at most ${MAX_SERIES}): name fewer devices or parameters, and export the others by themselves`;
    throw refuse('/devices', message);
  }
}

const stampOf = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');

const fileNameOf = ({ slug }: FactoryScope, { from, to, format }: ExportRequest): string =>
  `${slug}-${stampOf(from)}-${stampOf(to)}.${format}`;

export function createExporter({ root, csv, parquet }: ExporterParts): Exporter {
  const running: number[] = [];

  /** Takes a place, and gives it back once. */
  const takePlace = ({ factoryId }: FactoryScope): (() => void) => {
    const own = running.filter((other) => other === factoryId).length;
    if (running.length >= MAX_EXPORTS || own >= MAX_OF_FACTORY) {
      throw new AppError('busy', 'exports are being written already: try again when one of them is over');
    }
    running.push(factoryId);
    let isHeld = true;
    return () => {
      if (isHeld) running.splice(running.indexOf(factoryId), 1);
      isHeld = false;
    };
  };

  async function* csvParts(scope: FactoryScope, request: ExportRequest, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { series, from, to, layout } = request;
    const { factoryId } = scope;
    const pageAt = (start: ExportPlace | undefined) => csv({ factoryId, series, from, to, layout, start }, signal);
    let page = await pageAt(undefined);
    for (;;) {
      // The next one is made while this one is sent.
      const next = page.next === null ? null : pageAt(page.next);
      next?.catch(() => undefined);
      if (page.bytes.length > 0) yield Buffer.from(page.bytes.buffer);
      if (next === null) return;
      page = await next;
    }
  }

  /** A temporary file, which is gone when it has been read. */
  const parquetFile = async (scope: FactoryScope, request: ExportRequest, signal: AbortSignal) => {
    const directory = join(root, 'tmp');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, `${randomUUID()}.parquet`);
    const { series, from, to } = request;
    await parquet({ root, file, factoryId: scope.factoryId, series, from, to }, signal);
    const content = createReadStream(file);
    content.once('close', () => rmSync(file, { force: true }));
    return content;
  };

  return {
    open: async (scope, request, signal) => {
      checkSeries(request);
      const leave = takePlace(scope);
      try {
        const content =
          request.format === 'csv'
            ? Readable.from(csvParts(scope, request, signal), { objectMode: false, highWaterMark: 1 })
            : await parquetFile(scope, request, signal);
        content.once('close', leave);
        // Whoever leaves before the first byte does not read the stream at all.
        const end = () => content.destroy();
        if (signal.aborted) end();
        signal.addEventListener('abort', end, { once: true });
        return { mediaType: MEDIA_TYPES[request.format], fileName: fileNameOf(scope, request), content };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
