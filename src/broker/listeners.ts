import type { X509Certificate } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { createServer as createSecureServer, type TLSSocket } from 'node:tls';
import { type ListenPlan, listenOn } from '../core/listen.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { HandshakeFault, ServerTls } from '../tls/tls.ts';

/** Detects a peer that vanished without a FIN: keep-alive 0 clients have no other check. */
const TCP_KEEPALIVE_MS = 60_000;
const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS };

/** How MQTT is spoken over TLS. */
export interface SecureMqtt {
  readonly tls: ServerTls;
  /** Whether clients are asked for certificates of their own. */
  readonly asksDevices: boolean;
}

/** Ports as they are bound. */
export interface MqttPorts {
  readonly mqtt: number;
  /** Undefined without TLS. */
  readonly mqtts: number | undefined;
}

export interface MqttListenerDeps {
  readonly maxConnections: number;
  readonly secure: SecureMqtt | undefined;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'handshakesFailed'>;
  readonly onPlain: (socket: Socket) => void;
  readonly onSecure: (socket: TLSSocket, certificate: X509Certificate | undefined) => void;
  /** Too many are open. */
  readonly onDrop: (address: string | undefined) => void;
  /** A handshake that did not come to its end. */
  readonly onHandshakeFault: (fault: HandshakeFault, address: string) => void;
}

/** The sockets that MQTT is spoken on: plain, and over TLS. */
export function createMqttListeners(deps: MqttListenerDeps) {
  const { secure, log, metrics, onDrop } = deps;
  const plain = createServer(TCP, deps.onPlain);
  const overTls = secure && createSecureServer({ ...TCP, ...secure.tls.options(secure.asksDevices) });
  for (const server of [plain, ...(overTls === undefined ? [] : [overTls])]) {
    server.maxConnections = deps.maxConnections;
    server.on('drop', (dropped) => onDrop(dropped?.remoteAddress));
  }
  if (secure !== undefined && overTls !== undefined) {
    secure.tls.follow(overTls, secure.asksDevices, (fault, address) => {
      metrics.handshakesFailed.inc({ listener: 'mqtts', reason: fault.reason });
      deps.onHandshakeFault(fault, address);
    });
    overTls.on('secureConnection', (socket) => {
      // Without a listener, a peer that resets the connection would end the process.
      socket.on('error', () => {});
      deps.onSecure(socket, secure.asksDevices ? socket.getPeerX509Certificate() : undefined);
    });
  }

  return {
    /** @throws {AppError} `port_unavailable` */
    listen: async (plans: { mqtt: ListenPlan; mqtts?: ListenPlan | undefined }): Promise<MqttPorts> => {
      const mqtt = await listenOn(plain, plans.mqtt, { what: 'MQTT', flag: '--mqtt-port' });
      if (overTls === undefined || plans.mqtts === undefined) return { mqtt, mqtts: undefined };
      const mqtts = await listenOn(overTls, plans.mqtts, {
        what: 'MQTTS',
        flag: '--mqtts-port',
        onOther: (wished, taken) => log.warn({ wished, taken }, 'another program has the MQTTS port; took another'),
      });
      return { mqtt, mqtts };
    },
    close: (): void => {
      plain.close();
      overTls?.close();
    },
  };
}
