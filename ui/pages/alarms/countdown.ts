import { formatDuration } from '../../format/time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const pad = (value: number) => String(value).padStart(2, '0');

/** What is left of a time, to the second while that matters: "0:22:40", "1:47:12", "3 d 4 h". */
export function countdown(ms: number): string {
  if (ms >= DAY_MS) return formatDuration(ms);
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 3_600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

/** How much of a span is left (0-1). */
export const shareLeft = (from: number, until: number, now: number): number =>
  Math.min(1, Math.max(0, (until - now) / Math.max(1, until - from)));
