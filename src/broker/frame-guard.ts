import { type ConnectFault, connectFault } from './connect-packet.ts';

/** Limits on the announced length of an MQTT packet. */
export interface FrameLimits {
  /** For the first packet, CONNECT: the peer is not authenticated yet. */
  readonly connectBytes: number;
  readonly frameBytes: number;
}

/** Follows MQTT packet boundaries (MQTT 3.1.1, 2.2) through chunks cut anywhere; reads fixed headers only. */
export interface FrameGuard {
  /** Returns why the connection must end, or undefined. */
  check(chunk: Uint8Array): string | undefined;
  /** Whether a packet has begun and not ended. */
  readonly isInFrame: boolean;
  /** Packets ended so far. */
  readonly frames: number;
}

/** The least and the greatest length of a packet, by its first byte; a greatest of -1 where there is no such packet. */
const SHORTEST = new Int32Array(256);
const LONGEST = new Int32Array(256).fill(-1);
/** Packets whose body begins with a packet id that must not be 0 (2.3.1-1), by the first byte. PUBLISH is another matter. */
const HAS_ID = new Uint8Array(256);

/** Packets that a client may send, with their reserved flags (2.2.2-2): first byte, least and greatest length. */
function know(first: number, least: number, greatest: number, hasId: 0 | 1): void {
  SHORTEST[first] = least;
  LONGEST[first] = greatest;
  HAS_ID[first] = hasId;
}
const ANY = 268_435_455;
know(0x10, 0, ANY, 0);
for (const qos of [0, 1, 2]) {
  for (const retain of [0, 1]) {
    const flags = (qos << 1) | retain;
    // A topic of one character, and a packet id.
    know(0x30 | flags, qos === 0 ? 3 : 5, ANY, 0);
    // 3.3.1-2: a message of QoS 0 is never a duplicate.
    if (qos > 0) know(0x38 | flags, 5, ANY, 0);
  }
}
for (const acknowledgement of [0x40, 0x50, 0x62, 0x70]) know(acknowledgement, 2, 2, 1);
// 3.8.3-3, 3.10.3-2: at least one filter, of at least one character.
know(0x82, 6, ANY, 1);
know(0xa2, 5, ANY, 1);
for (const empty of [0xc0, 0xe0]) know(empty, 0, 0, 0);

/**
 * Aedes has no packet limit: it would buffer 200 MB of one CONNECT from anyone. The guard ends the connection as soon
 * as a packet announces more than is allowed, before any of its body is kept. It also knows what the standard says of a
 * packet's first bytes, which the parser behind looks at in part only.
 */
export function createFrameGuard(limits: FrameLimits): FrameGuard {
  let bodyLeft = 0;
  let inLength = false;
  let length = 0;
  let shift = 0;
  let frames = 0;
  let first = true;
  let header = 0;
  /** Bytes of a packet id that are still to come, and whether all before were 0. */
  let idLeft = 0;
  let isZero = true;
  return {
    get isInFrame() {
      return inLength || bodyLeft > 0;
    },
    get frames() {
      return frames;
    },
    check: (chunk) => {
      let i = 0;
      while (i < chunk.length) {
        if (bodyLeft > 0) {
          const step = idLeft > 0 ? 1 : Math.min(bodyLeft, chunk.length - i);
          if (idLeft > 0) {
            isZero &&= chunk[i] === 0;
            if (--idLeft === 0 && isZero) return 'a packet id is 0';
          }
          bodyLeft -= step;
          i += step;
          if (bodyLeft === 0) frames++;
          continue;
        }
        const byte = chunk[i++] as number;
        if (!inLength) {
          if (first && byte !== 0x10) return 'the first packet is not an MQTT CONNECT';
          if (LONGEST[byte] === -1) return `no client may send a packet that begins with 0x${byte.toString(16)}`;
          inLength = true;
          header = byte;
          length = 0;
          shift = 0;
          continue;
        }
        length |= (byte & 0x7f) << shift;
        shift += 7;
        if ((byte & 0x80) !== 0) {
          if (shift >= 28) return 'malformed packet length';
          continue;
        }
        const limit = first ? limits.connectBytes : limits.frameBytes;
        if (length > limit) return `a packet of ${length} bytes was announced, the limit is ${limit}`;
        if (length < (SHORTEST[header] as number) || length > (LONGEST[header] as number)) {
          return `a packet that begins with 0x${header.toString(16)} cannot have ${length} bytes`;
        }
        first = false;
        inLength = false;
        bodyLeft = length;
        if (HAS_ID[header] === 1) {
          idLeft = 2;
          isZero = true;
        }
        if (length === 0) frames++;
      }
      return undefined;
    },
  };
}

/** Keeps the first packet back until it is whole, so that it can be looked at before anybody acts on it. */
export interface ConnectGate {
  /** Takes the next chunk. @returns all that has come once the packet is whole and right; what is wrong with it */
  take(chunk: Buffer): Buffer | ConnectFault | undefined;
}

/** @param guard - that has already checked each chunk, and so bounds what is kept */
export function createConnectGate(guard: Pick<FrameGuard, 'frames'>): ConnectGate {
  const kept: Buffer[] = [];
  return {
    take: (chunk) => {
      kept.push(chunk);
      if (guard.frames === 0) return undefined;
      const all = Buffer.concat(kept);
      let [bodyAt, length, shift, isMore] = [1, 0, 0, true];
      while (isMore) {
        const byte = all[bodyAt++] ?? 0;
        length |= (byte & 0x7f) << shift;
        shift += 7;
        isMore = (byte & 0x80) !== 0;
      }
      return connectFault(all.subarray(bodyAt, bodyAt + length)) ?? all;
    },
  };
}
