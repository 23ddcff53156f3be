import { isDeviceKey } from '../core/device-keys.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { CsvRecord, LineFault, Quotes } from './csv-records.ts';
import type { CsvPlan } from './plan.ts';
import { timeReader } from './time-format.ts';

/** What stands in a cell: a number, true or false, text (its own, without quotes), or nothing. */
export type Cell = number | boolean | string | undefined;

/** A value of a file, of which it is not settled yet what kind its series has. */
export interface CsvSample {
  readonly line: number;
  readonly device: string;
  readonly parameter: string;
  readonly unit: string;
  readonly ts: number;
  /** The clock showed this time twice. */
  readonly isRepeatedHour: boolean;
  readonly cell: Exclude<Cell, undefined>;
  /** As it stands in the file. */
  readonly text: string;
}

const [MAX_NAME, MAX_TEXT] = [128, 256];
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const POINT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const COMMA = /^[-+]?(?:\d+,?\d*|,\d+)(?:[eE][-+]?\d+)?$/;
const DAY_MS = 86_400_000;

const shorten = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Reads cells of one plan. */
function cellReader({ decimal, missing, quotedText }: CsvPlan): (text: string, quotes: Quotes) => Cell {
  const isMissing = new Set(missing);
  const pattern = decimal === 'comma' ? COMMA : POINT;
  return (raw, quotes) => {
    if (quotedText && (quotes === 'free' || (quotes === 'needed' && decimal === 'point'))) return raw;
    const text = raw.trim();
    if (text === '' || isMissing.has(text)) return undefined;
    if (pattern.test(text)) {
      const value = Number(decimal === 'comma' ? text.replace(',', '.') : text);
      return Number.isFinite(value) ? value : text;
    }
    if (text.length === 4 || text.length === 5) {
      const word = text.toLowerCase();
      if (word === 'true') return true;
      if (word === 'false') return false;
    }
    return quotes === 'none' ? text : raw;
  };
}

/** What is wrong with a name; undefined when nothing is. */
function nameFault(device: string, parameter: string): string | undefined {
  if (!isDeviceKey(device)) {
    return `${shorten(device)} is no device key: 1 to 64 characters of A-Z, a-z, 0-9, ".", "_" and "-"`;
  }
  if (parameter === '' || parameter.length > MAX_NAME || CONTROL.test(parameter) || !parameter.isWellFormed()) {
    return `${shorten(parameter)} is no parameter: 1 to ${MAX_NAME} characters, and no control characters`;
  }
  return undefined;
}

/** A cell as a value of its series' kind, or what is wrong with it. */
export function asKind(
  kind: SeriesKind,
  { cell, text, parameter }: CsvSample,
): { readonly value: number | string } | string {
  if (kind === 'state') {
    const state = typeof cell === 'string' ? cell : text;
    if (state.length > MAX_TEXT) return `${shorten(parameter)}: a state has at most ${MAX_TEXT} characters`;
    return { value: state };
  }
  if (typeof cell === 'string') return `${shorten(parameter)}: ${shorten(cell)} is no number`;
  return { value: Number(cell) };
}

/** Turns records into samples; each fault is of a line, and concerns what of it is no sample. */
export function sampleReader(plan: CsvPlan) {
  const readTime = timeReader(plan.time.format, plan.time.timezone);
  const readCell = cellReader(plan);
  const { columns, values, time, isMidnightNextDay } = plan;
  const checked = new Map<string, string | undefined>();
  const checkName = (device: string, parameter: string): string | undefined => {
    const key = `${device}\n${parameter}`;
    if (!checked.has(key)) {
      if (checked.size > 100_000) checked.clear();
      checked.set(key, nameFault(device, parameter));
    }
    return checked.get(key);
  };
  /** Times are asked zone by zone: midnight is that of the file's clock. */
  const stampOf = (text: string) => {
    const stamp = readTime(text);
    if (
      typeof stamp === 'string' ||
      !isMidnightNextDay ||
      !/[T ,]0?0:00(?::00(?:[.,]0+)?)?\s*(?:Z|[+-]\d{2}:?\d*)?$/i.test(text)
    ) {
      return stamp;
    }
    return { ...stamp, ms: stamp.ms + DAY_MS };
  };
  return (record: CsvRecord, take: (sample: CsvSample) => void, refuse: (fault: LineFault) => void): void => {
    const { line, cells, quotes } = record;
    if (line === plan.headerLine) return;
    if (cells.length !== columns.length) {
      return refuse({ line, message: `the line has ${cells.length} cells, not ${columns.length}` });
    }
    const stamp = stampOf((cells[time.column] ?? '').trim());
    if (typeof stamp === 'string') return refuse({ line, message: stamp });
    const textAt = (column: number) => {
      const text = cells[column] ?? '';
      return (quotes?.[column] ?? 'none') === 'none' ? text.trim() : text;
    };
    const sampleAt = (column: number, device: string, parameter: string, unit: string) => {
      const text = textAt(column);
      const cell = readCell(text, quotes?.[column] ?? 'none');
      if (cell === undefined) return;
      const fault = checkName(device, parameter);
      if (fault !== undefined) return refuse({ line, message: fault });
      if (typeof cell === 'string' && !cell.isWellFormed())
        return refuse({ line, message: 'the text is not valid Unicode' });
      take({ line, device, parameter, unit, ts: stamp.ms, isRepeatedHour: stamp.kind === 'repeated', cell, text });
    };
    if (values.layout === 'wide') {
      for (const { column, device, parameter } of values.columns) sampleAt(column, device, parameter, '');
      return;
    }
    const device = typeof values.device === 'string' ? values.device : textAt(values.device);
    sampleAt(
      values.value,
      device,
      textAt(values.parameter),
      values.unit === null ? '' : (cells[values.unit] ?? '').trim(),
    );
  };
}
