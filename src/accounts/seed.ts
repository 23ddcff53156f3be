import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { SqlReads, Store } from '../store/store.ts';
import { type Factories, insertFactory, machineTimezone } from './factories.ts';
import type { Passwords } from './passwords.ts';
import { insertMembership, insertUser } from './users.ts';

/** The demo's accounts. The password stands in the documentation; the UI shows a banner until it is changed. */
export const SEED = {
  factoryName: 'VPC Industries',
  factorySlug: 'vpc',
  email: 'admin@vpc.com',
  password: 'Admin@123',
  userName: 'VPC Admin',
} as const;

const someoneElses = () =>
  new AppError(
    'already_set_up',
    'this data directory belongs to an appliance in use, and the demo has a public password: choose another with --data-dir',
  );

/** What there is of the seed. Times are epoch ms. */
interface Found {
  readonly factory: { readonly id: number; readonly is_demo: number; readonly created_at: number } | undefined;
  readonly user: { readonly id: string; readonly password_is_public: number; readonly created_at: number } | undefined;
  readonly isMember: boolean;
  readonly hasOtherUsers: boolean;
}

function find(sql: SqlReads): Found {
  const factory = sql.get<NonNullable<Found['factory']>>(
    'select id, is_demo, created_at from factories where slug = ?',
    SEED.factorySlug,
  );
  const user = sql.get<NonNullable<Found['user']>>(
    'select id, password_is_public, created_at from users where email = ?',
    SEED.email,
  );
  const membership = sql.get(
    'select 1 from memberships where factory_id = ? and user_id = ?',
    factory?.id ?? null,
    user?.id ?? null,
  );
  const others = sql.get('select 1 from users where email <> ? limit 1', SEED.email);
  return { factory, user, isMember: membership !== undefined, hasOtherUsers: others !== undefined };
}

/** Nothing of somebody else is there: no other user, no password of their own, and no factory but the demo's. */
function isSeedsOwn({ factory, user, hasOtherUsers }: Found): boolean {
  if (hasOtherUsers || user?.password_is_public === 0) return false;
  // The seed makes both in one moment; a factory that people make later under the same slug is theirs.
  return factory === undefined || factory.is_demo === 1 || factory.created_at === user?.created_at;
}

interface SeedDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Factories;
  readonly passwords: Passwords;
}

/**
 * Makes what is missing of the demo factory, its super admin and the membership, in one transaction; what exists stays
 * as it is, a changed password too. The factory's calendar is that of this machine. With `isDemo` the factory becomes
 * a demo factory.
 *
 * @returns whether anything was made
 * @throws {AppError} `already_set_up` when something is missing in a data directory that is somebody else's
 */
export async function seedAccounts(
  { store, clock, factories, passwords }: SeedDeps,
  { isDemo = false }: { isDemo?: boolean } = {},
): Promise<boolean> {
  const passwordHash = await passwords.hash(SEED.password);
  const now = clock.now();
  const made = store.system('seed', (sql) => {
    const found = find(sql);
    const { factory, user, isMember } = found;
    const isComplete = factory !== undefined && user !== undefined && isMember;
    const isToBeMarked = isDemo && factory?.is_demo !== 1;
    if (isComplete && !isToBeMarked) return false;
    if (!isSeedsOwn(found)) throw someoneElses();
    const factoryId =
      factory?.id ??
      insertFactory(sql, { name: SEED.factoryName, slug: SEED.factorySlug, timezone: machineTimezone() }, now);
    const userId =
      user?.id ??
      insertUser(
        sql,
        { email: SEED.email, name: SEED.userName, passwordHash, passwordIsPublic: true, isSuperAdmin: true },
        now,
      );
    if (isToBeMarked) sql.run('update main.factories set is_demo = 1 where id = ?', factoryId);
    insertMembership(sql, { factoryId, userId, role: 'admin', now });
    return !isComplete;
  });
  if (made || isDemo) factories.reload();
  return made;
}
