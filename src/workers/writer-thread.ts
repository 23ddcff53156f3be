import { Worker } from 'node:worker_threads';
import { AppError } from '../core/errors.ts';
import type { HotWriterOptions, SampleBatch, SampleWriter } from '../historian/historian.ts';
import { threadEntry } from './entry-location.ts';
import type { ThreadData } from './thread-data.ts';
import { fromWriterError, type WriterCallName, type WriterCalls, type WriterReply } from './writer-messages.ts';

export interface WriterThreadOptions {
  readonly hot: HotWriterOptions;
  /** The thread ended without being asked to; every pending and later call is rejected. */
  readonly onExit: (error: AppError) => void;
  /** A checkpoint failed. Nothing is lost, and it is tried again; but the disk should be looked at. */
  readonly onCheckpointFailure: (error: AppError) => void;
  /** Other code for the thread; tests replace it. */
  readonly entry?: URL;
}

/** Heap of the thread (MB): the newest sample of some hundred thousand series and the batch at hand. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

const ended = (reason: string) =>
  new AppError('unavailable', `the historian's writer thread ${reason}: restart the appliance`);

/** The buffers of a batch, each once: a batch may keep its columns in one. */
const buffersOf = ({ seriesIds, timestamps, values }: SampleBatch): ArrayBuffer[] => [
  ...new Set([seriesIds.buffer, timestamps.buffer, values.buffer]),
];

/**
 * The one writer of `hot.db`, in a thread of its own that `open` starts. A batch's typed arrays are transferred:
 * they are empty for the caller once `commit` was called, whatever comes of it.
 *
 * Calls reject with {AppError}: `unavailable` when SQLite could not (its code is in `cause`) or the thread is gone,
 * `busy` for a batch while another is on its way, and what opening throws (`database_newer`, …).
 */
export function startWriterThread(options: WriterThreadOptions): SampleWriter {
  const pending = new Map<number, PromiseWithResolvers<WriterCalls[WriterCallName]['output']>>();
  let worker: Worker | undefined;
  let exited: Promise<void> = Promise.resolve();
  let gone: AppError | undefined = new AppError('unavailable', 'the historian is not open');
  let nextId = 1;
  let committing = false;
  let closing = false;

  const receive = (reply: WriterReply) => {
    if (reply.kind === 'checkpoint failed') {
      options.onCheckpointFailure(fromWriterError(reply.error));
      return;
    }
    const call = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.kind === 'done') call?.resolve(reply.output);
    else call?.reject(fromWriterError(reply.error));
  };

  const die = (error: AppError) => {
    if (gone !== undefined) return;
    gone = error;
    for (const call of pending.values()) call.reject(error);
    pending.clear();
    if (!closing) options.onExit(error);
  };

  const call = async <Name extends WriterCallName>(
    name: Name,
    input: WriterCalls[Name]['input'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<WriterCalls[Name]['output']> => {
    if (gone !== undefined || worker === undefined) throw gone;
    const id = nextId++;
    const answered = Promise.withResolvers<WriterCalls[WriterCallName]['output']>();
    pending.set(id, answered);
    worker.postMessage({ id, name, input }, transfer);
    return (await answered.promise) as WriterCalls[Name]['output'];
  };

  const start = () => {
    const workerData: ThreadData = { role: 'writer' };
    const thread = new Worker(options.entry ?? threadEntry(), {
      workerData,
      resourceLimits: RESOURCE_LIMITS,
      name: 'historian writer',
    });
    gone = undefined;
    worker = thread;
    thread.on('message', receive);
    thread.on('error', (error) => die(ended(`failed (${error instanceof Error ? error.message : String(error)})`)));
    exited = new Promise((resolve) => {
      thread.once('exit', (code) => {
        die(ended(`ended with code ${code}`));
        resolve();
      });
    });
  };

  return {
    open: async () => {
      if (worker !== undefined) throw new AppError('internal', 'the writer thread was opened before');
      start();
      return call('open', options.hot);
    },
    commit: async (batch) => {
      if (committing) throw new AppError('busy', 'a batch is being committed: wait for its answer');
      committing = true;
      try {
        return await call('commit', batch, buffersOf(batch));
      } finally {
        committing = false;
      }
    },
    erase: (step) => call('erase', step),
    closeBuckets: (closings) => call('closeBuckets', closings),
    dropBuckets: async (tables) => {
      await call('dropBuckets', tables);
    },
    probe: async () => {
      await call('probe', null);
    },
    close: async () => {
      if (gone !== undefined || closing) return exited;
      closing = true;
      try {
        await call('close', null);
      } catch (error) {
        // Only the checkpoint can fail here. The samples are on disk; the next start reads them back.
        if (error instanceof AppError) options.onCheckpointFailure(error);
      }
      await exited;
    },
  };
}
