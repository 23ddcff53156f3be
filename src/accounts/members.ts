import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { FactoryAccess } from './identity.ts';
import { endLoginIfNowhere } from './login-end.ts';
import { covers, parsePermissions, type Rights, type Role, sorted } from './roles.ts';

/** A login as the factory sees it that it belongs to. Times: epoch ms. */
export interface Member extends Rights {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  /** False: may not enter this factory. */
  readonly isActive: boolean;
  /** An owner of the appliance, whom no factory bars. */
  readonly isSuperAdmin: boolean;
  readonly hasSecondFactor: boolean;
  readonly addedAt: number;
  /** When they last came into this factory. */
  readonly enteredAt: number | null;
}

export interface MemberChange {
  readonly role?: Role | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly isActive?: boolean | undefined;
}

/** Who changes something: what they may, and who they are. */
export interface Actor {
  readonly userId: string;
  readonly factory: FactoryAccess;
}

export interface MemberPage {
  readonly limit: number;
  readonly after: string | undefined;
  /** Part of a name or an address. */
  readonly search?: string | undefined;
}

/** The people of one factory. */
export interface Members {
  /** By address. */
  list(scope: FactoryScope, page: MemberPage): readonly Member[];
  /** @throws {AppError} `not_found` */
  get(scope: FactoryScope, userId: string): Member;
  /**
   * Changes what somebody may do here; it holds from their next request on. Nobody gives more than they have, changes
   * somebody who has more, or bars themselves.
   *
   * @throws {AppError} `not_found`, `forbidden`, `conflict`
   */
  change(scope: FactoryScope, actor: Actor, userId: string, change: MemberChange): Member;
  /**
   * Takes somebody out of the factory. A login that belongs to no factory then, and to no owner, goes with it.
   *
   * @throws {AppError} as `change` does
   */
  remove(scope: FactoryScope, actor: Actor, userId: string): void;
  /**
   * Checks that somebody's password may be reset from here: the login belongs to this factory alone.
   *
   * @throws {AppError} as `change` does
   */
  checkIsOurs(scope: FactoryScope, actor: Actor, userId: string): Member;
}

interface Row {
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly permissions: string;
  readonly is_active: number;
  readonly is_super_admin: number;
  readonly has_second_factor: number;
  readonly created_at: number;
  readonly entered_at: number | null;
}

const SELECT = `select m.user_id, u.email, u.name, m.role, m.permissions, m.is_active and u.is_active as is_active,
    u.is_super_admin, m.created_at, m.entered_at,
    exists (select 1 from second_factors f where f.user_id = u.id and f.is_confirmed = 1) as has_second_factor
  from memberships m join users u on u.id = m.user_id`;

const toMember = (row: Row): Member => ({
  userId: row.user_id,
  email: row.email,
  name: row.name,
  role: row.role,
  permissions: parsePermissions(row.permissions),
  isActive: row.is_active === 1,
  isSuperAdmin: row.is_super_admin === 1,
  hasSecondFactor: row.has_second_factor === 1,
  addedAt: row.created_at,
  enteredAt: row.entered_at,
});

function read(sql: SqlReads, userId: string): Member {
  const row = sql.get<Row>(`${SELECT} where m.user_id = ?`, userId);
  if (row === undefined) throw new AppError('not_found', 'not found');
  return toMember(row);
}

/** @throws {AppError} `forbidden`, `conflict` */
function checkMayTouch(actor: Actor, member: Member): void {
  if (member.userId === actor.userId) {
    throw new AppError('conflict', 'this is your own login: somebody else has to change what it may do');
  }
  // An owner of the appliance is an admin everywhere.
  const held = member.isSuperAdmin ? { role: 'admin' as const, permissions: [] } : member;
  if (!covers(actor.factory, held)) {
    throw new AppError('forbidden', `${member.email} may do more than you here: an admin has to do this`);
  }
}

/** @throws {AppError} `forbidden` */
export function checkMayGive(actor: Actor, rights: Rights): void {
  if (!covers(actor.factory, rights)) {
    throw new AppError('forbidden', 'you cannot give what you may not do yourself here: an admin has to do this');
  }
}

export function createMembers(store: Store): Members {
  return {
    list: (scope, { limit, after, search }) =>
      store
        .read(scope, (sql) =>
          sql.all<Row>(
            `${SELECT} where u.email > ?1 collate nocase
               and (mentions(u.email, ?2) or mentions(u.name, ?2))
             order by u.email collate nocase limit ?3`,
            after ?? '',
            search ?? '',
            limit,
          ),
        )
        .map(toMember),

    get: (scope, userId) => store.read(scope, (sql) => read(sql, userId)),

    change: (scope, actor, userId, { role, permissions, isActive }) =>
      store.write(scope, (sql) => {
        const member = read(sql, userId);
        checkMayTouch(actor, member);
        const rights = { role: role ?? member.role, permissions: sorted(permissions ?? member.permissions) };
        checkMayGive(actor, rights);
        sql.run(
          `update main.memberships set role = ?, permissions = ?, is_active = coalesce(?, is_active)
           where factory_id = current_factory() and user_id = ?`,
          rights.role,
          JSON.stringify(rights.permissions),
          isActive === undefined ? null : Number(isActive),
          userId,
        );
        return read(sql, userId);
      }),

    remove: (scope, actor, userId) => {
      store.write(scope, (sql) => {
        checkMayTouch(actor, read(sql, userId));
        sql.run('delete from main.api_keys where factory_id = current_factory() and user_id = ?', userId);
        sql.run('delete from main.memberships where factory_id = current_factory() and user_id = ?', userId);
      });
      store.system('end login', (sql) => endLoginIfNowhere(sql, userId));
    },

    checkIsOurs: (scope, actor, userId) => {
      const member = store.read(scope, (sql) => read(sql, userId));
      checkMayTouch(actor, member);
      const others = store.systemRead('end login', (sql) =>
        sql.get('select 1 from memberships where user_id = ? and factory_id <> ?', userId, scope.factoryId),
      );
      if (member.isSuperAdmin || others !== undefined) {
        throw new AppError(
          'forbidden',
          'this login is not of this factory alone: an owner of the appliance has to do this',
        );
      }
      return member;
    },
  };
}
