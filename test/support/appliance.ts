import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { SEED } from '../../src/accounts/accounts.ts';
import { type Appliance, createAppliance, type Overrides, type Ready } from '../../src/appliance.ts';
import { seed } from '../../src/commands/seed.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createLog, type Log } from '../../src/core/log.ts';
import type { Json } from './json.ts';

const MAIN = join(import.meta.dirname, '../../src/start.mjs');

/** A directory that is gone when the test is over. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'factoryops-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Someone signed in. */
export interface Person {
  readonly token: string;
  /** Calls the API; the answer's JSON is in `body`. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>;
  get(path: string): Promise<Json>;
}

/** Signs in at a running appliance. */
export async function signIn(http: string, email: string = SEED.email, password: string = SEED.password) {
  const answer = await fetch(`${http}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`);
  return personWith(http, access_token);
}

/** The API as the holder of a token sees it. */
export function personWith(http: string, token: string): Person {
  const call: Person['call'] = async (method, path, body) => {
    const answer = await fetch(`${http}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
  const get = async (path: string) => {
    const { status, body } = await call('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  return { token, call, get };
}

export interface RunningAppliance extends AsyncDisposable {
  readonly appliance: Appliance;
  readonly ready: Ready;
  readonly config: Config;
  /** A real MQTT client, anonymous unless told otherwise; ended with the test. */
  connect(options?: IClientOptions): Promise<MqttClient>;
  signIn(): Promise<Person>;
}

export interface ApplianceOptions {
  readonly dataDir?: string;
  readonly clock?: Clock;
  /** Beside `clock`, which otherwise never jumps. */
  readonly monotonic?: () => number;
  readonly flags?: Record<string, unknown>;
  readonly seeded?: boolean;
  /** Instead of none. */
  readonly log?: Log;
  /** How often it looks whether a certificate is due (ms). */
  readonly certificateCheckMs?: number;
  readonly rules?: Overrides['rules'];
}

/** The real appliance, seeded, on free ports and a directory of its own, in this process. */
export async function startAppliance(options: ApplianceOptions = {}): Promise<RunningAppliance> {
  const stack = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? stack.use(temporaryDirectory()).path;
  const flags = { data_dir: dataDir, 'http.port': 0, 'mqtt.port': 0, ...options.flags };
  const config = loadConfig({ file: join(import.meta.dirname, '../fixtures/empty.json'), flags });
  const log = options.log ?? createLog(process.env.TEST_LOG ?? 'fatal');
  if (options.seeded !== false) await seed(config, log);
  const { clock, monotonic, certificateCheckMs, rules } = options;
  const clocks = {
    ...(clock && { clock }),
    ...(monotonic && { monotonic }),
    ...(certificateCheckMs && { certificateCheckMs }),
    ...(rules && { rules }),
  };
  const appliance = createAppliance(config, { log, checkReplies: true, ...clocks });
  const ready = await appliance.start();
  stack.defer(() => appliance.stop());
  return {
    appliance,
    ready,
    config,
    connect: async (clientOptions = {}) => {
      const client = await connectAsync(ready.mqtt, { reconnectPeriod: 0, ...clientOptions });
      client.on('error', () => {});
      stack.defer(() => void client.end(true));
      return client;
    },
    signIn: () => signIn(ready.http),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A command of the program in a process of its own. */
export function runCommand(
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input);
  return once(child, 'exit').then(([code]) => ({ code, stdout, stderr }));
}

/** `serve` in a process of its own, to be killed. */
export async function spawnAppliance(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; ready: Ready; exited: Promise<unknown> }> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--http-port', '0', '--mqtt-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FACTORYOPS_LOG__LEVEL: 'fatal', ...env },
  });
  const exited = once(child, 'exit');
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => {
      throw new Error(`the appliance ended before it was ready: ${stderr}`);
    }),
  ])) as [string];
  return { child, ready: JSON.parse(line) as Ready, exited };
}

/** Asks until the answer is there; for what happens soon but not at once. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined, withinMs = 5_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
