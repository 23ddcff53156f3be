import { startOfDay } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Two moments (epoch ms), `from` before `to`. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * What part of time is looked at: the last while up to now (`relative`, live), a day of the calendar, or a window that
 * stands still.
 */
export type TimeRange =
  | { readonly kind: 'relative'; readonly spanMs: number }
  | { readonly kind: 'day'; readonly day: 'today' | 'yesterday' }
  | ({ readonly kind: 'absolute' } & TimeWindow);

export const HOUR: TimeRange = { kind: 'relative', spanMs: HOUR_MS };

/** The narrowest and the widest window that a chart shows. */
export const MIN_SPAN_MS = 1_000;
export const MAX_SPAN_MS = 5 * 366 * DAY_MS;

/** Spans that are offered, as they stand in the address. */
export const QUICK_SPANS = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '24h', '2d', '7d', '30d', '90d'] as const;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** "90m" -> ms; undefined when it is no span, or none that can be shown. */
export function parseSpan(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const span = Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  return span >= MIN_SPAN_MS && span <= MAX_SPAN_MS ? span : undefined;
}

/** ms -> the shortest span that says the same: 5_400_000 -> "90m". */
export function spanText(spanMs: number): string {
  const seconds = Math.max(1, Math.round(spanMs / 1_000)) * 1_000;
  if (seconds === DAY_MS) return '24h';
  const unit = ['d', 'h', 'm'].find((name) => seconds % (UNITS[name] ?? 1) === 0) ?? 's';
  return `${seconds / (UNITS[unit] ?? 1)}${unit}`;
}

type Query = Readonly<Record<string, string | undefined>>;

/** The range that an address asks for: `range=1h`, `range=today`, or `from=…&to=…`; `fallback` when it asks for none. */
export function readRange({ range, from, to }: Query, fallback: TimeRange): TimeRange {
  if (range === 'today' || range === 'yesterday') return { kind: 'day', day: range };
  const spanMs = parseSpan(range ?? '');
  if (spanMs !== undefined) return { kind: 'relative', spanMs };
  const [start, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
  return end - start >= MIN_SPAN_MS && end - start <= MAX_SPAN_MS
    ? { kind: 'absolute', from: start, to: end }
    : fallback;
}

/** What stands in the address for a range. */
export function rangeQuery(range: TimeRange): {
  range: string | undefined;
  from: string | undefined;
  to: string | undefined;
} {
  if (range.kind === 'absolute') {
    const [from, to] = [range.from, range.to].map((ms) => new Date(Math.round(ms)).toISOString());
    return { range: undefined, from, to };
  }
  return { range: range.kind === 'day' ? range.day : spanText(range.spanMs), from: undefined, to: undefined };
}

export function isSameRange(a: TimeRange, b: TimeRange): boolean {
  return JSON.stringify(rangeQuery(a)) === JSON.stringify(rangeQuery(b));
}

/** Whether its right edge is now. */
export const isLive = (range: TimeRange): boolean =>
  range.kind === 'relative' || (range.kind === 'day' && range.day === 'today');

/** The window that a range is at a moment. */
export function windowOf(range: TimeRange, now: number, timezone: string): TimeWindow {
  if (range.kind === 'absolute') return { from: range.from, to: range.to };
  if (range.kind === 'relative') return { from: now - range.spanMs, to: now };
  const midnight = startOfDay(now, timezone);
  if (range.day === 'today') return { from: midnight, to: Math.max(now, midnight + MIN_SPAN_MS) };
  return { from: startOfDay(now, timezone, -1), to: midnight };
}

/** Moves a window by so much of its own length: -1 is the period before. It does not go beyond now. */
export function shifted({ from, to }: TimeWindow, lengths: number, now: number): TimeWindow {
  const by = Math.min((to - from) * lengths, Math.max(0, now - to));
  return { from: from + by, to: to + by };
}

/**
 * A window so many times as wide, around `at`, which keeps its place on the screen. It does not go beyond now, and stays
 * as wide as can be shown.
 */
export function scaled({ from, to }: TimeWindow, factor: number, now: number, at = (from + to) / 2): TimeWindow {
  const span = Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, (to - from) * factor));
  const start = at - ((at - from) / (to - from)) * span;
  const end = Math.min(start + span, Math.max(now, to));
  return { from: end - span, to: end };
}
