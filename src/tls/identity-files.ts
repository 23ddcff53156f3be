import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { readPrivateFile, writePrivateFile } from '../core/private-file.ts';
import type { Identity } from './issue.ts';
import { namesIn } from './machine-names.ts';
import type { CertificateFacts } from './renewal.ts';

/** Files below `<data-dir>/tls/`. Each holds a certificate and its key, so that no crash leaves one without the other. */
const FILES = { authority: 'ca.pem', server: 'server.pem', clients: 'clients-ca.pem' } as const;
export type OwnIdentity = keyof typeof FILES;

/** Where one of the appliance's own identities lies. */
export const identityFile = (directory: string, which: OwnIdentity): string => join(directory, FILES[which]);

const BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;

/** The certificates of a PEM text together, and its key. @throws Error when one of them is missing or not valid */
export function parseIdentity(text: string): Identity {
  const blocks = [...text.matchAll(BLOCK)];
  const certificate = blocks.filter(([, kind]) => kind === 'CERTIFICATE').map(([block]) => block);
  const key = blocks.find(([, kind]) => kind?.endsWith('PRIVATE KEY'))?.[0];
  if (certificate[0] === undefined) throw new Error('it holds no certificate (PEM)');
  if (key === undefined) throw new Error('it holds no private key (PEM)');
  const identity = { certificate: certificate.join('\n'), key };
  if (!new X509Certificate(certificate[0]).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the key is not that of the certificate');
  }
  return identity;
}

/** Writes an identity, durably and whole. Makes the directory (0700) where it is missing. */
export function writeIdentity(directory: string, which: OwnIdentity, { certificate, key }: Identity): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writePrivateFile(identityFile(directory, which), `${certificate.trim()}\n${key.trim()}\n`);
}

/**
 * Reads an identity; undefined when there is none yet.
 *
 * @throws {AppError} `data_dir_unusable` when it is there and cannot be read or used
 */
export function readIdentity(directory: string, which: OwnIdentity, log: Log): Identity | undefined {
  const file = identityFile(directory, which);
  try {
    return parseIdentity(readPrivateFile(file, log).toString());
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    const reason = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    const message =
      `cannot use ${file} (${reason}): put it back from a backup, or remove it and a new one is made at start` +
      (which === 'server' ? '' : ', which clients have to be told anew');
    throw new AppError('data_dir_unusable', message, { cause: error });
  }
}

/** What is said of a certificate. */
export interface CertificateInfo extends CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the whole certificate, as `AB:CD:…`. */
  readonly fingerprint: string;
}

/** Distinguished names as one line: `CN=…, O=…`. */
const oneLine = (name: string) => name.split('\n').toReversed().join(', ');

/** Reads the first certificate of a PEM text. */
export function describeCertificate(pem: string): CertificateInfo {
  const { subject, issuer, fingerprint256, subjectAltName, validFromDate, validToDate } = new X509Certificate(pem);
  return {
    // Not in the types' mind, but in Node's: a certificate may have no subject.
    subject: oneLine(subject ?? ''),
    issuer: oneLine(issuer ?? ''),
    fingerprint: fingerprint256,
    names: namesIn(subjectAltName),
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
  };
}
