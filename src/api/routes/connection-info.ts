import * as z from 'zod';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { type Route, route } from '../route.ts';

const connectionInfoSchema = z
  .object({
    mqtt: z.object({
      port: z.int().describe('Of plain MQTT, as it is really bound'),
      anonymous: z
        .enum(['loopback', 'never', 'lan'])
        .describe('Who may publish telemetry without a credential: programs on this machine, nobody, or anyone'),
      websocket_path: z.literal('/mqtt').describe('MQTT over WebSocket on the HTTP port; always with a credential'),
    }),
    factory_slug: z.string().describe('Telemetry goes to factories/{factory_slug}/devices/{key}/telemetry'),
  })
  .meta({ id: 'ConnectionInfo' });

export interface ConnectionInfoDeps {
  readonly anonymous: Config['mqtt']['anonymous'];
  /** Undefined until the broker listens. */
  readonly mqttPort: () => number | undefined;
}

/** `/connection-info`: what a person has to type into a device. */
export function connectionInfoRoutes({ anonymous, mqttPort }: ConnectionInfoDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/connection-info',
      access: { factory: 'viewer' },
      summary: 'Where and how a device of this factory connects',
      tag: 'Devices',
      reply: connectionInfoSchema,
      handle: ({ scope }) => {
        const port = mqttPort();
        if (port === undefined) throw new AppError('unavailable', 'the broker is starting: try again in a moment');
        return { mqtt: { port, anonymous, websocket_path: '/mqtt' as const }, factory_slug: scope.slug };
      },
    }),
  ];
}
