import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { Part } from './aggregate.ts';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import { type FoldedRollup, type FoldPlan, joined, type Span } from './fold-plan.ts';
import type { HistorySeries } from './history-request.ts';
import type { HotRow, Position } from './hot-reader.ts';
import { readRollups } from './rollup-sql.ts';
import type { VisitColumns } from './sample-columns.ts';
import type { Segment } from './segment-catalogue.ts';
import { readLatest, sharesTime } from './segment-sql.ts';
import { visitSeries } from './segment-visit.ts';

/** A part of a step of a series, as `Aggregator.merge` takes it. */
export type StepPart = readonly [seriesId: number, step: number, part: Part];

/** A stored series that is asked for. */
export type AskedSeries = Pick<HistorySeries, 'seriesId' | 'kind'>;

/** Reads segments by DuckDB. Every answer holds each (series, ts) once: that of the latest generation. */
export interface SegmentReader {
  /** Folds what the plan names into the steps between `edges`. */
  fold(plan: FoldPlan, series: readonly AskedSeries[], edges: Float64Array, range: Span): Promise<StepPart[]>;
  /** Samples in the order of (ts, series) that come after `after`; at most `limit`. */
  rows(
    segments: readonly Segment[],
    seriesIds: readonly number[],
    span: Span,
    after: Position | undefined,
    limit: number,
  ): Promise<HotRow[]>;
  /**
   * Visits samples by columns, in the order of time.
   *
   * @param look - called after each page with the stamp that it ended at; false ends the visit
   */
  visit(
    segments: readonly Segment[],
    series: readonly AskedSeries[],
    span: Span,
    visit: VisitColumns,
    look: (ts: number) => boolean,
  ): Promise<void>;
  /** Ends the query that is running, which rejects. */
  interrupt(): void;
  close(): void;
}

const MEMORY_MB = 256;

/** Steps of one length can be counted; others (days at a change of the clock) are looked up. */
function uniformStep(edges: Float64Array): number | undefined {
  const step = (edges[1] ?? 0) - (edges[0] ?? 0);
  for (let index = 2; index < edges.length; index++) {
    if ((edges[index] ?? 0) - (edges[index - 1] ?? 0) !== step) return undefined;
  }
  return step;
}

/**
 * What DuckDB refuses, in words that help. A damaged file may look like anything, even like one that needs more memory than
 * there is, so the files that were read go along, to be verified. The statement, which holds paths, is not among the words.
 */
function explained(error: unknown, files: readonly string[]): unknown {
  const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
  const message = line.startsWith('Out of Memory')
    ? `the query needs more than the ${MEMORY_MB} MB that one may take: narrow the range, or ask for fewer series`
    : 'a part of the history of this time cannot be read: it is being verified, ask again in a moment';
  return new AppError('unreadable', message, {
    cause: error,
    faults: files.map((file) => ({ pointer: file, message: line })),
  });
}

type PartRow = readonly [seriesId: number, step: number, ...members: (number | string | null)[]];

function partOf([seriesId, step, ...members]: PartRow): StepPart {
  const number = (place: number) => Number(members[place] ?? Number.NaN);
  const text = (place: number) => String(members[place] ?? '');
  const ends = { firstAt: number(4), first: number(5), firstText: text(6) };
  const part = { count: number(0), sum: number(1), min: number(2), max: number(3), ...ends };
  return [seriesId, step, { ...part, lastAt: number(7), last: number(8), lastText: text(9) }];
}

/** Rows with the number of the step that their `ts` lies in. */
function numbered(rows: string, edges: Float64Array): string {
  const step = uniformStep(edges);
  if (step !== undefined) return `select *, (ts - ${edges[0]}) // ${step} as step from (${rows})`;
  const list = `[${edges.join(', ')}]::bigint[]`;
  return `select s.*, e.step from (${rows}) s asof join (
      select unnest(${list}) as start, generate_subscripts(${list}, 1) - 1 as step
    ) e on s.ts >= e.start`;
}

/** Rollups of which no two hold the same time, in as few groups as that takes: each is one read of many files. */
function layersOf(rollups: readonly FoldedRollup[]): FoldedRollup[][] {
  const layers: FoldedRollup[][] = [];
  for (const one of rollups) {
    const isApart = ({ rollup: { fromTs, toTs } }: FoldedRollup) =>
      toTs <= one.rollup.fromTs || fromTs >= one.rollup.toTs;
    const layer = layers.find((members) => members.every(isApart));
    if (layer === undefined) layers.push([one]);
    else layer.push(one);
  }
  return layers;
}

const isState = ({ kind }: AskedSeries) => kind === 'state';

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

  const asking = async <T>(segments: readonly Segment[], work: (duck: DuckDb) => Promise<T>): Promise<T> => {
    const duck = await open();
    running = duck;
    try {
      return await work(duck);
    } catch (error) {
      // After a fault of its own it answers nothing any more.
      if (/^(INTERNAL|FATAL) Error/.test(String((error as Error).message))) {
        opened = undefined;
        duck[Symbol.dispose]();
      }
      throw explained(
        error,
        segments.map(({ file }) => file),
      );
    } finally {
      running = undefined;
    }
  };

  const ask = <Row>(segments: readonly Segment[], sql: string): Promise<Row[]> =>
    asking(segments, async ({ connection }) => (await connection.runAndReadAll(sql)).getRows() as unknown as Row[]);

  /** Rows (series_id, ts, value, text) of the asked series in the span, each (series, ts) once. */
  const samples = (segments: readonly Segment[], seriesIds: readonly number[], condition: string): string =>
    readLatest(root, segments, `series_id in (${seriesIds.join(', ')}) and ${condition}`);

  const within = ({ from, to }: Span) => `ts >= ${from} and ts < ${to}`;

  return {
    fold: async ({ raw, holes, rollups }, series, edges, range) => {
      if (series.length === 0) return [];
      const seriesIds = series.map(({ seriesId }) => seriesId);
      const [hasTexts, hasNumbers] = [series.some(isState), !series.every(isState)];
      const numbers = (members: string, count = 1) =>
        hasNumbers ? members : Array(count).fill('null::double').join(', ');
      const texts = (member: string) => (hasTexts ? member : 'null::varchar');
      const parts: StepPart[] = [];
      if (raw.length > 0) {
        const condition = [within(range), ...holes.map((hole) => `not (${within(hole)})`)].join(' and ');
        const source = numbered(samples(raw, seriesIds, condition), edges);
        const rows = await ask<PartRow>(
          raw,
          `select series_id, step::double, count(*)::double, ${numbers('fsum(value), min(value), max(value)', 3)},
             min(ts)::double, ${numbers('arg_min(value, ts)')}, ${texts('arg_min(text, ts)')},
             max(ts)::double, ${numbers('arg_max(value, ts)')}, ${texts('arg_max(text, ts)')}
           from (${source}) group by series_id, step`,
        );
        for (const row of rows) parts.push(partOf(row));
      }
      if (rollups.length > 0) {
        const layers = layersOf(rollups).map((layer) => {
          const spans = joined(layer.flatMap((one) => one.spans));
          const condition = `series_id in (${seriesIds.join(', ')}) and (${spans.map(within).join(' or ')})`;
          const files = layer.map(({ rollup }) => rollup);
          return readRollups(root, files, condition, { numbers: hasNumbers, texts: hasTexts });
        });
        const source = numbered(layers.join(' union all '), edges);
        const rows = await ask<PartRow>(
          rollups.map(({ rollup }) => rollup),
          `select series_id, step::double, sum(count)::double, ${numbers('fsum(sum), min(min), max(max)', 3)},
             min(first_at)::double, ${numbers('arg_min(first, ts)')}, ${texts('arg_min(first_text, ts)')},
             max(last_at)::double, ${numbers('arg_max(last, ts)')}, ${texts('arg_max(last_text, ts)')}
           from (${source}) group by series_id, step`,
        );
        for (const row of rows) parts.push(partOf(row));
      }
      return parts;
    },
    rows: async (segments, seriesIds, span, after, limit) => {
      if (segments.length === 0 || seriesIds.length === 0) return [];
      const position =
        after === undefined ? '' : ` and (ts > ${after.ts} or (ts = ${after.ts} and series_id > ${after.seriesId}))`;
      const from = after === undefined ? span.from : Math.max(span.from, after.ts);
      const source = samples(segments, seriesIds, within({ from, to: span.to }) + position);
      return await ask<HotRow>(
        segments,
        `select ts::double, series_id, value, text from (${source}) order by ts, series_id limit ${limit}`,
      );
    },
    visit: async (segments, series, span, visit, look) => {
      if (segments.length === 0 || series.length === 0) return;
      // Files are sorted by series and time, and DuckDB keeps the order of files and of their rows: one series is in order.
      const ordered = segments.toSorted((a, b) => a.fromTs - b.fromTs);
      const order = sharesTime(ordered) ? ' order by ts' : '';
      const queries = series.map((one) => {
        const hasTexts = isState(one);
        const source = samples(ordered, [one.seriesId], within(span));
        const sql = `select ts::double, coalesce(value, 'nan'::double)${hasTexts ? ', text' : ''} from (${source})${order}`;
        return { seriesId: one.seriesId, hasTexts, sql };
      });
      await asking(segments, async (duck) => visitSeries(await duck.connect(queries.length), queries, visit, look));
    },
    interrupt: () => running?.interrupt(),
    close: () => void opened?.then((duck) => duck[Symbol.dispose]()),
  };
}
