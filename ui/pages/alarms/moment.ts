import type { TimeRange, TimeWindow } from '../../charts/range.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What is shown before and after an alarm, at least, and as a share of it. */
const MARGIN_MS = 10 * MINUTE_MS;
const MARGIN_SHARE = 0.3;
/** Of one that stood for longer, its beginning is shown. */
const LONG_MS = 48 * HOUR_MS;
const BEGINNING_MS = 3 * HOUR_MS;

/**
 * What time tells of an alarm: some of what came before, all of it, and some of what came after. Of one that still stands
 * it ends now.
 *
 * @param clearedAt - null: it still stands. All times are epoch ms
 */
export function momentWindow(raisedAt: number, clearedAt: number | null, now: number): TimeWindow {
  const end = clearedAt ?? now;
  const margin = Math.max(MARGIN_MS, (end - raisedAt) * MARGIN_SHARE);
  if (end - raisedAt > LONG_MS) return { from: raisedAt - HOUR_MS, to: raisedAt + BEGINNING_MS };
  return { from: raisedAt - margin, to: Math.max(raisedAt + MINUTE_MS, Math.min(end + margin, now)) };
}

/** The same as a range that charts show: live, as long as it stands and its beginning is not long ago. */
export function momentRange(raisedAt: number, clearedAt: number | null, now: number): TimeRange {
  const { from, to } = momentWindow(raisedAt, clearedAt, now);
  if (clearedAt === null && now - raisedAt <= LONG_MS) {
    return { kind: 'relative', spanMs: Math.ceil((now - from) / MINUTE_MS) * MINUTE_MS };
  }
  return { kind: 'absolute', from: Math.floor(from), to: Math.ceil(to) };
}
