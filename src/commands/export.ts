import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type Control, openControl } from '../control.ts';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { createLog } from '../core/log.ts';
import type { FactoryScope } from '../core/scope.ts';
import { type ExportSeries, idsOf } from '../historian/historian.ts';
import { createExporter } from '../transfer/transfer.ts';
import { createQueryPool } from '../workers/workers.ts';
import { byOperator } from './operator.ts';
import { type CommonOptions, configFrom, withCommonOptions } from './options.ts';

interface ExportOptions extends CommonOptions {
  readonly factory: string;
  readonly device: readonly string[];
  readonly parameter: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly format: string;
  readonly layout: string;
  readonly out: string;
}

/** One thread, and as long as it takes. */
const LIMITS = { query_threads: 1, query_queue: 4, query_timeout_s: 86_400 };

function timeOf(option: string, text: string | undefined, preset: number): number {
  if (text === undefined) return preset;
  const ms = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new AppError('usage', `${option} takes a time with its offset, such as 2026-01-31T00:00:00Z, not "${text}"`);
  }
  return ms;
}

export function oneOf<const Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new AppError('usage', `${option} is one of ${choices.join(', ')}, not "${text}"`);
  return choice;
}

/** The factory of a slug. @throws {AppError} `usage` */
export function factoryOf({ accounts }: Control, slug: string): FactoryScope {
  const scope = accounts.factories.scopeBySlug(slug);
  if (scope !== undefined) return scope;
  const slugs = accounts.factories.list().map((factory) => factory.scope.slug);
  throw new AppError(
    'usage',
    `there is no factory "${slug}": --factory takes one of ${slugs.join(', ') || 'none yet'}`,
  );
}

function selected(control: Control, scope: FactoryScope, options: ExportOptions): ExportSeries[] {
  const all = control.catalogue.all(scope);
  const unknown = options.device.find((key) => all.every((device) => device.key !== key));
  if (unknown !== undefined) throw new AppError('usage', `there is no device "${unknown}": see --device`);
  const devices = options.device.length === 0 ? all : all.filter(({ key }) => options.device.includes(key));
  const series = devices.flatMap(({ key, parameters }) =>
    parameters
      .filter(({ name }) => options.parameter.length === 0 || options.parameter.includes(name))
      .flatMap(({ name, kind, unit, ...series }) =>
        idsOf(series).map((seriesId) => ({ seriesId, parameter: name, kind, device: key, unit })),
      ),
  );
  const missing = options.parameter.find((name) => series.every(({ parameter }) => parameter !== name));
  if (missing !== undefined)
    throw new AppError('usage', `no such device has a parameter "${missing}": see --parameter`);
  return series;
}

async function run(options: ExportOptions): Promise<void> {
  const config = configFrom(options);
  const out = options.out === '-' ? null : resolve(options.out);
  const format = oneOf('--format', options.format, ['csv', 'parquet']);
  const layout = oneOf('--layout', options.layout, ['long', 'wide']);
  const [from, to] = [timeOf('--from', options.from, 0), timeOf('--to', options.to, systemClock.now() + 1)];
  if (!existsSync(config.data_dir)) throw new AppError('usage', `there is no data directory ${config.data_dir}`);
  using control = openControl(config, { clock: systemClock, log: createLog(config.log.level) });
  const { hotDb, controlDb, root } = control.dataDir;
  const scope = factoryOf(control, options.factory);
  const series = selected(control, scope, options);
  const pool = createQueryPool({ place: { hotDb, sealed: { controlDb, root } }, limits: LIMITS });
  try {
    const exporter = createExporter({
      root,
      csv: (task, signal) => pool.run('export_csv', task, signal),
      parquet: (task, signal) => pool.run('export_parquet', task, signal),
    });
    const request = { series, from, to, format, layout };
    control.audit.note({
      action: 'history.export',
      factoryId: scope.factoryId,
      target: { kind: 'history', id: '', name: '' },
      content: { details: { devices: options.device, from, to, format } },
    });
    const { content } = await exporter.open(scope, request, new AbortController().signal);
    if (out === null) return await pipeline(content, process.stdout, { end: false });
    const unfinished = `${out}.part`;
    try {
      await pipeline(content, createWriteStream(unfinished, { flush: true }));
      renameSync(unfinished, out);
    } finally {
      rmSync(unfinished, { force: true });
    }
    process.stderr.write(`exported ${series.length} series to ${out}\n`);
  } finally {
    await pool.close();
  }
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `export`: samples as a file, while the appliance does not run. */
export function register(program: Command): void {
  withCommonOptions(program.command('export').description('write samples to a file, while the appliance is stopped'))
    .requiredOption('--factory <slug>', 'the factory')
    .option('--device <key>', 'a device, may be given several times (default: all)', collect, [])
    .option('--parameter <name>', 'a parameter, may be given several times (default: all)', collect, [])
    .option('--from <time>', 'first moment, ISO 8601 with offset (default: the beginning)')
    .option('--to <time>', 'the moment after the last, ISO 8601 with offset (default: now)')
    .option('--format <format>', 'csv or parquet', 'csv')
    .option('--layout <layout>', 'of CSV: long or wide', 'long')
    .requiredOption('--out <file>', 'where to write; - is standard output')
    .action(byOperator(run));
}
