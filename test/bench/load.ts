import { fork } from 'node:child_process';
import type { LoadCommand, LoadOptions, LoadReport, LoadResult } from './load-protocol.ts';

const PROCESS = new URL('./load-process.ts', import.meta.url);
const STOP_WITHIN_MS = 60_000;

/** A running load process, connected and waiting. */
export interface Load extends Disposable {
  start(): void;
  /** Measures from here on. */
  mark(): void;
  /** Stops, waits (`drain`) until the broker has answered everything or leaves at once, and says what was measured. */
  stop(how: 'drain' | 'leave'): Promise<LoadResult>;
}

/**
 * Starts the load process and waits until all its connections stand.
 *
 * @throws {Error} here or from `stop` when the process ends early (its own message is on stderr)
 */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const child = fork(PROCESS, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const connected = Promise.withResolvers<void>();
  const result = Promise.withResolvers<LoadResult>();
  result.promise.catch(() => undefined);
  child.on('message', (report: LoadReport) => {
    if (report.kind === 'connected') connected.resolve();
    else result.resolve(report.result);
  });
  child.on('exit', (code) => {
    const error = new Error(`the load process ended with code ${code}`);
    connected.reject(error);
    result.reject(error);
  });
  const tell = (command: LoadCommand) => child.send(command);
  await connected.promise;
  return {
    start: () => tell('start'),
    mark: () => tell('mark'),
    stop: (how) => {
      tell(how);
      const timer = setTimeout(() => {
        result.reject(new Error(`the broker did not answer everything within ${STOP_WITHIN_MS / 1_000} s`));
        child.kill('SIGKILL');
      }, STOP_WITHIN_MS);
      return result.promise.finally(() => clearTimeout(timer));
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
