import { actAs } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { hashSecret } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { Factories, Factory } from './factories.ts';
import { accessTo, MAY_ENTER } from './identity.ts';
import { INVITE_LIFE_MS, type Link, newLink } from './links.ts';
import { type Actor, checkMayGive } from './members.ts';
import { checkPasswordRule, type Passwords } from './passwords.ts';
import { covers, parsePermissions, type Rights, type Role, sorted } from './roles.ts';
import type { Visitor } from './session-rows.ts';
import type { Proof, Sessions } from './sessions.ts';
import { checkEmail, insertMembership, insertUser, nameFromEmail } from './users.ts';

/** Somebody who is asked to come in. Times: epoch ms. */
export interface Invite extends Rights {
  readonly id: string;
  readonly email: string;
  /** The name of who asks. */
  readonly invitedBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What the link shows to who holds it. */
export interface OpenedInvite extends Invite {
  readonly factoryName: string;
  /** There is a login of this address: its password is wanted, and no new one. */
  readonly hasLogin: boolean;
}

export interface Acceptance extends Proof {
  /** Of a new login; made of the address when left out. */
  readonly name?: string | undefined;
}

/**
 * Links that bring people into a factory: each works once, for 48 hours, and can be taken back. It gives nothing that who
 * invites could not give at the moment of use.
 */
export interface Invites {
  /**
   * A second one for the same address replaces the first. The answer does not tell whether the address has a login.
   *
   * @throws {AppError} `invalid_input`, `forbidden` (more than one may oneself), `conflict` (a member already)
   */
  create(scope: FactoryScope, actor: Actor, invite: NewInvite): { invite: Invite; link: Link };
  /** Those that still work, by address. */
  list(scope: FactoryScope, page: { limit: number; after: string | undefined }): readonly Invite[];
  /** @throws {AppError} `not_found`, `forbidden`: it gives more than one has */
  remove(scope: FactoryScope, actor: Actor, id: string): void;
  /** @throws {AppError} `not_found` when it was used or taken back, or is too late */
  open(token: string): OpenedInvite;
  /**
   * Makes the login, unless the address has one, whose password is wanted then; makes it a member and uses the link up.
   *
   * @returns the user's id, and the factory that they have come into
   * @throws {AppError} `not_found`, `invalid_input`, and as `Sessions.prove` does
   */
  accept(token: string, acceptance: Acceptance, visitor: Visitor): Promise<{ userId: string; scope: FactoryScope }>;
}

export interface NewInvite {
  readonly email: string;
  readonly role: Role;
  readonly permissions: readonly string[];
}

/** Open ones of a factory. */
const MAX_INVITES = 200;

interface Row {
  readonly id: string;
  readonly factory_id: number;
  readonly email: string;
  readonly role: Role;
  readonly permissions: string;
  readonly invited_by: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly may_enter: number;
  readonly is_super_admin: number;
  readonly own_role: Role | null;
  readonly own_permissions: string | null;
  readonly is_own_active: number | null;
}

const SELECT = `select i.id, i.factory_id, i.email, i.role, i.permissions, u.name as invited_by, i.created_at,
    i.expires_at, ${MAY_ENTER} as may_enter, u.is_super_admin, own.role as own_role,
    own.permissions as own_permissions, own.is_active as is_own_active
  from invites i join users u on u.id = i.invited_by
  left join memberships own on own.factory_id = i.factory_id and own.user_id = i.invited_by`;

const toInvite = (row: Row): Invite => ({
  id: row.id,
  email: row.email,
  role: row.role,
  permissions: parsePermissions(row.permissions),
  invitedBy: row.invited_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});

const gone = () => new AppError('not_found', 'this link has been used or taken back, or is too old: ask for a new one');

export interface InvitesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly factories: Pick<Factories, 'byNumber'>;
  readonly passwords: Passwords;
  readonly sessions: Pick<Sessions, 'prove'>;
}

export function createInvites({ store, clock, factories, passwords, sessions }: InvitesDeps): Invites {
  /** What who invited may do in the factory now; undefined once they may not enter it. */
  const inviterOf = (row: Row, factory: Factory): Rights | undefined => {
    if (row.may_enter === 0) return undefined;
    const { own_role: role, own_permissions, is_own_active } = row;
    const member =
      role === null ? undefined : { role, permissions: own_permissions ?? '[]', is_active: is_own_active ?? 0 };
    return accessTo(factory, member, row.is_super_admin === 1);
  };

  /** What a link leads to now. */
  const find = (sql: SqlReads, token: string): { row: Row; factory: Factory; userId: string | undefined } => {
    const row = sql.get<Row>(`${SELECT} where i.token_hash = ? and i.expires_at > ?`, hashSecret(token), clock.now());
    const factory = row && factories.byNumber(row.factory_id);
    const inviter = row && factory && inviterOf(row, factory);
    if (row === undefined || factory === undefined || inviter === undefined || !covers(inviter, toInvite(row))) {
      throw gone();
    }
    const user = sql.get<{ id: string }>('select id from users where email = ?', row.email);
    return { row, factory, userId: user?.id };
  };

  return {
    create: (scope, actor, { email: given, role, permissions }) => {
      const email = checkEmail(given);
      const rights = { role, permissions: sorted(permissions) };
      checkMayGive(actor, rights);
      const now = clock.now();
      const link = newLink(now, INVITE_LIFE_MS);
      const row = store.write(scope, (sql) => {
        const member = sql.get('select 1 from memberships m join users u on u.id = m.user_id where u.email = ?', email);
        if (member !== undefined) {
          const message = `${email} belongs to this factory already: change what they may do in the list of users`;
          throw new AppError('conflict', message, { faults: [{ pointer: '/email', message: 'a member already' }] });
        }
        const open = sql.get<Row>(`${SELECT} where i.email = ? and i.expires_at > ?`, email, now);
        if (open !== undefined) checkMayGive(actor, toInvite(open));
        const { count = 0 } = sql.get<{ count: number }>('select count(*) as count from invites') ?? {};
        if (count >= MAX_INVITES)
          throw new AppError('conflict', `${MAX_INVITES} people are invited already: take some back`);
        sql.run(
          `delete from main.invites where factory_id = current_factory() and (email = ? or expires_at <= ?)`,
          email,
          now,
        );
        sql.run(
          `insert into main.invites
             (factory_id, id, token_hash, email, role, permissions, invited_by, created_at, expires_at)
           values (current_factory(), ?, ?, ?, ?, ?, ?, ?, ?)`,
          link.id,
          link.hash,
          email,
          role,
          JSON.stringify(rights.permissions),
          actor.userId,
          now,
          link.expiresAt,
        );
        return sql.get<Row>(`${SELECT} where i.id = ?`, link.id);
      });
      if (row === undefined) throw new Error('an invite was made and cannot be read');
      return { invite: toInvite(row), link };
    },

    list: (scope, { limit, after }) =>
      store
        .read(scope, (sql) =>
          sql.all<Row>(
            `${SELECT} where i.expires_at > ? and i.email > ? order by i.email limit ?`,
            clock.now(),
            after ?? '',
            limit,
          ),
        )
        .map(toInvite),

    remove: (scope, actor, id) =>
      store.write(scope, (sql) => {
        const row = sql.get<Row>(`${SELECT} where i.id = ?`, id);
        if (row === undefined) throw new AppError('not_found', 'not found');
        checkMayGive(actor, toInvite(row));
        sql.run('delete from main.invites where factory_id = current_factory() and id = ?', id);
      }),

    open: (token) =>
      store.systemRead('accept invite', (sql) => {
        const { row, factory, userId } = find(sql, token);
        return { ...toInvite(row), factoryName: factory.name, hasLogin: userId !== undefined };
      }),

    accept: async (token, { name, password, code }, visitor) => {
      const { row, userId: known } = store.systemRead('accept invite', (sql) => find(sql, token));
      const isNew = known === undefined;
      if (isNew) checkPasswordRule(password, '/password');
      else await sessions.prove(row.email, { password, code }, visitor, { evenIfBarred: true });
      const passwordHash = isNew ? await passwords.hash(password) : '';
      return store.system('accept invite', (sql) => {
        // Asked again: somebody else may have come with the same link meanwhile.
        const { row, factory, userId: found } = find(sql, token);
        if (found !== known) throw gone();
        const now = clock.now();
        const user = { email: row.email, name: name ?? nameFromEmail(row.email), passwordHash };
        const userId = found ?? insertUser(sql, { ...user, passwordIsPublic: false, isSuperAdmin: false }, now);
        actAs({ kind: 'user', id: userId, name: row.email });
        const rights = { role: row.role, permissions: parsePermissions(row.permissions) };
        insertMembership(sql, { factoryId: row.factory_id, userId, now, ...rights });
        sql.run('delete from main.invites where factory_id = ? and id = ?', row.factory_id, row.id);
        return { userId, scope: factory.scope };
      });
    },
  };
}
