import { constants, randomBytes, type X509Certificate } from 'node:crypto';
import type { Server, TlsOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { type Clock, clockIsTrusted } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { AUTHORITY_VALIDITY, type Authorities, isIssuedBy, openAuthorities } from './authorities.ts';
import { type BroughtCertificate, broughtFiles, createBroughtCertificate } from './brought.ts';
import { createHandshakeGate, type OnHandshakeFault } from './handshakes.ts';
import { type CertificateInfo, describeCertificate } from './identity-files.ts';
import type { CertificateOrder, IssuedCertificate } from './issue.ts';
import { type Machine, namesOf, thisMachine } from './machine-names.ts';
import { renewalAt } from './renewal.ts';
import { createServerCertificate, type ServerCertificate } from './server-certificate.ts';

export { broughtFiles, readBrought } from './brought.ts';
export type { HandshakeFault } from './handshake-fault.ts';
export { type CertificateInfo, describeCertificate, identityFile } from './identity-files.ts';
export { type CertificateOrder, type Identity, type IssuedCertificate, issueCertificate } from './issue.ts';
export { covers, namesOf, thisMachine } from './machine-names.ts';
export { renewalAt } from './renewal.ts';

/** How often names, addresses, the time and brought files are looked at (ms). */
const CHECK_MS = 30_000;

/** TLS 1.3's three; of TLS 1.2 only what has forward secrecy and authenticated encryption (RFC 9325, 4.2). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** The one that quantum computers do not break first; no finite fields, whose smallest is weaker than all the rest. */
const GROUPS = 'X25519MLKEM768:X25519:P-256:P-384:P-521';

/** Whoever learns a ticket's key reads what was sent in sessions resumed by it: it lives a day (RFC 9325, 7.4). */
const TICKET_KEY_MS = 86_400_000;
const TICKET_KEY_BYTES = 48;

/** What every server offers, whatever its certificate. */
const TLS_POLICY = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: CIPHERS,
  ecdhCurve: GROUPS,
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const satisfies TlsOptions;

export interface TlsDeps {
  readonly config: Config['tls'];
  /** Whether devices may show certificates of their own: then their authority is made with the others. */
  readonly asksDevices: boolean;
  /** `<data-dir>/tls`, made when missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes a certificate, off the main thread. */
  readonly issue: (order: CertificateOrder) => Promise<IssuedCertificate>;
  readonly machine?: () => Machine;
  /** How often it looks whether something is due (ms). */
  readonly checkMs?: number;
}

/** What people are told of the certificates. */
export interface TlsStatus {
  /** Made by the appliance, or brought by the operator. */
  readonly source: 'appliance' | 'files';
  readonly certificate: CertificateInfo;
  /** When it is made anew by itself (epoch ms); null for one that was brought. */
  readonly renewsAt: number | null;
  /** What clients are to trust; null where the certificate was brought. */
  readonly authority: CertificateInfo | null;
  /** Of devices' certificates; null until the first is wanted. */
  readonly deviceAuthority: CertificateInfo | null;
  /** What keeps the certificate from being as it should, with the remedy; null when nothing does. */
  readonly fault: string | null;
}

/** What a listener needs to speak TLS. */
export interface ServerTls {
  /** For the server's constructor. @param asksDevices - clients are asked for certificates of their own */
  options(asksDevices: boolean): TlsOptions;
  /**
   * From now on the server takes over each new certificate, without a word to open connections, and lets in only so many
   * handshakes at once. To be called before it listens.
   */
  follow(server: Server, asksDevices: boolean, onFault: OnHandshakeFault): void;
}

/** A certificate for a device, by the devices' authority. */
export interface DeviceOrder {
  readonly commonName: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly request?: string | undefined;
}

export interface Tls extends ServerTls {
  status(): TlsStatus;
  /** The certificate that clients are to trust, PEM; null where the certificate was brought. */
  readonly authorityPem: string | null;
  /** Certifies a device's key. The authority for that is made the first time. @throws {AppError} `invalid_input` */
  certifyDevice(order: DeviceOrder): Promise<IssuedCertificate & { readonly authority: string }>;
  /** Whether a certificate is of the devices' authority, and for clients. Its time is not looked at. */
  isOfDevices(certificate: X509Certificate): boolean;
  /** Looks whether something is due, and does it. Called by itself from time to time. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

/** Client authentication (RFC 5280, 4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * The appliance's certificates. An authority is made at the first start and never again; its server certificate is made
 * anew when it is due (`renewal.ts`). A certificate that the operator brings stands before it, as long as it can be used.
 *
 * @throws {AppError} `data_dir_unusable` when an authority is there and cannot be read
 */
export async function openTls(deps: TlsDeps): Promise<Tls> {
  const { config, directory, clock, log, issue } = deps;
  const machine = deps.machine ?? thisMachine;
  const hostname = () => machine().hostname;
  const authorities = await openAuthorities({ directory, log, issue, hostname });
  const brought = createBroughtCertificate(broughtFiles(config), log);
  const own = createServerCertificate({
    directory,
    authority: authorities.server,
    clock,
    log,
    issue,
    hostname,
    names: () => namesOf(machine(), config.names),
  });
  const followers: { readonly server: Server; readonly asksDevices: boolean }[] = [];
  const gate = createHandshakeGate({
    timeoutMs: config.handshake_timeout_s * 1_000,
    most: config.max_handshakes,
    mostOfAddress: config.max_handshakes_per_address,
  });

  const contextOf = (asksDevices: boolean): TlsOptions => {
    const { certificate, key } = brought.identity ?? own.identity;
    const ca = asksDevices ? authorities.devices?.certificate : undefined;
    // Names the authority to clients that have certificates of several. Who is who is decided at CONNECT, with a reason.
    return { ...TLS_POLICY, cert: certificate, key, ...(ca !== undefined && { ca }) };
  };
  const look = async () => {
    const isOtherBrought = brought.look();
    const isOtherOwn = await own.look();
    if (!isOtherBrought && !isOtherOwn) return;
    for (const { server, asksDevices } of followers) server.setSecureContext(contextOf(asksDevices));
  };
  let looking: Promise<void> = Promise.resolve();
  const check = () => {
    looking = looking.catch(() => {}).then(look);
    return looking;
  };

  await check();
  if (deps.asksDevices) await authorities.needDevices();
  const timers = [
    setInterval(() => {
      check().catch((error: unknown) => log.error({ err: error }, 'the certificates could not be looked at'));
    }, deps.checkMs ?? CHECK_MS),
    setInterval(() => {
      for (const { server } of followers) server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
    }, TICKET_KEY_MS),
  ];
  for (const timer of timers) timer.unref();

  return {
    options: (asksDevices) => ({ ...contextOf(asksDevices), requestCert: asksDevices, rejectUnauthorized: false }),
    follow: (server, asksDevices, onFault) => {
      followers.push({ server, asksDevices });
      gate.guard(server, onFault);
    },
    status: () => statusOf(brought, own, authorities, clock),
    get authorityPem() {
      return brought.identity === undefined ? authorities.server.certificate : null;
    },
    certifyDevice: async ({ commonName, notBefore, notAfter, request }) => {
      const issuer = await authorities.needDevices();
      const validity = {
        notBefore: Math.max(notBefore, AUTHORITY_VALIDITY.notBefore),
        notAfter: Math.min(notAfter, AUTHORITY_VALIDITY.notAfter),
      };
      const issued = await issue({ kind: 'client', issuer, commonName, validity, request });
      return { ...issued, authority: issuer.certificate };
    },
    isOfDevices: (certificate) =>
      authorities.devices !== undefined &&
      !certificate.ca &&
      (certificate.keyUsage ?? []).includes(CLIENT_AUTH) &&
      isIssuedBy(certificate, authorities.devices.certificate),
    check,
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      gate.close();
      await looking.catch(() => {});
    },
  };
}

function statusOf(
  brought: BroughtCertificate,
  own: ServerCertificate,
  authorities: Authorities,
  clock: Clock,
): TlsStatus {
  const isBrought = brought.identity !== undefined;
  const certificate = describeCertificate((brought.identity ?? own.identity).certificate);
  const hasExpired = isBrought && clockIsTrusted(clock) && certificate.notAfter < clock.now();
  const expiry = hasExpired ? 'the certificate that was brought has expired: put a new one in its place' : null;
  const { server, devices } = authorities;
  return {
    source: isBrought ? 'files' : 'appliance',
    certificate,
    renewsAt: isBrought ? null : renewalAt(certificate),
    authority: isBrought ? null : describeCertificate(server.certificate),
    deviceAuthority: devices === undefined ? null : describeCertificate(devices.certificate),
    fault: brought.fault ?? expiry ?? own.fault,
  };
}
