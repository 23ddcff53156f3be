import { AppError, type ErrorMessage, fromErrorMessage, systemCode, toErrorMessage } from '../core/errors.ts';
import type {
  Closing,
  ErasureStep,
  HotBuckets,
  HotWriterOptions,
  OpenedHistory,
  SampleBatch,
} from '../historian/historian.ts';

/** What the main thread asks of the writer thread: name -> what goes in, what comes out. */
export interface WriterCalls {
  readonly open: { readonly input: HotWriterOptions; readonly output: OpenedHistory };
  readonly commit: { readonly input: SampleBatch; readonly output: number };
  readonly erase: { readonly input: ErasureStep; readonly output: number | null };
  readonly closeBuckets: { readonly input: readonly Closing[]; readonly output: HotBuckets };
  readonly dropBuckets: { readonly input: readonly string[]; readonly output: null };
  readonly probe: { readonly input: null; readonly output: null };
  readonly close: { readonly input: null; readonly output: null };
}

export type WriterCallName = keyof WriterCalls;

/** One call. Answers carry its id; the thread answers in the order of the calls. */
export type WriterRequest = {
  readonly [Name in WriterCallName]: {
    readonly id: number;
    readonly name: Name;
    readonly input: WriterCalls[Name]['input'];
  };
}[WriterCallName];

/** An error of the writer thread: beside `ErrorMessage` the code SQLite gave (`SQLITE_FULL`). */
export interface WriterError extends ErrorMessage {
  readonly sqlite: string | undefined;
}

export type WriterReply =
  | { readonly kind: 'done'; readonly id: number; readonly output: WriterCalls[WriterCallName]['output'] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WriterError }
  | { readonly kind: 'checkpoint failed'; readonly error: WriterError };

/** Flattens what the writer threw. */
export function toWriterError(error: unknown): WriterError {
  const code = systemCode(error);
  const sqlite = !(error instanceof AppError) && code?.startsWith('SQLITE_') ? code : undefined;
  return { ...toErrorMessage(error), sqlite };
}

/**
 * The inverse: what SQLite refused is `unavailable`, with an error as `cause` that carries SQLite's code
 * (`systemCode(error.cause)`).
 */
export function fromWriterError(error: WriterError): AppError {
  if (error.sqlite === undefined) return fromErrorMessage(error);
  const cause = Object.assign(new Error(error.message), { code: error.sqlite });
  return new AppError('unavailable', `the historian cannot store telemetry (${error.sqlite}: ${error.message})`, {
    cause,
  });
}
