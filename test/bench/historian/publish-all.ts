import { once } from 'node:events';
import { connect } from 'node:net';
import { createFrameReader, DISCONNECT, encodeConnect, encodePublish, PacketType } from '../../support/mqtt-wire.ts';
import type { DataSet } from './data-set.ts';
import { toPayload } from './encode.ts';

/** Messages without a PUBACK: enough that one commit pays for several, few enough that no queue grows. */
const WINDOW = 16;
const MAX_PACKET_ID = 65_535;

/**
 * Publishes a whole set (QoS 1) over one connection, as a gateway would, and waits for the last PUBACK.
 *
 * @throws {Error} when the broker refuses, or closes the connection
 */
export async function publishAll(port: number, set: DataSet): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const connected = Promise.withResolvers<void>();
  let [sent, acknowledged] = [0, 0];
  let wake: () => void = () => undefined;
  const read = createFrameReader((type, buffer, start) => {
    if (type === PacketType.puback) {
      acknowledged++;
      wake();
    } else if (type === PacketType.connack) {
      if (buffer[start + 1] === 0) connected.resolve();
      else failed.reject(new Error(`CONNACK ${buffer[start + 1]}`));
    }
  });
  socket.on('data', read);
  socket.on('error', failed.reject);
  socket.on('close', () => failed.reject(new Error('the broker closed the connection')));
  const until = async (outstanding: number) => {
    while (sent - acknowledged > outstanding) {
      const answered = Promise.withResolvers<void>();
      wake = answered.resolve;
      await Promise.race([answered.promise, failed.promise]);
    }
  };
  try {
    await Promise.race([once(socket, 'connect'), failed.promise]);
    socket.write(encodeConnect('bench-historian'));
    await Promise.race([connected.promise, failed.promise]);
    for (const block of set.blocks()) {
      const topic = `factories/vpc/devices/${block.device}/telemetry`;
      const { bytes, packetIdAt } = encodePublish(topic, Buffer.from(toPayload(block, set)), 1);
      bytes.writeUInt16BE((sent % MAX_PACKET_ID) + 1, packetIdAt);
      await until(WINDOW - 1);
      socket.write(bytes);
      sent++;
    }
    await until(0);
    socket.end(DISCONNECT);
  } finally {
    socket.destroy();
  }
}
