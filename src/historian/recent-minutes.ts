import { type HistoryTask, idsOf } from './history-request.ts';
import type { SeriesKind } from './samples.ts';

const MINUTE_MS = 60_000;
/** Minutes kept of each series: a chart of the last hour reads nothing, however far its refresh is behind. */
const SLOTS = 64;
/** Series whose minutes are kept: 5 kB each, so 100 MB. Those that come later are read from the disk. */
const MAX_SERIES = 20_000;
/** minute, count, sum, lost, min, max, firstAt, first, lastAt, last. */
const WIDTH = 10;

/** The minutes of a series from an instant on, as they travel to a query thread. */
export interface PackedMinutes {
  /** Start of the minute (epoch ms), count, sum, min, max, firstAt, first, lastAt, last of each. */
  readonly numbers: Float64Array;
  /** First and last of each, of states. */
  readonly texts: readonly string[];
}

export const MINUTE_WIDTH = 9;

/** Everything that the asked series have from an instant on, which then needs not be read. */
export interface RecentPart {
  /** Epoch ms, the start of a minute. */
  readonly from: number;
  /** In the order of the task's series. */
  readonly series: readonly PackedMinutes[];
}

/** A series as it was before a sample: `ts` is that of its newest (epoch ms), -Infinity when there is none. */
export interface SeriesBefore {
  readonly seriesId: number;
  readonly factoryId: number;
  readonly ts: number;
}

/**
 * The last minutes of every series, folded as their samples are committed: in `hot.db` recent telemetry lies in the order
 * of time, so that to find one series there is to read all of them. What is kept is exact or is not used: a sample that
 * is late, or replaces one, makes its minute, and those before it, unusable.
 */
export interface RecentMinutes {
  /** Takes in a series that was stored before this start: it may have nothing more to say. */
  know(series: SeriesBefore): void;
  /** Takes a committed sample; `text` of states alone. */
  add(before: SeriesBefore, ts: number, value: number, text: string | null): void;
  forget(seriesIds: Iterable<number>): void;
  /** What a task need not read, or undefined. Series of another factory have no part in it. */
  partOf(task: HistoryTask): RecentPart | undefined;
}

/** The minutes of one series, in a ring; each is at the place that its number says. */
class Minutes {
  readonly factoryId: number;
  /** From here on (epoch ms) everything is known. */
  cleanFrom: number;
  #newest: number;
  /** Made with the first sample: many series may be silent. */
  #slots: Float64Array | undefined;
  #texts: string[] | undefined;

  constructor(factoryId: number, newest: number) {
    this.factoryId = factoryId;
    this.#newest = newest;
    // Of the minute of the newest sample before there may be others.
    this.cleanFrom = Number.isFinite(newest) ? minuteOf(newest) + MINUTE_MS : Number.NEGATIVE_INFINITY;
  }

  add(ts: number, value: number, text: string | null): void {
    const minute = minuteOf(ts);
    if (ts <= this.#newest) {
      this.cleanFrom = Math.max(this.cleanFrom, minute + MINUTE_MS);
      return;
    }
    this.#newest = ts;
    this.#slots ??= new Float64Array(SLOTS * WIDTH).fill(Number.NEGATIVE_INFINITY);
    const slots = this.#slots;
    const slot = slotOf(minute);
    const at = slot * WIDTH;
    if (slots[at] !== minute) {
      const replaced = slots[at] as number;
      if (Number.isFinite(replaced)) this.cleanFrom = Math.max(this.cleanFrom, replaced + MINUTE_MS);
      slots.set([minute, 0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, ts, value, ts, value], at);
      if (text !== null) this.#setText(slot * 2, text);
    }
    slots[at + 1] = (slots[at + 1] as number) + 1;
    // Neumaier's sum, as everywhere.
    const before = slots[at + 2] as number;
    const sum = before + value;
    slots[at + 3] =
      (slots[at + 3] as number) + (Math.abs(before) >= Math.abs(value) ? before - sum + value : value - sum + before);
    slots[at + 2] = sum;
    if (value < (slots[at + 4] as number)) slots[at + 4] = value;
    if (value > (slots[at + 5] as number)) slots[at + 5] = value;
    slots[at + 8] = ts;
    slots[at + 9] = value;
    if (text !== null) this.#setText(slot * 2 + 1, text);
  }

  #setText(place: number, text: string): void {
    this.#texts ??= new Array<string>(SLOTS * 2).fill('');
    this.#texts[place] = text;
  }

  /** The minutes that begin at `from` or later; undefined when one of them has samples from `to` on. */
  pack(from: number, to: number, kind: SeriesKind): PackedMinutes | undefined {
    const numbers: number[] = [];
    const texts: string[] = [];
    const slots = this.#slots ?? [];
    const member = (place: number) => slots[place] as number;
    // A thousand series may be asked for, on the main thread: nothing is made for each minute.
    for (let slot = 0; slot * WIDTH < slots.length; slot++) {
      const at = slot * WIDTH;
      const minute = member(at);
      if (minute < from || minute >= to) continue;
      if (member(at + 8) >= to) return undefined;
      numbers.push(minute, member(at + 1), member(at + 2) + member(at + 3));
      for (let place = at + 4; place < at + WIDTH; place++) numbers.push(member(place));
      if (kind === 'state') texts.push(this.#texts?.[slot * 2] ?? '', this.#texts?.[slot * 2 + 1] ?? '');
    }
    return { numbers: Float64Array.from(numbers), texts };
  }
}

const minuteOf = (ts: number) => Math.floor(ts / MINUTE_MS) * MINUTE_MS;
/** Its place in the ring; before 1970, from where files may come, minutes count down. */
const slotOf = (minute: number) => (((minute / MINUTE_MS) % SLOTS) + SLOTS) % SLOTS;

/** The minutes of series that are one. */
function joined(parts: readonly PackedMinutes[]): PackedMinutes {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  return {
    numbers: Float64Array.from(parts.flatMap(({ numbers }) => [...numbers])),
    texts: parts.flatMap(({ texts }) => texts),
  };
}

export function createRecentMinutes(maxSeries = MAX_SERIES): RecentMinutes {
  const known = new Map<number, Minutes>();

  const enter = ({ seriesId, factoryId, ts }: SeriesBefore): Minutes | undefined => {
    const found = known.get(seriesId);
    if (found !== undefined || known.size >= maxSeries) return found;
    const minutes = new Minutes(factoryId, ts);
    known.set(seriesId, minutes);
    return minutes;
  };

  return {
    know: (series) => void enter(series),
    add: (before, ts, value, text) => enter(before)?.add(ts, value, text),
    forget: (seriesIds) => {
      for (const seriesId of seriesIds) known.delete(seriesId);
    },
    partOf: ({ series, interval, factoryId, from: start, to }) => {
      if (interval === 'raw') return undefined;
      let from = Math.ceil(start / MINUTE_MS) * MINUTE_MS;
      for (const seriesId of series.flatMap(idsOf)) {
        const minutes = known.get(seriesId);
        if (minutes === undefined || minutes.factoryId !== factoryId) return undefined;
        from = Math.max(from, minutes.cleanFrom);
      }
      if (from >= to) return undefined;
      const packed: PackedMinutes[] = [];
      for (const one of series) {
        const parts: PackedMinutes[] = [];
        for (const seriesId of idsOf(one)) {
          const part = known.get(seriesId)?.pack(from, to, one.kind);
          if (part === undefined) return undefined;
          parts.push(part);
        }
        packed.push(joined(parts));
      }
      return { from, series: packed };
    },
  };
}
