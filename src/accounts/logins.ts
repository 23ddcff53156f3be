import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import type { Factories, Factory } from './factories.ts';
import { parsePermissions, type Rights, type Role, sorted } from './roles.ts';
import { removeSecondFactor } from './second-factors.ts';
import { endSessionsOf } from './session-rows.ts';
import { insertMembership } from './users.ts';

/** A login with everything that it may enter, as the owners of the appliance see it. Times: epoch ms. */
export interface Login {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isSuperAdmin: boolean;
  readonly isActive: boolean;
  readonly passwordIsPublic: boolean;
  readonly hasSecondFactor: boolean;
  readonly createdAt: number;
  readonly lastSignInAt: number | null;
  readonly memberships: readonly (Rights & { readonly factory: Factory; readonly isActive: boolean })[];
}

export interface LoginChange {
  readonly isActive?: boolean | undefined;
  readonly isSuperAdmin?: boolean | undefined;
}

/**
 * All logins of the appliance, for its owners. There is always an owner who can sign in, and nobody takes their own
 * rights away. What is taken away ends at once.
 */
export interface Logins {
  /** By address. */
  list(page: { limit: number; after: string | undefined; search?: string | undefined }): readonly Login[];
  /** @throws {AppError} `not_found` */
  get(userId: string): Login;
  /** @throws {AppError} `not_found`, `conflict` */
  change(ownerId: string, userId: string, change: LoginChange): Login;
  /** @throws {AppError} `not_found`, `conflict` */
  remove(ownerId: string, userId: string): void;
  /** Somebody else's. @throws {AppError} `not_found`, `conflict` */
  getAnother(ownerId: string, userId: string): Login;
  /** @throws {AppError} `not_found`, `conflict`: one's own goes with the password alone */
  removeSecondFactor(ownerId: string, userId: string): Login;
  /** Makes somebody a member of a factory, or changes what they may do there. @throws {AppError} `not_found` */
  putMembership(userId: string, factoryUuid: string, rights: { role: Role; permissions: readonly string[] }): Login;
  /** @throws {AppError} `not_found` */
  removeMembership(userId: string, factoryUuid: string): Login;
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly is_super_admin: number;
  readonly is_active: number;
  readonly password_is_public: number;
  readonly has_second_factor: number;
  readonly created_at: number;
  readonly last_sign_in_at: number | null;
}

interface MemberRow {
  readonly factory_id: number;
  readonly role: Role;
  readonly permissions: string;
  readonly is_active: number;
}

const SELECT = `select u.id, u.email, u.name, u.is_super_admin, u.is_active, u.password_is_public, u.created_at,
    u.last_sign_in_at,
    exists (select 1 from second_factors f where f.user_id = u.id and f.is_confirmed = 1) as has_second_factor
  from users u`;

const missing = () => new AppError('not_found', 'not found');

export function createLogins(store: Store, clock: Clock, factories: Pick<Factories, 'list' | 'byUuid'>): Logins {
  const toLogin = (sql: SqlReads, row: Row): Login => {
    const members = new Map(
      sql
        .all<MemberRow>('select factory_id, role, permissions, is_active from memberships where user_id = ?', row.id)
        .map((member) => [member.factory_id, member]),
    );
    return {
      userId: row.id,
      email: row.email,
      name: row.name,
      isSuperAdmin: row.is_super_admin === 1,
      isActive: row.is_active === 1,
      passwordIsPublic: row.password_is_public === 1,
      hasSecondFactor: row.has_second_factor === 1,
      createdAt: row.created_at,
      lastSignInAt: row.last_sign_in_at,
      memberships: factories.list().flatMap((factory) => {
        const member = members.get(factory.scope.factoryId);
        if (member === undefined) return [];
        const { role, permissions, is_active } = member;
        return [{ factory, role, permissions: parsePermissions(permissions), isActive: is_active === 1 }];
      }),
    };
  };
  const read = (sql: SqlReads, userId: string): Login => {
    const row = sql.get<Row>(`${SELECT} where u.id = ?`, userId);
    if (row === undefined) throw missing();
    return toLogin(sql, row);
  };
  const factoryId = (uuid: string): number => {
    const factory = factories.byUuid(uuid);
    if (factory === undefined) throw missing();
    return factory.scope.factoryId;
  };
  const checkIsAnother = (ownerId: string, userId: string) => {
    if (ownerId === userId) {
      throw new AppError('conflict', 'this is your own login: another owner of the appliance has to do this');
    }
  };

  return {
    list: ({ limit, after, search }) =>
      store.systemRead('manage logins', (sql) =>
        sql
          .all<Row>(
            `${SELECT} where u.email > ?1 collate nocase
               and (mentions(u.email, ?2) or mentions(u.name, ?2))
             order by u.email collate nocase limit ?3`,
            after ?? '',
            search ?? '',
            limit,
          )
          .map((row) => toLogin(sql, row)),
      ),

    get: (userId) => store.systemRead('manage logins', (sql) => read(sql, userId)),

    getAnother: (ownerId, userId) => {
      const login = store.systemRead('manage logins', (sql) => read(sql, userId));
      checkIsAnother(ownerId, userId);
      return login;
    },

    change: (ownerId, userId, { isActive, isSuperAdmin }) =>
      store.system('manage logins', (sql) => {
        const login = read(sql, userId);
        checkIsAnother(ownerId, userId);
        sql.run(
          'update main.users set is_active = ?, is_super_admin = ? where id = ?',
          Number(isActive ?? login.isActive),
          Number(isSuperAdmin ?? login.isSuperAdmin),
          userId,
        );
        sql.run('delete from main.password_resets where user_id = ?', userId);
        endSessionsOf(sql, userId, clock.now());
        return read(sql, userId);
      }),

    remove: (ownerId, userId) =>
      store.system('manage logins', (sql) => {
        read(sql, userId);
        checkIsAnother(ownerId, userId);
        // Sessions, memberships, keys and what else is theirs go with it.
        sql.run('delete from main.users where id = ?', userId);
      }),

    removeSecondFactor: (ownerId, userId) =>
      store.system('manage logins', (sql) => {
        read(sql, userId);
        checkIsAnother(ownerId, userId);
        removeSecondFactor(sql, userId);
        endSessionsOf(sql, userId, clock.now());
        return read(sql, userId);
      }),

    putMembership: (userId, factoryUuid, { role, permissions }) => {
      const id = factoryId(factoryUuid);
      return store.system('manage logins', (sql: Sql) => {
        read(sql, userId);
        const rights = { role, permissions: sorted(permissions) };
        insertMembership(sql, { factoryId: id, userId, now: clock.now(), ...rights });
        sql.run(
          'update main.memberships set role = ?, permissions = ?, is_active = 1 where factory_id = ? and user_id = ?',
          role,
          JSON.stringify(rights.permissions),
          id,
          userId,
        );
        return read(sql, userId);
      });
    },

    removeMembership: (userId, factoryUuid) => {
      const id = factoryId(factoryUuid);
      return store.system('manage logins', (sql) => {
        read(sql, userId);
        sql.run('delete from main.api_keys where factory_id = ? and user_id = ?', id, userId);
        const removed = sql.run('delete from main.memberships where factory_id = ? and user_id = ?', id, userId);
        if (removed === 0) throw missing();
        return read(sql, userId);
      });
    },
  };
}
