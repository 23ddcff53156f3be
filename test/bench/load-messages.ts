import { encodePublish, type PublishTemplate } from '../support/mqtt-wire.ts';

const VARIANTS = 64;
const TIMESTAMP_DIGITS = 13;
const SENT_DIGITS = 9;
const ASCII_ZERO = 48;
/** Stamps go up by 1 ms a message whatever the rate, so they begin in the past: no two messages of a device share one. */
const STAMPS_BEGIN_MS_AGO = 3_600_000;

/** Writes `value`, a non-negative integer, as exactly `digits` decimal digits. */
function writeDigits(target: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let index = at + digits - 1; index >= at; index--) {
    const quotient = Math.floor(rest / 10);
    target[index] = ASCII_ZERO + (rest - quotient * 10);
    rest = quotient;
  }
}

/** Makes the messages of one device. */
export interface MessageSource {
  readonly bytesPerMessage: number;
  /** Writes the next message into `target` at `offset`; `packetId` counts for QoS 1, `sentMs` where send times are sent. */
  write(target: Buffer, offset: number, packetId: number, sentMs: number): void;
}

/**
 * Messages of five quantised floats that walk, as sensors' values do, and a time stamp: made once in 64 variants, then
 * copied and patched, so that making them costs next to nothing beside what is measured.
 *
 * @param withSentMs the fifth metric is the time of sending (`sent_ms`, hundredths resolved), else one more float
 */
export function createMessages(device: number, qos: 0 | 1, withSentMs: boolean): MessageSource {
  const topic = `factories/vpc/devices/bench-${String(device).padStart(4, '0')}/telemetry`;
  const fifth = withSentMs ? `"sent_ms":1${'0'.repeat(SENT_DIGITS - 1)}.00` : '"vibration":2.13';
  const variants: PublishTemplate[] = Array.from({ length: VARIANTS }, (_, index) => {
    const walk = (base: number, span: number, decimals: number) =>
      (base + span * Math.abs(((index * 7 + device * 13) % VARIANTS) / VARIANTS - 0.5)).toFixed(decimals);
    const metrics =
      `"voltage":${walk(229, 4, 1)},"current":${walk(31, 9, 2)},"power":${walk(14, 5, 2)},` +
      `"temperature":${walk(61, 8, 1)},${fifth}`;
    return encodePublish(
      topic,
      Buffer.from(`{"metrics":{${metrics}},"timestamp":${'0'.repeat(TIMESTAMP_DIGITS)}}`),
      qos,
    );
  });
  const [first] = variants;
  const bytesPerMessage = first?.bytes.length ?? 0;
  if (first === undefined || variants.some(({ bytes }) => bytes.length !== bytesPerMessage)) {
    throw new Error('the variants differ in length');
  }
  const timestampAt = bytesPerMessage - TIMESTAMP_DIGITS - 1;
  const sentAt = first.bytes.indexOf('"sent_ms":') + '"sent_ms":'.length;
  let sequence = 0;
  let stampMs = Date.now() - STAMPS_BEGIN_MS_AGO;
  return {
    bytesPerMessage,
    write: (target, offset, packetId, sentMs) => {
      const { bytes, packetIdAt } = variants[sequence++ % VARIANTS] ?? first;
      bytes.copy(target, offset);
      if (packetIdAt >= 0) target.writeUInt16BE(packetId, offset + packetIdAt);
      const stamp = withSentMs ? Date.now() : stampMs++;
      writeDigits(target, offset + timestampAt, TIMESTAMP_DIGITS, stamp);
      if (!withSentMs) return;
      const hundredths = Math.floor(sentMs * 100);
      writeDigits(target, offset + sentAt, SENT_DIGITS, 100_000_000 + Math.floor(hundredths / 100));
      writeDigits(target, offset + sentAt + SENT_DIGITS + 1, 2, hundredths % 100);
    },
  };
}

/** The time of sending (ms since the origin) in the value of `sent_ms`, which has a leading 1 to keep its length. */
export const sentMsOf = (value: number): number => value - 100_000_000;
