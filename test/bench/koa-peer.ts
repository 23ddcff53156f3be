import { fork } from 'node:child_process';
import { once } from 'node:events';

const PROCESS = new URL('./koa-peer-process.ts', import.meta.url);

/** A server that does nothing but answer. */
export interface KoaPeer extends Disposable {
  readonly http: string;
}

/** @param sizes - bytes of the answers, by the name of their path */
export async function startKoaPeer(sizes: Readonly<Record<string, number>>): Promise<KoaPeer> {
  const child = fork(PROCESS, [JSON.stringify(sizes)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the peer ended with code ${code}`);
  });
  ended.catch(() => undefined);
  const [port] = await Promise.race([once(child, 'message'), ended]);
  return { http: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
