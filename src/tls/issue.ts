import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type { X509CertificateCreateParams } from '@peculiar/x509';
import { AppError } from '../core/errors.ts';
import { isAddress } from '../core/host-names.ts';
import type { Validity } from './renewal.ts';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** What is to be made; it survives structured cloning, because it is made in a thread. */
export type CertificateOrder =
  /** An authority that signs itself, and end certificates only. */
  | { readonly kind: 'authority'; readonly commonName: string; readonly validity: Validity }
  | {
      readonly kind: 'server';
      readonly issuer: Identity;
      readonly commonName: string;
      readonly names: readonly string[];
      readonly validity: Validity;
    }
  | {
      readonly kind: 'client';
      readonly issuer: Identity;
      readonly commonName: string;
      readonly validity: Validity;
      /** A request (PKCS #10, PEM) whose key is certified; without it a key is made. What else it asks for is ignored. */
      readonly request?: string | undefined;
    };

/** What was made; no key where somebody else has it. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string | null;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const MIN_RSA_BITS = 2_048;
/** Longest common name (RFC 5280, A.1: ub-common-name). */
const MAX_COMMON_NAME = 64;

/** Loaded when it is needed: once a year, and it takes a quarter of a second. */
async function loadLibrary() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
type Library = Awaited<ReturnType<typeof loadLibrary>>;

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function signingKey({ key }: Identity): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, ECDSA, false, ['sign']);
}

/** Positive, and 127 random bits: RFC 5280, 4.1.2.2. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

const escaped = (text: string) => text.slice(0, MAX_COMMON_NAME).replace(/[^A-Za-z0-9 ().:@_/-]/g, '-');

const badRequest = (message: string, cause?: unknown) =>
  new AppError('invalid_input', message, { faults: [{ pointer: '/csr', message }], cause });

/** The key of a request, whose sender has proved to hold it. @throws {AppError} `invalid_input` */
async function requestedKey({ Pkcs10CertificateRequest }: Library, request: string): Promise<webcrypto.CryptoKey> {
  let key: KeyObject;
  let parsed: InstanceType<Library['Pkcs10CertificateRequest']>;
  try {
    parsed = new Pkcs10CertificateRequest(request);
    key = createPublicKey({ key: Buffer.from(parsed.publicKey.rawData), type: 'spki', format: 'der' });
  } catch (error) {
    throw badRequest('this is not a certificate request (PKCS #10, PEM)', error);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const isStrong =
    (type === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(details?.namedCurve ?? '')) ||
    (type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS) ||
    type === 'ed25519';
  if (!isStrong) throw badRequest('the key must be EC (P-256, P-384, P-521), Ed25519, or RSA of 2048 bits or more');
  if (!(await parsed.verify().catch(() => false))) throw badRequest('the request is not signed with its own key');
  return parsed.publicKey.export();
}

/** Usage of an end certificate (RFC 5280, 4.2.1.12): one that serves is of no use to a client, and the other way round. */
const usageOf = ({ ExtendedKeyUsage }: Library, order: CertificateOrder) =>
  order.kind === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;

/**
 * Makes a certificate: ECDSA P-256, signed with SHA-256.
 *
 * @throws {AppError} `invalid_input` for a request that cannot be certified
 */
export async function issueCertificate(order: CertificateOrder): Promise<IssuedCertificate> {
  const library = await loadLibrary();
  const { X509Certificate, X509CertificateGenerator, KeyUsageFlags } = library;
  const request = order.kind === 'client' ? order.request : undefined;
  const pair = request === undefined ? await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']) : undefined;
  const publicKey = pair?.publicKey ?? (await requestedKey(library, request ?? ''));
  const subject: X509CertificateCreateParams['subject'] = [{ O: ['FactoryOps'] }, { CN: [escaped(order.commonName)] }];
  const common = {
    serialNumber: newSerialNumber(),
    notBefore: new Date(order.validity.notBefore),
    notAfter: new Date(order.validity.notAfter),
    signingAlgorithm: ECDSA,
    publicKey,
  };
  const identifier = await library.SubjectKeyIdentifierExtension.create(publicKey);
  const keyOf = async () =>
    pair === undefined
      ? null
      : pem(createPrivateKey({ key: await pkcs8(pair.privateKey), type: 'pkcs8', format: 'der' }));

  if (order.kind === 'authority') {
    if (pair === undefined) throw new Error('an authority has a key of its own');
    const certificate = await X509CertificateGenerator.create({
      ...common,
      subject,
      issuer: subject,
      signingKey: pair.privateKey,
      extensions: [
        new library.BasicConstraintsExtension(true, 0, true),
        new library.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        identifier,
      ],
    });
    return { certificate: certificate.toString('pem'), key: await keyOf() };
  }
  const authority = new X509Certificate(order.issuer.certificate);
  const certificate = await X509CertificateGenerator.create({
    ...common,
    subject,
    issuer: authority.subjectName.toJSON(),
    signingKey: await signingKey(order.issuer),
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new library.ExtendedKeyUsageExtension([usageOf(library, order)]),
      identifier,
      await library.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(order.kind === 'server' ? [namesExtension(library, order.names)] : []),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyOf() };
}

const pkcs8 = async (key: webcrypto.CryptoKey) => Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));

const namesExtension = (library: Library, names: readonly string[]) =>
  new library.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
  );
