import { statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Config, readConfiguredFile } from '../config/config.ts';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { parseIdentity } from './identity-files.ts';
import type { Identity } from './issue.ts';

/** Where a certificate lies that the operator brings. */
export interface BroughtFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate that the operator brings: the files that the configuration names, as they were last good. */
export interface BroughtCertificate {
  /** Undefined while the files have not been good yet, or none are named. */
  readonly identity: Identity | undefined;
  /** What is wrong with the files as they are now, with the remedy; null when nothing is. */
  readonly fault: string | null;
  /** Reads files that have changed; true when there is something new to be used. */
  look(): boolean;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Reads the certificate (its chain behind it) and the key that the operator has brought.
 *
 * @throws {AppError} `config_invalid`, with the file and what to do
 */
export function readBrought({ certFile, keyFile }: BroughtFiles): Identity {
  const [certificate, key] = [
    readConfiguredFile('tls.cert_file', certFile),
    readConfiguredFile('tls.key_file', keyFile),
  ];
  if (/ENCRYPTED/.test(key)) {
    const message = `the key in ${keyFile} is encrypted: nobody is there to type its password; decrypt it (openssl pkey)`;
    throw new AppError('config_invalid', message);
  }
  try {
    const identity = parseIdentity(`${certificate}\n${key}`);
    createSecureContext({ cert: identity.certificate, key: identity.key });
    return identity;
  } catch (error) {
    const message = `cannot use ${certFile} with ${keyFile}: ${messageOf(error)}; both must be PEM, the chain behind the certificate`;
    throw new AppError('config_invalid', message, { cause: error });
  }
}

/** Tells one state of a file from another: it changes when it is written, replaced, or opened to this user. */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return systemCode(error) ?? 'unknown';
  }
}

/** The files that the configuration names, or undefined. */
export const broughtFiles = ({ cert_file: certFile, key_file: keyFile }: Config['tls']): BroughtFiles | undefined =>
  certFile === null || keyFile === null ? undefined : { certFile, keyFile };

export function createBroughtCertificate(files: BroughtFiles | undefined, log: Log): BroughtCertificate {
  let identity: Identity | undefined;
  let fault: string | null = null;
  let state: string | undefined;
  return {
    get identity() {
      return identity;
    },
    get fault() {
      return fault;
    },
    look: () => {
      if (files === undefined) return false;
      const now = `${stateOf(files.certFile)} | ${stateOf(files.keyFile)}`;
      if (now === state) return false;
      state = now;
      try {
        const read = readBrought(files);
        const isNew = read.certificate !== identity?.certificate || read.key !== identity.key;
        if (isNew) log.info({ file: files.certFile }, 'the certificate that was brought is in use');
        identity = read;
        fault = null;
        return isNew;
      } catch (error) {
        fault = messageOf(error);
        const inUse = identity === undefined ? "the appliance's own certificate" : 'the one before';
        log.error({ reason: fault }, `the certificate that was brought cannot be used; ${inUse} stays in use`);
        return false;
      }
    },
  };
}
