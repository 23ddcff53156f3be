import { join } from 'node:path';
import { openDuckDb } from '../../../src/historian/duckdb.ts';
import type { Condition, Watch } from '../../../src/rules/condition.ts';
import type { ReplayTask } from '../../../src/rules/rules.ts';
import { createQueryPool } from '../../../src/workers/workers.ts';
import { sealedState } from '../../support/segment-files.ts';
import type { Figures } from '../flood.ts';
import { makePast, type Past } from './past.ts';

/** Rules of which the replay is measured, by name. */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  limit: { parameter: 'p1', operator: 'gt', value: 80, for_seconds: 60 },
  deadband: { parameter: 'p1', operator: 'gt', value: 80, hysteresis: 3, for_seconds: 60 },
  average: { parameter: 'p1', aggregate: 'avg', window_seconds: 300, operator: 'gt', value: 75 },
  lowest: { parameter: 'p1', aggregate: 'min', window_seconds: 300, operator: 'gt', value: 60 },
  rate: { parameter: 'p1', operator: 'rate_of_change', per: 'minute', window_seconds: 300, value: 20 },
  silence: { parameter: 'p1', operator: 'no_data', for_seconds: 300 },
  occurrences: {
    operator: 'occurrences',
    of: { parameter: 'p1', operator: 'gt', value: 80 },
    count: 20,
    window_seconds: 3_600,
  },
  usual: { parameter: 'p1', aggregate: 'avg', window_seconds: 300, operator: 'deviates', sigmas: 5 },
  two: {
    all: [
      { parameter: 'p1', operator: 'gt', value: 80, for_seconds: 60 },
      { parameter: 'p2', operator: 'lt', value: 60 },
    ],
  },
};

const PARAMETERS = ['p1', 'p2'];

const watchOf = (condition: Condition): Watch => ({
  severity: 'high',
  condition,
  levels: [],
  cooldown_seconds: 0,
  keep_firing_seconds: 0,
  schedule: null,
});

const taskOf = ({ from, to }: Past, condition: Condition): ReplayTask => ({
  factoryId: 1,
  timezone: 'UTC',
  watch: watchOf(condition),
  series: PARAMETERS.map((parameter, place) => ({ seriesId: place + 1, parameter, kind: 'number' })),
  from,
  to,
  outages: [],
  bounds: { firings: 10_000, changes: 20_000 },
});

/**
 * The same question as SQL, to DuckDB on the same files: spans in which p1 was above 80, of at least 60 seconds. It knows no
 * deadband, and nothing of what else a rule may say.
 */
const crossings = (files: readonly string[], { from, to }: Past) => `
with samples as (
  select ts, coalesce(value, mantissa::double / pow(10, exponent)) > 80 as hot
  from read_parquet([${files.map((file) => `'${file}'`).join(', ')}])
  where series_id = 1 and ts >= ${from} and ts < ${to}
), turns as (
  select ts, hot from (select ts, hot, lag(hot) over (order by ts) as before from samples)
  where before is null or hot <> before
), spans as (
  select ts as began, hot, coalesce(lead(ts) over (order by ts), ${to}) as ended from turns
)
select began + 60000, ended from spans where hot and ended - began > 60000`;

async function measureSql(past: Past, runs: number): Promise<{ ms: number[]; firings: number }> {
  using duck = await openDuckDb({ temporaryDirectory: past.root, memoryLimitMb: 256, threads: 1 });
  const files = sealedState(past.root).raw.map((file) => join(past.root, file));
  const ms: number[] = [];
  let firings = 0;
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now();
    const answer = await duck.connection.runAndReadAll(crossings(files, past));
    ms.push(performance.now() - startedAt);
    firings = answer.getRows().length;
  }
  return { ms, firings };
}

/** Runs each rule so often; the first run of all opens DuckDB in its thread. */
export async function measureReplay(
  options: { readonly days: number; readonly parameters: number; readonly runs: number },
  say: (text: string) => void,
): Promise<{ readonly subject: string; readonly runs: readonly Figures[] }[]> {
  const { days, parameters, runs } = options;
  say(`${days} days of one device with ${parameters} parameters at 1 Hz are made`);
  await using past = await makePast(days, parameters, say);
  const limits = { query_threads: 1, query_queue: 8, query_timeout_s: 600 };
  const pool = createQueryPool({ place: past.place, limits });
  const results: { subject: string; runs: Figures[] }[] = [];
  let expected = 0;
  try {
    for (const [name, condition] of Object.entries(CONDITIONS)) {
      const list: Figures[] = [];
      for (let run = 0; run < runs; run++) {
        const startedAt = performance.now();
        const { firings, samples } = await pool.run('replay_rule', taskOf(past, condition));
        const ms = performance.now() - startedAt;
        if (name === 'limit') expected = firings.length;
        list.push({
          replay_ms: Math.round(ms),
          samples,
          firings: firings.length,
          samples_per_second: Math.round(samples / (ms / 1_000)),
        });
      }
      say(`replay of ${name}: ${list.map(({ replay_ms }) => replay_ms).join(', ')} ms`);
      results.push({ subject: `replay of ${name}`, runs: list });
    }
  } finally {
    await pool.close();
  }
  const sql = await measureSql(past, runs);
  if (sql.firings !== expected) throw new Error(`the replay finds ${expected} alarms, SQL ${sql.firings}`);
  say(`the same as SQL: ${sql.ms.map(Math.round).join(', ')} ms`);
  results.push({
    subject: 'limit as SQL on DuckDB',
    runs: sql.ms.map((ms) => ({ replay_ms: Math.round(ms), firings: sql.firings })),
  });
  return results;
}
