import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads } from '../store/store.ts';
import type { Factories, Factory } from './factories.ts';
import type { Role } from './roles.ts';

/** A factory and what someone may do in it. */
export interface FactoryAccess {
  readonly scope: FactoryScope;
  readonly name: string;
  readonly isDemo: boolean;
  readonly role: Role;
}

/** Who is asking, read from the database at each request, so that a change of rights holds at once. */
export interface Identity {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isSuperAdmin: boolean;
  readonly passwordIsPublic: boolean;
  readonly sessionId: string;
  /** The factory the session has selected, and still may enter. */
  readonly factory: FactoryAccess | undefined;
}

interface SessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly is_super_admin: number;
  readonly password_is_public: number;
  readonly selected_factory: number | null;
  readonly role: Role | null;
}

/** What the role comes to: a super admin without a membership acts as admin everywhere. */
const accessOf = (factory: Factory, role: Role | null, isSuperAdmin: boolean): FactoryAccess | undefined => {
  const effective = role ?? (isSuperAdmin ? 'admin' : null);
  if (effective === null) return undefined;
  return { scope: factory.scope, name: factory.name, isDemo: factory.isDemo, role: effective };
};

/** The identity behind a live session of an active user, or undefined. `now`: epoch ms. */
export function readIdentity(
  sql: SqlReads,
  factories: Factories,
  sessionId: string,
  now: number,
): Identity | undefined {
  const row = sql.get<SessionRow>(
    `select s.id as session_id, s.user_id, u.email, u.name, u.is_super_admin, u.password_is_public,
            s.selected_factory, m.role
     from sessions s
     join users u on u.id = s.user_id and u.is_active = 1
     left join memberships m on m.factory_id = s.selected_factory and m.user_id = s.user_id
     where s.id = ? and s.ended_at is null and s.expires_at > ?`,
    sessionId,
    now,
  );
  if (row === undefined) return undefined;
  const isSuperAdmin = row.is_super_admin === 1;
  const factory = row.selected_factory === null ? undefined : factories.byNumber(row.selected_factory);
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    isSuperAdmin,
    passwordIsPublic: row.password_is_public === 1,
    sessionId: row.session_id,
    factory: factory && accessOf(factory, row.role, isSuperAdmin),
  };
}

/** Every factory a user may enter, by slug. */
export function readFactoryAccess(
  sql: SqlReads,
  factories: Factories,
  userId: string,
  isSuperAdmin: boolean,
): readonly FactoryAccess[] {
  const rows = sql.all<{ factory_id: number; role: Role }>(
    'select factory_id, role from memberships where user_id = ?',
    userId,
  );
  const roles = new Map(rows.map((row) => [row.factory_id, row.role]));
  return factories.list().flatMap((factory) => {
    const access = accessOf(factory, roles.get(factory.scope.factoryId) ?? null, isSuperAdmin);
    return access === undefined ? [] : [access];
  });
}
