import * as z from 'zod';
import { type Accounts, type ApiKey, KEY_PERMISSIONS } from '../../accounts/accounts.ts';
import { rights } from '../rights.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'API keys';

const LATEST = Date.UTC(2200, 0);

const scopes = {
  role: z.enum(['viewer', 'operator']).describe('No more than its maker has at the moment of use'),
  permissions: z
    .array(z.enum(KEY_PERMISSIONS))
    .max(KEY_PERMISSIONS.length)
    .describe('Granted on top of the role; people are let in by people alone'),
};

const keySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: rights.role,
    permissions: rights.permissions,
    made_by: z.string().describe('E-mail address; the key acts for them'),
    created_at: isoTimeSchema,
    expires_at: isoTimeSchema.nullable(),
    last_used_at: isoTimeSchema.nullable().describe('To the minute'),
    last_used_from: z.string().nullable().describe('Address'),
    stopped: z
      .enum(['expired', 'maker_gone'])
      .nullable()
      .describe('Why it does not work: its time is over, or its maker may not enter the factory any more'),
  })
  .meta({ id: 'ApiKey' });

const keyReply = (key: ApiKey): z.input<typeof keySchema> => ({
  id: key.id,
  name: key.name,
  role: key.role,
  permissions: [...key.permissions],
  made_by: key.madeBy,
  created_at: isoTime(key.createdAt),
  expires_at: key.expiresAt === null ? null : isoTime(key.expiresAt),
  last_used_at: key.usedAt === null ? null : isoTime(key.usedAt),
  last_used_from: key.usedFrom === '' ? null : key.usedFrom,
  stopped: key.stopped,
});

/** `/api-keys`: for scripts, Grafana, and MQTT clients that read along. */
export function apiKeyRoutes({ accounts: { apiKeys } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'post',
      path: '/api-keys',
      access: { factory: 'admin' },
      summary:
        'Make a key of the selected factory; it is shown this once. Send it as `Authorization: Bearer fok_…`, or to the broker as the password of the user `api-key`, which may subscribe below `factories/{slug}/`',
      tag: TAG,
      status: 201,
      body: z.strictObject({
        name: z
          .string()
          .trim()
          .min(1)
          .max(64)
          .meta({ examples: ['Grafana'] }),
        ...scopes,
        expires_at: isoTimeSchema
          .refine((time) => Date.parse(time) < LATEST, 'too far away: null is for ever')
          .nullable()
          .describe('null: when it is removed'),
      }),
      reply: z.object({ key: keySchema, secret: z.string() }),
      refuses: ['conflict'],
      handle: ({ scope, identity, body: { expires_at, ...key } }) => {
        const expiresAt = expires_at === null ? null : Date.parse(expires_at);
        const made = apiKeys.create(scope, identity, { ...key, expiresAt });
        return { key: keyReply(made.key), secret: made.secret };
      },
    }),
    route({
      method: 'get',
      path: '/api-keys',
      access: { factory: 'admin' },
      summary: "The factory's keys, by name, without their secrets",
      tag: TAG,
      query: z.strictObject(pageQuery),
      reply: listSchema(keySchema),
      handle: ({ scope, query: { limit, cursor } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        return pageOf(apiKeys.list(scope, { limit: limit + 1, after }), limit, (key) => key.name, keyReply);
      },
    }),
    route({
      method: 'delete',
      path: '/api-keys/:id',
      access: { factory: 'admin' },
      summary: 'Remove a key: it does not work any more, and its connections to the broker end',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => apiKeys.remove(scope, params.id),
    }),
  ];
}
