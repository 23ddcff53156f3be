import { systemCode } from '../core/errors.ts';
import type { Sql, Store } from '../store/store.ts';

/** A commit is one fsync of the main thread: so far apart they are at least (ms). */
const GAP_MS = 25;
/** Things in a transaction, so that it is short: what is more goes in the next turns of the event loop. */
const PORTION = 500;
/** After one that failed (ms). */
const RETRY_MS = 1_000;

type Write = (sql: Sql) => void;

/** What goes in one transaction. */
interface Portion {
  readonly writes: Map<object, Write>;
  settled?: PromiseWithResolvers<void> | undefined;
}

/**
 * What of sessions and retained messages has changed and is not on disk yet. Changes are gathered, and one transaction
 * pays for hundreds of them; of a thing that changed twice, the last state is written once, and what came and went in between
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
  /** In the order in which they go: a session goes before its messages. */
  const portions: Portion[] = [];
  const portionOf = new Map<object, Portion>();
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

  /** Fails all that wait: nobody knows when the disk takes something again. */
  const failed = (error: unknown) => {
    timer = setTimeout(flush, RETRY_MS);
    onFault(error);
    for (const portion of portions) {
      portion.settled?.reject(error);
      portion.settled = undefined;
    }
  };

  /** @returns false when the disk did not take it */
  const flushOne = (portion: Portion): boolean => {
    const writes = [...portion.writes.values()];
    try {
      commit(writes);
    } catch (error) {
      if (systemCode(error)?.startsWith('SQLITE_CONSTRAINT') !== true) {
        failed(error);
        return false;
      }
      commitApart(writes);
    }
    portions.shift();
    for (const thing of portion.writes.keys()) portionOf.delete(thing);
    portion.settled?.resolve();
    return true;
  };

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const [portion] = portions;
    if (portion === undefined) return;
    const isTaken = flushOne(portion);
    lastAt = performance.now();
    if (isTaken && portions.length > 0) timer = setTimeout(flush, 0);
  };

  return {
    note: (thing, write) => {
      if (isClosed) return;
      let portion = portionOf.get(thing) ?? portions.at(-1);
      if (portion === undefined || (portion.writes.size >= PORTION && !portion.writes.has(thing))) {
        portion = { writes: new Map() };
        portions.push(portion);
      }
      portion.writes.set(thing, write);
      portionOf.set(thing, portion);
      timer ??= setTimeout(flush, Math.max(0, lastAt + GAP_MS - performance.now()));
    },
    written: () => {
      const last = portions.at(-1);
      if (last === undefined) return Promise.resolve();
      if (last.settled === undefined) {
        last.settled = Promise.withResolvers();
        last.settled.promise.catch(() => {});
      }
      return last.settled.promise;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      while (portions[0] !== undefined && flushOne(portions[0]));
      clearTimeout(timer);
    },
  };
}
