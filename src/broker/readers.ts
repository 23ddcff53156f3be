import type { Client } from 'aedes';
import { generate } from 'mqtt-packet';
import { MAX_UNREAD_BYTES } from './delivery.ts';
import type { GuardedStream } from './guarded-stream.ts';
import type { Peer } from './peer.ts';
import { matches } from './topics.ts';

/** Connections of one API key, so that no key can take all that there are. */
const MAX_OF_KEY = 5;

interface Reader {
  readonly client: Client;
  readonly stream: GuardedStream;
}

/** What was published, as readers are sent it. */
export interface Published {
  readonly topic: string;
  readonly payload: Buffer | string;
}

/**
 * Programs that read along, by API key. They are written to past Aedes, whose one queue for all subscribers would wait for
 * the slowest: here each has a queue of its own, which is its socket's, and whoever does not read is sent away. They are
 * sent everything with QoS 0, whatever they have asked for: what is stored can be had by the API.
 */
export interface Readers {
  /** False when the key has as many connections as it may. */
  enter(client: Client, stream: GuardedStream): boolean;
  leave(stream: GuardedStream): void;
  /** @param tooSlow - hears of a reader whose connection is ended */
  send(slug: string, published: Published, tooSlow: (peer: Peer) => void): void;
}

export function createReaders(): Readers {
  /** By the factory's slug. */
  const readers = new Map<string, Reader[]>();
  const keyOf = ({ peer }: GuardedStream) => peer.identity?.credentialId;

  return {
    enter: (client, stream) => {
      const slug = stream.peer.identity?.scope.slug ?? '';
      const here = readers.get(slug) ?? [];
      if (here.filter((other) => keyOf(other.stream) === keyOf(stream)).length >= MAX_OF_KEY) return false;
      readers.set(slug, [...here, { client, stream }]);
      return true;
    },
    leave: (stream) => {
      const slug = stream.peer.identity?.scope.slug ?? '';
      const left = (readers.get(slug) ?? []).filter((reader) => reader.stream !== stream);
      if (left.length === 0) readers.delete(slug);
      else readers.set(slug, left);
    },
    send: (slug, { topic, payload }, tooSlow) => {
      let packet: Buffer | undefined;
      for (const { client, stream } of readers.get(slug) ?? []) {
        const { subscriptions } = client as unknown as { subscriptions: object };
        if (!Object.keys(subscriptions).some((filter) => matches(filter, topic))) continue;
        if (stream.destroyed) continue;
        if (stream.unsentBytes > MAX_UNREAD_BYTES) {
          tooSlow(stream.peer);
          stream.destroy();
          continue;
        }
        packet ??= generate({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false });
        stream.write(packet);
        stream.peer.traffic.messagesOut++;
        stream.peer.traffic.bytesOut += payload.length;
      }
    },
  };
}
