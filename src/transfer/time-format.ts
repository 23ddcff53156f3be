import { type Instant, localTimes } from './local-time.ts';

/** iso: 2026-01-31 12:00[:00][Z, +01:00]. dmy: 31.01.2026 12:00. mdy: 01/31/2026 12:00 [PM]. Epochs are whole or decimal. */
export const TIME_FORMATS = ['iso', 'dmy', 'mdy', 'epoch_s', 'epoch_ms'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** A stamp, or what is wrong with it. */
export type ReadTime = Instant | string;

const CLOCK = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?`;
const ISO = new RegExp(String.raw`^(\d{4})-(\d{2})-(\d{2})${CLOCK}\s*(Z|[+-]\d{2}:?(?:\d{2})?)?$`, 'i');
const DAY_FIRST = new RegExp(String.raw`^(\d{1,2})[./-](\d{1,2})[./-](\d{4})${CLOCK}\s*(AM|PM)?$`, 'i');
const EPOCH = /^\d{1,16}(?:\.\d+)?$/;
/** The last instant that a date can be (ECMA-262, 21.4.1.1). */
const MAX_MS = 8.64e15;

/** The time on the clock, as if it were UTC; undefined where the calendar or the clock has none. */
function clockTime(date: readonly [year: number, month: number, day: number], clock: readonly (string | undefined)[]) {
  const [year, month, day] = date;
  const [hour, minute, second] = clock.map((part) => Number(part ?? 0)) as [number, number, number];
  const ms = Number((clock[3] ?? '').padEnd(3, '0').slice(0, 3));
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1 || day > 31) return undefined;
  // Date carries 31 February over into March: the day has to survive.
  if (day > 28 && new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

function offsetMs(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', '') || 0);
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}

const shorten = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
const noTime = (text: string) => `${shorten(text)} is no time of this format`;
const noDay = (text: string) => `there is no such time: ${shorten(text)}`;

/** A reader of stamps of one format. @param timezone - of stamps without an offset */
export function timeReader(format: TimeFormat, timezone: string): (text: string) => ReadTime {
  const instantOf = localTimes(timezone);
  const inZone = (text: string, local: number | undefined): ReadTime => {
    if (local === undefined) return noDay(text);
    const instant = instantOf(local);
    return instant.kind === 'skipped' ? `the clocks of ${timezone} skip ${shorten(text)}` : instant;
  };
  const plain = (text: string, ms: number): ReadTime =>
    ms >= 0 && ms <= MAX_MS ? { ms, kind: 'plain' } : `${shorten(text)} is not after 1970`;
  if (format === 'epoch_s' || format === 'epoch_ms') {
    const unit = format === 'epoch_s' ? 1_000 : 1;
    return (text) => (EPOCH.test(text) ? plain(text, Math.round(Number(text) * unit)) : noTime(text));
  }
  if (format === 'iso') {
    return (text) => {
      const found = ISO.exec(text);
      if (found === null) return noTime(text);
      const [, year, month, day, hour, minute, second, fraction, offset] = found;
      const local = clockTime([Number(year), Number(month), Number(day)], [hour, minute, second, fraction]);
      if (offset === undefined) return inZone(text, local);
      return local === undefined ? noDay(text) : plain(text, local - offsetMs(offset));
    };
  }
  return (text) => {
    const found = DAY_FIRST.exec(text);
    if (found === null) return noTime(text);
    const [, first, second, year, hour, minute, seconds, fraction, half] = found;
    const [day, month] = format === 'dmy' ? [first, second] : [second, first];
    let hours = hour;
    if (half !== undefined) {
      if (hour === undefined || Number(hour) < 1 || Number(hour) > 12) return noDay(text);
      hours = String((Number(hour) % 12) + (/pm/i.test(half) ? 12 : 0));
    }
    return inZone(text, clockTime([Number(year), Number(month), Number(day)], [hours, minute, seconds, fraction]));
  };
}

/** True for text that has the looks of a stamp of the format, right or wrong. */
export function looksLike(format: TimeFormat, text: string): boolean {
  if (format === 'iso') return ISO.test(text);
  if (format === 'dmy' || format === 'mdy') return DAY_FIRST.test(text);
  if (!EPOCH.test(text)) return false;
  const value = Number(text);
  return format === 'epoch_s' ? value >= 1e8 && value < 1e11 : value >= 1e11;
}

/** The first two numbers of a stamp with the year last. */
export function firstTwo(text: string): readonly [number, number] | undefined {
  const found = DAY_FIRST.exec(text);
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

/** True when the stamp says how far it is from UTC. */
export const hasOffset = (text: string): boolean => ISO.exec(text)?.[8] !== undefined;
