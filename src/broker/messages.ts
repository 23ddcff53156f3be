import { Readable } from 'node:stream';
import type { Client, PublishPacket, Subscription } from 'aedes';
import type { Config } from '../config/config.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Sender } from '../telemetry/telemetry.ts';
import { createAckQueue } from './ack-queue.ts';
import { createDelivery } from './delivery.ts';
import { createFreeTopics } from './free-topics.ts';
import type { GuardedStream } from './guarded-stream.ts';
import { createJournal } from './journal.ts';
import { maySubscribe, type Peer } from './peer.ts';
import { filterOf, isSurplus } from './repeated-filters.ts';
import { openRetained, type Retained } from './retained.ts';
import type { Message, QoS, Session } from './session.ts';
import { openSessions, type Sessions } from './sessions.ts';
import { createStandingQueue } from './standing.ts';
import { isKeepable, overlaps } from './topics.ts';

const DAY_MS = 86_400_000;
/** QoS 2 messages of one client between PUBLISH and PUBREL; one more ends the connection. */
const MAX_INCOMING = 100;
/** Stands for a session without subscriptions, so that Aedes says that one is present; nobody may subscribe to it. */
const PRESENT: Subscription = { topic: '$session', qos: 0 };

/** What a device's status topic holds. */
export interface StandingStatus {
  readonly key: string;
  readonly status: string;
}

/** Whom a message of the appliance went to. */
export interface Receivers {
  /** Sessions that are connected. */
  readonly sent: number;
  /** Durable sessions that are away: they get it when they come back. */
  readonly queued: number;
}

export interface MessagesOptions {
  readonly config: Config['mqtt'];
  readonly store: Store;
  readonly now: () => number;
  readonly scopeBySlug: (slug: string) => FactoryScope | undefined;
  /** The status of each device of a factory. */
  readonly statuses: (factoryId: number) => Iterable<StandingStatus>;
  /** Lets an acknowledgement wait for the telemetry that came before it. */
  readonly pass: (sender: Sender) => void;
  /** Puts an event into the connection log. */
  readonly report: (peer: Peer | undefined, reason: string, detail: string, payload?: Buffer) => void;
  readonly onDropped: (why: 'bound' | 'expired') => void;
  /** Hears of PUBACK and PUBCOMP. */
  readonly onAcknowledged: (peer: Peer, message: Message) => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * Who is sent what. Aedes parses packets, keeps connections alive and answers; sessions, subscriptions, retained messages
 * and everything that is sent to subscribers is here, because Aedes keeps none of it on disk, and in places sends other
 * than the standard says (`src/decisions.md`).
 */
export interface Messages {
  /** @returns false when as many durable sessions as may be kept are connected */
  open(client: Client, peer: Peer): boolean;
  /** The client may be sent messages from now on. */
  ready(stream: GuardedStream): void;
  leave(stream: GuardedStream): void;
  /** Of a filter or a topic: whether the peer may be sent it. */
  mayReceive(peer: Peer, filter: string): boolean;
  /** Whether a message, or a will, to a topic that is not telemetry may be published. */
  mayPublish(peer: Peer, topic: string): boolean;
  /** Whether a client that is connected, and no program that reads along, has subscribed to a topic. */
  reaches(topic: string): boolean;
  subscribed(peer: Peer, subscriptions: readonly Subscription[]): void;
  unsubscribed(peer: Peer, filters: readonly string[]): void;
  /** Takes a message that is not telemetry. @returns why the connection has to end, or undefined */
  accept(peer: Peer, packet: PublishPacket, sender: Sender): { reason: string; detail: string } | undefined;
  /** Publishes a message of the appliance; settles when it is on disk for those who are away. */
  publish(message: Omit<Message, 'retain'>): Promise<Receivers>;
  /** Makes a message of QoS 2 one that was received: another with its id, before PUBREL, is the same. */
  received(peer: Peer, messageId: number): Promise<void>;
  isReceived(peer: Peer, messageId: number): boolean;
  /** Whether a client has as many messages of QoS 2 without PUBREL as it may. */
  isFull(peer: Peer): boolean;
  /** Ends sessions of a credential that is gone. */
  dropCredential(credentialId: string): void;
  /** Ends what is of factories that are gone. */
  dropFactories(isGone: (factoryId: number) => boolean): void;
  /** Ends what is over by now. */
  sweep(): void;
  /** What Aedes asks for sessions. */
  readonly persistence: object;
  close(): void;
}

/** The factory's part of a topic, or undefined where it has none. */
const slugOf = (topic: string): string | undefined => /^factories\/([^/]+)\//.exec(topic)?.[1];

export function createMessages(options: MessagesOptions): Messages {
  const { config, store, now, report } = options;
  const free = createFreeTopics({ shared: config.shared_topics, hasFactoryBus: config.factory_bus });
  const mayReceive = (peer: Peer, filter: string) => maySubscribe(peer, filter) || free.maySubscribe(peer, filter);
  const journal = createJournal(store, options.onFault);
  const delivery = createDelivery({
    journal,
    now,
    maxQueuedMessages: config.max_queued_messages,
    maxQueuedBytes: config.max_queued_bytes,
    mayReceive,
    onSlow: (peer) => report(peer, 'reads_too_slowly', 'it did not read what it was sent'),
    onDropped: options.onDropped,
    onAcknowledged: options.onAcknowledged,
  });
  const sessions: Sessions = openSessions(
    { store, journal, now, maxSessions: config.max_sessions, expiryMs: config.session_expiry_days * DAY_MS },
    delivery.forget,
  );
  delivery.count(sessions.all);
  const retained: Retained = openRetained({
    store,
    journal,
    maxMessages: config.max_retained_messages,
    maxBytes: config.max_retained_bytes,
  });

  /** Null: of no factory; undefined: of one that there is not. */
  const factoryOf = (topic: string): number | null | undefined => {
    const slug = slugOf(topic);
    return slug === undefined ? null : options.scopeBySlug(slug)?.factoryId;
  };

  /** Gives a message to everybody who has subscribed to its topic, each with the QoS that both sides agree on. */
  const route = (message: Message): Receivers => {
    const receivers = { sent: 0, queued: 0 };
    const factoryId = factoryOf(message.topic);
    if (factoryId === undefined) return receivers;
    for (const [session, granted] of sessions.subscribed(message.topic)) {
      // A filter that begins with a wildcard matches topics of all factories: what is of one stays there.
      if (factoryId !== null && session.owner.factoryId !== factoryId) continue;
      const outcome = delivery.offer(session, { ...message, qos: Math.min(message.qos, granted) as QoS });
      if (outcome !== 'dropped') receivers[outcome]++;
    }
    return receivers;
  };

  const keep = (peer: Peer, { topic, payload, qos }: Message) => {
    const factoryId = factoryOf(topic);
    if (factoryId === undefined) return;
    const isShort = payload.length === 0 || isKeepable(topic);
    if (isShort && retained.put({ topic, payload, qos, factoryId })) return;
    const limit = isShort
      ? `${config.max_retained_messages} messages or ${config.max_retained_bytes} bytes are retained, the limit`
      : 'of a topic that is so long nothing is retained';
    report(peer, 'not_retained', `${limit}: ${JSON.stringify(topic).slice(0, 200)} was only passed on`);
  };

  /** What stands for a new subscription: retained messages, and the statuses of devices. */
  function* standing(peer: Peer, filter: string, granted: QoS): Generator<Message | undefined> {
    const base = { retain: true, expiresAt: null };
    for (const message of retained.matching(filter)) {
      if (message === undefined || !mayReceive(peer, message.topic)) yield undefined;
      else yield { ...base, ...message, qos: Math.min(message.qos, granted) as QoS };
    }
    const scope = peer.identity?.scope;
    if (scope === undefined || !overlaps(filter, `factories/${scope.slug}/devices/+/status`)) return;
    for (const { key, status } of options.statuses(scope.factoryId)) {
      const topic = `factories/${scope.slug}/devices/${key}/status`;
      const isMeant = overlaps(filter, topic) && mayReceive(peer, topic);
      // There may be more devices than may wait for one client.
      yield isMeant ? { ...base, topic, payload: Buffer.from(status), qos: 0 } : undefined;
    }
  }
  const standingQueue = createStandingQueue(delivery.offer);

  const sessionOf = (client: Client): Session | undefined => (client.conn as GuardedStream).peer.session;
  const isDurable = (peer: Peer) => peer.session?.isDurable === true;

  /** Sessions that were there before the connection that they have now. */
  const resumed = new WeakSet<Session>();
  /** CONNACK waits until the session is on disk; but whoever has telemetry to send is let in without, too. */
  const openedOnDisk = () => journal.written().catch(() => {});

  const persistence = {
    setup: async () => {},
    // Rights were looked at when the session was opened.
    subscriptionsByClient: async ({ id }: { id: string }): Promise<Subscription[]> => {
      await openedOnDisk();
      const session = sessions.get(id);
      if (session === undefined || !resumed.has(session)) return [];
      const known = [...session.subscriptions].map(([topic, qos]) => ({ topic, qos }));
      return known.length === 0 ? [PRESENT] : known;
    },
    addSubscriptions: async (client: Client, subscriptions: readonly Subscription[]) => {
      const { peer } = client.conn as GuardedStream;
      for (const subscription of subscriptions) {
        if (isSurplus(subscription)) continue;
        const filter = filterOf(subscription);
        if (peer.session === undefined || !peer.granted.has(filter)) continue;
        sessions.subscribe(peer.session, filter, subscription.qos);
      }
      await journal.written();
    },
    removeSubscriptions: async (client: Client, filters: readonly string[]) => {
      const session = sessionOf(client);
      if (session !== undefined) for (const filter of filters) sessions.unsubscribe(session, filter);
      await journal.written();
    },
    cleanSubscriptions: openedOnDisk,
    outgoingUpdate: async (client: Client, { messageId }: { messageId: number }) => {
      const session = sessionOf(client);
      if (session !== undefined) await delivery.received(session, messageId);
    },
    outgoingClearMessageId: async (client: Client, { messageId }: { messageId: number }) => {
      const session = sessionOf(client);
      if (session !== undefined) delivery.acknowledged(session, messageId);
    },
    outgoingStream: () => Readable.from([]),
    incomingGetPacket: async (client: Client, packet: { messageId: number }) => {
      if (sessionOf(client)?.incoming.has(packet.messageId) !== true) throw new Error('no such packet');
      return packet;
    },
    incomingStorePacket: async () => {},
    incomingDelPacket: async (client: Client, { messageId }: { messageId: number }) => {
      const session = sessionOf(client);
      if (session !== undefined) sessions.forgetIncoming(session, messageId);
      // PUBCOMP frees the id: were it still on disk after a kill, the next message under it would be lost.
      if (session?.isDurable) await journal.written().catch(() => client.conn.destroy());
    },
    createRetainedStreamCombi: () => Readable.from([]),
    putWill: async () => {},
    delWill: async () => {},
    streamWill: () => Readable.from([]),
  };
  const refuse = (reason: string, detail: string) => ({ reason, detail });
  /** Acknowledges in turn, once what the message has changed is on disk. The first one waits for telemetry before it. */
  const acknowledge = (peer: Peer, sender: Sender) => {
    const isFirst = peer.acks === undefined;
    peer.acks ??= createAckQueue();
    const slot = peer.acks.slot(sender);
    const go = () => void journal.written().then(slot.acknowledge, slot.abandon);
    if (isFirst) options.pass({ acknowledge: go, abandon: slot.abandon });
    else go();
  };

  return {
    persistence,
    mayReceive,
    mayPublish: free.mayPublish,
    reaches: (topic) => {
      const factoryId = factoryOf(topic);
      return [...sessions.subscribed(topic).keys()].some(({ owner, connection }) => {
        if (connection === undefined || connection.peer.identity?.isReader) return false;
        return owner.factoryId === factoryId && mayReceive(connection.peer, topic);
      });
    },
    open: (client, peer) => {
      const { identity } = peer;
      const opened = sessions.open({
        clientId: client.id,
        owner: { factoryId: identity?.scope.factoryId ?? null, credentialId: identity?.credentialId ?? '' },
        isDurable: !client.clean,
        maySubscribe: (filter) => isKeepable(filter) && mayReceive(peer, filter),
      });
      if (opened === undefined) return false;
      peer.session = opened.session;
      if (opened.isPresent) resumed.add(opened.session);
      else resumed.delete(opened.session);
      return true;
    },
    ready: (stream) => {
      const { session } = stream.peer;
      if (session === undefined || session.isGone || stream.destroyed) return;
      sessions.arrive(session);
      delivery.resume(session, stream);
      standingQueue.arrive(session);
    },
    leave: (stream) => {
      const { session } = stream.peer;
      if (session !== undefined) sessions.leave(session, stream);
    },
    subscribed: (peer, subscriptions) => {
      const { session } = peer;
      if (session === undefined) return;
      const granted = new Map<string, QoS>();
      for (const subscription of subscriptions) {
        // Refused: 0x80.
        if ((subscription.qos as number) <= 2) granted.set(filterOf(subscription), subscription.qos);
      }
      for (const [filter, qos] of granted) sessions.subscribe(session, filter, qos);
      standingQueue.begin(session, new Map([...granted].map(([filter, qos]) => [filter, standing(peer, filter, qos)])));
    },
    unsubscribed: ({ session, granted }, filters) => {
      for (const filter of new Set(filters)) {
        granted.delete(filter);
        if (session === undefined) continue;
        sessions.unsubscribe(session, filter);
        standingQueue.stop(session, filter);
      }
    },
    accept: (peer, packet, sender) => {
      const { topic, qos, messageId } = packet;
      if (free.isIgnored(topic)) return void acknowledge(peer, sender);
      if (!free.mayPublish(peer, topic)) {
        return refuse(
          'topic_not_allowed',
          `it published to a topic outside its own: ${JSON.stringify(topic).slice(0, 200)}`,
        );
      }
      const identity = peer.identity;
      if (identity !== null && slugOf(topic) !== undefined && factoryOf(topic) !== identity.scope.factoryId) {
        report(peer, 'unknown_factory', `there is no factory ${JSON.stringify(slugOf(topic))}`);
        return void acknowledge(peer, sender);
      }
      const { session } = peer;
      // A will has no id.
      if (qos === 2 && messageId !== undefined && session !== undefined) {
        if (session.incoming.has(messageId)) return void acknowledge(peer, sender);
        if (session.incoming.size >= MAX_INCOMING) {
          return refuse('protocol_error', `more than ${MAX_INCOMING} messages of QoS 2 without PUBREL`);
        }
        sessions.noteIncoming(session, messageId);
      }
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const message = { topic, payload, qos, retain: false, expiresAt: null };
      if (packet.retain) keep(peer, message);
      route(message);
      if (qos === 0) sender.acknowledge();
      else acknowledge(peer, sender);
      return undefined;
    },
    publish: async (message) => {
      const receivers = route({ ...message, retain: false });
      await journal.written();
      return receivers;
    },
    received: async (peer, messageId) => {
      if (peer.session === undefined) return;
      sessions.noteIncoming(peer.session, messageId);
      if (isDurable(peer)) await journal.written();
    },
    isReceived: ({ session }, messageId) => session?.incoming.has(messageId) === true,
    isFull: ({ session, committing }) => (session?.incoming.size ?? 0) + committing.size >= MAX_INCOMING,
    dropCredential: (credentialId) => sessions.drop((owner) => owner.credentialId === credentialId),
    dropFactories: (isGone) => {
      sessions.drop(({ factoryId }) => factoryId !== null && isGone(factoryId));
      retained.drop(isGone);
    },
    sweep: () => {
      sessions.expire();
      delivery.expire(sessions.all);
    },
    close: journal.close,
  };
}
