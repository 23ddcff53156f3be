import { AppError } from '../core/errors.ts';
import type { Position } from './hot-reader.ts';

const isPosition = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => Number.isSafeInteger(part));

/**
 * Where a page of raw samples ended, as opaque text. It names the last sample and not a count of them, so samples
 * that come later, before or after it, neither repeat nor hide another.
 */
export const encodeCursor = ({ ts, seriesId }: Position): string =>
  Buffer.from(JSON.stringify([ts, seriesId])).toString('base64url');

/** @throws {AppError} `invalid_input` for anything but a cursor */
export function decodeCursor(cursor: string): Position {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (isPosition(parsed)) return { ts: parsed[0], seriesId: parsed[1] };
  } catch {
    // Falls through to the one answer for everything that is not a cursor.
  }
  throw new AppError('invalid_input', 'the cursor is not one of this list: start again without it', {
    faults: [{ pointer: '/cursor', message: 'not a cursor' }],
  });
}
