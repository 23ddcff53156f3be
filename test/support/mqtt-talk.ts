import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { IConnectPacket, IPublishPacket, QoS } from 'mqtt-packet';
import { type RunningAppliance, startAppliance } from './appliance.ts';
import { encodeLength } from './mqtt-wire.ts';
import { openRaw, type RawMqtt } from './raw-mqtt.ts';

/** A client that speaks MQTT 3.1.1 packet by packet, and answers nothing by itself. */
export interface Talk extends RawMqtt {
  readonly sessionPresent: boolean;
  /** @returns what SUBACK grants */
  subscribe(...filters: (string | [filter: string, qos: QoS])[]): Promise<number[]>;
  unsubscribe(...filters: string[]): Promise<void>;
  /** Publishes and, with QoS 1 or 2, goes on until the broker has taken the message over. */
  publish(topic: string, payload: string, options?: { qos?: QoS; retain?: boolean }): Promise<void>;
  /** The next PUBLISH that came, which is acknowledged to the end unless told otherwise. */
  receive(options?: { answered?: boolean }): Promise<Received>;
  /** Fails when a PUBLISH has come that was not received. */
  nothing(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface Received {
  readonly topic: string;
  readonly text: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 where there is none. */
  readonly messageId: number;
}

/** A CONNECT, with a clean session unless told otherwise. */
export const connectPacket = (options: Partial<IConnectPacket> = {}): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: '',
  clean: true,
  keepalive: 0,
  ...options,
});

/** A packet made of bytes: its first one, and what stands behind the length. */
export function frame(first: number, ...body: (Buffer | string | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(body.map((part) => (typeof part === 'string' ? field(part) : Buffer.from(part))));
  return Buffer.concat([Buffer.from([first]), encodeLength(bytes.length), bytes]);
}

/** A string or bytes with their length before them (1.5.3). */
export function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** The body of a CONNECT by its parts, right unless told otherwise. */
export function connectFrame(
  parts: { name?: string; level?: number; flags?: number; keepAlive?: readonly number[]; payload?: Buffer[] } = {},
): Buffer {
  const { name = 'MQTT', level = 4, flags = 0x02, keepAlive = [0, 0], payload = [field('frame')] } = parts;
  return frame(0x10, name, [level, flags], keepAlive, ...payload);
}

/** Connects and signs in. @throws when CONNACK refuses */
export async function talk(url: string, options: Partial<IConnectPacket> = {}): Promise<Talk> {
  const raw = await openRaw(url);
  raw.send(connectPacket(options));
  const { returnCode, sessionPresent } = await raw.next('connack');
  assert.equal(returnCode, 0);
  let lastId = 0;

  const answer = async ({ qos, messageId }: Received) => {
    if (qos === 1) raw.send({ cmd: 'puback', messageId });
    if (qos < 2) return;
    raw.send({ cmd: 'pubrec', messageId });
    assert.equal((await raw.next('pubrel')).messageId, messageId);
    raw.send({ cmd: 'pubcomp', messageId });
  };

  return {
    ...raw,
    sessionPresent,
    subscribe: async (...filters) => {
      const subscriptions = filters.map((filter) =>
        typeof filter === 'string' ? { topic: filter, qos: 2 as QoS } : { topic: filter[0], qos: filter[1] },
      );
      raw.send({ cmd: 'subscribe', messageId: ++lastId, subscriptions });
      const suback = await raw.next('suback');
      assert.equal(suback.messageId, lastId);
      return suback.granted;
    },
    unsubscribe: async (...filters) => {
      raw.send({ cmd: 'unsubscribe', messageId: ++lastId, unsubscriptions: filters });
      assert.equal((await raw.next('unsuback')).messageId, lastId);
    },
    publish: async (topic, payload, { qos = 0, retain = false } = {}) => {
      const packet: IPublishPacket = { cmd: 'publish', topic, payload, qos, retain, dup: false };
      if (qos > 0) packet.messageId = ++lastId;
      raw.send(packet);
      if (qos === 1) assert.equal((await raw.next('puback')).messageId, lastId);
      if (qos < 2) return;
      assert.equal((await raw.next('pubrec')).messageId, lastId);
      raw.send({ cmd: 'pubrel', messageId: lastId });
      assert.equal((await raw.next('pubcomp')).messageId, lastId);
    },
    receive: async ({ answered = true } = {}) => {
      const { topic, payload, qos, retain, dup, messageId = 0 } = await raw.next('publish');
      const received: Received = { topic, text: payload.toString(), qos, retain, dup, messageId };
      if (answered) await answer(received);
      return received;
    },
    nothing: async () => {
      raw.send({ cmd: 'pingreq' });
      await raw.next('pingresp');
      const left = await raw.next('publish', 50).catch(() => undefined);
      assert.equal(left, undefined, `unexpected: ${JSON.stringify(left)}`);
    },
    disconnect: async () => {
      raw.send({ cmd: 'disconnect' });
      await raw.closed;
    },
  };
}

/** An appliance whose topics are free but for `factories/`, for the tests of a file. */
export async function freeBroker(flags: Record<string, unknown> = {}): Promise<{
  readonly running: RunningAppliance;
  readonly url: string;
  connect(options?: Partial<IConnectPacket>): Promise<Talk>;
}> {
  const running = await startAppliance({ flags: { 'mqtt.shared_topics': ['#'], ...flags } });
  after(() => running[Symbol.asyncDispose]());
  const url = running.ready.mqtt;
  return { running, url, connect: (options) => talk(url, options) };
}

/** Whether the broker ends the connection on these bytes, without any packet but those that are expected. */
export async function assertEnds(url: string, bytes: Buffer, expected: readonly string[] = []): Promise<void> {
  using raw = await openRaw(url);
  raw.write(bytes);
  await raw.closed;
  assert.deepEqual(
    raw.packets.map(({ cmd }) => cmd),
    expected,
  );
}
