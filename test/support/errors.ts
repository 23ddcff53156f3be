import { AppError, type ErrorCode } from '../../src/core/errors.ts';

/** A matcher for `assert.throws` and `assert.rejects`: an `AppError` with this code. */
export const withCode = (code: ErrorCode) => (error: unknown) => {
  if (error instanceof AppError && error.code === code) return true;
  throw error;
};
