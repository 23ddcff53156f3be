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

/** Resolves at SIGTERM, SIGINT or when `alsoWhen` settles, whichever is first. */
export async function untilStopped(alsoWhen: Promise<unknown> = new Promise(() => {})): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    alsoWhen.then(() => resolve(), reject);
  });
}

/** `serve`: runs the appliance until it is told to stop. */
export function registerServe(program: Command): void {
  withPorts(withCommonOptions(program.command('serve').description('run the appliance'))).action(
    async (options: CommonOptions) => {
      const config = configFrom(options);
      const appliance = await startServing(config, createLog(config.log.level));
      try {
        await untilStopped(appliance.failed);
      } finally {
        await appliance.stop();
      }
    },
  );
}
