import type { Command } from 'commander';
import { type Appliance, createAppliance, type Ready } from '../appliance.ts';
import type { Config } from '../config/config.ts';
import { createLog, type Log } from '../core/log.ts';
import { type CommonOptions, configFrom, withCommonOptions, withPorts } from './options.ts';

/** Starts the appliance and prints the ready line: the only thing that goes to stdout. */
export async function startServing(config: Config, log: Log): Promise<Appliance & { readonly ready: Ready }> {
  const appliance = createAppliance(config, { log });
  const ready = await appliance.start();
  process.stdout.write(`${JSON.stringify({ msg: 'ready', ...ready })}\n`);
  return { ...appliance, ready };
}

/** Resolves at the first SIGTERM or SIGINT. Called before the start, so that a signal during it is not lost. */
export function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

/** `serve`: runs the appliance until it is told to stop. */
export function register(program: Command): void {
  withPorts(withCommonOptions(program.command('serve').description('run the appliance'))).action(
    async (options: CommonOptions) => {
      const config = configFrom(options);
      const signalled = untilSignalled();
      const appliance = await startServing(config, createLog(config.log.level));
      try {
        await Promise.race([signalled, appliance.failed]);
      } finally {
        await appliance.stop();
      }
    },
  );
}
