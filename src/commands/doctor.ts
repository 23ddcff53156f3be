import type { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import { productVersion } from '../core/version.ts';
import { examine, type Finding, type Level } from '../doctor/doctor.ts';
import { type CommonOptions, configFrom, leaveWorkingDirectory, withCommonOptions, withPorts } from './options.ts';

const MARKS: Readonly<Record<Level, string>> = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' };

function print({ check, level, message, remedy }: Finding): void {
  process.stdout.write(`${MARKS[level]}  ${check.replace('_', ' ')}: ${message}\n`);
  if (remedy !== null) process.stdout.write(`         -> ${remedy}\n`);
}

/** `doctor`: exit code 1 when something does not work; a warning alone is 0. */
export function register(program: Command): void {
  const command = program.command('doctor').description('check the installation and the data');
  withPorts(withCommonOptions(command))
    .option('--json', 'print the findings as JSON')
    .action(async (options: CommonOptions & { readonly json?: boolean }) => {
      const config = configFrom(options);
      leaveWorkingDirectory();
      const findings: Finding[] = [];
      for await (const finding of examine(config, systemClock)) {
        findings.push(finding);
        if (!options.json) print(finding);
      }
      const isFine = findings.every(({ level }) => level !== 'error');
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ ok: isFine, version: productVersion(), findings }, null, 2)}\n`);
      }
      if (!isFine) process.exitCode = 1;
    });
}
