import { timingSafeEqual } from 'node:crypto';
import { actAs } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { hashSecret, newReadableCode } from '../core/ids.ts';
import type { Store } from '../store/store.ts';
import { type Factories, insertFactory, type NewFactory } from './factories.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import { createThrottle } from './throttle.ts';
import { anyUser, checkEmail, insertMembership, insertUser, nameFromEmail } from './users.ts';

export interface SetupRequest {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly factoryName: string;
  readonly factorySlug: string;
  readonly timezone: string;
  readonly isDemo?: boolean | undefined;
}

/** The first run: whoever holds the code that the appliance showed at start becomes its owner. */
export interface Setup {
  /** True until there is any user, and never again. */
  isNeeded(): boolean;
  /** The code of this start, for the ready line; null when it is not needed or has expired. */
  code(): string | null;
  /** When the code expires (epoch ms); null when there is none. */
  codeExpiresAt(): number | null;
  /**
   * Makes the owner (a super admin), the first factory and the owner's membership, all or nothing. Returns the user's
   * id. For the command line, whose user holds the data directory; from outside use `runWithCode`.
   *
   * @throws {AppError} `already_set_up`, `invalid_input`, `busy`
   */
  run(request: SetupRequest): Promise<string>;
  /**
   * Says whether a code is right, so that a wrong one is known before a form is filled in. Case, spaces and hyphens in
   * it do not matter.
   *
   * @throws {AppError} `forbidden` (wrong or expired code), `too_many` with the time to wait,
   *   `already_set_up`
   */
  checkCode(code: string): void;
  /**
   * The same as `run` for whoever knows the code.
   *
   * @throws {AppError} those of `checkCode` and of `run`
   */
  runWithCode(code: string, request: SetupRequest): Promise<string>;
}

export interface SetupDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Factories;
  readonly passwords: Passwords;
  /** Life of the code (s). */
  readonly codeLifeS: number;
}

const alreadySetUp = () => new AppError('already_set_up', 'this appliance is set up already: sign in');

/** What a person makes of a code: any case, with or without its hyphen. Hashed, so that lengths compare. */
const digest = (code: string) => Buffer.from(hashSecret(code.toUpperCase().replace(/[^A-Z0-9]/g, '')));

/** Inserts what the first setup makes, inside the caller's transaction. */
function insertOwnerAndFactory(
  sql: Parameters<Parameters<Store['system']>[1]>[0],
  owner: { email: string; name: string; passwordHash: string },
  factory: NewFactory,
  now: number,
): string {
  const factoryId = insertFactory(sql, factory, now);
  const userId = insertUser(sql, { ...owner, passwordIsPublic: false, isSuperAdmin: true }, now);
  insertMembership(sql, { factoryId, userId, role: 'admin', now });
  actAs({ kind: 'user', id: userId, name: owner.email });
  return userId;
}

/** The code (40 bits) lives in memory: a restart makes a new one. Waits that grow to a minute keep it from being guessed. */
export function createSetup(deps: SetupDeps): Setup {
  const { store, clock, factories, passwords, codeLifeS } = deps;
  const isNeeded = () => !store.systemRead('first setup', anyUser);
  const code = isNeeded() ? newReadableCode(2) : null;
  const codeExpiresAt = clock.now() + codeLifeS * 1_000;
  const isAlive = () => code !== null && clock.now() < codeExpiresAt && isNeeded();
  const guesses = createThrottle({ clock, free: 10, firstMs: 1_000, longestMs: 60_000, forgetMs: 300_000 });

  const run = async (request: SetupRequest) => {
    if (!isNeeded()) throw alreadySetUp();
    const email = checkEmail(request.email);
    checkPasswordRule(request.password, '/password');
    const passwordHash = await passwords.hash(request.password);
    const { factoryName, factorySlug, timezone, isDemo } = request;
    const factory = { name: factoryName, slug: factorySlug, timezone, isDemo };
    const owner = { email, name: request.name ?? nameFromEmail(email), passwordHash };
    const userId = store.system('first setup', (sql) => {
      // Asked again: somebody else may have finished while the password was hashed.
      if (anyUser(sql)) throw alreadySetUp();
      return insertOwnerAndFactory(sql, owner, factory, clock.now());
    });
    factories.reload();
    return userId;
  };

  const checkCode = (given: string) => {
    if (!isNeeded()) throw alreadySetUp();
    const attempt = guesses.attempt('setup');
    if (code === null || !isAlive()) {
      throw new AppError('forbidden', 'the setup code has expired: restart the appliance, it shows a new one');
    }
    if (!timingSafeEqual(digest(given), digest(code))) {
      const where = 'it stands in the line that the appliance prints at start';
      throw new AppError('forbidden', `the setup code is wrong: ${where}`);
    }
    attempt.succeeded();
  };

  return {
    isNeeded,
    run,
    code: () => (isAlive() ? code : null),
    codeExpiresAt: () => (isAlive() ? codeExpiresAt : null),
    checkCode,
    runWithCode: async (given, request) => {
      checkCode(given);
      return run(request);
    },
  };
}
