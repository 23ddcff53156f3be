import type { AlarmNews, Alarms } from '../alarms/alarms.ts';
import type { FactoryScope } from '../core/scope.ts';
import { alarmReply } from './alarm-wire.ts';
import type { EventStream } from './event-stream.ts';

/** Alarms whose news wait for a client that reads slowly; of more, it is told that it has missed some. */
const MAX_WAITING = 1_000;
/** Counts are sent so long after something has changed, once for all that changes meanwhile. */
const SUMMARY_MS = 250;

/** JSON is made once for each alarm's news, however many listen. */
const cache = new WeakMap<AlarmNews, string>();

function jsonOf(news: AlarmNews): string {
  const known = cache.get(news);
  if (known !== undefined) return known;
  const json = JSON.stringify(alarmReply(news.alarm));
  cache.set(news, json);
  return json;
}

/** What happens to alarms, for one event stream. */
export interface AlarmFeed {
  send(news: AlarmNews): void;
  /** The client reads again. */
  goOn(): void;
  stop(): void;
}

/**
 * Sends each alarm to which something happens, and soon after it how many there are. A client that reads slowly gets what
 * each has become once it reads on, and not all that has happened to it.
 *
 * @param wanted - devices; all when left out
 */
export function createAlarmFeed(
  alarms: Pick<Alarms, 'counts' | 'get'>,
  scope: FactoryScope,
  wanted: ReadonlySet<string> | undefined,
  stream: () => EventStream,
): AlarmFeed {
  const waiting = new Set<string>();
  let hasMissed = false;
  let timer: NodeJS.Timeout | undefined;
  let sent = '';

  const sendSummary = () => {
    timer = undefined;
    // It is sent when the client reads on.
    if (!stream().writable) return;
    const counts = alarms.counts(scope);
    const json = JSON.stringify(hasMissed ? { ...counts, missed: true } : counts);
    if (json === sent) return;
    sent = json;
    hasMissed = false;
    stream().sendJson('alarm_summary', json);
  };
  const sendSoon = () => {
    timer ??= setTimeout(() => {
      try {
        sendSummary();
      } catch {
        // It could not be counted just now: the next change is counted again.
      }
    }, SUMMARY_MS).unref();
  };

  return {
    send: (news) => {
      sendSoon();
      const { id, deviceId } = news.alarm;
      if (wanted !== undefined && !wanted.has(deviceId)) return;
      if (waiting.size === 0 && stream().writable) stream().sendJson('alarm', jsonOf(news));
      else if (waiting.size < MAX_WAITING) waiting.add(id);
      else if (!waiting.has(id)) hasMissed = true;
    },
    goOn: () => {
      for (const id of waiting) {
        if (!stream().writable) return;
        waiting.delete(id);
        const alarm = alarms.get(scope, id);
        if (alarm !== undefined) stream().send('alarm', alarmReply(alarm));
      }
      sendSoon();
    },
    stop: () => clearTimeout(timer),
  };
}
