import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Alarm, AlarmPage } from '../alarms/alarms.ts';
import { alarmReply } from './alarm-wire.ts';

/** Read at once, so that nothing waits for it. */
const PAGE = 250;

const COLUMNS = [
  ...['number', 'severity', 'status', 'device_key', 'rule_name', 'rule_version', 'message', 'parameter', 'value'],
  ...['raised_at', 'cleared_at', 'cleared_because', 'recorded_at', 'acknowledged_at', 'acknowledged_by'],
  ...[
    'acknowledgement_note',
    'closed_at',
    'shelved_until',
    'suppression',
    'is_chattering',
    'corrected',
    'assignee',
    'id',
    'rule_id',
    'device_id',
  ],
] as const;

/** A cell of CSV (RFC 4180). What a spreadsheet would take for a formula is made a text. */
function cell(value: unknown): string {
  const text = String(value ?? '');
  const inert = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** What an export reads alarms with. */
export interface CsvReads {
  readonly page: (page: { limit: number; below: number }) => AlarmPage;
  /** What was said when these were acknowledged, by their ids. */
  readonly notes: (ids: readonly string[]) => ReadonlyMap<string, string | null>;
}

function rowOf(alarm: Alarm, note: string | null): string {
  const reply = alarmReply(alarm);
  // One that has become worse since is to be acknowledged again: the note was for what it was.
  const acknowledgement_note = alarm.acknowledgedAt === null ? null : note;
  const cells = { ...reply, acknowledgement_note, assignee: reply.assignee?.name ?? null };
  return `${COLUMNS.map((column) => cell(cells[column])).join(',')}\r\n`;
}

async function* parts(reads: CsvReads, first: number) {
  yield `${COLUMNS.join(',')}\r\n`;
  let below: number | null = first;
  while (below !== null) {
    const { items, next } = reads.page({ limit: PAGE, below });
    const notes = reads.notes(items.map(({ id }) => id));
    if (items.length > 0) yield items.map((alarm) => rowOf(alarm, notes.get(alarm.id) ?? null)).join('');
    below = next;
    await nextTurn();
  }
}

/**
 * Alarms as a CSV of any size, read a page at a time while it is sent; columns are called as in the API, and
 * `acknowledgement_note` is what was said with the acknowledgement.
 *
 * @param below - of those with smaller numbers
 */
export const alarmCsv = (reads: CsvReads, below: number): Readable => Readable.from(parts(reads, below));
