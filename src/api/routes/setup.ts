import * as z from 'zod';
import { type Accounts, DEMO_FACTORY, machineTimezone, SLUG_PATTERN } from '../../accounts/accounts.ts';
import { type Route, route } from '../route.ts';
import { isoTime, isoTimeSchema } from '../wire.ts';
import { signedInReply, signedInSchema } from './auth.ts';

const TAG = 'Setup';
const setupCode = z.string().max(64).describe('Stands in the line that the appliance prints at start');

/** Where a field is missing that only a factory of one's own needs. */
const missing = (field: string) => ({ code: 'custom' as const, path: [field], message: 'needed unless demo is true' });

const setupBody = z
  .strictObject({
    setup_code: setupCode,
    email: z.string().min(3).max(254),
    password: z.string().min(8).max(256),
    name: z.string().trim().min(1).max(100).optional(),
    factory_name: z.string().trim().min(1).max(100).optional(),
    factory_slug: z.string().regex(SLUG_PATTERN, '1 to 40 lower-case letters, digits and inner hyphens').optional(),
    timezone: z.string().max(64).optional().describe("IANA zone; this machine's when left out"),
    demo: z
      .literal(true)
      .optional()
      .describe('Instead of factory_name and factory_slug: the factory `demo`, with simulated machines'),
  })
  .meta({
    examples: [
      {
        setup_code: 'K7QF-2MXA',
        email: 'owner@example.com',
        password: 'four words to remember',
        factory_name: 'Plant north',
        factory_slug: 'plant-north',
      },
    ],
  })
  .transform(({ factory_name, factory_slug, demo, ...rest }, context) => {
    if (demo === true) {
      for (const [field, given] of Object.entries({ factory_name, factory_slug })) {
        if (given === undefined) continue;
        context.addIssue({ code: 'custom', path: [field], message: 'a demo factory has its own' });
      }
      return { ...rest, factoryName: DEMO_FACTORY.name, factorySlug: DEMO_FACTORY.slug, isDemo: true };
    }
    if (factory_name === undefined) context.addIssue(missing('factory_name'));
    if (factory_slug === undefined) context.addIssue(missing('factory_slug'));
    return { ...rest, factoryName: factory_name ?? '', factorySlug: factory_slug ?? '', isDemo: false };
  });

/** The first run; none of these routes exists once there is a user. */
export function setupRoutes({ accounts: { setup, sessions } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'get',
      path: '/setup',
      access: 'public',
      exists: setup.isNeeded,
      summary: 'Says that the appliance is waiting for its owner',
      tag: TAG,
      reply: z.object({
        code_expires_at: isoTimeSchema.nullable().describe('null when it has expired: a restart makes a new one'),
        timezone: z.string().describe('The zone of this machine, as a preset'),
      }),
      handle: () => {
        const expiresAt = setup.codeExpiresAt();
        return { code_expires_at: expiresAt === null ? null : isoTime(expiresAt), timezone: machineTimezone() };
      },
    }),
    route({
      method: 'post',
      path: '/setup/check-code',
      access: 'public',
      exists: setup.isNeeded,
      summary: 'Say whether a setup code is right, before a form is filled in',
      tag: TAG,
      body: z.strictObject({ setup_code: setupCode }),
      reply: 'empty',
      handle: ({ body }) => setup.checkCode(body.setup_code),
    }),
    route({
      method: 'post',
      path: '/setup',
      access: 'public',
      exists: setup.isNeeded,
      summary: 'Make the owner and the first factory, and sign in',
      tag: TAG,
      status: 201,
      body: setupBody,
      reply: signedInSchema,
      handle: async ({ body, visitor, ctx }) => {
        const userId = await setup.runWithCode(body.setup_code, {
          email: body.email,
          password: body.password,
          name: body.name,
          factoryName: body.factoryName,
          factorySlug: body.factorySlug,
          isDemo: body.isDemo,
          timezone: body.timezone ?? machineTimezone(),
        });
        return signedInReply(ctx, await sessions.signInAs(userId, visitor));
      },
    }),
  ];
}
