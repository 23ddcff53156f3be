import { effect, signal } from '@preact/signals';
import { ApiError, call } from '../api/client.ts';
import type { Alarm, AlarmSummary } from '../api/schema.ts';
import { createBell } from './alarm-bell.ts';
import { awaitTouch, ring } from './alarm-sound.ts';
import { applianceNow } from './clock.ts';
import { onStream, returns } from './stream.ts';
import { setWindowBadge } from './window-title.ts';

/** After news the worst alarm is asked for this soon, and once for many of them (ms). */
const SETTLE_MS = 300;
/** Pages looked through for alarms of a kind, if others stand before them. */
const MAX_PAGES = 5;

/** How many alarms there are; undefined until the stream has told. */
export const alarmCounts = signal<AlarmSummary | undefined>(undefined);
/** The newest of those that nobody has and that are critical, or else high. */
export const worstAlarm = signal<Alarm | undefined>(undefined);
/** Counts the times that alarms may have changed unheard. */
const unheard = signal(0);
/** Whether the stream tells of alarms, and whether some were asked for before it did. */
let isHearing = false;
let wasAskedBefore = false;

/**
 * What an answer about alarms is good for, as a part of the key of whatever fetches some: it is another one when alarms
 * may have changed without the stream telling of it. Read it in a component.
 */
export function alarmsVersion(): string {
  wasAskedBefore ||= !isHearing;
  return `${returns.value} ${unheard.value}`;
}

const sumOf = (counts: AlarmSummary['open']): number => counts.low + counts.medium + counts.high + counts.critical;

/** How many are to be looked at, and how many of them nobody has. */
export const openCount = (): number => (alarmCounts.value === undefined ? 0 : sumOf(alarmCounts.value.open));
export const unacknowledgedCount = (): number =>
  alarmCounts.value === undefined ? 0 : sumOf(alarmCounts.value.unacknowledged);

/** Whether an alarm is to be looked at: neither closed, nor kept from people. */
export const isOpen = ({ status, shelved_until, suppression }: Alarm): boolean =>
  status !== 'closed' && shelved_until === null && suppression === null;

/**
 * The newest alarms of a severity that are to be looked at.
 *
 * @param most - so many at most; fewer where too many others stand between them
 * @param status - to be narrowed to those that nobody has
 */
export async function openAlarmsOf(
  severity: Alarm['severity'],
  most: number,
  signal: AbortSignal,
  status = 'active,acknowledged,cleared',
): Promise<readonly Alarm[]> {
  const found: Alarm[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const asked = { status, severity, shelved: 'false', suppressed: 'false', limit: most - found.length } as const;
    const page = await call('GET /alerts', { query: { ...asked, ...(cursor && { cursor }) }, signal });
    found.push(...page.items);
    if (found.length >= most || page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return found;
}

/** Follows the factory's alarms until the returned function is called: their counts, the worst, the bell, the title. */
export function followAlarms(): () => void {
  const bell = createBell();
  let soon: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();

  const load = async () => {
    soon = undefined;
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const counts = alarmCounts.peek()?.unacknowledged;
    const severity = counts?.critical ? 'critical' : counts?.high ? 'high' : undefined;
    try {
      const [worst] = severity === undefined ? [] : await openAlarmsOf(severity, 1, signal, 'active,cleared');
      if (!signal.aborted) worstAlarm.value = worst;
    } catch (error) {
      // The connection's state says it already; the next news ask again.
      if (!signal.aborted && !(error instanceof ApiError)) throw error;
    }
  };
  const loadSoon = () => {
    soon ??= setTimeout(() => void load(), SETTLE_MS);
  };

  const stops = [
    onStream('alarm_summary', (counts) => {
      alarmCounts.value = counts;
      const heard = bell.counts(counts);
      if (heard !== undefined) ring(heard);
      // A page is loaded and the stream opened side by side: what happens in between is in neither.
      if (counts.missed === true || (wasAskedBefore && !isHearing)) unheard.value++;
      isHearing = true;
      loadSoon();
    }),
    onStream('alarm', (alarm) => {
      const heard = bell.alarm(alarm, applianceNow());
      if (heard !== undefined) ring(heard);
      if (alarm.severity === 'critical' || alarm.severity === 'high') loadSoon();
    }),
    returns.subscribe(loadSoon),
    effect(() => setWindowBadge(unacknowledgedCount())),
    awaitTouch(),
  ];
  return () => {
    for (const stop of stops) stop();
    clearTimeout(soon);
    asking.abort();
    isHearing = false;
    wasAskedBefore = false;
    alarmCounts.value = undefined;
    worstAlarm.value = undefined;
    setWindowBadge(0);
  };
}
