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

/** @param lifeS - life of a token (s) */
export function createAccessTokens(key: Uint8Array, clock: Clock, lifeS: number): AccessTokens {
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
          return { userId: payload.sub, sessionId: payload.sid };
        }
      } catch (error) {
        throw new AppError('unauthenticated', 'the access token is not valid, or no longer: sign in', { cause: error });
      }
      throw new AppError('unauthenticated', 'the access token is not valid: sign in');
    },
  };
}
