const QUARTER_MS = 900_000;
const MAX_KEPT = 100_000;

/** What a clock on the wall means. */
export interface Instant {
  readonly ms: number;
  /** `repeated`: the clock shows it twice, and the first time is taken. `skipped`: it never shows it. */
  readonly kind: 'plain' | 'repeated' | 'skipped';
}

/**
 * Turns the time on a zone's clocks, as if it were UTC (ms), into the instant.
 *
 * Offsets change at quarters of an hour, so one look at the calendar answers for a quarter.
 */
export function localTimes(timezone: string): (localMs: number) => Instant {
  if (timezone === 'UTC') return (ms) => ({ ms, kind: 'plain' });
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    era: 'short',
  });
  const offsetAt = (ms: number): number => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const { year, month, day, hour, minute, second } = part;
    const shown = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
    return shown - Math.floor(ms / 1_000) * 1_000;
  };
  const known = new Map<number, { readonly offset: number; readonly kind: Instant['kind'] }>();
  const lookUp = (quarter: number) => {
    const local = quarter * QUARTER_MS;
    // A day before and after: changes are months apart, and offsets below a day.
    const offsets = [...new Set([offsetAt(local - 86_400_000), offsetAt(local + 86_400_000)])];
    const fitting = offsets.filter((offset) => offsetAt(local - offset) === offset);
    const kind = fitting.length === 0 ? 'skipped' : fitting.length > 1 ? 'repeated' : 'plain';
    // The first of two instants is that of the larger offset.
    return { offset: Math.max(...(fitting.length === 0 ? offsets : fitting)), kind } as const;
  };
  return (localMs) => {
    const quarter = Math.floor(localMs / QUARTER_MS);
    let found = known.get(quarter);
    if (found === undefined) {
      if (known.size >= MAX_KEPT) known.clear();
      found = lookUp(quarter);
      known.set(quarter, found);
    }
    return { ms: localMs - found.offset, kind: found.kind };
  };
}
