import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, freemem, release, totalmem } from 'node:os';
import type { Figures } from './flood.ts';

/** All runs of one scenario with one subject, and the median of each figure. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly subject: string;
  readonly runs: readonly Figures[];
  readonly median: Figures;
}

function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Puts runs together. Each figure's median is its own: a row of medians need not be one run. */
export function summarise(scenario: string, subject: string, runs: readonly Figures[]): ScenarioResult {
  const names = Object.keys(runs[0] ?? {});
  const entries = names.map((name) => [name, median(runs.map((run) => run[name] ?? null))] as const);
  return { scenario, subject, runs, median: Object.fromEntries(entries) };
}

/** The machine, so that figures can be judged later. */
export function describeMachine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memory_bytes: totalmem(),
    free_bytes: freemem(),
    kernel: release(),
  };
}

/** Versions of what was measured; the commit is null outside a checkout. */
export function describeVersions(mosquitto: string | null) {
  const root = new URL('../../', import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  let commit: string | null = null;
  try {
    commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    // not a checkout
  }
  return { factoryops: version, commit, node: process.version, mosquitto };
}

const COLUMNS = [
  ['messages_per_second', 'msg/s'],
  ['points_per_second', 'points/s'],
  ['requests_per_second', 'req/s'],
  ['busy_per_second', 'busy/s'],
  ['p50_ms', 'p50'],
  ['p99_ms', 'p99'],
  ['bytes_per_answer', 'B/answer'],
  ['puback_p50_ms', 'ack p50'],
  ['puback_p99_ms', 'ack p99'],
  ['puback_p50_ratio', '× quiet'],
  ['puback_p99_ratio', '× quiet'],
  ['event_p50_ms', 'event p50'],
  ['event_p99_ms', 'event p99'],
  ['ready_ms', 'ready ms'],
  ['load_points_per_second', 'load points/s'],
  ['settle_s', 'settle s'],
  ['bytes_per_point', 'B/point'],
  ['hour_p50_ms', 'hour p50'],
  ['hour_p99_ms', 'p99'],
  ['hour_under_load_p50_ms', 'loaded'],
  ['month_p50_ms', 'month p50'],
  ['month_p99_ms', 'p99'],
  ['month_under_load_p50_ms', 'loaded'],
  ['wall_p50_ms', 'wall p50'],
  ['wall_p99_ms', 'p99'],
  ['wall_under_load_p50_ms', 'loaded'],
  ['walls_p50_ms', '20 walls p50'],
  ['walls_p99_ms', 'p99'],
  ['walls_under_load_p50_ms', 'loaded'],
  ['under_load_messages_per_second', 'msg/s then'],
  ['peak_rss_mib', 'peak RSS MiB'],
  ['rss_mib', 'RSS MiB'],
  ['cpu_cores', 'cores'],
  ['cpu_s_per_million_points', 'CPU s/Mpt'],
  ['sealed_points_per_second', 'sealed/s'],
] as const;

/** The medians as a table for people; columns that no scenario has are left out. */
export function formatTable(results: readonly ScenarioResult[]): string {
  const columns = COLUMNS.filter(([name]) => results.some((result) => typeof result.median[name] === 'number'));
  const cell = (value: number | null | undefined) => (value == null ? '-' : value.toLocaleString('en-US'));
  const rows = [
    ['scenario', 'subject', ...columns.map(([, title]) => title)],
    ...results.map((result) => [
      result.scenario,
      result.subject,
      ...columns.map(([name]) => cell(result.median[name])),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (text: string, column: number) =>
    column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}
