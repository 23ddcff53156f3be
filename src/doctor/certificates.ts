import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { AppError, systemCode } from '../core/errors.ts';
import { isOpenToOthers } from '../core/private-file.ts';
import type { DataDir } from '../store/data-dir.ts';
import {
  broughtFiles,
  covers,
  describeCertificate,
  identityFile,
  namesOf,
  readBrought,
  renewalAt,
  thisMachine,
} from '../tls/tls.ts';
import { type Finding, failure, fine, warning } from './finding.ts';

const DAY_MS = 86_400_000;
/** One that was brought is not renewed by itself: so long before its end it is said. */
const SOON_MS = 30 * DAY_MS;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Files with keys that others than the owner can open, and the directory itself. */
function openFiles(directory: string): string[] {
  return ['', ...readdirSync(directory)]
    .map((name) => join(directory, name))
    .filter((path) => isOpenToOthers(statSync(path).mode));
}

/** The certificate in use, and whose it is. @throws {AppError} `config_invalid` for one that was brought and cannot be used */
function inUse(config: Config['tls'], directory: string): { readonly pem: string; readonly isBrought: boolean } {
  const files = broughtFiles(config);
  if (files !== undefined) return { pem: readBrought(files).certificate, isBrought: true };
  return { pem: readFileSync(identityFile(directory, 'server'), 'utf8'), isBrought: false };
}

function checkExpiry(pem: string, isBrought: boolean, now: number): Finding {
  const certificate = describeCertificate(pem);
  const { notAfter, notBefore } = certificate;
  const what = isBrought ? 'the certificate that was brought' : 'the server certificate';
  const remedy = isBrought
    ? 'put a new one in the place of tls.cert_file and tls.key_file: it is taken over by itself'
    : "start the appliance, which makes a new one, and look at its log if it does not; see to the machine's clock";
  if (now > notAfter) return failure('certificates', `${what} expired on ${dayOf(notAfter)}`, remedy);
  if (now < notBefore) return failure('certificates', `${what} is good from ${dayOf(notBefore)} only`, remedy);
  const isLate = isBrought ? now > notAfter - SOON_MS : now > renewalAt(certificate) + SOON_MS;
  if (isLate) return warning('certificates', `${what} expires on ${dayOf(notAfter)}`, remedy);
  const renewed = isBrought ? '' : `, and is made anew from ${dayOf(renewalAt(certificate))}`;
  return fine('certificates', `${what} is good until ${dayOf(notAfter)}${renewed}`);
}

function checkNames(pem: string, isBrought: boolean, names: readonly string[]): Finding[] {
  const missing = names.filter((name) => !covers(describeCertificate(pem).names, name));
  if (missing.length === 0) return [];
  const message = `clients that come by ${missing.join(', ')} are refused: the certificate does not name it`;
  const remedy = isBrought
    ? 'have it issued for these too, or reach the appliance by a name that it has'
    : 'start the appliance, which makes a new one';
  // Whoever brings a certificate has seldom asked for the addresses of all network cards.
  return [isBrought ? fine('certificates', message) : warning('certificates', message, remedy)];
}

function checkAuthority(directory: string): Finding[] {
  const file = identityFile(directory, 'authority');
  const remedy = `put it back from a backup, or remove it: then a new one is made at start, and clients have to trust that`;
  try {
    new X509Certificate(readFileSync(file));
    return [];
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [failure('certificates', `the CA ${file} is gone`, remedy)];
    return [failure('certificates', `the CA ${file} cannot be read (${systemCode(error) ?? 'damaged'})`, remedy)];
  }
}

/** Whether the certificates can be used, till when, by which names, and whether their keys are kept. Changes nothing. */
export function checkCertificates(config: Config, { tls: directory }: DataDir, clock: Clock): Finding[] {
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) {
    return [fine('certificates', 'there are none yet: the first start makes them')];
  }
  const findings: Finding[] = [];
  const open = openFiles(directory);
  if (open.length > 0) {
    const message = `other users of this machine can open ${open.join(', ')}: whoever has these keys can pose as the appliance`;
    findings.push(failure('certificates', message, `chmod -R go= ${directory}`));
  }
  try {
    const { pem, isBrought } = inUse(config.tls, directory);
    const names = isBrought ? config.tls.names : namesOf(thisMachine(), config.tls.names);
    findings.push(checkExpiry(pem, isBrought, clock.now()), ...checkNames(pem, isBrought, names));
    if (!isBrought) findings.push(...checkAuthority(directory));
  } catch (error) {
    const message = error instanceof AppError ? error.message : `the server certificate cannot be read (${error})`;
    findings.push(failure('certificates', message, 'see to the files, or remove server.pem and start the appliance'));
  }
  return findings;
}
