import * as z from 'zod';
import type { Devices } from '../../devices/devices.ts';
import type { RefusalRow, Refusals } from '../../telemetry/telemetry.ts';
import { refuseHidden } from '../device-access.ts';
import { type Route, route } from '../route.ts';
import { idParams, isoTime, isoTimeSchema, listSchema } from '../wire.ts';

const TAG = 'Refusals';

const payload = z.string().describe('The first 512 bytes of the newest one, as text');

const refusalSchema = z
  .object({
    device_key: z.string().describe('Empty when the topic names no valid device'),
    reason: z.string(),
    parameter: z.string().nullable().describe('The refused metric; null when the whole message was refused'),
    detail: z.string(),
    payload,
    count: z.int(),
    first_at: isoTimeSchema,
    last_at: isoTimeSchema,
  })
  .meta({ id: 'Refusal' });

const refusalReply = (row: RefusalRow): z.input<typeof refusalSchema> => ({
  device_key: row.deviceKey,
  reason: row.reason,
  parameter: row.parameter === '' ? null : row.parameter,
  detail: row.detail,
  payload: row.payload.toString('utf8'),
  count: row.count,
  first_at: isoTime(row.firstAt),
  last_at: isoTime(row.lastAt),
});

/** For who asks again and again. */
const sinceQuery = z.strictObject({
  since: isoTimeSchema.optional().describe('Only entries with `last_at` after this time'),
});
const sinceOf = ({ since }: z.output<typeof sinceQuery>) => (since === undefined ? undefined : Date.parse(since));

/** Why messages were refused. The list is bounded where it is kept, and so comes whole. */
export function refusalRoutes({ devices, refusals }: { devices: Devices; refusals: Refusals }): Route[] {
  return [
    route({
      method: 'get',
      path: '/rejects',
      access: { factory: 'viewer' },
      summary: "What was refused of the factory's senders, newest first, unknown devices included",
      tag: TAG,
      query: sinceQuery,
      reply: listSchema(refusalSchema),
      handle: ({ scope, query }) => ({
        items: refusals.list(scope, { since: sinceOf(query) }).map(refusalReply),
        next_cursor: null,
      }),
    }),
    route({
      method: 'get',
      path: '/devices/:id/rejects',
      access: { factory: 'viewer' },
      summary: 'What was refused of a device, newest first',
      tag: TAG,
      params: idParams,
      reply: listSchema(refusalSchema),
      handle: ({ scope, identity, params }) => {
        const device = devices.get(scope, params.id);
        refuseHidden({ scope, identity }, device);
        const { key: deviceKey } = device;
        return { items: refusals.list(scope, { deviceKey }).map(refusalReply), next_cursor: null };
      },
    }),
    route({
      method: 'delete',
      path: '/devices/:id/rejects',
      access: { factory: 'devices' },
      summary: 'Clear the list of a device, once its cause is mended',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => refusals.clear(scope, devices.get(scope, params.id).key),
    }),
  ];
}
