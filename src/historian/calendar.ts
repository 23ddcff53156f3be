import { Temporal } from 'temporal-polyfill';
import { type CalendarInterval, NOMINAL_MS } from './calendar-interval.ts';

const localTime = (ts: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone);

const startOfDay = (date: Temporal.PlainDate, zone: string): number => date.toZonedDateTime(zone).epochMilliseconds;

const daysPerStep = (interval: CalendarInterval) => (interval === '1d' ? 1 : interval === '1w' ? 7 : 0);

function firstDay(ts: number, interval: CalendarInterval, zone: string): Temporal.PlainDate {
  const date = localTime(ts, zone).toPlainDate();
  return interval === '1w' ? date.subtract({ days: date.dayOfWeek - 1 }) : date;
}

/**
 * The start (epoch ms) of the step of the zone's calendar that holds `ts`.
 *
 * Minutes, quarters and hours are cut from the local time, as `Temporal.ZonedDateTime.round` does; of a repeated hour each pass
 * is its own. Where the clock moves by half an hour (Lord Howe) the hour of the change lasts 90 or 30 minutes.
 * Days begin at their first instant, which is not always midnight.
 *
 * @throws RangeError for a zone that does not exist
 */
export function floorTo(ts: number, interval: CalendarInterval, zone: string): number {
  if (daysPerStep(interval) > 0) return startOfDay(firstDay(ts, interval, zone), zone);
  const smallestUnit = interval === '1h' ? 'hour' : 'minute';
  const roundingIncrement = interval === '15m' ? 15 : 1;
  return localTime(ts, zone).round({ smallestUnit, roundingIncrement, roundingMode: 'floor' }).epochMilliseconds;
}

/** The stretch around `ts` in which the zone's distance from UTC stays the same (ms; `endMs` may be Infinity). */
function constantOffset(ts: number, zone: string): { readonly offsetMs: number; readonly endMs: number } {
  const time = localTime(ts, zone);
  const endMs = time.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  return { offsetMs: time.offsetNanoseconds / 1e6, endMs };
}

/** Within a constant offset edges are counted; only at its end is the calendar asked (8 µs an edge). */
function clockEdges(from: number, to: number, interval: '1m' | '15m' | '1h', zone: string): number[] {
  const step = NOMINAL_MS[interval];
  const edges: number[] = [];
  let edge = floorTo(from, interval, zone);
  let stretch = constantOffset(edge, zone);
  while (edge < to) {
    edges.push(edge);
    if (edge >= stretch.endMs) stretch = constantOffset(edge, zone);
    if ((edge + stretch.offsetMs) % step === 0 && edge + step < stretch.endMs) {
      edge += step;
      continue;
    }
    let next = edge;
    for (let n = 1; next <= edge; n++) next = floorTo(edge + n * step, interval, zone);
    edge = next;
  }
  edges.push(edge);
  return edges;
}

function dayEdges(from: number, to: number, interval: '1d' | '1w', zone: string): number[] {
  const edges: number[] = [];
  let date = firstDay(from, interval, zone);
  let edge = startOfDay(date, zone);
  while (edge < to) {
    edges.push(edge);
    const previous = edge;
    // A date that the zone left out (Apia, 30 December 2011) begins where the next one does.
    while (edge <= previous) {
      date = date.add({ days: daysPerStep(interval) });
      edge = startOfDay(date, zone);
    }
  }
  edges.push(edge);
  return edges;
}

/**
 * The edges (epoch ms) of the calendar steps that cover [from, to): step i is [edges[i], edges[i + 1]). The first is
 * the floor of `from`, the last is the first one not before `to`; so there is one edge more than there are steps.
 *
 * @throws RangeError for a zone that does not exist
 */
export function edges(from: number, to: number, interval: CalendarInterval, zone: string): Float64Array {
  const list =
    interval === '1d' || interval === '1w' ? dayEdges(from, to, interval, zone) : clockEdges(from, to, interval, zone);
  return Float64Array.from(list);
}
