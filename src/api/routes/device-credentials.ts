import * as z from 'zod';
import { type Accounts, CREDENTIAL_NAME_PATTERN, type DeviceCredential } from '../../accounts/accounts.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Device credentials';

const devices = z
  .array(z.string().max(64))
  .min(1)
  .max(1_000)
  .describe('Device keys, or patterns of them, in which `*` stands for any characters; `["*"]` for all');

const credentialSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    username: z.string(),
    devices: z.array(z.string()),
    created_at: isoTimeSchema,
    rotated_at: isoTimeSchema.nullable().describe('When it got its present password'),
    old_valid_until: isoTimeSchema.nullable().describe('Until when the password before is taken too; null: it is not'),
    used_at: isoTimeSchema.nullable().describe('When it last signed in, to the minute'),
  })
  .meta({ id: 'DeviceCredential' });

const freshSchema = z.object({ id: z.uuid(), username: z.string(), password: z.string() });

const timeOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms));

const credentialReply = (credential: DeviceCredential): z.input<typeof credentialSchema> => ({
  id: credential.id,
  name: credential.name,
  username: credential.username,
  devices: credential.deviceKeys === '*' ? ['*'] : [...credential.deviceKeys],
  created_at: isoTime(credential.createdAt),
  rotated_at: timeOrNull(credential.rotatedAt),
  old_valid_until: timeOrNull(credential.oldValidUntil),
  used_at: timeOrNull(credential.usedAt),
});

/** `/device-credentials`: with what devices and gateways sign in to the broker. */
export function deviceCredentialRoutes({ accounts: { deviceCredentials } }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'post',
      path: '/device-credentials',
      access: { factory: 'devices' },
      summary: 'Make a credential; the password is shown this once',
      tag: TAG,
      status: 201,
      body: z.strictObject({
        name: z.string().regex(CREDENTIAL_NAME_PATTERN, '1 to 64 of A-Z a-z 0-9 . _ -, a letter or a digit first'),
        devices,
      }),
      reply: freshSchema,
      handle: ({ scope, body }) => {
        const { credential, password } = deviceCredentials.create(scope, body);
        return { id: credential.id, username: credential.username, password };
      },
    }),
    route({
      method: 'get',
      path: '/device-credentials',
      access: { factory: 'devices' },
      summary: "The factory's credentials, by name, without passwords",
      tag: TAG,
      query: z.strictObject(pageQuery),
      reply: listSchema(credentialSchema),
      handle: ({ scope, query: { limit, cursor } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        const rows = deviceCredentials.list(scope, { limit: limit + 1, after });
        return pageOf(rows, limit, (credential) => credential.name, credentialReply);
      },
    }),
    route({
      method: 'patch',
      path: '/device-credentials/:id',
      access: { factory: 'devices' },
      summary: 'Name other devices; its connections end, and come back with the new rights',
      tag: TAG,
      params: idParams,
      body: z.strictObject({ devices }),
      reply: credentialSchema,
      handle: ({ scope, params, body }) => credentialReply(deviceCredentials.change(scope, params.id, body.devices)),
    }),
    route({
      method: 'post',
      path: '/device-credentials/:id/rotate',
      access: { factory: 'devices' },
      summary: 'Make a new password, shown this once; the old one is taken too for a while',
      tag: TAG,
      params: idParams,
      body: z.strictObject({
        keep_old_s: z
          .int()
          .min(0)
          .max(2_592_000)
          .default(86_400)
          .describe('How long the old password is taken too (s); 0: its connections end at once'),
      }),
      reply: freshSchema.extend({ old_valid_until: isoTimeSchema.nullable() }),
      handle: ({ scope, params, body }) => {
        const { credential, password } = deviceCredentials.rotate(scope, params.id, body.keep_old_s);
        const { id, username, oldValidUntil } = credential;
        return { id, username, password, old_valid_until: timeOrNull(oldValidUntil) };
      },
    }),
    route({
      method: 'delete',
      path: '/device-credentials/:id',
      access: { factory: 'devices' },
      summary: 'Revoke a credential: its connections end at once',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => deviceCredentials.remove(scope, params.id),
    }),
  ];
}
