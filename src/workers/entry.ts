import { enableCompileCache } from 'node:module';
import { assetPath } from '../core/assets.ts';
enableCompileCache(assetPath('node_modules', '.cache', 'factoryops'));
import { workerData } from 'node:worker_threads';
import type { TaskMessage, TaskReply } from './task-runner.ts';
const { createTaskRunner } = await import('./task-runner.ts');
const { readThreadData } = await import('./thread-data.ts');

const data = readThreadData(workerData);

// A failure here ends the thread, and the thread's owner hears of it.
if (data.role === 'writer') void import('./writer-side.ts').then(({ serveWriter }) => serveWriter());

const runner = data.role === 'query' ? createTaskRunner(data.hotDb) : undefined;

/** What Piscina calls in a query thread. Never rejects: errors are part of the reply. */
export async function runTask(message: TaskMessage): Promise<TaskReply> {
  if (runner === undefined) throw new TypeError('this thread runs no tasks');
  return runner(message);
}
