import { Readable } from 'node:stream';
import type { Entry, EntryPage, PlacedEntry } from './entries.ts';

const PAGE = 250;

const isoTime = (ms: number) => new Date(ms).toISOString();

/** An entry as its parts, for a file: the same names as in the API. */
function partsOf(entry: Entry | PlacedEntry): Record<string, unknown> {
  const { id, at, action, actor, address, requestId, target, content } = entry;
  return {
    ...('seq' in entry && { seq: entry.seq, factory: entry.factorySlug }),
    ...{ id, at: isoTime(at), action, actor, address, request_id: requestId, target },
    ...{ changes: content.changes ?? [], more: content.more ?? {}, details: content.details ?? null },
    ...('seq' in entry && { hash: entry.hash.toString('hex') }),
  };
}

const COLUMNS = [
  ...['id', 'at', 'action', 'actor_kind', 'actor_id', 'actor_name', 'address', 'request_id'],
  ...['target_kind', 'target_id', 'target_name', 'content'],
];

/** A cell of CSV (RFC 4180). What a spreadsheet would take for a formula is made a text. */
function cell(value: string | number | null): string {
  const text = String(value ?? '');
  const inert = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

function rowOf(entry: Entry | PlacedEntry): string {
  const { id, at, action, actor, address, requestId, target, content } = entry;
  const placed = 'seq' in entry ? [entry.seq, entry.factorySlug, entry.hash.toString('hex')] : [];
  const own = [id, isoTime(at), action, actor.kind, actor.id, actor.name, address, requestId];
  const row = [...placed, ...own, target.kind, target.id, target.name, JSON.stringify(content)];
  return `${row.map(cell).join(',')}\r\n`;
}

/** Reads a page of at most `limit` entries, newest first. */
export type ReadEntries = (page: { limit: number; after: string | undefined }) => EntryPage<Entry | PlacedEntry>;

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

async function* pages(read: ReadEntries): AsyncGenerator<readonly (Entry | PlacedEntry)[]> {
  let after: string | undefined;
  for (;;) {
    const page = read({ limit: PAGE, after });
    yield page.items;
    if (page.after === null) return;
    after = page.after;
    await breath();
  }
}

async function* csvText(read: ReadEntries, isPlaced: boolean): AsyncGenerator<string> {
  yield `${[...(isPlaced ? ['seq', 'factory', 'hash'] : []), ...COLUMNS].join(',')}\r\n`;
  for await (const page of pages(read)) if (page.length > 0) yield page.map(rowOf).join('');
}

async function* jsonText(read: ReadEntries): AsyncGenerator<string> {
  yield '[';
  let separator = '\n';
  for await (const page of pages(read)) {
    for (const entry of page) {
      yield separator + JSON.stringify(partsOf(entry));
      separator = ',\n';
    }
  }
  yield '\n]\n';
}

/**
 * Entries as a file, read a page at a time while it is sent: at most as many as the audit keeps.
 *
 * @param isPlaced - with number and hash, for the owners of the appliance
 */
export const exportEntries = (read: ReadEntries, format: 'csv' | 'json', isPlaced: boolean): Readable =>
  Readable.from(format === 'csv' ? csvText(read, isPlaced) : jsonText(read));
