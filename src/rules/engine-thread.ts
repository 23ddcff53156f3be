import type {
  EngineDevice,
  EngineFactory,
  EngineFigures,
  EngineNow,
  EngineOptions,
  EngineRows,
  EngineRule,
  KnownCourse,
} from './engine-types.ts';
import type { Explanation } from './explain.ts';
import type { Report } from './transition.ts';
import type { HourFigures } from './usual.ts';

/** What the engine's thread is told, in the order in which it happened. */
export type EngineOrder =
  | { readonly kind: 'factory'; readonly factory: EngineFactory }
  | { readonly kind: 'drop factory'; readonly factoryId: number }
  | { readonly kind: 'known'; readonly courses: readonly KnownCourse[] }
  | { readonly kind: 'devices'; readonly devices: readonly EngineDevice[]; readonly now: EngineNow }
  | { readonly kind: 'drop devices'; readonly ids: readonly string[] }
  /** `saved`: what a snapshot has kept of it. Commits after `seq` it has not folded yet, if they have been before this. */
  | {
      readonly kind: 'rule';
      readonly rule: EngineRule;
      readonly saved: Uint8Array | undefined;
      readonly seq: number;
      readonly now: EngineNow;
    }
  | { readonly kind: 'drop rule'; readonly ruleId: string }
  | { readonly kind: 'take'; readonly rows: EngineRows; readonly now: EngineNow }
  /**
   * Commits in (after, until] are read from disk. Later ones are sent, with the devices that they have brought. `remember`: so are the samples before, that
   * are stamped later than this (epoch ms).
   */
  | {
      readonly kind: 'catch up';
      readonly after: number;
      readonly until: number;
      readonly factoryIds: readonly number[];
      readonly remember: number | null;
      readonly now: EngineNow;
    }
  | { readonly kind: 'tick'; readonly now: EngineNow }
  | {
      readonly kind: 'hours';
      readonly ruleId: string;
      readonly deviceId: string;
      readonly parameter: string;
      readonly hours: readonly HourFigures[];
    }
  /** `seq`: all that it needs of commits up to then has been sent. */
  | { readonly kind: 'save'; readonly ruleId: string; readonly seq: number }
  | {
      readonly kind: 'explain';
      readonly id: number;
      readonly ruleId: string;
      readonly deviceId: string;
      readonly now: EngineNow;
    };

/** What has come of rows, or of time that passed. */
interface Folded {
  readonly reports: readonly Report[];
  readonly figures: EngineFigures;
}

/** A snapshot of a rule, as it is stored. */
export interface PackedRule {
  readonly ruleId: string;
  readonly version: number;
  readonly seq: number;
  readonly state: Uint8Array;
}

/** What it says. Answers come in the order of the orders. */
export type EngineAnswer =
  /** To `take` and `tick`. `rows`: how many it has taken. */
  | ({ readonly kind: 'folded'; readonly rows: number } & Folded)
  /** To `catch up`: some of it, and at its end. */
  | ({ readonly kind: 'catching up'; readonly rows: number } & Folded)
  | ({ readonly kind: 'caught up'; readonly rows: number } & Folded)
  /** Null for a rule that it does not have. */
  | { readonly kind: 'saved'; readonly ruleId: string; readonly saved: PackedRule | null }
  | { readonly kind: 'explained'; readonly id: number; readonly explanation: Explanation | null }
  /** The snapshot of a rule cannot be read: the rule begins anew. */
  | { readonly kind: 'unreadable'; readonly ruleId: string; readonly reason: string }
  /** A rule that threw: it is left out from now on, in this version. */
  | { readonly kind: 'dropped'; readonly ruleId: string; readonly version: number; readonly reason: string };

/** Where an engine runs. */
export interface EngineThread {
  /** @param handed - buffers that are empty here afterwards */
  post(order: EngineOrder, handed?: readonly ArrayBuffer[]): void;
  /** Ends it when it has done what it has been told; what comes later is not done. */
  end(): Promise<void>;
}

export interface EngineThreadOptions {
  readonly engine: EngineOptions;
  readonly onAnswer: (answer: EngineAnswer) => void;
  /** It ended without being asked to. */
  readonly onExit: (error: Error) => void;
}

export type StartEngine = (options: EngineThreadOptions) => EngineThread;
