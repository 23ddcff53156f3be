import type { Command } from 'commander';
import { productVersion } from '../core/version.ts';
import { withCommonOptions } from './options.ts';

/** `version`. */
export function register(program: Command): void {
  withCommonOptions(program.command('version'))
    .description('print the version')
    .action(() => {
      process.stdout.write(
        `factoryops ${productVersion()} (node ${process.version}, ${process.platform}-${process.arch})\n`,
      );
    });
}
