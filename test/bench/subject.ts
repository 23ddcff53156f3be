import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';

const STOP_WITHIN_MS = 20_000;

/** What is measured: a broker in a process of its own. */
export interface Subject extends AsyncDisposable {
  readonly name: 'factoryops' | 'mosquitto';
  readonly pid: number;
  readonly mqttPort: number;
  /** What the broker says that it has stored since its start, or null when it stores nothing. */
  stored(): Promise<{ readonly messages: number; readonly points: number } | null>;
}

/** Starts a program, its stderr going to a file. The caller's FACTORYOPS_ settings are not handed on. */
export function startProgram(program: string, args: readonly string[], cwd: string, logFile: string): ChildProcess {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('FACTORYOPS_'));
  const log = openSync(logFile, 'a');
  return spawn(program, args, { cwd, env: Object.fromEntries(entries), stdio: ['ignore', 'pipe', log] });
}

/** SIGTERM, and SIGKILL when that does not end it within 20 s. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  clearTimeout(timer);
}
