/**
 * MQTT 3.1.1 on the wire, as fast as bytes can be made: for load generators, where a client library would be what is
 * measured. Section numbers refer to the OASIS standard. Tests that want packets as objects use `raw-mqtt.ts`.
 */

/** Packet types (2.2.1) that a publishing client receives. */
export const PacketType = { connack: 2, puback: 4, pingresp: 13 } as const;

export const PINGREQ: Buffer = Buffer.from([0xc0, 0x00]);
export const DISCONNECT: Buffer = Buffer.from([0xe0, 0x00]);

/** A remaining length (2.2.3) in its one to four bytes. */
export function encodeLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** A length-prefixed UTF-8 string (1.5.3). */
function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** A CONNECT (3.1) with a clean session, without keep-alive, will or credentials. */
export function encodeConnect(clientId: string): Buffer {
  const body = Buffer.concat([encodeString('MQTT'), Buffer.from([4, 0x02, 0, 0]), encodeString(clientId)]);
  return Buffer.concat([Buffer.from([0x10]), encodeLength(body.length), body]);
}

/** A PUBLISH to be copied and patched: where its packet identifier and its payload stand. */
export interface PublishTemplate {
  readonly bytes: Buffer;
  /** Offset of the two bytes of the packet identifier (QoS 1), or -1 (QoS 0). */
  readonly packetIdAt: number;
  readonly payloadAt: number;
}

/** A PUBLISH (3.3), not retained, not a duplicate; the packet identifier of QoS 1 is 0 until it is patched. */
export function encodePublish(topic: string, payload: Buffer, qos: 0 | 1): PublishTemplate {
  const name = encodeString(topic);
  const length = encodeLength(name.length + 2 * qos + payload.length);
  const head = Buffer.concat([Buffer.from([0x30 | (qos << 1)]), length, name, Buffer.alloc(2 * qos)]);
  return {
    bytes: Buffer.concat([head, payload]),
    packetIdAt: qos === 0 ? -1 : head.length - 2,
    payloadAt: head.length,
  };
}

/**
 * Called for each whole packet: its type, and the buffer in which its variable header and payload stand from `start`
 * (inclusive) to `end`. The buffer must not be kept.
 */
export type OnFrame = (type: number, buffer: Buffer, start: number, end: number) => void;

/**
 * Cuts a byte stream into packets, wherever the chunks happen to end.
 *
 * @returns takes the next chunk; throws when a remaining length has more than four bytes
 */
export function createFrameReader(onFrame: OnFrame): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      let length = 0;
      let cursor = at + 1;
      let shift = 0;
      let complete = false;
      while (cursor < buffer.length && !complete) {
        const byte = buffer.readUInt8(cursor++);
        length += (byte & 0x7f) * 2 ** shift;
        shift += 7;
        complete = byte < 0x80;
        if (!complete && shift === 28) throw new Error('a remaining length of more than four bytes');
      }
      if (!complete || cursor + length > buffer.length) break;
      onFrame(buffer.readUInt8(at) >> 4, buffer, cursor, cursor + length);
      at = cursor + length;
    }
    rest = at === buffer.length ? Buffer.alloc(0) : Buffer.from(buffer.subarray(at));
  };
}
