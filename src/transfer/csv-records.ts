import { isUtf8 } from 'node:buffer';
import { readSync } from 'node:fs';

/** How a file is cut into cells. */
export interface CsvForm {
  readonly encoding: 'utf-8' | 'windows-1252';
  readonly delimiter: string;
}

/** A place in a file where a record begins. */
export interface CsvPlace {
  readonly offset: number;
  /** Of the first line: 1. */
  readonly line: number;
}

/** `needed`: the cell could not stand without them; `free`: it could, so they say something. */
export type Quotes = 'none' | 'needed' | 'free';

export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
  /** How each cell is quoted; absent: none is. */
  readonly quotes?: readonly Quotes[];
}

export interface LineFault {
  readonly line: number;
  readonly message: string;
}

export interface RecordBlock {
  readonly records: readonly CsvRecord[];
  /** Lines that are no records at all. */
  readonly faults: readonly LineFault[];
  /** Null at the end of the file. */
  readonly next: CsvPlace | null;
  /** Bytes of the file that have been looked at. */
  readonly endOffset: number;
}

/** Bytes that are read at once, and the most that a record may have. */
const BLOCK_BYTES = 262_144;
const [NEWLINE, QUOTE] = [10, '"'];
const MAX_KIB = BLOCK_BYTES / 1_024;

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, buffer, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Behind the end of the line that `offset` lies in. A line of any length takes no memory. */
function lineEnd(descriptor: number, offset: number): number {
  for (let at = offset; ; ) {
    const part = readAt(descriptor, at, BLOCK_BYTES);
    if (part.length === 0) return at;
    const found = part.indexOf(NEWLINE);
    if (found >= 0) return at + found + 1;
    at += part.length;
  }
}

/** Where the n-th line of a buffer begins. */
function startOfLine(buffer: Buffer, n: number): number {
  let at = 0;
  for (let i = 0; i < n; i++) at = buffer.indexOf(NEWLINE, at) + 1;
  return at;
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** A record with quotes in it: its cells and where it ends, or what is wrong with it. */
function quotedRecord(text: string, start: number, delimiter: string) {
  const cells: string[] = [];
  const quotes: Quotes[] = [];
  let at = start;
  for (;;) {
    if (text[at] === QUOTE) {
      let [value, from] = ['', at + 1];
      for (;;) {
        const close = text.indexOf(QUOTE, from);
        if (close < 0) return 'open' as const;
        value += text.slice(from, close);
        if (text[close + 1] !== QUOTE) {
          at = close + 1;
          break;
        }
        value += QUOTE;
        from = close + 2;
      }
      cells.push(value);
      quotes.push(value.includes(delimiter) || /["\r\n]/.test(value) ? 'needed' : 'free');
    } else {
      const from = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++;
      const isCut = text[at] === '\n' && text[at - 1] === '\r' && at > from;
      cells.push(text.slice(from, isCut ? at - 1 : at));
      quotes.push('none');
    }
    if (text[at] === '\r' && (text[at + 1] === '\n' || at + 1 === text.length)) at++;
    if (at >= text.length || text[at] === '\n') return { cells, quotes, end: at + 1 };
    if (text[at] !== delimiter) return 'behind' as const;
    at++;
  }
}

/**
 * Reads records from a place on, about as many as fit into a block. What is no record is a fault of its first line, and the
 * next line begins anew: so neither a quote that is never closed nor a line of gigabytes takes others with it.
 */
export function readRecords(descriptor: number, start: CsvPlace, form: CsvForm): RecordBlock {
  const { delimiter, encoding } = form;
  const buffer = readAt(descriptor, start.offset, BLOCK_BYTES);
  if (buffer.length === 0) return { records: [], faults: [], next: null, endOffset: start.offset };
  const isEnd = buffer.length < BLOCK_BYTES;
  const cut = isEnd ? buffer.length : buffer.lastIndexOf(NEWLINE) + 1;
  if (cut === 0) {
    const offset = lineEnd(descriptor, start.offset);
    const fault = { line: start.line, message: `the line is longer than ${MAX_KIB} KiB` };
    return { records: [], faults: [fault], next: { offset, line: start.line + 1 }, endOffset: offset };
  }
  const bytes = buffer.subarray(0, cut);
  const isBroken = encoding === 'utf-8' && !isUtf8(bytes);
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  const [hasQuotes, hasNul] = [text.includes(QUOTE), text.includes('\0')];
  const records: CsvRecord[] = [];
  const faults: LineFault[] = [];
  let [at, line] = [0, start.line];
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const whole = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
    const next = end + 1;
    const refuse = (message: string) => {
      faults.push({ line, message });
      at = next;
      line++;
    };
    if (hasNul && whole.includes('\0')) {
      refuse('the line has a NUL byte in it: this is no text');
    } else if (isBroken && whole.includes('\ufffd')) {
      refuse('the line is not UTF-8: see the option encoding');
    } else if (!hasQuotes || !whole.includes(QUOTE)) {
      if (whole.trim() !== '') records.push({ line, cells: whole.split(delimiter) });
      at = next;
      line++;
    } else {
      const record = quotedRecord(text, at, delimiter);
      if (record === 'behind') refuse('there is text behind a closing quote');
      else if (record === 'open') {
        // It may go on in the next block, if it does not have a block for itself already.
        if (!isEnd && at > 0) {
          const offset = start.offset + startOfLine(buffer, line - start.line);
          return { records, faults, next: { offset, line }, endOffset: offset };
        }
        refuse(`a quote is not closed within ${MAX_KIB} KiB`);
      } else {
        const { cells, quotes } = record;
        if (record.cells.some((cell) => cell.includes('\0')))
          faults.push({ line, message: 'a cell has a NUL byte in it' });
        else records.push({ line, cells, quotes });
        line += countNewlines(text, at, Math.min(record.end, text.length));
        at = record.end;
      }
    }
  }
  const offset = start.offset + cut;
  return { records, faults, next: isEnd ? null : { offset, line }, endOffset: offset };
}
