import type { GuardedStream } from './guarded-stream.ts';

/** Quality of service (MQTT 3.1.1, 4.3). */
export type QoS = 0 | 1 | 2;

/** What is published to subscribers. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  /** Sent because of a new subscription, and not because it was published just now (3.3.1-8, 3.3.1-9). */
  readonly retain: boolean;
  /** Epoch ms; from then on it is not delivered any more. Null: it keeps. */
  readonly expiresAt: number | null;
}

/** A message of QoS 1 or 2 on its way to one client. */
export interface Outgoing extends Message {
  /** Messages of a session go in this order. */
  readonly seq: number;
  /** The packet id it goes under; null while it waits. */
  messageId: number | null;
  /** Of QoS 2, after PUBREC: what is owed is PUBREL. */
  isReleased: boolean;
  /** Its packet id is on disk, or need not be: it may be sent. */
  mayGo: boolean;
  /** The connection it was last sent on. */
  sentOn: GuardedStream | undefined;
  wasSent: boolean;
  isGone: boolean;
}

/** Who a session belongs to. It goes when they go. */
export interface SessionOwner {
  /** Null for an anonymous client. */
  readonly factoryId: number | null;
  /** Empty for an anonymous client. */
  readonly credentialId: string;
}

/** State that belongs to a client id (MQTT 3.1.1, 3.1.2.4). */
export interface Session {
  readonly id: number;
  /** In the name space of its credential. */
  readonly clientId: string;
  readonly owner: SessionOwner;
  /** `clean_session` = 0: it outlives its connection, and the process. */
  readonly isDurable: boolean;
  readonly subscriptions: Map<string, QoS>;
  /** Not sent yet, in order. */
  readonly waiting: Outgoing[];
  /** Sent and not acknowledged, by packet id, in order. */
  readonly inFlight: Map<number, Outgoing>;
  /** Ids of QoS 2 messages from the client between PUBLISH and PUBREL. */
  readonly incoming: Set<number>;
  connection: GuardedStream | undefined;
  /** Epoch ms; null while it is connected. */
  awaySince: number | null;
  lastMessageId: number;
  lastSeq: number;
  isGone: boolean;
}

/** What a message holds of its own. */
export const sizeOf = ({ topic, payload }: Pick<Message, 'topic' | 'payload'>): number =>
  Buffer.byteLength(topic) + payload.length;

/** About what an empty message costs while it is queued: objects in memory, and its row (bytes). */
export const QUEUED_OVERHEAD = 512;

/** What a message takes of the bytes that may be queued. */
export const queuedSizeOf = (message: Pick<Message, 'topic' | 'payload'>): number => QUEUED_OVERHEAD + sizeOf(message);
