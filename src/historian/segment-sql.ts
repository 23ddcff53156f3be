import { join } from 'node:path';
import type { Level, Segment, SegmentFile } from './segment-catalogue.ts';

/**
 * How samples stand in a segment: Parquet with `series_id, ts, mantissa, exponent, value, text`, sorted by series and
 * time. Most industrial values are decimals: 21.53 is stored as 2153 and 2, and the differences between neighbours take
 * a third of the bytes of doubles. Values that are no short decimals keep all their bits in `value`; states stand in
 * `text`.
 */

/** Digits behind the point that are tried; powers of ten are exact doubles, and so is their quotient's rounding. */
const MAX_EXPONENT = 9;
/** Beyond these a product with a power of ten may have lost its last digit (2^53 is 9.007e15). */
const MAX_MANTISSA = 9e15;

const EXPONENTS = Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => exponent);

const power = (exponent: string) => `(case ${exponent} ${EXPONENTS.map((n) => `when ${n} then 1e${n}`).join(' ')} end)`;

/** A path, or any other text, as a literal of SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The fewest decimals that give the value back to its last bit; null when there are none. */
const FEWEST_DECIMALS = `case when value is null then null
  ${EXPONENTS.map((n) => `when abs(value) < ${MAX_MANTISSA}e-${n} and round(value * 1e${n}) / 1e${n} = value then ${n}`).join('\n  ')}
  end`;

/**
 * Rows (series_id, ts, value, text) as a segment holds them, sorted. All values of a series have the same exponent, so that
 * their mantissas lie near each other; one that would not come back exactly keeps its double. The rows are read twice, and
 * not held: a window over each series would hold all of them.
 */
export const toSegmentRows = (rows: string): string => `
with samples as not materialized (${rows}),
scales as (
  select series_id, scale, ${power('scale')} as power
  from (select series_id, max(${FEWEST_DECIMALS}) as scale from samples group by series_id)
),
whole as (
  select samples.*, scale, power, case when abs(value) * power < ${MAX_MANTISSA} then round(value * power) end as product
  from samples join scales using (series_id)
),
decided as (select *, product is not null and product / power = value as is_decimal from whole)
select series_id::integer as series_id, ts::bigint as ts,
  case when is_decimal then product::bigint end as mantissa,
  case when is_decimal then scale::tinyint end as exponent,
  case when not coalesce(is_decimal, false) then value end as value,
  text
from decided order by series_id, ts`;

/** Rollups have few rows, of which a query wants those of some series: small groups let it skip the others. */
const ROW_GROUPS: Readonly<Record<Level, number>> = { raw: 122_880, '1m': 16_384, '15m': 4_096 };

/**
 * Of zstd. What stays is written once and read for years: 15 takes a tenth off walks, a third off states, and 0.1 to 0.4 us
 * more for a number, 3 for a state. What is sealed is written anew within a day or two.
 */
const COMPRESSION = { lasting: 15, passing: 3 };

/** How a segment is written. Dictionaries are switched off: they cost the differences between neighbours. */
export const parquetOptions = ({ level, isCompacted }: Pick<SegmentFile, 'level' | 'isCompacted'>): string =>
  `format parquet, parquet_version v2, compression zstd, compression_level ${isCompacted ? COMPRESSION.lasting : COMPRESSION.passing},
   dictionary_size_limit 1, row_group_size ${ROW_GROUPS[level]}`;

/** What a mantissa is divided by: multiplying by 0.01 is off in the last bit. */
export const POWER = power('exponent');

/** The same by looking it up, which takes less than half of the time where it is asked of every row. */
const LISTED_POWER = `[${EXPONENTS.map((n) => `1e${n}`).join(', ')}][exponent + 1]`;

/** The value of a segment's row, to its last bit. */
const VALUE = `coalesce(value, mantissa::double / ${LISTED_POWER})`;

/** Two segments of one span may hold the same sample; of segments that share no time none does. */
export function sharesTime(segments: readonly Segment[]): boolean {
  let end = Number.NEGATIVE_INFINITY;
  for (const { fromTs, toTs } of segments.toSorted((a, b) => a.fromTs - b.fromTs)) {
    if (fromTs < end) return true;
    end = toTs;
  }
  return false;
}

/**
 * Rows (series_id, ts, value, text) of these files, each (series_id, ts) once: that of the latest generation.
 *
 * @param root - the data directory
 */
export function readLatest(root: string, segments: readonly Segment[], condition: string): string {
  const paths = segments.map(({ file }) => quoted(join(root, file)));
  const columns = `series_id, ts, ${VALUE} as value, text`;
  const files = `[${paths.join(', ')}]`;
  if (!sharesTime(segments)) return `select ${columns} from read_parquet(${files}) where ${condition}`;
  const generations = segments.map(({ generation }, index) => `when ${paths[index]} then ${generation}`);
  return `select distinct on (series_id, ts) series_id, ts, value, text from (
      select ${columns}, (case filename ${generations.join(' ')} end) as generation
      from read_parquet(${files}, filename = true) where ${condition}
    ) order by series_id, ts, generation desc`;
}

/** Rows of all files as they stand in them. @param root - the data directory */
export const readAll = (root: string, segments: readonly Segment[]): string =>
  `select * from read_parquet([${segments.map(({ file }) => quoted(join(root, file))).join(', ')}])`;

/** Rows of one file as they stand in it. @param root - the data directory */
export const readWhole = (root: string, { file }: Segment, condition: string): string =>
  `select * from read_parquet(${quoted(join(root, file))}) where ${condition}`;
