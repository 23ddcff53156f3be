/**
 * Every way in which FactoryOps says no. Domains throw `AppError`; they do not know HTTP or exit codes. The API maps
 * the code to a status (`api/problem.ts`), the command line to an exit code (`commands/run.ts`), both exhaustively.
 */
export type ErrorCode =
  | 'malformed'
  | 'invalid_input'
  | 'unauthenticated'
  /** The password is right, and a one-time code is wanted beside it. */
  | 'second_factor_required'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'busy'
  | 'unavailable'
  /** Files of the history are damaged or missing: `faults` names those that were read, within the appliance. */
  | 'unreadable'
  | 'isolation'
  | 'config_invalid'
  | 'usage'
  | 'data_dir_in_use'
  | 'data_dir_unusable'
  | 'database_newer'
  | 'migration_edited'
  | 'port_unavailable'
  | 'already_set_up'
  | 'internal';

/** One fault in an input: where (JSON pointer, or a configuration path) and what. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
}

export interface ErrorOptions {
  readonly faults?: readonly Fault[];
  /** When to try again, of `too_many` and `busy` (s). */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** An error that may be shown to the person who caused it: `message` says what is wrong and what to do about it. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterS = options.retryAfterS;
  }
}

/** An error as it crosses a thread boundary. Unknown errors keep their message: the edge masks them, not the thread. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: readonly Fault[];
}

/** Flattens any thrown value for `postMessage`. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof AppError) return { code: error.code, message: error.message, faults: error.faults };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), faults: [] };
}

/** The inverse of `toErrorMessage`. */
export function fromErrorMessage(error: ErrorMessage): AppError {
  return new AppError(error.code, error.message, { faults: error.faults });
}

/** The `code` of a Node or SQLite error (`EADDRINUSE`, `SQLITE_FULL`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
