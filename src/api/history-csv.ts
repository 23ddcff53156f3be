import { Readable } from 'node:stream';
import type { HistoryAnswer } from '../historian/historian.ts';
import { isoTime } from './wire.ts';

export const CSV = 'text/csv; charset=utf-8';

const COLUMNS = ['avg', 'min', 'max', 'count', 'first', 'last'];

const csvField = (field: unknown): string => {
  const text = field === null ? '' : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csvRow = (fields: readonly unknown[]): string => `${fields.map(csvField).join(',')}\r\n`;

const columnsOf = ({ interval }: HistoryAnswer) => (interval === 'raw' ? ['value'] : COLUMNS);

function rowsOf(answer: HistoryAnswer): string {
  const columns = columnsOf(answer);
  const rows = answer.series.flatMap(({ parameter, points }) =>
    points.map((point) => {
      const fields: Record<string, unknown> = { ...point };
      return csvRow([parameter, isoTime(point.t), ...columns.map((column) => fields[column] ?? null)]);
    }),
  );
  return rows.join('');
}

const headOf = (answer: HistoryAnswer): string => csvRow(['parameter', 't', ...columnsOf(answer)]);

/** One row for each point (RFC 4180). */
export const historyCsv = (answer: HistoryAnswer): string => headOf(answer) + rowsOf(answer);

/**
 * All raw samples as one CSV of any size: a page is fetched when the one before has been sent. The reader that leaves ends
 * it; a page that cannot be had breaks the answer off, so that it does not look whole.
 */
export function historyCsvStream(
  first: HistoryAnswer,
  nextPage: (cursor: string) => Promise<HistoryAnswer>,
  left: AbortSignal,
): Readable {
  async function* parts(): AsyncGenerator<string> {
    yield headOf(first) + rowsOf(first);
    for (let { nextCursor } = first; nextCursor !== null; ) {
      if (left.aborted) return;
      const page = await nextPage(nextCursor);
      yield rowsOf(page);
      ({ nextCursor } = page);
    }
  }
  return Readable.from(parts());
}
