import { X509Certificate } from 'node:crypto';
import { type Accounts, createDeviceCertificates, type DeviceCertificates } from './accounts/accounts.ts';
import type { Api } from './api/server.ts';
import type { Broker, DeviceIdentity } from './broker/broker.ts';
import type { Config } from './config/config.ts';
import type { Clock } from './core/clock.ts';
import type { ListenPlan } from './core/listen.ts';
import type { Log } from './core/log.ts';
import type { DataDir } from './store/data-dir.ts';
import type { Store } from './store/store.ts';
import { type CertificateOrder, type IssuedCertificate, issueCertificate, openTls, type Tls } from './tls/tls.ts';

const LOOPBACK = '127.0.0.1';
const [HTTPS_PORT, MQTTS_PORT] = [8443, 8883];

/** Where each of the four listeners listens. */
export interface ListenPlans {
  readonly http: ListenPlan;
  readonly https: ListenPlan;
  readonly mqtt: ListenPlan;
  readonly mqtts: ListenPlan;
}

/** A port for TLS that nobody has chosen follows the plain one, and gives way while this machine alone is listened to. */
function securePlan(chosen: number | null, plain: number, preset: number, host: string | null): ListenPlan {
  if (chosen !== null) return { port: chosen, host };
  if (plain === 0) return { port: 0, host };
  return { port: preset, host, isAnyFine: host !== null };
}

/** The rule of the network: who can reach what. */
export function listenPlans({ network, http, mqtt }: Pick<Config, 'network' | 'http' | 'mqtt'>): ListenPlans {
  const host = network.listen === 'lan' ? null : LOOPBACK;
  return {
    http: { port: http.port, host },
    https: securePlan(http.https_port, http.port, HTTPS_PORT, host),
    mqtt: { port: mqtt.port, host: mqtt.plain_on_lan ? host : LOOPBACK },
    mqtts: securePlan(mqtt.tls_port, mqtt.port, MQTTS_PORT, host),
  };
}

/** Where the appliance is reached, as the ready line says it. */
export interface Addresses {
  readonly http: string;
  readonly https: string;
  readonly mqtt: string;
  readonly mqtts: string;
}

export interface SecurityDeps {
  readonly config: Config;
  readonly dataDir: DataDir;
  readonly store: Store;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes a certificate in a thread, once everything runs: for most of a second it would hold that up. */
  readonly issue: (order: CertificateOrder) => Promise<IssuedCertificate>;
  readonly checkMs?: number | undefined;
}

export interface Security {
  readonly tls: Tls;
  readonly deviceCertificates: DeviceCertificates;
  /** What the broker is built with. */
  readonly ofBroker: {
    readonly secure: { readonly tls: Tls; readonly asksDevices: boolean };
    readonly authenticateCertificate: (
      certificate: X509Certificate,
    ) => DeviceIdentity | { readonly reason: string; readonly detail: string };
  };
  /** What the API is built with. */
  readonly ofApi: { readonly tls: Tls; readonly isSecureOnly: boolean; readonly sendsHsts: () => boolean };
}

/** TLS, and the certificates that devices sign in with. */
export async function openSecurity(deps: SecurityDeps): Promise<Security> {
  const { config, dataDir, store, accounts, clock, log, issue, checkMs } = deps;
  const asksDevices = config.mqtt.client_certificates !== 'off';
  const isLan = config.network.listen === 'lan';
  // A thread takes longer to start than a certificate to be made, and nothing is held up yet.
  let make: SecurityDeps['issue'] = issueCertificate;
  const tls = await openTls({
    config: config.tls,
    asksDevices,
    directory: dataDir.tls,
    clock,
    log,
    issue: (order) => make(order),
    ...(checkMs !== undefined && { checkMs }),
  });
  make = issue;
  const { factories } = accounts;
  const deviceCertificates = createDeviceCertificates({
    store,
    clock,
    factories,
    certify: tls.certifyDevice,
    read: (pem) => new X509Certificate(pem),
  });
  return {
    tls,
    deviceCertificates,
    ofBroker: {
      secure: { tls, asksDevices },
      authenticateCertificate: (certificate) => {
        const found = deviceCertificates.identify(certificate);
        if ('reason' in found) return found;
        if (!tls.isOfDevices(certificate)) {
          return { reason: 'certificate_unknown', detail: "its certificate is not of this appliance's device CA" };
        }
        return {
          ...found,
          isArchived: factories.byNumber(found.scope.factoryId)?.archivedAt !== null,
          isStillAllowed: () => clock.now() < found.expiresAt,
        };
      },
    },
    ofApi: {
      tls,
      isSecureOnly: isLan,
      // Of a host browsers remember it for all ports: only where the plain port leads to the other by itself. And those who
      // do not trust the certificate could not get past a warning any more, so only for one that others vouch for.
      sendsHsts: () =>
        isLan && config.http.port === 80 && config.http.https_port === 443 && tls.status().source === 'files',
    },
  };
}

interface Listeners {
  readonly config: Config;
  readonly stack: AsyncDisposableStack;
  readonly broker: Pick<Broker, 'listen' | 'close'>;
  readonly ingest: { close(): Promise<void> };
  readonly api: Pick<Api, 'start' | 'stop'>;
  readonly imports: { stop(): void | Promise<void> };
}

/** Opens all ports. At stop the connections go first, then what they sent is committed. */
export async function listen({ config, stack, broker, ingest, api, imports }: Listeners): Promise<Addresses> {
  stack.defer(() => api.stop());
  stack.defer(() => ingest.close());
  // What is imported goes on with the next start; closed before it, it would be a failure.
  stack.defer(() => imports.stop());
  stack.defer(() => broker.close());
  const plans = listenPlans(config);
  const { http, https } = await api.start(plans);
  const { mqtt, mqtts } = await broker.listen(plans);
  return {
    http: `http://${LOOPBACK}:${http}`,
    https: `https://${LOOPBACK}:${https}`,
    mqtt: `mqtt://${LOOPBACK}:${mqtt}`,
    mqtts: `mqtts://${LOOPBACK}:${mqtts}`,
  };
}
