import * as z from 'zod';
import type { Accounts, Member } from '../../accounts/accounts.ts';
import { passwordSchema, rights, tokenSchema } from '../rights.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Users';

export const linkSchema = z
  .object({
    path: z.string().describe('Of the page that the link opens, below the address of the appliance; works once'),
    expires_at: isoTimeSchema,
  })
  .meta({ id: 'Link' });

const memberSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    ...rights,
    is_active: z.boolean().describe('May enter this factory'),
    is_super_admin: z.boolean().describe('An owner of the appliance, whom no factory bars'),
    has_second_factor: z.boolean(),
    added_at: isoTimeSchema,
    last_sign_in_at: isoTimeSchema.nullable().describe('When they last came into this factory'),
  })
  .meta({ id: 'Member' });

const memberReply = (member: Member): z.input<typeof memberSchema> => ({
  id: member.userId,
  email: member.email,
  name: member.name,
  role: member.role,
  permissions: [...member.permissions],
  is_active: member.isActive,
  is_super_admin: member.isSuperAdmin,
  has_second_factor: member.hasSecondFactor,
  added_at: isoTime(member.addedAt),
  last_sign_in_at: member.enteredAt === null ? null : isoTime(member.enteredAt),
});

/** The page that sets a new password. */
export const resetPath = (token: string): string => `/reset-password#${token}`;

/** `/users`: the people of the selected factory. */
export function userRoutes({ accounts: { members, passwordResets } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'get',
      path: '/users',
      access: { factory: 'users' },
      summary: 'The people of the factory, by address',
      tag: TAG,
      query: z.strictObject({
        ...pageQuery,
        q: z.string().max(100).optional().describe('Part of a name or an address'),
      }),
      reply: listSchema(memberSchema),
      handle: ({ scope, query: { limit, cursor, q } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        const rows = members.list(scope, { limit: limit + 1, after, search: q });
        return pageOf(rows, limit, (member) => member.email, memberReply);
      },
    }),
    route({
      method: 'get',
      path: '/users/:id',
      access: { factory: 'users' },
      summary: 'One of the people of the factory',
      tag: TAG,
      params: idParams,
      reply: memberSchema,
      handle: ({ scope, params }) => memberReply(members.get(scope, params.id)),
    }),
    route({
      method: 'patch',
      path: '/users/:id',
      access: { factory: 'users' },
      summary:
        'Change what somebody may do in the factory; it holds at once. Nobody gives more than they have, or changes themselves',
      tag: TAG,
      params: idParams,
      body: z.strictObject({
        role: rights.role.optional(),
        permissions: rights.permissions.optional(),
        is_active: z.boolean().optional(),
      }),
      reply: memberSchema,
      refuses: ['conflict'],
      handle: ({ scope, identity, params, body: { role, permissions, is_active } }) =>
        memberReply(members.change(scope, identity, params.id, { role, permissions, isActive: is_active })),
    }),
    route({
      method: 'delete',
      path: '/users/:id',
      access: { factory: 'users' },
      summary: 'Take somebody out of the factory; a login that belongs to no factory then goes too',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      refuses: ['conflict'],
      handle: ({ scope, identity, params }) => members.remove(scope, identity, params.id),
    }),
    route({
      method: 'post',
      path: '/users/:id/reset-password',
      access: { factory: 'users' },
      summary:
        'Make a link with which somebody sets a new password (24 h, once); 403 for logins that are not of this factory alone',
      tag: TAG,
      params: idParams,
      reply: linkSchema,
      refuses: ['conflict'],
      handle: ({ scope, identity, params }) => {
        const { userId } = members.checkIsOurs(scope, identity, params.id);
        const { token, expiresAt } = passwordResets.create(userId, {
          userId: identity.userId,
          factoryId: scope.factoryId,
        });
        return { path: resetPath(token), expires_at: isoTime(expiresAt) };
      },
    }),
    route({
      method: 'post',
      path: '/auth/reset-password',
      access: 'public',
      summary: 'Set a new password with a link; all sessions of the login end',
      tag: 'Sign-in',
      body: z.strictObject({ token: tokenSchema, new_password: passwordSchema }),
      reply: 'empty',
      refuses: ['not_found'],
      handle: async ({ body }) => void (await passwordResets.use(body.token, body.new_password)),
    }),
  ];
}
