import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Json } from './json.ts';

export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Json;
}

export interface OpenedStream extends AsyncDisposable {
  readonly status: number;
  /** Every event so far. */
  readonly events: readonly StreamEvent[];
  /** The next event of a name, from those not yet taken. */
  next(event: string, withinMs?: number): Promise<StreamEvent>;
  /** Settles when the server has ended the stream. */
  readonly ended: Promise<void>;
}

/** A client of `/stream`. */
export async function openStream(
  http: string,
  token: string,
  options: { lastEventId?: string; query?: string } = {},
): Promise<OpenedStream> {
  const abort = new AbortController();
  const answer = await fetch(`${http}/api/v1/stream${options.query ?? ''}`, {
    headers: {
      Authorization: `Bearer ${token}`,
      ...(options.lastEventId === undefined ? {} : { 'Last-Event-ID': options.lastEventId }),
    },
    signal: abort.signal,
  });
  const events: StreamEvent[] = [];
  const taken = new Set<StreamEvent>();
  const waiting = new Set<() => void>();
  const parser = createParser({
    onEvent: ({ event = 'message', id, data }: EventSourceMessage) => {
      events.push({ event, id, data: JSON.parse(data) });
      for (const wake of waiting) wake();
    },
  });
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  };
  const ended = read().catch(() => {});
  return {
    status: answer.status,
    events,
    ended,
    next: async (name, withinMs = 5_000) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = events.find((event) => event.event === name && !taken.has(event));
        if (found !== undefined) {
          taken.add(found);
          return found;
        }
        const left = deadline - Date.now();
        if (left <= 0) throw new Error(`no ${name} event within ${withinMs} ms`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, left);
          function done() {
            clearTimeout(timer);
            waiting.delete(done);
            resolve();
          }
          waiting.add(done);
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await ended;
    },
  };
}
