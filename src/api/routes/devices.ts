import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import { type Device, type Devices, type Parameter, type Presence, STANDINGS } from '../../devices/devices.ts';
import { MAX_TAGS, tagSchema } from '../../rules/rules.ts';
import type { LiveDevice, LiveState, Removal } from '../../telemetry/telemetry.ts';
import { mayLookAt, refuseHidden } from '../device-access.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, idParams, idSchema, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Devices';

const status = z.enum(['online', 'stale', 'offline']);

/** A device, as every route about devices shows it. */
export const deviceSchema = z
  .object({
    id: z.uuid(),
    key: z.string().describe('The device key in its topics'),
    name: z.string(),
    status,
    standing: z
      .enum(STANDINGS)
      .describe('pending: waits to be approved; retired: gone, its history stays; rejected: does not belong here'),
    tags: z.array(z.string().meta({ examples: ['line 1'] })).describe('Words by which people group devices'),
    last_seen_at: isoTimeSchema.nullable(),
    parameters_count: z.int(),
    created_at: isoTimeSchema,
  })
  .meta({ id: 'Device' });

const detailSchema = deviceSchema
  .extend({
    aliases: z
      .array(z.string())
      .describe('Keys of devices that have become a part of it: what comes under them is its own'),
  })
  .meta({ id: 'DeviceDetail' });

const parameterSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['number', 'boolean', 'state']),
    display_name: z.string().nullable(),
    unit: z.string().nullable(),
    decimals: z.int().nullable(),
    low_limit: z.number().nullable(),
    high_limit: z.number().nullable(),
    is_kpi: z.boolean().describe('Shown first on the device page'),
  })
  .meta({ id: 'Parameter' });

const devicePatch = z.strictObject({
  name: z.string().trim().min(1).max(128).optional(),
  tags: z
    .array(tagSchema)
    .max(MAX_TAGS, `at most ${MAX_TAGS} tags`)
    .refine((tags) => new Set(tags).size === tags.length, 'a tag is named twice')
    .optional()
    .describe('All that it has from then on: rules can watch devices by them'),
});

const parameterPatch = z.strictObject({
  display_name: z.string().trim().min(1).max(128).nullable().optional(),
  unit: z.string().trim().min(1).max(32).nullable().optional(),
  decimals: z.int().min(0).max(10).nullable().optional(),
  low_limit: z.number().nullable().optional(),
  high_limit: z.number().nullable().optional(),
  is_kpi: z.boolean().optional(),
});

const parameterParams = z.object({ id: idSchema, name: z.string().min(1).max(128) });

const parameterReply = (parameter: Parameter): z.input<typeof parameterSchema> => ({
  name: parameter.name,
  kind: parameter.kind,
  display_name: parameter.displayName,
  unit: parameter.unit,
  decimals: parameter.decimals,
  low_limit: parameter.lowLimit,
  high_limit: parameter.highLimit,
  is_kpi: parameter.isKpi,
});

export interface DeviceRoutesDeps {
  readonly devices: Devices;
  readonly live: LiveState;
  readonly presence: Presence;
  readonly removal: Removal;
  /** Asked before a device is removed. */
  readonly removing: (scope: FactoryScope, deviceId: string) => Promise<void>;
}

/** Shows a device with what is known of it in memory. */
export const deviceReplies =
  ({ live, presence }: Pick<DeviceRoutesDeps, 'live' | 'presence'>) =>
  (scope: FactoryScope, device: Device): z.input<typeof deviceSchema> => {
    const known = live.device(scope.factoryId, device.key);
    const lastSeenAt = known?.lastSeenAt ?? null;
    return {
      id: device.id,
      key: device.key,
      name: device.name,
      status: known === undefined ? 'offline' : presence.statusOf(known),
      standing: device.standing,
      tags: [...device.tags],
      last_seen_at: lastSeenAt === null ? null : isoTime(lastSeenAt),
      parameters_count: device.parametersCount,
      created_at: isoTime(device.createdAt),
    };
  };

/** `/devices`: what has registered itself, and how people want to see it. */
export function deviceRoutes({ devices, live, presence, removal, removing }: DeviceRoutesDeps): Route[] {
  const liveOf = (scope: FactoryScope, key: string): LiveDevice | undefined => live.device(scope.factoryId, key);
  const deviceReply = deviceReplies({ live, presence });

  return [
    route({
      method: 'get',
      path: '/devices',
      access: { factory: 'viewer' },
      summary: 'Devices by key',
      tag: TAG,
      query: z.strictObject({
        ...pageQuery,
        key: z.string().optional().describe('The device with exactly this key'),
        status: status.optional(),
        standing: z.enum(STANDINGS).default('active'),
        tag: z.string().max(64).optional().describe('Those with exactly this tag'),
        q: z.string().max(128).optional().describe('Text looked for in key and name'),
      }),
      reply: listSchema(deviceSchema),
      handle: ({ scope, identity, query: { limit, cursor, key, tag, q, standing, status: wanted } }) => {
        if (!mayLookAt({ identity }, standing)) {
          throw new AppError('forbidden', 'your role in this factory does not allow this');
        }
        const after = String(decodeCursor(cursor) ?? '');
        // The status is not in the registry: with one, all have to be looked at.
        const most = wanted === undefined ? limit + 1 : undefined;
        const rows = devices
          .list(scope, { key, tag, text: q, standing, after, limit: most })
          .map((device) => deviceReply(scope, device))
          .filter((device) => wanted === undefined || device.status === wanted);
        return pageOf(
          rows,
          limit,
          (device) => device.key,
          (device) => device,
        );
      },
    }),
    route({
      method: 'get',
      path: '/devices/:id',
      access: { factory: 'viewer' },
      summary: 'One device',
      tag: TAG,
      params: idParams,
      reply: detailSchema,
      handle: ({ scope, identity, params }) => {
        const device = devices.get(scope, params.id);
        refuseHidden({ scope, identity }, device);
        return { ...deviceReply(scope, device), aliases: devices.aliases(scope, params.id) };
      },
    }),
    route({
      method: 'patch',
      path: '/devices/:id',
      access: { factory: 'devices' },
      summary: 'Rename a device, or give it tags; its key stays',
      tag: TAG,
      params: idParams,
      body: devicePatch,
      reply: deviceSchema,
      handle: ({ scope, params, body }) => deviceReply(scope, devices.update(scope, params.id, body)),
    }),
    route({
      method: 'delete',
      path: '/devices/:id',
      access: { factory: 'devices' },
      summary: 'Remove a device with its parameters and its history; its next message makes it anew',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: async ({ scope, params }) => {
        await removing(scope, params.id);
        removal.removeDevice(scope, params.id);
      },
    }),
    route({
      method: 'get',
      path: '/devices/:id/parameters',
      access: { factory: 'viewer' },
      summary: 'Parameters of a device, by name',
      tag: TAG,
      params: idParams,
      reply: listSchema(parameterSchema),
      handle: ({ scope, identity, params }) => {
        refuseHidden({ scope, identity }, devices.get(scope, params.id));
        return { items: devices.parameters(scope, params.id).map(parameterReply), next_cursor: null };
      },
    }),
    route({
      method: 'patch',
      path: '/devices/:id/parameters/:name',
      access: { factory: 'devices' },
      summary: 'Change how a parameter is shown; keys left out stay as they are',
      tag: TAG,
      params: parameterParams,
      body: parameterPatch,
      reply: parameterSchema,
      handle: ({ scope, params, body }) =>
        parameterReply(
          devices.updateParameter(scope, params.id, params.name, {
            ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
            ...(body.unit === undefined ? {} : { unit: body.unit }),
            ...(body.decimals === undefined ? {} : { decimals: body.decimals }),
            ...(body.low_limit === undefined ? {} : { lowLimit: body.low_limit }),
            ...(body.high_limit === undefined ? {} : { highLimit: body.high_limit }),
            ...(body.is_kpi === undefined ? {} : { isKpi: body.is_kpi }),
          }),
        ),
    }),
    route({
      method: 'post',
      path: '/devices/:id/parameters/:name/reset-kind',
      access: { factory: 'devices' },
      summary: 'Let the next value decide whether the parameter is a number, a boolean or a state',
      tag: TAG,
      params: parameterParams,
      reply: 'empty',
      handle: ({ scope, params }) => {
        const device = devices.get(scope, params.id);
        devices.resetKind(scope, params.id, params.name);
        const known = liveOf(scope, device.key);
        const series = known?.series.get(params.name);
        if (known === undefined || series === undefined) return;
        known.series.delete(params.name);
        known.retired.push(series);
      },
    }),
  ];
}
