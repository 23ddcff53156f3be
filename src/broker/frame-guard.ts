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

/**
 * Aedes has no packet limit: it would buffer 200 MB of one CONNECT from anyone. The guard ends the connection as soon
 * as a packet announces more than is allowed, before any of its body is kept.
 */
export function createFrameGuard(limits: FrameLimits): FrameGuard {
  let bodyLeft = 0;
  let inLength = false;
  let length = 0;
  let shift = 0;
  let frames = 0;
  let first = true;
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
          const step = Math.min(bodyLeft, chunk.length - i);
          bodyLeft -= step;
          i += step;
          if (bodyLeft === 0) frames++;
          continue;
        }
        const byte = chunk[i++] as number;
        if (!inLength) {
          if (first && byte !== 0x10) return 'the first packet is not an MQTT CONNECT';
          inLength = true;
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
        first = false;
        inLength = false;
        bodyLeft = length;
        if (length === 0) frames++;
      }
      return undefined;
    },
  };
}
