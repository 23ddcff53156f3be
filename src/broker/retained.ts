import type { Store } from '../store/store.ts';
import type { Journal } from './journal.ts';
import { sizeOf } from './session.ts';
import { type RetainedMessage, readRetained, writeRetained } from './session-rows.ts';
import { matches } from './topics.ts';

/** The last retained message of each topic (MQTT 3.1.1, 3.3.1.3), on disk, bounded in number and bytes. */
export interface Retained {
  /** An empty payload takes the topic's message away. @returns false when there is no room: it is not kept */
  put(message: RetainedMessage): boolean;
  /** Those whose topic a filter matches. */
  matching(filter: string): RetainedMessage[];
  /** Forgets what is of factories that have gone. */
  drop(isGone: (factoryId: number) => boolean): void;
  readonly count: number;
  readonly bytes: number;
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
  let bytes = 0;

  for (const message of store.systemRead('keep MQTT sessions', readRetained)) {
    messages.set(message.topic, message);
    bytes += sizeOf(message);
  }

  const set = (topic: string, message: RetainedMessage | null) => {
    const known = messages.get(topic);
    if (known !== undefined) bytes -= sizeOf(known);
    if (message === null) messages.delete(topic);
    else {
      messages.set(topic, message);
      bytes += sizeOf(message);
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
      const isRoom = messages.size < maxMessages + (known === undefined ? 0 : 1);
      if (!isRoom || bytes - (known === undefined ? 0 : sizeOf(known)) + sizeOf(message) > maxBytes) return false;
      set(topic, message);
      return true;
    },
    matching: (filter) => {
      if (!/[+#]/.test(filter)) {
        const message = messages.get(filter);
        return message === undefined ? [] : [message];
      }
      return [...messages.values()].filter(({ topic }) => matches(filter, topic));
    },
    drop: (isGone) => {
      for (const { topic, factoryId } of [...messages.values()]) {
        if (factoryId !== null && isGone(factoryId)) set(topic, null);
      }
    },
    get count() {
      return messages.size;
    },
    get bytes() {
      return bytes;
    },
  };
}
