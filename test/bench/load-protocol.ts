/** Where the messages go. */
export type LoadTarget =
  /** A connection for each device. `window`: messages of a connection without a PUBACK (QoS 1), in a flood. */
  | { readonly kind: 'mqtt'; readonly port: number; readonly qos: 0 | 1; readonly window: number }
  /** InfluxDB's line protocol by HTTP (stamps in milliseconds): a message is a line, and so many lines are a request. */
  | { readonly kind: 'lines'; readonly url: string; readonly linesPerRequest: number };

/**
 * Stamps of the samples: of sending, though never twice the same of one device (`sending`); up by a millisecond with
 * each message of a device whatever the rate, from an hour ago (`every-ms`); or up by so much with each message of any.
 */
export type Stamps = 'sending' | 'every-ms' | { readonly fromMs: number; readonly stepMs: number };

/** What the load process is told in its argument. */
export interface LoadOptions {
  readonly target: LoadTarget;
  /** Keys of the devices that send. */
  readonly devices: readonly string[];
  /** Names of the five metrics in each message; the last one may be `sent_ms`. */
  readonly metrics: readonly string[];
  readonly stamps: Stamps;
  /** Messages a second of all devices; null is as many as the broker takes (MQTT only). */
  readonly messagesPerSecond: number | null;
  /** Send times are milliseconds since this instant (epoch ms), in the metric `sent_ms`. */
  readonly originMs: number;
}

/** Parent to child: begin; measure from here on; stop and wait for what is outstanding; stop and leave at once. */
export type LoadCommand = 'start' | 'mark' | 'drain' | 'leave';

/** What the load process saw. Latencies are from writing a message (or request) to reading its answer; not at QoS 0. */
export interface LoadResult {
  /** Messages between mark and stop. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly seconds: number;
  readonly ackP50Ms: number | null;
  readonly ackP99Ms: number | null;
  /** All messages since the start, over the time until the last one was answered (see `drain`); null without draining. */
  readonly drainedPerSecond: number | null;
  /** Messages since the start. */
  readonly totalSent: number;
}

/** Child to parent. */
export type LoadReport = { readonly kind: 'connected' } | { readonly kind: 'result'; readonly result: LoadResult };

/** Metrics of each message, and their names where those do not matter. */
export const METRICS = ['voltage', 'current', 'power', 'temperature', 'vibration'] as const;
export const POINTS_PER_MESSAGE = METRICS.length;

/** The metric whose value is the time of sending, if it is the last one. */
export const SENT_MS = 'sent_ms';

/** `bench-0000`, `bench-0001`, … */
export const loadDevices = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `bench-${String(index).padStart(4, '0')}`);

/** Wall-clock time with the resolution of the monotonic clock (epoch ms). */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
