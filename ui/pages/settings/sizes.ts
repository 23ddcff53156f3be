import { formatBytes, formatNumber, formatRate } from '../../format/number.ts';
import { formatTime } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
import { text } from '../../text/storage.ts';

/** A size with its unit. */
export const sizeOf = (bytes: number): string => formatBytes(Math.round(bytes)).join(' ');

/** Samples a second: of a factory that sends now and then, too. */
export const paceOf = (perSecond: number): string =>
  perSecond > 0 && perSecond < 0.1 ? formatNumber(perSecond, 3) : formatRate(perSecond);

/** A day in the factory's zone, or a dash. */
export const dayOf = (iso: string | null): string =>
  iso === null ? text.none : formatTime(Date.parse(iso), 'date', timezone.value);

/** A moment in the factory's zone. */
export const momentOf = (iso: string): string => formatTime(Date.parse(iso), 'date_minute', timezone.value);
