import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ready } from '../../src/appliance.ts';

const ROOT = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** What `npm run build` made for this machine. */
export const EXECUTABLE = join(ROOT, 'dist', `factoryops-${version}-linux-x64`);

/** Whoever has no rights on a Linux machine. */
export const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A directory that holds the executable and nothing else; data goes to `data` in it. Removed at the end of its scope. */
export interface Stick extends Disposable {
  readonly directory: string;
  readonly program: string;
  readonly dataDir: string;
}

/** Copies the executable alone into an empty directory. @throws {Error} when it was not built */
export function copyExecutable(): Stick {
  if (!existsSync(EXECUTABLE)) throw new Error('there is no executable: run "npm run build" first');
  const directory = mkdtempSync(join(tmpdir(), 'factoryops-e2e-'));
  const program = join(directory, 'factoryops');
  copyFileSync(EXECUTABLE, program);
  chmodSync(directory, 0o755);
  return {
    directory,
    program,
    dataDir: join(directory, 'data'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** An empty environment: no HOME, no PATH, no NODE_OPTIONS. */
const BARE: SpawnOptions = { env: {}, stdio: 'pipe' };

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, in an empty environment. */
export async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  const child = spawn(program, args, { ...BARE, ...options });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly ready: Ready;
  /** Everything on stderr so far. */
  readonly log: () => string;
  /** Sends a signal, and resolves with how the process ended and after what time (ms). */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;
}

/** Starts `serve` or `demo` on free ports and waits for the ready line. @throws {Error} when it ends before */
export async function start(
  program: string,
  args: readonly string[],
  options: SpawnOptions & { readonly through?: readonly string[] } = {},
): Promise<Running> {
  const { through = [], ...spawnOptions } = options;
  const [command = program, ...rest] = [...through, program, ...args, '--http-port', '0', '--mqtt-port', '0'];
  const child = spawn(command, rest, { ...BARE, ...spawnOptions });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  if (child.stdout === null) throw new Error('no stdout');
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([code]) => {
      throw new Error(`ended with ${code} before it was ready: ${stderr}`);
    }),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    const sentAt = performance.now();
    child.kill(signal);
    const [code, endedBy] = await exited;
    return { code, signal: endedBy, afterMs: performance.now() - sentAt };
  };
  return {
    child,
    ready: JSON.parse(String(line[0])) as Ready,
    log: () => stderr,
    end,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
}

/** `uid` and `gid` of nobody, for whoever may become that; else who we are. */
export const asNobody: SpawnOptions = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
export { isRoot };
