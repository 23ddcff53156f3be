import type { Command } from 'commander';
import { isPackaged, readAsset } from '../core/assets.ts';
import { buildInfo } from '../core/version.ts';
import { withCommonOptions } from './options.ts';

/** `version`. */
export function register(program: Command): void {
  withCommonOptions(program.command('version'))
    .description('print the version, and with --licences the licences of all that is inside')
    .option('--licences', 'print the licence texts of the third-party software in this executable')
    .action(({ licences }: { licences?: boolean }) => {
      const { version, commit, builtAt } = buildInfo();
      const unknown = isPackaged ? 'of sources without a history' : 'checkout';
      const build = commit === null ? unknown : `${commit.slice(0, 12)} of ${new Date(builtAt ?? 0).toISOString()}`;
      const platform = `${process.platform}-${process.arch}`;
      process.stdout.write(`factoryops ${version} (build ${build}, node ${process.version}, ${platform})\n`);
      if (licences) process.stdout.write(`\n${licenceTexts()}`);
    });
}

function licenceTexts(): string {
  try {
    return readAsset('licences.txt').toString();
  } catch {
    return `${readAsset('LICENSE')}\nThe executable carries the texts of its third-party packages; in a checkout they are in node_modules.\n`;
  }
}
