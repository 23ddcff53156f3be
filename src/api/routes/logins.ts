import * as z from 'zod';
import type { Accounts, Login } from '../../accounts/accounts.ts';
import { rights } from '../rights.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, idSchema, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';
import { linkSchema, resetPath } from './users.ts';

const TAG = 'Logins';

const loginSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    is_super_admin: z.boolean(),
    is_active: z.boolean(),
    password_is_public: z.boolean(),
    has_second_factor: z.boolean(),
    created_at: isoTimeSchema,
    last_sign_in_at: isoTimeSchema.nullable(),
    memberships: z.array(
      z.object({ factory_id: z.uuid(), factory_name: z.string(), ...rights, is_active: z.boolean() }),
    ),
  })
  .meta({ id: 'Login' });

const loginReply = (login: Login): z.input<typeof loginSchema> => ({
  id: login.userId,
  email: login.email,
  name: login.name,
  is_super_admin: login.isSuperAdmin,
  is_active: login.isActive,
  password_is_public: login.passwordIsPublic,
  has_second_factor: login.hasSecondFactor,
  created_at: isoTime(login.createdAt),
  last_sign_in_at: login.lastSignInAt === null ? null : isoTime(login.lastSignInAt),
  memberships: login.memberships.map(({ factory, role, permissions, isActive }) => ({
    factory_id: factory.scope.factoryUuid,
    factory_name: factory.name,
    role,
    permissions: [...permissions],
    is_active: isActive,
  })),
});

const membershipParams = idParams.extend({ factory: idSchema });

/** `/logins`: everybody on the appliance, whatever they may enter; for its owners. */
export function loginRoutes({ accounts: { logins, passwordResets } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'get',
      path: '/logins',
      access: 'super_admin',
      summary: 'All logins of the appliance, by address, with the factories that they may enter',
      tag: TAG,
      query: z.strictObject({
        ...pageQuery,
        q: z.string().max(100).optional().describe('Part of a name or an address'),
      }),
      reply: listSchema(loginSchema),
      handle: ({ query: { limit, cursor, q } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        return pageOf(logins.list({ limit: limit + 1, after, search: q }), limit, ({ email }) => email, loginReply);
      },
    }),
    route({
      method: 'get',
      path: '/logins/:id',
      access: 'super_admin',
      summary: 'A login with the factories that it may enter',
      tag: TAG,
      params: idParams,
      reply: loginSchema,
      handle: ({ params }) => loginReply(logins.get(params.id)),
    }),
    route({
      method: 'patch',
      path: '/logins/:id',
      access: 'super_admin',
      summary: 'Bar a login from the appliance, or make it an owner; its sessions end. Not for one’s own',
      tag: TAG,
      params: idParams,
      body: z.strictObject({ is_active: z.boolean().optional(), is_super_admin: z.boolean().optional() }),
      reply: loginSchema,
      refuses: ['conflict'],
      handle: ({ identity, params, body: { is_active, is_super_admin } }) =>
        loginReply(logins.change(identity.userId, params.id, { isActive: is_active, isSuperAdmin: is_super_admin })),
    }),
    route({
      method: 'delete',
      path: '/logins/:id',
      access: 'super_admin',
      summary: 'Remove a login with everything that is its own. Not for one’s own',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      refuses: ['conflict'],
      handle: ({ identity, params }) => logins.remove(identity.userId, params.id),
    }),
    route({
      method: 'post',
      path: '/logins/:id/reset-password',
      access: 'super_admin',
      summary: 'Make a link with which somebody sets a new password (24 h, once)',
      tag: TAG,
      params: idParams,
      reply: linkSchema,
      refuses: ['conflict'],
      handle: ({ identity, params }) => {
        const { userId } = logins.getAnother(identity.userId, params.id);
        const { token, expiresAt } = passwordResets.create(userId, { userId: identity.userId, factoryId: null });
        return { path: resetPath(token), expires_at: isoTime(expiresAt) };
      },
    }),
    route({
      method: 'delete',
      path: '/logins/:id/second-factor',
      access: 'super_admin',
      summary: 'Take the second factor of a login away, whose telephone is gone; its sessions end',
      tag: TAG,
      params: idParams,
      reply: loginSchema,
      refuses: ['conflict'],
      handle: ({ identity, params }) => loginReply(logins.removeSecondFactor(identity.userId, params.id)),
    }),
    route({
      method: 'put',
      path: '/logins/:id/memberships/:factory',
      access: 'super_admin',
      summary: 'Let a login into a factory, or change what it may do there',
      tag: TAG,
      params: membershipParams,
      body: z.strictObject(rights),
      reply: loginSchema,
      handle: ({ params, body }) => loginReply(logins.putMembership(params.id, params.factory, body)),
    }),
    route({
      method: 'delete',
      path: '/logins/:id/memberships/:factory',
      access: 'super_admin',
      summary: 'Take a login out of a factory; the login stays',
      tag: TAG,
      params: membershipParams,
      reply: loginSchema,
      handle: ({ params }) => loginReply(logins.removeMembership(params.id, params.factory)),
    }),
  ];
}
