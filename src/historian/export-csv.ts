import { type ExportedRows, type ExportPlace, type ExportRange, type ExportSeries, exportRows } from './export-rows.ts';
import type { HistoryEngine } from './history.ts';
import { isoTimes } from './iso-times.ts';

/** `long`: a line for each sample. `wide`: a line for each instant, a column for each series. */
export type CsvLayout = 'long' | 'wide';

/** A page of an export as CSV. */
export interface ExportCsvTask extends ExportRange {
  readonly layout: CsvLayout;
  /** Where the page before ended; absent for the first, which has the line of names. */
  readonly start: ExportPlace | undefined;
}

export interface ExportCsvPage {
  /** UTF-8, in memory of its own, which can change threads. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  readonly next: ExportPlace | null;
}

const quotes = (text: string): string => `"${text.replaceAll('"', '""')}"`;
/** A name stands in quotes only where it has to, so that a reader can tell what is quoted to be text. */
const named = (text: string): string => (/[",\r\n]|^\s|\s$|^$/.test(text) ? quotes(text) : text);

/** A number to its last bit. */
const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/**
 * A value as it stands in a file: numbers so that they come back to the last bit, booleans as true and false, and states
 * always in quotes, so that the state "12" comes back as a state.
 */
function valueText({ kind }: ExportSeries, value: number | null, text: string | null): string {
  if (text !== null) return quotes(text);
  const number = value ?? Number.NaN;
  if (kind === 'boolean' && (number === 1 || Object.is(number, 0))) return number === 1 ? 'true' : 'false';
  return numberText(number);
}

function longLines({ series, start }: ExportCsvTask, { rows }: ExportedRows): string {
  const timeOf = isoTimes();
  const byId = new Map(
    series.map((one) => [one.seriesId, { one, head: [one.device, one.parameter, one.unit].map(nameOrNothing).join() }]),
  );
  const lines = start === undefined ? ['device,parameter,unit,t,value'] : [];
  for (const [ts, seriesId, value, text] of rows) {
    const known = byId.get(seriesId);
    if (known !== undefined) lines.push(`${known.head},${timeOf(ts)},${valueText(known.one, value, text)}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}

const nameOrNothing = (name: string | null): string => (name === null ? '' : named(name));

function wideLines({ series, start }: ExportCsvTask, { rows }: ExportedRows): string {
  const timeOf = isoTimes();
  // Several series may be one parameter's: see `HistorySeries.also`.
  const names = [...new Set(series.map(({ device, parameter }) => `${device}/${parameter}`))];
  const columns = new Map(
    series.map((one) => [one.seriesId, { one, column: names.indexOf(`${one.device}/${one.parameter}`) }]),
  );
  const head = ['t', ...names.map(named)].join();
  const lines = start === undefined ? [head] : [];
  let [at, cells] = [Number.NaN, [] as string[]];
  const flush = () => {
    if (!Number.isNaN(at)) lines.push(`${timeOf(at)},${cells.join()}`);
  };
  for (const [ts, seriesId, value, text] of rows) {
    if (ts !== at) {
      flush();
      [at, cells] = [ts, Array<string>(names.length).fill('')];
    }
    const known = columns.get(seriesId);
    if (known !== undefined) cells[known.column] = valueText(known.one, value, text);
  }
  flush();
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}

/** Reads a page and writes it down (RFC 4180), for a thread. @throws {AppError} `unavailable` when cancelled */
export async function exportCsv(
  engine: HistoryEngine,
  task: ExportCsvTask,
  isCancelled: () => boolean,
): Promise<ExportCsvPage> {
  const isWide = task.layout === 'wide';
  const page = await exportRows(engine, task, task.start, { wholeInstants: isWide, isCancelled });
  const text = isWide ? wideLines(task, page) : longLines(task, page);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return { bytes, rows: page.rows.length, next: page.next };
}
