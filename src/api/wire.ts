import * as z from 'zod';
import { AppError } from '../core/errors.ts';

/** How values look on the wire, shared by the routes. */

/** A time outside: ISO 8601 with offset. */
export const isoTimeSchema = z.iso.datetime({
  offset: true,
  error: 'say a time with its zone, such as 2026-11-29T06:00:00Z',
});

/** Epoch milliseconds as ISO 8601, UTC. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** An id that the API has given, in whatever letters it comes back. */
export const idSchema = z.uuid().toLowerCase();

/** `:id` in a path. Anything but a UUID is answered like a missing one. */
export const idParams = z.object({ id: idSchema });

/** Device ids in a query, separated by commas; each once. */
export const deviceIdsSchema = (most: number) =>
  z
    .string()
    .min(1)
    .max(4_096)
    .transform((ids) => [...new Set(ids.toLowerCase().split(','))])
    .refine((ids) => ids.length <= most, `at most ${most} devices: ask for them in several`)
    .describe(`Device ids, separated by commas; at most ${most}`);

/** The query of every list; spread it into the route's own strict object. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100).describe('Largest number of items'),
  cursor: z.string().max(1_024).optional().describe('`next_cursor` of the page before'),
};

/** Which samples, of devices that are known; spread it into the route's own strict object. */
export const samplesQuery = {
  parameters: z
    .string()
    .max(16_384)
    .optional()
    .describe('Names, separated by commas (`\\,` is a comma within a name); all when left out'),
  from: isoTimeSchema.optional().describe('Inclusive; 24 h before `to` when left out'),
  to: isoTimeSchema.optional().describe('Exclusive; now when left out'),
};

/** `{"items": […], "next_cursor": …}` */
export const listSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable().describe('null on the last page') });

/** What somebody says in words, of which something can be seen: letters without a shape say nothing. */
export const saidSchema = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => text === '' || /[^\p{Cc}\p{Cf}\p{DI}\s]/u.test(text), 'say it in letters that can be seen');

/** A cursor: the sort key of a page's last item, opaque to clients. */
export const encodeCursor = (key: string | number): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** What is no cursor of the list that is asked for. */
export function notACursor(): AppError {
  const message = 'not a cursor of this list';
  return new AppError('invalid_input', message, { faults: [{ pointer: '/cursor', message }] });
}

/**
 * The sort key in a cursor; undefined without one.
 *
 * @throws {AppError} `invalid_input` for what `encodeCursor` did not make
 */
export function decodeCursor(cursor: string | undefined): string | number | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof key === 'string' || typeof key === 'number') return key;
  } catch {
    // Answered below, like every other text that is not a cursor.
  }
  throw notACursor();
}

/** The same of a list that is sorted by numbers. @throws {AppError} `invalid_input` for the cursor of another list, too */
export function decodeNumber(cursor: string | undefined): number | undefined {
  const key = decodeCursor(cursor);
  if (typeof key === 'string') throw notACursor();
  return key;
}

/**
 * One page out of `limit + 1` rows: the extra row only tells that there is a next page.
 *
 * @param keyOf - the sort key of a row, unique in the list
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string | number,
  toItem: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), next_cursor: hasMore ? encodeCursor(keyOf(last)) : null };
}
