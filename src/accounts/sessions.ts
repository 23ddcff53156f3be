import { actAs } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { Factories } from './factories.ts';
import { type FactoryAccess, type Identity, MAY_ENTER, readFactoryAccess, readIdentity } from './identity.ts';
import { setPassword } from './password-resets.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import { hasSecondFactor, type SecondFactors } from './second-factors.ts';
import {
  endSession,
  insertSession,
  noteEntry,
  type OpenedSession,
  ownerOfToken,
  rotateSession,
  type Visitor,
} from './session-rows.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';
import type { Attempt } from './throttle.ts';
import type { AccessTokens } from './tokens.ts';
import { normalEmail } from './users.ts';

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

/** What proves who somebody is. */
export interface Proof {
  readonly password: string;
  /** Of the second factor, where there is one: a one-time code or a recovery code. */
  readonly code?: string | undefined;
}

/** Sign-ins, and who is behind a token. Every refusal to identify is `unauthenticated`, without saying which part. */
export interface Sessions {
  /**
   * @throws {AppError} `unauthenticated`, `second_factor_required` (the password is right), `too_many` with the time to
   *   wait, `busy`
   */
  signIn(email: string, proof: Proof, visitor: Visitor): Promise<SignedIn>;
  /**
   * Signs in without a password: for `setup` and links that work once, right after the password was chosen. The factory
   * named is selected, or else the one that they came into last.
   */
  signInAs(userId: string, visitor: Visitor, factoryUuid?: string): Promise<SignedIn>;
  /**
   * Whether this is the person behind a login, by password and second factor. Guesses count as those at sign-in do. Who is
   * barred from every factory is nobody, unless it is about coming into another.
   *
   * @returns the user's id
   * @throws {AppError} as `signIn` does
   */
  prove(email: string, proof: Proof, visitor: Visitor, options?: { evenIfBarred: boolean }): Promise<string>;
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
  changePassword(identity: Identity, passwords: PasswordChange, visitor: Visitor): Promise<void>;
  /** @throws {AppError} `invalid_input` at `/current_password` when it is wrong, `too_many`, `busy` */
  checkPassword(identity: Identity, password: string, visitor: Visitor): Promise<void>;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

export interface SessionsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Factories;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly secondFactors: SecondFactors;
  /** Life of a session that is not used (s). */
  readonly refreshLifeS: number;
}

interface UserRow {
  readonly id: string;
  readonly password_hash: string;
  readonly is_active: number;
  readonly may_enter: number;
}

/** The factory that a new session begins in: the one named, or the one they came into last, or the first. */
function selectFrom(
  sql: SqlReads,
  userId: string,
  open: readonly FactoryAccess[],
  named: string | undefined,
): FactoryAccess | undefined {
  const entered = sql.all<{ factory_id: number }>(
    'select factory_id from memberships where user_id = ? and entered_at is not null order by entered_at desc',
    userId,
  );
  const rank = ({ scope }: FactoryAccess) => {
    const place = entered.findIndex(({ factory_id }) => factory_id === scope.factoryId);
    return place < 0 ? entered.length : place;
  };
  return open.find(({ scope }) => scope.factoryUuid === named) ?? open.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** Sessions whose identity is remembered for as long as nothing is written, and at most so long. */
const [MAX_KNOWN, KNOWN_FOR_MS] = [1_000, 1_000];

const signedOut = () => new AppError('unauthenticated', 'the session has ended: sign in');

const wrongCurrent = () => faultAt('/current_password', 'the current password is wrong');
const wrongPassword = () => new AppError('unauthenticated', 'the e-mail address or the password is wrong');

const faultAt = (pointer: string, message: string) =>
  new AppError('invalid_input', message, { faults: [{ pointer, message }] });

export function createSessions(deps: SessionsDeps): Sessions {
  const { store, clock, factories, passwords, tokens, secondFactors, refreshLifeS } = deps;
  const guesses = createSignInThrottle(clock);
  const expiresAt = () => clock.now() + refreshLifeS * 1_000;

  const read = (sessionId: string) =>
    store.systemRead('sign in', (sql) => readIdentity(sql, factories, sessionId, clock.now()));
  const known = new Map<string, { readonly revision: number; readonly at: number; readonly identity: Identity }>();

  /** Asks the database, unless it has just said the same: a page asks a dozen things at once. */
  const current = (sessionId: string): Identity | undefined => {
    const [before, at] = [known.get(sessionId), clock.now()];
    // Sessions end by time, too.
    if (before?.revision === store.revision && at >= before.at && at - before.at < KNOWN_FOR_MS) return before.identity;
    const identity = read(sessionId);
    known.delete(sessionId);
    if (known.size >= MAX_KNOWN) known.clear();
    if (identity !== undefined) known.set(sessionId, { revision: store.revision, at, identity });
    return identity;
  };

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

  /** @param options.provenBy - the hash of the password that was right: it may have been changed since */
  const open = async (userId: string, visitor: Visitor, options: { provenBy?: string; factoryUuid?: string } = {}) => {
    const opened = store.system('sign in', (sql) => {
      const user = sql.get<{ email: string; is_super_admin: number; password_hash: string }>(
        `select u.email, u.is_super_admin, u.password_hash from users u where u.id = ? and ${MAY_ENTER}`,
        userId,
      );
      if (user === undefined) throw signedOut();
      if (options.provenBy !== undefined && options.provenBy !== user.password_hash) throw wrongPassword();
      actAs({ kind: 'user', id: userId, name: user.email });
      const enterable = readFactoryAccess(sql, factories, userId, user.is_super_admin === 1);
      const factoryId = selectFrom(sql, userId, enterable, options.factoryUuid)?.scope.factoryId ?? null;
      return insertSession(sql, { userId, factoryId, visitor, now: clock.now(), expiresAt: expiresAt() });
    });
    return signedIn(opened);
  };

  const readUser = (by: 'id' | 'email', value: string) =>
    store.systemRead('sign in', (sql) =>
      sql.get<UserRow>(
        `select u.id, u.password_hash, u.is_active, ${MAY_ENTER} as may_enter from users u where u.${by} = ?`,
        value,
      ),
    );

  /** Verifies a password whose attempt is counted; one that nobody had time to look at is not held against the user. */
  const judge = async (attempt: Attempt, password: string, passwordHash: string | undefined): Promise<boolean> => {
    try {
      return await passwords.verify(password, passwordHash);
    } catch (error) {
      attempt.takenBack();
      throw error;
    }
  };

  const proveUser = async (
    email: string,
    { password, code }: Proof,
    visitor: Visitor,
    evenIfBarred: boolean,
  ): Promise<UserRow> => {
    const address = normalEmail(email);
    const attempt = guesses.attempt(address, visitor.address);
    const user = readUser('email', address);
    const isRight = await judge(attempt, password, user?.password_hash);
    if (!isRight || user === undefined || (evenIfBarred ? user.is_active : user.may_enter) === 0) {
      throw wrongPassword();
    }
    if (store.systemRead('sign in', (sql) => hasSecondFactor(sql, user.id))) {
      if (code === undefined) {
        attempt.takenBack();
        throw new AppError('second_factor_required', 'enter the code of your authenticator app, or a recovery code');
      }
      if (!secondFactors.use(user.id, code)) {
        throw new AppError('unauthenticated', 'the code is wrong, or was used already: take the newest of the app');
      }
    }
    attempt.succeeded();
    return user;
  };

  /** The hash of the password, which was right. */
  const checkPassword = async ({ userId, email }: Identity, password: string, visitor: Visitor): Promise<string> => {
    const attempt = guesses.attempt(email, visitor.address);
    const hash = readUser('id', userId)?.password_hash;
    if (!(await judge(attempt, password, hash)) || hash === undefined) throw wrongCurrent();
    attempt.succeeded();
    return hash;
  };

  return {
    current,
    factoriesOf,
    signInAs: (userId, visitor, factoryUuid) =>
      open(userId, visitor, { ...(factoryUuid !== undefined && { factoryUuid }) }),
    prove: async (email, proof, visitor, options) =>
      (await proveUser(email, proof, visitor, options?.evenIfBarred ?? false)).id,
    checkPassword: async (identity, password, visitor) => void (await checkPassword(identity, password, visitor)),

    signIn: async (email, proof, visitor) => {
      const { id, password_hash } = await proveUser(email, proof, visitor, false);
      return open(id, visitor, { provenBy: password_hash });
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
      actAs({ kind: 'user', id: userId, name: identity.email });
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
      const { factoryId } = target.scope;
      store.system('sign in', (sql) => {
        sql.run('update main.sessions set selected_factory = ? where id = ?', factoryId, sessionId);
        noteEntry(sql, factoryId, identity.userId, clock.now());
      });
      return grant(sessionId);
    },

    changePassword: async (identity, { current: given, next }, visitor) => {
      const { userId, sessionId } = identity;
      const before = await checkPassword(identity, given, visitor);
      checkPasswordRule(next, '/new_password');
      if (next === given) throw faultAt('/new_password', 'the new password is the current one');
      const passwordHash = await passwords.hash(next);
      store.system('sign in', (sql) => {
        // It may have been changed, or the session ended, while the new one was hashed.
        const isSame = sql.get('select 1 from users where id = ? and password_hash = ?', userId, before);
        if (isSame === undefined) throw wrongCurrent();
        setPassword(sql, userId, passwordHash, clock.now(), sessionId);
      });
    },
  };
}
