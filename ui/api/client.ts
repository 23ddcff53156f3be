import { sentence } from '../format/sentence.ts';
import { observeDate } from '../state/clock.ts';
import { takeEarly } from './early.ts';
import type { Operations } from './schema.ts';

export type OperationName = keyof Operations;
type Part<Name extends OperationName, Key extends string> =
  Operations[Name] extends Record<Key, infer Value> ? { readonly [K in Key]: Value } : unknown;

/** Query parameters are never required as a whole. */
type Query<Name extends OperationName> = Operations[Name] extends { query: infer Value }
  ? { readonly query?: Value }
  : unknown;

/** What a call takes beside its name: `path`, `query` and `body`, as the API declares them. */
export type CallOptions<Name extends OperationName> = Part<Name, 'path'> &
  Query<Name> &
  Part<Name, 'body'> & { readonly signal?: AbortSignal };

export type Reply<Name extends OperationName> = Operations[Name]['reply'];

/** A fault of one field: where (JSON pointer into the body) and what. */
export interface FieldFault {
  readonly pointer: string;
  readonly message: string;
}

/**
 * The API said no, or could not be reached. `code` is the stable end of the problem's type (RFC 9457), `offline` when
 * there was no answer at all; `message` is fit to be shown.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: readonly FieldFault[];

  constructor(status: number, code: string, message: string, faults: readonly FieldFault[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = faults;
  }

  /** What is said of one field of the body, or first within it, if anything. */
  faultOf(field: string): string | undefined {
    const at = `/${field}`;
    return this.faults.find(({ pointer }) => pointer === at || pointer.startsWith(`${at}/`))?.message;
  }
}

const BASE = '/api/v1';
/** Where 401 is an answer to what was typed, and says nothing of the session. */
const OF_NO_SESSION = /\/(auth\/(login|refresh)|invites\/accept)$/;
/** Tabs share one session, and its refresh token works once: only one of them may use it at a time. */
const REFRESH_LOCK = 'factoryops-refresh';

let signedOutListener: () => void = () => {};

/** Called when the session has ended and cannot be renewed. */
export function onSignedOut(listener: () => void): void {
  signedOutListener = listener;
}

let refusedListener: () => void = () => {};

/** Called when something was refused that the person may not do, or not any more. */
export function onRefused(listener: () => void): void {
  refusedListener = listener;
}

function addressOf(name: OperationName, options: { path?: object; query?: object }): [method: string, url: string] {
  const [method = '', template = ''] = name.split(' ');
  const values = { ...options.path } as Record<string, string>;
  const path = template.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== '') query.set(key, String(value));
  }
  return [method, `${BASE}${path}${query.size > 0 ? `?${query}` : ''}`];
}

const noAnswer = () =>
  new ApiError(0, 'offline', 'The appliance does not answer. It may be starting again, or the network is down.');

/** JSON, or a file as it is. */
function contentOf(body: unknown): RequestInit {
  if (body === undefined) return {};
  if (body instanceof Blob) return { headers: { 'Content-Type': 'application/octet-stream' }, body };
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function send(method: string, url: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      ...contentOf(body),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw noAnswer();
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as { type: string; detail: string; errors?: FieldFault[] };
    const code = problem.type.split(':').at(-1) ?? '';
    const faults = problem.errors?.map(({ pointer, message }) => ({ pointer, message: sentence(message) }));
    return new ApiError(response.status, code, sentence(problem.detail), faults);
  } catch {
    return new ApiError(response.status, 'unknown', `The appliance answered ${response.status} without a reason.`);
  }
}

/** True for yes, false for "sign in"; an appliance that cannot say now has not signed anybody out. */
async function isAccepted(method: string, path: string): Promise<boolean> {
  const response = await send(method, BASE + path, undefined, undefined);
  if (response.status !== 401 && !response.ok) throw await errorOf(response);
  return response.ok;
}

/**
 * Renews the session, unless another tab has done so meanwhile. True when there is a session again.
 *
 * @throws {ApiError} when the appliance cannot say
 */
async function refresh(): Promise<boolean> {
  const renew = async () => (await isAccepted('GET', '/auth/me')) || (await isAccepted('POST', '/auth/refresh'));
  // Browsers have locks on secure pages alone, which plain HTTP on a network is not.
  return navigator.locks === undefined ? renew() : navigator.locks.request(REFRESH_LOCK, renew);
}

/** @throws {ApiError} when the answer broke off on its way */
async function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw noAnswer();
  }
}

async function request(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  let response = await send(method, url, body, signal);
  observeDate(response.headers.get('Date'));
  if (response.status === 401 && !OF_NO_SESSION.test(url)) {
    if (await refresh()) response = await send(method, url, body, signal);
    else signedOutListener();
  }
  if (response.status === 403) refusedListener();
  if (!response.ok) throw await errorOf(response);
  return response;
}

/**
 * Calls one operation of the API by its method and path, such as `call('GET /devices/{id}', { path: { id } })`.
 * An expired access token is renewed on the way.
 *
 * @throws {ApiError} for every answer that is not a success, and when there is none
 * @throws {DOMException} AbortError when `signal` was aborted
 */
export async function call<Name extends OperationName>(
  name: Name,
  ...[options]: object extends CallOptions<Name> ? [options?: CallOptions<Name>] : [options: CallOptions<Name>]
): Promise<Reply<Name>> {
  const given = (options ?? {}) as { path?: object; query?: object; body?: unknown; signal?: AbortSignal };
  const [method, url] = addressOf(name, given);
  const early = method === 'GET' ? await takeEarly(url) : undefined;
  if (early !== undefined) {
    observeDate(early.date);
    return early.body as Reply<Name>;
  }
  const response = await request(method, url, given.body, given.signal);
  return (await bodyOf(response, given.signal)) as Reply<Name>;
}

/** Why the API refuses an address that a browser was sent to; undefined when it answers now, which is not read. */
export async function refusalOf(address: string): Promise<ApiError | undefined> {
  const left = new AbortController();
  try {
    await request('GET', address, undefined, left.signal);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  } finally {
    left.abort();
  }
}

/** Renews the session if its access token has expired. False when there is no session any more. */
export const ensureSession = refresh;
