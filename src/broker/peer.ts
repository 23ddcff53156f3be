import type { X509Certificate } from 'node:crypto';
import { isLoopback, plainAddress } from '../core/address.ts';
import { coversDevice } from '../core/device-keys.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { AckQueue } from './ack-queue.ts';
import type { LastWill } from './connections.ts';
import type { Session } from './session.ts';
import { parseCommandsTopic, parseStatusTopic, type TelemetryTopic } from './topics.ts';
import { Traffic } from './traffic.ts';

/** What MQTT is spoken over. */
export type Transport = 'tcp' | 'tls' | 'websocket' | 'secure_websocket';

/** A device or gateway that signed in, or a program that reads along. */
export interface DeviceIdentity {
  readonly scope: FactoryScope;
  readonly credentialId: string;
  readonly name: string;
  readonly deviceKeys: readonly string[] | '*';
  /** The certificate that it has signed in by. */
  readonly certificateId?: string;
  /** The user name that it has, however it signed in. */
  readonly username?: string;
  /** Its factory is out of use, and takes nothing. */
  readonly isArchived?: boolean;
  /** May subscribe to everything below its factory's topic. */
  readonly isReader?: true;
  /** Asked every few seconds, where rights end by themselves; the connection ends at a no. */
  readonly isStillAllowed?: () => boolean;
}

/** Answer to a CONNECT: null lets it in; else the CONNACK code (MQTT 3.1.1, 3.2.2.3) and the reason for the log. */
export interface Refused {
  readonly returnCode: 2 | 3 | 4 | 5;
  readonly reason: string;
  readonly detail: string;
}

/** The other end of a connection, and what it may do. */
export interface Peer {
  readonly address: string;
  readonly isLoopback: boolean;
  /** That it has shown, and has the key of; whose it is has not been looked at. */
  readonly certificate: X509Certificate | undefined;
  /** Only plain TCP admits anonymous senders. */
  readonly transport: Transport;
  /** As Node names it (`TLSv1.3`); undefined where there is none. */
  tlsVersion: string | undefined;
  /** Of its CONNECT; 0: none. */
  keepaliveS: number;
  will: LastWill | undefined;
  /** What it carries now, and for each factory that it has published to. */
  traffic: Traffic;
  readonly shares: Traffic[];
  /** Null for an anonymous sender: it may publish telemetry, and nothing else. */
  identity: DeviceIdentity | null;
  refused: Refused | null;
  clientId: string;
  /** As it was given; empty for an anonymous sender. */
  username: string;
  /** The topic of the message before, taken apart: devices send to one topic all their life. */
  lastTopic: string;
  lastTarget: TelemetryTopic | undefined;
  /** Ids of QoS 2 messages that wait for their commit: another PUBLISH with such an id is the same message. */
  readonly committing: Set<number>;
  /** When its last message was acknowledged (`performance.now()`). */
  acknowledgedAt: number;
  session: Session | undefined;
  /** Filters it has subscribed to on this connection. */
  readonly granted: Set<string>;
  /** From its first message on that is not telemetry: acknowledgements stay in order. */
  acks: AckQueue | undefined;
}

export function createPeer(
  address: string | undefined,
  transport: Peer['transport'],
  certificate?: X509Certificate,
): Peer {
  const plain = plainAddress(address);
  return {
    address: plain,
    isLoopback: isLoopback(plain),
    transport,
    certificate,
    tlsVersion: undefined,
    keepaliveS: 0,
    will: undefined,
    traffic: new Traffic(undefined, 0, 0),
    shares: [],
    identity: null,
    refused: null,
    clientId: '',
    username: '',
    lastTopic: '',
    lastTarget: undefined,
    committing: new Set(),
    acknowledgedAt: Number.NEGATIVE_INFINITY,
    session: undefined,
    granted: new Set(),
    acks: undefined,
  };
}

/** Whether the peer's rights cover a device's topics. Anonymous senders may publish for every device. */
function covers(identity: DeviceIdentity, topic: TelemetryTopic): boolean {
  if (identity.scope.slug !== topic.slug) return false;
  return coversDevice(identity.deviceKeys, topic.deviceKey);
}

/** What a peer may publish: telemetry of its own devices, and who has signed in, what became of their commands. */
export const mayPublish = (peer: Peer, topic: TelemetryTopic): boolean =>
  peer.identity === null ? topic.isAnswer !== true : covers(peer.identity, topic);

/** Topics of its own devices that a peer may subscribe to; `+` only with a credential for all of them. */
function isOfOwnDevices(identity: DeviceIdentity, topic: TelemetryTopic | undefined): boolean {
  if (topic === undefined) return false;
  if (topic.deviceKey === '+') return identity.scope.slug === topic.slug && identity.deviceKeys === '*';
  return covers(identity, topic);
}

/** Whether a peer may subscribe to a filter, or be sent a topic: what is its own, and nothing of any other factory. */
export function maySubscribe({ identity }: Peer, filter: string): boolean {
  if (identity === null) return false;
  if (identity.isReader) return filter.startsWith(`factories/${identity.scope.slug}/`);
  return isOfOwnDevices(identity, parseCommandsTopic(filter) ?? parseStatusTopic(filter));
}
