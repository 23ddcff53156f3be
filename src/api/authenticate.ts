import type { Context } from 'koa';
import { type Accounts, allows, type Caller, KEY_PREFIX, type Visitor } from '../accounts/accounts.ts';
import { isLoopback, plainAddress } from '../core/address.ts';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import { ACCESS_COOKIE, REFRESH_COOKIE, sessionCookie } from './cookies.ts';
import type { Access } from './route.ts';

/** Who asks, and in which factory; both undefined on routes that anybody may call. */
export interface Authorized {
  readonly identity: Caller | undefined;
  readonly scope: FactoryScope | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const forbidden = (message: string) => new AppError('forbidden', message);

/** The token of the Authorization header, or else of the cookie. */
export function accessTokenOf(ctx: Context): string | undefined {
  const header = ctx.get('Authorization');
  if (header === '') return sessionCookie(ctx, ACCESS_COOKIE);
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
  const isWithCookie =
    sessionCookie(ctx, ACCESS_COOKIE) !== undefined || sessionCookie(ctx, REFRESH_COOKIE) !== undefined;
  if (!isWithCookie) return;
  const origin = ctx.get('Origin');
  const site = ctx.get('Sec-Fetch-Site');
  const isOurs = origin === '' ? site === '' || site === 'same-origin' : isOwn(origin, ctx);
  if (!isOurs) throw forbidden('the request comes from another site');
}

/** The same host; over TLS the same scheme too. Without it another may stand in front that speaks TLS for us. */
function isOwn(origin: string, ctx: Context): boolean {
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  const ownHost = new URL(`${ctx.protocol}://${ctx.host}`).host;
  return host === ownHost && (!ctx.secure || protocol === 'https:');
}

/** Where a request comes from. */
export const visitorOf = (ctx: Context): Visitor => ({
  address: plainAddress(ctx.req.socket.remoteAddress),
  userAgent: ctx.get('User-Agent'),
});

/**
 * Identifies the caller as far as `access` asks for it, from the database of this moment.
 *
 * @throws {AppError} `unauthenticated`, `forbidden`
 */
export async function identify(
  ctx: Context,
  access: Access,
  deps: { accounts: Accounts; localAddresses: readonly string[] },
): Promise<Caller | undefined> {
  if (access === 'public') return undefined;
  const { address } = visitorOf(ctx);
  if (access === 'local') {
    if (isLoopback(address) || deps.localAddresses.includes(address)) return undefined;
    throw forbidden('this address may not read it: see http.metrics_allow');
  }
  const token = accessTokenOf(ctx);
  if (token === undefined) throw new AppError('unauthenticated', 'sign in first');
  const { apiKeys, sessions } = deps.accounts;
  if (!token.startsWith(KEY_PREFIX)) return sessions.authenticate(token);
  return apiKeys.authenticate(token, address) ?? refuseKey();
}

/** Lets the caller in, or says why not. @throws {AppError} `forbidden` */
export function authorize(identity: Caller | undefined, access: Access): Authorized {
  if (identity === undefined) return { identity, scope: undefined };
  if (!isAllowed(identity, access)) throw forbidden(whyNot(identity, access));
  return { identity, scope: typeof access === 'object' ? identity.factory?.scope : undefined };
}

function refuseKey(): never {
  throw new AppError('unauthenticated', 'the API key is not valid, or no longer');
}

function whyNot(identity: Caller, access: Access): string {
  if ('keyId' in identity && typeof access === 'string') return 'an API key may not do this: sign in as a person';
  if (access === 'super_admin') return 'only an owner of the appliance may do this';
  if (identity.factory === undefined) return 'select a factory first';
  return 'your role in this factory does not allow this';
}

/** True when someone who is signed in may use a route of this access. */
export function isAllowed(identity: Caller, access: Access): boolean {
  if (typeof access === 'object') return identity.factory !== undefined && allows(identity.factory, access.factory);
  // What is of the whole appliance, or of a person, is beyond any key.
  if ('keyId' in identity) return access === 'public' || access === 'local';
  return access !== 'super_admin' || identity.isSuperAdmin;
}
