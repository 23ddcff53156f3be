import type { Clock } from '../core/clock.ts';
import { AppError, systemCode } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import { setPassword } from './password-resets.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import type { Permission, Role } from './roles.ts';
import { removeSecondFactor } from './second-factors.ts';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly isSuperAdmin: boolean;
  readonly isActive: boolean;
  /** The password stands in the documentation: everybody knows it. */
  readonly passwordIsPublic: boolean;
  readonly createdAt: number;
}

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly isSuperAdmin?: boolean | undefined;
  readonly membership?:
    | { readonly scope: FactoryScope; readonly role: Role; readonly permissions?: readonly Permission[] }
    | undefined;
}

/** What the operator at the machine may do with users (`factoryops user …`). */
export interface Users {
  /** @throws {AppError} `invalid_input`, `conflict` when the address is taken, `busy` */
  add(user: NewUser): Promise<User>;
  /**
   * Sets a new password, takes a second factor away, makes the user active again and ends all their sessions.
   *
   * @throws {AppError} `not_found`, `invalid_input`, `busy`
   */
  resetPassword(email: string, password: string): Promise<void>;
  /** All users, by address. */
  list(): readonly User[];
  /** Addresses of active users whose password is public, for the banner and for `doctor`. */
  withPublicPassword(): readonly string[];
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly is_super_admin: number;
  readonly is_active: number;
  readonly password_is_public: number;
  readonly created_at: number;
}

/** The one form of an address, however it is typed: case and the way that letters are put together do not tell people apart. */
export const normalEmail = (email: string): string => email.trim().normalize('NFKC').toLowerCase();

/**
 * An address in its one form. What cannot be seen in a list has no place in one.
 *
 * @throws {AppError} `invalid_input` for what cannot be an e-mail address; `admin@localhost` can
 */
export function checkEmail(email: string): string {
  const normal = normalEmail(email);
  if (normal.length <= 254 && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(normal)) return normal;
  const message = 'not an e-mail address';
  throw new AppError('invalid_input', message, { faults: [{ pointer: '/email', message }] });
}

/** A user as the caller's transaction writes it; the password is hashed already. */
export interface UserToInsert {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly passwordIsPublic: boolean;
  readonly isSuperAdmin: boolean;
}

/** Adds a user inside the caller's transaction and returns the id. @throws {AppError} `conflict` */
export function insertUser(sql: Sql, user: UserToInsert, now: number): string {
  const id = newId();
  try {
    sql.run(
      `insert into main.users (id, email, name, password_hash, password_is_public, is_super_admin, created_at)
       values (?, ?, ?, ?, ?, ?, ?)`,
      id,
      user.email,
      user.name,
      user.passwordHash,
      Number(user.passwordIsPublic),
      Number(user.isSuperAdmin),
      now,
    );
  } catch (error) {
    if (systemCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
    throw new AppError('conflict', `there is a user with the address ${user.email} already`, { cause: error });
  }
  return id;
}

export interface NewMembership {
  readonly factoryId: number;
  readonly userId: string;
  readonly role: Role;
  readonly permissions?: readonly Permission[];
  readonly now: number;
}

/**
 * Makes a user a member of a factory, inside the caller's transaction; an existing membership stays as it is. A link for a
 * new password that somebody holds by now ends: it would open this factory, too.
 */
export function insertMembership(sql: Sql, { factoryId, userId, role, permissions = [], now }: NewMembership): number {
  sql.run('delete from main.password_resets where user_id = ?', userId);
  return sql.run(
    `insert into main.memberships (factory_id, user_id, role, permissions, created_at) values (?, ?, ?, ?, ?)
     on conflict (factory_id, user_id) do nothing`,
    factoryId,
    userId,
    role,
    JSON.stringify(permissions),
    now,
  );
}

/** True once there is any user: from then on nobody can set the appliance up. */
export const anyUser = (sql: SqlReads): boolean => sql.get('select 1 from users limit 1') !== undefined;

/** The name of a user who gave none. */
export const nameFromEmail = (email: string): string => email.split('@')[0] ?? email;

export function createUsers(store: Store, clock: Clock, passwords: Passwords): Users {
  const list = () =>
    store
      .systemRead('rescue users', (sql) =>
        sql.all<Row>(
          `select id, email, name, is_super_admin, is_active, password_is_public, created_at from users order by email`,
        ),
      )
      .map(
        (row): User => ({
          id: row.id,
          email: row.email,
          name: row.name,
          isSuperAdmin: row.is_super_admin === 1,
          isActive: row.is_active === 1,
          passwordIsPublic: row.password_is_public === 1,
          createdAt: row.created_at,
        }),
      );

  return {
    list,
    add: async ({ email: given, password, name, isSuperAdmin = false, membership }) => {
      const email = checkEmail(given);
      checkPasswordRule(password, '/password');
      const passwordHash = await passwords.hash(password);
      const id = store.system('rescue users', (sql) => {
        const row = { email, name: name ?? nameFromEmail(email), passwordHash, passwordIsPublic: false, isSuperAdmin };
        const userId = insertUser(sql, row, clock.now());
        if (membership !== undefined) {
          const { scope, role, permissions } = membership;
          insertMembership(sql, {
            factoryId: scope.factoryId,
            userId,
            role,
            ...(permissions && { permissions }),
            now: clock.now(),
          });
        }
        return userId;
      });
      const user = list().find((candidate) => candidate.id === id);
      if (user === undefined) throw new Error('a user was added and cannot be read');
      return user;
    },
    resetPassword: async (email, password) => {
      checkPasswordRule(password, '/password');
      const passwordHash = await passwords.hash(password);
      store.system('rescue users', (sql) => {
        const row = sql.get<{ id: string }>(
          'update main.users set is_active = 1 where email = ? returning id',
          normalEmail(email),
        );
        if (row === undefined) {
          throw new AppError('not_found', `there is no user with the address ${email}: see \`factoryops user list\``);
        }
        setPassword(sql, row.id, passwordHash, clock.now());
        removeSecondFactor(sql, row.id);
      });
    },
    withPublicPassword: () => store.systemRead('check health', addressesWithPublicPassword),
  };
}

/** Addresses of active users whose password stands in the documentation. */
export const addressesWithPublicPassword = (sql: SqlReads): string[] =>
  sql
    .all<{ email: string }>('select email from users where password_is_public = 1 and is_active = 1 order by email')
    .map(({ email }) => email);
