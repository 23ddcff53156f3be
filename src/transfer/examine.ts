import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import type { SeriesKind } from '../historian/historian.ts';
import { type CsvPlace, type LineFault, readRecords } from './csv-records.ts';
import { asKind, type CsvSample, sampleReader } from './csv-samples.ts';
import { type CsvPlan, type Detected, detectPlan, type ImportOptions } from './plan.ts';
import { type Suspicion, watchStamps } from './stamp-watch.ts';

/** A file to be looked at. */
export interface ExamineTask {
  readonly file: string;
  readonly fileName: string;
  /** Of the factory: that of stamps without an offset, unless the options say another. */
  readonly timezone: string;
  readonly options: ImportOptions;
  /** What kind series have that exist: `[device, parameter, kind]`. */
  readonly known: readonly (readonly [device: string, parameter: string, kind: SeriesKind])[];
  /** Stamps above this are ahead of the clock (epoch ms). */
  readonly latest: number;
  /** Samples before this are not kept long (epoch ms). */
  readonly rawFrom: number;
}

/** Samples of a series as they would be stored (epoch ms, value), in the order of the file. */
export interface PreviewChart {
  readonly device: string;
  readonly parameter: string;
  readonly points: readonly (readonly [ts: number, value: number])[];
}

export interface PreviewedSeries {
  readonly device: string;
  readonly parameter: string;
  readonly kind: SeriesKind;
  readonly unit: string | null;
  readonly is_new: boolean;
  readonly samples: number;
}

/** What an import would do. */
export interface Preview {
  readonly detected: readonly Detected[];
  readonly columns: readonly string[];
  readonly first_rows: readonly (readonly string[])[];
  readonly rows: number;
  readonly samples: number;
  readonly devices: number;
  readonly new_devices: number;
  readonly new_series: number;
  readonly series_count: number;
  /** The first of them. */
  readonly series: readonly PreviewedSeries[];
  /** How the file begins: the first series of numbers. */
  readonly chart: readonly PreviewChart[];
  /** First and last stamp (epoch ms); null without any. */
  readonly from: number | null;
  readonly to: number | null;
  readonly faults_count: number;
  readonly faults: readonly LineFault[];
  readonly suspicions: readonly Suspicion[];
}

export interface Examined {
  readonly preview: Preview;
  readonly plan: CsvPlan;
  /** All series, with their kinds: what reading goes by. */
  readonly series: readonly PreviewedSeries[];
  /** Days of UTC, since 1970, that it has samples of. */
  readonly days: readonly number[];
}

const DAY_MS = 86_400_000;
const HEAD_BYTES = 262_144;
const [MAX_FAULTS, MAX_LISTED_SERIES] = [20, 200];
/** Enough to see three days of a value every quarter of an hour. */
const [CHART_SERIES, CHART_POINTS] = [4, 300];
/** So many lines that are no records: each may have made the reader look at a block in vain. */
const MAX_MALFORMED = 1_000;
/** They are handed to the thread with each page. */
const MAX_SERIES = 20_000;

/** A series as the file shows it. */
class SeenSeries {
  numbers = 0;
  booleans = 0;
  texts = 0;
  /** Faults that it has if it is one of numbers, or of states: the first ones. */
  readonly ifNumbers: LineFault[] = [];
  readonly ifStates: LineFault[] = [];
  tooLong = 0;
  unit = '';
  readonly first: (readonly [ts: number, value: number])[] = [];
  readonly device: string;
  readonly parameter: string;
  readonly known: SeriesKind | undefined;

  constructor(device: string, parameter: string, known: SeriesKind | undefined) {
    this.device = device;
    this.parameter = parameter;
    this.known = known;
  }

  see(sample: CsvSample): void {
    if (typeof sample.cell === 'number') {
      this.numbers++;
      if (this.first.length < CHART_POINTS) this.first.push([sample.ts, sample.cell]);
    }
    if (typeof sample.cell === 'boolean') this.booleans++;
    if (typeof sample.cell === 'string') this.texts++;
    this.unit ||= sample.unit;
    if (typeof sample.cell === 'string') {
      const fault = asKind('number', sample);
      if (typeof fault === 'string' && this.ifNumbers.length < MAX_FAULTS)
        this.ifNumbers.push({ line: sample.line, message: fault });
      const long = asKind('state', sample);
      if (typeof long !== 'string') return;
      this.tooLong++;
      if (this.ifStates.length < MAX_FAULTS) this.ifStates.push({ line: sample.line, message: long });
    }
  }

  /** That of a series that exists; otherwise what most values are. */
  get kind(): SeriesKind {
    if (this.known !== undefined) return this.known;
    if (this.texts > this.numbers + this.booleans) return 'state';
    return this.numbers > 0 ? 'number' : this.booleans > 0 ? 'boolean' : 'state';
  }

  get faults(): { readonly count: number; readonly first: readonly LineFault[] } {
    return this.kind === 'state'
      ? { count: this.tooLong, first: this.ifStates }
      : { count: this.texts, first: this.ifNumbers };
  }

  get samples(): number {
    return this.numbers + this.booleans + this.texts - this.faults.count;
  }
}

/** They are stored, rolled up, and go. */
function oldSamples(count: number, rawFrom: number): Suspicion[] {
  if (count === 0) return [];
  const message = `${count} samples are older than single samples are kept (${new Date(rawFrom).toISOString()}): what they say by the minute and the quarter of an hour stays. To keep them, have single samples kept for longer before`;
  return [{ kind: 'too_old', count, message, remedy: null }];
}

const clockIn = (timezone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'medium', hourCycle: 'h23' });
  return (ms: number) => format.format(ms);
};

/**
 * Reads a whole file without storing anything: how it is to be read, what it would make, and what is wrong with it. For a
 * thread.
 *
 * @throws {AppError} `invalid_input`: it cannot be read at all, with the option that would help; `unavailable` when cancelled
 */
export function examineFile(task: ExamineTask, isCancelled: () => boolean): Examined {
  const descriptor = openSync(task.file, 'r');
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, fstatSync(descriptor).size));
    readSync(descriptor, head, 0, head.length, 0);
    const { plan, detected, firstRows } = detectPlan(descriptor, head, task.options, task);
    const known = new Map(task.known.map(([device, parameter, kind]) => [`${device}\n${parameter}`, kind]));
    const knownDevices = new Set(task.known.map(([device]) => device));
    const seen = new Map<string, SeenSeries>();
    const stamps = watchStamps(clockIn(plan.time.timezone));
    const faults: LineFault[] = [];
    let [faultsCount, malformed, rows, from, to] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const refuse = (fault: LineFault) => {
      faultsCount++;
      if (faults.length < MAX_FAULTS) faults.push(fault);
    };
    const read = sampleReader(plan);
    const isWide = plan.values.layout === 'wide';
    let lastLine = -1;
    let tooOld = 0;
    const days = new Set<number>();
    const take = (sample: CsvSample) => {
      const { device, parameter, ts, line } = sample;
      if (ts > task.latest) return refuse({ line, message: `${new Date(ts).toISOString()} is ahead of the clock` });
      if (ts < 0) return refuse({ line, message: `${new Date(ts).toISOString()} is before 1970` });
      const key = `${device}\n${parameter}`;
      let series = seen.get(key);
      if (series === undefined) {
        if (seen.size >= MAX_SERIES)
          throw new AppError(
            'invalid_input',
            `the file has more than ${MAX_SERIES} series: is the parameter column right?`,
          );
        series = new SeenSeries(device, parameter, known.get(key));
        seen.set(key, series);
      }
      series.see(sample);
      days.add(Math.floor(ts / DAY_MS));
      if (ts < task.rawFrom) tooOld++;
      if (!isWide || line !== lastLine) stamps.see(isWide ? '' : key, ts, line, sample.isRepeatedHour);
      lastLine = line;
      if (ts < from) from = ts;
      if (ts > to) to = ts;
    };
    for (let place: CsvPlace | null = plan.start; place !== null; ) {
      if (isCancelled()) throw new AppError('unavailable', 'the import was cancelled');
      const block = readRecords(descriptor, place, plan.form);
      for (const fault of block.faults) refuse(fault);
      malformed += block.faults.length;
      if (malformed > MAX_MALFORMED) {
        const first = faults.map(({ line, message }) => ({ pointer: `/lines/${line}`, message }));
        throw new AppError(
          'invalid_input',
          `more than ${MAX_MALFORMED} lines are no CSV at all: ${faults[0]?.message ?? ''}`,
          { faults: first },
        );
      }
      for (const record of block.records) read(record, take, refuse);
      rows += block.records.length;
      place = block.next;
    }
    const all = [...seen.values()];
    for (const series of all) {
      faultsCount += series.faults.count;
      faults.push(...series.faults.first);
    }
    const listed = all.map((one) => ({
      device: one.device,
      parameter: one.parameter,
      kind: one.kind,
      unit: one.unit === '' ? null : one.unit,
      is_new: one.known === undefined,
      samples: one.samples,
    }));
    const devices = new Set(all.map(({ device }) => device));
    const preview: Preview = {
      detected,
      columns: plan.columns.slice(0, 200),
      first_rows: firstRows,
      rows: rows - (plan.headerLine === null || rows === 0 ? 0 : 1),
      samples: listed.reduce((sum, { samples }) => sum + samples, 0),
      devices: devices.size,
      new_devices: [...devices].filter((key) => !knownDevices.has(key)).length,
      new_series: listed.filter(({ is_new }) => is_new).length,
      series_count: listed.length,
      series: listed.slice(0, MAX_LISTED_SERIES),
      chart: all
        .filter(({ kind }) => kind === 'number')
        .slice(0, CHART_SERIES)
        .map(({ device, parameter, first }) => ({ device, parameter, points: first })),
      from: seen.size === 0 ? null : from,
      to: seen.size === 0 ? null : to,
      faults_count: faultsCount,
      faults: faults.toSorted((a, b) => a.line - b.line).slice(0, MAX_FAULTS),
      suspicions: [...stamps.suspicions(), ...oldSamples(tooOld, task.rawFrom)],
    };
    return { preview, plan, series: listed, days: [...days] };
  } finally {
    closeSync(descriptor);
  }
}
