import type { Store } from '../store/store.ts';
import type { GuardedStream } from './guarded-stream.ts';
import type { Journal } from './journal.ts';
import type { Outgoing, QoS, Session, SessionOwner } from './session.ts';
import { readSessions, writeSession } from './session-rows.ts';
import { createSubscriptionTree } from './subscription-tree.ts';

/** Who connects, as sessions see it. */
export interface Opening {
  readonly clientId: string;
  readonly owner: SessionOwner;
  /** `clean_session` = 0. */
  readonly isDurable: boolean;
  /** What it had subscribed to, and may no more, is taken away. */
  readonly maySubscribe: (filter: string) => boolean;
}

export interface SessionsOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly now: () => number;
  /** Of one factory, and of anonymous clients. */
  readonly maxSessions: number;
  /** A session that is away for longer goes (ms). */
  readonly expiryMs: number;
}

/**
 * Sessions by client id, and who has subscribed to what. Those of clients that asked for it (`clean_session` = 0) are on
 * disk: a change is there before the packet that asked for it is acknowledged. Their number is bounded for each factory, so
 * that none can take the place of another's: the one that is away for the longest goes first, one that is connected never.
 */
export interface Sessions {
  /**
   * Goes on with the client's session, or begins one; without `isDurable` always a new one, and what there was goes.
   *
   * @returns undefined when there is no room: as many as may be kept are connected
   */
  open(opening: Opening): { readonly session: Session; readonly isPresent: boolean } | undefined;
  get(clientId: string): Session | undefined;
  /** Its client is connected. */
  arrive(session: Session): void;
  /** Its connection has ended: a session that is not durable goes with it. */
  leave(session: Session, connection: GuardedStream): void;
  subscribe(session: Session, filter: string, qos: QoS): void;
  unsubscribe(session: Session, filter: string): void;
  /** Sessions that have subscribed to a topic, each with the highest QoS. */
  subscribed(topic: string): Map<Session, QoS>;
  /** Ids of QoS 2 messages from the client, between PUBLISH and PUBREL. */
  noteIncoming(session: Session, messageId: number): void;
  forgetIncoming(session: Session, messageId: number): boolean;
  /** Ends the sessions of owners who have gone. */
  drop(isGone: (owner: SessionOwner) => boolean): void;
  /** Ends sessions that are away for too long. */
  expire(): void;
  readonly all: Iterable<Session>;
}

/**
 * Reads what the last run has left.
 *
 * @param onDropped - hears of each message that goes with its session
 */
export function openSessions(
  options: SessionsOptions,
  onDropped: (session: Session, message: Outgoing) => void,
): Sessions {
  const { store, journal, now, maxSessions, expiryMs } = options;
  const sessions = new Map<string, Session>();
  const subscriptions = createSubscriptionTree<Session>();
  /** The same sessions as long as they are away, in the order in which they went. */
  const away = new Set<Session>();
  /** How many are durable, by factory. */
  const durable = new Map<number | null, number>();
  let lastId = 0;

  const note = (session: Session) => {
    if (session.isDurable) journal.note(session, writeSession(session));
  };
  const count = ({ owner: { factoryId } }: Session, change: 1 | -1) =>
    durable.set(factoryId, (durable.get(factoryId) ?? 0) + change);
  const enter = (session: Session) => {
    sessions.set(session.clientId, session);
    if (session.isDurable) count(session, 1);
    for (const [filter, qos] of session.subscriptions) subscriptions.add(filter, session, qos);
  };
  const end = (session: Session) => {
    if (session.isGone) return;
    session.isGone = true;
    if (sessions.get(session.clientId) === session) sessions.delete(session.clientId);
    away.delete(session);
    for (const filter of session.subscriptions.keys()) subscriptions.remove(filter, session);
    for (const message of [...session.waiting, ...session.inFlight.values()]) onDropped(session, message);
    session.waiting.length = 0;
    session.inFlight.clear();
    if (!session.isDurable) return;
    count(session, -1);
    note(session);
  };

  for (const session of store.systemRead('keep MQTT sessions', (sql) => readSessions(sql, now()))) {
    enter(session);
    away.add(session);
    lastId = Math.max(lastId, session.id);
  }

  return {
    open: ({ clientId, owner, isDurable, maySubscribe }) => {
      const known = sessions.get(clientId);
      if (known?.isDurable && isDurable) {
        for (const filter of known.subscriptions.keys()) {
          if (maySubscribe(filter)) continue;
          known.subscriptions.delete(filter);
          subscriptions.remove(filter, known);
        }
        away.delete(known);
        known.awaySince = null;
        note(known);
        return { session: known, isPresent: true };
      }
      if (known !== undefined) end(known);
      if (isDurable && (durable.get(owner.factoryId) ?? 0) >= maxSessions) {
        const longestAway = [...away].find((other) => other.owner.factoryId === owner.factoryId);
        if (longestAway === undefined) return undefined;
        end(longestAway);
      }
      const session: Session = {
        id: ++lastId,
        clientId,
        owner,
        isDurable,
        subscriptions: new Map(),
        waiting: [],
        inFlight: new Map(),
        incoming: new Set(),
        connection: undefined,
        awaySince: null,
        lastMessageId: 0,
        lastSeq: 0,
        isGone: false,
      };
      enter(session);
      note(session);
      return { session, isPresent: false };
    },
    get: (clientId) => sessions.get(clientId),
    arrive: (session) => {
      if (!away.delete(session)) return;
      session.awaySince = null;
      note(session);
    },
    leave: (session, connection) => {
      if (session.connection !== undefined && session.connection !== connection) return;
      session.connection = undefined;
      if (!session.isDurable) return end(session);
      if (session.isGone) return;
      session.awaySince = now();
      away.add(session);
      note(session);
    },
    subscribe: (session, filter, qos) => {
      if (session.isGone || session.subscriptions.get(filter) === qos) return;
      session.subscriptions.set(filter, qos);
      subscriptions.add(filter, session, qos);
      note(session);
    },
    unsubscribe: (session, filter) => {
      if (!session.subscriptions.delete(filter)) return;
      subscriptions.remove(filter, session);
      note(session);
    },
    subscribed: subscriptions.match,
    noteIncoming: (session, messageId) => {
      session.incoming.add(messageId);
      note(session);
    },
    forgetIncoming: (session, messageId) => {
      const isKnown = session.incoming.delete(messageId);
      if (isKnown) note(session);
      return isKnown;
    },
    drop: (isGone) => {
      for (const session of [...sessions.values()]) if (isGone(session.owner)) end(session);
    },
    expire: () => {
      const latest = now() - expiryMs;
      for (const session of [...away]) if ((session.awaySince ?? 0) < latest) end(session);
    },
    get all() {
      return sessions.values();
    },
  };
}
