import type { FactoryAccess } from '../api/schema.ts';

export type Role = FactoryAccess['role'];
export type Permission = FactoryAccess['permissions'][number];

/** A role in a factory and what was granted on top of it. */
export interface Rights {
  readonly role: Role;
  readonly permissions: readonly Permission[];
}

/** Each includes the ones before it. */
export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];
/** What may be granted one by one; an admin has all of them. */
export const PERMISSIONS: readonly Permission[] = ['devices', 'rules', 'analytics', 'reports', 'users'];

/** What a key may be given. */
export const KEY_PERMISSIONS = ['devices', 'rules', 'analytics', 'reports'] as const satisfies readonly Permission[];

const isRole = (needed: Role | Permission): needed is Role => (ROLES as readonly string[]).includes(needed);

/** Whether `rights` include what is needed, as the API judges it. */
export const allows = ({ role, permissions }: Rights, needed: Role | Permission): boolean =>
  isRole(needed) ? ROLES.indexOf(role) >= ROLES.indexOf(needed) : role === 'admin' || permissions.includes(needed);

/** Whether `mine` include all of `theirs`: nobody gives, or takes away, what they do not have. */
export const covers = (mine: Rights, theirs: Rights): boolean =>
  allows(mine, theirs.role) && theirs.permissions.every((permission) => allows(mine, permission));
