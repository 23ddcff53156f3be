import type { Command } from 'commander';
import { SEED } from '../accounts/accounts.ts';
import type { Config } from '../config/config.ts';
import { openControl } from '../control.ts';
import { systemClock } from '../core/clock.ts';
import { createLog, type Log } from '../core/log.ts';
import { furnishDemo } from '../demo-factory.ts';
import { demoDevices } from '../simulator/simulator.ts';
import { byOperator } from './operator.ts';
import { type CommonOptions, configFrom, withCommonOptions } from './options.ts';

/** Makes the demo content where it is missing; false when nothing was made. With `isDemo` its machines come to life. */
export const seed = byOperator(async (config: Config, log: Log, { isDemo = false } = {}): Promise<boolean> => {
  using control = openControl(config, { clock: systemClock, log });
  const made = await control.accounts.seed({ isDemo });
  const scope = control.accounts.factories.scopeBySlug(SEED.factorySlug);
  if (made && scope !== undefined) furnishDemo(control, scope, demoDevices());
  return made;
});

/** What everyone who seeds must read. */
export const PUBLIC_PASSWORD_WARNING = `WARNING: the password of ${SEED.email} is public (${SEED.password}). Change it before this machine is on a network.`;

/** `seed`: the demo's factory, owner and devices. */
export function register(program: Command): void {
  withCommonOptions(program.command('seed').description('make the demo factory, its owner and sample devices')).action(
    async (options: CommonOptions) => {
      const config = configFrom(options);
      const made = await seed(config, createLog(config.log.level));
      const what = made
        ? `seeded: factory "${SEED.factoryName}" (${SEED.factorySlug})`
        : 'seeded already: nothing was changed';
      process.stdout.write(`${what}\n`);
      process.stderr.write(`${PUBLIC_PASSWORD_WARNING}\n`);
    },
  );
}
