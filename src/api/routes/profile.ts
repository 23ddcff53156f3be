import * as z from 'zod';
import { type Accounts, LANGUAGES, type OwnSession, THEMES, UNITS } from '../../accounts/accounts.ts';
import { codeSchema, passwordSchema } from '../rights.ts';
import { type Route, route } from '../route.ts';
import { idParams, isoTime, isoTimeSchema } from '../wire.ts';
import { meReply, meSchema } from './auth.ts';

const TAG = 'Profile';

const sessionSchema = z
  .object({
    id: z.uuid(),
    is_current: z.boolean().describe('The one that asks'),
    address: z.string().describe('Where it was signed in from'),
    user_agent: z.string().describe('What it was signed in with'),
    created_at: isoTimeSchema,
    used_at: isoTimeSchema.describe('When its tokens were last renewed'),
    expires_at: isoTimeSchema.describe('When it ends if it is not used'),
  })
  .meta({ id: 'Session' });

const sessionReply = (session: OwnSession, current: string): z.input<typeof sessionSchema> => ({
  id: session.id,
  is_current: session.id === current,
  address: session.address,
  user_agent: session.userAgent,
  created_at: isoTime(session.createdAt),
  used_at: isoTime(session.usedAt),
  expires_at: isoTime(session.expiresAt),
});

/** `/profile`: what people see and change of their own login. */
export function profileRoutes({ accounts }: { accounts: Accounts }): Route[] {
  const { ownSessions, profiles, secondFactors, sessions } = accounts;
  return [
    route({
      method: 'patch',
      path: '/profile',
      access: 'signed_in',
      summary: "Change one's own name, and how the pages look",
      tag: TAG,
      body: z.strictObject({
        name: z.string().trim().min(1).max(100).optional(),
        theme: z.enum(THEMES).optional(),
        language: z.enum(LANGUAGES).optional(),
        units: z.enum(UNITS).nullable().optional(),
      }),
      reply: meSchema,
      handle: ({ identity, body }) => {
        profiles.change(identity.userId, body);
        const changed = sessions.current(identity.sessionId) ?? identity;
        return meReply(changed, sessions.factoriesOf(changed));
      },
    }),
    route({
      method: 'get',
      path: '/profile/sessions',
      access: 'signed_in',
      summary: "One's own live sessions, the newest use first",
      tag: TAG,
      reply: z.object({ items: z.array(sessionSchema) }),
      handle: ({ identity }) => ({
        items: ownSessions.list(identity.userId).map((session) => sessionReply(session, identity.sessionId)),
      }),
    }),
    route({
      method: 'delete',
      path: '/profile/sessions',
      access: 'signed_in',
      summary: "End all of one's own sessions but the one that asks",
      tag: TAG,
      reply: z.object({ ended: z.int().describe('How many') }),
      handle: ({ identity }) => ({ ended: ownSessions.endOthers(identity.userId, identity.sessionId) }),
    }),
    route({
      method: 'delete',
      path: '/profile/sessions/:id',
      access: 'signed_in',
      summary: "End one of one's own sessions, at once",
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ identity, params }) => ownSessions.end(identity.userId, params.id),
    }),
    route({
      method: 'post',
      path: '/profile/second-factor',
      access: 'signed_in',
      summary: 'Begin a second factor (TOTP, RFC 6238): what the authenticator app is given; it counts once confirmed',
      tag: TAG,
      body: z.strictObject({ current_password: passwordSchema }),
      reply: z.object({
        secret: z.string().describe('Base32, to be typed'),
        uri: z.string().describe('`otpauth://…`, to be shown as a QR code'),
      }),
      refuses: ['conflict'],
      handle: async ({ identity, visitor, body }) => {
        await sessions.checkPassword(identity, body.current_password, visitor);
        return secondFactors.begin(identity.userId, identity.email);
      },
    }),
    route({
      method: 'post',
      path: '/profile/second-factor/confirm',
      access: 'signed_in',
      summary: 'Turn the second factor on with a first code; the recovery codes are shown this once',
      tag: TAG,
      body: z.strictObject({ code: codeSchema }),
      reply: z.object({ recovery_codes: z.array(z.string()) }),
      refuses: ['conflict'],
      handle: ({ identity, body }) => ({ recovery_codes: [...secondFactors.confirm(identity.userId, body.code)] }),
    }),
    route({
      method: 'post',
      path: '/profile/second-factor/remove',
      access: 'signed_in',
      summary: 'Turn the second factor off',
      tag: TAG,
      body: z.strictObject({ current_password: passwordSchema }),
      reply: 'empty',
      handle: async ({ identity, visitor, body }) => {
        await sessions.checkPassword(identity, body.current_password, visitor);
        secondFactors.remove(identity.userId);
      },
    }),
  ];
}
