import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { SEED } from '../accounts/accounts.ts';
import { createLog } from '../core/log.ts';
import { RECORDED_DEVICE } from '../simulator/simulator.ts';
import { type CommonOptions, configFrom, withCommonOptions, withPorts } from './options.ts';
import { PUBLIC_PASSWORD_WARNING, seed } from './seed.ts';
import { startServing, untilSignalled } from './serve.ts';

const HISTORY_DAYS = 3;
const HISTORY_STEP_S = 30;
/** The recording has a sample every five minutes; at this speed the demo shows one every five seconds. */
const RECORDING_SPEED = 60;
/** The recorded machine fails this long after the start. */
const FAILURE_MINUTES = 10;

/** This program, to be started again with another command. */
const selfCommand = (...args: string[]): [string, string[]] => {
  const [script] = process.argv.slice(1);
  return [process.execPath, [...process.execArgv, ...(script === undefined ? [] : [script]), ...args]];
};

/**
 * The simulator in a process of its own, over real MQTT: it takes no time from the appliance's main thread, and is
 * just another client. Resolves when it has ended after `signal`; rejects when it ends by itself.
 */
async function runSimulator(url: string, backfillDays: number, signal: AbortSignal): Promise<void> {
  const args = ['--url', url, '--factory', SEED.factorySlug, '--speed', String(RECORDING_SPEED)];
  const failure = ['--failure-in', String(FAILURE_MINUTES)];
  const history = ['--quiet', '--backfill', String(backfillDays), '--backfill-step', String(HISTORY_STEP_S)];
  const child = spawn(...selfCommand('simulate', ...args, ...failure, ...history), {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  process.once('exit', stop);
  await once(child, 'exit');
  process.off('exit', stop);
  if (!signal.aborted) throw new Error('the simulator ended unexpectedly; its message stands above');
}

/** `demo`: the demo factory with living machines. */
export function register(program: Command): void {
  withPorts(
    withCommonOptions(program.command('demo').description('run a demo factory with simulated machines')),
  ).action(async (options: CommonOptions) => {
    const config = configFrom(options);
    const log = createLog(config.log.level);
    const signalled = untilSignalled();
    await seed(config, log);
    const appliance = await startServing(config, log);
    const stopping = new AbortController();
    process.stderr.write(`${PUBLIC_PASSWORD_WARNING}\n`);
    process.stderr.write(
      `Demo: ${appliance.ready.http}/api/docs, sign in as ${SEED.email} / ${SEED.password}. Ctrl-C stops it.\n`,
    );
    const newest = appliance.newestSampleAt(SEED.factorySlug, RECORDED_DEVICE) ?? 0;
    const missingDays = Math.min(HISTORY_DAYS, (Date.now() - newest) / 86_400_000);
    const simulator = runSimulator(appliance.ready.mqtt, missingDays, stopping.signal);
    try {
      await Promise.race([signalled, appliance.failed, simulator]);
    } finally {
      stopping.abort();
      await Promise.allSettled([simulator]);
      await appliance.stop();
    }
  });
}
