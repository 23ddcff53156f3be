import { Readable } from 'node:stream';
import type { AedesPublishPacket, Subscription } from 'aedes';

export interface SessionLimits {
  readonly maxSessions: number;
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
}

/** A message on its way to a client; after PUBREC it stands as the PUBREL that is still owed. */
type Queued = Omit<AedesPublishPacket, 'messageId'> & { messageId?: number | undefined };

interface Session {
  readonly subscriptions: Map<string, Subscription>;
  readonly queue: Queued[];
}

interface HasId {
  readonly id: string;
}

/** The topic with its device level as `+`: the only wildcard a device may subscribe to. */
const withWildcard = (topic: string): string => topic.replace(/^(factories\/[^/]*\/devices\/)[^/]*(\/.*)$/, '$1+$2');

const sizeOf = (packet: Queued): number => (packet.topic?.length ?? 0) + (packet.payload?.length ?? 0);

/**
 * What Aedes calls its persistence: persistent sessions with their subscriptions and queued messages, and the ids of
 * QoS 2 messages in flight. In memory, as sessions are in most brokers: a restart starts without them, and a device
 * that subscribes after CONNACK with session present = 0 loses nothing.
 *
 * Bounded where Aedes' own is not: sessions (the oldest goes first), messages for each session (the oldest goes
 * first), and bytes over all of them (nothing more is queued). Nothing is retained for devices, and wills live with
 * their connection.
 */
export class SessionStore {
  readonly #limits: SessionLimits;
  readonly #maySubscribe: (client: HasId, topic: string) => boolean;
  readonly #sessions = new Map<string, Session>();
  readonly #subscribers = new Map<string, Map<string, Subscription>>();
  readonly #incoming = new Map<string, Set<number>>();
  #queuedBytes = 0;
  #dropped = 0;

  /** `maySubscribe`: Aedes hands over every subscription of a packet, the denied ones too. */
  constructor(limits: SessionLimits, maySubscribe: (client: HasId, topic: string) => boolean) {
    this.#limits = limits;
    this.#maySubscribe = maySubscribe;
  }

  /** Messages given up at a bound. */
  get dropped(): number {
    return this.#dropped;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether a QoS 2 message is between PUBLISH and PUBREL: a second one with its id is the same message. */
  hasIncoming(clientId: string, messageId: number): boolean {
    return this.#incoming.get(clientId)?.has(messageId) ?? false;
  }

  async setup(): Promise<void> {}

  async subscriptionsByClient(client: HasId): Promise<Subscription[]> {
    return [...(this.#sessions.get(client.id)?.subscriptions.values() ?? [])];
  }

  async addSubscriptions(client: HasId, subscriptions: readonly Subscription[]): Promise<void> {
    let session = this.#sessions.get(client.id);
    if (session === undefined) {
      const [oldest] = this.#sessions.keys();
      if (this.#sessions.size >= this.#limits.maxSessions && oldest !== undefined) this.#drop(oldest);
      session = { subscriptions: new Map(), queue: [] };
      this.#sessions.set(client.id, session);
    }
    for (const subscription of subscriptions) {
      if (!this.#maySubscribe(client, subscription.topic)) continue;
      session.subscriptions.set(subscription.topic, subscription);
      const subscribers = this.#subscribers.get(subscription.topic) ?? new Map<string, Subscription>();
      this.#subscribers.set(subscription.topic, subscribers.set(client.id, subscription));
    }
  }

  async removeSubscriptions(client: HasId, topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.#unsubscribe(client.id, topic);
  }

  async cleanSubscriptions(client: HasId): Promise<void> {
    this.#drop(client.id);
  }

  /** Persistent QoS 1 and 2 subscriptions that match a published topic. */
  async subscriptionsByTopic(topic: string): Promise<{ clientId: string; topic: string; qos: number }[]> {
    return [topic, withWildcard(topic)].flatMap((pattern) =>
      [...(this.#subscribers.get(pattern) ?? [])]
        .filter(([, { qos }]) => qos > 0)
        .map(([clientId, { qos }]) => ({ clientId, topic: pattern, qos })),
    );
  }

  async outgoingEnqueue(subscription: { clientId: string }, packet: Queued): Promise<void> {
    const session = this.#sessions.get(subscription.clientId);
    if (session === undefined) return;
    if (this.#queuedBytes + sizeOf(packet) > this.#limits.maxQueuedBytes) {
      this.#dropped++;
      return;
    }
    if (session.queue.length >= this.#limits.maxQueuedMessages) {
      this.#take(session, 0);
      this.#dropped++;
    }
    session.queue.push({ ...packet, messageId: undefined });
    this.#queuedBytes += sizeOf(packet);
  }

  async outgoingEnqueueCombi(subscriptions: readonly { clientId: string }[], packet: Queued): Promise<void> {
    for (const subscription of subscriptions) await this.outgoingEnqueue(subscription, packet);
  }

  /** Ties a queued message to the id it was sent under. */
  async outgoingUpdate(client: HasId, packet: Queued): Promise<void> {
    const queue = this.#sessions.get(client.id)?.queue ?? [];
    const index = queue.findIndex(
      (queued) =>
        (queued.brokerId === packet.brokerId && queued.brokerCounter === packet.brokerCounter) ||
        (queued.brokerId !== packet.brokerId && queued.messageId === packet.messageId),
    );
    const queued = queue[index];
    if (queued === undefined) throw new Error('no such packet');
    if (queued.brokerId === packet.brokerId) queued.messageId = packet.messageId;
    else queue[index] = packet;
  }

  async outgoingClearMessageId(client: HasId, packet: Queued): Promise<Queued | undefined> {
    const session = this.#sessions.get(client.id);
    const index = session?.queue.findIndex((queued) => queued.messageId === packet.messageId) ?? -1;
    return session === undefined || index < 0 ? undefined : this.#take(session, index);
  }

  outgoingStream(client: HasId): Readable {
    return Readable.from([...(this.#sessions.get(client.id)?.queue ?? [])]);
  }

  async incomingStorePacket(client: HasId, packet: { messageId?: number }): Promise<void> {
    const ids = this.#incoming.get(client.id) ?? new Set<number>();
    const [oldest] = this.#incoming.keys();
    const isNew = !this.#incoming.has(client.id);
    if (isNew && this.#incoming.size >= this.#limits.maxSessions && oldest !== undefined) this.#incoming.delete(oldest);
    this.#incoming.set(client.id, ids.add(packet.messageId ?? 0));
  }

  async incomingGetPacket(client: HasId, packet: { messageId?: number }): Promise<object> {
    if (!this.hasIncoming(client.id, packet.messageId ?? 0)) throw new Error('no such packet');
    return packet;
  }

  async incomingDelPacket(client: HasId, packet: { messageId?: number }): Promise<void> {
    if (this.#incoming.get(client.id)?.delete(packet.messageId ?? 0) !== true) throw new Error('no such packet');
  }

  async cleanIncoming(client: HasId): Promise<void> {
    this.#incoming.delete(client.id);
  }

  async storeRetained(): Promise<void> {}
  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
  }

  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  streamWill(): Readable {
    return Readable.from([]);
  }

  #take(session: Session, index: number): Queued | undefined {
    const [taken] = session.queue.splice(index, 1);
    if (taken !== undefined) this.#queuedBytes -= sizeOf(taken);
    return taken;
  }

  #unsubscribe(clientId: string, topic: string): void {
    this.#sessions.get(clientId)?.subscriptions.delete(topic);
    const subscribers = this.#subscribers.get(topic);
    subscribers?.delete(clientId);
    if (subscribers?.size === 0) this.#subscribers.delete(topic);
  }

  #drop(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    for (const topic of session.subscriptions.keys()) this.#unsubscribe(clientId, topic);
    while (session.queue.length > 0) this.#take(session, session.queue.length - 1);
    this.#sessions.delete(clientId);
    this.#incoming.delete(clientId);
  }
}
