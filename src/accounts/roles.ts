/** What a member may do in a factory; each role includes the ones before it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What may be granted on top of a role, one by one. An admin has all of them. */
export const PERMISSIONS = ['devices', 'rules', 'analytics', 'reports', 'users'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What a key may be given: people are let in, and given passwords, by people. */
export const KEY_PERMISSIONS = PERMISSIONS.filter((permission) => permission !== 'users');

/** A role and what was granted on top of it. */
export interface Rights {
  readonly role: Role;
  readonly permissions: readonly Permission[];
}

/** What something needs: a role, or a permission. */
export type Needed = Role | Permission;

const isRole = (needed: Needed): needed is Role => (ROLES as readonly string[]).includes(needed);
const roleIncludes = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** True when `rights` include what is needed. */
export const allows = (rights: Rights, needed: Needed): boolean =>
  isRole(needed) ? roleIncludes(rights.role, needed) : rights.role === 'admin' || rights.permissions.includes(needed);

/** True when `mine` include all of `theirs`: nobody gives, or takes away, what they do not have. */
export const covers = (mine: Rights, theirs: Rights): boolean =>
  allows(mine, theirs.role) && theirs.permissions.every((permission) => allows(mine, permission));

/** What both include. */
export const common = (one: Rights, other: Rights): Rights => ({
  role: roleIncludes(one.role, other.role) ? other.role : one.role,
  permissions: PERMISSIONS.filter((permission) => allows(one, permission) && allows(other, permission)),
});

/** Permissions as they are stored (JSON), in the one order, each once; what this version does not know grants nothing. */
export const parsePermissions = (json: string): readonly Permission[] => sorted(JSON.parse(json) as readonly string[]);
export const sorted = (given: readonly string[]): readonly Permission[] =>
  PERMISSIONS.filter((permission) => given.includes(permission));
