import type { Store } from '../store/store.ts';
import type { Journal } from './journal.ts';
import { sizeOf } from './session.ts';
import { type RetainedMessage, readRetained, writeRetained } from './session-rows.ts';
import { matches } from './topics.ts';

/**
 * The last retained message of each topic (MQTT 3.1.1, 3.3.1.3), on disk; bounded in number and bytes for each factory, and
 * for what all share.
 */
export interface Retained {
  /** An empty payload takes the topic's message away. @returns false when there is no room: it is not kept */
  put(message: RetainedMessage): boolean;
  /** Those whose topic a filter matches, as they are when each is asked for, and undefined for one that is passed over. */
  matching(filter: string): Iterable<RetainedMessage | undefined>;
  /** Forgets what is of factories that have gone. */
  drop(isGone: (factoryId: number) => boolean): void;
}

export interface RetainedOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly maxMessages: number;
  readonly maxBytes: number;
}

export function openRetained({ store, journal, maxMessages, maxBytes }: RetainedOptions): Retained {
  const messages = new Map<string, RetainedMessage>();
  /** What the journal knows a topic by. */
  const slots = new Map<string, object>();
  const used = new Map<number | null, { count: number; bytes: number }>();

  const usedBy = (factoryId: number | null) => used.get(factoryId) ?? { count: 0, bytes: 0 };
  const count = (message: RetainedMessage, sign: 1 | -1) => {
    const before = usedBy(message.factoryId);
    used.set(message.factoryId, { count: before.count + sign, bytes: before.bytes + sign * sizeOf(message) });
  };
  const forget = (known: RetainedMessage | undefined) => {
    if (known === undefined) return;
    messages.delete(known.topic);
    count(known, -1);
  };

  for (const message of store.systemRead('keep MQTT sessions', readRetained)) {
    messages.set(message.topic, message);
    count(message, 1);
  }

  const set = (topic: string, message: RetainedMessage | null) => {
    forget(messages.get(topic));
    if (message !== null) {
      messages.set(topic, message);
      count(message, 1);
    }
    const slot = slots.get(topic) ?? { topic };
    slots.set(topic, slot);
    journal.note(slot, (sql) => {
      slots.delete(topic);
      writeRetained(topic, messages.get(topic) ?? null)(sql);
    });
  };

  return {
    put: (message) => {
      const { topic, payload } = message;
      const known = messages.get(topic);
      if (payload.length === 0) {
        if (known !== undefined) set(topic, null);
        return true;
      }
      const room = usedBy(message.factoryId);
      const [own, ownBytes] = known?.factoryId === message.factoryId ? [1, sizeOf(known)] : [0, 0];
      if (room.count - own >= maxMessages || room.bytes - ownBytes + sizeOf(message) > maxBytes) return false;
      set(topic, message);
      return true;
    },
    *matching(filter) {
      const topics = /[+#]/.test(filter) ? [...messages.keys()] : [filter];
      for (const topic of topics) yield matches(filter, topic) ? messages.get(topic) : undefined;
    },
    drop: (isGone) => {
      for (const { topic, factoryId } of [...messages.values()]) {
        if (factoryId !== null && isGone(factoryId)) set(topic, null);
      }
    },
  };
}
