import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';

import type { Config } from '../config/config.ts';
import { type Control, ingestLimits, knownSeries, openControl, setUnits } from '../control.ts';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { createLog, type Log } from '../core/log.ts';
import { createMetrics } from '../core/metrics.ts';
import { createRetention, removedDays } from '../historian/historian.ts';
import { createIngest, createLiveState, createRateMeter } from '../telemetry/telemetry.ts';
import {
  checkImportable,
  DELIMITERS,
  type ImportOptions,
  type Preview,
  runImport,
  TIME_FORMATS,
} from '../transfer/transfer.ts';
import { restore } from '../wiring.ts';
import { createQueryPool, startWriterThread } from '../workers/workers.ts';
import { factoryOf, oneOf } from './export.ts';
import { byOperator } from './operator.ts';
import { type CommonOptions, configFrom, withCommonOptions } from './options.ts';

interface ImportFlags extends CommonOptions {
  readonly factory: string;
  readonly dryRun?: boolean;
  readonly skipFaulty?: boolean;
  readonly json?: boolean;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly decimal?: string;
  readonly header?: string;
  readonly layout?: string;
  readonly timeColumn?: string;
  readonly timeFormat?: string;
  readonly timezone?: string;
  readonly device?: string;
  readonly deviceColumn?: string;
  readonly parameterColumn?: string;
  readonly valueColumn?: string;
  readonly unitColumn?: string;
  readonly columns?: string;
  readonly quotedText?: string;
  readonly missing?: string;
  readonly midnight?: string;
}

const MS = 1_000;
/** How often it says that it goes on. */
const SAY_MS = 5_000;
const LIMITS = { query_threads: 1, query_queue: 4, query_timeout_s: 86_400 };
const YES_OR_NO = ['yes', 'no'] as const;

function optionsFrom(flags: ImportFlags): ImportOptions {
  const choice = <const Choice extends string>(name: string, text: string | undefined, choices: readonly Choice[]) =>
    text === undefined ? undefined : oneOf(name, text, choices);
  const yes = (name: string, text: string | undefined) =>
    text === undefined ? undefined : oneOf(name, text, YES_OR_NO) === 'yes';
  const list = (text: string | undefined) => text?.split(',');
  return {
    encoding: choice('--encoding', flags.encoding, ['utf-8', 'windows-1252']),
    delimiter: choice('--delimiter', flags.delimiter, Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]),
    decimal: choice('--decimal', flags.decimal, ['point', 'comma']),
    header: yes('--header', flags.header),
    layout: choice('--layout', flags.layout, ['long', 'wide']),
    time_column: flags.timeColumn,
    time_format: choice('--time-format', flags.timeFormat, TIME_FORMATS),
    timezone: flags.timezone,
    device: flags.device,
    device_column: flags.deviceColumn,
    parameter_column: flags.parameterColumn,
    value_column: flags.valueColumn,
    unit_column: flags.unitColumn,
    columns: list(flags.columns),
    quoted_text: yes('--quoted-text', flags.quotedText),
    missing: list(flags.missing),
    midnight: choice('--midnight', flags.midnight, ['as_written', 'next_day']),
  };
}

const iso = (ms: number | null) => (ms === null ? '-' : new Date(ms).toISOString());
const count = (value: number) => value.toLocaleString('en-US');

/** The one remedy that there is. */
const NEXT_DAY = 'If 00:00 ends the day that it is written with, say --midnight next_day';

function describe(preview: Preview): string {
  const { detected, series, faults, suspicions } = preview;
  const more =
    preview.series_count > series.length ? [`  and ${count(preview.series_count - series.length)} more`] : [];
  return [
    'How it is read:',
    ...detected.map(({ option, value, evidence }) => `  ${option.padEnd(16)} ${value.padEnd(14)} (${evidence})`),
    'The first lines:',
    ...preview.first_rows.slice(0, 5).map((cells) => `  ${cells.join(' | ')}`),
    `${count(preview.rows)} lines, ${count(preview.samples)} samples, ${iso(preview.from)} to ${iso(preview.to)}`,
    `${preview.devices} devices (${preview.new_devices} new), ${preview.series_count} series (${preview.new_series} new):`,
    ...series.map(
      (one) => `  ${one.device}  ${one.parameter}  ${one.kind}  ${count(one.samples)}${one.is_new ? '  new' : ''}`,
    ),
    ...more,
    ...suspicions.map(({ message, remedy }) => `LOOK: ${message}${remedy === null ? '' : `. ${NEXT_DAY}`}`),
    ...(faults.length === 0 ? [] : [`${count(preview.faults_count)} faults; the first:`]),
    ...faults.map(({ line, message }) => `  line ${line}: ${message}`),
    '',
  ].join('\n');
}

/** What stores samples, without brokers and listeners around it. */
async function openStorage(config: Config, control: Control, log: Log, stack: AsyncDisposableStack) {
  const { dataDir } = control;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const writer = stack.adopt(
    startWriterThread({
      hot: {
        file: dataDir.hotDb,
        backups: dataDir.backups,
        bucketSeconds: config.historian.bucket_s,
        now: systemClock.now(),
      },
      onExit: failed.reject,
      onCheckpointFailure: (error) => log.warn({ err: error }, 'the newest values could not be written to disk'),
    }),
    (thread) => thread.close(),
  );
  const opened = await writer.open();
  const live = createLiveState();
  const { forgotten, nextSeriesId } = restore(control, live, opened, systemClock.now());
  const ingest = createIngest({
    writer,
    state: live,
    nextSeriesId,
    bucketMs: opened.bucketMs,
    limits: ingestLimits(config, control.accounts),
    clock: systemClock,
    oldestFor: () => Number.NEGATIVE_INFINITY,
    log,
    metrics: createMetrics(),
    rate: createRateMeter(systemClock),
    register: (created) => void control.devices.register(created),
    // They stay on the list: the next start erases their samples.
    forgotten: () => undefined,
    refused: () => undefined,
    committed: () => undefined,
    throttle: () => undefined,
    failed: failed.reject,
  });
  stack.defer(() => ingest.close());
  ingest.forgetSeries(forgotten);
  return { ingest, failed: failed.promise };
}

async function run(path: string, flags: ImportFlags): Promise<void> {
  const config = configFrom(flags);
  const file = resolve(path);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new AppError('usage', `there is no file ${file}`);
  if (!existsSync(config.data_dir)) throw new AppError('usage', `there is no data directory ${config.data_dir}`);
  const options = optionsFrom(flags);
  const log = createLog(config.log.level);
  using control = openControl(config, { clock: systemClock, log });
  const scope = factoryOf(control, flags.factory);
  await using stack = new AsyncDisposableStack();
  const { hotDb, controlDb, root } = control.dataDir;
  const pool = stack.adopt(createQueryPool({ place: { hotDb, sealed: { controlDb, root } }, limits: LIMITS }), (it) =>
    it.close(),
  );
  const latest = systemClock.now() + config.ingest.max_ahead_s * MS;
  const { store } = control;
  const { timezone } = scope;
  const days = { raw: config.historian.raw_days, '1m': null, '15m': null };
  const { keptFrom } = createRetention({ store, clock: systemClock, days, excessBytes: () => 0 });
  const examined = await pool.run('examine_import', {
    file,
    fileName: basename(file),
    timezone,
    options,
    known: knownSeries(control, scope),
    latest,
    rawFrom: keptFrom(scope.factoryId),
  });
  const { preview } = examined;
  process.stdout.write(flags.json ? `${JSON.stringify(preview, null, 2)}\n` : describe(preview));
  if (flags.dryRun) return;
  checkImportable(examined, flags.skipFaulty ?? false, (of) => store.read(scope, (sql) => removedDays(sql, of)));
  control.audit.note({
    action: 'history.import',
    factoryId: scope.factoryId,
    target: { kind: 'history', id: '', name: basename(file) },
    content: { details: { rows: preview.rows, samples: preview.samples } },
  });
  const { ingest, failed } = await openStorage(config, control, log, stack);
  const sizeBytes = statSync(file).size;
  let [samples, saidAt] = [0, performance.now()];
  const done = runImport({
    file,
    examined,
    latest,
    at: examined.plan.start,
    readPage: (task, signal) => pool.run('read_import', task, signal),
    store: (rows) => ingest.importRows(scope, rows),
    stored: (progress) => {
      samples += progress.samples;
      if (performance.now() - saidAt < SAY_MS) return;
      saidAt = performance.now();
      const percent = Math.floor((progress.endOffset / sizeBytes) * 100);
      process.stderr.write(`${count(samples)} samples, ${percent} % of the file\n`);
    },
    signal: new AbortController().signal,
  });
  await Promise.race([done, failed]);
  setUnits(control, scope, examined.series);
  process.stderr.write(`imported ${count(samples)} samples\n`);
}

/** `import`: samples from a file, while the appliance does not run. */
export function register(program: Command): void {
  withCommonOptions(
    program.command('import').description('store the samples of a CSV file, while the appliance is stopped'),
  )
    .argument('<file>', 'CSV, wide or long')
    .requiredOption('--factory <slug>', 'the factory')
    .option('--dry-run', 'say what would be imported, and change nothing')
    .option('--skip-faulty', 'import what has no fault, and leave out the rest')
    .option('--json', 'print what was found as JSON')
    .option('--encoding <name>', 'utf-8 or windows-1252 (this and what follows: detected when left out)')
    .option('--delimiter <name>', Object.keys(DELIMITERS).join(', '))
    .option('--decimal <name>', 'point or comma')
    .option('--header <yes|no>', 'whether the first line has names')
    .option('--layout <name>', 'long or wide')
    .option('--time-column <name>', 'name of the column, or its number from 1, as of all columns')
    .option('--time-format <name>', TIME_FORMATS.join(', '))
    .option('--timezone <zone>', "IANA zone of times without an offset (default: the factory's)")
    .option('--device <key>', 'the device of all samples')
    .option('--device-column <name>', 'long: the column of the device')
    .option('--parameter-column <name>', 'long: the column of the parameter')
    .option('--value-column <name>', 'long: the column of the value')
    .option('--unit-column <name>', 'long: the column of the unit')
    .option('--columns <names>', 'wide: the columns to import, separated by commas (default: all)')
    .option('--quoted-text <yes|no>', 'whether a value in quotes is text, even "12"')
    .option('--missing <texts>', 'cells that mean no value, separated by commas')
    .option('--midnight <name>', 'as_written, or next_day: 00:00 ends the day that it is written with')
    .action(byOperator(run));
}
