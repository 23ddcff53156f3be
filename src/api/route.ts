import type { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { z } from 'zod';
import type { Caller, FactoryAccess, Identity, Needed, Visitor } from '../accounts/accounts.ts';
import type { Target } from '../audit/audit.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { EventStream, EventStreamOptions } from './event-stream.ts';

/**
 * Who may call a route. There is no default: a route without it does not compile.
 *
 * - `public`: anybody
 * - `local`: this machine, and the addresses of `http.metrics_allow`
 * - `signed_in`: a person's live session, with or without a factory
 * - `super_admin`: sessions of the appliance's owners
 * - `{factory: role}`: a session that has selected a factory, or an API key of one, with at least that role in it
 * - `{factory: permission}`: the same, for admins and those who have been granted the permission
 */
export type Access = 'public' | 'local' | 'signed_in' | 'super_admin' | { readonly factory: Needed };

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The media type of replies. */
export const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** An answer that is written already: the reply as JSON, or a media type of the route's `alsoProduces`, such as CSV. */
export interface RawReply {
  readonly mediaType: string;
  readonly content: string | Buffer | Readable;
}

/** Answers with `content` as it is. */
export const rawReply = (mediaType: string, content: RawReply['content']): RawReply => ({ mediaType, content });

/** How the audit tells a request that changes no row: a download, or work that is begun. */
export interface RouteAct {
  readonly action: string;
  readonly target: Target;
  /** The selected factory when left out. */
  readonly factoryId?: number | null | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** What the server hands a handler; a schema that a route does not declare comes as undefined. */
export interface RouteRequest<A extends Access, Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly identity: A extends 'public' | 'local'
    ? undefined
    : A extends { readonly factory: Needed }
      ? Caller & { readonly factory: FactoryAccess }
      : Identity;
  /** The selected factory; only of routes with factory access. */
  readonly scope: A extends { readonly factory: Needed } ? FactoryScope : undefined;
  readonly requestId: string;
  /** Where it comes from. */
  readonly visitor: Visitor;
  /** Carries the request id, the user and the factory. */
  readonly log: Log;
  /** Answers with server-sent events, for as long as the session lives; the handler returns nothing then. */
  openEventStream(options?: EventStreamOptions): EventStream;
  /** For cookies and headers. */
  readonly ctx: Context;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Awaitable<T> = T | Promise<T>;

/** What a handler returns: the reply's value, anything, ignored, for `empty` and `stream`, or what is written already. */
type Answer<Reply> = Reply extends z.ZodType
  ? z.input<Reply> | RawReply
  : Reply extends 'text'
    ? string | RawReply
    : unknown;

interface RouteDescription {
  readonly method: Method;
  /** Below `/api/v1`, with `:name` for parameters. */
  readonly path: string;
  readonly access: Access;
  /** One line for the documentation. */
  readonly summary: string;
  readonly tag: string;
  /** The status of success; 200, or 204 for an empty reply. */
  readonly status?: number;
  /** The path stands outside of `/api/v1`. */
  readonly outsideBase?: true;
  /** Errors beyond those that its access, parameters and body bring, for the documentation. */
  readonly refuses?: readonly ErrorCode[];
  /** Left out of the API's documentation. */
  readonly isHidden?: true;
  /** While false the route answers 404, as if it did not exist. */
  readonly exists?: () => boolean;
  /** Media types, beside the reply's, that the handler may answer with `rawReply`. */
  readonly alsoProduces?: readonly string[];
  /** A question to the history, or an export: so many at the same time for each user and factory. */
  readonly isHeavy?: true;
  /** Of a body that the handler reads by itself, of any size; it must not have `body` then. */
  readonly consumes?: string;
}

type ReplyKind = z.ZodType | 'empty' | 'text' | 'stream';

interface RouteSpec<A extends Access, P, Q, B, R> extends RouteDescription {
  readonly access: A;
  /** A path that does not match is answered 404, like an id that is missing. */
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly reply: R;
  /** Heavy only where it is asked for so much: an export at the address of a list. */
  readonly isHeavyWhen?: (query: Output<Q>) => boolean;
  readonly handle: (request: RouteRequest<A, Output<P>, Output<Q>, Output<B>>) => Awaitable<Answer<R>>;
  /**
   * What changes rows is in the audit by itself; this is for what does not. Of a GET it is asked once the handler has not
   * refused it. Of anything else it is asked before, so that nothing is done untold: undefined where the handler refuses.
   */
  readonly act?: (request: RouteRequest<A, Output<P>, Output<Q>, Output<B>>) => RouteAct | undefined;
}

/** A declared route, its types forgotten: what the server, the documentation and the tests walk through. */
export interface Route extends RouteDescription {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly reply: ReplyKind;
  isHeavyWhen?(query: unknown): boolean;
  handle(request: RouteRequest<Access, unknown, unknown, unknown>): Awaitable<unknown>;
  act?(request: RouteRequest<Access, unknown, unknown, unknown>): RouteAct | undefined;
}

/**
 * Declares a route. The handler's request is typed by `access` and the schemas; the server checks both before it
 * calls the handler, so that the cast below holds.
 */
export function route<
  const A extends Access,
  R extends ReplyKind,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(spec: RouteSpec<A, P, Q, B, R>): Route {
  return spec as unknown as Route;
}

/** True for the result of `rawReply`. */
export function isRawReply(value: unknown): value is RawReply {
  return typeof value === 'object' && value !== null && 'mediaType' in value && 'content' in value;
}
