import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { z } from 'zod';
import type { Accounts, Caller } from '../accounts/accounts.ts';
import type { Audit } from '../audit/audit.ts';
import { withinAct } from '../core/act.ts';
import { AppError } from '../core/errors.ts';
import { refusalOf } from './audit-refusals.ts';
import { accessTokenOf, authorize, checkOrigin, identify, isAllowed, visitorOf } from './authenticate.ts';
import type { EventStreams } from './event-stream.ts';
import type { RequestLimits } from './request-limits.ts';
import { stateOf } from './request-state.ts';
import { isRawReply, JSON_MEDIA_TYPE, type Route, type RouteRequest } from './route.ts';
import { parse, parseParams, type Validation } from './validate.ts';
import { watchAnswer } from './watch-answer.ts';

export interface DispatchDeps {
  readonly accounts: Accounts;
  readonly audit: RequestAudit;
  readonly streams: EventStreams;
  readonly limits: RequestLimits;
  readonly validation: Validation;
  /** Addresses, beside loopback, for routes with access `local`. */
  readonly localAddresses: readonly string[];
  /** Checks every JSON answer, written already or not, against the route's schema: for tests. */
  readonly checkReplies: boolean;
}

/** What requests need of the audit. */
export type RequestAudit = Pick<Audit, 'note' | 'refused'>;

/**
 * The way of every request to its handler: does the route exist, who asks, may they, is what they sent valid. In that
 * order, so that nobody learns anything, or makes the appliance read a body, without the right to.
 */
export function dispatch(route: Route, deps: DispatchDeps): (ctx: Context) => Promise<void> {
  return (ctx) => {
    const { requestId } = stateOf(ctx);
    const { address } = visitorOf(ctx);
    return withinAct({ address, requestId }, async () => {
      const known: Asked = {};
      try {
        await serve(route, deps, ctx, known);
      } catch (error) {
        const refused = refusalOf(route, error, { token: accessTokenOf(ctx), ...known });
        if (refused !== undefined) deps.audit.refused.note(refused);
        throw error;
      }
    });
  };
}

/** What is known of a request by the time that it is refused. */
interface Asked {
  identity?: Caller | undefined;
  body?: unknown;
}

async function serve(route: Route, deps: DispatchDeps, ctx: Context, known: Asked): Promise<void> {
  const state = stateOf(ctx);
  state.route = route.path;
  if (route.exists?.() === false) throw new AppError('not_found', 'not found');
  checkOrigin(ctx);
  const visitor = visitorOf(ctx);
  // What is refused counts, too.
  const identity = await identify(ctx, route.access, deps).catch((error: unknown) => {
    deps.limits.count(undefined, visitor.address);
    throw error;
  });
  deps.limits.count(identity, visitor.address, typeof route.access === 'object');
  known.identity = identity;
  const caller = authorize(identity, route.access);
  if (identity !== undefined) {
    const key = 'keyId' in identity ? { api_key: identity.keyName } : {};
    state.log = state.log.child({ user: identity.email, factory: identity.factory?.scope.slug, ...key });
  }
  /** For what outlives its request: the same session, in the same factory, with the role it needs. */
  const isStillAllowed = () => {
    if (identity === undefined) return true;
    const now = currentOf(deps.accounts, identity);
    return (
      now !== undefined &&
      isAllowed(now, route.access) &&
      now.factory?.scope.factoryId === identity.factory?.scope.factoryId
    );
  };
  const params = route.params && parseParams(route.params, ctx.params);
  const query = route.query && parse(route.query, ctx.query, 'query');
  // What a handler reads by itself may take hours to come.
  if (route.consumes !== undefined) watchAnswer(ctx, isStillAllowed);
  const body = route.body && parse(route.body, await deps.validation.readBody(ctx), 'body');
  known.body = body;
  // A body may take a minute to come: what was allowed when it began need not be any more.
  if (body !== undefined && !isStillAllowed()) {
    throw new AppError('unauthenticated', 'the session has changed since the request began: sign in again');
  }
  const holder = {
    holderId: identity && ('keyId' in identity ? identity.keyId : identity.sessionId),
    factoryId: identity?.factory?.scope.factoryId,
    isAllowed: isStillAllowed,
  };
  const isHeavy = route.isHeavy ?? route.isHeavyWhen?.(query) ?? false;
  if (isHeavy && identity !== undefined) deps.limits.begin(identity, ctx.res);
  const request = {
    params,
    query,
    body,
    ...caller,
    requestId: state.requestId,
    visitor,
    log: state.log,
    ctx,
    openEventStream: (options) => deps.streams.open(ctx, holder, options),
  } as RouteRequest<Route['access'], unknown, unknown, unknown>;

  // A download is told before any of it has gone; whatever else, before it is done: it cannot be undone.
  const isDownload = route.method === 'get';
  if (!isDownload) tell(route, deps.audit, request);
  const value = await route.handle(request);
  if (isDownload) tell(route, deps.audit, request, value);
  if (isRawReply(value) && value.content instanceof Readable) watchAnswer(ctx, isStillAllowed);
  answer(ctx, route, value, deps.checkReplies);
}

const currentOf = ({ sessions, apiKeys }: Accounts, identity: Caller): Caller | undefined =>
  'keyId' in identity ? apiKeys.current(identity.keyId) : sessions.current(identity.sessionId);

/** Puts into the audit what changes no row. What cannot be told is not done, or not answered. */
function tell(
  route: Route,
  audit: RequestAudit,
  request: RouteRequest<Route['access'], unknown, unknown, unknown>,
  value?: unknown,
): void {
  const act = route.act?.(request);
  if (act === undefined) return;
  const { action, target, factoryId = request.scope?.factoryId ?? null, details } = act;
  try {
    audit.note({ action, target, factoryId, content: { ...(details && { details }) } });
  } catch (error) {
    if (isRawReply(value) && value.content instanceof Readable) value.content.destroy();
    throw error;
  }
}

const ACCEPTED = 202;

/** Writes what a handler returned. */
function answer(ctx: Context, route: Route, value: unknown, checkReplies: boolean): void {
  if (route.reply === 'stream') return;
  // What is only begun is told so by its handler.
  ctx.status = ctx.status === ACCEPTED ? ACCEPTED : (route.status ?? (route.reply === 'empty' ? 204 : 200));
  if (route.reply === 'empty') {
    ctx.body = null;
    return;
  }
  if (checkReplies && route.reply !== 'text') checkReply(route, route.reply, value);
  if (isRawReply(value)) {
    ctx.type = value.mediaType;
    ctx.body = value.content;
    return;
  }
  ctx.type = route.reply === 'text' ? 'text/plain; charset=utf-8' : JSON_MEDIA_TYPE;
  ctx.body = value;
}

/** @throws Error when a reply, as a value or as text, is not what its route declares */
function checkReply({ method, path }: Route, schema: z.ZodType, value: unknown): void {
  if (isRawReply(value) && value.mediaType !== JSON_MEDIA_TYPE) return;
  const result = schema.safeParse(isRawReply(value) ? JSON.parse(String(value.content)) : value);
  if (!result.success) throw new Error(`${method} ${path} does not answer what it declares: ${result.error.message}`);
}
