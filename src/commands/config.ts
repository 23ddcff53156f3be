import type { Command } from 'commander';
import { configJsonSchema } from '../config/config.ts';
import { type CommonOptions, configFrom, withCommonOptions, withPorts } from './options.ts';

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};

/** `config check | show | schema`. */
export function register(program: Command): void {
  const config = program.command('config').description('check, show or describe the configuration');
  withPorts(withCommonOptions(config.command('check').description('say whether the configuration is valid'))).action(
    (options: CommonOptions) => {
      configFrom(options);
      process.stdout.write('the configuration is valid\n');
    },
  );
  withPorts(
    withCommonOptions(config.command('show').description('print the configuration in force, defaults included')),
  ).action((options: CommonOptions) => print(configFrom(options)));
  withCommonOptions(config.command('schema'))
    .description('print the JSON Schema of the configuration file')
    .action(() => print(configJsonSchema()));
}
