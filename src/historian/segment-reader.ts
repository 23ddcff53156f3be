import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './aggregate.ts';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import type { HotRow, Position } from './hot-reader.ts';
import type { Segment } from './segment-catalogue.ts';
import { latestOnly, readSegments } from './segment-sql.ts';

/** [from, to) in epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part of a step of a series, as `Aggregator.merge` takes it. */
export type StepPart = readonly [seriesId: number, step: number, part: Part];

/** Reads segments by DuckDB. Every answer holds each (series, ts) once: that of the latest generation. */
export interface SegmentReader {
  /** Folds samples into the steps between `edges`, leaving out the spans in `without`. */
  fold(
    segments: readonly Segment[],
    seriesIds: readonly number[],
    edges: Float64Array,
    span: Span,
    without: readonly Span[],
  ): Promise<StepPart[]>;
  /** Samples in the order of (ts, series) that come after `after`; at most `limit`. */
  rows(
    segments: readonly Segment[],
    seriesIds: readonly number[],
    span: Span,
    after: Position | undefined,
    limit: number,
  ): Promise<HotRow[]>;
  /** Ends the query that is running, which rejects. */
  interrupt(): void;
  close(): void;
}

const MEMORY_MB = 256;

/** Two segments of one span may hold the same sample; of segments that share no time none does. */
function sharesTime(segments: readonly Segment[]): boolean {
  const byStart = segments.toSorted((a, b) => a.fromTs - b.fromTs);
  let end = Number.NEGATIVE_INFINITY;
  for (const { fromTs, toTs } of byStart) {
    if (fromTs < end) return true;
    end = toTs;
  }
  return false;
}

/** Steps of one length can be counted; others (days at a change of the clock) are looked up. */
function uniformStep(edges: Float64Array): number | undefined {
  const step = (edges[1] ?? 0) - (edges[0] ?? 0);
  for (let index = 2; index < edges.length; index++) {
    if ((edges[index] ?? 0) - (edges[index - 1] ?? 0) !== step) return undefined;
  }
  return step;
}

/** @param root - the data directory */
export function openSegmentReader(root: string): SegmentReader {
  let opened: Promise<DuckDb> | undefined;
  const open = (): Promise<DuckDb> => {
    const temporaryDirectory = join(root, 'tmp');
    mkdirSync(temporaryDirectory, { recursive: true, mode: 0o700 });
    opened ??= openDuckDb({ temporaryDirectory, memoryLimitMb: MEMORY_MB, threads: 1 });
    return opened;
  };
  let running: DuckDb | undefined;

  const ask = async <Row>(sql: string): Promise<Row[]> => {
    const duck = await open();
    running = duck;
    try {
      return (await duck.connection.runAndReadAll(sql)).getRowsJS() as Row[];
    } finally {
      running = undefined;
    }
  };

  /** Rows (series_id, ts, value, text) of the asked series in the span, each (series, ts) once. */
  const samples = (segments: readonly Segment[], seriesIds: readonly number[], condition: string): string => {
    const rows = readSegments(root, segments, `series_id in (${seriesIds.join(', ')}) and ${condition}`);
    return sharesTime(segments) ? latestOnly(rows) : rows;
  };

  const within = ({ from, to }: Span) => `ts >= ${from} and ts < ${to}`;

  return {
    fold: async (segments, seriesIds, edges, span, without) => {
      if (segments.length === 0 || seriesIds.length === 0) return [];
      const condition = [within(span), ...without.map((hole) => `not (${within(hole)})`)].join(' and ');
      const source = samples(segments, seriesIds, condition);
      const step = uniformStep(edges);
      const numbered =
        step === undefined
          ? `select s.*, e.step from (${source}) s asof join (
               select unnest([${edges.join(', ')}]::bigint[]) as start, generate_subscripts([${edges.join(', ')}], 1) - 1 as step
             ) e on s.ts >= e.start`
          : `select *, (ts - ${edges[0]}) // ${step} as step from (${source})`;
      const rows = await ask<[number, number, ...(number | string | null)[]]>(
        `select series_id, step::double, count(*)::double, fsum(value), min(value), max(value),
           min(ts)::double, arg_min(value, ts), arg_min(text, ts), max(ts)::double, arg_max(value, ts), arg_max(text, ts)
         from (${numbered}) group by series_id, step`,
      );
      return rows.map(([seriesId, index, ...members]): StepPart => {
        const number = (place: number) => Number(members[place] ?? Number.NaN);
        const text = (place: number) => String(members[place] ?? '');
        const ends = { firstAt: number(4), first: number(5), firstText: text(6) };
        const part = { count: number(0), sum: number(1), min: number(2), max: number(3), ...ends };
        return [seriesId, index, { ...part, lastAt: number(7), last: number(8), lastText: text(9) }];
      });
    },
    rows: async (segments, seriesIds, span, after, limit) => {
      if (segments.length === 0 || seriesIds.length === 0) return [];
      const position =
        after === undefined ? '' : ` and (ts > ${after.ts} or (ts = ${after.ts} and series_id > ${after.seriesId}))`;
      const from = after === undefined ? span.from : Math.max(span.from, after.ts);
      const source = samples(segments, seriesIds, within({ from, to: span.to }) + position);
      return await ask<HotRow>(
        `select ts::double, series_id, value, text from (${source}) order by ts, series_id limit ${limit}`,
      );
    },
    interrupt: () => running?.connection.interrupt(),
    close: () => void opened?.then((duck) => duck[Symbol.dispose]()),
  };
}
