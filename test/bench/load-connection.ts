import { once } from 'node:events';
import { connect } from 'node:net';
import { createFrameReader, DISCONNECT, encodeConnect, PacketType, PINGREQ } from '../support/mqtt-wire.ts';
import type { Latencies } from './latencies.ts';
import type { MessageSource } from './load-messages.ts';
import { type LoadTarget, preciseNow } from './load-protocol.ts';

/** Messages of one write at QoS 0. */
const CHUNK = 32;

/** What sends: a device's MQTT connection, or the one client of a store that takes line protocol. */
export interface LoadConnection {
  /** Publishes as fast as the broker takes it, until `stop`. @throws {Error} where messages are not acknowledged singly */
  flood(): void;
  /** Publishes one message now. */
  publishOne(): void;
  stop(): void;
  /** Resolves when everything has been answered: by MQTT every PUBACK, and a PINGREQ behind the last message. */
  drain(): Promise<void>;
  close(): void;
  readonly sent: number;
  readonly acknowledged: number;
}

/** What a connection sends, and as whom. */
export interface ConnectionOptions {
  readonly target: LoadTarget & { readonly kind: 'mqtt' };
  readonly clientId: string;
  readonly messages: MessageSource;
  /** See `LoadOptions`. */
  readonly originMs: number;
}

/**
 * Connects a device by MQTT.
 *
 * @throws {Error} when the broker refuses, or (later, uncaught, ending the process) closes the connection
 */
export async function openConnection(
  { target: { port, qos, window }, clientId, messages, originMs }: ConnectionOptions,
  latencies: Latencies,
): Promise<LoadConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const connected = Promise.withResolvers<void>();
  const writtenAt = new Float64Array(65_536);
  const drained = Promise.withResolvers<void>();
  let [sent, acknowledged, nextPacketId] = [0, 0, 1];
  let flooding = false;
  let closing = false;

  const publish = (count: number): boolean => {
    const bytes = Buffer.allocUnsafe(count * messages.bytesPerMessage);
    const now = preciseNow();
    for (let index = 0; index < count; index++) {
      messages.write(bytes, index * messages.bytesPerMessage, nextPacketId, now - originMs);
      writtenAt[nextPacketId] = now;
      nextPacketId = nextPacketId === 65_535 ? 1 : nextPacketId + 1;
    }
    sent += count;
    return socket.write(bytes);
  };
  const pump = (): void => {
    if (!flooding) return;
    if (publish(CHUNK)) setImmediate(pump);
    else socket.once('drain', pump);
  };
  const read = createFrameReader((type, buffer, start) => {
    switch (type) {
      case PacketType.connack:
        if (buffer[start + 1] === 0) connected.resolve();
        else connected.reject(new Error(`CONNACK ${buffer[start + 1]}`));
        return;
      case PacketType.puback:
        acknowledged++;
        latencies.record(preciseNow() - (writtenAt[buffer.readUInt16BE(start)] ?? 0));
        return;
      case PacketType.pingresp:
        drained.resolve();
        return;
    }
  });
  socket.on('data', (chunk) => {
    const before = acknowledged;
    read(chunk);
    if (flooding && qos === 1 && acknowledged > before) publish(acknowledged - before);
  });
  socket.on('error', (error) => {
    if (!closing) throw error;
  });
  socket.on('close', () => {
    if (!closing) throw new Error(`the broker closed the connection of ${clientId}`);
  });
  socket.write(encodeConnect(clientId));
  await connected.promise;

  return {
    flood: () => {
      flooding = true;
      if (qos === 1) publish(window);
      else pump();
    },
    publishOne: () => void publish(1),
    stop: () => {
      flooding = false;
    },
    drain: async () => {
      socket.write(PINGREQ);
      await drained.promise;
      while (qos === 1 && acknowledged < sent) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    close: () => {
      closing = true;
      if (sent > 0 && socket.writableLength > 0) socket.destroy();
      else socket.end(DISCONNECT);
    },
    get sent() {
      return sent;
    },
    get acknowledged() {
      return acknowledged;
    },
  };
}
