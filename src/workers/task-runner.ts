import { type ErrorMessage, toErrorMessage } from '../core/errors.ts';
import type { HistoryPlace } from '../historian/historian.ts';
import { createTaskHandlers, type TaskContext, type TaskName, type TaskTable } from './tasks.ts';

/** A task on its way to a thread. */
export interface TaskMessage {
  readonly name: TaskName;
  readonly input: TaskTable[TaskName]['input'];
  /** One shared Int32; not 0 means that nobody waits any more. */
  readonly cancel: Int32Array<SharedArrayBuffer>;
}

/** Its answer. Piscina would clone a thrown error without its code, so errors come back as values. */
export type TaskReply =
  | { readonly ok: true; readonly output: TaskTable[TaskName]['output'] }
  | { readonly ok: false; readonly error: ErrorMessage };

/** Runs tasks inside a query thread. */
export function createTaskRunner(place: HistoryPlace): (message: TaskMessage) => Promise<TaskReply> {
  const handlers = createTaskHandlers(place);
  return async ({ name, input, cancel }) => {
    // The table says which input belongs to the name; the compiler cannot follow it through a message.
    const handle = handlers[name] as (input: unknown, context: TaskContext) => Promise<TaskTable[TaskName]['output']>;
    try {
      const output = await handle(input, { isCancelled: () => Atomics.load(cancel, 0) !== 0 });
      return { ok: true, output };
    } catch (error) {
      return { ok: false, error: toErrorMessage(error) };
    }
  };
}
