import { type MessagePort, parentPort } from 'node:worker_threads';
import { AppError } from '../core/errors.ts';
import { HotWriter } from '../historian/historian.ts';
import {
  toWriterError,
  type WriterCallName,
  type WriterCalls,
  type WriterReply,
  type WriterRequest,
} from './writer-messages.ts';

/** How often `latest` is brought up while samples come (ms): so long the next start reads back at most. */
const CHECKPOINT_INTERVAL_MS = 5_000;

/** The writer thread: one `HotWriter`, its calls one after the other, and its checkpoint timer. */
export function serveWriter(port: MessagePort | null = parentPort): void {
  if (port === null) throw new TypeError('the writer runs in a thread of its own');
  const reply = (message: WriterReply) => port.postMessage(message);
  let writer: HotWriter | undefined;

  const opened = (): HotWriter => {
    if (writer === undefined) throw new AppError('unavailable', 'the historian is not open');
    return writer;
  };

  // The samples are safe without it: a checkpoint that fails is reported and tried again.
  const timer = setInterval(() => {
    try {
      writer?.checkpoint();
    } catch (error) {
      reply({ kind: 'checkpoint failed', error: toWriterError(error) });
    }
  }, CHECKPOINT_INTERVAL_MS);

  const answer = (request: WriterRequest): WriterCalls[WriterCallName]['output'] => {
    switch (request.name) {
      case 'open':
        writer = new HotWriter(request.input);
        return writer.load();
      case 'commit':
        return opened().commit(request.input);
      case 'erase':
        return opened().erase(request.input);
      case 'closeBuckets':
        return opened().closeBuckets(request.input);
      case 'dropBuckets':
        opened().dropBuckets(request.input);
        return null;
      case 'probe':
        opened().probe();
        return null;
      case 'close':
        writer?.close();
        return null;
    }
  };

  port.on('message', (request: WriterRequest) => {
    try {
      reply({ kind: 'done', id: request.id, output: answer(request) });
    } catch (error) {
      reply({ kind: 'failed', id: request.id, error: toWriterError(error) });
    }
    if (request.name !== 'close') return;
    clearInterval(timer);
    port.close();
  });
}
