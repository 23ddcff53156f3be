import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Client, PublishPacket } from 'aedes';
import type { Config } from '../config/config.ts';
import { isDeviceKey } from '../core/device-keys.ts';
import { systemCode } from '../core/errors.ts';
import type { ListenPlan } from '../core/listen.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { ConnectionEvent, Ingest, Refusal, Sender } from '../telemetry/telemetry.ts';
import { type AdmissionRules, admit } from './admission.ts';
import { type CommandPort, followReceivers } from './command-port.ts';
import { type Connections, createConnectionBook, lastWillOf } from './connections.ts';
import { destroyWithoutWill, faultOf, lapseOf, tlsVersionOf } from './endings.ts';
import { createFrameGuard } from './frame-guard.ts';
import { GuardedStream, type ReadGate } from './guarded-stream.ts';
import { createMqttListeners, type MqttPorts, type SecureMqtt } from './listeners.ts';
import { createMessages, type Receivers, type StandingStatus } from './messages.ts';
import { createPeer, type DeviceIdentity, mayPublish, type Peer } from './peer.ts';
import { createReaders } from './readers.ts';
import { answerRepeatedFilters, filterOf, isSurplus } from './repeated-filters.ts';
import { TelemetryBroker } from './telemetry-broker.ts';
import { isBrokenText, isFilter, isKeepable, parseAnswerTopic, parseTelemetryTopic } from './topics.ts';
import { createWebSockets } from './web-sockets.ts';

export type { CommandPort } from './command-port.ts';
export type { Connections, PresentConnection } from './connections.ts';
export { ReadGate } from './guarded-stream.ts';
export type { Receivers, StandingStatus } from './messages.ts';
export type { DeviceIdentity } from './peer.ts';

export interface BrokerDependencies {
  readonly config: Config['mqtt'];
  /** Where sessions and retained messages are kept. */
  readonly store: Store;
  /** Epoch ms: by it sessions and messages end. */
  readonly now: () => number;
  readonly ingest: Ingest;
  readonly gate: ReadGate;
  readonly scopeBySlug: (slug: string) => FactoryScope | undefined;
  readonly authenticateDevice: (username: string, password: string, address: string) => DeviceIdentity | undefined;
  /** Without it there is no MQTT over TLS. */
  readonly secure?: SecureMqtt;
  readonly authenticateCertificate?: AdmissionRules['authenticateCertificate'];
  readonly refused: (scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer) => void;
  /** The status of each device of a factory, for whoever subscribes to it. */
  readonly statuses?: (factoryId: number) => Iterable<StandingStatus>;
  /** Whether a device takes part, so that who reads along is told what it sends. Asked when that has been stored. */
  readonly isShown: (factoryId: number, deviceKey: string) => boolean;
  /** Hears of what befalls connections. */
  readonly connectionRefused: (event: ConnectionEvent) => void;
  /** What of a user name and its password was wrong, for the log alone. */
  readonly signInFault?: (username: string) => 'unknown_username' | 'wrong_password';
  /** Whoever sends commands to devices. */
  readonly commands?: CommandPort;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A message the appliance itself publishes: commands to devices, what becomes of them and of alarms. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: 0 | 1;
  /** Epoch ms; from then on it is not delivered any more, to those who were away either. */
  readonly expiresAt?: number;
}

export interface Broker {
  /** @throws {AppError} `port_unavailable` @returns the ports */
  listen(plans: { readonly mqtt: ListenPlan; readonly mqtts?: ListenPlan }): Promise<MqttPorts>;
  /** MQTT over WebSocket at `/mqtt` of the HTTP server, by the same rules; never anonymous. */
  attach(server: HttpServer): void;
  /** Settles when the message is on disk for those who have subscribed with a durable session and are away. */
  publish(message: OutgoingMessage): Promise<Receivers>;
  /** Whether a device that is connected now has subscribed to a topic. */
  reaches(topic: string): boolean;
  /** Who is connected. */
  readonly present: Connections;
  /**
   * Ends the connections of a credential, or of one certificate; its sessions keep.
   *
   * @param why - for the log
   */
  disconnect(id: string, why?: string): void;
  /** Ends connections and sessions of a credential that was removed. */
  forget(credentialId: string): void;
  /** Ends the sessions, and what is retained, of factories that were removed. */
  forgetFactories(isGone: (factoryId: number) => boolean): void;
  /** Ends the connections of every credential of a factory. */
  disconnectFactory(factoryId: number): void;
  /** The ports it listens on; undefined while it does not. */
  readonly ports: MqttPorts | undefined;
  readonly connections: number;
  close(): Promise<void>;
}

const FRAME_SWEEP_MS = 2_000;
/** Ends a client that does not read its acknowledgements. */
const DRAIN_MS = 5_000;
/** How often sessions and messages whose time is over are looked for. */
const EXPIRY_MS = 60_000;
/** Packets sent behind CONNECT before CONNACK (MQTT 3.1.1, 3.1.4); their bytes are bounded by what is read at once. */
const QUEUED_PACKETS = 10_000;

/** Who sends so soon after an acknowledgement has waited for it. */
const HURRIED_MS = 3;

const peerOf = (client: Client): Peer | undefined =>
  client.conn instanceof GuardedStream ? client.conn.peer : undefined;

/**
 * Whether a message lacks its packet id (MQTT 3.1.1, 2.3.1-1): it is 0, or the topic takes all of the packet, and the parser
 * has read on behind its end. A will has none.
 */
const isWithoutId = ({ topic, messageId, length }: PublishPacket, payload: Buffer): boolean =>
  messageId === 0 || (payload.length === 0 && length !== undefined && Buffer.byteLength(topic) + 4 > length);

/**
 * The MQTT 3.1.1 broker: Aedes, with our limits and rights. `authorizePublish` is the only hook that Aedes runs before
 * the PUBACK, so the durable step hangs there.
 */
export function createBroker(dependencies: BrokerDependencies): Broker {
  const { config, ingest, gate, log, metrics } = dependencies;
  const streams = new Set<GuardedStream>();
  const readers = createReaders();

  const book = createConnectionBook({
    now: dependencies.now,
    scopeBySlug: dependencies.scopeBySlug,
    record: dependencies.connectionRefused,
  });
  const { report } = book;

  const endConnection = (client: Client, reason: string, detail: string, payload?: Buffer) => {
    report(peerOf(client), reason, detail, payload);
    client.conn.destroy();
  };

  /** A publication that waits for its commit. */
  const senderOf = (client: Client, peer: Peer, done: (error?: Error | null) => void): Sender => ({
    isHurried: performance.now() - peer.acknowledgedAt < HURRIED_MS,
    acknowledge: () => {
      peer.acknowledgedAt = performance.now();
      done(null);
    },
    // Never `done(error)`: the connection ends without an acknowledgement, so that the device keeps the message.
    abandon: () => {
      if (client.conn.destroyed) return;
      report(peerOf(client), 'store_failed', 'what it sent could not be stored: it was not acknowledged');
      client.conn.destroy();
    },
  });

  const messages = createMessages({
    config,
    store: dependencies.store,
    now: dependencies.now,
    scopeBySlug: dependencies.scopeBySlug,
    statuses: dependencies.statuses ?? (() => []),
    pass: (sender) => ingest.pass(sender),
    report,
    onDropped: (reason) => metrics.mqttDropped.inc({ reason }),
    onAcknowledged: (peer, message) => receivers.acknowledged(peer, message),
    onFault: (error) => log.error({ err: error }, 'MQTT sessions could not be written; it is tried again'),
  });

  /** A message of QoS 2, stored: it is received, on disk where the session is, before PUBREC says so. */
  const receiving = (peer: Peer, packet: PublishPacket, { acknowledge, abandon, isHurried }: Sender): Sender => {
    const id = packet.messageId ?? 0;
    peer.committing.add(id);
    return {
      isHurried,
      abandon,
      acknowledge: () => {
        messages
          .received(peer, id)
          .finally(() => peer.committing.delete(id))
          .then(acknowledge, abandon);
        aedes.onPublished(packet);
      },
    };
  };

  /** Inside an allowed topic everything is acknowledged, stored or listed as refused; outside, the connection ends. */
  const publish = (client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void => {
    const peer = client === null ? undefined : peerOf(client);
    if (client === null || peer === undefined) return done(new Error('no sender'));
    // Behind DISCONNECT, or what the connection was ended for, there is nothing but the will.
    if (client.conn.destroyed && !client.closed) return;
    const { topic } = packet;
    if (topic !== peer.lastTopic) {
      peer.lastTopic = topic;
      peer.lastTarget = isBrokenText(topic) ? undefined : (parseTelemetryTopic(topic) ?? parseAnswerTopic(topic));
    }
    const target = peer.lastTarget;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (packet.qos > 0 && isWithoutId(packet, payload)) {
      return endConnection(client, 'protocol_error', 'a message of QoS 1 or 2 needs a packet id');
    }
    let sender = senderOf(client, peer, done);
    if (target === undefined || !mayPublish(peer, target)) {
      const refused = messages.accept(peer, packet, sender);
      if (refused !== undefined) return endConnection(client, refused.reason, refused.detail);
      peer.traffic.messagesIn++;
      peer.traffic.bytesIn += payload.length;
      return;
    }
    packet.retain = false;
    if (peer.acks !== undefined && packet.qos > 0) sender = peer.acks.slot(sender);
    if (packet.qos === 2) {
      const id = packet.messageId ?? 0;
      if (peer.committing.has(id) || messages.isReceived(peer, id)) return ingest.pass(sender);
      if (messages.isFull(peer)) {
        return endConnection(client, 'too_many_unreleased', 'too many messages of QoS 2 without PUBREL');
      }
      sender = receiving(peer, packet, sender);
    }
    const scope = dependencies.scopeBySlug(target.slug);
    // Not that of the identity: its factory may be gone, and another have taken the slug.
    const isForeign = peer.identity !== null && peer.identity.scope.factoryId !== scope?.factoryId;
    if (scope === undefined || isForeign) {
      const detail = `there is no factory ${JSON.stringify(target.slug)}`;
      report(peer, 'unknown_factory', detail, payload);
      return ingest.pass(sender);
    }
    if (!isDeviceKey(target.deviceKey)) {
      const detail = `the device key ${JSON.stringify(target.deviceKey).slice(0, 100)} is not 1 to 64 of A-Za-z0-9._-`;
      dependencies.refused(scope, '', [{ reason: 'bad_device_key', parameter: '', detail }], payload);
      return ingest.pass(sender);
    }
    book.published(peer, scope, target, payload.length);
    if (target.isAnswer !== true) {
      return ingest.accept(scope, target.deviceKey, payload, sender, peer.identity?.deviceKeys);
    }
    try {
      dependencies.commands?.answered(scope, target.deviceKey, payload);
    } catch (error) {
      log.error({ err: error }, 'what a device says of a command could not be stored');
      return sender.abandon();
    }
    ingest.pass(sender);
  };

  const aedes = new TelemetryBroker({
    persistence: messages.persistence,
    concurrency: 100,
    connectTimeout: config.connect_timeout_s * 1000,
    drainTimeout: DRAIN_MS,
    maxClientsIdLength: 65_535,
    // Of messages.ts: what it takes, Aedes finds to be there already.
    maxInflightInbound: 0,
    queueLimit: QUEUED_PACKETS,
    preConnect: (client, packet, done) => {
      const peer = peerOf(client);
      if (peer === undefined) return done(new Error('no peer'), false);
      peer.clientId = packet.clientId;
      peer.username = packet.username ?? '';
      peer.keepaliveS = packet.keepalive ?? 0;
      peer.will = packet.will && lastWillOf(packet.will);
      peer.refused = admit(packet, peer, {
        anonymous: config.anonymous,
        authenticateDevice: dependencies.authenticateDevice,
        mayPublishFreely: messages.mayPublish,
        needsCertificate: config.client_certificates === 'required',
        authenticateCertificate: dependencies.authenticateCertificate,
        storeFault: () => (ingest.state === 'open' ? undefined : (ingest.fault ?? 'the appliance is stopping')),
        onFault: (error) => log.error({ err: error }, 'device credentials could not be read; the sender was refused'),
      });
      done(null, true);
    },
    authenticate: (client, _username, _password, done) => {
      const peer = peerOf(client);
      const refused = peer?.refused;
      if (refused === null && peer?.identity?.isReader && !readers.enter(client, client.conn as GuardedStream)) {
        report(peer, 'too_many_connections', 'this API key has as many connections as it may: end one');
        return done(Object.assign(new Error('too many connections'), { returnCode: 3 as const }), false);
      }
      if (peer !== undefined && refused === null) {
        if (messages.open(client, peer)) {
          book.admitted(client.conn as GuardedStream, client.id);
          return done(null, true);
        }
        const detail = `${config.max_sessions} sessions of a factory are kept, the limit (mqtt.max_sessions), and all are connected`;
        report(peer, 'too_many_sessions', detail);
        return done(Object.assign(new Error(detail), { returnCode: 3 as const }), false);
      }
      const { returnCode = 5, reason = 'refused', detail = '' } = refused ?? {};
      const fault = reason === 'bad_credentials' ? signInFault(peer) : undefined;
      report(peer, fault?.reason ?? reason, fault?.detail ?? detail);
      done(Object.assign(new Error(detail), { returnCode }), false);
    },
    authorizePublish: publish,
    authorizeSubscribe: (client, subscription, done) => {
      const peer = peerOf(client);
      const topic = filterOf(subscription);
      if (isSurplus(subscription)) return done(null, null);
      if (!isFilter(topic)) return done(new Error('a topic filter is not valid'));
      const isFull = peer !== undefined && !peer.granted.has(topic) && peer.granted.size >= config.max_subscriptions;
      // Null is Aedes' way to answer 0x80 for this one and go on with the others.
      if (peer === undefined || isFull || !isKeepable(topic) || !messages.mayReceive(peer, topic))
        return done(null, null);
      peer.granted.add(topic);
      done(null, subscription);
    },
  });

  aedes.onPublished = (packet) => {
    const target = parseTelemetryTopic(packet.topic) ?? parseAnswerTopic(packet.topic);
    if (target === undefined) return;
    const scope = dependencies.scopeBySlug(target.slug);
    if (scope === undefined || !dependencies.isShown(scope.factoryId, target.deviceKey)) return;
    readers.send(target.slug, packet, (peer) => report(peer, 'reads_too_slowly', 'it did not read what it was sent'));
  };

  const signInFault = (peer: Peer | undefined) => {
    const reason = dependencies.signInFault?.(peer?.username ?? '');
    if (reason === undefined) return undefined;
    return { reason, detail: reason === 'wrong_password' ? 'wrong password' : 'unknown user name' };
  };

  // A client that breaks the protocol or goes away is an ordinary event: kept for people to read, never a crash.
  const onFault = (client: Client, error: Error) => {
    const peer = peerOf(client);
    if (peer === undefined || peer.refused !== null || systemCode(error) !== undefined) return;
    log.debug({ source: peer.address, client_id: peer.clientId, reason: error.message }, 'connection ended');
    const { reason, detail } = faultOf(error.message, peer.keepaliveS);
    report(peer, reason, detail);
  };
  const receivers = followReceivers(dependencies.commands);
  aedes.on('clientReady', (client: Client) => {
    const stream = client.conn as GuardedStream;
    messages.ready(stream);
    book.arrived(stream);
    receivers.listen(stream.peer, [...(stream.peer.session?.subscriptions.keys() ?? [])]);
  });
  aedes.on('subscribe', (subscriptions, client) => {
    const peer = peerOf(client);
    if (peer === undefined) return;
    messages.subscribed(peer, subscriptions);
    const filters = new Set(subscriptions.map(filterOf));
    receivers.listen(
      peer,
      [...filters].filter((filter) => peer.granted.has(filter)),
    );
  });
  aedes.on('unsubscribe', (filters, client) => {
    const peer = peerOf(client);
    if (peer === undefined || client.conn.destroyed) return;
    if (filters.every(isFilter)) messages.unsubscribed(peer, filters);
    else endConnection(client, 'protocol_error', 'a topic filter is not valid');
  });
  aedes.on('clientError', onFault);
  aedes.on('connectionError', onFault);

  const counted = () => {
    metrics.connections.set(streams.size);
    gate.share(streams.size);
  };
  const tooMany = (address: string | undefined) => {
    const detail = `${config.max_connections} connections are open, the limit (mqtt.max_connections)`;
    report(createPeer(address, 'tcp'), 'too_many_connections', detail);
  };
  const handle = (source: Duplex, peer: Peer) => {
    if (streams.size >= config.max_connections) {
      tooMany(peer.address);
      return void source.destroy();
    }
    const guard = createFrameGuard({ connectBytes: config.max_connect_bytes, frameBytes: config.max_frame_bytes });
    const stream = new GuardedStream(source, peer, guard, gate);
    peer.tlsVersion ??= tlsVersionOf(source);
    streams.add(stream);
    counted();
    stream.once('close', () => {
      streams.delete(stream);
      if (peer.identity?.isReader) readers.leave(stream);
      messages.leave(stream);
      book.left(stream, (stream as { client?: { _disconnected?: boolean } }).client?._disconnected === true);
      counted();
    });
    answerRepeatedFilters(aedes.handle(stream), config.max_subscriptions);
  };

  let ports: MqttPorts | undefined;
  const listeners = createMqttListeners({
    maxConnections: config.max_connections,
    secure: dependencies.secure,
    log,
    metrics,
    onPlain: (socket) => handle(socket, createPeer(socket.remoteAddress, 'tcp')),
    onSecure: (socket, certificate) => handle(socket, createPeer(socket.remoteAddress, 'tls', certificate)),
    onDrop: tooMany,
    onHandshakeFault: ({ reason, detail }, address) => report(createPeer(address, 'tls'), reason, detail),
  });

  const webSockets = createWebSockets({
    maxPayload: config.max_frame_bytes,
    isFull: () => streams.size >= config.max_connections,
    onFull: tooMany,
    onClient: handle,
  });

  /** Ends those whose rights have ended by themselves; where that cannot be asked just now, the next round does. */
  const endBarred = () => {
    for (const stream of streams) {
      try {
        if (stream.peer.identity?.isStillAllowed?.() !== false) continue;
        report(stream.peer, 'rights_ended', lapseOf(stream.peer));
        destroyWithoutWill(stream);
      } catch (error) {
        log.error({ err: error }, 'the rights of a connection could not be read');
      }
    }
  };
  const sweep = setInterval(() => {
    endBarred();
    const latest = performance.now() - config.frame_timeout_s * 1000;
    for (const stream of streams) {
      const since = stream.frameWaitingSince;
      if (since > 0 && since < latest) stream.destroy(new Error('a packet was begun and not ended in time'));
    }
  }, FRAME_SWEEP_MS);

  const expiry = setInterval(messages.sweep, EXPIRY_MS);

  /** Without the will: whose rights have ended has nothing to say any more. */
  const end = (isMeant: (identity: DeviceIdentity) => boolean, reason: string, detail: string) => {
    for (const stream of streams) {
      if (stream.peer.identity === null || !isMeant(stream.peer.identity)) continue;
      report(stream.peer, reason, detail);
      destroyWithoutWill(stream);
    }
  };

  return {
    listen: async (plans) => {
      await aedes.listen();
      ports = await listeners.listen(plans);
      return ports;
    },
    attach: webSockets.attach,
    publish: ({ topic, payload, qos, expiresAt }) =>
      messages.publish({ topic, payload: Buffer.from(payload), qos, expiresAt: expiresAt ?? null }),
    reaches: messages.reaches,
    present: book,
    disconnect: (id, why = 'its credential was revoked') =>
      end(({ credentialId, certificateId }) => credentialId === id || certificateId === id, 'credential_revoked', why),
    forget: (credentialId) => {
      end((identity) => identity.credentialId === credentialId, 'credential_revoked', 'its credential was removed');
      messages.dropCredential(credentialId);
    },
    disconnectFactory: (factoryId) =>
      end(({ scope }) => scope.factoryId === factoryId, 'factory_out_of_use', 'its factory was put out of use'),
    forgetFactories: (isGone) => {
      end(({ scope }) => isGone(scope.factoryId), 'factory_out_of_use', 'its factory was removed');
      messages.dropFactories(isGone);
    },
    get ports() {
      return ports;
    },
    get connections() {
      return streams.size;
    },
    close: async () => {
      book.stopping();
      clearInterval(sweep);
      clearInterval(expiry);
      listeners.close();
      webSockets.close();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const stream of streams) {
        messages.leave(stream);
        book.left(stream, false);
        stream.destroy();
      }
      book.close();
      messages.close();
    },
  };
}
