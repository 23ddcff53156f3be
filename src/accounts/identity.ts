import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads } from '../store/store.ts';
import type { Factories, Factory, Units } from './factories.ts';
import { parsePermissions, type Rights, type Role } from './roles.ts';

/** A factory and what someone may do in it. */
export interface FactoryAccess extends Rights {
  readonly scope: FactoryScope;
  readonly name: string;
  readonly isDemo: boolean;
  readonly units: Units;
}

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Languages that there are texts in. */
export const LANGUAGES = ['en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A person, as they are shown to themselves. */
export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isSuperAdmin: boolean;
  readonly passwordIsPublic: boolean;
  readonly theme: Theme;
  readonly language: Language;
  /** In which units values are shown to them; null: as the factory says. */
  readonly units: Units | null;
  readonly hasSecondFactor: boolean;
}

/** Who is asking, read from the database at each request, so that a change of rights holds at once. */
export interface Identity extends Person {
  readonly sessionId: string;
  /** The factory the session has selected, and still may enter. */
  readonly factory: FactoryAccess | undefined;
}

/** A program that acts for a member of a factory; it is in no session, and owns nothing of the appliance. */
export interface KeyIdentity {
  readonly keyId: string;
  readonly keyName: string;
  /** Of who made it. */
  readonly userId: string;
  readonly email: string;
  readonly isSuperAdmin: false;
  readonly factory: FactoryAccess;
}

/** Who may be behind a request. */
export type Caller = Identity | KeyIdentity;

interface SessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly email: string;
  readonly name: string;
  readonly is_super_admin: number;
  readonly password_is_public: number;
  readonly theme: Theme;
  readonly language: string;
  readonly units: Units | null;
  readonly has_second_factor: number;
  readonly selected_factory: number | null;
  readonly role: Role | null;
  readonly permissions: string | null;
  readonly is_member_active: number | null;
}

/**
 * Who may come in at all (a condition on `users u`): a login that is active and, unless its owner is a super admin, not
 * barred from every factory that it belongs to.
 */
export const MAY_ENTER = `u.is_active = 1 and (u.is_super_admin = 1
  or exists (select 1 from memberships m where m.user_id = u.id and m.is_active = 1)
  or not exists (select 1 from memberships m where m.user_id = u.id))`;

/** A membership as it is stored. */
export interface MembershipRow {
  readonly role: Role;
  readonly permissions: string;
  readonly is_active: number;
}

/** What a membership comes to: a super admin acts as admin everywhere; nobody enters a factory that is archived. */
export function accessTo(
  factory: Factory,
  member: MembershipRow | undefined,
  isSuperAdmin: boolean,
): FactoryAccess | undefined {
  if (factory.archivedAt !== null) return undefined;
  const { scope, name, isDemo, units } = factory;
  const open = { scope, name, isDemo, units };
  if (isSuperAdmin) return { ...open, role: 'admin', permissions: [] };
  if (member === undefined || member.is_active === 0) return undefined;
  return { ...open, role: member.role, permissions: parsePermissions(member.permissions) };
}

/** The identity behind a live session of an active user, or undefined. `now`: epoch ms. */
export function readIdentity(
  sql: SqlReads,
  factories: Factories,
  sessionId: string,
  now: number,
): Identity | undefined {
  const row = sql.get<SessionRow>(
    `select s.id as session_id, s.user_id, u.email, u.name, u.is_super_admin, u.password_is_public, u.theme,
            u.language, u.units,
            exists (select 1 from second_factors f where f.user_id = u.id and f.is_confirmed = 1) as has_second_factor,
            s.selected_factory, m.role, m.permissions, m.is_active as is_member_active
     from sessions s
     join users u on u.id = s.user_id and ${MAY_ENTER}
     left join memberships m on m.factory_id = s.selected_factory and m.user_id = s.user_id
     where s.id = ? and s.ended_at is null and s.expires_at > ?`,
    sessionId,
    now,
  );
  if (row === undefined) return undefined;
  const isSuperAdmin = row.is_super_admin === 1;
  const factory = row.selected_factory === null ? undefined : factories.byNumber(row.selected_factory);
  const { role, permissions, is_member_active } = row;
  const member =
    role === null ? undefined : { role, permissions: permissions ?? '[]', is_active: is_member_active ?? 0 };
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    isSuperAdmin,
    passwordIsPublic: row.password_is_public === 1,
    theme: row.theme,
    language: LANGUAGES.find((known) => known === row.language) ?? LANGUAGES[0],
    units: row.units,
    hasSecondFactor: row.has_second_factor === 1,
    sessionId: row.session_id,
    factory: factory && accessTo(factory, member, isSuperAdmin),
  };
}

/** Every factory a user may enter, by slug. */
export function readFactoryAccess(
  sql: SqlReads,
  factories: Factories,
  userId: string,
  isSuperAdmin: boolean,
): readonly FactoryAccess[] {
  const rows = sql.all<MembershipRow & { factory_id: number }>(
    'select factory_id, role, permissions, is_active from memberships where user_id = ?',
    userId,
  );
  const members = new Map(rows.map((row) => [row.factory_id, row]));
  return factories.list().flatMap((factory) => {
    const access = accessTo(factory, members.get(factory.scope.factoryId), isSuperAdmin);
    return access === undefined ? [] : [access];
  });
}
