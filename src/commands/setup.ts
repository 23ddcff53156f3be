import type { Command } from 'commander';
import { machineTimezone } from '../accounts/accounts.ts';
import { openControl } from '../control.ts';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { createLog } from '../core/log.ts';
import { byOperator } from './operator.ts';
import { type CommonOptions, configFrom, withCommonOptions } from './options.ts';
import { readStdin } from './run.ts';

interface SetupOptions extends CommonOptions {
  readonly email: string;
  readonly passwordStdin?: boolean;
  readonly factoryName: string;
  readonly factorySlug: string;
  readonly timezone?: string;
}

/** `setup`: the first run without a browser. */
export function register(program: Command): void {
  withCommonOptions(program.command('setup').description('make the owner and the first factory, without a browser'))
    .requiredOption('--email <email>', "the owner's e-mail address, to sign in with")
    .option('--password-stdin', 'read the password from standard input')
    .requiredOption('--factory-name <name>', 'name of the first factory')
    .requiredOption('--factory-slug <slug>', 'its name in topics: factories/<slug>/…')
    .option('--timezone <zone>', "IANA zone of the factory's calendar (default: this machine's)")
    .action(
      byOperator(async (options: SetupOptions) => {
        const config = configFrom(options);
        if (options.passwordStdin !== true) {
          throw new AppError('usage', 'pass the password on standard input: … | factoryops setup --password-stdin …');
        }
        using control = openControl(config, { clock: systemClock, log: createLog(config.log.level) });
        await control.accounts.setup.run({
          email: options.email,
          password: await readStdin(),
          factoryName: options.factoryName,
          factorySlug: options.factorySlug,
          timezone: options.timezone ?? machineTimezone(),
        });
        process.stdout.write(
          `set up: sign in as ${options.email}; telemetry goes to factories/${options.factorySlug}/…\n`,
        );
      }),
    );
}
