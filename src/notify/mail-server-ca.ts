import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type Config, readConfiguredFile } from '../config/config.ts';
import { AppError } from '../core/errors.ts';

/** With whatever was copied along with it, and however its lines were broken on the way. */
const BLOCK = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

/** The certificates in a text, each as PEM. @throws {Error} when one of them is none */
export const certificatesIn = (text: string): string[] =>
  [...text.matchAll(BLOCK)].map(([, body = '']) => new X509Certificate(Buffer.from(body, 'base64')).toString());

/** What is wrong with a text that is to be certificates (PEM); undefined: nothing. */
export function certificatesFault(text: string): string | undefined {
  if (text.includes('PRIVATE KEY-----'))
    return 'this holds a private key, which stays with its server: paste the certificate alone';
  try {
    const all = certificatesIn(text).map((pem) => new X509Certificate(pem));
    // A time is read when it is asked for, and no earlier: with the list of channels.
    if (all.some(({ validToDate }) => Number.isNaN(validToDate.getTime()))) throw new Error('it has no end');
    if (all.length > 0) return undefined;
    return 'no certificate is in it: paste it as PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----';
  } catch {
    return 'it cannot be read as a certificate (X.509): a part of it is missing, or was changed';
  }
}

/**
 * What a mail server's certificate is checked by: the usual CAs, and those given (PEM). They are trusted as they stand, so
 * that a company's issuing CA will do without its root, and so will a server's own certificate. Names and times are
 * checked all the same. To read the usual CAs takes some 15 ms.
 */
const trustIn = (ca: string): SecureContext =>
  createSecureContext({ ca: [...getCACertificates('default'), ...certificatesIn(ca)], allowPartialTrustChain: true });

/**
 * What the certificate of the appliance's own mail server is checked by; undefined: the usual CAs alone.
 *
 * @throws {AppError} `config_invalid` when `smtp.ca_file` cannot be read, or holds no certificate
 */
export function trustOfAppliance({ ca_file: file }: Config['smtp']): SecureContext | undefined {
  if (file === null) return undefined;
  const text = readConfiguredFile('smtp.ca_file', file);
  const fault = certificatesFault(text);
  if (fault !== undefined) throw new AppError('config_invalid', `smtp.ca_file: ${file}: ${fault}`);
  return trustIn(text);
}

/** The same for the servers of channels. The last one is kept. */
export function createServerTrust(): (ca: string) => SecureContext {
  let last: { readonly ca: string; readonly context: SecureContext } | undefined;
  return (ca) => {
    if (last?.ca !== ca) last = { ca, context: trustIn(ca) };
    return last.context;
  };
}

/** OpenSSL's verdicts on a certificate whose issuer is not known, as Node names them. */
const UNKNOWN_ISSUER: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Says what to do where nobody vouches for a mail server's certificate; another error is returned as it is.
 *
 * @param isOwnServer - it is a channel's own, and not the appliance's
 */
export function withRemedy(error: unknown, isOwnServer: boolean): unknown {
  // Nodemailer has a code of its own in its place.
  if (!(error instanceof Error && 'originalCode' in error && UNKNOWN_ISSUER.has(error.originalCode))) return error;
  // What Node adds is about an option of its own.
  const [verdict] = error.message.split(';');
  const remedy = isOwnServer
    ? 'paste its certificate into this channel, under “CA certificate”'
    : 'name a file with its certificate in the configuration of the appliance (smtp.ca_file)';
  return new Error(
    `nobody known vouches for the mail server's certificate (${verdict}): if a CA of your own does, ${remedy}`,
  );
}
