import { join } from 'node:path';
import type { RollupLevel, Segment } from './segment-catalogue.ts';
import { POWER, quoted, readWhole } from './segment-sql.ts';

/** Length of a rollup's step (ms); steps begin at multiples of it since 1970, in UTC. */
export const ROLLUP_MS: Readonly<Record<RollupLevel, number>> = { '1m': 60_000, '15m': 900_000 };

/**
 * By week, series and time: a question about a month of one series reads a few thousand rows of it, one about a day of all
 * series a quarter. Sorted by series alone, the second would read the whole.
 */
const ORDER = 'order by ts // 604_800_000, series_id, ts';

/** Rows of a rollup in the order in which its file has them. */
export const inOrder = (rows: string): string => `select * from (${rows}) ${ORDER}`;

/** Members of a step that are stored as their distance from its first mantissa. */
const DISTANCES = ['last', 'min', 'max', 'sum'] as const;
const DOUBLES = ['first', 'last', 'min', 'max', 'sum', 'integral'] as const;

/**
 * Rows of a segment (`series_id, ts, mantissa, exponent, value, text`) rolled up by steps. A step whose values are all
 * decimals keeps whole numbers, which makes its sum exact: `first_m` is a mantissa, and the other members count from what
 * it lets expect, so that they are small and take few bits: `last_d`, `min_d`, `max_d` from `first_m`, `sum_d` from `first_m * count`. Any other step
 * keeps doubles. `first_ms` and `last_ms` count from the step's start.
 *
 * The integral is that of the value held from sample to sample between the first and the last (value x ms): of two
 * neighbouring steps the integrals, and the last value over the time in between, add up. Where samples come at equal
 * distances it is `(sum - last) * (last_ms - first_ms) / (count - 1)`; `integral_d` counts from that (of whole numbers,
 * cut towards zero), and so is nothing but zeros there.
 */
export function rolledUp(rows: string, stepMs: number): string {
  const double = (name: string) => `case when not is_decimal then ${name} end as ${name}`;
  return `
with stepped as (
  select *, (ts // ${stepMs}) * ${stepMs} as step, coalesce(value, mantissa::double / ${POWER}) as v from (${rows})
), held as (
  select *, lead(ts) over (partition by series_id, step order by ts) - ts as held_ms from stepped
), grouped as (
  select series_id, step, count(*)::integer as count, max(exponent) as exponent,
    coalesce(bool_and(mantissa is not null), false) as is_whole,
    arg_min(mantissa, ts) as first_m, arg_max(mantissa, ts) as last_m, min(mantissa) as min_m, max(mantissa) as max_m,
    sum(mantissa) as sum_m, sum(mantissa::hugeint * held_ms) as integral_m,
    fsum(v) as sum, min(v) as min, max(v) as max, arg_min(v, ts) as first, arg_max(v, ts) as last,
    fsum(v * held_ms) as integral,
    arg_min(text, ts) as first_text, arg_max(text, ts) as last_text,
    (min(ts) - step)::integer as first_ms, (max(ts) - step)::integer as last_ms
  from held group by series_id, step
), measured as (
  select *, last_m - first_m as last_d, min_m - first_m as min_d, max_m - first_m as max_d,
    try_cast(sum_m as bigint) as whole_sum, try_cast(first_m::hugeint * count as bigint) as expected_sum,
    try_cast(sum_m - first_m::hugeint * count as bigint) as sum_d,
    try_cast(coalesce(integral_m - (sum_m - last_m) * (last_ms - first_ms) // greatest(count - 1, 1), 0) as bigint) as integral_d
  from grouped
), decided as (
  select *, is_whole and whole_sum is not null and expected_sum is not null and sum_d is not null and integral_d is not null
    as is_decimal
  from measured
)
select series_id, step as ts, count, case when is_decimal then exponent end as exponent,
  case when is_decimal then first_m end as first_m,
  ${[...DISTANCES, 'integral'].map((name) => `case when is_decimal then ${name}_d end as ${name}_d`).join(', ')},
  ${DOUBLES.map(double).join(', ')},
  first_ms, last_ms, first_text, last_text
from decided order by series_id, ts`;
}

/** What is wanted of rolled-up series: texts of states, numbers of all others. Columns that are not read cost nothing. */
export interface WantedMembers {
  readonly numbers: boolean;
  readonly texts: boolean;
}

/**
 * Rows (series_id, ts, count, sum, min, max, first, last, first_at, last_at, first_text, last_text) of rollup files, all
 * values as doubles; what is not wanted is null. @param root - the data directory
 */
export function readRollups(
  root: string,
  segments: readonly Segment[],
  condition: string,
  { numbers, texts }: WantedMembers,
): string {
  const paths = segments.map(({ file }) => quoted(join(root, file)));
  const whole = { first: 'first_m', sum: 'first_m * count + sum_d' };
  const value = (name: string) => {
    const mantissa = whole[name as keyof typeof whole] ?? `first_m + ${name}_d`;
    return `${numbers ? `coalesce(${name}, (${mantissa})::double / ${POWER})` : 'null::double'} as ${name}`;
  };
  const text = (name: string) => `${texts ? name : 'null::varchar'} as ${name}`;
  return `select series_id, ts, count, ${['first', ...DISTANCES].map(value).join(', ')},
      ts + first_ms as first_at, ts + last_ms as last_at, ${text('first_text')}, ${text('last_text')}
    from read_parquet([${paths.join(', ')}]) where ${condition}`;
}

/**
 * Rows of several rollup files of one level as one file holds them. Each says all of its span, so of two that hold a time
 * the later generation's is read there, and no row has to be compared.
 *
 * @param unrolled - raw segments that are in none of them
 */
export function mergedRollups(
  root: string,
  rollups: readonly Segment[],
  unrolled: readonly Segment[],
  stepMs: number,
): string {
  const sources = [...rollups, ...unrolled].toSorted((a, b) => b.generation - a.generation);
  const rows = sources.map((source, place) => {
    const later = sources.slice(0, place).filter(({ fromTs, toTs }) => fromTs < source.toTs && toTs > source.fromTs);
    const elsewhere = later.map(({ fromTs, toTs }) => `not (ts >= ${fromTs} and ts < ${toTs})`);
    const own = readWhole(root, source, ['true', ...elsewhere].join(' and '));
    return source.level === 'raw' ? `(${rolledUp(own, stepMs)})` : own;
  });
  return inOrder(rows.join(' union all by name '));
}
