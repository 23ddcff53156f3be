import type { Context, Next } from 'koa';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import { PROBLEM_MEDIA_TYPE, type Problem, problemOf, toAppError } from './problem.ts';
import { beginState, type RequestState, stateOf } from './request-state.ts';

const SANE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** For whoever is told to come again without being told when (s). */
const RETRY_AFTER_S = 5;

const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** Answers with problem details. */
export function sendProblem(ctx: Context, problem: Problem, retryAfterS = RETRY_AFTER_S): void {
  ctx.status = problem.status;
  ctx.type = PROBLEM_MEDIA_TYPE;
  ctx.body = JSON.stringify(problem);
  if (problem.status === 401) ctx.set('WWW-Authenticate', 'Bearer');
  if (problem.status === 429 || problem.status === 503) ctx.set('Retry-After', String(retryAfterS));
}

/**
 * Around every request: its id (taken over when sane), the security headers, its one log line and its measurement,
 * and the one place where errors become answers. A fault of the appliance is logged here, once, and masked.
 */
export function envelope(deps: { log: Log; metrics: Metrics }): (ctx: Context, next: Next) => Promise<void> {
  return async (ctx, next) => {
    const given = ctx.get('X-Request-ID');
    const requestId = SANE_REQUEST_ID.test(given) ? given : newId();
    beginState(ctx, { requestId, log: deps.log.child({ request_id: requestId }), route: 'none' });
    ctx.set('X-Request-ID', requestId);
    ctx.set(SECURITY_HEADERS);
    const startedAt = performance.now();
    try {
      await next();
    } catch (error) {
      refuse(ctx, error);
    } finally {
      finish(ctx, deps.metrics, performance.now() - startedAt);
    }
  };
}

function refuse(ctx: Context, thrown: unknown): void {
  const { requestId, log } = stateOf(ctx);
  const error = toAppError(thrown);
  const problem = problemOf(error, requestId);
  if (problem.status === 500) log.error({ err: thrown, code: error.code }, 'a request failed');
  if (ctx.res.headersSent) {
    // A stream had begun: its client can only be told by the end of the connection.
    ctx.res.destroy();
    return;
  }
  ctx.respond = true;
  sendProblem(ctx, problem, error.retryAfterS);
}

function finish(ctx: Context, metrics: Metrics, durationMs: number): void {
  const { log, route }: RequestState = stateOf(ctx);
  const status = ctx.respond === false ? ctx.res.statusCode : ctx.status;
  const method = METHODS.has(ctx.method) ? ctx.method : 'other';
  metrics.httpSeconds.observe({ method, route, status: String(status) }, durationMs / 1_000);
  const isQuiet = status < 400 && (method === 'GET' || method === 'HEAD');
  const fields = { method, path: ctx.path, status, duration_ms: Math.round(durationMs * 10) / 10 };
  log[isQuiet ? 'debug' : 'info'](fields, 'request');
}

/** For what no route answers. @throws {AppError} `not_found`, always */
export function notFound(): never {
  throw new AppError('not_found', 'not found');
}
