import { generate, type Packet } from 'mqtt-packet';
import type { GuardedStream } from './guarded-stream.ts';
import type { Journal } from './journal.ts';
import type { Peer } from './peer.ts';
import { type Message, type Outgoing, queuedSizeOf, type Session } from './session.ts';
import { writeMessage } from './session-rows.ts';

/** What waits for a client that does not read (bytes): more is not sent, and one that only gets QoS 0 is sent away. */
export const MAX_UNREAD_BYTES = 1_048_576;
/** Messages of one session that are sent and not acknowledged; others wait. */
const MAX_IN_FLIGHT = 64;

/** What became of a message for one session. */
export type Outcome = 'sent' | 'queued' | 'dropped';

export interface DeliveryOptions {
  readonly journal: Journal;
  readonly now: () => number;
  readonly maxQueuedMessages: number;
  /** Of all sessions of one factory, so that none can keep another's messages out. */
  readonly maxQueuedBytes: number;
  /** Rights may have ended since it subscribed. */
  readonly mayReceive: (peer: Peer, topic: string) => boolean;
  /** Hears of a client that does not read what it is sent, whose connection is ended. */
  readonly onSlow: (peer: Peer) => void;
  /** Hears of a message that was given up at a bound, or whose time was over. */
  readonly onDropped: (why: 'bound' | 'expired') => void;
  /** Hears of a message that its client has acknowledged: PUBACK or PUBCOMP. */
  readonly onAcknowledged: (peer: Peer, message: Message) => void;
}

const count = ({ peer }: GuardedStream, { payload }: Message) => {
  peer.traffic.messagesOut++;
  peer.traffic.bytesOut += payload.length;
};

/**
 * Sends messages to sessions as MQTT 3.1.1 wants it (4.3, 4.4, 4.6): QoS 1 and 2 in order, each under a packet id that is
 * free, some at a time, and again under the same id after the client was away. For durable sessions a packet id is on disk
 * before the packet goes out: a kill in between would send a message of QoS 2 under two ids, and so twice.
 */
export interface Delivery {
  /** @param message - with the QoS that this session gets it with */
  offer(session: Session, message: Message): Outcome;
  /** The session is connected: what was not acknowledged goes again, then what has waited. */
  resume(session: Session, connection: GuardedStream): void;
  /** PUBACK or PUBCOMP. */
  acknowledged(session: Session, messageId: number): void;
  /** PUBREC: from now on PUBREL is owed. Settles when that is on disk. */
  received(session: Session, messageId: number): Promise<void>;
  /** Gives up what waits and whose time is over. */
  expire(sessions: Iterable<Session>): void;
  /** A message has gone with its session. */
  forget(session: Session, message: Outgoing): void;
  /** Counts what the last run has left. */
  count(sessions: Iterable<Session>): void;
  /** What is queued for sessions of a factory, or of none. */
  queuedBytes(factoryId: number | null): number;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { journal, now, mayReceive } = options;
  const queuedBytes = new Map<number | null, number>();
  const bytesOf = ({ owner }: Session) => queuedBytes.get(owner.factoryId) ?? 0;
  const add = (session: Session, bytes: number) => queuedBytes.set(session.owner.factoryId, bytesOf(session) + bytes);

  const note = (session: Session, message: Outgoing) => {
    if (session.isDurable) journal.note(message, writeMessage(session, message));
  };
  const isOver = ({ expiresAt }: Message) => expiresAt !== null && expiresAt <= now();
  const give = (session: Session, message: Outgoing) => {
    message.isGone = true;
    if (!message.isReleased) add(session, -queuedSizeOf(message));
    note(session, message);
  };

  const packetOf = (message: Outgoing): Packet =>
    message.isReleased
      ? ({ cmd: 'pubrel', messageId: message.messageId } as Packet)
      : ({
          cmd: 'publish',
          topic: message.topic,
          payload: message.payload,
          qos: message.qos,
          retain: message.retain,
          dup: message.wasSent,
          messageId: message.messageId,
        } as Packet);

  const draining = new WeakSet<GuardedStream>();
  const waitForDrain = (session: Session, connection: GuardedStream) => {
    if (draining.has(connection)) return;
    draining.add(connection);
    connection.once('drain', () => {
      draining.delete(connection);
      send(session);
    });
  };

  /** Sends what may go, in order, as long as the client reads. */
  const send = (session: Session) => {
    const { connection } = session;
    if (connection === undefined) return;
    for (const message of session.inFlight.values()) {
      if (message.sentOn === connection) continue;
      if (!message.mayGo) return;
      if (connection.unsentBytes > MAX_UNREAD_BYTES) return waitForDrain(session, connection);
      connection.write(generate(packetOf(message)));
      count(connection, message);
      message.sentOn = connection;
      message.wasSent = true;
    }
  };

  /** What has just been given its packet id goes as soon as that is on disk. */
  const release = (session: Session, connection: GuardedStream, taken: readonly Outgoing[]) => {
    const go = () => {
      for (const message of taken) message.mayGo = true;
      send(session);
    };
    if (!session.isDurable || taken.length === 0) return go();
    // What is not on disk is not sent: the client comes again, and by then it may be.
    journal.written().then(go, () => connection.destroy());
  };

  const freeId = (session: Session): number => {
    do session.lastMessageId = (session.lastMessageId % 65_535) + 1;
    while (session.inFlight.has(session.lastMessageId));
    return session.lastMessageId;
  };

  /** Takes what waits into flight, as much as there is room for. */
  const pump = (session: Session) => {
    const { connection } = session;
    if (connection === undefined) return;
    const taken: Outgoing[] = [];
    while (session.inFlight.size < MAX_IN_FLIGHT) {
      const message = session.waiting.shift();
      if (message === undefined) break;
      if (isOver(message) || !mayReceive(connection.peer, message.topic)) {
        if (isOver(message)) options.onDropped('expired');
        give(session, message);
        continue;
      }
      message.messageId = freeId(session);
      session.inFlight.set(message.messageId, message);
      note(session, message);
      taken.push(message);
    }
    release(session, connection, taken);
  };

  const sendAtOnce = ({ connection }: Session, message: Message): Outcome => {
    if (connection === undefined || connection.destroyed) return 'dropped';
    if (!mayReceive(connection.peer, message.topic)) return 'dropped';
    if (connection.unsentBytes > MAX_UNREAD_BYTES) {
      options.onSlow(connection.peer);
      connection.destroy();
      return 'dropped';
    }
    const { topic, payload, retain } = message;
    connection.write(generate({ cmd: 'publish', topic, payload, qos: 0, retain, dup: false }));
    count(connection, message);
    return 'sent';
  };

  const makeRoom = (session: Session, message: Message): boolean => {
    if (bytesOf(session) + queuedSizeOf(message) > options.maxQueuedBytes) return false;
    if (session.waiting.length + session.inFlight.size < options.maxQueuedMessages) return true;
    const oldest = session.waiting.shift();
    if (oldest === undefined) return false;
    give(session, oldest);
    options.onDropped('bound');
    return true;
  };

  return {
    offer: (session, message) => {
      if (message.qos === 0) return sendAtOnce(session, message);
      if (!makeRoom(session, message)) {
        options.onDropped('bound');
        return 'dropped';
      }
      const outgoing: Outgoing = {
        ...message,
        seq: ++session.lastSeq,
        messageId: null,
        isReleased: false,
        mayGo: false,
        sentOn: undefined,
        wasSent: false,
        isGone: false,
      };
      add(session, queuedSizeOf(message));
      session.waiting.push(outgoing);
      note(session, outgoing);
      if (session.connection === undefined) return 'queued';
      pump(session);
      return 'sent';
    },
    resume: (session, connection) => {
      session.connection = connection;
      for (const [messageId, message] of session.inFlight) {
        const isBarred = !mayReceive(connection.peer, message.topic);
        if (message.isReleased || !(isOver(message) || isBarred)) continue;
        if (!isBarred) options.onDropped('expired');
        session.inFlight.delete(messageId);
        give(session, message);
      }
      const unwritten = [...session.inFlight.values()].filter(({ mayGo }) => !mayGo);
      release(session, connection, unwritten);
      pump(session);
    },
    acknowledged: (session, messageId) => {
      const message = session.inFlight.get(messageId);
      // Of QoS 2, PUBCOMP without PUBREC before it means nothing. Where nothing is kept, PUBREC is not seen here.
      if (message === undefined || (message.qos === 2 && session.isDurable && !message.isReleased)) return;
      session.inFlight.delete(messageId);
      give(session, message);
      if (session.connection !== undefined) options.onAcknowledged(session.connection.peer, message);
      pump(session);
    },
    received: (session, messageId) => {
      const message = session.inFlight.get(messageId);
      if (message === undefined || message.qos !== 2 || message.isReleased) return Promise.resolve();
      message.isReleased = true;
      add(session, -queuedSizeOf(message));
      note(session, message);
      return session.isDurable ? journal.written() : Promise.resolve();
    },
    expire: (sessions) => {
      for (const session of sessions) {
        const over = session.waiting.filter(isOver);
        if (over.length === 0) continue;
        session.waiting.splice(0, session.waiting.length, ...session.waiting.filter((one) => !over.includes(one)));
        for (const message of over) {
          give(session, message);
          options.onDropped('expired');
        }
      }
    },
    forget: (session, message) => {
      message.isGone = true;
      if (!message.isReleased) add(session, -queuedSizeOf(message));
    },
    count: (sessions) => {
      for (const session of sessions) {
        for (const message of [...session.waiting, ...session.inFlight.values()]) {
          if (!message.isReleased) add(session, queuedSizeOf(message));
        }
      }
    },
    queuedBytes: (factoryId) => queuedBytes.get(factoryId) ?? 0,
  };
}
