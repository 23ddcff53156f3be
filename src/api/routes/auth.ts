import type { Context } from 'koa';
import * as z from 'zod';
import {
  type AccessGrant,
  type Accounts,
  type FactoryAccess,
  type Identity,
  LANGUAGES,
  type SignedIn,
  THEMES,
  UNITS,
} from '../../accounts/accounts.ts';
import { AppError } from '../../core/errors.ts';
import { accessTokenOf } from '../authenticate.ts';
import { clearSessionCookies, putSessionCookies, REFRESH_COOKIE, sessionCookie } from '../cookies.ts';
import { codeSchema, emailSchema, passwordSchema as password, rights } from '../rights.ts';
import { type Route, route } from '../route.ts';

const TAG = 'Sign-in';
const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    is_super_admin: z.boolean(),
    password_is_public: z.boolean().describe('The password stands in the documentation and must be changed'),
    theme: z.enum(THEMES),
    language: z.enum(LANGUAGES),
    units: z.enum(UNITS).nullable().describe('In which units values are shown to them; null: as the factory says'),
    has_second_factor: z.boolean(),
  })
  .meta({ id: 'SignedInUser' });

const factorySchema = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    timezone: z.string(),
    units: z.enum(UNITS).describe('In which units the pages show values; the API has them as they are sent'),
    ...rights,
    is_demo: z.boolean().describe('Its machines are simulated, and the owner may remove it'),
  })
  .meta({ id: 'FactoryAccess' });

export const meSchema = z.object({
  user: userSchema,
  factory: factorySchema.nullable().describe('The selected factory'),
  factories: z.array(factorySchema).describe('All that the user may select'),
});

/** What a sign-in answers; the refresh token goes into an HttpOnly cookie. */
export const signedInSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().describe('Life of the access token (s)'),
  ...meSchema.shape,
});

const factoryReply = ({
  scope,
  name,
  role,
  permissions,
  isDemo,
  units,
}: FactoryAccess): z.input<typeof factorySchema> => ({
  id: scope.factoryUuid,
  slug: scope.slug,
  name,
  timezone: scope.timezone,
  units,
  role,
  permissions: [...permissions],
  is_demo: isDemo,
});

export const meReply = (identity: Identity, factories: readonly FactoryAccess[]): z.input<typeof meSchema> => ({
  user: {
    id: identity.userId,
    email: identity.email,
    name: identity.name,
    is_super_admin: identity.isSuperAdmin,
    password_is_public: identity.passwordIsPublic,
    theme: identity.theme,
    language: identity.language,
    units: identity.units,
    has_second_factor: identity.hasSecondFactor,
  },
  factory: identity.factory === undefined ? null : factoryReply(identity.factory),
  factories: factories.map(factoryReply),
});

/** Sets the session's cookies and gives the reply of a sign-in. */
export function signedInReply(ctx: Context, grant: AccessGrant | SignedIn): z.input<typeof signedInSchema> {
  putSessionCookies(ctx, grant);
  return {
    access_token: grant.accessToken,
    token_type: 'bearer',
    expires_in: grant.accessLifeS,
    ...meReply(grant.identity, grant.factories),
  };
}

/** `/auth/…`: sign in and out, select a factory, change the password. */
export function authRoutes({ accounts: { sessions } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'post',
      path: '/auth/login',
      access: 'public',
      summary:
        'Sign in; 401 of the type `second_factor_required` when the password is right and a one-time code is wanted too',
      tag: TAG,
      body: z.strictObject({ email: emailSchema.min(1), password, code: codeSchema.optional() }),
      reply: signedInSchema,
      refuses: ['unauthenticated'],
      handle: async ({ body: { email, ...proof }, visitor, ctx }) =>
        signedInReply(ctx, await sessions.signIn(email, proof, visitor)),
    }),
    route({
      method: 'post',
      path: '/auth/refresh',
      access: 'public',
      summary: 'Exchange the refresh cookie for new tokens; using one twice ends the session',
      tag: TAG,
      reply: signedInSchema,
      handle: async ({ ctx }) => {
        const token = sessionCookie(ctx, REFRESH_COOKIE);
        if (token === undefined) throw new AppError('unauthenticated', 'there is no refresh cookie: sign in');
        try {
          return signedInReply(ctx, await sessions.refresh(token));
        } catch (error) {
          if (error instanceof AppError && error.code === 'unauthenticated') clearSessionCookies(ctx);
          throw error;
        }
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      access: 'public',
      summary: 'End the session, at once and everywhere it is used; works with an expired access token too',
      tag: TAG,
      reply: 'empty',
      handle: async ({ ctx }) => {
        const refreshToken = sessionCookie(ctx, REFRESH_COOKIE);
        const accessToken = accessTokenOf(ctx);
        clearSessionCookies(ctx);
        if (refreshToken !== undefined && sessions.signOutByRefreshToken(refreshToken)) return;
        if (accessToken === undefined) throw new AppError('unauthenticated', 'there is no session to end');
        const identity = await sessions.authenticate(accessToken);
        sessions.signOut(identity.sessionId);
      },
    }),
    route({
      method: 'get',
      path: '/auth/me',
      access: 'signed_in',
      summary: 'Who is signed in, and where they may go',
      tag: TAG,
      reply: meSchema,
      handle: ({ identity }) => meReply(identity, sessions.factoriesOf(identity)),
    }),
    route({
      method: 'post',
      path: '/auth/switch-factory',
      access: 'signed_in',
      summary: 'Select a factory for this session',
      tag: TAG,
      body: z.strictObject({ factory_id: z.string().max(64) }),
      reply: signedInSchema,
      handle: async ({ identity, body, ctx }) =>
        signedInReply(ctx, await sessions.switchFactory(identity, body.factory_id)),
    }),
    route({
      method: 'post',
      path: '/auth/change-password',
      access: 'signed_in',
      summary: "Change one's own password; other sessions end",
      tag: TAG,
      body: z.strictObject({ current_password: password, new_password: password }),
      reply: 'empty',
      handle: ({ identity, visitor, body }) =>
        sessions.changePassword(identity, { current: body.current_password, next: body.new_password }, visitor),
    }),
  ];
}
