import type { Context } from 'koa';
import { type Accounts, type Identity, roleIncludes } from '../accounts/accounts.ts';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import { ACCESS_COOKIE, REFRESH_COOKIE } from './cookies.ts';
import type { Access } from './route.ts';

/** Who asks, and in which factory; both undefined on routes that anybody may call. */
export interface Caller {
  readonly identity: Identity | undefined;
  readonly scope: FactoryScope | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const forbidden = (message: string) => new AppError('forbidden', message);

/** The token of the Authorization header, or else of the cookie. */
export function accessTokenOf(ctx: Context): string | undefined {
  const header = ctx.get('Authorization');
  if (header === '') return ctx.cookies.get(ACCESS_COOKIE);
  return /^Bearer +(\S+)$/i.exec(header)?.[1];
}

/**
 * Refuses what another site's page makes a browser send along with our cookies. Browsers name their page in `Origin`
 * on every unsafe request; a program that names none holds no cookies of somebody else.
 *
 * @throws {AppError} `forbidden`
 */
export function checkOrigin(ctx: Context): void {
  if (SAFE_METHODS.has(ctx.method) || ctx.get('Authorization') !== '') return;
  const isWithCookie = ctx.cookies.get(ACCESS_COOKIE) !== undefined || ctx.cookies.get(REFRESH_COOKIE) !== undefined;
  if (!isWithCookie) return;
  const origin = ctx.get('Origin');
  const site = ctx.get('Sec-Fetch-Site');
  const isOurs = origin === '' ? site === '' || site === 'same-origin' : hostOf(origin) === ctx.host.toLowerCase();
  if (!isOurs) throw forbidden('the request comes from another site');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** The address of the other end; an IPv4 one in its own form. */
const addressOf = (ctx: Context): string => (ctx.req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');

function isLocal(ctx: Context, allowed: readonly string[]): boolean {
  const address = addressOf(ctx);
  return address === '::1' || address.startsWith('127.') || allowed.includes(address);
}

/**
 * Identifies the caller as far as `access` asks for it, from the database of this moment.
 *
 * @throws {AppError} `unauthenticated`, `forbidden`
 */
export async function authorize(
  ctx: Context,
  access: Access,
  deps: { accounts: Accounts; localAddresses: readonly string[] },
): Promise<Caller> {
  if (access === 'public') return { identity: undefined, scope: undefined };
  if (access === 'local') {
    if (!isLocal(ctx, deps.localAddresses)) throw forbidden('this address may not read it: see http.metrics_allow');
    return { identity: undefined, scope: undefined };
  }
  const token = accessTokenOf(ctx);
  if (token === undefined) throw new AppError('unauthenticated', 'sign in first');
  const identity = await deps.accounts.sessions.authenticate(token);
  if (!isAllowed(identity, access)) {
    if (access === 'super_admin') throw forbidden('only an owner of the appliance may do this');
    if (identity.factory === undefined) throw forbidden('select a factory first');
    throw forbidden('your role in this factory does not allow this');
  }
  const scope = typeof access === 'object' ? identity.factory?.scope : undefined;
  return { identity, scope };
}

/** True when someone who is signed in may use a route of this access. */
export function isAllowed(identity: Identity, access: Access): boolean {
  if (access === 'super_admin') return identity.isSuperAdmin;
  if (typeof access === 'string') return true;
  return identity.factory !== undefined && roleIncludes(identity.factory.role, access.factory);
}
