import fc from 'fast-check';
import type { CalendarInterval } from '../../src/historian/historian.ts';

/**
 * The calendar as one would tell it by walking through time with a wall clock in hand, in steps of a quarter of an
 * hour (no zone changes between them in the years below). Slow and plain; shares nothing with the code it judges.
 */
const QUARTER_MS = 900_000;

const formats = new Map<string, Intl.DateTimeFormat>();

interface WallClock {
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
}

export function wallClock(ts: number, zone: string): WallClock {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(ts).map(({ type, value }) => [type, value]));
  return { date: `${part.year}-${part.month}-${part.day}`, hour: Number(part.hour), minute: Number(part.minute) };
}

/** The Monday of a date's week, as a date. */
function mondayOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

/** True where a new step begins: the clock shows another hour, date or week than before, or a full hour again. */
function isEdge(ts: number, interval: '1h' | '1d' | '1w', zone: string): boolean {
  const now = wallClock(ts, zone);
  const before = wallClock(ts - 1, zone);
  if (interval === '1h') return now.minute === 0 || now.hour !== before.hour || now.date !== before.date;
  if (interval === '1d') return now.date !== before.date;
  return mondayOf(now.date) !== mondayOf(before.date);
}

/** Edges of the steps that cover [from, to), like `calendar.edges`. */
export function modelEdges(from: number, to: number, interval: CalendarInterval, zone: string): number[] {
  const step = interval === '1m' ? 60_000 : QUARTER_MS;
  const begins = (ts: number) => {
    if (interval === '15m') return wallClock(ts, zone).minute % 15 === 0;
    return interval === '1m' || isEdge(ts, interval, zone);
  };
  let ts = Math.floor(from / step) * step;
  while (!begins(ts)) ts -= step;
  const edges: number[] = [];
  for (; ts < to; ts += step) if (begins(ts)) edges.push(ts);
  while (!begins(ts)) ts += step;
  return [...edges, ts];
}

/** Zones at a moment when something happens to their clocks. */
export const CLOCK_CHANGES: readonly { readonly zone: string; readonly around: number }[] = [
  { zone: 'Europe/Berlin', around: Date.UTC(2026, 2, 29, 1) },
  { zone: 'Europe/Berlin', around: Date.UTC(2026, 9, 25, 1) },
  { zone: 'Asia/Kolkata', around: Date.UTC(2027, 0, 4) },
  { zone: 'America/St_Johns', around: Date.UTC(2026, 2, 8, 5, 30) },
  { zone: 'America/St_Johns', around: Date.UTC(2026, 10, 1, 4, 30) },
  { zone: 'Australia/Lord_Howe', around: Date.UTC(2026, 3, 4, 15) },
  { zone: 'Australia/Lord_Howe', around: Date.UTC(2026, 9, 3, 15, 30) },
  { zone: 'America/Sao_Paulo', around: Date.UTC(2018, 1, 18, 2) },
  { zone: 'America/Sao_Paulo', around: Date.UTC(2018, 10, 4, 3) },
  { zone: 'Pacific/Apia', around: Date.UTC(2011, 11, 30, 10) },
];

export const INTERVALS = ['1m', '15m', '1h', '1d', '1w'] as const;

/** How far from the change a span starts and how long it lasts at most (ms), so that edges are few enough to walk. */
const REACH: Readonly<Record<CalendarInterval, number>> = {
  '1m': 3 * 3_600_000,
  '15m': 86_400_000,
  '1h': 2 * 86_400_000,
  '1d': 6 * 86_400_000,
  '1w': 20 * 86_400_000,
};

/** A span of time near a clock change, and an interval to cut it by. */
export const spanNearChange = fc
  .record({
    change: fc.constantFrom(...CLOCK_CHANGES),
    interval: fc.constantFrom(...INTERVALS),
    before: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.double({ min: 0, max: 2, noNaN: true }),
  })
  .map(({ change: { zone, around }, interval, before, length }) => {
    const from = Math.round(around - before * REACH[interval]);
    return { zone, interval, from, to: from + 1 + Math.round(length * REACH[interval]) };
  });
