import { setTimeout as delay } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { type ErrorMessage, toErrorMessage } from '../core/errors.ts';
import type { HistoryPlace } from '../historian/historian.ts';
import { tellProgress } from './task-progress.ts';
import { createTaskHandlers, handedOver, type TaskContext, type TaskName, type TaskTable } from './tasks.ts';

/** A task on its way to a thread. */
export interface TaskMessage {
  readonly name: TaskName;
  readonly input: TaskTable[TaskName]['input'];
  /** One shared Int32; not 0 means that nobody waits any more. */
  readonly cancel: Int32Array<SharedArrayBuffer>;
  /** See `TaskProgress.shared`; absent where nobody wants to know. */
  readonly progress?: Int32Array<SharedArrayBuffer> | undefined;
  /**
   * Where the answer goes, before the task ends. What Piscina itself brings back is copied, unless it is marked by the
   * same copy of Piscina that the thread runs, which in the executable is a file of its own.
   */
  readonly reply: MessagePort;
}

/** Its answer. Piscina would clone a thrown error without its code, so errors come back as values. */
export type TaskReply =
  | { readonly ok: true; readonly output: TaskTable[TaskName]['output'] }
  | { readonly ok: false; readonly error: ErrorMessage };

const [MAX_REST_MS, LOOK_MS] = [1_000, 50];

/** A rest as long as the work since the last one, or since the start, within a second. It ends when the task is cancelled. */
function createRest(isCancelled: () => boolean): () => Promise<void> {
  let since = performance.now();
  return async () => {
    const until = performance.now() + Math.min(MAX_REST_MS, performance.now() - since);
    for (let left = until - performance.now(); left > 0 && !isCancelled(); left = until - performance.now()) {
      await delay(Math.min(LOOK_MS, left));
    }
    since = performance.now();
  };
}

/** Runs tasks inside a query thread. @param behind - they rest when they can, because others need the machine more */
export function createTaskRunner(place: HistoryPlace, behind: boolean): (message: TaskMessage) => Promise<void> {
  const handlers = createTaskHandlers(place);
  return async ({ name, input, cancel, progress, reply }) => {
    const answer = (message: TaskReply, handed: ArrayBuffer[] = []) => reply.postMessage(message, handed);
    // The table says which input belongs to the name; the compiler cannot follow it through a message.
    const handle = handlers[name] as (input: unknown, context: TaskContext) => Promise<TaskTable[TaskName]['output']>;
    try {
      const isCancelled = () => Atomics.load(cancel, 0) !== 0;
      const output = await handle(input, {
        isCancelled,
        progress: (fraction) => progress && tellProgress(progress, fraction),
        rest: behind ? createRest(isCancelled) : async () => undefined,
      });
      answer({ ok: true, output }, handedOver(output));
    } catch (error) {
      answer({ ok: false, error: toErrorMessage(error) });
    }
  };
}
