import { type MessagePort, parentPort } from 'node:worker_threads';
import { openCommits } from '../historian/historian.ts';
import { createEngineSide, type EngineOptions } from '../rules/rules.ts';
import type { RulesReply, RulesRequest } from './rules-messages.ts';

/**
 * The rules thread: one engine, which is told one thing after the other. What it throws ends the thread, because nobody
 * knows then what its state is: its owner starts another from snapshots.
 */
export function serveRules(options: EngineOptions, hotDb: string, port: MessagePort | null = parentPort): void {
  if (port === null) throw new TypeError('the rules run in a thread of their own');
  const obey = createEngineSide({
    options,
    openCommits: () => openCommits(hotDb),
    answer: (answer: RulesReply) => port.postMessage(answer),
  });
  port.on('message', (request: RulesRequest) => {
    if (request.kind === 'end') port.close();
    else obey(request);
  });
}
