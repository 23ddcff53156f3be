import { MIN_SPAN_MS, type TimeWindow } from './range.ts';

/** How much more time the strip shows than the charts above it. */
const AROUND = 24;
/** The time around a window: much more of it before, up to now. It begins with the first sample when that is later. */
export function surroundings(window: TimeWindow, now: number): TimeWindow {
  const span = window.to - window.from;
  const to = Math.max(window.to, Math.min(now, window.to + span * AROUND * 0.5));
  return { from: to - span * AROUND, to };
}

/** Whether a strip still serves a window, or is to be made anew around it. */
export function serves(strip: TimeWindow, window: TimeWindow): boolean {
  const share = (window.to - window.from) / (strip.to - strip.from);
  return (
    window.from >= strip.from && window.to <= strip.to + (window.to - window.from) * 0.1 && share < 0.9 && share > 0.004
  );
}

/** What of the window on a strip is taken hold of. */
export type Grip = 'start' | 'window' | 'end';

/** Moves a grip of the window by so much time, within the strip. */
export function moved({ from, to }: TimeWindow, grip: Grip, by: number, strip: TimeWindow): TimeWindow {
  if (grip === 'start') return { from: Math.max(strip.from, Math.min(from + by, to - MIN_SPAN_MS)), to };
  if (grip === 'end') return { from, to: Math.min(strip.to, Math.max(to + by, from + MIN_SPAN_MS)) };
  const shift = Math.max(strip.from - from, Math.min(by, strip.to - to));
  return { from: from + shift, to: to + shift };
}
