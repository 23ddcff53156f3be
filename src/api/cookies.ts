import type { Context } from 'koa';
import type { AccessGrant, SignedIn } from '../accounts/accounts.ts';

/** The browser's access token. */
export const ACCESS_COOKIE = 'factoryops_access';
/** The browser's refresh token; only the sign-in routes are sent it. */
export const REFRESH_COOKIE = 'factoryops_refresh';

const PATHS = { [ACCESS_COOKIE]: '/api', [REFRESH_COOKIE]: '/api/v1/auth' } as const;

/**
 * Under TLS a cookie has another name, with the prefix that browsers take from Secure cookies alone (RFC 6265bis, 4.1.3.1).
 * Cookies are of a host, whatever the port: under one name the session of HTTPS could be overwritten by plain HTTP, by
 * somebody on the way; and nobody could sign in by HTTP beside it, because browsers protect what is Secure.
 */
const nameOf = (ctx: Context, name: keyof typeof PATHS): string => (ctx.secure ? `__Secure-${name}` : name);

/** A token that the browser holds for this way of coming, or undefined. */
export const sessionCookie = (ctx: Context, name: keyof typeof PATHS): string | undefined =>
  ctx.cookies.get(nameOf(ctx, name));

/** Lives by Max-Age, which is a span: with Expires, browser and appliance would have to agree on the time. */
function put(ctx: Context, name: keyof typeof PATHS, value: string, lifeS: number): void {
  const secure = ctx.secure ? '; secure' : '';
  ctx.append(
    'Set-Cookie',
    `${nameOf(ctx, name)}=${value}; path=${PATHS[name]}; max-age=${lifeS}${secure}; samesite=strict; httponly`,
  );
}

/** Hands the browser the tokens, out of reach of scripts; the refresh token only where there is a new one. */
export function putSessionCookies(ctx: Context, grant: AccessGrant | SignedIn): void {
  put(ctx, ACCESS_COOKIE, grant.accessToken, grant.accessLifeS);
  if ('refreshToken' in grant) put(ctx, REFRESH_COOKIE, grant.refreshToken, grant.refreshLifeS);
}

/** Takes both tokens back. */
export function clearSessionCookies(ctx: Context): void {
  put(ctx, ACCESS_COOKIE, '', 0);
  put(ctx, REFRESH_COOKIE, '', 0);
}
