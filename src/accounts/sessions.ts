import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { Factories } from './factories.ts';
import { type FactoryAccess, type Identity, readFactoryAccess, readIdentity } from './identity.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import { endSession, insertSession, type OpenedSession, ownerOfToken, rotateSession } from './session-rows.ts';
import { createThrottle } from './throttle.ts';
import type { AccessTokens } from './tokens.ts';

/** Who is signed in, and a fresh access token. Lives are in seconds. */
export interface AccessGrant {
  readonly identity: Identity;
  /** All factories that the user may select. */
  readonly factories: readonly FactoryAccess[];
  readonly accessToken: string;
  readonly accessLifeS: number;
}

/** What a successful sign-in or refresh gives. */
export interface SignedIn extends AccessGrant {
  readonly refreshToken: string;
  readonly refreshLifeS: number;
}

/** Sign-ins, and who is behind a token. Every refusal to identify is `unauthenticated`, without saying which part. */
export interface Sessions {
  /** @throws {AppError} `unauthenticated`, `too_many` after ten wrong passwords in five minutes, `busy` */
  signIn(email: string, password: string): Promise<SignedIn>;
  /** Signs in without a password: for `setup`, right after the password was chosen. */
  signInAs(userId: string): Promise<SignedIn>;
  /** Exchanges a refresh token. @throws {AppError} `unauthenticated`; a used token ends the session */
  refresh(refreshToken: string): Promise<SignedIn>;
  /** Who holds this access token, by the database of this moment. @throws {AppError} `unauthenticated` */
  authenticate(accessToken: string): Promise<Identity>;
  /** Who is behind a session now, or undefined when it has ended: for streams that outlive their request. */
  current(sessionId: string): Identity | undefined;
  /** The factories that someone may switch to. */
  factoriesOf(identity: Identity): readonly FactoryAccess[];
  /** Ends a session at once, its access tokens included. */
  signOut(sessionId: string): void;
  /** Ends the session of a refresh token; false when there was none. */
  signOutByRefreshToken(refreshToken: string): boolean;
  /** @throws {AppError} `not_found` for a factory that does not exist, or is not theirs */
  switchFactory(identity: Identity, factoryUuid: string): Promise<AccessGrant>;
  /**
   * Sets the password and ends the user's other sessions.
   *
   * @throws {AppError} `invalid_input` when the current password is wrong or the new one breaks the rule, `too_many`, `busy`
   */
  changePassword(identity: Identity, currentPassword: string, newPassword: string): Promise<void>;
}

export interface SessionsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Factories;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  /** Life of a session that is not used (s). */
  readonly refreshLifeS: number;
}

interface UserRow {
  readonly id: string;
  readonly password_hash: string;
  readonly is_active: number;
}

const signedOut = () => new AppError('unauthenticated', 'the session has ended: sign in');

const faultAt = (pointer: string, message: string) =>
  new AppError('invalid_input', message, { faults: [{ pointer, message }] });

export function createSessions(deps: SessionsDeps): Sessions {
  const { store, clock, factories, passwords, tokens, refreshLifeS } = deps;
  const guesses = createThrottle({ clock, limit: 10, windowMs: 300_000 });
  const expiresAt = () => clock.now() + refreshLifeS * 1_000;

  const current = (sessionId: string) =>
    store.systemRead('sign in', (sql) => readIdentity(sql, factories, sessionId, clock.now()));

  const factoriesOf = ({ userId, isSuperAdmin }: Identity) =>
    store.systemRead('sign in', (sql) => readFactoryAccess(sql, factories, userId, isSuperAdmin));

  const grant = async (sessionId: string): Promise<AccessGrant> => {
    const identity = current(sessionId);
    if (identity === undefined) throw signedOut();
    const accessToken = await tokens.issue(identity);
    return { identity, factories: factoriesOf(identity), accessToken, accessLifeS: tokens.lifeS };
  };

  const signedIn = async ({ sessionId, refreshToken }: OpenedSession): Promise<SignedIn> => ({
    ...(await grant(sessionId)),
    refreshToken,
    refreshLifeS,
  });

  const signInAs = async (userId: string) => {
    const opened = store.system('sign in', (sql) => {
      const user = sql.get<{ is_super_admin: number }>(
        'select is_super_admin from users where id = ? and is_active = 1',
        userId,
      );
      if (user === undefined) throw signedOut();
      const [first] = readFactoryAccess(sql, factories, userId, user.is_super_admin === 1);
      const factoryId = first?.scope.factoryId ?? null;
      return insertSession(sql, { userId, factoryId, now: clock.now(), expiresAt: expiresAt() });
    });
    return signedIn(opened);
  };

  /** Verifies a password whose attempt is counted; one that nobody had time to look at is not held against the user. */
  const judge = async (key: string, password: string, passwordHash: string | undefined): Promise<boolean> => {
    try {
      return await passwords.verify(password, passwordHash);
    } catch (error) {
      guesses.takenBack(key);
      throw error;
    }
  };

  return {
    current,
    factoriesOf,
    signInAs,

    signIn: async (email, password) => {
      const address = email.trim();
      const key = address.toLowerCase();
      guesses.attempt(key);
      const user = store.systemRead('sign in', (sql) =>
        sql.get<UserRow>('select id, password_hash, is_active from users where email = ?', address),
      );
      const isRight = await judge(key, password, user?.password_hash);
      if (!isRight || user === undefined || user.is_active === 0) {
        throw new AppError('unauthenticated', 'the e-mail address or the password is wrong');
      }
      guesses.succeeded(key);
      return signInAs(user.id);
    },

    refresh: async (refreshToken) => {
      const times = { now: clock.now(), expiresAt: expiresAt() };
      const opened = store.system('sign in', (sql) => rotateSession(sql, refreshToken, times));
      if (opened === undefined) throw signedOut();
      return signedIn(opened);
    },

    authenticate: async (accessToken) => {
      const { sessionId, userId } = await tokens.verify(accessToken);
      const identity = current(sessionId);
      if (identity === undefined || identity.userId !== userId) throw signedOut();
      return identity;
    },

    signOut: (sessionId) => store.system('sign in', (sql) => endSession(sql, sessionId, clock.now())),

    signOutByRefreshToken: (refreshToken) =>
      store.system('sign in', (sql) => {
        const sessionId = ownerOfToken(sql, refreshToken, clock.now());
        if (sessionId !== undefined) endSession(sql, sessionId, clock.now());
        return sessionId !== undefined;
      }),

    switchFactory: async (identity, factoryUuid) => {
      const target = factoriesOf(identity).find((factory) => factory.scope.factoryUuid === factoryUuid);
      if (target === undefined) throw new AppError('not_found', 'not found');
      const { sessionId } = identity;
      store.system('sign in', (sql) =>
        sql.run('update main.sessions set selected_factory = ? where id = ?', target.scope.factoryId, sessionId),
      );
      return grant(sessionId);
    },

    changePassword: async (identity, currentPassword, newPassword) => {
      const { userId, sessionId } = identity;
      const key = identity.email.toLowerCase();
      guesses.attempt(key);
      const user = store.systemRead('sign in', (sql) =>
        sql.get<UserRow>('select id, password_hash, is_active from users where id = ?', userId),
      );
      if (!(await judge(key, currentPassword, user?.password_hash))) {
        throw faultAt('/current_password', 'the current password is wrong');
      }
      guesses.succeeded(key);
      checkPasswordRule(newPassword, '/new_password');
      if (newPassword === currentPassword) throw faultAt('/new_password', 'the new password is the current one');
      const passwordHash = await passwords.hash(newPassword);
      store.system('sign in', (sql) => {
        sql.run('update main.users set password_hash = ?, password_is_public = 0 where id = ?', passwordHash, userId);
        sql.run(
          'update main.sessions set ended_at = ? where user_id = ? and id <> ? and ended_at is null',
          clock.now(),
          userId,
          sessionId,
        );
      });
    },
  };
}
