import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Config } from '../config/config.ts';
import { AppError, fromErrorMessage } from '../core/errors.ts';
import { type HistoryPlace, shareAllocator } from '../historian/historian.ts';
import { threadEntry } from './entry-location.ts';
import type { TaskProgress } from './task-progress.ts';
import type { TaskMessage, TaskReply } from './task-runner.ts';
import type { TaskName, TaskTable } from './tasks.ts';
import type { ThreadData } from './thread-data.ts';

export interface QueryPoolOptions {
  /** Where the past is that the tasks ask for. */
  readonly place: HistoryPlace;
  readonly limits: Pick<Config['historian'], 'query_threads' | 'query_queue' | 'query_timeout_s'>;
  /** For work in the background: the system gives its threads what others leave. */
  readonly behind?: boolean;
  /** A task that was cancelled and has not noticed after this time (ms) loses its thread. */
  readonly cancelGraceMs?: number;
}

/** Threads that read. They start when there is something to do and end when there has been nothing for a minute. */
export interface QueryPool {
  /** Tasks in a thread, and tasks waiting for one. */
  readonly running: number;
  readonly waiting: number;
  /**
   * Runs a task. The time limit counts from the call.
   *
   * @throws {AppError} what the task throws; `busy` at the queue's bound and when no thread became free in time;
   *   `unavailable` when it took too long, was aborted, or its thread died
   */
  run<Name extends TaskName>(
    name: Name,
    input: TaskTable[Name]['input'],
    signal?: AbortSignal,
    progress?: TaskProgress,
  ): Promise<TaskTable[Name]['output']>;
  /**
   * Ends the threads; what runs or waits is rejected. A task gets time to notice: to end a thread within a call of
   * DuckDB aborts the whole process (1.5.5).
   */
  close(): Promise<void>;
}

const IDLE_TIMEOUT_MS = 60_000;

/** Far more than a call of DuckDB needs to be interrupted, and less than the appliance has to stop. */
const CANCEL_GRACE_MS = 5_000;

/** Young objects of a third of it at most: left to itself each thread may take 64 MB of them, three times. */
const YOUNG_MB = { interactive: 48, behind: 16 };

interface Job {
  readonly message: Omit<TaskMessage, 'reply'>;
  /** Rejects the caller's promise, and tells the task to stop. */
  readonly cancel: (error: AppError) => void;
  readonly settle: (reply: TaskReply) => void;
  readonly terminate: AbortController;
  state: 'waiting' | 'running' | 'over';
}

/**
 * The pool's queue is ours, and Piscina only ever gets as many tasks as it has threads: its own queue does not count
 * tasks that carry an AbortSignal against its bound, and with no minimum of threads it forgets the queue when an
 * abort ends the last one (5.3.2).
 */
export function createQueryPool(options: QueryPoolOptions): QueryPool {
  const { place, limits, behind = false, cancelGraceMs = CANCEL_GRACE_MS } = options;
  const workerData: ThreadData = { role: 'query', place, behind };
  shareAllocator();
  const piscina = new Piscina<TaskMessage, void>({
    filename: fileURLToPath(threadEntry()),
    name: 'runTask',
    workerData,
    minThreads: 0,
    maxThreads: limits.query_threads,
    idleTimeout: IDLE_TIMEOUT_MS,
    resourceLimits: {
      maxOldGenerationSizeMb: 512,
      maxYoungGenerationSizeMb: behind ? YOUNG_MB.behind : YOUNG_MB.interactive,
    },
    recordTiming: false,
  });
  const waiting: Job[] = [];
  const running = new Map<Job, Promise<void>>();
  let closed = false;

  // A thread that cannot even start: Piscina would leave its task waiting for ever.
  piscina.on('error', (error: Error) => {
    for (const job of running.keys()) {
      job.cancel(new AppError('unavailable', `a query thread failed: ${error.message}`, { cause: error }));
      job.terminate.abort();
    }
  });

  const execute = async (job: Job): Promise<void> => {
    const { port1: replies, port2: reply } = new MessageChannel();
    try {
      await piscina.run({ ...job.message, reply }, { signal: job.terminate.signal, transferList: [reply] });
      // It was sent before the task ended, so it is here.
      const received: { message: TaskReply } | undefined = receiveMessageOnPort(replies);
      if (received === undefined) throw new Error('it sent no reply');
      job.settle(received.message);
    } catch (error) {
      job.state = 'over';
      const reason = error instanceof Error ? error.message : String(error);
      job.cancel(new AppError('unavailable', `a query thread ended unexpectedly (${reason})`, { cause: error }));
    } finally {
      replies.close();
      job.state = 'over';
      running.delete(job);
      startNext();
    }
  };

  const startNext = () => {
    while (!closed && running.size < limits.query_threads) {
      const job = waiting.shift();
      if (job === undefined) return;
      job.state = 'running';
      running.set(job, Promise.resolve(job).then(execute));
    }
  };

  const stop = (job: Job) => {
    if (job.state === 'waiting') {
      waiting.splice(waiting.indexOf(job), 1);
      job.state = 'over';
    }
    if (job.state !== 'running') return;
    Atomics.store(job.message.cancel, 0, 1);
    setTimeout(() => job.state === 'running' && job.terminate.abort(), cancelGraceMs).unref();
  };

  const timedOut = (job: Job): AppError =>
    job.state === 'waiting'
      ? new AppError('busy', `no query thread became free within ${limits.query_timeout_s} s: try again later`)
      : new AppError('unavailable', `the query took longer than ${limits.query_timeout_s} s: narrow the range`);

  return {
    get running() {
      return running.size;
    },
    get waiting() {
      return waiting.length;
    },
    run: async <Name extends TaskName>(
      name: Name,
      input: TaskTable[Name]['input'],
      signal?: AbortSignal,
      progress?: TaskProgress,
    ) => {
      if (closed) throw new AppError('unavailable', 'the appliance is stopping');
      if (signal?.aborted) throw cancelled(signal);
      if (running.size >= limits.query_threads && waiting.length >= limits.query_queue) {
        throw new AppError('busy', `${waiting.length} queries are waiting for a thread: try again in a moment`);
      }
      const answered = Promise.withResolvers<TaskReply>();
      const job: Job = {
        message: { name, input, cancel: new Int32Array(new SharedArrayBuffer(4)), progress: progress?.shared },
        settle: answered.resolve,
        cancel: (error) => {
          answered.reject(error);
          stop(job);
        },
        terminate: new AbortController(),
        state: 'waiting',
      };
      const onAbort = () => signal !== undefined && job.cancel(cancelled(signal));
      const timer = setTimeout(() => job.cancel(timedOut(job)), limits.query_timeout_s * 1000);
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.push(job);
      startNext();
      try {
        const reply = await answered.promise;
        if (!reply.ok) throw fromErrorMessage(reply.error);
        return reply.output as TaskTable[Name]['output'];
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      }
    },
    close: async () => {
      closed = true;
      for (const job of [...waiting, ...running.keys()]) {
        job.cancel(new AppError('unavailable', 'the appliance is stopping'));
      }
      await Promise.all(running.values());
      await piscina.destroy();
    },
  };
}

const cancelled = (signal: AbortSignal) =>
  new AppError('unavailable', 'the query was cancelled', { cause: signal.reason });
