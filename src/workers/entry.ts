import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { isPackaged } from '../core/assets.ts';
import { useRuntime } from '../core/runtime.ts';
import { createTaskRunner, type TaskMessage } from './task-runner.ts';
import { readThreadData } from './thread-data.ts';

// The libraries that this thread loads lie beside its own code.
if (isPackaged) useRuntime(import.meta.dirname);

const data = readThreadData(workerData);

// A failure here ends the thread, and the thread's owner hears of it.
if (data.role === 'writer') void import('./writer-side.ts').then(({ serveWriter }) => serveWriter());
if (data.role === 'rules') {
  const { options, hotDb } = data;
  void import('./rules-side.ts').then(({ serveRules }) => serveRules(options, hotDb));
}
if (data.role === 'simulator') {
  const { target } = data;
  void import('./simulator-side.ts').then(({ serveSimulator }) => serveSimulator(target));
}

if (data.role === 'query' && data.behind) giveWay();

const runner = data.role === 'query' ? createTaskRunner(data.place, data.behind) : undefined;

/** On Linux a thread has a priority of its own; elsewhere this would be that of the whole program. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
}

/** What Piscina calls in a query thread. Never rejects: errors are part of the reply, which goes its own way. */
export async function runTask(message: TaskMessage): Promise<void> {
  if (runner === undefined) throw new TypeError('this thread runs no tasks');
  await runner(message);
}
