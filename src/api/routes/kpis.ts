import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Catalogue, Presence } from '../../devices/devices.ts';
import type { LiveHub, LiveState } from '../../telemetry/telemetry.ts';
import { shownDevice } from '../device-access.ts';
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
  readonly catalogue: Catalogue;
  readonly live: LiveState;
  readonly hub: LiveHub;
  readonly presence: Presence;
}

/** Newest values of a device. */
export function kpiRoutes({ catalogue, live, hub, presence }: KpiRoutesDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/devices/:id/kpis/live',
      access: { factory: 'viewer' },
      summary: 'The newest value of every parameter, by event time',
      tag: 'KPIs',
      params: idParams,
      reply: liveSchema,
      handle: ({ scope, identity, params }) => {
        const known = shownDevice(catalogue, { scope, identity }, params.id);
        if (known === undefined) throw new AppError('not_found', 'not found');
        const units = new Map(known.parameters.map(({ name, unit }) => [name, unit]));
        const device = live.device(scope.factoryId, known.key);
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
