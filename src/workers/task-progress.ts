/** A fraction is shared as a whole number of these. */
const STEPS = 1_000_000;

/** How much of one task is done, to be looked at from time to time; given to `QueryPool.run`. */
export interface TaskProgress {
  /** One Int32 that both threads have. */
  readonly shared: Int32Array<SharedArrayBuffer>;
  /** 0 to 1. */
  readonly fraction: number;
}

export function taskProgress(): TaskProgress {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  return {
    shared,
    get fraction() {
      return Atomics.load(shared, 0) / STEPS;
    },
  };
}

/** Tells, from the task's thread, how much is done: 0 to 1. */
export const tellProgress = (shared: TaskProgress['shared'], fraction: number): void =>
  void Atomics.store(shared, 0, Math.round(fraction * STEPS));
