import { STATUS_CODES } from 'node:http';
import { AppError, type ErrorCode, type Fault } from '../core/errors.ts';

/** RFC 9457 problem details, as every error of the API is answered. */
export interface Problem {
  /** `urn:factoryops:problem:` and the error's code; stable, for programs. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request id, as in the log. */
  readonly instance: string;
  /** JSON pointers into what was sent, and what is wrong there. */
  readonly errors: readonly Fault[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Exhaustive: an error code without a status does not compile. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  malformed: 400,
  invalid_input: 422,
  unauthenticated: 401,
  second_factor_required: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  busy: 503,
  unavailable: 503,
  unreadable: 503,
  isolation: 500,
  config_invalid: 500,
  usage: 500,
  data_dir_in_use: 500,
  data_dir_unusable: 500,
  database_newer: 500,
  migration_edited: 500,
  port_unavailable: 500,
  already_set_up: 409,
  internal: 500,
};

/** The HTTP status of an error code. */
export const statusOf = (code: ErrorCode): number => STATUS[code];

/** What a request may be refused with before it reaches a route, by the status that Koa's parts throw. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = { 404: 'not_found', 413: 'too_large' };

/**
 * Any thrown value as an `AppError`: those of Koa's parts (a broken body, a bad escape in the path) keep their
 * meaning, everything unknown becomes `internal`.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    const isTheirs = error.status >= 400 && error.status < 500;
    if (isTheirs) return new AppError(CODE_OF_STATUS[error.status] ?? 'malformed', error.message, { cause: error });
  }
  return new AppError('internal', 'internal error', { cause: error });
}

/** The body of an error's answer. Faults of the appliance itself are masked: the log has them, by the request id. */
export function problemOf(error: AppError, requestId: string): Problem {
  const status = statusOf(error.code);
  const isMasked = status === 500;
  return {
    type: `urn:factoryops:problem:${isMasked ? 'internal' : error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: isMasked
      ? 'something went wrong in the appliance; its log says what, under this request id'
      : error.message,
    instance: requestId,
    errors: isMasked ? [] : error.faults,
  };
}

/** The answer to a method that a path does not know. */
export const methodNotAllowed = (requestId: string): Problem => ({
  type: 'urn:factoryops:problem:method_not_allowed',
  title: 'Method Not Allowed',
  status: 405,
  detail: 'this path does not know that method: see the Allow header',
  instance: requestId,
  errors: [],
});
