import type { Command } from 'commander';
import { SEED } from '../accounts/accounts.ts';
import { createLog } from '../core/log.ts';
import { type CommonOptions, configFrom, leaveWorkingDirectory, withCommonOptions, withPorts } from './options.ts';
import { PUBLIC_PASSWORD_WARNING, seed } from './seed.ts';
import { serveUntil, startServing, untilSignalled } from './serve.ts';

/** `demo`: the seeded factory, made a demo factory, whose machines the appliance then simulates by itself. */
export function register(program: Command): void {
  withPorts(
    withCommonOptions(program.command('demo').description('run a demo factory with simulated machines')),
  ).action(async (options: CommonOptions) => {
    const config = configFrom(options);
    leaveWorkingDirectory();
    const log = createLog(config.log.level);
    const signalled = untilSignalled();
    await seed(config, log, { isDemo: true });
    const appliance = await startServing(config, log);
    process.stderr.write(`${PUBLIC_PASSWORD_WARNING}\n`);
    process.stderr.write(
      `Demo: open ${appliance.ready.http} and sign in as ${SEED.email} / ${SEED.password}. Ctrl-C stops it.\n`,
    );
    await serveUntil(signalled, appliance);
  });
}
