import * as z from 'zod';
import type { Alarms } from '../../alarms/alarms.ts';
import { type Clock, clockIsTrusted } from '../../core/clock.ts';
import type { Presence } from '../../devices/devices.ts';
import type { LiveState, RateMeter } from '../../telemetry/telemetry.ts';
import { type Route, route } from '../route.ts';

const count = z.int();

export interface DashboardRoutesDeps {
  readonly live: LiveState;
  readonly presence: Presence;
  readonly rate: RateMeter;
  readonly clock: Clock;
  readonly alarms: Pick<Alarms, 'counts'>;
  /** Bytes that all data takes, and days until the disk is full at this rate. */
  readonly storage: () => { readonly bytes: number; readonly daysLeft: number | null };
}

/** `/dashboard/summary`: the overview in one request. */
export function dashboardRoutes({ live, presence, rate, clock, alarms, storage }: DashboardRoutesDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/dashboard/summary',
      access: { factory: 'viewer' },
      summary: 'The overview in one request; storage is that of the whole appliance, whose disk all share',
      tag: 'Dashboard',
      reply: z.object({
        devices: z.object({
          total: count,
          online: count,
          stale: count,
          offline: count,
          pending: count.describe('Wait to be approved; not among the others'),
        }),
        alarms: z
          .object({ low: count, medium: count, high: count, critical: count })
          .describe('That stand, acknowledged or not, and are neither shelved nor suppressed'),
        messages_per_second: z.number().describe('Mean of the last ten seconds'),
        points_per_second: z.number().describe('Mean of the last ten seconds'),
        jobs: z.object({ queued: count, running: count, failed: count }),
        storage: z.object({ bytes: z.int(), days_left: z.number().nullable().describe('null: not known yet') }),
        clock_ok: z.boolean(),
      }),
      handle: ({ scope }) => {
        const { messages, points } = rate.perSecond(scope.factoryId);
        const { bytes, daysLeft } = storage();
        return {
          devices: presence.count(live.devices(scope.factoryId).values()),
          alarms: { ...alarms.counts(scope).standing },
          messages_per_second: messages,
          points_per_second: points,
          jobs: { queued: 0, running: 0, failed: 0 },
          storage: { bytes, days_left: daysLeft },
          clock_ok: clockIsTrusted(clock),
        };
      },
    }),
  ];
}
