import { MAX_UNREAD_BYTES } from './delivery.ts';
import type { GuardedStream } from './guarded-stream.ts';
import type { Message, Session } from './session.ts';

/** Looked at in one turn of the event loop, whether it is sent or not. */
const PORTION = 200;
/** From here on what stands waits until the client has read: the rest is for what is published meanwhile. */
const MAX_UNREAD = MAX_UNREAD_BYTES / 4;

/** What stands for a filter, read when it is sent, so that it is never older than what was published meanwhile. */
export type StandingMessages = Iterator<Message | undefined>;

/**
 * Sends what stands for new subscriptions a portion at a time, however much there is, and no faster than the client reads.
 * One filter is sent once at a time: subscribed to again meanwhile, it begins anew.
 */
export interface StandingQueue {
  /** The first portion goes at once, or when the session's connection is there: SUBSCRIBE may come right behind CONNACK. */
  begin(session: Session, filters: ReadonlyMap<string, StandingMessages>): void;
  /** The session has its connection. */
  arrive(session: Session): void;
  /** The filter is subscribed to no more. */
  stop(session: Session, filter: string): void;
}

/** @param offer - sends one message to a session */
export function createStandingQueue(offer: (session: Session, message: Message) => void): StandingQueue {
  const queues = new WeakMap<GuardedStream, Map<string, StandingMessages>>();
  const early = new WeakMap<Session, Map<string, StandingMessages>>();

  const send = (session: Session, connection: GuardedStream, queue: Map<string, StandingMessages>) => {
    const goOn = () => send(session, connection, queue);
    let left = PORTION;
    for (const [filter, messages] of queue) {
      for (;;) {
        if (connection.destroyed || session.connection !== connection) return void queues.delete(connection);
        if (connection.unsentBytes > MAX_UNREAD) return void connection.once('drain', goOn);
        if (left-- === 0) return void setImmediate(goOn);
        const { value, done } = messages.next();
        if (done) break;
        if (value !== undefined) offer(session, value);
      }
      queue.delete(filter);
    }
    queues.delete(connection);
  };

  const begin = (session: Session, filters: ReadonlyMap<string, StandingMessages>) => {
    const { connection } = session;
    if (connection === undefined) return void early.set(session, new Map([...(early.get(session) ?? []), ...filters]));
    const under = queues.get(connection);
    const queue = under ?? new Map<string, StandingMessages>();
    for (const [filter, messages] of filters) queue.set(filter, messages);
    if (under !== undefined) return;
    queues.set(connection, queue);
    send(session, connection, queue);
  };

  return {
    begin,
    arrive: (session) => {
      const filters = early.get(session);
      early.delete(session);
      if (filters !== undefined) begin(session, filters);
    },
    stop: (session, filter) => {
      early.get(session)?.delete(filter);
      if (session.connection !== undefined) queues.get(session.connection)?.delete(filter);
    },
  };
}
