import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parser as createParser, generate, type Packet } from 'mqtt-packet';
import type { Json } from './json.ts';

/** An MQTT connection whose bytes the test decides. */
export interface RawMqtt extends Disposable {
  readonly socket: Socket;
  /** Every packet the broker has sent. */
  readonly packets: readonly Packet[];
  send(packet: Packet): void;
  write(bytes: Buffer | Uint8Array): void;
  /** The next packet of a kind, from those not yet taken. */
  next(cmd: Packet['cmd'], withinMs?: number): Promise<Packet & Record<string, Json>>;
  /** Settles when the broker has ended the connection. */
  readonly closed: Promise<void>;
}

/** Opens a TCP connection to a broker's URL; nothing is sent. */
export async function openRaw(url: string): Promise<RawMqtt> {
  const { port } = new URL(url);
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const parser = createParser();
  const packets: Packet[] = [];
  const taken = new Set<Packet>();
  let wake = () => {};
  parser.on('packet', (packet) => {
    packets.push(packet);
    wake();
  });
  socket.on('data', (chunk: Buffer) => parser.parse(chunk));
  return {
    socket,
    packets,
    closed,
    send: (packet) => void socket.write(generate(packet)),
    write: (bytes) => void socket.write(bytes),
    next: async (cmd, withinMs = 5_000) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = packets.find((packet) => packet.cmd === cmd && !taken.has(packet));
        if (found !== undefined) {
          taken.add(found);
          return found as Packet & Record<string, Json>;
        }
        const left = deadline - Date.now();
        if (left <= 0 || socket.closed) throw new Error(`no ${cmd} within ${withinMs} ms`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, 100));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** Opens a connection and signs in; throws when the CONNACK refuses. */
export async function connectRaw(
  url: string,
  options: { clientId?: string; clean?: boolean; username?: string; password?: string; keepalive?: number } = {},
): Promise<RawMqtt> {
  const raw = await openRaw(url);
  const { clientId = 'raw', clean = true, username, password, keepalive = 0 } = options;
  raw.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId,
    clean,
    keepalive,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  });
  const { returnCode } = await raw.next('connack');
  if (returnCode !== 0) throw new Error(`CONNACK ${returnCode}`);
  return raw;
}

/** A telemetry PUBLISH. */
export const telemetry = (
  messageId: number,
  payload: unknown,
  options: { device?: string; slug?: string; qos?: 0 | 1 | 2; dup?: boolean; retain?: boolean } = {},
): Packet => ({
  cmd: 'publish',
  topic: `factories/${options.slug ?? 'vpc'}/devices/${options.device ?? 'M01'}/telemetry`,
  payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
  qos: options.qos ?? 1,
  messageId,
  dup: options.dup ?? false,
  retain: options.retain ?? false,
});
