import * as z from 'zod';
import { type Accounts, CREDENTIAL_NAME_PATTERN, type DeviceCredential } from '../../accounts/accounts.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Device credentials';

const devices = z.array(z.string().max(64)).min(1).max(1_000).describe('Device keys, or `["*"]` for all');

const credentialSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    username: z.string(),
    devices: z.array(z.string()),
    created_at: isoTimeSchema,
  })
  .meta({ id: 'DeviceCredential' });

const credentialReply = (credential: DeviceCredential): z.input<typeof credentialSchema> => ({
  id: credential.id,
  name: credential.name,
  username: credential.username,
  devices: credential.deviceKeys === '*' ? ['*'] : [...credential.deviceKeys],
  created_at: isoTime(credential.createdAt),
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
      reply: z.object({ id: z.uuid(), username: z.string(), password: z.string() }),
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
      method: 'delete',
      path: '/device-credentials/:id',
      access: { factory: 'devices' },
      summary: 'Remove a credential and end its connections',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => deviceCredentials.remove(scope, params.id),
    }),
  ];
}
