import { Worker } from 'node:worker_threads';
import type { EngineThread, EngineThreadOptions } from '../rules/rules.ts';
import { threadEntry } from './entry-location.ts';
import type { RulesReply, RulesRequest } from './rules-messages.ts';
import type { ThreadData } from './thread-data.ts';

/** Heap of the thread (MB): a hundred thousand instances, and the last minutes of all samples that they read. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 32 };
/** What it has been told last is done within this, or it is ended (ms). */
const END_MS = 2_000;

/** Starts an engine in a thread of its own, which reads `hot.db` when it has to catch up. */
export const startRulesThread =
  (hotDb: string, entry: URL = threadEntry()) =>
  ({ engine, onAnswer, onExit }: EngineThreadOptions): EngineThread => {
    const workerData: ThreadData = { role: 'rules', options: engine, hotDb };
    const worker = new Worker(entry, { workerData, resourceLimits: RESOURCE_LIMITS, name: 'rules' });
    let isEnding = false;
    let isGone = false;
    const gone = (reason: string) => {
      if (isGone) return;
      isGone = true;
      if (!isEnding) onExit(new Error(`the thread of the rules ${reason}`));
    };
    worker.on('message', (reply: RulesReply) => onAnswer(reply));
    worker.on('error', (error) => gone(`failed (${error instanceof Error ? error.message : String(error)})`));
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', (code) => {
        gone(`ended with code ${code}`);
        resolve();
      });
    });
    const post = (request: RulesRequest, handed: readonly ArrayBuffer[] = []) => worker.postMessage(request, handed);
    return {
      post,
      end: async () => {
        isEnding = true;
        if (!isGone) post({ kind: 'end' });
        const timer = setTimeout(() => void worker.terminate(), END_MS);
        await exited;
        clearTimeout(timer);
      },
    };
  };
