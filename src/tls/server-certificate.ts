import { X509Certificate } from 'node:crypto';
import { type Clock, clockIsTrusted } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { AUTHORITY_VALIDITY, type Issue, isIssuedBy, issueWhole } from './authorities.ts';
import { describeCertificate, readIdentity, writeIdentity } from './identity-files.ts';
import type { Identity } from './issue.ts';
import { type RenewalReason, renewalOf, validityFrom } from './renewal.ts';

/** The server certificate that the appliance makes for itself. */
export interface ServerCertificate {
  /** @throws {AppError} `unavailable` before the first look */
  readonly identity: Identity;
  /** Why it could not be made anew when it was last due; null when that is not so. */
  readonly fault: string | null;
  /**
   * Makes it anew where it is due; true when there is a new one. As long as there is an old one that stays in use.
   *
   * @throws what kept the very first from being made
   */
  look(): Promise<boolean>;
}

export interface ServerCertificateDeps {
  readonly directory: string;
  readonly authority: Identity;
  readonly clock: Clock;
  readonly log: Log;
  readonly issue: Issue;
  readonly hostname: () => string;
  /** By which clients come, now. */
  readonly names: () => readonly string[];
}

const WHY: Readonly<Record<RenewalReason, string>> = {
  none_yet: 'there was none',
  names_changed: 'the machine has another name or address',
  ageing: 'a third of its life was left',
  expired: 'it had expired',
  not_valid_yet: 'it began in the future',
};

/** That of the last run, if it can be used. */
function readLast({ directory, authority, log }: ServerCertificateDeps): Identity | undefined {
  try {
    const found = readIdentity(directory, 'server', log);
    const isOurs = found !== undefined && isIssuedBy(new X509Certificate(found.certificate), authority.certificate);
    return isOurs ? found : undefined;
  } catch (error) {
    log.warn({ err: error }, 'the server certificate cannot be used, and is made anew');
    return undefined;
  }
}

export function createServerCertificate(deps: ServerCertificateDeps): ServerCertificate {
  const { directory, authority, clock, log, issue } = deps;
  let own = readLast(deps);
  let fault: string | null = null;

  const renewWhereDue = async (): Promise<boolean> => {
    const names = deps.names();
    const now = clock.now();
    const facts = own && describeCertificate(own.certificate);
    const reason = renewalOf(facts, names, { now, isTrusted: clockIsTrusted(clock) });
    if (reason === null) return false;
    const validity = validityFrom(now, AUTHORITY_VALIDITY);
    const commonName = deps.hostname() || 'FactoryOps';
    const made = await issueWhole(issue, { kind: 'server', issuer: authority, commonName, names, validity });
    writeIdentity(directory, 'server', made);
    own = made;
    const until = new Date(validity.notAfter).toISOString();
    // The first is no news to anybody.
    const level = reason === 'none_yet' ? 'debug' : 'info';
    log[level]({ reason, names, until }, `the server certificate was made anew: ${WHY[reason]}`);
    return true;
  };

  return {
    get identity() {
      if (own === undefined) throw new AppError('unavailable', 'there is no server certificate yet');
      return own;
    },
    get fault() {
      return fault;
    },
    look: async () => {
      try {
        const isNew = await renewWhereDue();
        fault = null;
        return isNew;
      } catch (error) {
        if (own === undefined) throw error;
        if (fault === null)
          log.error({ err: error }, 'the server certificate could not be made anew; it is tried again');
        fault = `the server certificate could not be made anew: ${error instanceof Error ? error.message : error}`;
        return false;
      }
    },
  };
}
