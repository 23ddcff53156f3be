import * as z from 'zod';
import type { Alarms, MaintenanceWindow } from '../../alarms/alarms.ts';
import { MAX_TAGS, tagSchema } from '../../rules/rules.ts';
import { callerName } from '../caller-name.ts';
import { type Route, route } from '../route.ts';
import {
  decodeCursor,
  idParams,
  idSchema,
  isoTime,
  isoTimeSchema,
  listSchema,
  pageOf,
  pageQuery,
  saidSchema,
} from '../wire.ts';

const TAG = 'Alarms';
const access = { factory: 'rules' } as const;

const shape = {
  device_ids: z.array(idSchema).max(1_000),
  tags: z.array(tagSchema).max(MAX_TAGS).describe('All devices that carry one of them'),
  starts_at: isoTimeSchema,
  ends_at: isoTimeSchema.nullable().describe('null: until it is ended: out of service'),
  reason: saidSchema(500).meta({ examples: ['Bearings are changed'] }),
};

const windowSchema = z
  .object({ id: z.uuid(), ...shape, created_by: z.string(), created_at: isoTimeSchema })
  .meta({ id: 'MaintenanceWindow' });

const windowReply = (window: MaintenanceWindow): z.input<typeof windowSchema> => ({
  id: window.id,
  device_ids: [...window.deviceIds],
  tags: [...window.tags],
  starts_at: isoTime(window.startsAt),
  ends_at: window.endsAt === null ? null : isoTime(window.endsAt),
  reason: window.reason,
  created_by: window.createdBy,
  created_at: isoTime(window.createdAt),
});

const endOf = (text: string | null) => (text === null ? null : Date.parse(text));

export interface MaintenanceRoutesDeps {
  readonly alarms: Pick<Alarms, 'windows'>;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
}

/** `/maintenance-windows`: when devices are worked on. Their alarms are recorded then, and nobody is told. */
export function maintenanceRoutes({ alarms, now }: MaintenanceRoutesDeps): Route[] {
  const { windows } = alarms;
  return [
    route({
      method: 'get',
      path: '/maintenance-windows',
      access: { factory: 'viewer' },
      summary: 'Maintenance windows, the latest first',
      tag: TAG,
      query: z.strictObject(pageQuery),
      reply: listSchema(windowSchema),
      handle: ({ scope, query: { limit, cursor } }) => {
        const all = windows.list(scope);
        const after = decodeCursor(cursor);
        // One that has gone meanwhile is followed by nothing.
        const first = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1 || all.length;
        return pageOf(all.slice(first, first + limit + 1), limit, ({ id }) => id, windowReply);
      },
    }),
    route({
      method: 'post',
      path: '/maintenance-windows',
      access,
      summary: 'Say that devices are worked on: their alarms are recorded, and nobody is told',
      tag: TAG,
      status: 201,
      body: z.strictObject({
        ...shape,
        device_ids: shape.device_ids.default([]),
        tags: shape.tags.default([]),
        starts_at: shape.starts_at.optional().describe('Now when left out'),
        ends_at: shape.ends_at.default(null),
      }),
      reply: windowSchema,
      refuses: ['conflict'],
      handle: ({ scope, identity, body }) =>
        windowReply(
          windows.add(
            scope,
            {
              deviceIds: body.device_ids,
              tags: body.tags,
              startsAt: body.starts_at === undefined ? now() : Date.parse(body.starts_at),
              endsAt: endOf(body.ends_at),
              reason: body.reason,
            },
            callerName(identity),
          ),
        ),
    }),
    route({
      method: 'get',
      path: '/maintenance-windows/:id',
      access: { factory: 'viewer' },
      summary: 'One maintenance window',
      tag: TAG,
      params: idParams,
      reply: windowSchema,
      handle: ({ scope, params }) => windowReply(windows.get(scope, params.id)),
    }),
    route({
      method: 'patch',
      path: '/maintenance-windows/:id',
      access,
      summary: 'Change a maintenance window, or end it: with `ends_at`',
      tag: TAG,
      params: idParams,
      body: z.strictObject({
        device_ids: shape.device_ids.optional(),
        tags: shape.tags.optional(),
        starts_at: shape.starts_at.optional(),
        ends_at: shape.ends_at.optional(),
        reason: shape.reason.optional(),
      }),
      reply: windowSchema,
      handle: ({ scope, params, body }) =>
        windowReply(
          windows.change(scope, params.id, {
            ...(body.device_ids && { deviceIds: body.device_ids }),
            ...(body.tags && { tags: body.tags }),
            ...(body.starts_at !== undefined && { startsAt: Date.parse(body.starts_at) }),
            ...(body.ends_at !== undefined && { endsAt: endOf(body.ends_at) }),
            ...(body.reason !== undefined && { reason: body.reason }),
          }),
        ),
    }),
    route({
      method: 'delete',
      path: '/maintenance-windows/:id',
      access,
      summary: 'Remove a maintenance window, and that it ever was: to keep that, end it',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => windows.remove(scope, params.id),
    }),
  ];
}
