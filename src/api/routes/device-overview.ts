import * as z from 'zod';
import type { FactoryScope } from '../../core/scope.ts';
import type { Catalogue, CataloguedDevice, Presence } from '../../devices/devices.ts';
import type { LiveDevice, LiveHub, LiveState } from '../../telemetry/telemetry.ts';
import { DEVICE_STATES, type DeviceState, deviceStateOf, type ShownValue, shownValues } from '../device-overview.ts';
import { type Route, route } from '../route.ts';
import { decodeCursor, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const count = z.int();
const state = z.enum(DEVICE_STATES);

const valueSchema = z
  .object({
    parameter: z.string(),
    display_name: z.string().nullable(),
    kind: z.enum(['number', 'boolean', 'state']),
    unit: z.string().nullable(),
    decimals: z.int().nullable(),
    low_limit: z.number().nullable(),
    high_limit: z.number().nullable(),
    value: z.union([z.number(), z.boolean(), z.string()]),
    timestamp: isoTimeSchema,
    limit_state: z.enum(['low', 'high', 'normal']).describe('low: below low_limit; high: above high_limit'),
  })
  .meta({ id: 'OverviewValue' });

const deviceSchema = z
  .object({
    id: z.uuid(),
    key: z.string(),
    name: z.string(),
    tags: z.array(z.string()),
    status: z.enum(['online', 'stale', 'offline']),
    last_seen_at: isoTimeSchema.nullable(),
    parameters_count: count,
    state: state.describe('The worst of its status and of its newest values; silence does not mend a value'),
    values: z
      .array(valueSchema)
      .describe('At most 4: those outside their limits, KPIs with limits, other KPIs; each by name'),
  })
  .meta({ id: 'OverviewDevice' });

const pendingSchema = deviceSchema
  .omit({ status: true, state: true })
  .extend({ first_seen_at: isoTimeSchema.describe('When its first message came') })
  .meta({ id: 'PendingDevice' });

const overviewSchema = listSchema(deviceSchema).extend({
  counts: z.object({ out_of_limits: count, offline: count, stale: count, normal: count }).describe('Of all devices'),
});

const valueReply = ({ parameter, newest, limitState }: ShownValue): z.input<typeof valueSchema> => ({
  parameter: parameter.name,
  display_name: parameter.displayName,
  kind: newest.kind,
  unit: parameter.unit,
  decimals: parameter.decimals,
  low_limit: parameter.lowLimit,
  high_limit: parameter.highLimit,
  value: newest.value,
  timestamp: isoTime(newest.timestamp),
  limit_state: limitState,
});

/** A device as the whole factory is looked through; what is shown of it is made for those on the page alone. */
interface Standing {
  readonly device: CataloguedDevice;
  readonly live: LiveDevice | undefined;
  readonly state: DeviceState;
}

/** Worst state first, then key: compares as text, because a rank has one digit. */
const sortKeyOf = ({ state: itsState, device }: Standing) => `${DEVICE_STATES.indexOf(itsState)}${device.key}`;

export interface DeviceOverviewDeps {
  readonly catalogue: Catalogue;
  readonly live: LiveState;
  readonly hub: LiveHub;
  readonly presence: Presence;
}

/** `/dashboard/devices`: every device at a glance; `/dashboard/pending-devices`: those that nobody has let in yet. */
export function deviceOverviewRoutes({ catalogue, live, hub, presence }: DeviceOverviewDeps): Route[] {
  const statusOf = (device: LiveDevice | undefined) => (device === undefined ? 'offline' : presence.statusOf(device));

  const standings = (scope: FactoryScope): Standing[] =>
    catalogue.devices(scope).map((device) => {
      const known = live.device(scope.factoryId, device.key);
      return { device, live: known, state: deviceStateOf(device, known, statusOf(known)) };
    });

  const seenReply = (device: CataloguedDevice, known: LiveDevice | undefined) => {
    const lastSeenAt = known?.lastSeenAt ?? null;
    return {
      id: device.id,
      key: device.key,
      name: device.name,
      tags: [...device.tags],
      last_seen_at: lastSeenAt === null ? null : isoTime(lastSeenAt),
      parameters_count: device.parameters.length,
      values: known === undefined ? [] : shownValues(device, hub.values(known)).map(valueReply),
    };
  };
  const deviceReply = ({ device, live: known, state }: Standing): z.input<typeof deviceSchema> => ({
    ...seenReply(device, known),
    status: statusOf(known),
    state,
  });
  const pendingReply = (scope: FactoryScope, device: CataloguedDevice): z.input<typeof pendingSchema> => ({
    ...seenReply(device, live.device(scope.factoryId, device.key)),
    first_seen_at: isoTime(device.createdAt),
  });

  return [
    route({
      method: 'get',
      path: '/dashboard/devices',
      access: { factory: 'viewer' },
      summary:
        'Devices with the values that matter most, worst first: out of limits, offline, stale, normal; then by key',
      tag: 'Dashboard',
      query: z.strictObject({ ...pageQuery, state: state.optional() }),
      reply: overviewSchema,
      handle: ({ scope, query: { limit, cursor, state: wanted } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        const all = standings(scope);
        const counts = { out_of_limits: 0, offline: 0, stale: 0, normal: 0 };
        for (const standing of all) counts[standing.state]++;
        const rest = all
          .filter((standing) => wanted === undefined || standing.state === wanted)
          .map((standing) => ({ standing, sortKey: sortKeyOf(standing) }))
          .filter(({ sortKey }) => sortKey > after)
          .sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
        const page = pageOf(
          rest,
          limit,
          ({ sortKey }) => sortKey,
          ({ standing }) => deviceReply(standing),
        );
        return { ...page, counts };
      },
    }),
    route({
      method: 'get',
      path: '/dashboard/pending-devices',
      access: { factory: 'devices' },
      summary: 'Devices that wait to be approved, with some of what they have sent, by key',
      tag: 'Dashboard',
      query: z.strictObject(pageQuery),
      reply: listSchema(pendingSchema),
      handle: ({ scope, query: { limit, cursor } }) => {
        const after = String(decodeCursor(cursor) ?? '');
        const waiting = catalogue.all(scope).filter(({ standing, key }) => standing === 'pending' && key > after);
        return pageOf(
          waiting,
          limit,
          ({ key }) => key,
          (device) => pendingReply(scope, device),
        );
      },
    }),
  ];
}
