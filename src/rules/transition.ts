import type { Severity } from './condition.ts';

/** A change of one rule's alarm on one device, in event time. */
export interface Transition {
  /** Epoch ms of the sample, or of the timer, that brought it. */
  readonly at: number;
  /** The alarm's severity from then on; null: it has cleared. */
  readonly severity: Severity | null;
  /** Of the leaf that decided: the parameter, and what was compared (an average, a rate, …). Null where there is none. */
  readonly parameter: string | null;
  readonly value: number | boolean | string | null;
  /** Why it cleared, when that is not the condition. */
  readonly because?: 'schedule' | undefined;
}

/**
 * What the fold says of one rule on one device in (since, until], all of it: whatever was said of that span before is
 * replaced. So a report may be given twice, and a late sample that changes the past needs no words of its own.
 */
export interface Report {
  readonly factoryId: number;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly deviceId: string;
  /** Epoch ms. */
  readonly since: number;
  readonly until: number;
  readonly transitions: readonly Transition[];
}
