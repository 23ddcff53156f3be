import { join } from 'node:path';
import type { Level, Segment } from './segment-catalogue.ts';
import { POWER, quoted } from './segment-sql.ts';

/** Length of a rollup's step (ms); steps begin at multiples of it since 1970, in UTC. */
export const ROLLUP_MS: Readonly<Record<Exclude<Level, 'raw'>, number>> = { '1m': 60_000, '15m': 900_000 };

/**
 * Rows of a segment (`series_id, ts, mantissa, exponent, value, text`) rolled up by steps. A step whose values are all
 * decimals keeps sum, min, max, first and last as mantissas, which makes the sum exact; any other keeps doubles. `first_ms`
 * and `last_ms` count from the step's start. `integral` is that of the value held from sample to sample between the first
 * and the last (value x ms): of two neighbouring steps the integrals, and the last value over the time in between, add up.
 */
export function rolledUp(rows: string, stepMs: number): string {
  const whole = (name: string, aggregate: string) => `case when is_decimal then ${aggregate} end as ${name}_m`;
  const double = (name: string, aggregate: string) => `case when not is_decimal then ${aggregate} end as ${name}`;
  return `
with stepped as (
  select *, (ts // ${stepMs}) * ${stepMs} as step, coalesce(value, mantissa::double / ${POWER}) as v from (${rows})
), held as (
  select *, lead(ts) over (partition by series_id, step order by ts) - ts as held_ms from stepped
), grouped as (
  select series_id, step, count(*)::integer as count, max(exponent) as exponent,
    coalesce(bool_and(mantissa is not null), false) as is_decimal,
    try_cast(sum(mantissa) as bigint) as sum_m, min(mantissa) as min_m, max(mantissa) as max_m,
    arg_min(mantissa, ts) as first_m, arg_max(mantissa, ts) as last_m,
    fsum(v) as sum, min(v) as min, max(v) as max, arg_min(v, ts) as first, arg_max(v, ts) as last,
    arg_min(text, ts) as first_text, arg_max(text, ts) as last_text,
    (min(ts) - step)::integer as first_ms, (max(ts) - step)::integer as last_ms,
    fsum(v * held_ms) as integral, try_cast(sum(mantissa * held_ms) as bigint) as integral_m
  from held group by series_id, step
), decided as (select * replace (is_decimal and sum_m is not null and (integral_m is not null or integral is null) as is_decimal) from grouped)
select series_id, step as ts, count, case when is_decimal then exponent end as exponent,
  ${['sum', 'min', 'max', 'first', 'last', 'integral'].map((name) => `${whole(name, `${name}_m`)}, ${double(name, name)}`).join(',\n  ')},
  first_ms, last_ms, first_text, last_text
from decided order by series_id, ts`;
}

/** Rows of rollup files with all values as doubles. @param root - the data directory */
export function readRollups(root: string, segments: readonly Segment[], condition: string): string {
  const paths = segments.map(({ file }) => quoted(join(root, file)));
  const value = (name: string) => `coalesce(${name}, ${name}_m::double / ${POWER}) as ${name}`;
  return `select series_id, ts, count, ${['sum', 'min', 'max', 'first', 'last'].map(value).join(', ')},
      ts + first_ms as first_at, ts + last_ms as last_at, first_text, last_text
    from read_parquet([${paths.join(', ')}]) where ${condition}`;
}
