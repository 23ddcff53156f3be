import { signal } from '@preact/signals';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ensureSession } from '../api/client.ts';
import type { Alarm, AlarmSummary, DeviceCommand, Notification } from '../api/schema.ts';
import { applianceNow } from './clock.ts';

const ADDRESS = '/api/v1/stream';
/** The appliance sends something at least every 15 s; after twice that the line is dead, whatever TCP believes. */
const SILENCE_MS = 32_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** Browsers open six connections to a host, for all tabs together: one that nobody looks at gives its own back. */
const HIDDEN_MS = 5_000;

export type Connection = 'connecting' | 'live' | 'reconnecting';

/** How the live connection is doing. */
export const connection = signal<Connection>('connecting');
/** When something last came (appliance time, epoch ms): how old the values on the screen may be. */
export const lastHeardAt = signal(applianceNow());
/** Counts the times that the stream came back: charts fetch what they missed when it changes. */
export const returns = signal(0);

export interface StreamEvents {
  values: {
    readonly device_id: string;
    readonly values: readonly {
      readonly parameter: string;
      readonly value: number | boolean | string;
      readonly timestamp: string;
    }[];
  };
  device: {
    readonly id: string;
    readonly key: string;
    readonly status: 'online' | 'stale' | 'offline' | 'removed';
    readonly last_seen_at: string | null;
  };
  command: DeviceCommand;
  alarm: Alarm;
  /** `missed`: some alarms have changed of which this stream has not told. */
  alarm_summary: AlarmSummary & { readonly missed?: true };
  /** What a channel says that leads to open pages. */
  notification: {
    readonly id: string;
    readonly kind: Notification['kind'] | 'test';
    readonly severity: Notification['severity'];
    readonly alarm_id: string | null;
    readonly title: string;
    readonly text: string;
    readonly has_sound: boolean;
  };
}

/** `isNews`: it has just happened; otherwise the stream catches up with what had happened before. */
type Listener<Name extends keyof StreamEvents> = (data: StreamEvents[Name], isNews: boolean) => void;
const listeners: { [Name in keyof StreamEvents]: Set<Listener<Name>> } = {
  values: new Set(),
  device: new Set(),
  command: new Set(),
  alarm: new Set(),
  alarm_summary: new Set(),
  notification: new Set(),
};

/** Listens to one kind of event; returns what ends it. */
export function onStream<Name extends keyof StreamEvents>(name: Name, listener: Listener<Name>): () => void {
  listeners[name].add(listener);
  return () => listeners[name].delete(listener);
}

function dispatch({ id, event, data }: EventSourceMessage): void {
  const isNews = id !== undefined;
  if (event === 'values') for (const listener of listeners.values) listener(JSON.parse(data), isNews);
  if (event === 'device') for (const listener of listeners.device) listener(JSON.parse(data), true);
  if (event === 'command') for (const listener of listeners.command) listener(JSON.parse(data), true);
  if (event === 'alarm') for (const listener of listeners.alarm) listener(JSON.parse(data), true);
  if (event === 'alarm_summary') for (const listener of listeners.alarm_summary) listener(JSON.parse(data), true);
  if (event === 'notification') for (const listener of listeners.notification) listener(JSON.parse(data), true);
}

/** One connection, until it ends: with `true` if it ever was live. */
async function follow(lastEventId: { value: string }, signal: AbortSignal): Promise<boolean> {
  const attempt = new AbortController();
  const end = () => attempt.abort();
  signal.addEventListener('abort', end);
  let watchdog = setTimeout(end, SILENCE_MS);
  let wasLive = false;
  try {
    const headers = lastEventId.value === '' ? {} : { 'Last-Event-ID': lastEventId.value };
    const response = await fetch(ADDRESS, { headers, signal: attempt.signal });
    if (response.status === 401) await ensureSession();
    if (!response.ok || response.body === null) return false;
    const parser = createParser({
      onEvent: (message) => {
        if (message.id !== undefined) lastEventId.value = message.id;
        dispatch(message);
      },
    });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return wasLive;
      clearTimeout(watchdog);
      watchdog = setTimeout(end, SILENCE_MS);
      lastHeardAt.value = applianceNow();
      if (!wasLive) {
        wasLive = true;
        if (connection.peek() === 'reconnecting') returns.value++;
        connection.value = 'live';
      }
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } catch {
    return wasLive;
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', end);
  }
}

/**
 * Keeps the selected factory's event stream open until the returned function is called, as long as somebody looks. What
 * is lost with a broken line, or while the tab is hidden, comes with the next one: the appliance sends everything that
 * changed since the last event seen (Last-Event-ID). Read with fetch, because EventSource neither shows keep-alives nor
 * survives an expired access token.
 */
export function openStream(): () => void {
  const closing = new AbortController();
  const lastEventId = { value: '' };
  let retryMs = FIRST_RETRY_MS;
  let isUnwatched = document.hidden;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  let attempt = new AbortController();
  let wake = () => {};
  const wakeUp = () => wake();
  const look = () => {
    clearTimeout(leaving);
    if (document.hidden) {
      leaving = setTimeout(() => {
        isUnwatched = true;
        attempt.abort();
      }, HIDDEN_MS);
    } else {
      isUnwatched = false;
      wake();
    }
  };
  const run = async () => {
    while (!closing.signal.aborted) {
      if (!isUnwatched) {
        attempt = new AbortController();
        const wasLive = await follow(lastEventId, AbortSignal.any([closing.signal, attempt.signal]));
        if (wasLive) retryMs = FIRST_RETRY_MS;
        if (closing.signal.aborted) return;
        connection.value = 'reconnecting';
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (!isUnwatched) setTimeout(resolve, retryMs);
      });
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
  };
  // What a tab has fetched before anybody looked at it may be old by then.
  connection.value = isUnwatched ? 'reconnecting' : 'connecting';
  window.addEventListener('online', wakeUp);
  document.addEventListener('visibilitychange', look);
  void run();
  return () => {
    window.removeEventListener('online', wakeUp);
    document.removeEventListener('visibilitychange', look);
    clearTimeout(leaving);
    closing.abort();
    wake();
  };
}
