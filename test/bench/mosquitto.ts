import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { endProgram, type Subject, startProgram } from './subject.ts';

const PLACES = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'];
const START_WITHIN_MS = 5_000;

/** The installed broker and its version, or undefined when there is none. */
export function findMosquitto(): { readonly path: string; readonly version: string } | undefined {
  const path = PLACES.find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  const { stdout } = spawnSync(path, ['-h'], { encoding: 'utf8' });
  return { path, version: /mosquitto version (\S+)/.exec(stdout)?.[1] ?? 'unknown' };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Starts it on a free port of 127.0.0.1: no persistence, no storage, no limits on queues. A peer for the protocol only. */
export async function startMosquitto(path: string): Promise<Subject> {
  const directory = mkdtempSync(join(tmpdir(), 'mosquitto-bench-'));
  const port = await freePort();
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
    'log_type error',
  ];
  const file = join(directory, 'mosquitto.conf');
  writeFileSync(file, `${settings.join('\n')}\n`);
  const child = startProgram(path, ['-c', file], directory, join(directory, 'log'));
  const until = Date.now() + START_WITHIN_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('mosquitto did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    name: 'mosquitto',
    pid: child.pid ?? 0,
    mqttPort: port,
    stored: async () => null,
    [Symbol.asyncDispose]: async () => {
      await endProgram(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
