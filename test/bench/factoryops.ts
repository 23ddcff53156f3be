import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProgram, type Subject, startProgram } from './subject.ts';

const MAIN = join(import.meta.dirname, '../../src/start.mjs');
/** How a program is started: a command and its first arguments. */
export type Program = readonly [command: string, ...args: string[]];

/** The sources of this checkout, on this Node. */
export const CHECKOUT: Program = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=16',
  '--heap-growing-percent=50',
  MAIN,
];

/** A seeded data directory that every run starts from a copy of. */
export interface Template extends Disposable {
  /** A fresh copy. */
  copy(): string;
  /** Removes a copy. */
  drop(copy: string): void;
}

/** Seeds the demo factory (slug `vpc`) into a temporary directory. */
export function createTemplate([command, ...args]: Program = CHECKOUT): Template {
  const root = mkdtempSync(join(tmpdir(), 'factoryops-bench-'));
  const seeded = join(root, 'seeded');
  execFileSync(command, [...args, 'seed', '--data-dir', seeded], { cwd: root, stdio: 'ignore' });
  return {
    copy: () => {
      const copy = mkdtempSync(join(root, 'run-'));
      cpSync(seeded, copy, { recursive: true });
      return copy;
    },
    drop: (copy) => rmSync(copy, { recursive: true, force: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A running appliance. */
export interface FactoryOps extends Subject {
  /** Base of the API: `http://127.0.0.1:port`. */
  readonly http: string;
  /** From spawning the process to its ready line (ms). */
  readonly readyAfterMs: number;
}

/** The sum of a counter over its labels, of those lines that `matches`. */
function counter(text: string, name: string, matches = ''): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && line.includes(matches))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/**
 * Starts the appliance on a data directory and waits until it is ready.
 *
 * @throws {Error} with the end of its log when it ends before it is ready
 */
export async function startFactoryOps(dataDir: string, program: Program = CHECKOUT): Promise<FactoryOps> {
  const log = join(dataDir, 'bench.log');
  const [command, ...first] = program;
  const args = [...first, 'serve', '--data-dir', dataDir, '--http-port', '0', '--mqtt-port', '0'];
  const spawnedAt = performance.now();
  const child = startProgram(command, args, dataDir, log);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the appliance ended with code ${code}: ${readFileSync(log, 'utf8').slice(-2_000)}`);
  });
  failed.catch(() => undefined);
  if (child.stdout === null) throw new Error('the appliance has no stdout');
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed]);
  const readyAfterMs = performance.now() - spawnedAt;
  const ready: { http: string; mqtt: string; pid: number } = JSON.parse(String(line[0]));
  return {
    name: 'factoryops',
    pid: ready.pid,
    http: ready.http,
    mqttPort: Number(new URL(ready.mqtt).port),
    readyAfterMs,
    stored: async () => {
      const text = await (await fetch(`${ready.http}/api/v1/metrics`)).text();
      return {
        messages: counter(text, 'factoryops_messages_total', 'outcome="stored"'),
        points: counter(text, 'factoryops_samples_total'),
      };
    },
    [Symbol.asyncDispose]: () => endProgram(child),
  };
}
