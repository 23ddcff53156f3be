import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProgram, startProgram } from '../subject.ts';
import type { DataSet } from './data-set.ts';
import { toBodies } from './encode.ts';

const PLACES = ['/usr/bin', '/usr/sbin', '/usr/local/bin'];
const START_WITHIN_MS = 15_000;
const BODIES_IN_FLIGHT = 4;

/** Of telemetry that comes in while questions are asked: 20 requests a second at 2,000 lines a second. */
export const LINES_PER_LIVE_REQUEST = 100;

/** An installed program and its version, or undefined when there is none. */
export function findProgram(name: string, versionArgs: readonly string[]) {
  const path = PLACES.map((place) => join(place, name)).find(existsSync);
  if (path === undefined) return undefined;
  const { stdout, stderr } = spawnSync(path, versionArgs, { encoding: 'utf8' });
  return { path, version: /v?(\d+\.\d+\.\d+\S*)/.exec(stdout + stderr)?.[1] ?? 'unknown' };
}

/** A running peer and its directory, both of which end with it. */
export interface Peer extends AsyncDisposable {
  readonly pid: number;
  readonly directory: string;
}

/**
 * Starts a peer in a temporary directory and waits until `probe` answers.
 *
 * @throws {Error} with the end of its log when it does not
 */
export async function startPeer(path: string, args: (directory: string) => string[], probe: string): Promise<Peer> {
  await using stack = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'historian-bench-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const log = join(directory, 'log');
  const child = startProgram(path, args(directory), directory, log);
  child.stdout?.resume();
  stack.defer(() => endProgram(child));
  const until = Date.now() + START_WITHIN_MS;
  while (
    !(await fetch(probe).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > until) {
      throw new Error(`${path} did not start: ${readFileSync(log, 'utf8').slice(-2_000)}`);
    }
    await delay(50);
  }
  const running = stack.move();
  return { pid: child.pid ?? 0, directory, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** The body of an answer. @throws {Error} when it is not a success */
export async function bodyOf(url: string, init?: RequestInit): Promise<string> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text;
}

/** Posts a whole set in line protocol, four bodies at a time. */
export async function postAll(url: string, set: DataSet): Promise<void> {
  const bodies = toBodies(set);
  const post = async () => {
    for (const body of bodies) await bodyOf(url, { method: 'POST', body });
  };
  await Promise.all(Array.from({ length: BODIES_IN_FLIGHT }, post));
}
