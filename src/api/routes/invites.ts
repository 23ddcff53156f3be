import * as z from 'zod';
import type { Accounts, Invite } from '../../accounts/accounts.ts';
import type { FactoryScope } from '../../core/scope.ts';
import { codeSchema, emailSchema, passwordSchema, rights, tokenSchema } from '../rights.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';
import { signedInReply, signedInSchema } from './auth.ts';
import { linkSchema } from './users.ts';

const TAG = 'Invites';

const inviteSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    ...rights,
    invited_by: z.string().describe('Name'),
    created_at: isoTimeSchema,
    expires_at: isoTimeSchema,
  })
  .meta({ id: 'Invite' });

const inviteReply = (invite: Invite): z.input<typeof inviteSchema> => ({
  id: invite.id,
  email: invite.email,
  role: invite.role,
  permissions: [...invite.permissions],
  invited_by: invite.invitedBy,
  created_at: isoTime(invite.createdAt),
  expires_at: isoTime(invite.expiresAt),
});

/** Sends a link to somebody. Says why that did not work, or null. */
export type SendInvite = (invite: Invite, scope: FactoryScope, url: string) => Promise<string | null>;

/** The link of a mail must not be made of what a request says of itself. */
const NO_URL = 'set http.public_url to where people reach these pages: the mail needs a link';

export interface InviteRoutesDeps {
  readonly accounts: Accounts;
  /** Undefined while no mail server is configured. */
  readonly send?: SendInvite | undefined;
  /** Where people reach the pages; nothing is mailed while it is left out. */
  readonly publicUrl?: string | undefined;
}

/** `/invites`: how people come into a factory. */
export function inviteRoutes({ accounts: { invites, sessions }, send, publicUrl }: InviteRoutesDeps): Route[] {
  return [
    route({
      method: 'post',
      path: '/invites',
      access: { factory: 'users' },
      summary:
        'Invite somebody by a link (48 h, once), shown this once and sent by e-mail where that is configured; a second one for the same address replaces the first',
      tag: TAG,
      status: 201,
      body: z.strictObject({ email: emailSchema, ...rights }),
      reply: z.object({
        invite: inviteSchema,
        link: linkSchema,
        email: z
          .object({ sent: z.boolean(), detail: z.string().nullable().describe('Why it could not be sent') })
          .nullable()
          .describe('null: no mail server is configured'),
      }),
      refuses: ['conflict'],
      handle: async ({ scope, identity, body }) => {
        const { invite, link } = invites.create(scope, identity, body);
        const path = `/invite#${link.token}`;
        const fault =
          publicUrl === undefined ? NO_URL : await send?.(invite, scope, `${publicUrl.replace(/\/$/, '')}${path}`);
        return {
          invite: inviteReply(invite),
          link: { path, expires_at: isoTime(link.expiresAt) },
          email: send === undefined || fault === undefined ? null : { sent: fault === null, detail: fault },
        };
      },
    }),
    route({
      method: 'get',
      path: '/invites',
      access: { factory: 'users' },
      summary: 'Invites that still work, by address',
      tag: TAG,
      query: z.strictObject(pageQuery),
      reply: listSchema(inviteSchema),
      handle: ({ scope, query: { limit, cursor } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        return pageOf(invites.list(scope, { limit: limit + 1, after }), limit, (invite) => invite.email, inviteReply);
      },
    }),
    route({
      method: 'delete',
      path: '/invites/:id',
      access: { factory: 'users' },
      summary: 'Take an invite back: its link does not work any more',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, identity, params }) => invites.remove(scope, identity, params.id),
    }),
    route({
      method: 'post',
      path: '/invites/look-up',
      access: 'public',
      summary: 'What a link leads to',
      tag: TAG,
      body: z.strictObject({ token: tokenSchema }),
      reply: z.object({
        email: z.string(),
        factory_name: z.string(),
        ...rights,
        invited_by: z.string(),
        expires_at: isoTimeSchema,
        has_login: z.boolean().describe('The address has a login already: its password is wanted, and no new one'),
      }),
      refuses: ['not_found'],
      handle: ({ body }) => {
        const invite = invites.open(body.token);
        return {
          email: invite.email,
          factory_name: invite.factoryName,
          role: invite.role,
          permissions: [...invite.permissions],
          invited_by: invite.invitedBy,
          expires_at: isoTime(invite.expiresAt),
          has_login: invite.hasLogin,
        };
      },
    }),
    route({
      method: 'post',
      path: '/invites/accept',
      access: 'public',
      summary: 'Come in by a link: with a new password, or with that of the login which the address has; and sign in',
      tag: TAG,
      body: z.strictObject({
        token: tokenSchema,
        name: z.string().trim().min(1).max(100).optional().describe('Of a new login'),
        password: passwordSchema,
        code: codeSchema.optional(),
      }),
      reply: signedInSchema,
      refuses: ['not_found', 'unauthenticated'],
      handle: async ({ body: { token, ...acceptance }, visitor, ctx }) => {
        const { userId, scope } = await invites.accept(token, acceptance, visitor);
        return signedInReply(ctx, await sessions.signInAs(userId, visitor, scope.factoryUuid));
      },
    }),
  ];
}
