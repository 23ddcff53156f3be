import { formatBytes } from '../../format/number.ts';
import { formatTime } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
import { text } from '../../text/storage.ts';

/** A size with its unit. */
export const sizeOf = (bytes: number): string => formatBytes(Math.round(bytes)).join(' ');

/** A day in the factory's zone, or a dash. */
export const dayOf = (iso: string | null): string =>
  iso === null ? text.none : formatTime(Date.parse(iso), 'date', timezone.value);

/** A moment in the factory's zone. */
export const momentOf = (iso: string): string => formatTime(Date.parse(iso), 'date_minute', timezone.value);
