import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { CertificateInfo, Tls } from '../../tls/tls.ts';
import { type Route, rawReply, route } from '../route.ts';
import { isoTime, isoTimeSchema } from '../wire.ts';

const TAG = 'TLS';
/** What systems offer to install when a browser opens it. */
const CA_MEDIA_TYPE = 'application/x-x509-ca-cert';

const certificateSchema = z
  .object({
    subject: z.string(),
    issuer: z.string(),
    fingerprint_sha256: z.string().describe('`AB:CD:…`, for people to compare'),
    names: z.array(z.string()).describe('Names and addresses that it is good for'),
    valid_from: isoTimeSchema,
    valid_until: isoTimeSchema,
  })
  .meta({ id: 'Certificate' });

const tlsSchema = z
  .object({
    source: z.enum(['appliance', 'files']).describe('Made by the appliance, or brought: `tls.cert_file`'),
    certificate: certificateSchema.describe("The server's"),
    renews_at: isoTimeSchema.nullable().describe('When it is made anew by itself; null for one that was brought'),
    ca: certificateSchema.nullable().describe('What clients are to trust; null where the certificate was brought'),
    fault: z.string().nullable().describe('What is wrong with the certificate, and what to do; null when nothing is'),
    client_certificates: z.enum(['off', 'optional', 'required']).describe('`mqtt.client_certificates`'),
    device_ca: certificateSchema.nullable().describe("Signs devices' certificates; null until one was wanted"),
  })
  .meta({ id: 'Tls' });

const certificateReply = (info: CertificateInfo): z.input<typeof certificateSchema> => ({
  subject: info.subject,
  issuer: info.issuer,
  fingerprint_sha256: info.fingerprint,
  names: [...info.names],
  valid_from: isoTime(info.notBefore),
  valid_until: isoTime(info.notAfter),
});

/** As a file to be kept under a name that says what it is. */
const fileReply = (content: string | Buffer) => rawReply(CA_MEDIA_TYPE, content);

export interface TlsRoutesDeps {
  readonly config: Pick<Config, 'mqtt'>;
  readonly tls: Pick<Tls, 'status' | 'authorityPem'>;
}

/** `/tls`: the certificates of the appliance, and its CA for clients to trust. */
export function tlsRoutes({ config, tls }: TlsRoutesDeps): Route[] {
  const authority = (): string => {
    const pem = tls.authorityPem;
    if (pem !== null) return pem;
    throw new AppError('not_found', 'the certificate in use was brought: trust whoever has issued it');
  };
  return [
    route({
      method: 'get',
      path: '/tls',
      access: { factory: 'devices' },
      summary: 'The certificates in use, until when, and what is wrong with them',
      tag: TAG,
      reply: tlsSchema,
      handle: () => {
        const { source, certificate, renewsAt, authority: ca, deviceAuthority, fault } = tls.status();
        return {
          source,
          certificate: certificateReply(certificate),
          renews_at: renewsAt === null ? null : isoTime(renewsAt),
          ca: ca && certificateReply(ca),
          fault,
          client_certificates: config.mqtt.client_certificates,
          device_ca: deviceAuthority && certificateReply(deviceAuthority),
        };
      },
    }),
    route({
      method: 'get',
      path: '/tls/ca.crt',
      access: 'public',
      summary: "The appliance's CA (PEM), for clients to trust; it is no secret",
      tag: TAG,
      reply: 'text',
      alsoProduces: [CA_MEDIA_TYPE],
      refuses: ['not_found'],
      handle: ({ ctx }) => {
        const pem = authority();
        ctx.attachment('factoryops-ca.crt');
        return fileReply(pem.endsWith('\n') ? pem : `${pem}\n`);
      },
    }),
    route({
      method: 'get',
      path: '/tls/ca.der',
      access: 'public',
      summary: 'The same in binary form (DER), as some controllers want it',
      tag: TAG,
      reply: 'text',
      alsoProduces: [CA_MEDIA_TYPE],
      refuses: ['not_found'],
      handle: ({ ctx }) => {
        const { raw } = new X509Certificate(authority());
        ctx.attachment('factoryops-ca.der');
        return fileReply(raw);
      },
    }),
  ];
}
