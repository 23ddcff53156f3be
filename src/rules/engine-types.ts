import type { Watch } from './condition.ts';
import type { Explanation } from './explain.ts';
import type { SavedInstance } from './instance.ts';
import type { Report, Transition } from './transition.ts';
import type { HourFigures } from './usual.ts';

export interface EngineFactory {
  readonly factoryId: number;
  /** IANA. */
  readonly timezone: string;
}

/** A rule as the engine needs it. */
export interface EngineRule {
  readonly factoryId: number;
  readonly id: string;
  readonly version: number;
  readonly watch: Watch;
  /** Devices by id or by tag; both empty: all. */
  readonly deviceIds: readonly string[];
  readonly tags: readonly string[];
}

export type EngineSample = number | boolean | string;

/** The series that a parameter has now, with its newest sample (ts epoch ms; null: none yet). */
export interface EngineSeries {
  readonly seriesId: number;
  readonly parameter: string;
  readonly kind: 'number' | 'boolean' | 'state';
  readonly newest: { readonly ts: number; readonly value: EngineSample } | null;
}

export interface EngineDevice {
  readonly factoryId: number;
  readonly id: string;
  readonly tags: readonly string[];
  readonly series: readonly EngineSeries[];
  /** When its newest sample had come, at some time before this run (epoch ms, as well as it is known). */
  readonly seenAt?: number | null;
}

/** Committed samples in columns, in the order of their commit. */
export interface EngineRows {
  readonly length: number;
  readonly seriesIds: ArrayLike<number>;
  readonly timestamps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** Of states, by row. */
  readonly texts: ReadonlyMap<number, string>;
}

/** Time, as far as the appliance knows it. */
export interface EngineNow {
  /** Milliseconds from any beginning, never going back. */
  readonly monotonic: number;
  /** Epoch ms; null while the clock is not trusted. */
  readonly wall: number | null;
}

/** What a snapshot keeps of a rule; survives structured cloning. */
export interface SavedRule {
  readonly version: number;
  readonly instances: readonly (readonly [deviceId: string, instance: SavedInstance])[];
}

/** What the alarms know of a rule on a device: the transitions of its newest occurrences, oldest first. */
export interface KnownCourse {
  readonly ruleId: string;
  readonly deviceId: string;
  readonly transitions: readonly Transition[];
}

/** Samples that came too late to be folded in their place. */
export interface EngineFigures {
  readonly instances: number;
  readonly tooLate: number;
}

export interface EngineOptions {
  readonly latenessMs: number;
  /** How far time may pass by the clock behind what samples may still be on their way (ms). */
  readonly graceMs: number;
  /** How long devices have to come back after the beginning (ms): before, no time passes for one that has not. */
  readonly returnMs: number;
  readonly outages: readonly (readonly [number, number])[];
}

/**
 * All rules of some factories over all their devices. It is told of everything in the order in which it happened, and holds
 * no clock, thread or database: whoever drives it passes samples and time in, and takes reports out.
 */
export interface Engine {
  /** A factory, new or changed. In another zone its rules begin anew when they are set again. */
  setFactory(factory: EngineFactory): void;
  dropFactory(factoryId: number): void;
  /**
   * A rule, new or changed. A change of what it watches begins anew, with the alarm that is open; of anything else it goes on.
   *
   * @param saved - what a snapshot kept of it, in the same version
   */
  setRule(rule: EngineRule, now: EngineNow, saved?: SavedRule): void;
  dropRule(ruleId: string): void;
  /** A device, new or changed. It leaves by `dropDevice` when it is retired or removed. */
  setDevice(device: EngineDevice, now: EngineNow): void;
  dropDevice(deviceId: string): void;
  /** What the alarms know at the start, before rules and devices are set. */
  setKnown(courses: Iterable<KnownCourse>): void;
  /** Parameters that some rule of the factory reads. */
  parametersOf(factoryId: number): ReadonlySet<string>;
  /** Committed samples. @param isFor - of which rules; all when left out */
  take(rows: EngineRows, now: EngineNow, isFor?: (ruleId: string) => boolean): void;
  /**
   * Samples that have been folded already, so that late ones can be folded again with them.
   *
   * @param after - epoch ms: all that are behind it are given, in one call or several
   */
  remember(rows: EngineRows, after: number): void;
  /** Lets time pass where no samples come. */
  passTime(now: EngineNow): void;
  /** What has changed since it was last asked. */
  reports(): Report[];
  /** For a rule that has just begun: what a parameter did in the hours before, oldest first (`deviates`). */
  knowHours(ruleId: string, deviceId: string, parameter: string, hours: readonly HourFigures[]): void;
  save(ruleId: string): SavedRule | undefined;
  /** Why a rule fires or not on a device; undefined when it does not apply to it. */
  explain(ruleId: string, deviceId: string, now: EngineNow): Explanation | undefined;
  readonly figures: EngineFigures;
}
