import * as z from 'zod';
import type { ChannelKind } from './channel.ts';
import { certificatesFault, certificatesIn } from './mail-server-ca.ts';

const line = (most: number, sentence: string) =>
  z
    .string({ error: sentence })
    .trim()
    .min(1, sentence)
    .max(most, `at most ${most} characters`)
    .refine((text) => !/\p{Cc}/u.test(text), 'one line, without control characters');

const ROLE_NAMES = ['viewer', 'operator', 'admin'] as const;
const MAX_RECIPIENTS = 50;

const people = {
  user_ids: z.array(z.uuid()).max(MAX_RECIPIENTS).default([]).describe('Members of the factory, while they are active'),
  roles: z.array(z.enum(ROLE_NAMES)).max(3).default([]).describe('All members with one of these roles'),
};

/** Of several the one at fault is named. */
const quoted = (input: unknown) => `"${String(input).slice(0, 60)}"`;
const sayAddress = { error: ({ input }: { readonly input?: unknown }) => `not an e-mail address: ${quoted(input)}` };
const sayNumber = {
  error: ({ input }: { readonly input?: unknown }) =>
    `say the number as +, the country, and the rest, in digits alone, +4915112345678, and not ${quoted(input)}`,
};

const sayMember = {
  error: ({ input }: { readonly input?: unknown }) => `no member of this factory: ${quoted(input)}`,
};

/** Room for a company's CA and those below it. */
const MAX_CA = 16_384;

const ca = z
  .string()
  .max(MAX_CA, { error: `at most ${MAX_CA} characters: the CA of this server alone`, abort: true })
  .superRefine((text, context) => {
    const message = certificatesFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message, continue: false });
  })
  .overwrite((text) => certificatesIn(text).join(''));

const serverSchema = z
  .strictObject({
    host: z
      .string()
      .trim()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9._:-]+$/, 'a name or an address, such as smtp.example.com')
      .meta({ examples: ['smtp.example.com'] }),
    port: z.int().min(1).max(65_535).default(587),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('`none` only for a server on this machine'),
    from: line(200, 'say the sender, such as "Plant <plant@example.com>"'),
    user: line(200, 'say the user name').nullable().default(null),
    sign_in: z
      .enum(['none', 'password', 'oauth2'])
      .default('password')
      .describe('`oauth2`: XOAUTH2, by a refresh token'),
    token_url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable()
      .default(null)
      .describe('Where tokens are had, with `oauth2`'),
    client_id: line(500, 'say the client id').nullable().default(null),
    ca: ca
      .nullable()
      .default(null)
      .describe("PEM: the CA of the server's certificate, or that itself, where no usual CA vouches for it; no secret"),
  })
  .refine(({ sign_in, user }) => sign_in === 'none' || user !== null, {
    path: ['user'],
    message: 'say the user name, or sign_in "none"',
  })
  .refine(({ sign_in, token_url }) => sign_in !== 'oauth2' || token_url !== null, {
    path: ['token_url'],
    message: 'say where tokens are had: token_url',
  })
  .refine(({ sign_in, client_id }) => sign_in !== 'oauth2' || client_id !== null, {
    path: ['client_id'],
    message: 'say the client id',
  });

const twilio = {
  account_sid: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'the Account SID is AC and 32 digits and letters a to f')
    .meta({ examples: [`AC${'0'.repeat(32)}`] }),
  from: z
    .string()
    .regex(/^(\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}|[A-Za-z0-9 ]{1,11})$/, 'a number such as +4930123456, or a MG… service')
    .describe('Your number at Twilio, a sender name, or the SID of a messaging service')
    .meta({ examples: ['+4930123456'] }),
  recipients: z
    .array(
      z.strictObject({
        number: z
          .string()
          .regex(/^\+[1-9]\d{6,14}$/, sayNumber)
          .meta({ examples: ['+4915112345678'] }),
        user_id: z.uuid(sayMember).nullable().default(null).describe('Whose it is: told only while an active member'),
      }),
    )
    .min(1, 'name somebody to tell')
    .max(MAX_RECIPIENTS),
};

const url = z
  .url({ protocol: /^https?$/, error: 'say the address as https://…' })
  .max(2_000)
  .refine((text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''), {
    message: 'without a user name and password: the signature says who sends it',
  });

/** How each kind of channel is set, as the API takes it. */
export const CONFIG_SCHEMAS = {
  email: z
    .strictObject({
      ...people,
      addresses: z
        .array(
          z
            .email(sayAddress)
            .max(254)
            .meta({ examples: ['shift@example.com'] }),
        )
        .max(MAX_RECIPIENTS)
        .default([]),
      server: serverSchema.nullable().default(null).describe("null: the mail server of the appliance's configuration"),
    })
    .refine(({ addresses, user_ids, roles }) => addresses.length + user_ids.length + roles.length > 0, {
      path: ['addresses'],
      message: 'name somebody to tell: an address, a member or a role',
    }),
  whatsapp: z.strictObject({
    ...twilio,
    content_sid: z
      .string()
      .regex(/^HX[0-9a-fA-F]{32}$/, 'the Content SID is HX and 32 digits and letters a to f')
      .meta({ examples: [`HX${'0'.repeat(32)}`] })
      .describe(
        'An approved template: WhatsApp takes no other text unasked. Its variables: 1 severity, 2 what, 3 device, 4 when, 5 link',
      ),
  }),
  sms: z.strictObject(twilio),
  webhook: z.strictObject({ url }),
  mqtt: z.strictObject({
    topic: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, '1 to 64 letters, digits and . _ -')
      .meta({ examples: ['shift'] })
      .describe('The last level of factories/{slug}/notifications/{topic}'),
  }),
  browser: z.strictObject({ ...people, has_sound: z.boolean().default(true) }),
} as const satisfies Record<ChannelKind, z.ZodType>;

const secret = z.string().min(1, 'it is empty').max(4_096);
const optional = <Shape extends Record<string, z.ZodType>>(shape: Shape) => z.strictObject(shape).default({} as never);

/** What each kind keeps to itself. */
export const SECRET_SCHEMAS = {
  email: optional({
    password: secret.optional(),
    client_secret: secret.optional(),
    refresh_token: secret.optional(),
  }),
  whatsapp: optional({ auth_token: secret.optional() }),
  sms: optional({ auth_token: secret.optional() }),
  webhook: optional({ signing_secret: secret.min(16, 'at least 16 characters').optional() }),
  mqtt: optional({}),
  browser: optional({}),
} as const satisfies Record<ChannelKind, z.ZodType>;

const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'say it as hours and minutes, "00:00" to "23:59"')
  .meta({ examples: ['22:00'] });

/** Beside the kind and what is of it. */
export const channelShape = {
  name: line(100, 'give the channel a name, such as "Shift on duty"').meta({ examples: ['Shift on duty'] }),
  is_active: z.boolean(),
  quiet_hours: z
    .strictObject({
      from: time,
      to: time.describe('Before or at `from`: on the day after'),
      days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('On which they begin: 1 Monday … 7 Sunday'),
    })
    .nullable()
    .describe("Only critical alarms go through then, in the factory's zone; the others come together at their end"),
  rate_per_minute: z
    .int()
    .min(1)
    .max(600)
    .describe('Of more in a minute one message, a digest, tells of all; as many critical ones go besides'),
};
