import * as z from 'zod';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { TlsStatus } from '../../tls/tls.ts';
import { type Route, route } from '../route.ts';

const connectionInfoSchema = z
  .object({
    mqtt: z.object({
      port: z.int().describe('Of plain MQTT, as it is really bound'),
      plain_on_lan: z.boolean().describe('Whether other machines reach the port of plain MQTT'),
      tls_port: z.int().nullable().describe('Of MQTT over TLS, as it is really bound'),
      anonymous: z
        .enum(['loopback', 'never', 'lan'])
        .describe('Who may publish telemetry without a credential: programs on this machine, nobody, or anyone'),
      client_certificates: z
        .enum(['off', 'optional', 'required'])
        .describe('Whether clients over TLS may, or must, show a certificate instead of a password'),
      websocket_path: z.literal('/mqtt').describe('MQTT over WebSocket on the HTTP(S) port; always with a credential'),
    }),
    listen: z.enum(['loopback', 'lan']).describe('Who reaches the appliance at all: this machine, or the network'),
    hosts: z.array(z.string()).describe("Names and addresses that stand in the server's certificate"),
    own_ca: z.boolean().describe('Whether clients have to be given the CA of the appliance, `GET /tls/ca.crt`'),
    factory_slug: z.string().describe('Telemetry goes to factories/{factory_slug}/devices/{key}/telemetry'),
  })
  .meta({ id: 'ConnectionInfo' });

export interface ConnectionInfoDeps {
  readonly config: Pick<Config, 'network' | 'mqtt'>;
  /** Undefined until the broker listens. */
  readonly ports: () => { readonly mqtt: number; readonly mqtts: number | undefined } | undefined;
  readonly tls: () => Pick<TlsStatus, 'source' | 'certificate'>;
}

/** `/connection-info`: what a person has to type into a device. */
export function connectionInfoRoutes({ config: { network, mqtt }, ports, tls }: ConnectionInfoDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/connection-info',
      access: { factory: 'viewer' },
      summary: 'Where and how a device of this factory connects',
      tag: 'Devices',
      reply: connectionInfoSchema,
      handle: ({ scope }) => {
        const bound = ports();
        if (bound === undefined) throw new AppError('unavailable', 'the broker is starting: try again in a moment');
        const { source, certificate } = tls();
        return {
          mqtt: {
            port: bound.mqtt,
            plain_on_lan: network.listen === 'lan' && mqtt.plain_on_lan,
            tls_port: bound.mqtts ?? null,
            anonymous: mqtt.anonymous,
            client_certificates: mqtt.client_certificates,
            websocket_path: '/mqtt' as const,
          },
          listen: network.listen,
          hosts: [...certificate.names],
          own_ca: source === 'appliance',
          factory_slug: scope.slug,
        };
      },
    }),
  ];
}
