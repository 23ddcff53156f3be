import { constants, randomBytes, X509Certificate } from 'node:crypto';
import type { Server, TlsOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { type Clock, clockIsTrusted } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { newReadableCode } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { createHandshakeGate, type OnHandshakeFault } from './handshakes.ts';
import {
  type BroughtFiles,
  type CertificateInfo,
  describeCertificate,
  readBrought,
  readIdentity,
  stateOfBrought,
  writeIdentity,
} from './identity-files.ts';
import type { CertificateOrder, Identity, IssuedCertificate } from './issue.ts';
import { type Machine, namesOf, thisMachine } from './machine-names.ts';
import { type RenewalReason, renewalAt, renewalOf, validityFrom } from './renewal.ts';

export type { HandshakeFault } from './handshake-fault.ts';
export { type CertificateInfo, describeCertificate, identityFile, readBrought } from './identity-files.ts';
export { type CertificateOrder, type Identity, type IssuedCertificate, issueCertificate } from './issue.ts';
export { covers, namesOf, thisMachine } from './machine-names.ts';
export { renewalAt } from './renewal.ts';

/** How often names, addresses, the time and brought files are looked at (ms). */
const CHECK_MS = 30_000;

/** The authorities outlive the appliance, whatever its clock says: so no clock is asked for these. */
const AUTHORITY_VALIDITY = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 11, 31, 23, 59, 59) };

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

const WHY: Readonly<Record<RenewalReason, string>> = {
  none_yet: 'there was none',
  names_changed: 'the machine has another name or address',
  ageing: 'a third of its life was left',
  expired: 'it had expired',
  not_valid_yet: 'it began in the future',
};

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * The appliance's certificates. An authority is made at the first start and never again; its server certificate is made
 * anew when it is due (`renewal.ts`). A certificate that the operator brings stands before it, as long as it can be used.
 *
 * @throws {AppError} `data_dir_unusable` when an authority is there and cannot be read
 */
export async function openTls(deps: TlsDeps): Promise<Tls> {
  const { config, directory, clock, log } = deps;
  const machine = deps.machine ?? thisMachine;
  const brings: BroughtFiles | undefined =
    config.cert_file !== null && config.key_file !== null
      ? { certFile: config.cert_file, keyFile: config.key_file }
      : undefined;
  const followers: { readonly server: Server; readonly asksDevices: boolean }[] = [];
  const gate = createHandshakeGate({
    timeoutMs: config.handshake_timeout_s * 1_000,
    most: config.max_handshakes,
    mostOfAddress: config.max_handshakes_per_address,
  });
  let brought: Identity | undefined;
  let broughtState: string | undefined;
  let broughtFault: string | null = null;
  let renewalFault: string | null = null;

  const issueWhole = async (order: CertificateOrder): Promise<Identity> => {
    const { certificate, key } = await deps.issue(order);
    if (key === null) throw new Error('a certificate came without its key');
    return { certificate, key };
  };
  /** Two appliances, or two generations of one, must be told apart where their authorities are listed. */
  const makeAuthority = async (which: 'authority' | 'clients', title: string): Promise<Identity> => {
    const commonName = `${title} ${newReadableCode(1)} (${machine().hostname})`;
    const made = await issueWhole({ kind: 'authority', commonName, validity: AUTHORITY_VALIDITY });
    writeIdentity(directory, which, made);
    return made;
  };

  const authority = readIdentity(directory, 'authority', log) ?? (await makeAuthority('authority', 'FactoryOps CA'));
  const readServer = (): Identity | undefined => {
    try {
      const found = readIdentity(directory, 'server', log);
      const isOurs = found !== undefined && isIssuedBy(new X509Certificate(found.certificate), authority.certificate);
      return isOurs ? found : undefined;
    } catch (error) {
      log.warn({ err: error }, 'the server certificate cannot be used, and is made anew');
      return undefined;
    }
  };
  let own = readServer();
  let devices = readIdentity(directory, 'clients', log);

  const renewWhereDue = async (): Promise<boolean> => {
    const names = namesOf(machine(), config.names);
    const now = clock.now();
    const reason = renewalOf(own && describeCertificate(own.certificate), names, {
      now,
      isTrusted: clockIsTrusted(clock),
    });
    if (reason === null) return false;
    const validity = validityFrom(now, AUTHORITY_VALIDITY);
    const commonName = machine().hostname || 'FactoryOps';
    const made = await issueWhole({ kind: 'server', issuer: authority, commonName, names, validity });
    writeIdentity(directory, 'server', made);
    own = made;
    const until = new Date(validity.notAfter).toISOString();
    // The first is no news to anybody.
    const level = reason === 'none_yet' ? 'debug' : 'info';
    log[level]({ reason, names, until }, `the server certificate was made anew: ${WHY[reason]}`);
    return true;
  };

  /** Takes over files that have changed. What cannot be used leaves the old one in use. */
  const readWhereChanged = (): boolean => {
    if (brings === undefined) return false;
    const state = stateOfBrought(brings);
    if (state === broughtState) return false;
    broughtState = state;
    try {
      const read = readBrought(brings);
      const isNew = read.certificate !== brought?.certificate || read.key !== brought.key;
      if (isNew) log.info({ file: brings.certFile }, 'the certificate that was brought is in use');
      brought = read;
      broughtFault = null;
      return isNew;
    } catch (error) {
      broughtFault = messageOf(error);
      const inUse = brought === undefined ? "the appliance's own certificate" : 'the one before';
      log.error({ reason: broughtFault }, `the certificate that was brought cannot be used; ${inUse} stays in use`);
      return false;
    }
  };

  const contextOf = (asksDevices: boolean): TlsOptions => {
    const identity = brought ?? own;
    if (identity === undefined) throw new AppError('unavailable', 'there is no server certificate yet');
    const isAsking = asksDevices && devices !== undefined;
    return {
      ...TLS_POLICY,
      cert: identity.certificate,
      key: identity.key,
      // Names the authority to clients that have certificates of several. Who is who is decided at CONNECT, with a reason.
      ...(isAsking && { ca: devices?.certificate }),
    };
  };
  const takeOver = () => {
    for (const { server, asksDevices } of followers) server.setSecureContext(contextOf(asksDevices));
  };

  const look = async () => {
    let isNew = readWhereChanged();
    try {
      isNew = (await renewWhereDue()) || isNew;
      renewalFault = null;
    } catch (error) {
      // Without any there is nothing to go on with.
      if (own === undefined) throw error;
      if (renewalFault === null)
        log.error({ err: error }, 'the server certificate could not be made anew; it is tried again');
      renewalFault = `the server certificate could not be made anew: ${messageOf(error)}`;
    }
    if (isNew) takeOver();
  };
  let looking: Promise<void> = Promise.resolve();
  const check = () => {
    looking = looking.then(look);
    return looking;
  };
  let making: Promise<Identity> | undefined;
  const deviceAuthority = async (): Promise<Identity> => {
    making ??= makeAuthority('clients', 'FactoryOps device CA').finally(() => {
      making = undefined;
    });
    devices ??= await making;
    return devices;
  };

  await check();
  if (deps.asksDevices && devices === undefined) await deviceAuthority();
  const ticketTimer = setInterval(() => {
    for (const { server } of followers) server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
  }, TICKET_KEY_MS);
  ticketTimer.unref();
  const timer = setInterval(() => {
    check().catch((error: unknown) => log.error({ err: error }, 'the certificates could not be looked at'));
  }, deps.checkMs ?? CHECK_MS);
  timer.unref();

  return {
    options: (asksDevices) => ({
      ...contextOf(asksDevices),
      requestCert: asksDevices,
      rejectUnauthorized: false,
    }),
    follow: (server, asksDevices, onFault) => {
      followers.push({ server, asksDevices });
      gate.guard(server, onFault);
    },
    status: () => {
      const identity = brought ?? own;
      if (identity === undefined) throw new AppError('unavailable', 'there is no server certificate yet');
      const certificate = describeCertificate(identity.certificate);
      const hasExpired = brought !== undefined && clockIsTrusted(clock) && certificate.notAfter < clock.now();
      const expiry = hasExpired ? 'the certificate that was brought has expired: put a new one in its place' : null;
      return {
        source: brought === undefined ? 'appliance' : 'files',
        certificate,
        renewsAt: brought === undefined ? renewalAt(certificate) : null,
        authority: brought === undefined ? describeCertificate(authority.certificate) : null,
        deviceAuthority: devices === undefined ? null : describeCertificate(devices.certificate),
        fault: broughtFault ?? expiry ?? renewalFault,
      };
    },
    get authorityPem() {
      return brought === undefined ? authority.certificate : null;
    },
    certifyDevice: async ({ commonName, notBefore, notAfter, request }) => {
      const issuer = await deviceAuthority();
      const validity = {
        notBefore: Math.max(notBefore, AUTHORITY_VALIDITY.notBefore),
        notAfter: Math.min(notAfter, AUTHORITY_VALIDITY.notAfter),
      };
      const issued = await deps.issue({ kind: 'client', issuer, commonName, validity, request });
      return { ...issued, authority: issuer.certificate };
    },
    isOfDevices: (certificate) =>
      devices !== undefined &&
      !certificate.ca &&
      (certificate.keyUsage ?? []).includes(CLIENT_AUTH) &&
      isIssuedBy(certificate, devices.certificate),
    check,
    stop: async () => {
      clearInterval(timer);
      clearInterval(ticketTimer);
      gate.close();
      await looking.catch(() => {});
    },
  };
}

/** Named, and signed, by an authority. */
function isIssuedBy(certificate: X509Certificate, authorityPem: string): boolean {
  const authority = new X509Certificate(authorityPem);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}
