import { createPrivateKey, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { networkInterfaces } from 'node:os';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { type CertificateOrder, type Identity, issueCertificate } from '../../src/tls/tls.ts';
import type { RunningAppliance } from './appliance.ts';
import type { Json } from './json.ts';

const DAY_MS = 86_400_000;

/** An answer over TLS. */
export interface SecureAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: Json;
}

export interface SecureRequest {
  readonly method?: string;
  readonly ca?: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
}

/** A request over TLS, the certificate checked against `ca`. */
export function fetchSecurely(url: string, { method = 'GET', ca, headers = {}, json }: SecureRequest = {}) {
  return new Promise<SecureAnswer>((resolve, reject) => {
    const sent = json === undefined ? headers : { ...headers, 'Content-Type': 'application/json' };
    const req = request(url, { method, headers: sent, agent: false, ...(ca !== undefined && { ca }) }, (res) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('end', () => {
        const isJson = /json/.test(res.headers['content-type'] ?? '');
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        });
      });
    });
    req.on('error', reject);
    req.end(json === undefined ? undefined : JSON.stringify(json));
  });
}

/** The CA that a running appliance offers. */
export const caOf = async ({ ready }: Pick<RunningAppliance, 'ready'>): Promise<string> =>
  (await fetch(`${ready.http}/api/v1/tls/ca.crt`)).text();

/** A real MQTT client over TLS, which does not come again by itself. */
export async function connectMqtts(url: string, options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 0, connectTimeout: 10_000, ...options }, false);
  client.on('error', () => {});
  return client;
}

/** Shakes hands and returns the socket. @throws what the handshake fails by */
export async function shakeHands(url: string, options: ConnectionOptions): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** An address of this machine that is not loopback; undefined where there is none. */
export const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flat()
    .find((card) => card !== undefined && !card.internal && card.family === 'IPv4')?.address;

const validity = (fromMs: number, toMs: number) => ({ notBefore: fromMs, notAfter: toMs });

async function whole(order: CertificateOrder): Promise<Identity> {
  const { certificate, key } = await issueCertificate(order);
  if (key === null) throw new Error('no key');
  return { certificate, key };
}

/** An authority that is not the appliance's. */
export const makeAuthority = (commonName = 'Somebody else'): Promise<Identity> =>
  whole({ kind: 'authority', commonName, validity: validity(Date.now() - DAY_MS, Date.now() + 3_650 * DAY_MS) });

/** A server certificate of an authority. */
export const makeServer = (issuer: Identity, names: readonly string[], toMs = Date.now() + 90 * DAY_MS) =>
  whole({ kind: 'server', issuer, commonName: 'brought', names, validity: validity(Date.now() - 30 * DAY_MS, toMs) });

/** A client certificate of an authority. */
export const makeClient = (issuer: Identity, commonName: string): Promise<Identity> =>
  whole({ kind: 'client', issuer, commonName, validity: validity(Date.now() - DAY_MS, Date.now() + DAY_MS) });

/** What a device asks to be certified by (PKCS #10), and its key: EC, or RSA of so many bits. */
export async function makeRequest(kind: 'P-256' | number): Promise<{ readonly csr: string; readonly key: string }> {
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const algorithm =
    kind === 'P-256'
      ? { name: 'ECDSA', namedCurve: kind, hash: 'SHA-256' }
      : {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: kind,
          publicExponent: new Uint8Array([1, 0, 1]),
        };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=whatever',
    keys,
    signingAlgorithm: algorithm,
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  return { csr: request.toString('pem'), key: key.toString() };
}
