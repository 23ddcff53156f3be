import type { Command } from 'commander';
import { type Appliance, createAppliance, type Ready } from '../appliance.ts';
import type { Config } from '../config/config.ts';
import { createLog, type Log } from '../core/log.ts';
import { type CommonOptions, configFrom, leaveWorkingDirectory, withCommonOptions, withPorts } from './options.ts';

/** Starts the appliance and prints the ready line: the only thing that goes to stdout. */
export async function startServing(config: Config, log: Log): Promise<Appliance & { readonly ready: Ready }> {
  const appliance = createAppliance(config, { log });
  const ready = await appliance.start();
  process.stdout.write(`${JSON.stringify({ msg: 'ready', ...ready })}\n`);
  return { ...appliance, ready };
}

/** Time to end by itself (ms): a service manager would wait little longer. What is acknowledged is on disk anyway. */
const STOP_MS = 9_000;

/**
 * Resolves at the first SIGTERM or SIGINT. Called before the start, so that a signal during it is not lost. Further ones
 * change nothing: a terminal and npm both pass on the same Ctrl-C.
 */
export function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve());
    process.on('SIGINT', () => resolve());
  });
}

/** Waits for the signal, or for a part that cannot be done without to die, and stops in order. */
export async function serveUntil(signalled: Promise<void>, appliance: Appliance): Promise<void> {
  try {
    await Promise.race([signalled, appliance.failed]);
  } finally {
    const deadline = setTimeout(() => {
      process.stderr.write(
        `factoryops: did not stop within ${STOP_MS / 1_000} s and ends now; nothing acknowledged is lost\n`,
      );
      process.exit(1);
    }, STOP_MS);
    await appliance.stop();
    clearTimeout(deadline);
  }
}

/** `serve`: runs the appliance until it is told to stop. */
export function register(program: Command): void {
  withPorts(withCommonOptions(program.command('serve').description('run the appliance'))).action(
    async (options: CommonOptions) => {
      const config = configFrom(options);
      leaveWorkingDirectory();
      const signalled = untilSignalled();
      await serveUntil(signalled, await startServing(config, createLog(config.log.level)));
    },
  );
}
