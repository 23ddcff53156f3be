import { parser as createParser, type Packet } from 'mqtt-packet';
import { createDelivery, type Delivery } from '../../src/broker/delivery.ts';
import type { GuardedStream } from '../../src/broker/guarded-stream.ts';
import { createJournal, type Journal } from '../../src/broker/journal.ts';
import { createPeer } from '../../src/broker/peer.ts';
import type { Message, QoS, Session } from '../../src/broker/session.ts';
import { openSessions, type Sessions } from '../../src/broker/sessions.ts';
import { fakeClock } from './accounts.ts';
import { controlStore } from './control-store.ts';

/** A connection as sessions see it, that keeps what it is sent. */
export function fakeConnection(): { readonly stream: GuardedStream; readonly packets: Packet[]; unsentBytes: number } {
  const packets: Packet[] = [];
  const parser = createParser();
  parser.on('packet', (packet) => packets.push(packet));
  const connection = { packets, unsentBytes: 0, stream: undefined as unknown as GuardedStream };
  const drains: (() => void)[] = [];
  connection.stream = {
    peer: createPeer('127.0.0.1', 'tcp'),
    get unsentBytes() {
      return connection.unsentBytes;
    },
    write: (bytes: Buffer) => void parser.parse(bytes),
    once: (_event: 'drain', listener: () => void) => void drains.push(listener),
    emit: () => {
      for (const listener of drains.splice(0)) listener();
    },
    destroyed: false,
    destroy: () => Object.assign(connection.stream, { destroyed: true }),
  } as unknown as GuardedStream;
  return connection;
}

export const message = (topic: string, text = 'x', qos: QoS = 1, expiresAt: number | null = null): Message => ({
  topic,
  payload: Buffer.from(text),
  qos,
  retain: false,
  expiresAt,
});

/** Sessions and their delivery on a control database of their own. */
export function sessionWorld(limits: { maxSessions?: number; maxMessages?: number; maxBytes?: number } = {}) {
  const control = controlStore();
  const clock = fakeClock();
  const dropped: string[] = [];
  const slow: string[] = [];
  const open = (): { journal: Journal; delivery: Delivery; sessions: Sessions } => {
    const journal = createJournal(control.store, (error) => dropped.push(String(error)));
    const delivery = createDelivery({
      journal,
      now: clock.now,
      maxQueuedMessages: limits.maxMessages ?? 100,
      maxQueuedBytes: limits.maxBytes ?? 100_000,
      mayReceive: (_peer, topic) => !topic.startsWith('forbidden'),
      onSlow: ({ clientId }) => slow.push(clientId),
      onDropped: (why) => dropped.push(why),
      onAcknowledged: () => {},
    });
    const sessions = openSessions(
      { store: control.store, journal, now: clock.now, maxSessions: limits.maxSessions ?? 3, expiryMs: 1_000 },
      delivery.forget,
    );
    delivery.count(sessions.all);
    return { journal, delivery, sessions };
  };
  return { control, clock, dropped, slow, open, [Symbol.dispose]: () => control[Symbol.dispose]() };
}

/** A durable session of nobody in particular; fails when there is no room. */
export function openDurable(sessions: Sessions, clientId: string): Session {
  const opened = sessions.open({
    clientId,
    owner: { factoryId: null, credentialId: '' },
    isDurable: true,
    maySubscribe: (filter) => !filter.startsWith('forbidden'),
  });
  if (opened === undefined) throw new Error('no room');
  return opened.session;
}
