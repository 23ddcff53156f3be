import { type Caller, KEY_PREFIX } from '../accounts/accounts.ts';
import type { RefusedAct } from '../audit/audit.ts';
import { AppError } from '../core/errors.ts';
import type { Route } from './route.ts';

/** Where a login is proven by its password. */
const SIGN_INS: ReadonlySet<string> = new Set(['/auth/login', '/invites/accept']);

/** What was typed as an address; a password that was typed there by mistake must not be kept. */
function addressIn(body: unknown): string {
  const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : '';
  return typeof email === 'string' && /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? email.trim().toLowerCase() : '';
}

/** The id in an API key, of which the rest is secret. */
const keyIdOf = (token: string) => new RegExp(`^${KEY_PREFIX}([0-9a-f-]{36})_`).exec(token)?.[1] ?? '';

/**
 * How the audit tells a request that was refused, if it has to: a wrong password or key, and what somebody has no right to.
 * Not what is merely wrong in itself, and not tokens that have run out: that is every browser, every ten minutes.
 */
export function refusalOf(
  route: Route,
  error: unknown,
  asked: { readonly token: string | undefined; readonly identity?: Caller | undefined; readonly body?: unknown },
): RefusedAct | undefined {
  if (!(error instanceof AppError)) return undefined;
  const { code, faults } = error;
  const { token, identity, body } = asked;
  const factoryId = identity?.factory?.scope.factoryId;
  if (SIGN_INS.has(route.path) && (code === 'unauthenticated' || code === 'too_many')) {
    return {
      action: 'auth.sign_in_refused',
      target: { kind: 'user', id: '', name: addressIn(body) },
      details: { code },
    };
  }
  if (identity !== undefined && faults.some(({ pointer }) => pointer === '/current_password')) {
    const target = { kind: 'user', id: identity.userId, name: identity.email };
    return { action: 'auth.password_refused', target };
  }
  if (code === 'unauthenticated' && token?.startsWith(KEY_PREFIX) === true) {
    return { action: 'auth.api_key_refused', target: { kind: 'api_key', id: keyIdOf(token), name: '' } };
  }
  if (code !== 'forbidden') return undefined;
  const name = `${route.method.toUpperCase()} ${route.path}`;
  return { action: 'auth.forbidden', target: { kind: 'route', id: name, name }, factoryId };
}
