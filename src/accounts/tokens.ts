import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'factoryops';
const AUDIENCE = 'factoryops-api';
const TYPE = 'at+jwt';

/** Whose token it is. What its bearer may do is read from the database at each request, never from the token. */
export interface TokenSubject {
  readonly userId: string;
  readonly sessionId: string;
}

/** Short-lived access tokens: JWTs (RFC 9068's type), algorithm, issuer and audience pinned both ways. */
export interface AccessTokens {
  readonly lifeS: number;
  issue(subject: TokenSubject): Promise<string>;
  /** @throws {AppError} `unauthenticated` for anything but a live token of this appliance */
  verify(token: string): Promise<TokenSubject>;
}

/** Tokens whose signature was looked at; at the bound the one that came first is looked at again. */
const MAX_KNOWN = 1_000;

/** What a token that was signed by this key says. */
interface Known {
  readonly subject: TokenSubject;
  /** Epoch s. */
  readonly expiresAt: number;
}

/** @param lifeS - life of a token (s) */
export function createAccessTokens(key: Uint8Array, clock: Clock, lifeS: number): AccessTokens {
  /** A page asks a dozen times with one token: its signature does not change, only the time does. */
  const known = new Map<string, Known>();
  const remember = (token: string, entry: Known) => {
    known.set(token, entry);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };

  return {
    lifeS,
    issue: ({ userId, sessionId }) => {
      const nowS = Math.floor(clock.now() / 1_000);
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + lifeS)
        .sign(key);
    },
    verify: async (token) => {
      const found = known.get(token);
      if (found !== undefined) {
        const nowS = Math.floor(clock.now() / 1_000);
        if (nowS < found.expiresAt) return found.subject;
        known.delete(token);
      }
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          typ: TYPE,
          requiredClaims: ['sub', 'sid', 'exp'],
          currentDate: new Date(clock.now()),
        });
        if (typeof payload.sub === 'string' && typeof payload.sid === 'string') {
          const subject = { userId: payload.sub, sessionId: payload.sid };
          remember(token, { subject, expiresAt: payload.exp ?? 0 });
          return subject;
        }
      } catch (error) {
        throw new AppError('unauthenticated', 'the access token is not valid, or no longer: sign in', { cause: error });
      }
      throw new AppError('unauthenticated', 'the access token is not valid: sign in');
    },
  };
}
