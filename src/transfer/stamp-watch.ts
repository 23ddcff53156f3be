import type { ImportOptions } from './plan.ts';

/** Stamps that may be wrong though each by itself is a time. */
export interface Suspicion {
  readonly kind: 'goes_back' | 'repeated' | 'repeated_hour' | 'too_old';
  readonly count: number;
  readonly message: string;
  /** Options that would mend it. */
  readonly remedy: Pick<ImportOptions, 'midnight'> | null;
}

interface Watched {
  last: number;
}

const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const DAY_MS = 86_400_000;
const MAX_DAYS = 100_000;

/**
 * Looks at the order of stamps: of a table by its lines, of a list of samples by series. Sorting by time would hide what
 * goes wrong where the order of lines is right and a stamp is not.
 *
 * @param clockOf - the time of day that the file's clock showed, such as "00:00:00"
 */
export function watchStamps(clockOf: (ms: number) => string) {
  const streams = new Map<string, Watched>();
  const days = new Set<number>();
  const clocks = new Map<string, number>();
  let [stamps, back, repeated, repeatedHour] = [0, 0, 0, 0];
  let [firstBack, firstRepeated] = ['', ''];
  return {
    see: (stream: string, ts: number, line: number, isRepeatedHour: boolean) => {
      stamps++;
      if (days.size < MAX_DAYS) days.add(Math.floor(ts / DAY_MS));
      if (isRepeatedHour) repeatedHour++;
      const watched = streams.get(stream);
      if (watched === undefined) {
        streams.set(stream, { last: ts });
        return;
      }
      if (ts < watched.last) {
        back++;
        firstBack ||= `line ${line}: ${iso(ts)} after ${iso(watched.last)}`;
        const clock = clockOf(ts);
        clocks.set(clock, (clocks.get(clock) ?? 0) + 1);
      } else if (ts === watched.last) {
        repeated++;
        firstRepeated ||= `line ${line}: ${iso(ts)}`;
      }
      watched.last = ts;
    },
    suspicions: (): Suspicion[] => {
      const found: Suspicion[] = [];
      if (back > 0) {
        const every = Math.round(stamps / back);
        const perDay = back / streams.size / Math.max(1, days.size);
        const share =
          perDay > 0.9 && perDay < 1.1 ? `1 of ${every} stamps a day goes back` : `1 of ${every} stamps goes back`;
        const [clock = '', times = 0] = [...clocks].toSorted((a, b) => b[1] - a[1])[0] ?? [];
        const where = times > back * 0.9 ? `, ${times === back ? 'all' : times} of them at ${clock}` : '';
        const endsDay = where !== '' && clock === '00:00:00';
        found.push({
          kind: 'goes_back',
          count: back,
          message: `${share}: ${back} in all${where}; the first in ${firstBack}`,
          remedy: endsDay ? { midnight: 'next_day' } : null,
        });
      }
      if (repeated > 0) {
        const message = `${repeated} stamps are that of the sample before, which they replace; the first in ${firstRepeated}`;
        found.push({ kind: 'repeated', count: repeated, message, remedy: null });
      }
      if (repeatedHour > 0) {
        const message = `${repeatedHour} stamps lie in an hour that the clock showed twice; they are taken as the first time`;
        found.push({ kind: 'repeated_hour', count: repeatedHour, message, remedy: null });
      }
      return found;
    },
  };
}
