import * as z from 'zod';
import type { Devices, Presence } from '../../devices/devices.ts';
import type { LiveHub, LiveState } from '../../telemetry/telemetry.ts';
import { type Route, route } from '../route.ts';
import { idParams, isoTime, isoTimeSchema } from '../wire.ts';

const liveSchema = z.object({
  device_id: z.uuid(),
  values: z.array(
    z.object({
      parameter: z.string(),
      value: z.union([z.number(), z.boolean(), z.string()]),
      unit: z.string().nullable(),
      timestamp: isoTimeSchema,
      quality: z.enum(['good', 'stale']).describe('stale: the device has been silent for longer than it should'),
    }),
  ),
});

export interface KpiRoutesDeps {
  readonly devices: Devices;
  readonly live: LiveState;
  readonly hub: LiveHub;
  readonly presence: Presence;
}

/** Newest values of a device. */
export function kpiRoutes({ devices, live, hub, presence }: KpiRoutesDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/devices/:id/kpis/live',
      access: { factory: 'viewer' },
      summary: 'The newest value of every parameter, by event time',
      tag: 'KPIs',
      params: idParams,
      reply: liveSchema,
      handle: ({ scope, params }) => {
        const { key } = devices.get(scope, params.id);
        const units = new Map(devices.parameters(scope, params.id).map(({ name, unit }) => [name, unit]));
        const device = live.device(scope.factoryId, key);
        if (device === undefined) return { device_id: params.id, values: [] };
        const quality = presence.statusOf(device) === 'online' ? ('good' as const) : ('stale' as const);
        const values = hub.values(device).map((sample) => ({
          parameter: sample.parameter,
          value: sample.value,
          unit: units.get(sample.parameter) ?? null,
          timestamp: isoTime(sample.timestamp),
          quality,
        }));
        return { device_id: params.id, values };
      },
    }),
  ];
}
