import { CommanderError } from 'commander';
import { AppError, type ErrorCode } from '../core/errors.ts';

/** Exit codes, as the README lists them. 0 is success, 1 anything not named here. */
const EXIT_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 2,
  config_invalid: 2,
  invalid_input: 2,
  data_dir_in_use: 3,
  port_unavailable: 4,
  database_newer: 5,
  migration_edited: 5,
  data_dir_unusable: 6,
  already_set_up: 7,
};

/** One line for a person: what is wrong and what to do; the stack only when it is our fault. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof AppError && error.code !== 'internal') {
    process.stderr.write(`factoryops: ${error.message.replaceAll('\n', ' ')}\n`);
    return EXIT_CODES[error.code] ?? 1;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`factoryops: unexpected failure, please report it: ${detail}\n`);
  return 1;
}

/** Reads all of standard input; for passwords, so that they never stand in a process list. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
