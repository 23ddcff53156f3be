import { encodePublish, type PublishTemplate } from '../support/mqtt-wire.ts';
import { SENT_MS, type Stamps } from './load-protocol.ts';

const VARIANTS = 64;
const TIMESTAMP_DIGITS = 13;
const SENT_DIGITS = 9;
const ASCII_ZERO = 48;
/** Stamps that go up whatever the rate begin in the past: no two messages of a device share one. */
const STAMPS_BEGIN_MS_AGO = 3_600_000;

/** Gives the stamp (epoch ms) of the next message. */
export type StampSource = () => number;

/** Makes a source of stamps for each device. */
export function createStamps(stamps: Stamps): () => StampSource {
  if (typeof stamps === 'object') {
    let messages = 0;
    const next = () => stamps.fromMs + Math.floor(messages++ * stamps.stepMs);
    return () => next;
  }
  return () => {
    let last = Date.now() - STAMPS_BEGIN_MS_AGO;
    return () => {
      last = stamps === 'sending' ? Math.max(last + 1, Date.now()) : last + 1;
      return last;
    };
  };
}

/**
 * Values of five quantised floats that walk, as sensors' values do, in 64 variants: all of them with the same length.
 *
 * @param device counts up: the walks of no two devices are in step
 */
export function walkingValues(device: number): string[][] {
  return Array.from({ length: VARIANTS }, (_, index) => {
    const walk = (base: number, span: number, decimals: number) =>
      (base + span * Math.abs(((index * 7 + device * 13) % VARIANTS) / VARIANTS - 0.5)).toFixed(decimals);
    return [walk(229, 4, 1), walk(31, 9, 2), walk(14, 5, 2), walk(61, 8, 1), '2.13'];
  });
}

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

/** What the messages of one device are made of. */
export interface MessageShape {
  readonly device: string;
  /** Of the device, among all that send. */
  readonly index: number;
  /** Of five metrics. If the last one is `sent_ms`, its value is the time of sending, hundredths resolved. */
  readonly metrics: readonly string[];
  readonly qos: 0 | 1;
}

/**
 * Messages of five values and a time stamp: made once in 64 variants, then copied and patched, so that making them
 * costs next to nothing beside what is measured.
 */
export function createMessages({ device, index, metrics, qos }: MessageShape, nextStamp: StampSource): MessageSource {
  const topic = `factories/vpc/devices/${device}/telemetry`;
  const withSentMs = metrics.at(-1) === SENT_MS;
  const variants: PublishTemplate[] = walkingValues(index).map((values) => {
    const texts = withSentMs ? [...values.slice(0, -1), `1${'0'.repeat(SENT_DIGITS - 1)}.00`] : values;
    const members = metrics.map((metric, at) => `"${metric}":${texts[at]}`).join(',');
    return encodePublish(
      topic,
      Buffer.from(`{"metrics":{${members}},"timestamp":${'0'.repeat(TIMESTAMP_DIGITS)}}`),
      qos,
    );
  });
  const [first] = variants;
  const bytesPerMessage = first?.bytes.length ?? 0;
  if (first === undefined || variants.some(({ bytes }) => bytes.length !== bytesPerMessage)) {
    throw new Error('the variants differ in length');
  }
  const timestampAt = bytesPerMessage - TIMESTAMP_DIGITS - 1;
  const sentAt = first.bytes.indexOf(`"${SENT_MS}":`) + `"${SENT_MS}":`.length;
  let sequence = 0;
  return {
    bytesPerMessage,
    write: (target, offset, packetId, sentMs) => {
      const { bytes, packetIdAt } = variants[sequence++ % VARIANTS] ?? first;
      bytes.copy(target, offset);
      if (packetIdAt >= 0) target.writeUInt16BE(packetId, offset + packetIdAt);
      writeDigits(target, offset + timestampAt, TIMESTAMP_DIGITS, nextStamp());
      if (!withSentMs) return;
      const hundredths = Math.floor(sentMs * 100);
      writeDigits(target, offset + sentAt, SENT_DIGITS, 100_000_000 + Math.floor(hundredths / 100));
      writeDigits(target, offset + sentAt + SENT_DIGITS + 1, 2, hundredths % 100);
    },
  };
}

/** The time of sending (ms since the origin) in the value of `sent_ms`, which has a leading 1 to keep its length. */
export const sentMsOf = (value: number): number => value - 100_000_000;
