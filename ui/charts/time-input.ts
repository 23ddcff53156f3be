import { parseSpan } from './range.ts';
import { momentOf, startOfDay, wallOf } from './zone.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 86_400_000;
const pad = (value: number) => String(value).padStart(2, '0');

/** A moment as it stands in a time field: "22 Nov 2026 14:32", with seconds where there are any. */
export function timeInputText(ms: number, timezone: string): string {
  const wall = new Date(wallOf(ms, timezone));
  const month = MONTHS[wall.getUTCMonth()] ?? '';
  const day = `${wall.getUTCDate()} ${month.charAt(0).toUpperCase()}${month.slice(1)} ${wall.getUTCFullYear()}`;
  const seconds = wall.getUTCSeconds() === 0 ? '' : `:${pad(wall.getUTCSeconds())}`;
  return `${day} ${pad(wall.getUTCHours())}:${pad(wall.getUTCMinutes())}${seconds}`;
}

/** What a time field shows, and the moment that it stands for as long as nobody has changed it. */
export interface FieldTime {
  readonly text: string;
  /** Undefined once it was typed. */
  readonly moment?: number;
}

/** A field that shows a moment, which its text may not say exactly: an hour may come twice, and a second has parts. */
export const shownField = (moment: number, timezone: string): FieldTime => ({
  text: timeInputText(moment, timezone),
  moment,
});

/** The moment of a field: what it was filled with, otherwise what was typed. */
export const readField = ({ text, moment }: FieldTime, now: number, timezone: string): number | undefined =>
  moment ?? readTimeInput(text, now, timezone);

/** A moment as the browser's own date and time field takes it: "2026-11-22T14:32". */
export const pickerText = (ms: number, timezone: string): string =>
  new Date(wallOf(ms, timezone)).toISOString().slice(0, 16);

const DATES = [
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})/,
  /^(?<day>\d{1,2})\.? (?<name>[a-z]{3})[a-z]*\.?(?: (?<year>\d{4}))?/,
];
const TIME = /^(?:[t, ]+)?(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?$/;

/** Midnight (wall) of a written date, and how much of the text it took. */
function readDate(text: string, nowWall: number): { wall: number; length: number } | undefined {
  for (const form of DATES) {
    const match = form.exec(text);
    if (match?.groups === undefined) continue;
    const { year, month, day, name } = match.groups;
    const at = name === undefined ? Number(month) - 1 : MONTHS.indexOf(name);
    const wall = Date.UTC(year === undefined ? new Date(nowWall).getUTCFullYear() : Number(year), at, Number(day));
    const read = new Date(wall);
    const isReal = at >= 0 && read.getUTCMonth() === at && read.getUTCDate() === Number(day);
    return isReal ? { wall, length: match[0].length } : undefined;
  }
  return undefined;
}

/**
 * Reads a typed time: "now", "-3d" (that long ago), "06:00" (the last one), "yesterday 14:30", "22 Nov 2026 14:32",
 * "22 Nov", "2026-11-22 14:32:10". All by the wall clock of the zone. Undefined when it is none of these.
 */
export function readTimeInput(input: string, now: number, timezone: string): number | undefined {
  const text = input.trim().toLowerCase().replace(/\s+/g, ' ');
  if (text === 'now') return now;
  const ago = /^(?:now ?)?- ?(\d+ ?[smhd])$/.exec(text)?.[1];
  if (ago !== undefined) {
    const span = parseSpan(ago.replace(' ', ''));
    return span === undefined ? undefined : now - span;
  }
  const midnight = wallOf(startOfDay(now, timezone), timezone);
  const word = /^(today|yesterday)/.exec(text)?.[0];
  const named = word && { wall: word === 'today' ? midnight : midnight - DAY_MS, length: word.length };
  const date = named || readDate(text, wallOf(now, timezone));
  const rest = text.slice(date === undefined ? 0 : date.length);
  if (date !== undefined && rest === '') return momentOf(date.wall, timezone);
  const { hour, minute, second = '0' } = TIME.exec(rest)?.groups ?? {};
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const time = (Number(hour) * 3_600 + Number(minute) * 60 + Number(second)) * 1_000;
  if (date !== undefined) return momentOf(date.wall + time, timezone);
  const today = momentOf(midnight + time, timezone);
  return today <= now ? today : momentOf(midnight - DAY_MS + time, timezone);
}
