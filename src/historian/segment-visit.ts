import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { type ReadDoubles, readingDoubles } from './duckdb.ts';
import type { SampleColumns, VisitColumns } from './sample-columns.ts';

/** One series as it is to be read: `sql` gives ts and value as doubles, neither of them null, and its text; in order of time. */
export interface SeriesQuery {
  readonly seriesId: number;
  readonly sql: string;
  readonly hasTexts: boolean;
}

type Page = Pick<SampleColumns, 'stamps' | 'values' | 'textAt'>;

/** A series that is being read, at the row that comes next. */
interface Course {
  readonly seriesId: number;
  /** Empty at the end. */
  page: Page;
  row: number;
  turn(): Promise<void>;
  /** Waits for what is under way. */
  rest(): Promise<unknown>;
}

const NO_PAGE: Page = { stamps: new Float64Array(), values: new Float64Array(), textAt: undefined };

async function beginCourse(
  connection: DuckDBConnection,
  { seriesId, sql, hasTexts }: SeriesQuery,
  doubles: ReadDoubles,
): Promise<Course> {
  const result = await connection.stream(sql);
  /** It may fail while another series is waited for. */
  const fetch = () => {
    const chunk = result.fetchChunk();
    chunk.catch(() => undefined);
    return chunk;
  };
  // The next page is read while this one is looked at.
  let coming = fetch();
  /** The page lies in it. */
  let chunk: DuckDBDataChunk | null = null;
  let last = Number.NEGATIVE_INFINITY;
  const course: Course = {
    seriesId,
    page: NO_PAGE,
    row: 0,
    turn: async () => {
      chunk = await coming;
      course.row = 0;
      course.page = NO_PAGE;
      if (chunk === null || chunk.rowCount === 0) return;
      coming = fetch();
      const stamps = doubles(chunk, 0);
      for (let row = 0; row < stamps.length; row++) {
        const ts = stamps[row] as number;
        if (ts <= last) throw new Error('samples came out of their order');
        last = ts;
      }
      const texts = hasTexts ? chunk.getColumnVector(2) : undefined;
      const textAt = texts && ((row: number) => texts.getItem(row) as string | null);
      course.page = { stamps, values: doubles(chunk, 1), textAt };
    },
    rest: () => coming.catch(() => undefined),
  };
  return course;
}

/** What a series has up to `until` (inclusive), which its page reaches. */
function takeUntil(course: Course, until: number): SampleColumns {
  const { seriesId, page, row: start } = course;
  let [end, beyond] = [start, page.stamps.length];
  while (end < beyond) {
    const middle = (end + beyond) >>> 1;
    if ((page.stamps[middle] as number) <= until) end = middle + 1;
    else beyond = middle;
  }
  course.row = end;
  return { ...page, seriesId, start, end };
}

/**
 * Visits the samples of some series: each is read by a connection of its own, as files hold it, because to have DuckDB sort
 * them takes twice as long as to read them.
 *
 * @param connections - one for each query
 * @param look - called after each page with the stamp that it ended at; false ends the visit
 */
export async function visitSeries(
  connections: readonly DuckDBConnection[],
  queries: readonly SeriesQuery[],
  visit: VisitColumns,
  look: (ts: number) => boolean,
): Promise<void> {
  const doubles = await readingDoubles();
  const begun: Course[] = [];
  try {
    for (const [place, query] of queries.entries()) {
      begun.push(await beginCourse(connections[place] as DuckDBConnection, query, doubles));
    }
    for (let courses = begun; ; ) {
      for (const course of courses) if (course.row === course.page.stamps.length) await course.turn();
      courses = courses.filter(({ page }) => page !== NO_PAGE);
      if (courses.length === 0) return;
      const until = courses.reduce((least, { page }) => Math.min(least, page.stamps.at(-1) as number), Infinity);
      visit(courses.map((course) => takeUntil(course, until)));
      if (!look(until)) return;
    }
  } finally {
    // The connections are free when nothing is under way any more.
    await Promise.all(begun.map((course) => course.rest()));
  }
}
