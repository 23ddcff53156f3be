import { systemCode } from '../core/errors.ts';
import type { Sql, Store } from '../store/store.ts';

/** A commit is one fsync of the main thread: so far apart they are at least (ms). */
const GAP_MS = 25;
/** After one that failed (ms). */
const RETRY_MS = 1_000;

type Write = (sql: Sql) => void;

/**
 * What of sessions and retained messages has changed and is not on disk yet. Changes are gathered, and one transaction
 * pays for all of them; of a thing that changed twice, the last state is written once, and what came and went in between
 * is never written.
 */
export interface Journal {
  /** `write` brings the thing's rows to the state that it has when it is called. */
  note(thing: object, write: Write): void;
  /** Settles when all that was noted so far is on disk. @throws as SQLite does, when it could not be written */
  written(): Promise<void>;
  /** Writes what is left; nothing is noted any more. */
  close(): void;
}

/** @param onFault - hears of a commit that failed, and is tried again, and of a change that the database refuses */
export function createJournal(store: Store, onFault: (error: unknown) => void): Journal {
  let changes = new Map<object, Write>();
  let waiting: PromiseWithResolvers<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastAt = -GAP_MS;
  let isClosed = false;

  const commit = (writes: readonly Write[]) =>
    store.system('keep MQTT sessions', (sql) => {
      for (const write of writes) write(sql);
    });

  /** One change that the database refuses must not keep the others from it for ever. */
  const commitApart = (writes: readonly Write[]) => {
    for (const write of writes) {
      try {
        commit([write]);
      } catch (error) {
        onFault(error);
      }
    }
  };

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (changes.size === 0) return;
    const [taken, settled] = [changes, waiting];
    changes = new Map();
    waiting = undefined;
    try {
      commit([...taken.values()]);
      settled?.resolve();
    } catch (error) {
      if (systemCode(error)?.startsWith('SQLITE_CONSTRAINT') === true) {
        commitApart([...taken.values()]);
        settled?.resolve();
      } else {
        changes = taken;
        timer = setTimeout(flush, RETRY_MS);
        onFault(error);
        settled?.reject(error);
      }
    }
    lastAt = performance.now();
  };

  return {
    note: (thing, write) => {
      if (isClosed) return;
      changes.set(thing, write);
      timer ??= setTimeout(flush, Math.max(0, lastAt + GAP_MS - performance.now()));
    },
    written: () => {
      if (changes.size === 0) return Promise.resolve();
      if (waiting === undefined) {
        waiting = Promise.withResolvers();
        waiting.promise.catch(() => {});
      }
      return waiting.promise;
    },
    close: () => {
      isClosed = true;
      flush();
      clearTimeout(timer);
    },
  };
}
