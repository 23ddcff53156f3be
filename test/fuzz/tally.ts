import type { Operation } from './document.ts';

export interface FuzzFailure {
  readonly operation: string;
  /** The smallest request that was found, its answer, and what is wrong. */
  readonly message: string;
}

export interface FuzzReport {
  readonly requests: number;
  /** How many answers had which status, by operation. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly failures: readonly FuzzFailure[];
}

/** What has been asked so far. */
export class Tally implements FuzzReport {
  readonly statuses = new Map<string, Map<number, number>>();
  readonly failures: FuzzFailure[] = [];
  requests = 0;

  count(operation: Operation, status: number): void {
    const counts = this.statuses.get(operation.id) ?? new Map<number, number>();
    this.statuses.set(operation.id, counts.set(status, (counts.get(status) ?? 0) + 1));
    this.requests += 1;
  }

  fail(operation: Operation, message: string): void {
    this.failures.push({ operation: operation.id, message });
  }

  hasFailed({ id }: Operation): boolean {
    return this.failures.some(({ operation }) => operation === id);
  }
}
