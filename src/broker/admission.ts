import type { X509Certificate } from 'node:crypto';
import type { ConnectPacket } from 'aedes';
import { AppError } from '../core/errors.ts';
import type { DeviceIdentity, Peer, Refused } from './peer.ts';
import { mayPublish } from './peer.ts';
import { parseTelemetryTopic } from './topics.ts';

const MAX_CLIENT_ID_LENGTH = 256;

export interface AdmissionRules {
  /** `loopback`: plain TCP from this machine; `lan`: plain TCP from anywhere. Never over WebSocket. */
  readonly anonymous: 'loopback' | 'never' | 'lan';
  /** Throws an AppError `too_many` while there are too many guesses. */
  readonly authenticateDevice: (username: string, password: string, address: string) => DeviceIdentity | undefined;
  /** Whether clients over TLS need a certificate. */
  readonly needsCertificate?: boolean;
  /** Whom a certificate stands for, or why it is not let in. */
  readonly authenticateCertificate?:
    | ((certificate: X509Certificate) => DeviceIdentity | { readonly reason: string; readonly detail: string })
    | undefined;
  /** Why nothing can be stored now, or undefined. */
  readonly storeFault: () => string | undefined;
  /** Whether a will may be published to a topic that is not telemetry. */
  readonly mayPublishFreely: (peer: Peer, topic: string) => boolean;
  /** Told of what kept `authenticateDevice` from an answer: the sender may come again, nobody else is disturbed. */
  readonly onFault: (error: unknown) => void;
}

const refuse = (returnCode: Refused['returnCode'], reason: string, detail: string): Refused => ({
  returnCode,
  reason,
  detail,
});

const STORE_FAULT = refuse(3, 'store_unavailable', 'device credentials cannot be read now: connect again later');

/** By its certificate; a user name, where there is one, must be that of the same credential. */
function identifyByCertificate(
  certificate: X509Certificate,
  packet: ConnectPacket,
  rules: AdmissionRules,
): DeviceIdentity | Refused {
  const found = rules.authenticateCertificate?.(certificate);
  if (found === undefined) return refuse(5, 'certificate_unknown', 'certificates are not asked for here');
  if ('reason' in found) return refuse(5, found.reason, found.detail);
  if (packet.username !== undefined && packet.username !== found.username) {
    const detail = `the certificate is that of ${found.username}, and not of the user name that was given`;
    return refuse(5, 'certificate_of_another', detail);
  }
  return found;
}

/** By user name and password. */
function identifyByPassword(packet: ConnectPacket, peer: Peer, rules: AdmissionRules): DeviceIdentity | Refused {
  return (
    rules.authenticateDevice(packet.username ?? '', packet.password?.toString('utf8') ?? '', peer.address) ??
    refuse(
      4,
      'bad_credentials',
      'unknown user name or wrong password: use a device credential, {slug}/{name}, or api-key and an API key',
    )
  );
}

/** Signs the peer in, as itself or as anonymous. */
function identify(packet: ConnectPacket, peer: Peer, rules: AdmissionRules): Refused | null {
  const { certificate, transport } = peer;
  if (
    certificate === undefined &&
    rules.needsCertificate &&
    (transport === 'tls' || transport === 'secure_websocket')
  ) {
    const detail = 'who comes over TLS shows a certificate here (mqtt.client_certificates): give it one';
    return refuse(5, 'certificate_required', detail);
  }
  if (certificate === undefined && packet.username === undefined) {
    const isOpen = rules.anonymous === 'lan' || (rules.anonymous === 'loopback' && peer.isLoopback);
    if (isOpen && transport === 'tcp') return null;
    const detail = 'anonymous senders are not admitted here: sign in with a device credential';
    return refuse(5, 'anonymous_not_allowed', detail);
  }
  let identity: DeviceIdentity | Refused;
  try {
    identity =
      certificate === undefined
        ? identifyByPassword(packet, peer, rules)
        : identifyByCertificate(certificate, packet, rules);
  } catch (error) {
    if (error instanceof AppError && error.code === 'too_many') return refuse(5, 'too_many_attempts', error.message);
    rules.onFault(error);
    return STORE_FAULT;
  }
  if ('returnCode' in identity) return identity;
  if (identity.isArchived) {
    return refuse(3, 'factory_archived', `the factory ${identity.scope.slug} is out of use: keep what you have`);
  }
  peer.identity = identity;
  // In the connection log the same key has another name in each factory.
  if (identity.isReader) peer.username = `${identity.scope.slug}/${packet.username}`;
  if (identity.certificateId !== undefined) peer.username = identity.username ?? peer.username;
  return null;
}

/**
 * Decides on a CONNECT, will included: a will is a publication made in advance. On success `peer.identity` is set.
 *
 * The client id is moved into the name space of the credential, so that no one can take over, or end, the session of
 * another credential or factory by using its client id.
 */
export function admit(packet: ConnectPacket, peer: Peer, rules: AdmissionRules): Refused | null {
  const { clientId, will } = packet;
  if (clientId.length > MAX_CLIENT_ID_LENGTH) {
    return refuse(2, 'bad_client_id', `a client id has ${MAX_CLIENT_ID_LENGTH} characters at most`);
  }
  if (clientId === '' && packet.clean === false) {
    return refuse(2, 'bad_client_id', 'a persistent session needs a client id');
  }
  const fault = rules.storeFault();
  if (fault !== undefined) return refuse(3, 'store_unavailable', `telemetry cannot be stored now: ${fault}`);
  const refused = identify(packet, peer, rules);
  if (refused !== null) return refused;
  if (will !== undefined) {
    const topic = parseTelemetryTopic(will.topic);
    const isTelemetry = topic !== undefined && mayPublish(peer, topic);
    if (!isTelemetry && !rules.mayPublishFreely(peer, will.topic)) {
      return refuse(
        5,
        'will_not_allowed',
        `the will's topic ${JSON.stringify(will.topic)} is outside this sender's rights`,
      );
    }
  }
  if (clientId !== '') packet.clientId = `${peer.identity?.credentialId ?? 'anonymous'}/${clientId}`;
  return null;
}
