import { isUtf8 } from 'node:buffer';
import { isDeviceKey } from '../core/device-keys.ts';
import { AppError } from '../core/errors.ts';
import { type CsvForm, type CsvPlace, type CsvRecord, readRecords } from './csv-records.ts';
import { firstTwo, hasOffset, looksLike, TIME_FORMATS, type TimeFormat } from './time-format.ts';

export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
export type DelimiterName = keyof typeof DELIMITERS;

/** What a person says of a file; the rest is detected. Columns are named as in the header, or by number from 1. */
export interface ImportOptions {
  readonly encoding?: CsvForm['encoding'] | undefined;
  readonly delimiter?: DelimiterName | undefined;
  readonly decimal?: 'point' | 'comma' | undefined;
  readonly header?: boolean | undefined;
  readonly layout?: 'long' | 'wide' | undefined;
  readonly time_column?: string | undefined;
  readonly time_format?: TimeFormat | undefined;
  /** IANA zone of stamps without an offset. */
  readonly timezone?: string | undefined;
  /** The device of all samples. */
  readonly device?: string | undefined;
  readonly device_column?: string | undefined;
  readonly parameter_column?: string | undefined;
  readonly value_column?: string | undefined;
  readonly unit_column?: string | undefined;
  /** Wide: the columns that hold values; all but the time's when left out. */
  readonly columns?: readonly string[] | undefined;
  /** A value in quotes that needs none is text, even "12". */
  readonly quoted_text?: boolean | undefined;
  /** Cells that mean: no value. An empty one always does. */
  readonly missing?: readonly string[] | undefined;
  /** next_day: 00:00 ends the day that it is written with. */
  readonly midnight?: 'as_written' | 'next_day' | undefined;
}

/** Something that was found out, why, and how to correct it. */
export interface Detected {
  readonly option: keyof ImportOptions;
  readonly value: string;
  readonly evidence: string;
}

/** Everything that is needed to read a file. */
export interface CsvPlan {
  readonly form: CsvForm;
  /** Where the first line is. */
  readonly start: CsvPlace;
  /** The line of names. */
  readonly headerLine: number | null;
  readonly columns: readonly string[];
  readonly decimal: 'point' | 'comma';
  readonly time: { readonly column: number; readonly format: TimeFormat; readonly timezone: string };
  readonly values:
    | { readonly layout: 'wide'; readonly columns: readonly { column: number; device: string; parameter: string }[] }
    | {
        readonly layout: 'long';
        readonly device: string | number;
        readonly parameter: number;
        readonly value: number;
        readonly unit: number | null;
      };
  readonly quotedText: boolean;
  readonly missing: readonly string[];
  readonly isMidnightNextDay: boolean;
}

export interface DetectedPlan {
  readonly plan: CsvPlan;
  readonly detected: readonly Detected[];
  /** The first lines as they were cut up, the header's not among them. */
  readonly firstRows: readonly (readonly string[])[];
}

const DEVICE_COLUMN = /^(.{1,64}?)\/(.+)$/s;
const NAMES = {
  device_column: /^(device|device[ _-]?(key|id|name)|machine|asset|equipment|maschine|anlage|gerät)$/i,
  parameter_column: /^(parameter|metric|tag|tag[ _-]?name|variable|signal|sensor|field|channel|messgröße)$/i,
  value_column: /^(value|values|val|wert|messwert|reading)$/i,
  unit_column: /^(unit|units|uom|einheit)$/i,
  time: /^(t|ts|time|timestamp|date|datetime|date[ _-]?time|zeit|zeitstempel|datum|uhrzeit)$/i,
} as const;

const refuse = (option: string, message: string): AppError =>
  new AppError('invalid_input', message, { faults: [{ pointer: `/${option}`, message }] });

const most = (counts: ReadonlyMap<string, number>) => [...counts].toSorted((a, b) => b[1] - a[1])[0];
const cellOf = (record: CsvRecord, column: number) => (record.cells[column] ?? '').trim();
/** What is quoted stands as it is. */
const nameIn = (record: CsvRecord, column: number) =>
  (record.quotes?.[column] ?? 'none') === 'none' ? cellOf(record, column) : (record.cells[column] ?? '');
const LONG_EXPORT = 'device,parameter,unit,t,value';
/** What the appliance itself has written: it quotes states alone, and writes decimals with a point. */
const isExport = (columns: readonly string[], delimiter: string) =>
  delimiter === ',' &&
  (columns.join() === LONG_EXPORT ||
    (columns[0] === 't' && columns.slice(1).every((name) => deviceOf(name) !== undefined)));
const deviceOf = (column: string) => {
  const found = DEVICE_COLUMN.exec(column);
  return found?.[1] !== undefined && isDeviceKey(found[1]) ? found[1] : undefined;
};
const isNumeric = (text: string) => /^[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?$/i.test(text);
const isStamp = (text: string) => TIME_FORMATS.some((format) => looksLike(format, text));
/** A stamp that no number is. */
const isWrittenStamp = (text: string) => (['iso', 'dmy'] as const).some((format) => looksLike(format, text));

/** How well a delimiter cuts: how many lines have the most frequent number of cells, and how many that is. */
function cutsOf(records: readonly CsvRecord[]) {
  const counts = new Map<string, number>();
  for (const { cells } of records) counts.set(String(cells.length), (counts.get(String(cells.length)) ?? 0) + 1);
  const [cells = '0', lines = 0] = most(counts) ?? [];
  return { cells: Number(cells), share: records.length === 0 ? 0 : lines / records.length };
}

class Detection {
  readonly found: Detected[] = [];
  readonly #options: ImportOptions;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  /** What was said, or what is detected. */
  choose<Name extends keyof ImportOptions>(
    option: Name,
    detect: () => readonly [value: NonNullable<ImportOptions[Name]>, evidence: string],
  ): NonNullable<ImportOptions[Name]> {
    const said = this.#options[option];
    const [value, evidence] = said === undefined ? detect() : ([said, 'as you said'] as const);
    this.found.push({ option, value: String(value), evidence });
    return value as NonNullable<ImportOptions[Name]>;
  }
}

function decimalOf(records: readonly CsvRecord[], delimiter: string): readonly ['point' | 'comma', string] {
  const cells = records.flatMap((record) => record.cells.map((cell) => cell.trim()));
  const commas = cells.filter((cell) => /^[-+]?\d+,\d+$/.test(cell));
  const points = cells.filter((cell) => /^[-+]?\d+\.\d+$/.test(cell));
  const isComma = commas.length > points.length;
  if (isComma)
    return ['comma', `${commas.length} cells of the first lines are like ${commas[0]}, ${points.length} like 1.5`];
  if (points.length === 0)
    return ['point', `no decimals in the first lines${delimiter === ',' ? '; the comma separates cells' : ''}`];
  return ['point', `${points.length} cells of the first lines are like ${points[0]}, ${commas.length} like 1,5`];
}

function timeFormatOf(stamps: readonly string[]): readonly [TimeFormat, string] {
  const example = stamps[0] ?? '';
  if (stamps.length === 0)
    throw refuse('time_column', 'the column of the time is empty in the first lines: see time_column');
  const share = (format: TimeFormat) => stamps.filter((stamp) => looksLike(format, stamp)).length / stamps.length;
  for (const format of ['iso', 'epoch_ms', 'epoch_s'] as const) {
    if (share(format) > 0.5) return [format, `like ${JSON.stringify(example)}`];
  }
  const pairs = stamps.flatMap((stamp) => [firstTwo(stamp)].filter((pair) => pair !== undefined));
  if (pairs.length <= stamps.length / 2) {
    throw refuse(
      'time_format',
      `${JSON.stringify(example)} is no time that can be read: see time_column and time_format`,
    );
  }
  const [firstAbove, secondAbove] = [pairs.some(([one]) => one > 12), pairs.some(([, two]) => two > 12)];
  const at = (isMatch: (pair: readonly [number, number]) => boolean) =>
    stamps.find((stamp) => isMatch(firstTwo(stamp) ?? [0, 0]));
  if (firstAbove) return ['dmy', `the first number is a day: ${JSON.stringify(at(([one]) => one > 12))}`];
  if (secondAbove) return ['mdy', `the second number is a day: ${JSON.stringify(at(([, two]) => two > 12))}`];
  const changing = (place: 0 | 1) => new Set(pairs.map((pair) => pair[place])).size;
  const doubt = 'no number of the first lines is above 12; correct it by time_format if it is wrong';
  if (changing(0) !== changing(1)) {
    return changing(0) > changing(1)
      ? ['dmy', `the first number changes more often; ${doubt}`]
      : ['mdy', `the second number changes more often; ${doubt}`];
  }
  return example.includes('/') ? ['mdy', `slashes; ${doubt}`] : ['dmy', `points or hyphens; ${doubt}`];
}

/** The first megabyte or so, cut up. */
function sample(descriptor: number, start: CsvPlace, form: CsvForm, blocks: number): CsvRecord[] {
  const records: CsvRecord[] = [];
  for (let [place, i] = [start as CsvPlace | null, 0]; place !== null && i < blocks; i++) {
    const block = readRecords(descriptor, place, form);
    for (const record of block.records) records.push(record);
    place = block.next;
  }
  return records;
}

const SAMPLE_BLOCKS = 4;
const FEW = 1_000;
const FIRST_ROWS = 10;

/** A device's key out of a file's name. */
const keyFrom = (fileName: string) =>
  fileName
    .replace(/\.[^.]*$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 64) || 'import';

/**
 * Finds out how a file is to be read.
 *
 * @param head - its first bytes
 * @throws {AppError} `invalid_input`: it cannot be read so, with the option that would help
 */
export function detectPlan(
  descriptor: number,
  head: Buffer,
  options: ImportOptions,
  given: { readonly fileName: string; readonly timezone: string },
): DetectedPlan {
  const detection = new Detection(options);
  if (head.length === 0) throw refuse('file', 'the file is empty');
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw refuse('encoding', 'the file is UTF-16: save it as CSV UTF-8');
  }
  const hasBom = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const encoding = detection.choose('encoding', () => {
    if (hasBom) return ['utf-8', 'it begins with a byte order mark'];
    const whole = head.subarray(0, head.lastIndexOf(10) + 1);
    return isUtf8(whole.length === 0 ? head : whole)
      ? ['utf-8', 'its beginning is']
      : ['windows-1252', 'its beginning is not UTF-8'];
  });
  const beginning = { offset: hasBom ? 3 : 0, line: 1 };
  const few = (delimiter: string) => sample(descriptor, beginning, { encoding, delimiter }, 1).slice(0, FEW);
  const delimiterName = detection.choose('delimiter', () => {
    const cuts = (Object.keys(DELIMITERS) as DelimiterName[]).map((name) => ({
      name,
      ...cutsOf(few(DELIMITERS[name])),
    }));
    const useful = cuts.filter(({ cells }) => cells > 1).toSorted((a, b) => b.share - a.share || b.cells - a.cells);
    const [best] = useful;
    if (best === undefined)
      throw refuse('delimiter', 'no line of the beginning has more than one cell: is it CSV? See delimiter');
    return [best.name, `${Math.round(best.share * 100)} % of the first lines have ${best.cells} cells then`];
  });
  const form = { encoding, delimiter: DELIMITERS[delimiterName] };
  const all = sample(descriptor, beginning, form, SAMPLE_BLOCKS);
  const [first] = all;
  if (first === undefined) throw refuse('file', 'the file has no line that can be read');
  const hasHeader = detection.choose('header', () => {
    const stamp = first.cells.find((cell) => isWrittenStamp(cell.trim()));
    if (stamp !== undefined) return [false, `the first line has a time: ${stamp.trim()}`];
    const number = first.cells.find((cell) => isNumeric(cell.trim()));
    return number === undefined
      ? [true, 'the first line has neither a time nor a number']
      : [false, `the first line has a number: ${number}`];
  });
  const width = first.cells.length;
  const columns = Array.from({ length: width }, (_, i) => (hasHeader ? nameIn(first, i) : '') || `column_${i + 1}`);
  const isOwn = hasHeader && isExport(columns, form.delimiter);
  const records = hasHeader ? all.slice(1) : all;
  const columnOf = (name: string, option: string): number => {
    const place = columns.indexOf(name);
    if (place >= 0) return place;
    if (/^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= width) return Number(name) - 1;
    throw refuse(option, `there is no column ${JSON.stringify(name)}: it has ${columns.slice(0, 20).join(', ')}`);
  };
  const timeColumn = columnOf(
    detection.choose('time_column', () => {
      const scored = columns.map((name, i) => {
        const cells = records.slice(0, FEW).map((record) => cellOf(record, i));
        const share = cells.filter(isStamp).length / Math.max(1, cells.length);
        return { name, share, score: share + (NAMES.time.test(name) ? 0.6 : 0) };
      });
      const best = scored.toSorted((a, b) => b.score - a.score)[0];
      if (best === undefined || best.score < 0.5)
        throw refuse('time_column', 'no column looks like a time: see time_column');
      return [best.name, `${Math.round(best.share * 100)} % of its first cells are times`];
    }),
    'time_column',
  );
  const stamps = records.map((record) => cellOf(record, timeColumn)).filter((cell) => cell !== '');
  const format = detection.choose('time_format', () => timeFormatOf(stamps));
  const timezone = detection.choose('timezone', () => {
    if (format.startsWith('epoch')) return [given.timezone, 'not needed: epochs are of UTC'];
    const isExplicit = stamps.every(hasOffset);
    return [
      given.timezone,
      isExplicit
        ? 'not needed: every stamp of the first lines has its offset'
        : "the factory's: the stamps have no offset",
    ];
  });
  const decimal = detection.choose('decimal', () =>
    isOwn ? ['point', 'the file is an export'] : decimalOf(records.slice(0, FEW), form.delimiter),
  );
  const named = (pattern: RegExp) => columns.find((name) => pattern.test(name));
  const layout = detection.choose('layout', () => {
    const [parameter, value] = [
      options.parameter_column ?? named(NAMES.parameter_column),
      options.value_column ?? named(NAMES.value_column),
    ];
    return parameter !== undefined && value !== undefined
      ? ['long', `there are columns ${JSON.stringify(parameter)} and ${JSON.stringify(value)}`]
      : ['wide', 'every column but the time holds values of its own'];
  });
  const device = (): string => {
    const key = detection.choose('device', () => [keyFrom(given.fileName), "from the file's name"]);
    if (!isDeviceKey(key))
      throw refuse('device', 'a device key has 1 to 64 characters of A-Z, a-z, 0-9, ".", "_" and "-"');
    return key;
  };
  const quotedText = detection.choose('quoted_text', () => {
    const isBare =
      hasHeader &&
      !(first.quotes ?? []).some((quotes, i) => quotes === 'free' && /^\S(.*\S)?$/s.test(first.cells[i] ?? ''));
    if (isOwn) return [true, 'the file is an export, which quotes states alone'];
    return isBare
      ? [true, 'names stand without quotes, so quotes mean text']
      : [false, hasHeader ? 'names stand in quotes too' : 'there are no names to compare with'];
  });
  const missing = detection.choose('missing', () => [[], 'empty cells alone']);
  const midnight = detection.choose('midnight', () => ['as_written', 'a stamp of 00:00 is the beginning of its day']);
  const longColumn = (option: 'parameter_column' | 'value_column') =>
    columnOf(
      detection.choose(option, () => {
        const name = named(NAMES[option]);
        if (name === undefined) throw refuse(option, `no column is called like one for this: see ${option}`);
        return [name, 'by its name'];
      }),
      option,
    );
  let values: CsvPlan['values'];
  if (layout === 'long') {
    const deviceName = options.device_column ?? (options.device === undefined ? named(NAMES.device_column) : undefined);
    const unitName = options.unit_column ?? named(NAMES.unit_column);
    if (deviceName !== undefined) detection.choose('device_column', () => [deviceName, 'by its name']);
    if (unitName !== undefined) detection.choose('unit_column', () => [unitName, 'by its name']);
    values = {
      layout,
      device: deviceName === undefined ? device() : columnOf(deviceName, 'device_column'),
      parameter: longColumn('parameter_column'),
      value: longColumn('value_column'),
      unit: unitName === undefined ? null : columnOf(unitName, 'unit_column'),
    };
  } else {
    const chosen = (options.columns ?? columns.filter((_, i) => i !== timeColumn)).map((name) =>
      columnOf(name, 'columns'),
    );
    const split = chosen.map((column) => DEVICE_COLUMN.exec(columns[column] ?? ''));
    const areSplit =
      options.device === undefined && split.every((found) => found?.[1] !== undefined && isDeviceKey(found[1]));
    const own = areSplit && chosen.length > 0 ? '' : device();
    if (areSplit)
      detection.found.push({
        option: 'device',
        value: 'from the columns',
        evidence: 'every column is named device/parameter',
      });
    values = {
      layout,
      columns: chosen.map((column, i) => ({
        column,
        device: areSplit ? (split[i]?.[1] ?? '') : own,
        parameter: areSplit ? (split[i]?.[2] ?? '') : (columns[column] ?? ''),
      })),
    };
  }
  return {
    plan: {
      form,
      start: beginning,
      headerLine: hasHeader ? first.line : null,
      columns,
      decimal,
      time: { column: timeColumn, format, timezone },
      values,
      quotedText,
      missing,
      isMidnightNextDay: midnight === 'next_day',
    },
    detected: detection.found,
    firstRows: records.slice(0, FIRST_ROWS).map(({ cells }) => cells.slice(0, 50).map((cell) => cell.slice(0, 100))),
  };
}
