/** What the load process is told in its argument. */
export interface LoadOptions {
  readonly port: number;
  /** Connections, and devices: each connection is one. */
  readonly connections: number;
  readonly qos: 0 | 1;
  /** Messages of a connection without a PUBACK (QoS 1). */
  readonly window: number;
  /** Messages a second of each connection; null is as many as the broker takes. */
  readonly ratePerSecond: number | null;
  /** Send times are milliseconds since this instant (epoch ms), in the metric `sent_ms`. */
  readonly originMs: number;
}

/** Parent to child: begin; measure from here on; stop and wait for what is outstanding; stop and leave at once. */
export type LoadCommand = 'start' | 'mark' | 'drain' | 'leave';

/** What the load process saw. Latencies are from writing a message to reading its PUBACK (QoS 1 only). */
export interface LoadResult {
  /** Messages between mark and stop. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly seconds: number;
  readonly pubackP50Ms: number | null;
  readonly pubackP99Ms: number | null;
  /** All messages since the start, over the time until a PINGREQ behind the last one was answered; null without draining. */
  readonly drainedPerSecond: number | null;
  /** Messages since the start. */
  readonly totalSent: number;
}

/** Child to parent. */
export type LoadReport = { readonly kind: 'connected' } | { readonly kind: 'result'; readonly result: LoadResult };

/** Metrics in each message. */
export const POINTS_PER_MESSAGE = 5;

/** Wall-clock time with the resolution of the monotonic clock (epoch ms). */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
