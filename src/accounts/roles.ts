/** What a member may do in a factory; each role includes the ones before it. */
export type Role = 'viewer' | 'operator' | 'admin';

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

/** True when `role` includes everything that `needed` allows. */
export const roleIncludes = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed];
