import type { Server as HttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client, PublishPacket } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Config } from '../config/config.ts';
import { isDeviceKey } from '../core/device-keys.ts';
import { AppError, systemCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { ConnectionEvent, Ingest, Refusal, Sender } from '../telemetry/telemetry.ts';
import { admit } from './admission.ts';
import { createFrameGuard } from './frame-guard.ts';
import { GuardedStream, type ReadGate } from './guarded-stream.ts';
import { createPeer, type DeviceIdentity, mayPublish, maySubscribe, type Peer } from './peer.ts';
import { createReaders } from './readers.ts';
import { SessionStore } from './sessions.ts';
import { TelemetryBroker } from './telemetry-broker.ts';
import { isBrokenText, parseTelemetryTopic } from './topics.ts';

export { ReadGate } from './guarded-stream.ts';
export type { DeviceIdentity } from './peer.ts';

export interface BrokerDependencies {
  readonly config: Config['mqtt'];
  readonly ingest: Ingest;
  readonly gate: ReadGate;
  readonly scopeBySlug: (slug: string) => FactoryScope | undefined;
  readonly authenticateDevice: (username: string, password: string, address: string) => DeviceIdentity | undefined;
  readonly refused: (scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer) => void;
  readonly connectionRefused: (event: ConnectionEvent) => void;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A message the appliance itself publishes: commands to devices. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: 0 | 1;
}

export interface Broker {
  /** @throws {AppError} `port_unavailable` @returns the port */
  listen(port: number): Promise<number>;
  /** MQTT over WebSocket at `/mqtt` of the HTTP server, by the same rules; never anonymous. */
  attach(server: HttpServer): void;
  publish(message: OutgoingMessage): Promise<void>;
  /** Ends the connections of a credential that was removed. */
  disconnect(credentialId: string): void;
  /** Ends the connections of every credential of a factory. */
  disconnectFactory(factoryId: number): void;
  /** The port it listens on; undefined while it does not. */
  readonly port: number | undefined;
  readonly connections: number;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const FRAME_SWEEP_MS = 2_000;
/** Subscribers share one queue: who does not read what the appliance publishes leaves it soon. */
const DRAIN_MS = 5_000;
/** Detects a peer that vanished without a FIN: keep-alive 0 clients have no other check. */
const TCP_KEEPALIVE_MS = 60_000;

/** Who sends so soon after an acknowledgement has waited for it. */
const HURRIED_MS = 3;

const peerOf = (client: Client): Peer | undefined =>
  client.conn instanceof GuardedStream ? client.conn.peer : undefined;

/** A publication that waits for its commit. */
const senderOf = (client: Client, peer: Peer, done: (error?: Error | null) => void): Sender => ({
  isHurried: performance.now() - peer.acknowledgedAt < HURRIED_MS,
  acknowledge: () => {
    peer.acknowledgedAt = performance.now();
    done(null);
  },
  // Never `done(error)`: the connection ends without an acknowledgement, so that the device keeps the message.
  abandon: () => void client.conn.destroy(),
});

/**
 * The MQTT 3.1.1 broker: Aedes, with our limits and rights. `authorizePublish` is the only hook that Aedes runs before
 * the PUBACK, so the durable step hangs there.
 */
export function createBroker(dependencies: BrokerDependencies): Broker {
  const { config, ingest, gate, log, metrics } = dependencies;
  const streams = new Set<GuardedStream>();
  const readers = createReaders();

  /** Puts an event into the connection log, under the factory the peer belongs to or tried to sign in to. */
  const report = (peer: Peer | undefined, reason: string, detail: string, payload?: Buffer) => {
    const { address: source = '', clientId = '', username = '', identity } = peer ?? {};
    const slug = /^([^/]+)\//.exec(username)?.[1] ?? '';
    const scope = identity?.scope ?? dependencies.scopeBySlug(slug);
    dependencies.connectionRefused({ scope, source, clientId, username, reason, detail, payload });
  };

  const endConnection = (client: Client, reason: string, detail: string, payload?: Buffer) => {
    report(peerOf(client), reason, detail, payload);
    client.conn.destroy();
  };

  const isAllowed = (client: object, topic: string): boolean => {
    const peer = 'conn' in client && client.conn instanceof GuardedStream ? client.conn.peer : undefined;
    return peer !== undefined && maySubscribe(peer, topic);
  };
  const sessions = new SessionStore(
    {
      maxSessions: config.max_sessions,
      maxQueuedMessages: config.max_queued_messages,
      maxQueuedBytes: config.max_queued_bytes,
    },
    isAllowed,
  );

  /** Inside an allowed topic everything is acknowledged, stored or listed as refused; outside, the connection ends. */
  const publish = (client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void => {
    const peer = client === null ? undefined : peerOf(client);
    if (client === null || peer === undefined) return done(new Error('no sender'));
    const { topic } = packet;
    if (topic !== peer.lastTopic) {
      peer.lastTopic = topic;
      peer.lastTarget = isBrokenText(topic) ? undefined : parseTelemetryTopic(topic);
    }
    const target = peer.lastTarget;
    if (target === undefined || !mayPublish(peer, target)) {
      return endConnection(client, 'topic_not_allowed', `may not publish to ${JSON.stringify(topic).slice(0, 200)}`);
    }
    if (packet.qos > 0 && packet.messageId === 0) return endConnection(client, 'protocol_error', 'message id 0');
    packet.retain = false;
    let sender = senderOf(client, peer, done);
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (packet.qos === 2) {
      const id = packet.messageId ?? 0;
      if (peer.committing.has(id) || sessions.hasIncoming(client.id, id)) return ingest.pass(sender);
      peer.committing.add(id);
      const { acknowledge, abandon, isHurried } = sender;
      sender = {
        isHurried,
        abandon,
        acknowledge: () => {
          peer.committing.delete(id);
          acknowledge();
        },
      };
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
    ingest.accept(scope, target.deviceKey, payload, sender, peer.identity?.deviceKeys);
  };

  const aedes = new TelemetryBroker({
    persistence: sessions,
    concurrency: 100,
    connectTimeout: config.connect_timeout_s * 1000,
    drainTimeout: DRAIN_MS,
    maxClientsIdLength: 65_535,
    maxInflightInbound: 100,
    preConnect: (client, packet, done) => {
      const peer = peerOf(client);
      if (peer === undefined) return done(new Error('no peer'), false);
      peer.clientId = packet.clientId;
      peer.username = packet.username ?? '';
      peer.refused = admit(packet, peer, {
        anonymous: config.anonymous,
        authenticateDevice: dependencies.authenticateDevice,
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
      if (refused === null) return done(null, true);
      const { returnCode = 5, reason = 'refused', detail = '' } = refused ?? {};
      report(peer, reason, detail);
      done(Object.assign(new Error(detail), { returnCode }), false);
    },
    authorizePublish: publish,
    authorizeSubscribe: (client, subscription, done) => {
      const { subscriptions } = client as unknown as { subscriptions: object };
      const isFull = Object.keys(subscriptions).length >= config.max_subscriptions;
      // Null is Aedes' way to answer 0x80 for this one and go on with the others.
      done(null, !isFull && isAllowed(client, subscription.topic) ? subscription : null);
    },
    authorizeForward: (client, packet) => (isAllowed(client, packet.topic) ? packet : null),
  });

  aedes.onPublished = (packet) => {
    const target = parseTelemetryTopic(packet.topic);
    if (target === undefined) return;
    readers.send(target.slug, packet, (peer) => report(peer, 'reads_too_slowly', 'it did not read what it was sent'));
  };

  // A client that breaks the protocol or goes away is an ordinary event: kept for people to read, never a crash.
  const onFault = (client: Client, error: Error) => {
    const peer = peerOf(client);
    if (peer === undefined || peer.refused !== null || systemCode(error) !== undefined) return;
    log.debug({ source: peer.address, client_id: peer.clientId, reason: error.message }, 'connection ended');
    const reason = error.message === 'keep alive timeout' ? 'keepalive_timeout' : 'protocol_error';
    report(peer, reason, error.message);
  };
  aedes.on('clientError', onFault);
  aedes.on('connectionError', onFault);

  const counted = () => {
    metrics.connections.set(streams.size);
    gate.share(streams.size);
  };
  const handle = (source: Duplex, peer: Peer) => {
    const guard = createFrameGuard({ connectBytes: config.max_connect_bytes, frameBytes: config.max_frame_bytes });
    const stream = new GuardedStream(source, peer, guard, gate);
    streams.add(stream);
    counted();
    stream.once('close', () => {
      streams.delete(stream);
      if (peer.identity?.isReader) readers.leave(stream);
      counted();
    });
    aedes.handle(stream);
  };

  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS }, (socket) =>
    handle(socket, createPeer(socket.remoteAddress, 'tcp')),
  );
  server.maxConnections = config.max_connections;
  const tooMany = (address: string | undefined) => {
    const detail = `${config.max_connections} connections are open, the limit (mqtt.max_connections)`;
    report(createPeer(address, 'tcp'), 'too_many_connections', detail);
  };
  server.on('drop', (dropped) => tooMany(dropped?.remoteAddress));

  const boundPort = () => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  };

  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: config.max_frame_bytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  });

  /** Ends those whose rights have ended by themselves; where that cannot be asked just now, the next round does. */
  const endBarred = () => {
    for (const stream of streams) {
      try {
        if (stream.peer.identity?.isStillAllowed?.() === false) stream.destroy();
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

  return {
    listen: async (port) => {
      await aedes.listen();
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => {
          const remedy = `cannot listen for MQTT on ${HOST}:${port} (${systemCode(error)}): stop the program that has the port, or choose another with --mqtt-port`;
          reject(new AppError('port_unavailable', remedy, { cause: error }));
        });
        server.listen(port, HOST, resolve);
      });
      return boundPort() ?? port;
    },
    attach: (http) => {
      http.on('upgrade', (request, socket, head) => {
        // Node has taken its own listener off: without one, a peer that resets the connection would end the process.
        socket.on('error', () => {});
        const path = request.url?.split('?')[0];
        if (path !== '/mqtt') return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        const address = (socket as Socket).remoteAddress;
        if (streams.size >= config.max_connections) {
          tooMany(address);
          return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        }
        webSockets.handleUpgrade(request, socket, head, (webSocket) =>
          handle(createWebSocketStream(webSocket), createPeer(address, 'websocket')),
        );
      });
    },
    publish: ({ topic, payload, qos }) =>
      new Promise((resolve, reject) => {
        aedes.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, (error?: Error) =>
          error === undefined || error === null ? resolve() : reject(error),
        );
      }),
    disconnect: (credentialId) => {
      for (const stream of streams) if (stream.peer.identity?.credentialId === credentialId) stream.destroy();
    },
    disconnectFactory: (factoryId) => {
      for (const stream of streams) if (stream.peer.identity?.scope.factoryId === factoryId) stream.destroy();
    },
    get port() {
      return boundPort();
    },
    get connections() {
      return streams.size;
    },
    close: async () => {
      clearInterval(sweep);
      server.close();
      webSockets.close();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const stream of streams) stream.destroy();
    },
  };
}
