import { bodyParser } from '@koa/bodyparser';
import type { Context } from 'koa';
import type { z } from 'zod';
import { AppError, type Fault } from '../core/errors.ts';
import { inPlainWords } from './plain-words.ts';

/** Turns a request's text into what a route's schemas promise. */
export interface Validation {
  /** The body as JSON; undefined without one. @throws {AppError} `malformed`, `too_large` */
  readBody(ctx: Context): Promise<unknown>;
}

/** RFC 6901. */
const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** What zod says of unknown keys by itself: a schema may have words of its own. */
const ZODS_WORDS = /^Unrecognized key/;

/** Every fault that zod found, each once; an unknown key is a fault at that key. */
function faultsOf(error: z.ZodError): Fault[] {
  const faults = error.issues.flatMap((issue): Fault[] => {
    const { path, message } = issue;
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerOf(path), message }];
    const words = ZODS_WORDS.test(message) ? 'unknown key' : message;
    return issue.keys.map((key) => ({ pointer: pointerOf([...path, key]), message: words }));
  });
  return [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.message}`, fault])).values()];
}

/** @throws {AppError} `invalid_input` with every fault; `part` says where they are: the body or the query */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, part: string): z.output<Schema> {
  const result = schema.safeParse(value, { error: inPlainWords });
  if (result.success) return result.data;
  throw new AppError('invalid_input', `the ${part} is not valid`, { faults: faultsOf(result.error) });
}

/** The parameters of a path. @throws {AppError} `not_found`: a path that cannot exist is a path that does not */
export function parseParams(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError('not_found', 'not found');
}

/** @param maxBytes - largest body (bytes), unpacked */
export function createValidation(maxBytes: number): Validation {
  const parseBody = bodyParser({ enableTypes: ['json'], jsonLimit: maxBytes, parsedMethods: ['POST', 'PUT', 'PATCH'] });
  return {
    readBody: async (ctx) => {
      if (ctx.request.is('json', '+json') === false) {
        throw new AppError('malformed', 'send JSON, with Content-Type: application/json');
      }
      try {
        await parseBody(ctx, async () => {});
      } catch (error) {
        if (error instanceof Error && 'status' in error && error.status === 413) {
          // What is left of the body would have to be read before the connection could be used again.
          ctx.set('Connection', 'close');
          throw new AppError('too_large', `a request body has at most ${maxBytes} bytes`, { cause: error });
        }
        const reason = error instanceof SyntaxError ? `: ${error.message}` : '';
        throw new AppError('malformed', `the body is not valid JSON${reason}`, { cause: error });
      }
      return ctx.request.body;
    },
  };
}
