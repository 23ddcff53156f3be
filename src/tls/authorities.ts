import { X509Certificate } from 'node:crypto';
import { newReadableCode } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { type OwnIdentity, readIdentity, writeIdentity } from './identity-files.ts';
import type { CertificateOrder, Identity, IssuedCertificate } from './issue.ts';

/** The authorities outlive the appliance, whatever its clock says: so no clock is asked for these. */
export const AUTHORITY_VALIDITY = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 11, 31, 23, 59, 59) };

const TITLES = { authority: 'FactoryOps CA', clients: 'FactoryOps device CA' } as const;

/** Makes a certificate, off the main thread once everything runs. */
export type Issue = (order: CertificateOrder) => Promise<IssuedCertificate>;

export interface AuthoritiesDeps {
  readonly directory: string;
  readonly log: Log;
  readonly issue: Issue;
  readonly hostname: () => string;
}

/**
 * The appliance's two authorities: one for its own certificate, which clients trust, and one for those of devices, which it
 * trusts itself. Neither can stand in for the other.
 */
export interface Authorities {
  readonly server: Identity;
  /** Undefined until the first device certificate is wanted. */
  readonly devices: Identity | undefined;
  /** The same, made when there is none. */
  needDevices(): Promise<Identity>;
}

/** An order for somebody who needs the key as well. */
export async function issueWhole(issue: Issue, order: CertificateOrder): Promise<Identity> {
  const { certificate, key } = await issue(order);
  if (key === null) throw new Error('a certificate came without its key');
  return { certificate, key };
}

/** Whether a certificate names an authority, and is signed by it. */
export function isIssuedBy(certificate: X509Certificate, authorityPem: string): boolean {
  const authority = new X509Certificate(authorityPem);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** @throws {AppError} `data_dir_unusable` when an authority is there and cannot be read */
export async function openAuthorities({ directory, log, issue, hostname }: AuthoritiesDeps): Promise<Authorities> {
  const make = async (which: keyof typeof TITLES & OwnIdentity): Promise<Identity> => {
    // Two appliances, or two generations of one, must be told apart where their authorities are listed.
    const commonName = `${TITLES[which]} ${newReadableCode(1)} (${hostname()})`;
    const made = await issueWhole(issue, { kind: 'authority', commonName, validity: AUTHORITY_VALIDITY });
    writeIdentity(directory, which, made);
    return made;
  };
  const server = readIdentity(directory, 'authority', log) ?? (await make('authority'));
  let devices = readIdentity(directory, 'clients', log);
  let making: Promise<Identity> | undefined;
  return {
    server,
    get devices() {
      return devices;
    },
    needDevices: async () => {
      if (devices !== undefined) return devices;
      // Whoever comes meanwhile waits for the same one.
      making ??= make('clients').finally(() => {
        making = undefined;
      });
      devices = await making;
      return devices;
    },
  };
}
