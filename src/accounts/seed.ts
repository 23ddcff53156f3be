import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { SqlReads, Store } from '../store/store.ts';
import { type Factories, insertFactory, machineTimezone } from './factories.ts';
import type { Passwords } from './passwords.ts';
import { anyUser, insertMembership, insertUser } from './users.ts';

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

const isStillSeeded = (sql: SqlReads): boolean =>
  sql.get('select 1 from users where email = ? and password_is_public = 1', SEED.email) !== undefined;

interface SeedDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Factories;
  readonly passwords: Passwords;
}

/**
 * Makes what is missing of the demo factory, its super admin and the membership, in one transaction; what exists stays
 * as it is, a changed password too. The factory's calendar is that of this machine. With `isDemo` the factory becomes
 * a demo factory, unless its owner has changed the public password and so has made it their own.
 *
 * @returns whether anything was made
 * @throws {AppError} `already_set_up` when the data directory is somebody else's
 */
export async function seedAccounts(
  { store, clock, factories, passwords }: SeedDeps,
  { isDemo = false }: { isDemo?: boolean } = {},
): Promise<boolean> {
  const passwordHash = await passwords.hash(SEED.password);
  const now = clock.now();
  const made = store.system('seed', (sql) => {
    const idOf = <Id extends string | number>(text: string, value: string) => sql.get<{ id: Id }>(text, value)?.id;
    const factory = idOf<number>('select id from factories where slug = ?', SEED.factorySlug);
    const user = idOf<string>('select id from users where email = ?', SEED.email);
    if (user === undefined && anyUser(sql)) throw someoneElses();
    const factoryId =
      factory ??
      insertFactory(sql, { name: SEED.factoryName, slug: SEED.factorySlug, timezone: machineTimezone() }, now);
    const userId =
      user ??
      insertUser(
        sql,
        { email: SEED.email, name: SEED.userName, passwordHash, passwordIsPublic: true, isSuperAdmin: true },
        now,
      );
    if (isDemo && isStillSeeded(sql)) sql.run('update main.factories set is_demo = 1 where id = ?', factoryId);
    const memberships = insertMembership(sql, factoryId, userId, 'admin');
    return factory === undefined || user === undefined || memberships > 0;
  });
  if (made || isDemo) factories.reload();
  return made;
}
