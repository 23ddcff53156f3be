import { CommanderError } from 'commander';
import { AppError, type ErrorCode, systemCode } from '../core/errors.ts';

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

/**
 * What is no fault of the program, as the system and SQLite name it, and what to do. It may come of anything that
 * is written, so it is told apart here and not at each of these places.
 */
const DISK_FAULTS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)/, 'data_dir_unusable', 'the disk is full: free some space'],
  [/^(EIO|SQLITE_IOERR)/, 'data_dir_unusable', 'the disk cannot be written or read: see whether it is full or broken'],
  [
    /^(EACCES|EPERM|EROFS|SQLITE_(READONLY|CANTOPEN|PERM))/,
    'data_dir_unusable',
    'a file in the data directory cannot be opened: give it to the user that the appliance runs as',
  ],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'unavailable', 'a database is damaged: run doctor, which says which and what to do'],
];

/** Such a fault as an error for a person; null when it is none. */
function diskFault(error: unknown): AppError | null {
  const isExplained = error instanceof AppError && error.code !== 'internal' && error.code !== 'unavailable';
  if (isExplained || !(error instanceof Error)) return null;
  const code = systemCode(error) ?? systemCode(error.cause) ?? '';
  const [, kind, remedy] = DISK_FAULTS.find(([pattern]) => pattern.test(code)) ?? [];
  return kind === undefined ? null : new AppError(kind, `${remedy} (${code}: ${error.message})`, { cause: error });
}

/** One line for a person: what is wrong and what to do; the stack only when it is our fault. */
export function reportFailure(failure: unknown): number {
  if (failure instanceof CommanderError) return failure.exitCode === 0 ? 0 : 2;
  const error = diskFault(failure) ?? failure;
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
