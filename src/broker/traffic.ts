import type { FactoryScope } from '../core/scope.ts';
import type { GuardedStream } from './guarded-stream.ts';
import type { TelemetryTopic } from './topics.ts';

/** Devices remembered of one connection; the one that was silent for longest goes first. */
const MAX_DEVICES = 100;
/** A device counts as sent for lately for so many ticks: an hour. */
const LATELY_TICKS = 360;

/** A connection from its admission to its end. */
export interface Connection {
  /** A UUID. */
  readonly id: string;
  readonly stream: GuardedStream;
  /** As Aedes knows it, in the name space of its credential. */
  readonly fullClientId: string;
  /** Epoch ms. */
  connectedAt: number;
  /** Why it is about to end has been told. */
  isTold: boolean;
}

/** When counts were set down: shared by all connections. */
export interface PaceClock {
  tick: number;
  /** Epoch ms of each of the last ticks, by tick modulo `Traffic.SLOTS`. */
  readonly times: number[];
}

/** What has gone one way on a connection. Bytes are those of payloads; rates are averages of the last minute. */
export interface TrafficRates {
  readonly messages: number;
  readonly bytes: number;
  readonly messagesPerS: number;
  readonly bytesPerS: number;
}

/** What a connection has carried for one factory. Counting is additions alone: no clock, nothing allocated. */
export class Traffic {
  /** Six ticks make the minute that rates are of. */
  static readonly SLOTS = 7;

  /** Undefined: of no factory, yet. */
  readonly scope: FactoryScope | undefined;
  /** The connection it belongs to; undefined before CONNACK. */
  connection: Connection | undefined;
  messagesIn = 0;
  bytesIn = 0;
  messagesOut = 0;
  bytesOut = 0;
  /** That of the last message. */
  target: TelemetryTopic | undefined;
  /** The tick at which each device was last seen, in that order. */
  readonly #devices = new Map<string, number>();
  readonly #startTick: number;
  readonly #startedAt: number;
  readonly #marks = new Float64Array(4 * Traffic.SLOTS);
  #messagesAtTick = 0;

  /** @param startedAt - epoch ms */
  constructor(scope: FactoryScope | undefined, tick: number, startedAt: number) {
    this.scope = scope;
    this.#startTick = tick;
    this.#startedAt = startedAt;
  }

  /** Messages go to another topic than before. */
  aim(target: TelemetryTopic, tick: number): void {
    this.target = target;
    if (this.#devices.get(target.deviceKey) === tick) return;
    this.#devices.delete(target.deviceKey);
    this.#devices.set(target.deviceKey, tick);
    if (this.#devices.size <= MAX_DEVICES) return;
    const [longestSilent] = this.#devices.keys();
    if (longestSilent !== undefined) this.#devices.delete(longestSilent);
  }

  /** Sets down what has been counted by this tick. */
  mark(tick: number): void {
    this.#marks.set([this.messagesIn, this.bytesIn, this.messagesOut, this.bytesOut], (tick % Traffic.SLOTS) * 4);
    // Devices that send to one topic all the time are aimed at once.
    if (this.target !== undefined && this.messagesIn !== this.#messagesAtTick) this.aim(this.target, tick);
    this.#messagesAtTick = this.messagesIn;
  }

  /** Keys of the devices that it has carried messages of lately, the latest last. */
  deviceKeys(tick: number): string[] {
    return [...this.#devices].flatMap(([key, seen]) => (seen + LATELY_TICKS >= tick ? [key] : []));
  }

  /** @param now - epoch ms */
  received(clock: PaceClock, now: number): TrafficRates {
    return this.#rates(this.messagesIn, this.bytesIn, 0, clock, now);
  }

  /** @param now - epoch ms */
  sent(clock: PaceClock, now: number): TrafficRates {
    return this.#rates(this.messagesOut, this.bytesOut, 2, clock, now);
  }

  #rates(messages: number, bytes: number, at: number, { tick, times }: PaceClock, now: number): TrafficRates {
    const oldest = tick - (Traffic.SLOTS - 1);
    const isYoung = this.#startTick >= oldest;
    const slot = (oldest % Traffic.SLOTS) * 4 + at;
    const since = isYoung ? this.#startedAt : (times[oldest % Traffic.SLOTS] ?? this.#startedAt);
    // What has just begun has no rate of a second yet.
    const seconds = Math.max(1, (now - since) / 1_000);
    const [base, baseBytes] = isYoung ? [0, 0] : [this.#marks[slot] ?? 0, this.#marks[slot + 1] ?? 0];
    return {
      messages,
      bytes,
      messagesPerS: (messages - base) / seconds,
      bytesPerS: (bytes - baseBytes) / seconds,
    };
  }
}
