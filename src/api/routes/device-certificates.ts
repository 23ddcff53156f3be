import * as z from 'zod';
import type { DeviceCertificate, DeviceCertificates } from '../../accounts/accounts.ts';
import { type Route, route } from '../route.ts';
import { idParams, idSchema, isoTime, isoTimeSchema } from '../wire.ts';

const TAG = 'Device credentials';
const PATH = '/device-credentials/:id/certificates';
/** Longest life (days), and what it is when nothing is said: nobody is at a device that has stopped on a holiday. */
const [MOST_DAYS, PRESET_DAYS] = [3_650, 730];

const certificateSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    serial: z.string().describe('Hexadecimal'),
    fingerprint_sha256: z.string(),
    created_at: isoTimeSchema,
    expires_at: isoTimeSchema,
    revoked_at: isoTimeSchema.nullable(),
  })
  .meta({ id: 'DeviceCertificate' });

const certificateReply = (certificate: DeviceCertificate): z.input<typeof certificateSchema> => ({
  id: certificate.id,
  name: certificate.name,
  serial: certificate.serial,
  fingerprint_sha256: certificate.fingerprint,
  created_at: isoTime(certificate.createdAt),
  expires_at: isoTime(certificate.expiresAt),
  revoked_at: certificate.revokedAt === null ? null : isoTime(certificate.revokedAt),
});

/** `/device-credentials/{id}/certificates`: what devices sign in with over TLS instead of a password. */
export function deviceCertificateRoutes(deviceCertificates: DeviceCertificates): Route[] {
  return [
    route({
      method: 'post',
      path: PATH,
      access: { factory: 'devices' },
      summary: 'Make a certificate for a credential, or sign one; a private key made here is shown this once',
      tag: TAG,
      status: 201,
      params: idParams,
      body: z.strictObject({
        name: z.string().trim().min(1).max(64).default('certificate').describe('To tell it from others'),
        days: z.int().min(1).max(MOST_DAYS).default(PRESET_DAYS).describe('How long it is good'),
        csr: z
          .string()
          .max(16_384)
          .optional()
          .describe('A request (PKCS #10, PEM) for a key that never leaves the device; without it a key is made'),
      }),
      refuses: ['conflict'],
      reply: z.object({
        id: z.uuid(),
        certificate: z.string().describe('PEM'),
        private_key: z.string().nullable().describe('PEM; shown this once. null where a request was signed'),
        ca: z.string().describe("Of devices' certificates (PEM), for clients that want the chain; not the server's CA"),
        details: certificateSchema,
      }),
      handle: async ({ scope, params, body: { name, days, csr }, log }) => {
        const issued = await deviceCertificates.issue(scope, params.id, { name, days, request: csr });
        const { id, serial } = issued.certificate;
        log.info({ credential_id: params.id, certificate_id: id, serial }, 'a device certificate was made');
        return {
          id,
          certificate: issued.pem,
          private_key: issued.privateKey,
          ca: issued.authority,
          details: certificateReply(issued.certificate),
        };
      },
    }),
    route({
      method: 'get',
      path: PATH,
      access: { factory: 'devices' },
      summary: 'The certificates of a credential, newest first, those that are revoked or expired among them',
      tag: TAG,
      params: idParams,
      reply: z.object({ items: z.array(certificateSchema) }),
      handle: ({ scope, params }) => ({
        items: deviceCertificates.list(scope, params.id).map(certificateReply),
      }),
    }),
    route({
      method: 'delete',
      path: `${PATH}/:certificate`,
      access: { factory: 'devices' },
      summary: 'Revoke a certificate, and end its connections',
      tag: TAG,
      params: idParams.extend({ certificate: idSchema }),
      reply: 'empty',
      handle: ({ scope, params, log }) => {
        deviceCertificates.revoke(scope, params.id, params.certificate);
        log.info({ credential_id: params.id, certificate_id: params.certificate }, 'a device certificate was revoked');
      },
    }),
  ];
}
